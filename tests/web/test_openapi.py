"""Made-up requests, right and wrong ones, against every operation of the product's own OpenAPI."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from tests.users.builders import a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import Role, User

SECONDS = 50.0
EXAMPLES = 40


class TimeOver(BaseException):
    """Ends the making of cases at once; an Exception would count as a finding."""


def admin_headers(database: Database, admin: User) -> dict[str, str]:
    """Return what signs in: a session of its own for each call, as some calls end theirs."""
    with database.transaction() as session:
        opened = users.open_session(
            session, admin, remote_address="203.0.113.7", device="", now=clock.now()
        )
    return {"cookie": f"yinuo_session={opened.token}", "x-yinuo-console": "1"}


def send(client: Client, case: Case, headers: dict[str, str]) -> httpx.Response:
    made = case.as_transport_kwargs(base_url="http://testserver")
    client.cookies.clear()
    odd = {str(key): str(value) for key, value in dict(made.get("headers") or {}).items()}
    content = made.get("data")
    return client.request(
        made["method"],
        made["url"],
        params=made.get("params"),
        headers={key.encode(): value.encode("utf-8", "replace") for key, value in odd.items()}
        | {key.encode(): value.encode() for key, value in headers.items()},
        **({"json": made["json"]} if "json" in made else {"content": content}),
    )


def explore(
    operation: schemathesis.schemas.APIOperation,  # type: ignore[name-defined]  # not re-exported
    mode: GenerationMode,
    *,
    seconds: float,
    call: Callable[[Case], None],
) -> None:
    """Call with made-up cases until enough were made or the time is over."""
    until = time.monotonic() + seconds

    @settings(
        max_examples=EXAMPLES,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        if time.monotonic() >= until:
            raise TimeOver
        call(case)

    # Some operations take nothing that could be wrong: any text is a good id.
    with contextlib.suppress(TimeOver, *[Unsatisfiable] * (mode is GenerationMode.NEGATIVE)):
        one()


@pytest.mark.timeout(300)
def test_no_request_breaks_the_product(database: Database):
    admin = a_user(database, "admin", Role.IT_ADMIN)
    answers: Counter[int] = Counter()
    broken: list[str] = []
    with whole_app(database) as app, Client(app, console=False) as client:
        schema = schemathesis.openapi.from_dict(app.openapi())
        operations = [result.ok() for result in schema.get_all_operations()]
        assert len(operations) > 40

        def call(case: Case) -> None:
            try:
                answer = send(client, case, admin_headers(database, admin))
            except (httpx.InvalidURL, UnicodeError):
                return  # no client could send it
            answers[answer.status_code] += 1
            if answer.status_code >= 500 and '"sandbox.' not in answer.text:
                broken.append(f"{case.as_curl_command()}\n  {answer.text[:300]}")

        share = SECONDS / len(operations) / 2
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                explore(operation, mode, seconds=share, call=call)

    assert broken == [], "\n".join(broken[:5])
    assert answers[200] > 0
    assert answers[422] > 0
    assert answers[401] < sum(answers.values()) / 4
