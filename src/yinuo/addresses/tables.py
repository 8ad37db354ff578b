"""Rows of addresses: what was read, what was taught, and what must stay right.

`address_readings.stated` is personal data: it is read to decide, to correct and to reveal.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.addresses.model import AliasScope, Doubt, ReadingState
from yinuo.addresses.model.geocodes import Verdict
from yinuo.core.db import Base
from yinuo.core.errors import JsonValue

_STATES = ", ".join(f"'{state.value}'" for state in ReadingState)
_DOUBTS = ", ".join(f"'{doubt.value}'" for doubt in Doubt)
_VERDICTS = ", ".join(f"'{verdict.value}'" for verdict in Verdict)
_SCOPES = ", ".join(f"'{scope.value}'" for scope in AliasScope)


class AddressReadingRow(Base):
    """An order's address as it was stated, read and decided; `is_wrong` says a person found it so."""

    __tablename__ = "address_readings"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    channel: Mapped[str]
    stated: Mapped[dict[str, JsonValue]] = mapped_column(JSONB)
    code: Mapped[str]
    confidence: Mapped[float]
    doubt: Mapped[str | None]
    contradictions: Mapped[list[JsonValue]] = mapped_column(JSONB)
    evidence: Mapped[list[JsonValue]] = mapped_column(JSONB)
    alias_id: Mapped[str | None]
    table_date: Mapped[str]
    state: Mapped[str]
    is_wrong: Mapped[bool] = mapped_column(server_default=sa.false())
    revision: Mapped[int]
    read_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(server_default="")
    decided_by_name: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sa.CheckConstraint(f"doubt IN ({_DOUBTS})", name="doubt"),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        sa.Index(
            "address_readings_doubtful_idx",
            "read_at",
            "order_id",
            postgresql_where=sa.text("state = 'doubtful'"),
        ),
        sa.Index("address_readings_read_at_idx", "read_at", "channel"),
        sa.Index(
            "address_readings_alias_id_idx",
            "alias_id",
            postgresql_where=sa.text("alias_id IS NOT NULL"),
        ),
    )


class AddressAliasRow(Base):
    """A text that a person taught to mean a division; it holds until it is rolled back."""

    __tablename__ = "address_aliases"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    folded: Mapped[str]
    code: Mapped[str]
    scope: Mapped[str]
    scope_value: Mapped[str]
    order_id: Mapped[str]
    made_by: Mapped[str]
    made_by_name: Mapped[str]
    made_at: Mapped[datetime]
    rolled_back_at: Mapped[datetime | None]
    rolled_back_by: Mapped[str] = mapped_column(server_default="")
    rolled_back_by_name: Mapped[str] = mapped_column(server_default="")
    rolled_back_why: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        sa.CheckConstraint(f"scope IN ({_SCOPES})", name="scope"),
        sa.Index(
            "address_aliases_folded_idx",
            "folded",
            "scope",
            "scope_value",
            unique=True,
            postgresql_where=sa.text("rolled_back_at IS NULL"),
        ),
        sa.Index("address_aliases_made_at_idx", "made_at", "id"),
    )


class AddressAliasStampRow(Base):
    """One row whose stamp changes with every change of the aliases; processes compare it."""

    __tablename__ = "address_alias_stamp"
    id: Mapped[int] = mapped_column(primary_key=True)
    stamp: Mapped[str]
    __table_args__ = (sa.CheckConstraint("id = 1", name="id"),)


class AddressCorrectionRow(Base):
    """One decision of a person: what the resolver had said, and what is right."""

    __tablename__ = "address_corrections"
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("address_readings.order_id"))
    before_code: Mapped[str]
    after_code: Mapped[str]
    alias_id: Mapped[str | None] = mapped_column(sa.ForeignKey("address_aliases.id"))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    __table_args__ = (sa.Index("address_corrections_order_id_idx", "order_id", "made_at"),)


class AddressCaseRow(Base):
    """A regression test that a correction became; holds no name, phone or house number."""

    __tablename__ = "address_cases"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    shop_id: Mapped[str]
    code: Mapped[str]
    alias_id: Mapped[str] = mapped_column(sa.ForeignKey("address_aliases.id"))
    is_active: Mapped[bool] = mapped_column(server_default=sa.true())
    __table_args__ = (sa.Index("address_cases_alias_id_idx", "alias_id"),)


class AddressGeocodeRow(Base):
    """What a geocoder said of a text until `expires_at`; the text itself is kept as a fingerprint."""

    __tablename__ = "address_geocodes"
    key: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str | None]
    precision: Mapped[str] = mapped_column(server_default="")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (sa.Index("address_geocodes_expires_at_idx", "expires_at"),)


class AddressGeocodeDayRow(Base):
    """How many calls a Shanghai day has used of its budget, over all processes."""

    __tablename__ = "address_geocode_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int]
    __table_args__ = (sa.CheckConstraint("used >= 0", name="used"),)


class AddressGeocodeVerdictRow(Base):
    """How far the answer about one revision of a reading was believed."""

    __tablename__ = "address_geocode_verdicts"
    order_id: Mapped[str] = mapped_column(
        sa.ForeignKey("address_readings.order_id"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    code: Mapped[str | None]
    precision: Mapped[str] = mapped_column(server_default="")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    at: Mapped[datetime]
    __table_args__ = (sa.CheckConstraint(f"verdict IN ({_VERDICTS})", name="verdict"),)
