"""Every route against every caller, made from the routes: a new one can not be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from tests.users.builders import a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import ROLE_PERMISSIONS, Permission, Role, User
from yinuo.web.deps import Guard

# Routes that anybody may call, and why that is right.
PUBLIC = {
    "POST /api/v1/session": "signing in",
    "GET /api/v1/openapi.json": "what the API is, no data",
    "GET /api/public/stock": "what product pages show anyway",
    "GET /api/public/stock/stream": "what product pages show anyway",
    "POST /api/shop/v1/{shop_id}/orders": "signed with the shop's secret",
    "GET /api/shop/v1/{shop_id}/orders/{number}": "signed with the shop's secret",
    "GET /api/shop/v1/{shop_id}/stock": "signed with the shop's secret",
    "POST /callbacks/wechat-pay/{account}": "signed by WeChat Pay",
    "POST /callbacks/alipay/{account}": "signed by Alipay",
    "POST /callbacks/douyin/{shop}": "signed by Douyin",
    "GET /callbacks/wecom/{shop}": "signed by WeCom",
    "POST /callbacks/wecom/{shop}": "signed by WeCom",
    "POST /callbacks/qimen": "signed by the warehouse",
    "GET /healthz": "for the machine that watches; tells no data",
    "GET /readyz": "for the machine that watches; tells no data",
    "GET /metrics": "counts only; the proxy keeps it inside",
    "GET /{path:path}": "the console's own files",
    "MOUNT /assets": "the console's own files",
}


@dataclass(frozen=True)
class Endpoint:
    """One method of one route, and its guards."""

    method: str
    path: str
    guards: tuple[Guard, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def address(self) -> str:
        """Return the path with its parameters filled in with what does not exist."""
        return "/".join("none" if part.startswith("{") else part for part in self.path.split("/"))


def guards_of(dependant: Dependant) -> Iterator[Guard]:
    if isinstance(dependant.call, Guard):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from guards_of(inner)


def endpoints(app: FastAPI) -> Iterator[Endpoint]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        guards = tuple(guards_of(dependant)) if dependant else ()
        for method in sorted(set(context.methods or {"MOUNT"}) - {"HEAD"}):
            yield Endpoint(method, context.path or "?", guards)


def unguarded(app: FastAPI) -> list[str]:
    return [one.name for one in endpoints(app) if not one.guards and one.name not in PUBLIC]


def test_every_route_has_a_guard_or_a_reason_to_be_public(database: Database):
    with whole_app(database) as app:
        found = list(endpoints(app))
        assert unguarded(app) == []
        assert set(PUBLIC) - {one.name for one in found} <= {"MOUNT /assets"}
        assert [one.name for one in found if one.guards and one.name in PUBLIC] == []
        assert len([one for one in found if one.guards]) > 30


def test_a_new_route_without_a_guard_is_found(database: Database):
    with whole_app(database) as app:

        @app.get("/api/v1/forgotten")
        def forgotten() -> str:
            return "all orders"

        assert unguarded(app) == ["GET /api/v1/forgotten"]


def test_every_permission_guards_something_or_is_known_not_to_yet(database: Database):
    with whole_app(database) as app:
        used = {guard.permission for one in endpoints(app) for guard in one.guards}
    assert set(Permission) - used <= {Permission.CATALOG_WRITE}


class Callers:
    """People of every role and programs with every scope, each call with a session of its own."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database, self._client = database, client
        self._people: dict[Role, User] = {role: a_user(database, role.value, role) for role in Role}
        self._tokens: dict[Permission | None, tuple[str, str]] = {}
        admin = self._people[Role.IT_ADMIN].as_actor()
        for permission in [None, *Permission]:
            with database.transaction() as session:
                made = [
                    users.create_token(
                        session,
                        admin,
                        name="made up",
                        scopes=scopes,
                        expires_at=None,
                        now=clock.now(),
                    ).secret
                    for scopes in ({permission or Permission.ORDERS_READ}, _others(permission))
                ]
            self._tokens[permission] = (made[0], made[1])

    def nobody(self, one: Endpoint) -> str:
        return self._ask(one, {})

    def person(self, one: Endpoint, role: Role, *, console: str = "1") -> str:
        with self._database.transaction() as session:
            opened = users.open_session(
                session,
                self._people[role],
                remote_address="203.0.113.7",
                device="",
                now=clock.now(),
            )
        return self._ask(
            one, {"cookie": f"yinuo_session={opened.token}", "x-yinuo-console": console}
        )

    def token_with(self, one: Endpoint, permission: Permission | None) -> str:
        return self._ask(one, {"authorization": f"Bearer {self._tokens[permission][0]}"})

    def token_without(self, one: Endpoint, permission: Permission | None) -> str:
        return self._ask(one, {"authorization": f"Bearer {self._tokens[permission][1]}"})

    def _ask(self, one: Endpoint, headers: dict[str, str]) -> str:
        """Return "let in", or the code of the refusal, or that it broke."""
        answer = self._client.request(one.method, one.address, headers=headers)
        self._client.cookies.clear()
        if answer.status_code in {401, 403}:
            if answer.json()["error"]["code"] == UNSIGNED:
                return LET_IN
            return f"{answer.status_code} {answer.json()['error']['code']}"
        if answer.status_code >= 500 and "sandbox." not in answer.text:
            return f"broke: {answer.status_code} {answer.text[:200]}"
        return "let in"


def _others(permission: Permission | None) -> set[Permission]:
    return set(Permission) - {permission}


LET_IN = "let in"
UNSIGNED = "shop.bad_signature"  # asked for behind the guard
NOT_SIGNED_IN = "401 users.sign_in_required"
NOT_ALLOWED = "403 users.permission_missing"
NO_PERSON = "403 users.person_required"
NO_HEADER = "403 users.console_header_missing"


def expected(guards: Iterable[Guard], held: frozenset[Permission], *, is_person: bool) -> str:
    for guard in guards:
        if guard.permission is None and not is_person:
            return NO_PERSON
        if guard.permission is not None and guard.permission not in held:
            return NOT_ALLOWED
    return LET_IN


def test_every_route_answers_every_caller_as_the_permission_table_says(database: Database):
    with whole_app(database) as app, Client(app, console=False) as client:
        callers = Callers(database, client)
        wrong: list[str] = []

        def compare(one: Endpoint, caller: str, came_to: str, wanted: str) -> None:
            if came_to != wanted:
                wrong.append(f"{one.name} as {caller}: {came_to}, not {wanted}")

        for one in [one for one in endpoints(app) if one.guards]:
            permission = one.guards[0].permission
            scope = frozenset({permission} if permission else {Permission.ORDERS_READ})
            others = frozenset(_others(permission))
            compare(one, "nobody", callers.nobody(one), NOT_SIGNED_IN)
            for role in Role:
                wanted = expected(one.guards, ROLE_PERMISSIONS[role], is_person=True)
                compare(one, role.value, callers.person(one, role), wanted)
            compare(
                one,
                "a token with the scope",
                callers.token_with(one, permission),
                expected(one.guards, scope, is_person=False),
            )
            compare(
                one,
                "a token with all other scopes",
                callers.token_without(one, permission),
                expected(one.guards, others, is_person=False),
            )
            if one.method != "GET":
                compare(
                    one,
                    "a foreign page",
                    callers.person(one, Role.IT_ADMIN, console=""),
                    NO_HEADER,
                )
    assert wrong == []
