"""Adding, changing and disabling users, and their passwords."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.core import outbox
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.users.events import UserAdded, UserChanged, UserDisabled
from yinuo.users.model import (
    Actor,
    LastAdmin,
    Role,
    UnknownUser,
    User,
    UsernameTaken,
    WrongCredentials,
    check_password,
    clean_username,
)
from yinuo.users.model.audit import clean
from yinuo.users.service import passwords
from yinuo.users.service.audit import record
from yinuo.users.store import accounts as store


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    actor: Actor,
    now: datetime,
) -> User:
    """Return the new user. Raises BadUsername, WeakPassword or UsernameTaken."""
    username = clean_username(username)
    check_password(password, username=username)
    user = User(
        id=new_id("usr"),
        username=username,
        name=clean(name.strip()) or username,
        role=role,
        created_at=now,
        last_sign_in_at=None,
        disabled_at=None,
    )
    if not store.insert_user(session, user, password_hash=passwords.hash_password(password)):
        raise UsernameTaken(username=username)
    record(
        session,
        actor=actor,
        action="users.user_added",
        object=user.id,
        after=_facts(user),
        now=now,
    )
    outbox.announce(session, UserAdded(user_id=user.id, role=role.value))
    return user


def list_users(session: Session) -> list[User]:
    """Return all users, disabled ones too, by user name."""
    return store.list_users(session)


def load_user(session: Session, user_id: str) -> User:
    """Return a user; raises UnknownUser."""
    user = store.load_user(session, user_id)
    if user is None:
        raise UnknownUser
    return user


def find_user(session: Session, username: str) -> User:
    """Return the user with this user name; raises UnknownUser."""
    user = store.find_user(session, clean(username.strip().lower()))
    if user is None:
        raise UnknownUser
    return user


def change_user(
    session: Session,
    user_id: str,
    *,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    role: Role | None = None,
    is_disabled: bool | None = None,
) -> User:
    """Return the user after the change; the same again changes nothing and is not recorded.

    Disabling ends all sessions; tokens of a disabled user do not work. Raises UnknownUser, or
    LastAdmin when nobody would be left who can manage users.
    """
    user = store.lock_user(session, user_id)
    if user is None:
        raise UnknownUser
    changed = _changed(user, name=name, role=role, is_disabled=is_disabled, now=now)
    if changed == user:
        return user
    was_admin = user.role is Role.IT_ADMIN and not user.is_disabled
    is_admin = changed.role is Role.IT_ADMIN and not changed.is_disabled
    if was_admin and not is_admin and store.count_admins(session, besides=user_id) == 0:
        raise LastAdmin
    store.save_user(session, changed)
    _tell(session, user, changed, actor=actor, now=now)
    return changed


def _changed(
    user: User, *, name: str | None, role: Role | None, is_disabled: bool | None, now: datetime
) -> User:
    disabled_at = user.disabled_at
    if is_disabled is not None and is_disabled != user.is_disabled:
        disabled_at = now if is_disabled else None
    return replace(
        user,
        name=clean(name.strip()) or user.name if name is not None else user.name,
        role=role or user.role,
        disabled_at=disabled_at,
    )


def _tell(session: Session, user: User, changed: User, *, actor: Actor, now: datetime) -> None:
    before, after = _facts(user), _facts(changed)
    fields = [field for field in after if after[field] != before[field]]
    is_closing = changed.is_disabled and not user.is_disabled
    record(
        session,
        actor=actor,
        action="users.user_disabled" if is_closing else "users.user_changed",
        object=user.id,
        before={field: before[field] for field in fields},
        after={field: after[field] for field in fields},
        now=now,
    )
    if is_closing:
        store.revoke_sessions(session, user.id, now=now)
        outbox.announce(session, UserDisabled(user_id=user.id))
    else:
        outbox.announce(session, UserChanged(user_id=user.id, changed=fields))


def set_password(
    session: Session, user_id: str, *, password: str, actor: Actor, now: datetime
) -> None:
    """Give a user a new password and end all sessions of that user.

    Raises UnknownUser or WeakPassword.
    """
    user = load_user(session, user_id)
    _save_password(session, user, password=password, keep=None, actor=actor, now=now)


def change_password(
    session: Session,
    user: User,
    *,
    current: str,
    password: str,
    session_id: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change one's own password; all other sessions end. Raises WrongCredentials, WeakPassword."""
    if not passwords.matches(store.password_hash(session, user.id), current):
        raise WrongCredentials
    _save_password(session, user, password=password, keep=session_id, actor=actor, now=now)


def _save_password(
    session: Session,
    user: User,
    *,
    password: str,
    keep: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    check_password(password, username=user.username)
    store.save_password(session, user.id, password_hash=passwords.hash_password(password))
    store.revoke_sessions(session, user.id, now=now, keep=keep)
    record(session, actor=actor, action="users.password_changed", object=user.id, now=now)
    outbox.announce(session, UserChanged(user_id=user.id, changed=["password"]))


def _facts(user: User) -> dict[str, JsonValue]:
    return {
        "username": user.username,
        "display": user.name,
        "role": user.role.value,
        "is_disabled": user.is_disabled,
    }
