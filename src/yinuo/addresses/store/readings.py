"""Writing and loading what was read of orders' addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.addresses.model import Doubt, ReadingState, StatedAddress
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import EvidenceLine, Judged, NewReading, Reading, evidence_lines
from yinuo.addresses.tables import AddressCorrectionRow, AddressReadingRow
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.users.model.audit import clean

_ROW = AddressReadingRow
_OPEN = _ROW.state == ReadingState.DOUBTFUL.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person or an alias decided about a reading."""

    code: str
    state: ReadingState
    is_wrong: bool
    alias_id: str | None
    by: str
    by_name: str
    at: datetime


def upsert(
    session: Session,
    order_id: str,
    *,
    shop_id: str,
    channel: str,
    stated: StatedAddress,
    judged: Judged,
    alias_id: str | None,
    now: datetime,
) -> Reading:
    """Write what was read, in the place of what was read of an older version of the order."""
    values = _first_values(shop_id, channel, stated, judged, alias_id=alias_id, now=now)
    row = session.execute(_UPSERT, {"order_id": order_id, "revision": 1, **values}).one()
    return _reading(row)


def insert_new(
    session: Session,
    readings: Sequence[NewReading],
    *,
    aliases: Sequence[str | None],
    now: datetime,
) -> None:
    """Write what was read of new orders; nothing can have been read of them before."""
    rows = [
        {
            "order_id": one.order_id,
            "revision": 1,
            **_first_values(
                one.shop_id, one.channel, one.stated, one.judged, alias_id=alias_id, now=now
            ),
        }
        for one, alias_id in zip(readings, aliases, strict=True)
    ]
    session.execute(_FRESH, rows)


_TABLE = cast("sa.Table", _ROW.__table__)
_COLUMNS_WRITTEN = """
    shop_id channel stated code confidence doubt contradictions evidence alias_id table_date state
    is_wrong read_at decided_by decided_by_name decided_at
"""
_WRITTEN = _COLUMNS_WRITTEN.split()
_FRESH = insert(_TABLE).values(
    {name: sa.bindparam(name) for name in ("order_id", "revision", *_WRITTEN)}
)
# Made once, as every order that comes in needs it.
_UPSERT = _FRESH.on_conflict_do_update(
    index_elements=["order_id"],
    set_={name: _FRESH.excluded[name] for name in _WRITTEN} | {"revision": _ROW.revision + 1},
).returning(*_TABLE.columns)


def _first_values(
    shop_id: str,
    channel: str,
    stated: StatedAddress,
    judged: Judged,
    *,
    alias_id: str | None,
    now: datetime,
) -> dict[str, object]:
    state = ReadingState.DOUBTFUL if judged.doubt else ReadingState.PASSED
    return {
        "shop_id": shop_id,
        "channel": channel,
        "stated": _stated_json(stated),
        **_read_values(judged, alias_id=alias_id),
        "state": state.value,
        "is_wrong": False,
        "read_at": now,
        "decided_by": "",
        "decided_by_name": "",
        "decided_at": None,
    }


def _read_values(judged: Judged, *, alias_id: str | None) -> dict[str, object]:
    found = judged.resolved
    return {
        "code": judged.line.code,
        "confidence": found.confidence,
        "doubt": judged.doubt.value if judged.doubt else None,
        "contradictions": [
            [one.kind.value, one.stated, one.against] for one in found.contradictions
        ],
        "evidence": [asdict(one) for one in evidence_lines(found)],
        "alias_id": alias_id,
        "table_date": found.table_date,
    }


def read_again(
    session: Session, order_id: str, judged: Judged, *, alias_id: str | None, now: datetime
) -> Reading:
    """Write what a doubtful reading means since an alias was taught."""
    row = session.execute(
        sa.update(_ROW)
        .where(_ROW.order_id == order_id)
        .values(
            **_read_values(judged, alias_id=alias_id),
            state=ReadingState.PASSED.value,
            revision=_ROW.revision + 1,
            decided_at=now,
        )
        .returning(*_ROW.__table__.columns)
    ).one()
    return _reading(row)


def decide(session: Session, order_id: str, decision: Decision) -> Reading:
    """Write what was decided about a locked reading."""
    row = session.execute(
        sa.update(_ROW)
        .where(_ROW.order_id == order_id)
        .values(
            code=decision.code,
            state=decision.state.value,
            is_wrong=sa.or_(_ROW.is_wrong, sa.literal(decision.is_wrong)),
            alias_id=decision.alias_id,
            revision=_ROW.revision + 1,
            decided_by=decision.by,
            decided_by_name=decision.by_name,
            decided_at=decision.at,
        )
        .returning(*_ROW.__table__.columns)
    ).one()
    return _reading(row)


def insert_correction(
    session: Session, order_id: str, *, before_code: str, decision: Decision
) -> str:
    """Return the id of a kept correction."""
    correction_id = new_id("cor")
    session.execute(
        sa.insert(AddressCorrectionRow).values(
            id=correction_id,
            order_id=order_id,
            before_code=before_code,
            after_code=decision.code,
            alias_id=decision.alias_id,
            made_by=decision.by,
            made_at=decision.at,
        )
    )
    return correction_id


def find(session: Session, order_id: str, *, lock: bool = False) -> Reading | None:
    """Return an order's reading, locked until the transaction ends where that is asked for."""
    statement = sa.select(*_ROW.__table__.columns).where(_ROW.order_id == order_id)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else _reading(row)


def doubtful(
    session: Session, *, after: tuple[datetime, str] | None, channel: str | None, limit: int
) -> list[Reading]:
    """Return doubtful readings, the longest waiting first."""
    statement = sa.select(*_ROW.__table__.columns).where(_OPEN)
    if after is not None:
        statement = statement.where(sa.tuple_(_ROW.read_at, _ROW.order_id) > sa.tuple_(*after))
    if channel is not None:
        statement = statement.where(_ROW.channel == channel)
    rows = session.execute(statement.order_by(_ROW.read_at, _ROW.order_id).limit(limit))
    return [_reading(row) for row in rows]


def doubtful_with(
    session: Session, texts: Sequence[str], *, limit: int, lock: bool = False
) -> list[Reading]:
    """Return doubtful readings whose stated text may hold one of the texts, oldest first.

    Where they are locked, those that another transaction is deciding about are left out.
    """
    stated = sa.cast(_ROW.stated, sa.Text)
    holds = sa.or_(*(sa.func.strpos(stated, text) > 0 for text in texts))
    statement = (
        sa.select(*_ROW.__table__.columns)
        .where(_OPEN, holds)
        .order_by(_ROW.read_at, _ROW.order_id)
        .limit(limit)
    )
    rows = session.execute(statement.with_for_update(skip_locked=True) if lock else statement)
    return [_reading(row) for row in rows]


def count_doubtful(session: Session) -> dict[str, int]:
    """Return how many readings wait for a person, by channel."""
    rows = session.execute(
        sa.select(_ROW.channel, sa.func.count()).where(_OPEN).group_by(_ROW.channel)
    )
    return {row[0]: row[1] for row in rows}


def _stated_json(stated: StatedAddress) -> dict[str, JsonValue]:
    """Return the stated fields as they are kept; name and phone stand with the order's receiver."""
    return {
        "province": clean(stated.province),
        "city": clean(stated.city),
        "district": clean(stated.district),
        "town": clean(stated.town),
        "detail": clean(stated.detail),
        "is_named": bool(stated.name.strip()),
        "has_phone": bool(stated.phone.strip()),
        "codes": [clean(code) for code in stated.codes],
    }


def as_kept(stated: StatedAddress) -> StatedAddress:
    """Return a stated address as it will be loaded again: without name and phone."""
    return _stated(_stated_json(stated))


KEPT = "-"  # stands for a name or phone that was stated: what it was, the order's receiver knows


def _stated(kept: Mapping[str, object]) -> StatedAddress:
    return StatedAddress(
        province=str(kept["province"]),
        city=str(kept["city"]),
        district=str(kept["district"]),
        town=str(kept["town"]),
        detail=str(kept["detail"]),
        name=KEPT if kept["is_named"] else "",
        phone=KEPT if kept["has_phone"] else "",
        codes=tuple(kept["codes"]) if isinstance(kept["codes"], list) else (),
    )


def _reading(row: sa.Row[*tuple[object, ...]]) -> Reading:
    values = row._mapping  # noqa: SLF001 - public by its documentation
    return Reading(
        order_id=values["order_id"],
        shop_id=values["shop_id"],
        channel=values["channel"],
        stated=_stated(values["stated"]),
        code=values["code"],
        line=line_of(values["code"]) or Line(),
        confidence=values["confidence"],
        doubt=Doubt(values["doubt"]) if values["doubt"] else None,
        contradictions=tuple((one[0], one[1], one[2]) for one in values["contradictions"]),
        evidence=tuple(EvidenceLine(**one) for one in values["evidence"]),
        alias_id=values["alias_id"],
        table_date=values["table_date"],
        state=ReadingState(values["state"]),
        revision=values["revision"],
        read_at=values["read_at"],
        decided_by_name=values["decided_by_name"],
        decided_at=values["decided_at"],
    )
