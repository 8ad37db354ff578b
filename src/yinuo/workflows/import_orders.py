"""A file of orders comes in: kept, its columns mapped, checked without effect, then carried out.

put_file   decoded and kept; the columns mean what they meant the last time, or a guess
check      every order: new, there already, different from what is there, or refused and why
start      a person says so; a durable process places order by order, each in one transaction
with its outcome, so that a worker that dies leaves nothing doubled and nothing lost
cancel     before the next order; what came in stays
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import timedelta

from yinuo.channels import service as channels
from yinuo.channels.model import Shop
from yinuo.channels.model.imports import (
    ImportOrder,
    ImportOutcome,
    ImportRecord,
    ImportVerdict,
    NewImport,
    ReadImport,
    check_complete,
    decode_file,
    missing_fields,
    read_orders,
)
from yinuo.channels.service import imports
from yinuo.core import clock, durable
from yinuo.core.db import Session, Unreachable, trouble_of
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.users import service as users
from yinuo.users.model import Actor
from yinuo.workflows import take_stated
from yinuo.workflows.hub import hub

log = logger(__name__)
BATCH = 50
_PAUSES = (0.2, 1.0, 3.0)
_ENDED = frozenset({"ERROR", "CANCELLED"})


class Unexpected(YinuoError):
    """An order could not be placed by an error that nobody foresaw; the log knows more."""

    code = "imports.unexpected"


@durable.process("import_orders")
def import_orders(import_id: str) -> str:
    """Carry an import out, and return where it stands at its end."""
    position = 0
    while position >= 0:
        position = durable.step("import_batch", _batch, import_id, position)
    return durable.step("finish_import", _finish, import_id)


def put_file(shop_id: str, content: bytes, *, file_name: str, actor: Actor) -> ImportRecord:
    """Keep a file and check it at once where its columns are known.

    Raises BadFile and its like, UnknownShop, ShopNotForFiles.
    """
    shared = hub()
    with shared.database.read() as session:
        shop = take_stated.load_shop(session, shop_id)
    sheet = decode_file(content)
    with shared.database.transaction() as session:
        import_id = imports.keep_file(
            session,
            NewImport(
                shop_id=shop.id,
                file_name=file_name,
                size=len(content),
                file_hash=hashlib.sha256(content).hexdigest(),
                by=actor.id,
                by_name=actor.name,
            ),
            sheet,
            now=clock.now(),
        )
        _audit(session, actor, "imports.upload", import_id)
        record = imports.load_import(session, import_id)
    return record if missing_fields(record.mapping) else check(import_id)


def map_columns(import_id: str, mapping: Mapping[str, int]) -> ImportRecord:
    """Say what the columns mean, and check anew where nothing is missing.

    Raises BadMapping, ImportNotOpen, UnknownImport, RowsForgotten.
    """
    with hub().database.transaction() as session:
        imports.change_mapping(session, import_id, mapping)
        record = imports.load_import(session, import_id)
    return record if missing_fields(mapping) else check(import_id)


def check(import_id: str) -> ImportRecord:
    """Return the import with what would become of each of its orders now; nothing is placed.

    Raises MappingIncomplete, ImportNotOpen, UnknownImport, RowsForgotten.
    """
    shared = hub()
    with shared.database.read() as session:
        record = imports.load_import(session, import_id)
        check_complete(record.mapping)
        shop = take_stated.load_shop(session, record.shop_id)
        sheet = imports.load_sheet(session, import_id)
        read = read_orders(sheet, record.mapping, channel=shop.channel)
        verdicts = _verdicts(session, shop, read)
    with shared.database.transaction() as session:
        imports.keep_check(session, import_id, read, verdicts, mapping=record.mapping)
        return imports.load_import(session, import_id)


def _verdicts(session: Session, shop: Shop, read: list[ReadImport]) -> list[ImportVerdict]:
    stated = [one.stated for one in read if one.stated is not None]
    lookup = take_stated.look_up(session, shop, stated)
    known = take_stated.known_numbers(session, shop, stated)
    same = imports.same_as_before(session, shop_id=shop.id, stated=stated)
    verdicts = []
    for one in read:
        if one.stated is None:
            verdict = ImportVerdict(outcome=ImportOutcome.REFUSED, problems=one.problems)
        elif one.number in same:
            verdict = ImportVerdict(outcome=ImportOutcome.EXISTS, order_id=same[one.number])
        else:
            verdict = take_stated.judge(session, shop, one.stated, lookup, known=known)
        verdicts.append(verdict)
    return verdicts


def start(import_id: str, *, actor: Actor) -> ImportRecord:
    """Begin to carry an import out; one that has begun goes on, also when its process broke off.

    Raises ImportNotOpen, UnknownImport.
    """
    shared = hub()
    key = _open_key(import_id)
    with shared.database.transaction() as session:
        if imports.begin(session, import_id, now=clock.now()):
            _audit(session, actor, "imports.start", import_id)
        if imports.is_running(session, import_id):
            durable.start(session, import_orders, import_id, key=key)
        return imports.load_import(session, import_id)


def _open_key(import_id: str) -> str:
    """Return the key of the import's process, a further one when those before broke off."""
    key, tries = f"import:{import_id}", 1
    while (found := durable.state(hub().database, key)) is not None and found.status in _ENDED:
        tries += 1
        key = f"import:{import_id}:{tries}"
    return key


def cancel(import_id: str, *, actor: Actor) -> ImportRecord:
    """Stop an import before its next order; raises ImportNotOpen when it is done."""
    with hub().database.transaction() as session:
        imports.cancel(session, import_id, now=clock.now())
        _audit(session, actor, "imports.cancel", import_id)
        return imports.load_import(session, import_id)


def forget_rows() -> int:
    """Return how many imports lost their rows: persons stand in them."""
    shared, now = hub(), clock.now()
    with shared.database.transaction() as session:
        before = now - timedelta(days=shared.settings.import_days)
        return imports.forget_rows(session, before=before, now=now)


def _batch(import_id: str, after: int) -> int:
    """Place the next orders and return the last position, -1 at the end.

    A repeat finds what became of those that were placed, and claims for them again.
    """
    shared = hub()
    with shared.database.read() as session:
        if not imports.is_running(session, import_id):
            return -1
        shop = channels.load_shop(session, imports.load_import(session, import_id).shop_id)
        waiting = imports.next_orders(session, import_id, after=after, limit=BATCH)
    for one in waiting:
        order_id = one.order_id if one.outcome is ImportOutcome.NEW else None
        if one.outcome is None:
            order_id = _take(import_id, shop, one)
        if order_id is not None:
            take_stated.claim(shop, order_id)
    return waiting[-1].position if len(waiting) == BATCH else -1


def _take(import_id: str, shop: Shop, one: ImportOrder) -> str | None:
    """Place one order with its outcome, and return its id when it is new.

    Whatever is wrong with one order, the others go on; a database that was busy is asked again.
    """
    for pause in (*_PAUSES, None):
        try:
            with hub().database.transaction() as session:
                verdict = _taken(session, import_id, shop, one)
        except YinuoError as error:
            verdict = _put_aside(import_id, one, error)
        except Unreachable as error:
            if pause is None:
                raise
            log.warning("import_waits", import_id=import_id, reason=trouble_of(error))
            time.sleep(pause)
            continue
        except Exception as error:  # noqa: BLE001 - the edge: told beside its row, and the others go on
            log.warning("import_order_failed", import_id=import_id, error=type(error).__name__)
            verdict = _put_aside(import_id, one, Unexpected())
        break
    return verdict.order_id if verdict and verdict.outcome is ImportOutcome.NEW else None


def _put_aside(import_id: str, one: ImportOrder, error: YinuoError) -> ImportVerdict:
    log.info("import_order_refused", import_id=import_id, error=error.code)
    verdict = take_stated.refused(error)
    with hub().database.transaction() as session:
        if imports.take_waiting(session, import_id, one.position):
            imports.settle_order(session, import_id, one.position, verdict)
    return verdict


def _taken(session: Session, import_id: str, shop: Shop, one: ImportOrder) -> ImportVerdict | None:
    if not imports.is_running(session, import_id):
        return None  # cancelled since
    if not imports.take_waiting(session, import_id, one.position):
        return None  # another worker took it
    if one.stated is None:
        verdict = ImportVerdict(outcome=ImportOutcome.REFUSED, problems=one.problems)
    else:
        lookup = take_stated.look_up(session, shop, [one.stated])
        same = imports.same_as_before(session, shop_id=shop.id, stated=[one.stated])
        if same:
            verdict = ImportVerdict(outcome=ImportOutcome.EXISTS, order_id=same[one.number])
        else:
            verdict = take_stated.take(session, shop, one.stated, lookup)
    imports.settle_order(session, import_id, one.position, verdict)
    return verdict


def _finish(import_id: str) -> str:
    with hub().database.transaction() as session:
        return imports.finish(session, import_id, now=clock.now()).value


def _audit(session: Session, actor: Actor, action: str, import_id: str) -> None:
    users.record(session, actor=actor, action=action, object=import_id, now=clock.now())
