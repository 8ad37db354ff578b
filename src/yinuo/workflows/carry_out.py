"""Making one document in another system exactly once, whatever dies or gets lost meanwhile.

The attempt is written down before the call. An answer that did not come is looked up, after a
time in which the other side may still be at work, before the call is repeated. A refusal stops
the order with a work item; an unavailable system puts the run off.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yinuo.connectors.protocols import OutcomeUnknown, Rejected, Unavailable
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue, YinuoError
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import AlreadyCancelled, DocumentKind, DocumentState, Move
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotoSource
from yinuo.orders import service as orders
from yinuo.orders.model import OrderFinished, TimelineEntry
from yinuo.workflows.hub import hub

HUB = "workflows.system.hub"
ERP = "workflows.system.erp"
WAREHOUSE = "workflows.system.warehouse"
# What a person is told when a system stays away for long.
AWAY: Mapping[str, WorkItemKind] = {
    ERP: WorkItemKind.ERP_OUTCOME_UNKNOWN,
    WAREHOUSE: WorkItemKind.WMS_OUTCOME_UNKNOWN,
}
# Documents by which another system claims the order's stock.
CLAIMS: Mapping[DocumentKind, PhotoSource] = {
    DocumentKind.WMS_HOLD: PhotoSource.WMS,
    DocumentKind.ERP_DOCUMENT: PhotoSource.ERP,
}


class Outcome(StrEnum):
    """How a step ended: go on, try the run again later, or stop until a person acts."""

    DONE = "done"
    PUT_OFF = "put_off"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Made:
    """A document that stands in the other system; `outside_number` is its name there."""

    outside_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One document to make.

    `find` looks it up (None where the other side itself answers a repeat as the first time);
    `made` runs in the transaction that notes success.
    """

    order_id: str
    kind: DocumentKind
    system: str
    refused: WorkItemKind
    call: Callable[[], Made]
    find: Callable[[], Made | None] | None
    made: Callable[[Session, Made], None]


@dataclass(frozen=True, slots=True)
class Step:
    """A step's outcome as the engine keeps it: what put it off, and which system that was."""

    outcome: str
    error: str = ""
    system: str = HUB

    def as_text(self) -> str:
        """Return the three as one plain value."""
        return f"{self.outcome}:{self.error}:{self.system}"

    @staticmethod
    def from_text(text: str) -> Step:
        """Return what `as_text` made."""
        outcome, error, system = text.split(":")
        return Step(outcome, error, system)


def carry_out(errand: Errand) -> str:
    """Return the step's outcome as text; safe to run again at any point."""
    shared = hub()
    try:
        with shared.database.transaction() as session:
            move = fulfillment.begin_call(
                session,
                errand.order_id,
                errand.kind,
                settle=shared.settings.settle,
                now=clock.now(),
            )
            seen = fulfillment.load_document(session, errand.order_id, errand.kind)
            if move is Move.CALL and errand.kind in CLAIMS:
                inventory.note_pushed(
                    session, errand.order_id, system=CLAIMS[errand.kind], now=clock.now()
                )
    except AlreadyCancelled as error:
        return Step(Outcome.STOPPED, error.code).as_text()
    attempts = seen.attempts if seen is not None else 0
    match move:
        case Move.NOTHING:
            return Step(Outcome.DONE).as_text()
        case Move.STOP:
            return Step(Outcome.STOPPED, AlreadyCancelled.code).as_text()
        case Move.WAIT if errand.find is not None:
            return Step(Outcome.PUT_OFF, OutcomeUnknown.code, errand.system).as_text()
        case Move.CALL | Move.WAIT | Move.PROBE:
            return _call(errand, attempts=attempts, is_repeat=move is not Move.CALL)


def _call(errand: Errand, *, attempts: int, is_repeat: bool) -> str:
    try:
        made = errand.find() if is_repeat and errand.find is not None else None
        if made is None:
            if is_repeat and not _begin_repeat(errand, attempts=attempts):
                return Step(Outcome.PUT_OFF, OutcomeUnknown.code, errand.system).as_text()
            made = errand.call()
    except AlreadyCancelled as error:
        return Step(Outcome.STOPPED, error.code).as_text()
    except Rejected as error:
        _refused(errand, error)
        return Step(Outcome.STOPPED, error.code).as_text()
    except OutcomeUnknown as error:
        _note_unknown(errand, error=error.code)
        return Step(Outcome.PUT_OFF, error.code, errand.system).as_text()
    except (Unavailable, NoSlot) as error:
        _not_done(errand, error.code, is_repeat=is_repeat)
        return Step(Outcome.PUT_OFF, error.code, errand.system).as_text()
    _note_made(errand, made)
    return Step(Outcome.DONE).as_text()


def _note_made(errand: Errand, made: Made) -> None:
    """Note success and what follows from it, together.

    When what follows cannot be noted, the other system's number is kept all the same, as an
    outcome to look up: the next run finds the document and tries to note it again.
    """
    try:
        with hub().database.transaction() as session:
            _mark(errand, session, state=DocumentState.DONE, made=made)
            errand.made(session, made)
            if errand.kind in CLAIMS:
                inventory.note_posted(
                    session, errand.order_id, system=CLAIMS[errand.kind], now=clock.now()
                )
    except Exception as error:
        code = error.code if isinstance(error, YinuoError) else type(error).__name__
        with hub().database.transaction() as session:
            _mark(errand, session, state=DocumentState.UNKNOWN, made=made, error=code)
        raise


def _begin_repeat(errand: Errand, *, attempts: int) -> bool:
    with hub().database.transaction() as session:
        return fulfillment.begin_repeat(
            session, errand.order_id, errand.kind, attempts=attempts, now=clock.now()
        )


def _mark(
    errand: Errand,
    session: Session,
    *,
    state: DocumentState,
    made: Made | None = None,
    error: str | None = None,
) -> None:
    fulfillment.mark(
        session,
        errand.order_id,
        errand.kind,
        state=state,
        outside_number=None if made is None else made.outside_number,
        error=error,
        now=clock.now(),
    )


def _note_unknown(errand: Errand, *, error: str) -> None:
    with hub().database.transaction() as session:
        _mark(errand, session, state=DocumentState.UNKNOWN, error=error)


def _not_done(errand: Errand, error: str, *, is_repeat: bool) -> None:
    """An unavailable system did nothing this time; what an earlier call did stays unknown."""
    if is_repeat:
        _note_unknown(errand, error=error)
        return
    with hub().database.transaction() as session:
        fulfillment.mark_untried(
            session, errand.order_id, errand.kind, error=error, now=clock.now()
        )


def _refused(errand: Errand, error: Rejected) -> None:
    """A refusal holds the order and tells a person, with the other side's own words."""
    with hub().database.transaction() as session:
        _mark(errand, session, state=DocumentState.REJECTED, error=error.code)
        stop(
            session,
            errand.order_id,
            kind=errand.refused,
            code=error.code,
            params={**error.details, "system": errand.system},
            timeline="workflows.timeline.refused",
        )


def stop(
    session: Session,
    order_id: str,
    *,
    kind: WorkItemKind,
    code: str,
    params: Mapping[str, object],
    timeline: str,
) -> None:
    """Hold the order, raise the work item that clears it, and note why.

    An order that was shipped or cancelled meanwhile cannot be held; the work item stays.
    """
    now = clock.now()
    order = orders.load_order(session, order_id)
    plain: dict[str, JsonValue] = {
        key: value for key, value in params.items() if isinstance(value, str | int)
    }
    raised = exceptions.raise_item(
        session,
        NewItem(
            kind=kind,
            subject_type="order",
            subject_id=order_id,
            subject_label=order.number,
            code=code,
            params=plain,
        ),
        now=now,
    )
    with contextlib.suppress(OrderFinished):
        orders.hold_order(
            session,
            order_id,
            reason=kind.value,
            owner_role=raised.item.owner_role.value,
            note="",
            actor="system",
            now=now,
        )
    orders.write_timeline(session, order_id, TimelineEntry(at=now, code=timeline, params=plain))
