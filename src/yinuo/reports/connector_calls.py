"""How the outside systems answered lately, from the record of calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from yinuo.core.calls import ConnectorCallRow
from yinuo.core.db import Session
from yinuo.core.paging import Page, clamp_limit, decode_cursor, encode_cursor

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """The last hour of one connector; milliseconds are of finished calls, None without any."""

    connector: str
    calls: int
    failures: int
    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCalls:
    """When a connector last did well and last failed, ever recorded."""

    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One outside call; `reference` is a business number."""

    id: int
    at: datetime
    operation: str
    outcome: str
    code: str | None
    milliseconds: int
    reference: str | None


def call_figures(session: Session, *, now: datetime) -> dict[str, CallFigures]:
    """Return the last hour's figures by connector; one without calls is not there."""
    rows = session.execute(
        sa.text(
            "SELECT connector, count(*) AS calls,"
            " count(*) FILTER (WHERE outcome IN ('unavailable', 'unknown')) AS failures,"
            " percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS p50,"
            " percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds) AS p95"
            " FROM connector_calls WHERE at > :since AND operation <> 'circuit'"
            " GROUP BY connector"
        ),
        {"since": now - WINDOW},
    )
    return {
        row.connector: CallFigures(
            connector=row.connector,
            calls=row.calls,
            failures=row.failures,
            p50_ms=None if row.p50 is None else round(row.p50),
            p95_ms=None if row.p95 is None else round(row.p95),
        )
        for row in rows
    }


def last_calls(session: Session, connector: str) -> LastCalls:
    """Return when a connector last did well and last failed."""
    base = sa.select(ConnectorCallRow.at, ConnectorCallRow.code).where(
        ConnectorCallRow.connector == connector, ConnectorCallRow.operation != "circuit"
    )
    newest = base.order_by(ConnectorCallRow.id.desc()).limit(1)
    well = session.execute(newest.where(ConnectorCallRow.outcome == "done")).one_or_none()
    failed = session.execute(
        newest.where(ConnectorCallRow.outcome.in_(["unavailable", "unknown"]))
    ).one_or_none()
    return LastCalls(
        last_success_at=well.at if well else None,
        last_failure_at=failed.at if failed else None,
        last_error=failed.code if failed else None,
    )


def list_calls(
    session: Session, connector: str, *, cursor: str | None = None, limit: int = 50
) -> Page[CallRecord]:
    """Return calls of one connector, the newest first. Raises BadCursor."""
    size = clamp_limit(limit)
    statement = (
        sa.select(ConnectorCallRow)
        .where(ConnectorCallRow.connector == connector)
        .order_by(ConnectorCallRow.id.desc())
        .limit(size + 1)
    )
    if cursor:
        statement = statement.where(ConnectorCallRow.id < decode_cursor(cursor, length=1)[0])
    found = [
        CallRecord(
            id=row.id,
            at=row.at,
            operation=row.operation,
            outcome=row.outcome,
            code=row.code,
            milliseconds=row.milliseconds,
            reference=row.reference,
        )
        for row in session.execute(statement).scalars()
    ]
    more = len(found) > size
    return Page(found[:size], encode_cursor([found[size - 1].id]) if more else None)
