"""One difference between bill and books is settled: by asking the provider, or by a person's word.

    look       ask the provider what it knows, and say what could be done; nothing is changed
    take in    book the payment or refund that the provider states, as if its notice had come
    accept     let the difference stand, with a reason

Amounts that are booked are never overwritten, and money is never sent back from here: both need a
person who has looked at the provider's own pages.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from yinuo.connectors.protocols import PaymentSeen, PaymentState, RefundSeen, RefundState
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.errors import Conflict
from yinuo.core.money import Fen
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import Difference, DifferenceKind
from yinuo.users import service as users
from yinuo.users.model import Actor
from yinuo.workflows import ask_payments, take_refund
from yinuo.workflows.hub import hub

_ABOUT_REFUNDS = frozenset(
    {
        DifferenceKind.REFUND_NOT_IN_HUB,
        DifferenceKind.REFUND_NOT_IN_BILL,
        DifferenceKind.REFUND_AMOUNT_DIFFERS,
    }
)
_TAKES_IN_REFUND = frozenset(
    {DifferenceKind.REFUND_NOT_IN_HUB, DifferenceKind.REFUND_AMOUNT_DIFFERS}
)
_BY_ITSELF = _TAKES_IN_REFUND | {DifferenceKind.NOT_IN_HUB}
_MONEY_CAME = frozenset({PaymentState.PAID, PaymentState.REFUNDED})


class Deed(StrEnum):
    """What can be done about a difference without a person's judgment."""

    TAKE_IN_PAYMENT = "take_in_payment"
    TAKE_IN_REFUND = "take_in_refund"
    NOTHING = "nothing"


class NothingToTakeIn(Conflict):
    """What the provider knows does not settle the difference; a person must."""

    code = "payments.nothing_to_take_in"


class RepairChanged(Conflict):
    """The provider says something else by now than when the repair was shown."""

    code = "payments.repair_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """What asking the provider found: `code` says it in words, `told_fen` is its amount.

    `token` confirms exactly this.
    """

    deed: Deed
    code: str
    told_fen: Fen | None
    token: str
    payment: PaymentSeen | None = None
    refund: RefundSeen | None = None


def repairs_itself(difference: Difference) -> bool:
    """Tell whether asking the provider may settle a difference without a person."""
    return difference.found.kind in _BY_ITSELF


def look(difference: Difference) -> RepairPlan:
    """Ask the provider about a difference; raises Malformed, Rejected, Unavailable, NoSlot."""
    account = PaymentAccount(difference.bill.provider, difference.bill.account)
    payments, found = hub().connectors.payments(account), difference.found
    if found.kind is DifferenceKind.DUPLICATE:
        return _plan(difference, Deed.NOTHING, "duplicate")
    if found.kind in _ABOUT_REFUNDS:
        refund = payments.query_refund(found.refund_number, payment_number=found.payment_number)
        if refund is None or refund.transaction_id != found.transaction_id:
            return _plan(difference, Deed.NOTHING, "unknown_there")
        return _of_refund(difference, refund)
    payment = payments.query_payment(found.payment_number)
    if payment is None or payment.transaction_id != found.transaction_id:
        return _plan(difference, Deed.NOTHING, "unknown_there")
    return _of_payment(difference, payment)


def _of_refund(difference: Difference, refund: RefundSeen) -> RepairPlan:
    told = refund.amount_fen
    if refund.state is not RefundState.DONE:
        return _plan(difference, Deed.NOTHING, "refund_not_done", told=told)
    if difference.found.kind in _TAKES_IN_REFUND:
        return _plan(difference, Deed.TAKE_IN_REFUND, "take_in_refund", told=told, refund=refund)
    return _plan(difference, Deed.NOTHING, "refund_confirmed", told=told)


def _of_payment(difference: Difference, payment: PaymentSeen) -> RepairPlan:
    told = payment.amount_fen
    if payment.state not in _MONEY_CAME:
        return _plan(difference, Deed.NOTHING, "no_money", told=told)
    if difference.found.kind is DifferenceKind.NOT_IN_HUB:
        return _plan(
            difference, Deed.TAKE_IN_PAYMENT, "take_in_payment", told=told, payment=payment
        )
    if told == difference.found.hub_fen:
        return _plan(difference, Deed.NOTHING, "books_confirmed", told=told)
    return _plan(difference, Deed.NOTHING, "books_differ", told=told)


def _plan(
    difference: Difference,
    deed: Deed,
    word: str,
    *,
    told: Fen | None = None,
    payment: PaymentSeen | None = None,
    refund: RefundSeen | None = None,
) -> RepairPlan:
    exactly = f"{difference.id}:{deed.value}:{word}:{told}"
    return RepairPlan(
        deed=deed,
        code=f"payments.plan.{word}",
        told_fen=told,
        token=hashlib.sha256(exactly.encode()).hexdigest()[:32],
        payment=payment,
        refund=refund,
    )


def take_in(difference: Difference, plan: RepairPlan) -> bool:
    """Book what the plan holds; True when there was something. A repeat books nothing twice."""
    provider = difference.bill.provider
    if plan.payment is not None:
        if ask_payments.take_in(plan.payment, provider=provider) is None:
            return False
        repair = "payments.repair.payment_taken_in"
    elif plan.refund is not None:
        with hub().database.transaction() as session:
            take_refund.book_refund(session, plan.refund, provider=provider)
        repair = "payments.repair.refund_taken_in"
    else:
        return False
    with hub().database.transaction() as session:
        orders.note_repair(session, difference.id, repair=repair)
    return True


def accept(database: Database, difference_id: str, *, reason: str, actor: Actor) -> None:
    """Let a difference stand, with a person's reason; raises UnknownDifference, DifferenceSettled."""
    now = clock.now()
    with database.transaction() as session:
        difference = orders.accept_difference(session, difference_id, note=reason, now=now)
        exceptions.close_for_subject(
            session,
            kind=WorkItemKind.PAYMENT_DIFFERENCE,
            subject_type="payment_difference",
            subject_id=difference_id,
            resolution=Resolution.IGNORED,
            now=now,
        )
        users.record(
            session,
            actor=actor,
            action="payments.accept",
            object=difference_id,
            after={
                "kind": difference.found.kind.value,
                "number": difference.found.payment_number,
                "reason": reason,
            },
            now=now,
        )
