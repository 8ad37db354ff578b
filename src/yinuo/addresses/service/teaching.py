"""People put addresses right, teach aliases by it, and take an alias back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yinuo.addresses.events import AliasChanged
from yinuo.addresses.model import Alias, ReadingState, Resolver
from yinuo.addresses.model.picking import Line
from yinuo.addresses.model.readings import (
    AliasConflicts,
    AliasKnown,
    AliasNotFound,
    AliasWish,
    AliasWithoutEffect,
    AlreadyDecided,
    Broken,
    Case,
    KeptAlias,
    Reading,
    ReadingNotFound,
    applied_alias,
    broken_by,
    case_texts,
    check_alias,
    check_code,
    conflicts,
    is_right,
    is_within,
    judge,
)
from yinuo.addresses.model.table import table
from yinuo.addresses.service.reading import settle
from yinuo.addresses.service.taught import taught
from yinuo.addresses.store import aliases as alias_store
from yinuo.addresses.store import readings as store
from yinuo.addresses.store.readings import Decision
from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce

# Doubtful addresses that a new alias may settle at once; those beyond stay with a person.
MOST_SETTLED = 200
_NEW = "als_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a correction would do; `settles` are other orders whose address the alias decides."""

    line: Line
    conflicts: tuple[Alias, ...]
    broken: tuple[Broken, ...]
    settles: tuple[str, ...]
    is_understood: bool

    @property
    def is_clean(self) -> bool:
        """Tell whether the alias stands in nobody's way."""
        return not self.conflicts and not self.broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction did."""

    reading: Reading
    alias_id: str | None
    settled: tuple[str, ...]


def preview(
    session: Session, order_id: str, *, code: str, wish: AliasWish | None = None
) -> Preview:
    """Return what a correction would do; nothing is kept. Raises BadCorrection, ReadingNotFound.

    `is_understood` tells whether the address would be read rightly next time, with the alias.
    """
    line = check_code(code)
    reading = store.find(session, order_id)
    if reading is None:
        raise ReadingNotFound(order_id=order_id[:64])
    if wish is None:
        return Preview(line=line, conflicts=(), broken=(), settles=(), is_understood=False)
    alias = check_alias(wish, alias_id=_NEW, code=code)
    return _weigh(session, reading, alias, line)


def _weigh(session: Session, reading: Reading, alias: Alias, line: Line) -> Preview:
    standing = taught(session).aliases
    aliases = (*standing, alias)
    resolver = Resolver(aliases)
    settles = [
        one.order_id
        for one in store.doubtful_with(session, _spellings(alias), limit=MOST_SETTLED)
        if one.order_id != reading.order_id and _is_settled(resolver, one, aliases, alias.id)
    ]
    again = judge(resolver, reading.stated, shop=reading.shop_id)
    return Preview(
        line=line,
        conflicts=conflicts(alias, standing),
        broken=broken_by(alias, standing, alias_store.active_cases(session)),
        settles=tuple(settles),
        is_understood=is_within(again.line, line),
    )


def _spellings(alias: Alias) -> list[str]:
    return list(dict.fromkeys([alias.text, table().folding.fold(alias.text).strip()]))


def _is_settled(
    resolver: Resolver, reading: Reading, aliases: Sequence[Alias], alias_id: str
) -> bool:
    again = judge(resolver, reading.stated, shop=reading.shop_id)
    return (
        again.doubt is None
        and applied_alias(again.resolved, aliases, shop=reading.shop_id) == alias_id
    )


def correct(
    session: Session,
    order_id: str,
    *,
    code: str,
    revision: int,
    by: str,
    by_name: str,
    now: datetime,
    wish: AliasWish | None = None,
    despite_conflicts: bool = False,
) -> Corrected:
    """Put an address right and teach the alias, if one is wished; what it settles is settled.

    `revision` is the reading's that the person saw. Raises ReadingNotFound, BadCorrection,
    AlreadyDecided, AliasKnown; and, unless the person has said to go on, AliasConflicts where
    other aliases or kept cases object, AliasWithoutEffect where the alias does not help.
    """
    line = check_code(code)
    reading = _locked(session, order_id, revision=revision)
    alias = check_alias(wish, alias_id=new_id("als"), code=code) if wish else None
    if alias is not None:
        alias_store.lock_stamp(session)  # one after another, so that no conflict goes unseen
        _teach(session, reading, alias, by=by, by_name=by_name, now=now, force=despite_conflicts)
    decision = Decision(
        code=line.code,
        state=ReadingState.CORRECTED,
        is_wrong=not _is_deeper(line.code, reading.code),
        alias_id=alias.id if alias else None,
        by=by,
        by_name=by_name,
        at=now,
    )
    store.insert_correction(session, order_id, before_code=reading.code, decision=decision)
    decided = store.decide(session, order_id, decision)
    settle(session, decided, actor=by_name)
    settled = _settle_others(session, order_id, alias, now=now) if alias else ()
    return Corrected(reading=decided, alias_id=alias.id if alias else None, settled=settled)


def _is_deeper(code: str, read: str) -> bool:
    """Tell whether a code is the one that was read, or a town in it."""
    return bool(read) and code.startswith(read)


def _locked(session: Session, order_id: str, *, revision: int) -> Reading:
    reading = store.find(session, order_id, lock=True) if order_id.isprintable() else None
    if reading is None:
        raise ReadingNotFound(order_id=order_id[:64])
    if reading.revision != revision:
        raise AlreadyDecided(by=reading.decided_by_name or "system")
    return reading


def _teach(
    session: Session,
    reading: Reading,
    alias: Alias,
    *,
    by: str,
    by_name: str,
    now: datetime,
    force: bool,
) -> None:
    standing = alias_store.standing(session)
    objecting = conflicts(alias, standing)
    broken = broken_by(alias, standing, alias_store.active_cases(session))
    if (objecting or broken) and not force:
        raise AliasConflicts(aliases=len(objecting), cases=len(broken))
    again = judge(Resolver((*standing, alias)), reading.stated, shop=reading.shop_id)
    if not is_within(again.line, check_code(alias.code)) and not force:
        raise AliasWithoutEffect(alias=alias.text)
    folded = table().folding.fold(alias.text).strip()
    is_new = alias_store.insert(
        session,
        alias,
        folded=folded,
        order_id=reading.order_id,
        by=by,
        by_name=by_name,
        now=now,
    )
    if not is_new:
        raise AliasKnown(text_length=len(folded))
    # What the person has seen to come out otherwise from now on is no longer what is right.
    alias_store.retire_cases(session, [one.case.id for one in broken])
    for text in case_texts(alias):
        case = Case(
            id=new_id("cas"),
            text=text,
            shop_id=reading.shop_id,
            code=alias.code,
            alias_id=alias.id,
        )
        if is_right((*standing, alias), case):
            alias_store.insert_case(session, case)
            break
    alias_store.new_stamp(session)
    announce(session, AliasChanged(alias_id=alias.id, is_active=True))


def _settle_others(
    session: Session, order_id: str, alias: Alias, *, now: datetime
) -> tuple[str, ...]:
    known = taught(session)
    settled = []
    for reading in store.doubtful_with(session, _spellings(alias), limit=MOST_SETTLED, lock=True):
        if reading.order_id == order_id:
            continue
        again = judge(known.resolver, reading.stated, shop=reading.shop_id)
        used = applied_alias(again.resolved, known.aliases, shop=reading.shop_id)
        if again.doubt is None and used == alias.id:
            decided = store.read_again(session, reading.order_id, again, alias_id=used, now=now)
            settle(session, decided, actor="system")
            settled.append(reading.order_id)
    return tuple(settled)


def confirm(
    session: Session, order_id: str, *, revision: int, by: str, by_name: str, now: datetime
) -> Reading:
    """Say that an address was read rightly; raises ReadingNotFound, AlreadyDecided, BadCorrection."""
    reading = _locked(session, order_id, revision=revision)
    check_code(reading.code)
    decision = Decision(
        code=reading.code,
        state=ReadingState.CONFIRMED,
        is_wrong=False,
        alias_id=reading.alias_id,
        by=by,
        by_name=by_name,
        at=now,
    )
    decided = store.decide(session, order_id, decision)
    settle(session, decided, actor=by_name)
    return decided


def roll_back_alias(
    session: Session, alias_id: str, *, by: str, by_name: str, why: str, now: datetime
) -> KeptAlias:
    """Take an alias back everywhere at once; taking it back again changes nothing.

    Orders that it decided stay as they are. Raises AliasNotFound.
    """
    alias_store.lock_stamp(session)
    found = alias_store.find(session, alias_id) if alias_id.isprintable() else None
    if found is None:
        raise AliasNotFound(alias_id=alias_id[:64])
    if alias_store.roll_back(session, alias_id, by=by, by_name=by_name, why=why, now=now):
        alias_store.new_stamp(session)
        announce(session, AliasChanged(alias_id=alias_id, is_active=False))
    return alias_store.find(session, alias_id) or found
