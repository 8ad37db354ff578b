"""Signing in and out, one's own sessions and password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Request, Response

from yinuo.core import clock, config
from yinuo.core.db import Database
from yinuo.core.texts import Language, text
from yinuo.users import service as users
from yinuo.users.model import ABSOLUTE, LONGEST_PASSWORD, Actor, Permission, Role, User
from yinuo.web.deps import COOKIE, Lang, Person, Reading, Writing, database, remote_address

router = APIRouter(tags=["session"])


class SignIn(pydantic.BaseModel):
    """A user name and its password."""

    model_config = pydantic.ConfigDict(extra="forbid")

    username: str = pydantic.Field(min_length=1, max_length=100)
    password: str = pydantic.Field(min_length=1, max_length=LONGEST_PASSWORD)


class Me(pydantic.BaseModel):
    """Who is signed in, and what that one may do."""

    id: str
    username: str
    name: str
    role: Role
    role_label: str
    permissions: list[Permission]
    language: Language


class NewPassword(pydantic.BaseModel):
    """The password as it is and as it shall be."""

    model_config = pydantic.ConfigDict(extra="forbid")

    current: str = pydantic.Field(min_length=1, max_length=LONGEST_PASSWORD)
    password: str = pydantic.Field(min_length=1, max_length=LONGEST_PASSWORD)


class SessionFacts(pydantic.BaseModel):
    """One sign-in that is still good."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    remote_address: str
    device: str
    is_current: bool


class SessionList(pydantic.BaseModel):
    """One's own sign-ins, newest first."""

    items: list[SessionFacts]


def _me(user: User, actor: Actor, language: Language) -> Me:
    return Me(
        id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        role_label=text(f"users.role.{user.role.value}", language),
        permissions=sorted(actor.permissions, key=lambda permission: permission.value),
        language=language,
    )


@router.post("/session")
def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    database: Annotated[Database, Depends(database)],
    language: Lang,
) -> Me:
    """Open a session and set its cookie. 401 for a wrong pair, 429 while locked out."""
    # Two transactions, and none while the password is compared; a failure is kept, then raised.
    now, address = clock.now(), remote_address(request)
    with database.transaction() as session:
        attempt = users.take_try(session, body.username, remote_address=address, now=now)
    is_right = attempt.matches(body.password)
    with database.transaction() as session:
        came_to = users.finish_try(
            session, attempt, password=body.password, is_right=is_right, now=now
        )
        if isinstance(came_to, users.SignedIn):
            opened = users.open_session(
                session,
                came_to.user,
                remote_address=address,
                device=request.headers.get("user-agent", ""),
                now=now,
            )
    if isinstance(came_to, users.SignInRefused):
        raise came_to.error
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )
    return _me(came_to.user, came_to.user.as_actor(), language)


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https" or config.settings().public_address.startswith("https:")


@router.get("/session")
def who_am_i(request: Request, actor: Person, language: Lang) -> Me:
    """Tell who is signed in."""
    return _me(request.state.user, actor, language)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, actor: Person, session: Writing) -> None:
    """End this session and forget its cookie."""
    users.close_session(session, actor, session_id=request.state.session_id, now=clock.now())
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_is_https(request))


@router.put("/session/password", status_code=204)
def change_password(body: NewPassword, request: Request, actor: Person, session: Writing) -> None:
    """Change one's own password; all other sessions end."""
    users.change_password(
        session,
        request.state.user,
        current=body.current,
        password=body.password,
        session_id=request.state.session_id,
        actor=actor,
        now=clock.now(),
    )


@router.get("/sessions")
def list_sessions(request: Request, actor: Person, session: Reading) -> SessionList:
    """List one's own sign-ins that are still good."""
    return SessionList(
        items=[
            SessionFacts(
                id=one.id,
                created_at=one.created_at,
                last_seen_at=one.last_seen_at,
                expires_at=one.expires_at,
                remote_address=one.remote_address,
                device=one.device,
                is_current=one.id == request.state.session_id,
            )
            for one in users.list_sessions(session, actor, now=clock.now())
        ]
    )


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(session_id: str, actor: Person, session: Writing) -> None:
    """End one of one's own sessions; ending it again changes nothing."""
    users.close_session(session, actor, session_id=session_id, now=clock.now())
