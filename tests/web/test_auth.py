"""Signing in, what the cookie and tokens are worth, and managing users by HTTP."""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client, clients
from tests.web.conftest import SignInAs
from yinuo.core import clock, logs
from yinuo.core.db import Database
from yinuo.users.model import Role

WRONG = "made-up wrong password"


def sign_in(client: Client, password: str = MADE_UP_PASSWORD, username: str = "li.na"):
    return client.post("/api/v1/session", json={"username": username, "password": password})


def code_of(answer) -> str:
    return answer.json()["error"]["code"]


def test_signing_in_sets_a_cookie_that_scripts_and_foreign_pages_do_not_get(
    database: Database, client: Client
):
    a_user(database)
    answer = sign_in(client)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    me = client.get("/api/v1/session").json()
    assert (me["username"], me["role"], me["role_label"]) == ("li.na", "customer_service", "客服")
    assert "orders.read" in me["permissions"]
    assert "users.manage" not in me["permissions"]
    assert me["language"] == "zh"


def test_cookie_is_for_https_only_where_the_product_has_https(
    database: Database, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("YINUO_PUBLIC_ADDRESS", "https://hub.example.com")
    a_user(database)
    assert "Secure" in sign_in(client).headers["set-cookie"]


@pytest.mark.parametrize("username", ["li.na", "nobody"])
def test_wrong_pair_is_refused_alike_in_both_languages(
    database: Database, client: Client, username: str
):
    a_user(database)
    answer = sign_in(client, WRONG, username)
    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "code": "users.wrong_credentials",
        "message": "用户名或密码不对。请核对后重试；忘记密码请联系 IT 管理员。",
        "details": {},
        "next_step": "请重新登录。",
    }
    client.cookies.set("lang", "en")
    assert sign_in(client, WRONG, username).json()["error"]["message"].startswith("The user name")
    assert "yinuo_session" not in client.cookies


def test_failures_lock_with_a_time_to_wait(database: Database, client: Client):
    a_user(database)
    with clock.fixed(datetime(2026, 11, 11, tzinfo=UTC)) as fixed:
        assert [sign_in(client, WRONG).status_code for _ in range(5)] == [401] * 5
        answer = sign_in(client)
        assert (answer.status_code, code_of(answer)) == (429, "users.too_many_tries")
        assert answer.headers["retry-after"] == "15"
        assert "15 秒" in answer.json()["error"]["message"]
        fixed.advance(seconds=15)
        assert sign_in(client).status_code == 200


def test_guesses_at_once_get_no_more_tries_than_guesses_one_by_one(
    app: FastAPI, database: Database
):
    a_user(database)
    with (
        clock.fixed(datetime(2026, 11, 11, tzinfo=UTC)),
        clients(app, 12) as guessers,
        ThreadPoolExecutor(12) as pool,
    ):
        answers = list(pool.map(lambda one: sign_in(one, WRONG).status_code, guessers))
    assert Counter(answers) == {401: 5, 429: 7}


def test_behind_a_trusted_proxy_the_real_address_counts(
    app: FastAPI, database: Database, client: Client
):
    a_user(database)
    app.state.trusted_proxies = ["203.0.113.0/24"]
    with clock.fixed(datetime(2026, 11, 11, tzinfo=UTC)):
        for _ in range(5):
            client.headers["x-forwarded-for"] = "6.6.6.6, 198.51.100.9"
            sign_in(client, WRONG)
        assert sign_in(client).status_code == 429
        client.headers["x-forwarded-for"] = "6.6.6.6, 198.51.100.10"
        assert sign_in(client).status_code == 200


def test_an_address_that_nobody_vouches_for_is_not_believed(database: Database, client: Client):
    a_user(database)
    with clock.fixed(datetime(2026, 11, 11, tzinfo=UTC)):
        for number in range(5):
            client.headers["x-forwarded-for"] = f"198.51.100.{number}"
            sign_in(client, WRONG)
        assert sign_in(client).status_code == 429


def test_signing_out_ends_the_session_and_not_only_the_cookie(sign_in_as: SignInAs):
    client = sign_in_as(Role.OPERATIONS)
    token = client.cookies["yinuo_session"]
    assert client.delete("/api/v1/session").status_code == 204
    assert "yinuo_session" not in client.cookies
    client.cookies.set("yinuo_session", token)
    answer = client.get("/api/v1/session")
    assert (answer.status_code, code_of(answer)) == (401, "users.sign_in_required")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer made-up"},
        {"authorization": "Bearer "},
        {"authorization": "Basic bGkubmE6eA=="},
        {"cookie": "yinuo_session=made-up"},
        {"cookie": "yinuo_session="},
    ],
)
def test_nobody_is_let_in_without_a_good_session_or_token(client: Client, headers: dict[str, str]):
    assert client.get("/api/v1/users", headers=headers).status_code == 401


def test_a_change_by_cookie_alone_is_refused_and_changes_nothing(sign_in_as: SignInAs):
    admin = sign_in_as(Role.IT_ADMIN)
    body = {
        "username": "li.na",
        "name": "李娜",
        "role": "operations",
        "password": MADE_UP_PASSWORD,
    }
    for headers in ({"x-yinuo-console": ""}, {"x-yinuo-console": "true"}):
        answer = admin.post("/api/v1/users", json=body, headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "users.console_header_missing")
    assert admin.get("/api/v1/users", headers={"x-yinuo-console": ""}).status_code == 200
    assert len(admin.get("/api/v1/users").json()["items"]) == 1
    assert admin.post("/api/v1/users", json=body).status_code == 201


def test_admin_adds_changes_and_disables_a_user(sign_in_as: SignInAs, client: Client):
    admin = sign_in_as(Role.IT_ADMIN)
    body = {
        "username": "Li.Na",
        "name": "李娜",
        "role": "operations",
        "password": MADE_UP_PASSWORD,
    }
    added = admin.post("/api/v1/users", json=body)
    assert added.status_code == 201
    assert "password" not in added.text
    user = added.json()
    assert (user["username"], user["role_label"], user["is_disabled"]) == ("li.na", "运营", False)

    again = admin.post("/api/v1/users", json=body)
    assert (again.status_code, code_of(again)) == (409, "users.username_taken")
    weak = admin.post("/api/v1/users", json=body | {"username": "x2", "password": "1234567890"})
    assert (weak.status_code, code_of(weak)) == (422, "users.weak_password")
    assert weak.json()["error"]["details"]["problems"] == ["too_common"]

    sign_in(client)
    changed = admin.patch(f"/api/v1/users/{user['id']}", json={"role": "store_manager"})
    assert changed.json()["role"] == "store_manager"
    assert client.get("/api/v1/session").json()["role"] == "store_manager"

    admin.patch(f"/api/v1/users/{user['id']}", json={"password": "four green ladders"})
    assert client.get("/api/v1/session").status_code == 401
    assert sign_in(client, "four green ladders").status_code == 200

    admin.patch(f"/api/v1/users/{user['id']}", json={"is_disabled": True})
    assert client.get("/api/v1/session").status_code == 401
    assert sign_in(client, "four green ladders").status_code == 401
    missing = admin.patch("/api/v1/users/usr_none", json={"name": "x"})
    assert (missing.status_code, code_of(missing)) == (404, "users.unknown_user")


def test_the_last_it_admin_can_not_disable_herself(sign_in_as: SignInAs):
    admin = sign_in_as(Role.IT_ADMIN)
    me = admin.get("/api/v1/session").json()
    for change in ({"is_disabled": True}, {"role": "operations"}):
        answer = admin.patch(f"/api/v1/users/{me['id']}", json=change)
        assert (answer.status_code, code_of(answer)) == (409, "users.last_admin")
    assert admin.get("/api/v1/session").json()["role"] == "it_admin"


def test_own_password_and_sessions(sign_in_as: SignInAs, app: FastAPI):
    mine = sign_in_as(Role.CUSTOMER_SERVICE)
    with Client(app) as elsewhere:
        sign_in(elsewhere, username="customer_service")
        listed = mine.get("/api/v1/sessions").json()["items"]
        assert [one["is_current"] for one in listed] == [False, True]
        assert mine.delete(f"/api/v1/sessions/{listed[0]['id']}").status_code == 204
        assert elsewhere.get("/api/v1/session").status_code == 401

        sign_in(elsewhere, username="customer_service")
        wrong = mine.put(
            "/api/v1/session/password", json={"current": WRONG, "password": "four green ladders"}
        )
        assert (wrong.status_code, code_of(wrong)) == (401, "users.wrong_credentials")
        right = mine.put(
            "/api/v1/session/password",
            json={"current": MADE_UP_PASSWORD, "password": "four green ladders"},
        )
        assert right.status_code == 204
        assert mine.get("/api/v1/session").status_code == 200
        assert elsewhere.get("/api/v1/session").status_code == 401


def test_token_is_shown_once_and_may_what_its_scopes_say(sign_in_as: SignInAs, app: FastAPI):
    admin = sign_in_as(Role.IT_ADMIN)
    made = admin.post("/api/v1/tokens", json={"name": "erp", "scopes": ["audit.read"]})
    assert made.status_code == 201
    secret, token = made.json()["secret"], made.json()["token"]
    assert secret not in admin.get("/api/v1/tokens").text

    with Client(app, console=False) as program:
        program.headers["authorization"] = f"Bearer {secret}"
        assert program.get("/api/v1/audit").status_code == 200
        denied = program.get("/api/v1/users")
        assert (denied.status_code, code_of(denied)) == (403, "users.permission_missing")
        assert denied.json()["error"]["details"] == {"permission": "users.manage"}
        person = program.get("/api/v1/session")
        assert (person.status_code, code_of(person)) == (403, "users.person_required")
        listed = admin.get("/api/v1/tokens").json()["items"][0]
        assert listed["last_used_at"] is not None

        assert admin.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
        assert admin.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
        assert program.get("/api/v1/audit").status_code == 401
    assert admin.delete("/api/v1/tokens/tok_none").status_code == 404


def test_a_token_changes_things_without_the_consoles_header(sign_in_as: SignInAs, app: FastAPI):
    admin = sign_in_as(Role.IT_ADMIN)
    made = admin.post("/api/v1/tokens", json={"name": "ci", "scopes": ["audit.verify"]})
    with Client(app, console=False) as program:
        program.headers["authorization"] = f"Bearer {made.json()['secret']}"
        assert program.post("/api/v1/audit/verify").json()["ok"] is True


def test_audit_tells_who_did_what_and_verifies(sign_in_as: SignInAs, client: Client):
    admin = sign_in_as(Role.IT_ADMIN)
    sign_in(client, WRONG, "it_admin")

    first = admin.get("/api/v1/audit", params={"limit": 2}).json()
    assert [item["action"] for item in first["items"]] == [
        "users.sign_in_failed",
        "users.sign_in",
    ]
    failed = first["items"][0]
    assert (failed["actor_label"], failed["action_label"]) == ("系统", "登录失败")
    assert failed["after"] == {"remote": "203.0.113.7", "is_locked_now": False}
    rest = admin.get("/api/v1/audit", params={"cursor": first["next_cursor"]}).json()
    assert [item["action"] for item in rest["items"]] == ["users.user_added"]

    found = admin.post("/api/v1/audit/verify").json()
    assert (found["ok"], found["entries"], found["broken_at"]) == (True, 3, None)
    later = admin.post("/api/v1/audit/verify", json={"head": found["head"]}).json()
    assert (later["ok"], later["entries"]) == (True, 4)
    forged = admin.post("/api/v1/audit/verify", json={"head": "3:" + "ab" * 32}).json()
    assert forged["ok"] is False


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Give what reaches the log as the product configures it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(level="DEBUG")
    lines = io.StringIO()
    root.handlers[0].setStream(lines)
    yield lines
    root.handlers[:] = before
    root.setLevel(level)


def test_logs_of_failed_sign_ins_hold_no_password_phone_or_name(
    database: Database, client: Client, log_lines: io.StringIO
):
    a_user(database)
    for _ in range(6):
        sign_in(client, "13900139000 made-up", "li.na")
    sign_in(client, "made-up-secret", "13800138000")
    client.get("/api/v1/session", headers={"authorization": "Bearer yinuo_made-up-token"})
    client.post("/api/v1/session", json={"username": "li.na", "password": ["made-up-secret"]})

    written = log_lines.getvalue()
    assert "sign_in_failed" in written
    assert "sign_in_locked" in written
    for secret in ("13900139000", "13800138000", "made-up", "li.na"):
        assert secret not in written
