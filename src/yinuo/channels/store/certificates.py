"""The SQL of completeness certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model.certificates import (
    Cause,
    Certificate,
    Colour,
    Doubt,
    Gap,
    GapKind,
    Tally,
)
from yinuo.channels.tables import CertificateGapRow, CertificateRow
from yinuo.core.db import Session
from yinuo.core.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A certificate as it is kept; `colour` and `made_at` are None before the first was made."""

    shop_id: str
    day: date
    is_waiting: bool
    colour: Colour | None
    made_at: datetime | None
    channel: Tally
    payments: Tally
    hub: Tally
    hub_goods: Tally
    erp: Tally
    doubts: tuple[Doubt, ...]
    gaps: int
    explained: int


def want(session: Session, shop_id: str, day: date) -> bool:
    """Note that a certificate is being made; False when one is already."""
    values = {"is_waiting": True}
    found = session.execute(
        insert(CertificateRow)
        .values(shop_id=shop_id, day=day, **values)
        .on_conflict_do_update(
            index_elements=["shop_id", "day"],
            set_=values,
            where=sa.not_(CertificateRow.is_waiting),
        )
        .returning(CertificateRow.shop_id)
    )
    return found.one_or_none() is not None


def save(
    session: Session, shop_id: str, day: date, certificate: Certificate, *, now: datetime
) -> None:
    """Write a certificate with its gaps in place of the one before."""
    tallies = {
        "channel": certificate.channel,
        "payments": certificate.payments,
        "hub": certificate.hub,
        "hub_goods": certificate.hub_goods,
        "erp": certificate.erp,
    }
    values: dict[str, object] = {
        "is_waiting": False,
        "colour": certificate.colour.value,
        "made_at": now,
        "doubts": [one.value for one in certificate.doubts],
    }
    for side, tally in tallies.items():
        values |= {f"{side}_orders": tally.orders, f"{side}_fen": tally.fen}
    session.execute(
        insert(CertificateRow)
        .values(shop_id=shop_id, day=day, **values)
        .on_conflict_do_update(index_elements=["shop_id", "day"], set_=values)
    )
    session.execute(
        sa.delete(CertificateGapRow).where(
            CertificateGapRow.shop_id == shop_id, CertificateGapRow.day == day
        )
    )
    rows = [
        {
            "shop_id": shop_id,
            "day": day,
            "kind": gap.kind.value,
            "number": gap.number,
            "raw_number": gap.raw_number,
            "order_id": gap.order_id,
            "channel_fen": gap.channel_fen,
            "hub_fen": gap.hub_fen,
            "erp_fen": gap.erp_fen,
            "cause": gap.cause.value,
            "held_by": gap.held_by,
        }
        for gap in certificate.gaps
    ]
    if rows:
        session.execute(insert(CertificateGapRow), rows)


def give_up(session: Session, shop_id: str, day: date) -> None:
    """Note that nobody makes the certificate any more; what was there stays."""
    session.execute(
        sa.update(CertificateRow)
        .where(CertificateRow.shop_id == shop_id, CertificateRow.day == day)
        .values(is_waiting=False)
    )


def of_days(session: Session, *, since: date, until: date) -> list[Kept]:
    """Return the certificates from a day up to and with another, the newest days first."""
    gaps = (
        sa.select(
            CertificateGapRow.shop_id,
            CertificateGapRow.day,
            sa.func.count().label("gaps"),
            sa.func.count()
            .filter(CertificateGapRow.cause != Cause.UNKNOWN.value)
            .label("explained"),
        )
        .where(CertificateGapRow.day.between(since, until))
        .group_by(CertificateGapRow.shop_id, CertificateGapRow.day)
        .subquery()
    )
    found = session.execute(
        sa.select(CertificateRow, gaps.c.gaps, gaps.c.explained)
        .outerjoin(
            gaps,
            sa.and_(gaps.c.shop_id == CertificateRow.shop_id, gaps.c.day == CertificateRow.day),
        )
        .where(CertificateRow.day.between(since, until))
        .order_by(CertificateRow.day.desc(), CertificateRow.shop_id)
    )
    return [_kept(row, gaps or 0, explained or 0) for row, gaps, explained in found]


def gaps_of(session: Session, shop_id: str, day: date, *, limit: int) -> list[Gap]:
    """Return the gaps of a certificate, those without a cause first."""
    found = session.execute(
        sa.select(CertificateGapRow)
        .where(CertificateGapRow.shop_id == shop_id, CertificateGapRow.day == day)
        .order_by(
            CertificateGapRow.cause != Cause.UNKNOWN.value,
            CertificateGapRow.kind,
            CertificateGapRow.number,
        )
        .limit(limit)
    ).scalars()
    return [_gap(row) for row in found]


def find_gap(
    session: Session, shop_id: str, day: date, *, kind: GapKind, number: str
) -> Gap | None:
    """Return one gap, or None when it is gone."""
    row = session.get(CertificateGapRow, (shop_id, day, kind.value, number))
    return _gap(row) if row else None


def made_at(session: Session, *, since: date) -> dict[tuple[str, date], datetime]:
    """Return when certificates of days were made, by shop and day."""
    found = session.execute(
        sa.select(CertificateRow.shop_id, CertificateRow.day, CertificateRow.made_at).where(
            CertificateRow.day >= since, CertificateRow.made_at.is_not(None)
        )
    )
    return {(shop_id, day): at for shop_id, day, at in found if at is not None}


def forget(session: Session, *, before: date) -> int:
    """Return how many certificates of days before were removed."""
    removed = session.execute(
        sa.delete(CertificateRow).where(CertificateRow.day < before).returning(CertificateRow.day)
    )
    return len(removed.all())


def _kept(row: CertificateRow, gaps: int, explained: int) -> Kept:
    return Kept(
        shop_id=row.shop_id,
        day=row.day,
        is_waiting=row.is_waiting,
        colour=Colour(row.colour) if row.colour else None,
        made_at=row.made_at,
        channel=_tally(row.channel_orders, row.channel_fen),
        payments=_tally(row.payments_orders, row.payments_fen),
        hub=_tally(row.hub_orders, row.hub_fen),
        hub_goods=_tally(row.hub_goods_orders, row.hub_goods_fen),
        erp=_tally(row.erp_orders, row.erp_fen),
        doubts=_doubts(row.doubts),
        gaps=gaps,
        explained=explained,
    )


def _doubts(values: Sequence[str]) -> tuple[Doubt, ...]:
    return tuple(Doubt(value) for value in values)


def _tally(orders: int, fen: int) -> Tally:
    return Tally(orders=orders, fen=Fen(fen))


def _gap(row: CertificateGapRow) -> Gap:
    return Gap(
        kind=GapKind(row.kind),
        number=row.number,
        raw_number=row.raw_number,
        order_id=row.order_id,
        channel_fen=_fen(row.channel_fen),
        hub_fen=_fen(row.hub_fen),
        erp_fen=_fen(row.erp_fen),
        cause=Cause(row.cause),
        held_by=row.held_by,
    )


def _fen(value: int | None) -> Fen | None:
    return None if value is None else Fen(value)
