"""The one form of refusals, commits that fail, bodies too large, and a crowd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import anyio
import httpx
import pytest
import sqlalchemy as sa
from fastapi import Body, FastAPI, Request

from tests.web.client import Client
from yinuo.core.db import Database
from yinuo.core.errors import Kind, NotFound, OutsideUnavailable
from yinuo.web import errors
from yinuo.web.deps import Reading, Writing


class Broken(Exception):
    """Something that nobody expected, with a phone number in it."""


class AwayForTests(OutsideUnavailable):
    code = "core.unavailable"


@pytest.fixture
def app(app: FastAPI, database: Database) -> FastAPI:
    with database.transaction() as session:
        session.execute(sa.text("CREATE TABLE probe (word text NOT NULL)"))
        session.execute(
            sa.text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'refused 13800138000'; END $$"
            )
        )
        session.execute(
            sa.text(
                "CREATE CONSTRAINT TRIGGER probe_late AFTER INSERT ON probe DEFERRABLE"
                " INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.word = 'late')"
                " EXECUTE FUNCTION refuse()"
            )
        )

    @app.post("/write/{word}")
    def write(word: str, session: Writing) -> str:
        session.execute(sa.text("INSERT INTO probe VALUES (:word)"), {"word": word})
        if word == "refused":
            raise NotFound
        if word == "broken":
            raise Broken("call 13800138000")
        return word

    @app.get("/write-while-reading")
    def write_while_reading(session: Reading) -> str:
        session.execute(sa.text("INSERT INTO probe VALUES ('x')"))
        return "x"

    @app.get("/slow")
    def slow(session: Reading) -> str:
        return str(session.execute(sa.text("SELECT pg_sleep(0.02)")).scalar())

    @app.get("/number/{number}")
    def number(number: int, session: Reading) -> str:
        return str(session.execute(sa.text("SELECT CAST(:n AS bigint)"), {"n": number}).scalar())

    @app.post("/lines")
    def lines(lines: Annotated[list[int], Body(embed=True)]) -> int:
        return len(lines)

    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    with Client(app) as client:
        yield client


def words(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(sa.text("SELECT word FROM probe")).scalars())


def test_what_a_handler_wrote_is_there_when_the_answer_is(client: Client, database: Database):
    assert client.post("/write/kept").status_code == 200
    assert words(database) == ["kept"]


def test_failed_commit_is_an_error_and_never_a_200(client: Client, database: Database):
    answer = client.post("/write/late")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "core.unexpected"
    assert words(database) == []


@pytest.mark.parametrize(("word", "status"), [("refused", 404), ("broken", 500)])
def test_what_a_refused_handler_wrote_is_undone(
    client: Client, database: Database, word: str, status: int
):
    assert client.post(f"/write/{word}").status_code == status
    assert words(database) == []


def test_the_unexpected_tells_a_reference_and_nothing_of_the_inside(client: Client):
    answer = client.post("/write/broken", headers={"accept-language": "en-GB,zh;q=0.8"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (500, "core.unexpected")
    assert error["details"]["reference"] in error["message"]
    assert len(error["details"]["reference"]) == 8
    assert "13800138000" not in answer.text
    assert "Broken" not in answer.text
    assert error["next_step"].startswith("Try again later")


def test_a_reading_session_can_not_write(client: Client, database: Database):
    assert client.get("/write-while-reading").status_code == 500
    assert words(database) == []


def test_a_database_that_is_away_is_a_503(app: FastAPI, client: Client):
    app.state.database = Database("postgresql://nobody@127.0.0.1:1/none")
    answer = client.get("/slow")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "core.unavailable")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("path", ["/number/9223372036854775808", "/write/a%00b"])
def test_what_no_column_can_hold_is_the_callers_mistake(client: Client, path: str):
    method = client.get if path.startswith("/number") else client.post
    answer = method(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "core.invalid")


def test_every_problem_is_told_with_its_place(client: Client):
    answer = client.post(
        "/api/v1/session", json={"username": "", "pass": "x"}, headers={"accept-language": "en"}
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["problems"] == [
        {
            "field": "username",
            "problem": "string_too_short",
            "message": "username needs at least 1 characters",
        },
        {"field": "password", "problem": "missing", "message": "password is required"},
        {"field": "pass", "problem": "extra_forbidden", "message": "pass is not a known field"},
    ]
    assert "password is required；pass" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 422, "core.invalid"),
        (b"\x80\xfa", "application/json", 400, "web.bad_request"),
        (b"[" * 100_000, "application/json", 400, "web.bad_request"),
        (b"null", "application/json", 422, "core.invalid"),
        (b"[]", "application/json", 422, "core.invalid"),
        (b'{"username": "\\ud800", "password": "x"}', "application/json", 422, "core.invalid"),
        (b'{"username": "a", "password": "x"}', "text/plain", 415, "web.content_type"),
        (b"username=a&password=x", "application/x-www-form-urlencoded", 415, "web.content_type"),
        (b"<xml/>", "application/xml", 415, "web.content_type"),
        (b"", "application/json", 422, "core.invalid"),
    ],
)
def test_bodies_that_are_not_right_are_refused_in_the_one_form(
    client: Client, body: bytes, kind: str, status: int, code: str
):
    answer = client.post("/api/v1/session", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def body_of(size: int) -> bytes:
    return b'{"lines": [' + b" " * (size - 13) + b"]"  # one byte short of its closing brace


@pytest.mark.parametrize("is_declared", [True, False])
def test_two_megabytes_pass_and_one_byte_more_does_not(client: Client, is_declared: bool):
    def send(body: bytes) -> httpx.Response:
        content = body if is_declared else iter([body[:1_000_000], body[1_000_000:]])
        return client.post("/lines", content=content, headers={"content-type": "application/json"})

    most = errors.MOST_BODY_BYTES
    full = body_of(most) + b"}"
    assert len(full) == most
    assert send(full).status_code == 200
    answer = send(full + b" ")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "core.too_large")
    assert "2 MB" in answer.json()["error"]["message"]


def test_unknown_address_and_method_have_the_one_form(client: Client):
    nowhere = client.get("/api/v1/nowhere")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "core.not_found")
    method = client.put("/api/v1/users")
    assert (method.status_code, method.json()["error"]["code"]) == (405, "web.method_not_allowed")
    assert method.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [
        (None, None, "zh"),
        ("en", None, "en"),
        ("fr, en;q=0.5, zh;q=0.4", None, "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("en;q=x, ja", None, "zh"),
        ("en", "zh", "zh"),
        (None, "en", "en"),
        ("en", "de", "en"),
    ],
)
def test_language_is_the_cookies_then_the_browsers_then_chinese(
    client: Client, header: str | None, cookie: str | None, language: str
):
    if cookie:
        client.cookies.set("lang", cookie)
    answer = client.get("/api/v1/session", headers={"accept-language": header} if header else {})
    is_english = answer.json()["error"]["message"].startswith("Sign in")
    assert is_english == (language == "en")


def test_every_kind_has_a_status_and_a_next_step():
    assert set(errors.STATUS) == set(Kind)
    assert AwayForTests.kind is Kind.UNAVAILABLE


def test_a_crowd_that_is_larger_than_the_pool_does_not_stand_still(app: FastAPI, database_url: str):
    app.state.database = Database(database_url, pool_size=3)

    async def crowd() -> list[int]:
        statuses: list[int] = []
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:

            async def ask() -> None:
                statuses.append((await client.get("/slow")).status_code)

            with anyio.fail_after(20):
                async with anyio.create_task_group() as group:
                    for _ in range(150):
                        group.start_soon(ask)
        return statuses

    try:
        assert anyio.run(crowd) == [200] * 150
    finally:
        app.state.database.dispose()


def test_who_went_away_before_the_body_came_is_no_error(app: FastAPI, capsys):
    """Nothing is answered and nothing is logged: the other side hung up."""

    @app.post("/late")
    async def late(request: Request) -> str:
        return (await request.body()).decode()

    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/late",
        "raw_path": b"/late",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
        "http_version": "1.1",
        "state": {},
    }
    anyio.run(app, scope, receive, send)
    assert sent == []
    assert "ClientDisconnect" not in capsys.readouterr().out
