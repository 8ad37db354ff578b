"""Managing users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends

from yinuo.core import clock
from yinuo.core.texts import Language, text
from yinuo.users import service as users
from yinuo.users.model import LONGEST_PASSWORD, ROLE_PERMISSIONS, Actor, Permission, Role, User
from yinuo.web.deps import Lang, Reading, Writing, require

router = APIRouter(tags=["users"])

Manager = Annotated[Actor, Depends(require(Permission.USERS_MANAGE))]


class NewUser(pydantic.BaseModel):
    """A person to be given an account."""

    model_config = pydantic.ConfigDict(extra="forbid")

    username: str = pydantic.Field(min_length=1, max_length=100)
    name: str = pydantic.Field(min_length=1, max_length=100)
    role: Role
    password: str = pydantic.Field(min_length=1, max_length=LONGEST_PASSWORD)


class UserChange(pydantic.BaseModel):
    """What shall change; what is left out or null stays."""

    model_config = pydantic.ConfigDict(extra="forbid")

    name: str | None = pydantic.Field(default=None, min_length=1, max_length=100)
    role: Role | None = None
    is_disabled: bool | None = None
    password: str | None = pydantic.Field(default=None, min_length=1, max_length=LONGEST_PASSWORD)


class UserFacts(pydantic.BaseModel):
    """A person with an account."""

    id: str
    username: str
    name: str
    role: Role
    role_label: str
    is_disabled: bool
    created_at: datetime
    last_sign_in_at: datetime | None


class RoleFacts(pydantic.BaseModel):
    """A role and what it may do."""

    role: Role
    label: str
    permissions: list[Permission]


class UserList(pydantic.BaseModel):
    """All users, and the roles there are."""

    items: list[UserFacts]
    roles: list[RoleFacts]


def _facts(user: User, language: Language) -> UserFacts:
    return UserFacts(
        id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        role_label=text(f"users.role.{user.role.value}", language),
        is_disabled=user.is_disabled,
        created_at=user.created_at,
        last_sign_in_at=user.last_sign_in_at,
    )


@router.get("/users", dependencies=[Depends(require(Permission.USERS_MANAGE))])
def list_users(session: Reading, language: Lang) -> UserList:
    """List all users, disabled ones too, by user name."""
    return UserList(
        items=[_facts(user, language) for user in users.list_users(session)],
        roles=[
            RoleFacts(
                role=role,
                label=text(f"users.role.{role.value}", language),
                permissions=sorted(ROLE_PERMISSIONS[role], key=lambda one: one.value),
            )
            for role in Role
        ],
    )


@router.post("/users", status_code=201)
def add_user(body: NewUser, actor: Manager, session: Writing, language: Lang) -> UserFacts:
    """Add a user. 409 when the user name is taken."""
    user = users.add_user(
        session,
        username=body.username,
        name=body.name,
        role=body.role,
        password=body.password,
        actor=actor,
        now=clock.now(),
    )
    return _facts(user, language)


@router.patch("/users/{user_id}")
def change_user(
    user_id: str, body: UserChange, actor: Manager, session: Writing, language: Lang
) -> UserFacts:
    """Change a user's name, role or password, or close or open the account.

    409 when nobody would be left who can manage users.
    """
    now = clock.now()
    if body.password is not None:
        users.set_password(session, user_id, password=body.password, actor=actor, now=now)
    user = users.change_user(
        session,
        user_id,
        actor=actor,
        now=now,
        name=body.name,
        role=body.role,
        is_disabled=body.is_disabled,
    )
    return _facts(user, language)
