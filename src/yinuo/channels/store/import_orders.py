"""Writing and loading what became of each order of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from yinuo.channels.model.imports import (
    ImportOrder,
    ImportOutcome,
    ImportProblem,
    ImportVerdict,
    StatedImport,
)
from yinuo.channels.tables import ImportOrderRow, ImportRow
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue

_ROW, _ORDER = ImportRow, ImportOrderRow


def fingerprint_of(stated: StatedImport | None) -> str:
    """Return what tells that two orders state the same; empty for one that could not be read."""
    return hashlib.sha256(msgspec.json.encode(stated)).hexdigest() if stated else ""


def same_as_before(
    session: Session, *, shop_id: str, fingerprints: Collection[str]
) -> dict[str, str]:
    """Return the orders, by fingerprint, that a file stated just so before."""
    found = session.execute(
        sa.select(_ORDER.fingerprint, _ORDER.order_id)
        .join(_ROW, _ROW.id == _ORDER.import_id)
        .where(
            _ROW.shop_id == shop_id,
            _ORDER.outcome == ImportOutcome.NEW.value,
            _ORDER.fingerprint.in_(list(fingerprints)),
            _ORDER.order_id.is_not(None),
        )
    )
    return {fingerprint: order_id or "" for fingerprint, order_id in found}


def batch(session: Session, import_id: str, *, after: int, limit: int) -> list[ImportOrder]:
    """Return the next orders of a file with what they state."""
    found = session.execute(
        sa.select(*_COLUMNS, _ORDER.facts)
        .where(_ORDER.import_id == import_id, _ORDER.position > after)
        .order_by(_ORDER.position)
        .limit(limit)
    )
    return [_order(row, facts=row.facts) for row in found]


def lock_waiting(session: Session, import_id: str, position: int) -> bool:
    """Tell whether an order still waits; nobody else takes it until this transaction ends."""
    return (
        session.execute(
            sa.select(_ORDER.position)
            .where(
                _ORDER.import_id == import_id,
                _ORDER.position == position,
                _ORDER.outcome.is_(None),
            )
            .with_for_update()
        ).first()
        is not None
    )


def save_outcome(session: Session, import_id: str, position: int, verdict: ImportVerdict) -> None:
    """Write what became of an order."""
    session.execute(
        sa.update(_ORDER)
        .where(_ORDER.import_id == import_id, _ORDER.position == position)
        .values(
            outcome=verdict.outcome.value,
            order_id=verdict.order_id,
            problems=told(verdict.problems),
        )
    )


def orders_page(
    session: Session,
    import_id: str,
    *,
    outcomes: Collection[ImportOutcome],
    after: int,
    limit: int,
) -> list[ImportOrder]:
    """Return orders of a file that came, or would come, to these outcomes."""
    became = sa.func.coalesce(_ORDER.outcome, _ORDER.expected)
    found = session.execute(
        sa.select(*_COLUMNS)
        .where(
            _ORDER.import_id == import_id,
            _ORDER.position > after,
            became.in_([one.value for one in outcomes]),
        )
        .order_by(_ORDER.position)
        .limit(limit)
    )
    return [_order(row, facts=None) for row in found]


def told(problems: Sequence[ImportProblem]) -> list[JsonValue]:
    """Return problems as they are stored."""
    found: list[JsonValue] = msgspec.to_builtins(list(problems))
    return found


_COLUMNS = (
    _ORDER.position,
    _ORDER.number,
    _ORDER.lines,
    _ORDER.expected,
    _ORDER.outcome,
    _ORDER.order_id,
    _ORDER.problems,
)


def _order(row: sa.Row[*tuple[Any, ...]], *, facts: dict[str, JsonValue] | None) -> ImportOrder:
    return ImportOrder(
        position=row.position,
        number=row.number,
        lines=tuple(row.lines),
        expected=ImportOutcome(row.expected),
        outcome=ImportOutcome(row.outcome) if row.outcome else None,
        order_id=row.order_id,
        problems=msgspec.convert(row.problems, tuple[ImportProblem, ...]),
        stated=msgspec.convert(facts, StatedImport) if facts else None,
    )
