"""Tables of users: accounts, sessions, API tokens, sign-in tries and the chained audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_users"
down_revision = "0002_catalog"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _accounts()
    _audit()


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_sign_in_at", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.UniqueConstraint("username", name="users_username_key"),
        sa.CheckConstraint(
            "role IN ('operations', 'customer_service', 'store_manager', 'it_admin')",
            name="users_role_check",
        ),
        sa.CheckConstraint("username = lower(username)", name="users_username_check"),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("remote_address", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.UniqueConstraint("token_hash", name="user_sessions_token_hash_key"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="user_sessions_user_id_fkey"),
    )
    op.create_index("user_sessions_user_id_idx", "user_sessions", ["user_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.UniqueConstraint("token_hash", name="api_tokens_token_hash_key"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="api_tokens_user_id_fkey"),
    )
    op.create_index("api_tokens_user_id_idx", "api_tokens", ["user_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT),
    )
    op.create_index("sign_in_tries_last_at_idx", "sign_in_tries", ["last_at"])


def _audit() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_entries",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("id", name="audit_entries_id_key"),
    )
    for column in ("actor_id", "action", "object"):
        op.create_index(
            f"audit_entries_{column}_position_idx", "audit_entries", [column, "position"]
        )
    op.create_index("audit_entries_at_idx", "audit_entries", ["at"])
    op.execute(CHAIN)
    op.execute(
        "CREATE CONSTRAINT TRIGGER audit_pending_chain AFTER INSERT ON audit_pending"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain()"
    )
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )


# The lock is taken while the transaction commits and given back when its entries can be seen, so
# the newest entry read after it is the newest there is: writers at once make one chain.
CHAIN = """
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  entry jsonb := NEW.body::jsonb;
  head_position bigint;
  head_hash bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(6366241700112);
  SELECT position, hash INTO head_position, head_hash
    FROM audit_entries ORDER BY position DESC LIMIT 1;
  head_hash := coalesce(head_hash, decode(repeat('00', 32), 'hex'));
  INSERT INTO audit_entries (position, id, at, actor_id, actor_name, actor_kind, action, object,
                             before, after, previous_hash, hash)
  VALUES (coalesce(head_position, 0) + 1, entry->>'id', (entry->>'at')::timestamptz,
          entry->>'actor_id', entry->>'actor_name', entry->>'actor_kind', entry->>'action',
          entry->>'object', nullif(entry->'before', 'null'::jsonb),
          nullif(entry->'after', 'null'::jsonb), head_hash,
          sha256(head_hash || convert_to(NEW.body, 'UTF8')));
  DELETE FROM audit_pending WHERE seq = NEW.seq;
  RETURN NULL;
END $$
"""

APPEND_ONLY = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_table("audit_pending")
    op.execute("DROP FUNCTION audit_append_only()")
    op.execute("DROP FUNCTION audit_chain()")
    op.drop_table("sign_in_tries")
    op.drop_table("api_tokens")
    op.drop_table("user_sessions")
    op.drop_table("users")
