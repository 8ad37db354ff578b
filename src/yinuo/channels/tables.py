"""Tables of channels: shops, inbox, cursors, seals, nonces, figures of stock, messages, files."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.channels.model import (
    MOST_BODY_BYTES,
    Channel,
    InboxState,
    ReserveOn,
    RuleScope,
)
from yinuo.channels.model.imports import ImportOutcome, ImportState
from yinuo.channels.model.messages import DraftState, MessageKind, MessageState
from yinuo.channels.model.sealed import SealState
from yinuo.core.db import Base
from yinuo.core.errors import JsonValue

_CHANNELS = ", ".join(f"'{channel.value}'" for channel in Channel)
_STATES = ", ".join(f"'{state.value}'" for state in InboxState)
_SCOPES = ", ".join(f"'{scope.value}'" for scope in RuleScope)
_SEAL_STATES = ", ".join(f"'{state.value}'" for state in SealState)
_RESERVE_ON = ", ".join(f"'{moment.value}'" for moment in ReserveOn)
_IMPORT_STATES = ", ".join(f"'{state.value}'" for state in ImportState)
_OUTCOMES = ", ".join(f"'{outcome.value}'" for outcome in ImportOutcome)


class ShopRow(Base):
    """One account on a channel."""

    __tablename__ = "shops"
    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    name: Mapped[str]
    reserve_on: Mapped[str]
    ttl_seconds: Mapped[int]
    is_active: Mapped[bool]
    warehouses: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    in_order: Mapped[bool] = mapped_column(server_default=sa.false())
    is_observing: Mapped[bool] = mapped_column(server_default=sa.false())
    observed_from: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        sa.CheckConstraint(f"channel IN ({_CHANNELS})", name="channel"),
        sa.CheckConstraint(f"reserve_on IN ({_RESERVE_ON})", name="reserve_on"),
        sa.CheckConstraint("ttl_seconds > 0", name="ttl"),
    )


class ShareRuleRow(Base):
    """How much a shop may show: of everything (`key` empty), of a category, or of one SKU."""

    __tablename__ = "share_rules"
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int]
    buffer: Mapped[int]
    most: Mapped[int | None]
    __table_args__ = (
        sa.CheckConstraint(f"scope IN ({_SCOPES})", name="scope"),
        sa.CheckConstraint("(scope = 'shop') = (key = '')", name="key"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        sa.CheckConstraint("buffer >= 0", name="buffer"),
        sa.CheckConstraint("most >= 0", name="most"),
    )


class InboxRow(Base):
    """A message from outside, byte for byte; `body` is emptied by retention, the key stays."""

    __tablename__ = "inbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    key: Mapped[str]
    shop_id: Mapped[str | None]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes | None]
    body_hash: Mapped[bytes]
    received_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    __table_args__ = (
        sa.UniqueConstraint("source", "key"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sa.CheckConstraint(f"octet_length(body) <= {MOST_BODY_BYTES}", name="body"),
        sa.Index(
            "inbox_due_idx",
            "next_attempt_at",
            "id",
            postgresql_where=sa.text("state IN ('received', 'failed')"),
        ),
        sa.Index(
            "inbox_retention_idx",
            "done_at",
            postgresql_where=sa.text("state = 'done' AND body IS NOT NULL"),
        ),
    )


class ShopCursorRow(Base):
    """How far a shop's orders were read, and the window that is being read now."""

    __tablename__ = "shop_cursors"
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"), primary_key=True)
    watermark: Mapped[datetime | None]
    window_since: Mapped[datetime | None]
    window_until: Mapped[datetime | None]
    page_cursor: Mapped[str | None]
    claim_id: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class SealedReceiverRow(Base):
    """A receiver as the channel's ciphertext, and whether it was opened; `digest` is of it all."""

    __tablename__ = "sealed_receivers"
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    raw_number: Mapped[str]
    digest: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    detail: Mapped[str]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_SEAL_STATES})", name="state"),
        sa.Index(
            "sealed_receivers_due_idx", "next_at", postgresql_where=sa.text("state = 'waiting'")
        ),
    )


class NonceRow(Base):
    """A nonce that was used; after `expires_at` its request is stale anyway."""

    __tablename__ = "nonces"
    scope: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ChannelStockRow(Base):
    """What a shop should know of one SKU, what it was told, what it acknowledged."""

    __tablename__ = "channel_stock"
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    quantity: Mapped[int]
    wanted_at: Mapped[datetime]
    pushed_version: Mapped[int | None]
    pushed_at: Mapped[datetime | None]
    acked_version: Mapped[int | None]
    acked_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime]
    behind_since: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity"),
        sa.CheckConstraint("acked_version <= pushed_version", name="acked"),
        sa.Index(
            "channel_stock_due_idx",
            "shop_id",
            "due_at",
            postgresql_where=sa.text("acked_version IS NULL OR acked_version < version"),
        ),
    )


class StockAckRow(Base):
    """One acknowledgement of a shop: how long, in milliseconds, each of its figures had waited."""

    __tablename__ = "stock_acks"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"))
    at: Mapped[datetime]
    waits: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.BigInteger))
    __table_args__ = (sa.Index("stock_acks_at_idx", "at", "shop_id"),)


STOCK_VERSIONS = sa.Sequence("channel_stock_versions", metadata=Base.metadata)


_MESSAGE_KINDS = ", ".join(f"'{kind.value}'" for kind in MessageKind)
_MESSAGE_STATES = ", ".join(f"'{state.value}'" for state in MessageState)
_DRAFT_STATES = ", ".join(f"'{state.value}'" for state in DraftState)


class GroupMessageRow(Base):
    """A message of a group as it was posted, and what it was read as."""

    __tablename__ = "group_messages"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    key: Mapped[str]
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"))
    group_name: Mapped[str]
    sender: Mapped[str]
    text: Mapped[str]
    text_hash: Mapped[str]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    kind: Mapped[str]
    state: Mapped[str]
    change: Mapped[str] = mapped_column(server_default="")
    repeats: Mapped[str | None] = mapped_column(sa.ForeignKey("group_messages.id"))
    list_id: Mapped[str] = mapped_column(server_default="")
    put_aside_by: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        sa.UniqueConstraint("source", "key"),
        sa.CheckConstraint(f"kind IN ({_MESSAGE_KINDS})", name="kind"),
        sa.CheckConstraint(f"state IN ({_MESSAGE_STATES})", name="state"),
        sa.Index("group_messages_state_idx", "state", "id"),
        sa.Index("group_messages_group_idx", "shop_id", "group_name", "text_hash"),
    )


class GroupDraftRow(Base):
    """One order that a message may be; becomes an order once, when it passes or is confirmed."""

    __tablename__ = "group_drafts"
    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("group_messages.id"))
    position: Mapped[int]
    entry_key: Mapped[str]
    label: Mapped[str]
    state: Mapped[str]
    facts: Mapped[dict[str, JsonValue]] = mapped_column(JSONB)
    confidence: Mapped[float]
    order_id: Mapped[str | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    decided_by_name: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        sa.UniqueConstraint("message_id", "position"),
        sa.CheckConstraint(f"state IN ({_DRAFT_STATES})", name="state"),
        sa.CheckConstraint("(state = 'ordered') = (order_id IS NOT NULL)", name="ordered"),
    )


class GoodsAliasRow(Base):
    """A word of the groups for goods; at most one of the same word stands."""

    __tablename__ = "goods_aliases"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    folded: Mapped[str]
    sku: Mapped[str]
    factor: Mapped[int]
    units: Mapped[dict[str, int]] = mapped_column(JSONB)
    made_by: Mapped[str]
    made_by_name: Mapped[str]
    made_at: Mapped[datetime]
    rolled_back_at: Mapped[datetime | None]
    rolled_back_by: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        sa.CheckConstraint("factor > 0", name="factor"),
        sa.Index(
            "goods_aliases_standing_idx",
            "folded",
            unique=True,
            postgresql_where=sa.text("rolled_back_at IS NULL"),
        ),
    )


class CertificateRow(Base):
    """What the comparison of one shop and day found; `is_waiting` while another is being made."""

    __tablename__ = "certificates"
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    is_waiting: Mapped[bool] = mapped_column(server_default=sa.false())
    colour: Mapped[str | None]
    made_at: Mapped[datetime | None]
    doubts: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), server_default="{}")
    channel_orders: Mapped[int] = mapped_column(server_default="0")
    channel_fen: Mapped[int] = mapped_column(server_default="0")
    payments_orders: Mapped[int] = mapped_column(server_default="0")
    payments_fen: Mapped[int] = mapped_column(server_default="0")
    hub_orders: Mapped[int] = mapped_column(server_default="0")
    hub_fen: Mapped[int] = mapped_column(server_default="0")
    hub_goods_orders: Mapped[int] = mapped_column(server_default="0")
    hub_goods_fen: Mapped[int] = mapped_column(server_default="0")
    erp_orders: Mapped[int] = mapped_column(server_default="0")
    erp_fen: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        sa.CheckConstraint("colour IN ('green', 'amber', 'red')", name="colour"),
        sa.Index("certificates_day_idx", "day"),
    )


class CertificateGapRow(Base):
    """One order that two sides tell differently."""

    __tablename__ = "certificate_gaps"
    shop_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    raw_number: Mapped[str]
    order_id: Mapped[str | None]
    channel_fen: Mapped[int | None]
    hub_fen: Mapped[int | None]
    erp_fen: Mapped[int | None]
    cause: Mapped[str]
    held_by: Mapped[str | None]
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["shop_id", "day"],
            ["certificates.shop_id", "certificates.day"],
            ondelete="CASCADE",
        ),
    )


class SummaryRow(Base):
    """What people were told of a day, by shop."""

    __tablename__ = "summaries"
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    told_at: Mapped[datetime]
    facts: Mapped[dict[str, JsonValue]] = mapped_column(JSONB)


class ImportRow(Base):
    """A file of orders; `content` are its rows, packed, until they are forgotten."""

    __tablename__ = "imports"
    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(sa.ForeignKey("shops.id"))
    file_name: Mapped[str]
    size: Mapped[int]
    file_hash: Mapped[str]
    header_key: Mapped[str]
    state: Mapped[str]
    facts: Mapped[dict[str, JsonValue]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, int]] = mapped_column(JSONB)
    content: Mapped[bytes | None]
    repeats_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str]
    uploaded_by_name: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_IMPORT_STATES})", name="state"),
        sa.Index("imports_file_idx", "shop_id", "file_hash"),
    )


class ImportOrderRow(Base):
    """An order of a file; `outcome` is written once, with what it tells of."""

    __tablename__ = "import_orders"
    import_id: Mapped[str] = mapped_column(sa.ForeignKey("imports.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    fingerprint: Mapped[str]
    lines: Mapped[list[int]] = mapped_column(JSONB)
    expected: Mapped[str]
    outcome: Mapped[str | None]
    order_id: Mapped[str | None]
    problems: Mapped[list[JsonValue]] = mapped_column(JSONB)
    facts: Mapped[dict[str, JsonValue] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        sa.Index("import_orders_number_idx", "number"),
        sa.CheckConstraint(f"expected IN ({_OUTCOMES})", name="expected"),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
    )
