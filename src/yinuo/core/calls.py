"""A record of each outside call: which system, what, how it ended, how long. No content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core import clock
from yinuo.core.db import Base, Database

CIRCUIT = "circuit"  # the operation under which a circuit's changes are kept


class ConnectorCallRow(Base):
    """One outside call, as the console shows it."""

    __tablename__ = "connector_calls"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    connector: Mapped[str]
    operation: Mapped[str]
    outcome: Mapped[str]
    code: Mapped[str | None]
    milliseconds: Mapped[int]
    reference: Mapped[str | None]
    __table_args__ = (
        sa.Index("connector_calls_connector_id_idx", "connector", "id"),
        sa.Index("connector_calls_at_idx", "at"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is kept of one call; `outcome` is done, rejected, unavailable or unknown.

    `reference` is a business number (never a name, phone, address or token).
    """

    connector: str
    operation: str
    outcome: str
    code: str | None
    milliseconds: int
    reference: str | None


def record(database: Database, call: Call) -> None:
    """Keep one call, committed by itself."""
    values = {
        "at": clock.now(),
        "connector": call.connector,
        "operation": call.operation,
        "outcome": call.outcome,
        "code": call.code,
        "milliseconds": call.milliseconds,
        "reference": call.reference,
    }
    with database.at_once() as connection:
        connection.execute(_RECORD, values)


_RECORD = sa.insert(cast("sa.Table", ConnectorCallRow.__table__))


def count_since(database: Database, connector: str, since: datetime) -> int:
    """Return how many calls a connector made after a moment, by all processes together."""
    made = sa.select(sa.func.count()).where(
        ConnectorCallRow.connector == connector,
        ConnectorCallRow.operation != CIRCUIT,
        ConnectorCallRow.at > since,
    )
    with database.read() as session:
        return int(session.execute(made).scalar_one())


def forget_before(database: Database, moment: datetime) -> int:
    """Return how many records older than `moment` were removed."""
    with database.transaction() as session:
        result = session.execute(sa.delete(ConnectorCallRow).where(ConnectorCallRow.at < moment))
        return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE always has one


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitChange:
    """A process began to hold calls back from a system, or to let them through again."""

    at: datetime
    is_open: bool


def circuit_changes(database: Database) -> dict[str, CircuitChange]:
    """Return each connector's last change of circuit within the hour, whichever process saw it."""
    newest = (
        sa.select(ConnectorCallRow.connector, ConnectorCallRow.at, ConnectorCallRow.code)
        .where(
            ConnectorCallRow.operation == CIRCUIT,
            ConnectorCallRow.at > clock.now() - timedelta(hours=1),
        )
        .order_by(ConnectorCallRow.id)
    )
    with database.read() as session:
        return {
            row.connector: CircuitChange(at=row.at, is_open=row.code is not None)
            for row in session.execute(newest)
        }
