"""Writing and loading files of orders, and what became of each order in them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from yinuo.channels.model.imports import (
    GuessedColumn,
    ImportField,
    ImportOutcome,
    ImportRecord,
    ImportSheet,
    ImportState,
    ImportVerdict,
    NewImport,
    ReadImport,
    column_samples,
)
from yinuo.channels.store.import_orders import fingerprint_of, told
from yinuo.channels.tables import ImportOrderRow, ImportRow
from yinuo.core.db import Session

_ROW, _ORDER = ImportRow, ImportOrderRow
_AT_ONCE = 1_000


class _Facts(msgspec.Struct):
    """What stands in `facts`; samples of persons are in the packed rows only."""

    header: tuple[str, ...]
    guesses: tuple[tuple[str, float], ...]
    is_remembered: bool
    rows: int


def insert_import(
    session: Session,
    new: NewImport,
    sheet: ImportSheet,
    guesses: Sequence[GuessedColumn],
    *,
    import_id: str,
    header_key: str,
    mapping: Mapping[str, int],
    is_remembered: bool,
    now: datetime,
) -> None:
    """Write a file with its rows."""
    facts = _Facts(
        header=sheet.header,
        guesses=tuple(
            (one.meaning.value if one.meaning else "", one.confidence) for one in guesses
        ),
        is_remembered=is_remembered,
        rows=len(sheet.rows),
    )
    repeats_at = sa.select(sa.func.max(_ROW.uploaded_at)).where(
        _ROW.shop_id == new.shop_id, _ROW.file_hash == new.file_hash
    )
    session.execute(
        sa.insert(_ROW).values(
            id=import_id,
            shop_id=new.shop_id,
            file_name=new.file_name,
            size=new.size,
            file_hash=new.file_hash,
            header_key=header_key,
            state=ImportState.UPLOADED.value,
            facts=msgspec.to_builtins(facts),
            mapping=dict(mapping),
            content=zlib.compress(msgspec.msgpack.encode(sheet), 1),
            repeats_at=repeats_at.scalar_subquery(),
            uploaded_at=now,
            uploaded_by=new.by,
            uploaded_by_name=new.by_name,
        )
    )


def find_mapping(session: Session, *, shop_id: str, header_key: str) -> dict[str, int] | None:
    """Return how the newest file of a shop with these headings that was started was mapped."""
    return session.execute(
        sa.select(_ROW.mapping)
        .where(
            _ROW.shop_id == shop_id,
            _ROW.header_key == header_key,
            _ROW.started_at.is_not(None),
        )
        .order_by(_ROW.id.desc())
        .limit(1)
    ).scalar()


def lock_state(session: Session, import_id: str) -> ImportState | None:
    """Return where an import stands; nobody else changes it until this transaction ends."""
    state = session.execute(
        sa.select(_ROW.state).where(_ROW.id == import_id).with_for_update()
    ).scalar()
    return ImportState(state) if state else None


def find_state(session: Session, import_id: str) -> ImportState | None:
    """Return where an import stands."""
    state = session.execute(sa.select(_ROW.state).where(_ROW.id == import_id)).scalar()
    return ImportState(state) if state else None


def find_sheet(session: Session, import_id: str) -> ImportSheet | None:
    """Return the rows of a file, None when they were forgotten."""
    content = session.execute(sa.select(_ROW.content).where(_ROW.id == import_id)).scalar()
    if content is None:
        return None
    return msgspec.msgpack.decode(zlib.decompress(content), type=ImportSheet)


def save_mapping(session: Session, import_id: str, mapping: Mapping[str, int]) -> None:
    """Write what the columns mean; what was checked before counts no more."""
    session.execute(sa.delete(_ORDER).where(_ORDER.import_id == import_id))
    session.execute(
        sa.update(_ROW)
        .where(_ROW.id == import_id)
        .values(mapping=dict(mapping), state=ImportState.UPLOADED.value)
    )


def save_check(
    session: Session,
    import_id: str,
    read: Sequence[ReadImport],
    verdicts: Sequence[ImportVerdict],
) -> None:
    """Write the orders of a file with what is expected of each, in place of those before."""
    session.execute(sa.delete(_ORDER).where(_ORDER.import_id == import_id))
    rows = [
        {
            "import_id": import_id,
            "position": position,
            "number": order.number,
            "fingerprint": fingerprint_of(order.stated),
            "lines": list(order.lines),
            "expected": verdict.outcome.value,
            "order_id": verdict.order_id,
            "problems": told(verdict.problems),
            "facts": msgspec.to_builtins(order.stated) if order.stated else None,
        }
        for position, (order, verdict) in enumerate(zip(read, verdicts, strict=True), start=1)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(sa.insert(_ORDER), rows[start : start + _AT_ONCE])
    save_state(session, import_id, ImportState.CHECKED)


def save_state(
    session: Session,
    import_id: str,
    state: ImportState,
    *,
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> None:
    """Write where an import stands, and since when where that is told."""
    values: dict[str, str | datetime] = {"state": state.value}
    if started_at is not None:
        values["started_at"] = started_at
    if finished_at is not None:
        values["finished_at"] = finished_at
    session.execute(sa.update(_ROW).where(_ROW.id == import_id).values(values))


def find_import(session: Session, import_id: str) -> ImportRecord | None:
    """Return what is known of an import, with samples of its columns while its rows are there."""
    row = session.execute(sa.select(*_OF_IMPORT).where(_ROW.id == import_id)).first()
    if row is None:
        return None
    return _record(row, find_sheet(session, import_id), _counts(session, [import_id]))


def page(session: Session, *, before: str | None, limit: int) -> list[ImportRecord]:
    """Return imports without samples, the newest first."""
    wanted = sa.true() if before is None else _ROW.id < before
    rows = session.execute(
        sa.select(*_OF_IMPORT).where(wanted).order_by(_ROW.id.desc()).limit(limit)
    ).all()
    counts = _counts(session, [row.id for row in rows])
    return [_record(row, None, counts) for row in rows]


def forget_rows(session: Session, *, before: datetime, now: datetime) -> int:
    """Return how many imports lost their rows now: done before then, or left lying since then."""
    found = session.execute(
        sa.update(_ROW)
        .where(
            sa.func.coalesce(_ROW.finished_at, _ROW.uploaded_at) < before,
            _ROW.state != ImportState.RUNNING.value,
            _ROW.forgotten_at.is_(None),
        )
        .values(
            content=None,
            forgotten_at=now,
            state=sa.case(
                (_ROW.state == ImportState.DONE.value, _ROW.state),
                else_=ImportState.CANCELLED.value,
            ),
        )
        .returning(_ROW.id)
    ).scalars()
    ids = list(found)
    session.execute(sa.update(_ORDER).where(_ORDER.import_id.in_(ids)).values(facts=None))
    return len(ids)


_OF_IMPORT = (
    _ROW.id,
    _ROW.shop_id,
    _ROW.file_name,
    _ROW.size,
    _ROW.state,
    _ROW.facts,
    _ROW.mapping,
    _ROW.repeats_at,
    _ROW.uploaded_at,
    _ROW.uploaded_by_name,
    _ROW.started_at,
    _ROW.finished_at,
    _ROW.forgotten_at,
)
_Counts = dict[str, tuple[dict[ImportOutcome, int], dict[ImportOutcome, int]]]


def _counts(session: Session, ids: Collection[str]) -> _Counts:
    found: _Counts = {one: ({}, {}) for one in ids}
    rows = session.execute(
        sa.select(_ORDER.import_id, _ORDER.expected, _ORDER.outcome, sa.func.count())
        .where(_ORDER.import_id.in_(list(ids)))
        .group_by(_ORDER.import_id, _ORDER.expected, _ORDER.outcome)
    )
    for import_id, expected, outcome, count in rows:
        would, became = found[import_id]
        wanted = ImportOutcome(expected)
        would[wanted] = would.get(wanted, 0) + count
        if outcome is not None:
            came = ImportOutcome(outcome)
            became[came] = became.get(came, 0) + count
    return found


def _record(
    row: sa.Row[*tuple[Any, ...]], sheet: ImportSheet | None, counts: _Counts
) -> ImportRecord:
    facts = msgspec.convert(row.facts, _Facts)
    would, became = counts[row.id]
    return ImportRecord(
        id=row.id,
        shop_id=row.shop_id,
        file_name=row.file_name,
        size=row.size,
        state=ImportState(row.state),
        header=facts.header,
        mapping=dict(row.mapping),
        guesses=_guesses(facts, sheet),
        is_remembered=facts.is_remembered,
        rows=facts.rows,
        orders=sum(would.values()),
        expected=would,
        outcomes=became,
        repeats_at=row.repeats_at,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by_name,
        started_at=row.started_at,
        finished_at=row.finished_at,
        forgotten_at=row.forgotten_at,
    )


def _guesses(facts: _Facts, sheet: ImportSheet | None) -> tuple[GuessedColumn, ...]:
    return tuple(
        GuessedColumn(
            column=column,
            heading=facts.header[column],
            meaning=ImportField(meaning) if meaning else None,
            confidence=confidence,
            samples=column_samples(sheet, column) if sheet else (),
        )
        for column, (meaning, confidence) in enumerate(facts.guesses)
    )
