"""Files of orders: kept, their columns mapped, checked, carried out order by order, forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from yinuo.channels.model.imports import (
    OPEN_STATES,
    ImportNotOpen,
    ImportOrder,
    ImportOutcome,
    ImportRecord,
    ImportSheet,
    ImportState,
    ImportVerdict,
    NewImport,
    ReadImport,
    RowsForgotten,
    StatedImport,
    UnknownImport,
    check_mapping,
    guess_columns,
    header_key,
    mapping_of,
)
from yinuo.channels.store import import_orders as order_store
from yinuo.channels.store import imports as store
from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor


def keep_file(session: Session, new: NewImport, sheet: ImportSheet, *, now: datetime) -> str:
    """Return the id of a new import; its columns mean what they meant the last time, or a guess.

    The same file again is a new import that tells when it came before: orders are known by their
    numbers, so none is doubled.
    """
    key, import_id = header_key(sheet.header), new_id("imp")
    guesses = guess_columns(sheet)
    before = store.find_mapping(session, shop_id=new.shop_id, header_key=key)
    store.insert_import(
        session,
        new,
        sheet,
        guesses,
        import_id=import_id,
        header_key=key,
        mapping=before if before is not None else mapping_of(guesses),
        is_remembered=before is not None,
        now=now,
    )
    return import_id


def load_import(session: Session, import_id: str) -> ImportRecord:
    """Return what is known of an import; raises UnknownImport."""
    found = store.find_import(session, import_id) if import_id.isprintable() else None
    if found is None:
        raise UnknownImport
    return found


def list_imports(session: Session, *, cursor: str | None, limit: int) -> Page[ImportRecord]:
    """Return imports, the newest first; raises BadCursor."""
    before = _text(cursor)
    most = clamp_limit(limit)
    found = store.page(session, before=before, limit=most + 1)
    more = encode_cursor([found[most - 1].id]) if len(found) > most else None
    return Page(found[:most], more)


def load_sheet(session: Session, import_id: str) -> ImportSheet:
    """Return the rows of a file; raises UnknownImport or RowsForgotten."""
    if store.find_state(session, import_id) is None:
        raise UnknownImport
    sheet = store.find_sheet(session, import_id)
    if sheet is None:
        raise RowsForgotten
    return sheet


def change_mapping(session: Session, import_id: str, mapping: Mapping[str, int]) -> None:
    """Say what the columns mean; raises BadMapping, ImportNotOpen, UnknownImport, RowsForgotten."""
    _lock_open(session, import_id)
    check_mapping(mapping, columns=len(load_sheet(session, import_id).header))
    store.save_mapping(session, import_id, mapping)


def keep_check(
    session: Session,
    import_id: str,
    read: Sequence[ReadImport],
    verdicts: Sequence[ImportVerdict],
    *,
    mapping: Mapping[str, int],
) -> None:
    """Keep what would become of each order; raises ImportNotOpen when the mapping changed since."""
    _lock_open(session, import_id)
    if load_import(session, import_id).mapping != mapping:
        raise ImportNotOpen(state=ImportState.UPLOADED.value)
    store.save_check(session, import_id, read, verdicts)


def begin(session: Session, import_id: str, *, now: datetime) -> bool:
    """Tell whether an import that was checked begins now; False when it runs or ran already.

    Raises ImportNotOpen, UnknownImport.
    """
    state = _lock(session, import_id)
    if state in {ImportState.RUNNING, ImportState.DONE}:
        return False
    if state is not ImportState.CHECKED:
        raise ImportNotOpen(state=state.value)
    store.save_state(session, import_id, ImportState.RUNNING, started_at=now)
    return True


def cancel(session: Session, import_id: str, *, now: datetime) -> None:
    """Stop an import before its next order; what came in stays. A repeat changes nothing.

    Raises ImportNotOpen for one that is done, UnknownImport.
    """
    state = _lock(session, import_id)
    if state is ImportState.DONE:
        raise ImportNotOpen(state=state.value)
    if state is not ImportState.CANCELLED:
        store.save_state(session, import_id, ImportState.CANCELLED, finished_at=now)


def finish(session: Session, import_id: str, *, now: datetime) -> ImportState:
    """Return where the import stands at its end: done, unless it was cancelled."""
    state = _lock(session, import_id)
    if state is ImportState.RUNNING:
        store.save_state(session, import_id, ImportState.DONE, finished_at=now)
        return ImportState.DONE
    return state


def is_running(session: Session, import_id: str) -> bool:
    """Tell whether the import runs."""
    return store.find_state(session, import_id) is ImportState.RUNNING


def next_orders(session: Session, import_id: str, *, after: int, limit: int) -> list[ImportOrder]:
    """Return the next orders of a file by position, with what they state."""
    return order_store.batch(session, import_id, after=after, limit=limit)


def take_waiting(session: Session, import_id: str, position: int) -> bool:
    """Tell whether the order still waits; it is the caller's until the transaction ends."""
    return order_store.lock_waiting(session, import_id, position)


def settle_order(session: Session, import_id: str, position: int, verdict: ImportVerdict) -> None:
    """Keep what became of an order that was taken."""
    order_store.save_outcome(session, import_id, position, verdict)


def same_as_before(
    session: Session, *, shop_id: str, stated: Sequence[StatedImport]
) -> dict[str, str]:
    """Return, by number, the orders that an earlier file stated just so."""
    prints = {order_store.fingerprint_of(one): one.number for one in stated}
    found = order_store.same_as_before(session, shop_id=shop_id, fingerprints=list(prints))
    return {prints[one]: order_id for one, order_id in found.items()}


def import_orders(
    session: Session,
    import_id: str,
    *,
    outcomes: Collection[ImportOutcome],
    cursor: str | None,
    limit: int,
) -> Page[ImportOrder]:
    """Return orders of a file in the file's order, with what is wrong; raises BadCursor."""
    after = decode_cursor(cursor, length=1)[0] if cursor else 0
    if not isinstance(after, int):
        raise BadCursor
    most = clamp_limit(limit, most=1000)
    found = order_store.orders_page(
        session, import_id, outcomes=outcomes, after=after, limit=most + 1
    )
    more = encode_cursor([found[most - 1].position]) if len(found) > most else None
    return Page(found[:most], more)


def forget_rows(session: Session, *, before: datetime, now: datetime) -> int:
    """Return how many imports lost now what persons stand in; the counts and numbers stay."""
    return store.forget_rows(session, before=before, now=now)


def _lock(session: Session, import_id: str) -> ImportState:
    state = store.lock_state(session, import_id) if import_id.isprintable() else None
    if state is None:
        raise UnknownImport
    return state


def _lock_open(session: Session, import_id: str) -> None:
    state = _lock(session, import_id)
    if state not in OPEN_STATES:
        raise ImportNotOpen(state=state.value)


def _text(cursor: str | None) -> str | None:
    if not cursor:
        return None
    key = decode_cursor(cursor, length=1)[0]
    if not isinstance(key, str):
        raise BadCursor
    return key
