"""Tables of users: accounts, sessions, API tokens, sign-in tries and the audit."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base
from yinuo.core.errors import JsonValue
from yinuo.users.model import Role

_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class UserRow(Base):
    """A person with an account; the user name is stored in lower case."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint(f"role IN ({_ROLES})", name="role"),
        sa.CheckConstraint("username = lower(username)", name="username"),
    )


class UserSessionRow(Base):
    """A sign-in; the token itself is only with the browser."""

    __tablename__ = "user_sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    remote_address: Mapped[str]
    device: Mapped[str]


class ApiTokenRow(Base):
    """A key for a program; shown once, stored as a hash."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInTriesRow(Base):
    """Tries since the last success, by a hashed key: what was typed may be a password."""

    __tablename__ = "sign_in_tries"
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class AuditPendingRow(Base):
    """Entries of this transaction; a deferred trigger moves them to the chain as it commits.

    Empty outside of transactions. Only the commit itself is serialised, never the work before
    it, and an entry undone with its savepoint never reaches the chain.
    """

    __tablename__ = "audit_pending"
    seq: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    body: Mapped[str]


class AuditEntryRow(Base):
    """The chain; triggers forbid changing, deleting and truncating."""

    __tablename__ = "audit_entries"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    actor_kind: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    before: Mapped[JsonValue] = mapped_column(JSONB(none_as_null=True), nullable=True)
    after: Mapped[JsonValue] = mapped_column(JSONB(none_as_null=True), nullable=True)
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
    __table_args__ = (
        sa.Index(None, "actor_id", "position"),
        sa.Index(None, "action", "position"),
        sa.Index(None, "object", "position"),
        sa.Index(None, "at"),
    )
