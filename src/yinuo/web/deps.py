"""What routes ask for: a session, the actor, a permission, the language.

    def list_orders(
        session: Reading,
        actor: Annotated[Actor, Depends(require(Permission.ORDERS_READ))],
        language: Lang,
    ) -> OrderList: ...

Every route under /api/v1 names a `require(...)` or `signed_in`, or stands in the list of public
routes with a reason; a test made from the routes fails for one that does neither.
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final

import anyio
from fastapi import Depends, Request

from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.core.texts import Language
from yinuo.users import service as users
from yinuo.users.model import (
    Actor,
    ActorKind,
    ConsoleHeaderMissing,
    Permission,
    PermissionMissing,
    PersonRequired,
    SignInRequired,
)

COOKIE: Final = "yinuo_session"
LANGUAGE_COOKIE: Final = "lang"
CONSOLE_HEADER: Final = "X-Yinuo-Console"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def database(request: Request) -> Database:
    """Return the database that the app was made with."""
    found: Database = request.app.state.database
    return found


async def room(
    request: Request, database: Annotated[Database, Depends(database)]
) -> AsyncIterator[None]:
    """Wait, without taking a thread, until a connection can be held while the handler runs.

    FastAPI runs handler, validation of the answer and commit in one pool of threads, a thread
    each. If as many held connections as there are, the others would fill all threads waiting for
    one, and those who hold them would find no thread to go on. A part of the connections is never
    held across threads, so looking up who asks always gets one.
    """
    state = request.app.state
    limits: dict[Database, anyio.Semaphore] = getattr(state, "session_limits", {})
    limit = limits.get(database)
    if limit is None:
        limit = anyio.Semaphore(max(1, database.capacity * 3 // 4))
        state.session_limits = {database: limit}
    async with limit:
        yield


Room = Annotated[None, Depends(room, scope="function")]


def transaction(database: Annotated[Database, Depends(database)], _room: Room) -> Iterator[Session]:
    """Give a session that is committed after the handler and before the answer is sent.

    Use it as `Writing`. When the commit fails the caller gets the error, never a 200. It takes a
    connection only with its first statement.
    """
    with database.transaction() as session:
        yield session


def reading(database: Annotated[Database, Depends(database)], _room: Room) -> Iterator[Session]:
    """Give a session that can only read; use it as `Reading`."""
    with database.read() as session:
        yield session


Writing = Annotated[Session, Depends(transaction, scope="function")]
Reading = Annotated[Session, Depends(reading, scope="function")]


def remote_address(request: Request) -> str:
    """Return the caller's address, behind trusted proxies the one that they saw.

    `app.state.trusted_proxies` lists addresses and networks; without it no header is believed.
    """
    seen = request.client.host if request.client else "unknown"
    trusted = getattr(request.app.state, "trusted_proxies", [])
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
    for hop in reversed([part for part in forwarded if part]):
        if not _is_trusted(seen, trusted):
            break
        seen = hop
    return seen


def _is_trusted(address: str, trusted: list[str]) -> bool:
    try:
        host = ipaddress.ip_address(address)
        return any(host in ipaddress.ip_network(one, strict=False) for one in trusted)
    except ValueError:
        return False


def language(request: Request) -> Language:
    """Return the caller's language: the `lang` cookie, else Accept-Language, else Chinese."""
    cookie = request.cookies.get(LANGUAGE_COOKIE)
    if cookie in {"zh", "en"}:
        return Language(cookie)
    best, best_weight = Language.ZH, 0.0
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight_text = part.strip().partition(";q=")
        primary = tag.strip().lower().partition("-")[0]
        if primary in {"zh", "en"} and (weight := _weight(weight_text)) > best_weight:
            best, best_weight = Language(primary), weight
    return best


def _weight(text: str) -> float:
    try:
        return min(float(text), 1.0) if text else 1.0
    except ValueError:
        return 0.0


Lang = Annotated[Language, Depends(language)]


def actor(request: Request, database: Annotated[Database, Depends(database)]) -> Actor:
    """Return who asks, by API token or by the console's session.

    Raises SignInRequired, or ConsoleHeaderMissing when a change comes with the cookie alone,
    which a foreign page could send.
    """
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind:
        if kind.lower() != "bearer":
            raise SignInRequired
        return _actor_of_token(database, secret.strip())
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise SignInRequired
    found = _actor_of_session(database, cookie)
    if request.method not in _SAFE and request.headers.get(CONSOLE_HEADER) != "1":
        raise ConsoleHeaderMissing
    request.state.session_id = found.session_id
    request.state.user = found.user
    return found.actor


def _actor_of_token(database: Database, secret: str) -> Actor:
    now = clock.now()
    with database.transaction() as session:
        found = users.actor_for_token(session, secret, now=now)
        if found.is_due:
            users.touch_token(session, found.actor.id, now=now)
    return found.actor


def _actor_of_session(database: Database, secret: str) -> users.SessionActor:
    now = clock.now()
    with database.transaction() as session:
        found = users.actor_for_session(session, secret, now=now)
        if found.is_due:
            users.touch_session(session, found.session_id, now=now)
    return found


CurrentActor = Annotated[Actor, Depends(actor)]


class Guard:
    """Lets through who has a permission, or every signed-in person when it is None.

    The matrix test finds guards in the routes by this class.
    """

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(self, actor: CurrentActor) -> Actor:
        """Return the actor; raises PermissionMissing or PersonRequired."""
        if self.permission is None and actor.kind is not ActorKind.USER:
            raise PersonRequired
        if self.permission is not None and not actor.may(self.permission):
            raise PermissionMissing(permission=self.permission.value)
        return actor


def require(permission: Permission) -> Guard:
    """Return the guard of a route: `Annotated[Actor, Depends(require(Permission.X))]`."""
    return _guards[permission]


_guards = {permission: Guard(permission) for permission in Permission}
signed_in = Guard(None)
Person = Annotated[Actor, Depends(signed_in)]
