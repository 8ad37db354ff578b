"""Writing and loading aliases, their stamp, and the cases that they must not break."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from yinuo.addresses.model import Alias, AliasScope
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import Case, KeptAlias
from yinuo.addresses.tables import (
    AddressAliasRow,
    AddressAliasStampRow,
    AddressCaseRow,
    AddressReadingRow,
)
from yinuo.core.db import Session
from yinuo.core.ids import new_id

_ROW = AddressAliasRow
_STANDS = _ROW.rolled_back_at.is_(None)


def stamp(session: Session) -> str:
    """Return the stamp of the aliases that this transaction sees."""
    found: str = session.execute(_READ_STAMP).scalar_one()
    return found


_READ_STAMP = sa.select(AddressAliasStampRow.__table__.c.stamp)


def new_stamp(session: Session) -> None:
    """Change the stamp; changes of aliases follow one another from here to the commit."""
    session.execute(sa.update(AddressAliasStampRow).values(stamp=new_id("stp")))


def lock_stamp(session: Session) -> None:
    """Let no other transaction change aliases until this one ends."""
    session.execute(sa.select(AddressAliasStampRow.stamp).with_for_update())


def standing(session: Session) -> list[Alias]:
    """Return the aliases that hold."""
    rows = session.execute(
        sa.select(_ROW.id, _ROW.text, _ROW.code, _ROW.scope, _ROW.scope_value)
        .where(_STANDS)
        .order_by(_ROW.id)
    )
    return [
        Alias(row.id, row.text, row.code, AliasScope(row.scope), row.scope_value) for row in rows
    ]


def insert(
    session: Session,
    alias: Alias,
    *,
    folded: str,
    order_id: str,
    by: str,
    by_name: str,
    now: datetime,
) -> bool:
    """Write an alias; False when one of the same text and scope stands."""
    same = sa.select(_ROW.id).where(
        _STANDS,
        _ROW.folded == folded,
        _ROW.scope == alias.scope.value,
        _ROW.scope_value == alias.scope_value,
    )
    if session.execute(same).first() is not None:
        return False
    session.execute(
        sa.insert(_ROW).values(
            id=alias.id,
            text=alias.text,
            folded=folded,
            code=alias.code,
            scope=alias.scope.value,
            scope_value=alias.scope_value,
            order_id=order_id,
            made_by=by,
            made_by_name=by_name,
            made_at=now,
        )
    )
    return True


def roll_back(
    session: Session, alias_id: str, *, by: str, by_name: str, why: str, now: datetime
) -> bool:
    """Take an alias back with its cases; False when it does not stand."""
    taken = session.execute(
        sa.update(_ROW)
        .where(_ROW.id == alias_id, _STANDS)
        .values(
            rolled_back_at=now,
            rolled_back_by=by,
            rolled_back_by_name=by_name,
            rolled_back_why=why,
        )
        .returning(_ROW.id)
    ).first()
    session.execute(
        sa.update(AddressCaseRow).where(AddressCaseRow.alias_id == alias_id).values(is_active=False)
    )
    return taken is not None


def find(session: Session, alias_id: str) -> KeptAlias | None:
    """Return an alias with its story."""
    return next(iter(_kept(session, _ROW.id == alias_id, limit=1)), None)


def page(
    session: Session, *, before: tuple[datetime, str] | None, is_standing: bool | None, limit: int
) -> list[KeptAlias]:
    """Return aliases, the newest first."""
    wanted: sa.ColumnElement[bool] = sa.true()
    if before is not None:
        wanted = sa.and_(wanted, sa.tuple_(_ROW.made_at, _ROW.id) < sa.tuple_(*before))
    if is_standing is not None:
        wanted = sa.and_(wanted, _STANDS if is_standing else sa.not_(_STANDS))
    return _kept(session, wanted, limit=limit)


def _kept(session: Session, wanted: sa.ColumnElement[bool], *, limit: int) -> list[KeptAlias]:
    hits = (
        sa.select(sa.func.count())
        .where(AddressReadingRow.alias_id == _ROW.id)
        .correlate(_ROW)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(*_ROW.__table__.columns, hits.label("hits"))
        .where(wanted)
        .order_by(_ROW.made_at.desc(), _ROW.id.desc())
        .limit(limit)
    )
    return [
        KeptAlias(
            alias=Alias(row.id, row.text, row.code, AliasScope(row.scope), row.scope_value),
            line=line_of(row.code) or Line(),
            made_by_name=row.made_by_name,
            made_at=row.made_at,
            order_id=row.order_id,
            rolled_back_at=row.rolled_back_at,
            rolled_back_by_name=row.rolled_back_by_name,
            rolled_back_why=row.rolled_back_why,
            hits=row.hits,
        )
        for row in rows
    ]


def insert_case(session: Session, case: Case) -> None:
    """Keep a regression test."""
    session.execute(
        sa.insert(AddressCaseRow).values(
            id=case.id,
            text=case.text,
            shop_id=case.shop_id,
            code=case.code,
            alias_id=case.alias_id,
        )
    )


def retire_cases(session: Session, case_ids: Sequence[str]) -> None:
    """Ask no longer for what these regression tests hold."""
    session.execute(
        sa.update(AddressCaseRow).where(AddressCaseRow.id.in_(case_ids)).values(is_active=False)
    )


def active_cases(session: Session) -> list[Case]:
    """Return the regression tests of aliases that stand."""
    rows = session.execute(
        sa.select(
            AddressCaseRow.id,
            AddressCaseRow.text,
            AddressCaseRow.shop_id,
            AddressCaseRow.code,
            AddressCaseRow.alias_id,
        )
        .where(AddressCaseRow.is_active)
        .order_by(AddressCaseRow.id)
    )
    return [Case(**row._mapping) for row in rows]  # noqa: SLF001 - public by its documentation
