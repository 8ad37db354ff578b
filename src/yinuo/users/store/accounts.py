"""The SQL of accounts, sessions, API tokens and sign-in tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.users.model import ApiToken, Permission, Role, Tries, TryScope, User, UserSession
from yinuo.users.tables import ApiTokenRow, SignInTriesRow, UserRow, UserSessionRow


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """Whose session a token opens, and when it was last used."""

    session_id: str
    user: User
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """An API token and the role of the user it belongs to."""

    token: ApiToken
    role: Role


_USER = (
    UserRow.id,
    UserRow.username,
    UserRow.name,
    UserRow.role,
    UserRow.created_at,
    UserRow.last_sign_in_at,
    UserRow.disabled_at,
)
_TOKEN = (
    ApiTokenRow.id,
    ApiTokenRow.user_id,
    ApiTokenRow.name,
    ApiTokenRow.scopes,
    ApiTokenRow.created_at,
    ApiTokenRow.expires_at,
    ApiTokenRow.last_used_at,
    ApiTokenRow.revoked_at,
)


def _user(row: sa.Row[*tuple[Any, ...]]) -> User:
    return User(
        id=row.id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
        disabled_at=row.disabled_at,
    )


def _token(row: sa.Row[*tuple[Any, ...]]) -> ApiToken:
    known = {permission.value for permission in Permission}
    return ApiToken(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scopes=frozenset(Permission(scope) for scope in row.scopes if scope in known),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def insert_user(session: Session, user: User, *, password_hash: str) -> bool:
    """Tell whether the user was added; False when the user name is taken."""
    added = session.execute(
        insert(UserRow)
        .values(
            id=user.id,
            username=user.username,
            name=user.name,
            role=user.role.value,
            password_hash=password_hash,
            created_at=user.created_at,
        )
        .on_conflict_do_nothing(index_elements=[UserRow.username])
        .returning(UserRow.id)
    )
    return added.first() is not None


def list_users(session: Session) -> list[User]:
    """Return all users, by user name."""
    return [_user(row) for row in session.execute(sa.select(*_USER).order_by(UserRow.username))]


def find_user(session: Session, username: str) -> User | None:
    """Return the user with this user name, if there is one."""
    row = session.execute(sa.select(*_USER).where(UserRow.username == username)).first()
    return _user(row) if row else None


def load_user(session: Session, user_id: str) -> User | None:
    """Return the user with this id, if there is one."""
    row = session.execute(sa.select(*_USER).where(UserRow.id == user_id)).first()
    return _user(row) if row else None


def lock_user(session: Session, user_id: str) -> User | None:
    """Return the user, locked against other changes; takes the IT admins' locks before its own."""
    locked = sa.or_(
        sa.and_(UserRow.role == Role.IT_ADMIN.value, UserRow.disabled_at.is_(None)),
        UserRow.id == user_id,
    )
    session.execute(sa.select(UserRow.id).where(locked).order_by(UserRow.id).with_for_update())
    return load_user(session, user_id)


def count_admins(session: Session, *, besides: str) -> int:
    """Return how many IT admins are active besides one user; call it under `lock_user`."""
    return session.execute(
        sa.select(sa.func.count()).where(
            UserRow.role == Role.IT_ADMIN.value,
            UserRow.disabled_at.is_(None),
            UserRow.id != besides,
        )
    ).scalar_one()


def save_user(session: Session, user: User) -> None:
    """Write name, role and whether the account is closed."""
    session.execute(
        sa.update(UserRow)
        .where(UserRow.id == user.id)
        .values(name=user.name, role=user.role.value, disabled_at=user.disabled_at)
    )


def password_hash(session: Session, user_id: str) -> str | None:
    """Return the stored hash of a user's password."""
    return session.execute(
        sa.select(UserRow.password_hash).where(UserRow.id == user_id)
    ).scalar_one_or_none()


def save_password(session: Session, user_id: str, *, password_hash: str) -> None:
    """Write the hash of a new password."""
    session.execute(
        sa.update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash)
    )


def save_sign_in(session: Session, user_id: str, *, now: datetime) -> None:
    """Write when the user last signed in."""
    session.execute(sa.update(UserRow).where(UserRow.id == user_id).values(last_sign_in_at=now))


def insert_session(session: Session, opened: UserSession, *, token_hash: bytes) -> None:
    """Write a new sign-in."""
    session.execute(
        sa.insert(UserSessionRow).values(
            id=opened.id,
            user_id=opened.user_id,
            token_hash=token_hash,
            created_at=opened.created_at,
            last_seen_at=opened.last_seen_at,
            expires_at=opened.expires_at,
            remote_address=opened.remote_address,
            device=opened.device,
        )
    )


def find_session(
    session: Session, token_hash: bytes, *, now: datetime, idle_since: datetime
) -> SessionOwner | None:
    """Return the owner of a session that is still good and whose account is open."""
    row = session.execute(
        sa.select(*_USER, UserSessionRow.id.label("session_id"), UserSessionRow.last_seen_at)
        .join(UserSessionRow, UserSessionRow.user_id == UserRow.id)
        .where(
            UserSessionRow.token_hash == token_hash,
            UserSessionRow.revoked_at.is_(None),
            UserSessionRow.expires_at > now,
            UserSessionRow.last_seen_at > idle_since,
            UserRow.disabled_at.is_(None),
        )
    ).first()
    return SessionOwner(row.session_id, _user(row), row.last_seen_at) if row else None


def touch_session(session: Session, session_id: str, *, now: datetime) -> None:
    """Write that a session was used."""
    session.execute(
        sa.update(UserSessionRow).where(UserSessionRow.id == session_id).values(last_seen_at=now)
    )


def list_sessions(
    session: Session, user_id: str, *, now: datetime, idle_since: datetime
) -> list[UserSession]:
    """Return the user's sessions that are still good, newest first."""
    rows = session.execute(
        sa.select(UserSessionRow)
        .where(
            UserSessionRow.user_id == user_id,
            UserSessionRow.revoked_at.is_(None),
            UserSessionRow.expires_at > now,
            UserSessionRow.last_seen_at > idle_since,
        )
        .order_by(UserSessionRow.id.desc())
    ).scalars()
    return [
        UserSession(
            id=row.id,
            user_id=row.user_id,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            remote_address=row.remote_address,
            device=row.device,
        )
        for row in rows
    ]


def revoke_sessions(
    session: Session,
    user_id: str,
    *,
    now: datetime,
    only: str | None = None,
    keep: str | None = None,
) -> list[str]:
    """Return the ids of the sessions that this ended: one, or all of the user but one."""
    wanted = [UserSessionRow.user_id == user_id, UserSessionRow.revoked_at.is_(None)]
    if only is not None:
        wanted.append(UserSessionRow.id == only)
    if keep is not None:
        wanted.append(UserSessionRow.id != keep)
    return list(
        session.execute(
            sa.update(UserSessionRow)
            .where(*wanted)
            .values(revoked_at=now)
            .returning(UserSessionRow.id)
        ).scalars()
    )


def insert_token(session: Session, token: ApiToken, *, token_hash: bytes) -> None:
    """Write a new API token."""
    session.execute(
        sa.insert(ApiTokenRow).values(
            id=token.id,
            user_id=token.user_id,
            name=token.name,
            token_hash=token_hash,
            scopes=sorted(scope.value for scope in token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


def list_tokens(session: Session) -> list[ApiToken]:
    """Return all API tokens, revoked ones too, newest first."""
    return [
        _token(row) for row in session.execute(sa.select(*_TOKEN).order_by(ApiTokenRow.id.desc()))
    ]


def find_token(session: Session, token_hash: bytes, *, now: datetime) -> TokenOwner | None:
    """Return a token that is still good, if its owner's account is open."""
    row = session.execute(
        sa.select(*_TOKEN, UserRow.role)
        .join(UserRow, UserRow.id == ApiTokenRow.user_id)
        .where(
            ApiTokenRow.token_hash == token_hash,
            ApiTokenRow.revoked_at.is_(None),
            sa.or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > now),
            UserRow.disabled_at.is_(None),
        )
    ).first()
    return TokenOwner(_token(row), Role(row.role)) if row else None


def touch_token(session: Session, token_id: str, *, now: datetime) -> None:
    """Write that a token was used."""
    session.execute(
        sa.update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=now)
    )


def revoke_token(session: Session, token_id: str, *, now: datetime) -> ApiToken | None:
    """Return the token that this ended; None when it was ended before or is not there."""
    row = session.execute(
        sa.update(ApiTokenRow)
        .where(ApiTokenRow.id == token_id, ApiTokenRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(*_TOKEN)
    ).first()
    return _token(row) if row else None


def token_exists(session: Session, token_id: str) -> bool:
    """Tell whether there ever was such a token."""
    return session.get(ApiTokenRow, token_id) is not None


def lock_tries(
    session: Session, keys: Sequence[tuple[TryScope, str]], *, now: datetime
) -> list[Tries]:
    """Return the counts for these keys, locked, new ones with 0; locks are taken in key order."""
    ordered = sorted(keys, key=lambda pair: pair[1])
    session.execute(
        insert(SignInTriesRow)
        .values([{"key": key, "count": 0, "last_at": now} for _, key in ordered])
        .on_conflict_do_nothing()
    )
    rows = {
        row.key: row
        for row in session.execute(
            sa.select(SignInTriesRow)
            .where(SignInTriesRow.key.in_([key for _, key in ordered]))
            .order_by(SignInTriesRow.key)
            .with_for_update()
        ).scalars()
    }
    return [
        Tries(
            scope=scope,
            key=key,
            count=rows[key].count,
            last_at=rows[key].last_at,
            locked_until=rows[key].locked_until,
        )
        for scope, key in ordered
    ]


def save_tries(session: Session, tries: Sequence[Tries]) -> None:
    """Write counts that were locked before."""
    statement = insert(SignInTriesRow).values(
        [
            {
                "key": one.key,
                "count": one.count,
                "last_at": one.last_at,
                "locked_until": one.locked_until,
            }
            for one in tries
        ]
    )
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[SignInTriesRow.key],
            set_={"count": new.count, "last_at": new.last_at, "locked_until": new.locked_until},
        )
    )


def forget_tries(session: Session, *, before: datetime) -> None:
    """Remove counts too old to matter, a few at a time, none that somebody is using."""
    old = (
        sa.select(SignInTriesRow.key)
        .where(SignInTriesRow.last_at < before)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    session.execute(sa.delete(SignInTriesRow).where(SignInTriesRow.key.in_(old)))


def owns_session(session: Session, user_id: str, *, session_id: str) -> bool:
    """Tell whether there ever was such a session of this user."""
    row = session.get(UserSessionRow, session_id)
    return row is not None and row.user_id == user_id
