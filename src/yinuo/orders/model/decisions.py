"""The pure decisions: status, fulfillment steps, payments, refunds and newer versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yinuo.core.money import Fen
from yinuo.orders.model.errors import AlreadyShipped, IllegalTransition, OrderIsHeld
from yinuo.orders.model.nouns import (
    FulfillmentStatus,
    HoldReason,
    OrderState,
    OrderStatus,
    PaymentOutcome,
    PaymentStatus,
    PlaceOutcome,
    RefundStatus,
)

AMOUNT_MISMATCH = "payment_amount_mismatch"  # the hold that a wrong amount leaves
# Who clears a hold that a person put on.
HOLD_OWNERS: Mapping[HoldReason, str] = {
    HoldReason.MANUAL: "operations",
    HoldReason.ADDRESS_UNCLEAR: "customer_service",
    HoldReason.BUYER_ASKED: "customer_service",
    HoldReason.STOCK_DOUBT: "operations",
    HoldReason.RISK: "store_manager",
}
_PATH = (
    FulfillmentStatus.WAITING,
    FulfillmentStatus.RESERVED,
    FulfillmentStatus.SENDING,
    FulfillmentStatus.IN_WAREHOUSE,
    FulfillmentStatus.SHIPPED,
)
_NEXT: dict[FulfillmentStatus, frozenset[FulfillmentStatus]] = {
    FulfillmentStatus.WAITING: frozenset({FulfillmentStatus.RESERVED, FulfillmentStatus.CANCELLED}),
    FulfillmentStatus.RESERVED: frozenset(
        # Back to waiting when the reservation lapses or is released.
        {FulfillmentStatus.SENDING, FulfillmentStatus.WAITING, FulfillmentStatus.CANCELLED}
    ),
    FulfillmentStatus.SENDING: frozenset(
        # A shipment report may overtake our own note that the warehouse took the order.
        {FulfillmentStatus.IN_WAREHOUSE, FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED}
    ),
    FulfillmentStatus.IN_WAREHOUSE: frozenset(
        {FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED}
    ),
    FulfillmentStatus.SHIPPED: frozenset(),
    FulfillmentStatus.CANCELLED: frozenset(),
}
_UNPAID = frozenset({PaymentStatus.UNPAID, PaymentStatus.CLOSED})
_UNSENT = frozenset({FulfillmentStatus.WAITING, FulfillmentStatus.RESERVED})


def derive_status(
    payment: PaymentStatus, fulfillment: FulfillmentStatus, *, holds: int
) -> OrderStatus:
    """Return the status people see: cancelled, refunded and shipped first, then holds, then steps.

    An unpaid order with stock reserved is still unpaid; `holds` is how many stand.
    """
    if fulfillment is FulfillmentStatus.CANCELLED:
        return OrderStatus.CANCELLED
    if payment is PaymentStatus.REFUNDED:
        return OrderStatus.REFUNDED
    if fulfillment is FulfillmentStatus.SHIPPED:
        return OrderStatus.SHIPPED
    if holds:
        return OrderStatus.HELD
    if payment in _UNPAID and fulfillment in _UNSENT:
        return OrderStatus.UNPAID
    return OrderStatus(fulfillment.value)


def is_step(current: FulfillmentStatus, to: FulfillmentStatus) -> bool:
    """Tell whether going there moves the order; False when it is there or has passed it already.

    Raises AlreadyShipped for cancelling what has left, IllegalTransition for what cannot be.
    """
    if to in _NEXT[current]:
        return True
    if to is current or _has_passed(current, to):
        return False
    if current is FulfillmentStatus.SHIPPED and to is FulfillmentStatus.CANCELLED:
        raise AlreadyShipped
    raise IllegalTransition(current=current.value, to=to.value)


def _has_passed(current: FulfillmentStatus, to: FulfillmentStatus) -> bool:
    """Late news of a step forward is no news; going back to waiting is another thing."""
    if current not in _PATH or to not in _PATH or to is FulfillmentStatus.WAITING:
        return False
    return _PATH.index(to) < _PATH.index(current)


def check_not_held(to: FulfillmentStatus, *, holds: int) -> None:
    """Let an order go on; raises OrderIsHeld for sending it while holds stand.

    The other steps tell what has happened outside, and facts are not refused.
    """
    if holds and to is FulfillmentStatus.SENDING:
        raise OrderIsHeld(holds=holds)


def judge_payment(
    *, amount_fen: Fen, total_fen: Fen, payment: PaymentStatus, fulfillment: FulfillmentStatus
) -> PaymentOutcome:
    """Return what a payment, new to us, does to its order.

    The first payment of the exact amount is accepted; a second transaction is overpaid whatever
    its amount; money for a cancelled order is kept in the books for a refund.
    """
    if fulfillment is FulfillmentStatus.CANCELLED:
        return PaymentOutcome.ORDER_CANCELLED
    if payment is not PaymentStatus.UNPAID:
        return PaymentOutcome.OVERPAID
    if amount_fen != total_fen:
        return PaymentOutcome.AMOUNT_MISMATCH
    return PaymentOutcome.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """One payment in an order's books, with what of it went back."""

    outcome: PaymentOutcome
    amount_fen: Fen
    refunded_fen: Fen


_COUNTS = frozenset({PaymentOutcome.ACCEPTED, PaymentOutcome.ORDER_CANCELLED})


def payment_status_of(payments: Collection[Money], *, is_cancelled: bool) -> PaymentStatus:
    """Return the payment status that the books give.

    Wrong and surplus payments do not count, nor do their refunds: giving back a double payment
    leaves the order paid.
    """
    counted = [one for one in payments if one.outcome in _COUNTS]
    if not counted:
        return PaymentStatus.CLOSED if is_cancelled else PaymentStatus.UNPAID
    paid = sum(one.amount_fen for one in counted)
    refunded = sum(one.refunded_fen for one in counted)
    if refunded >= paid:
        return PaymentStatus.REFUNDED
    return PaymentStatus.PARTLY_REFUNDED if refunded else PaymentStatus.PAID


def with_books(state: OrderState, payments: Collection[Money]) -> OrderState:
    """Return the state with the sums and the payment status that its books give."""
    return replace(
        state,
        paid_fen=Fen(sum(one.amount_fen for one in payments)),
        refunded_fen=Fen(sum(one.refunded_fen for one in payments)),
        payment_status=payment_status_of(
            payments, is_cancelled=state.fulfillment_status is FulfillmentStatus.CANCELLED
        ),
    )


def refund_after(current: RefundStatus, told: RefundStatus) -> RefundStatus:
    """Return the refund's status after news: money that moved does not come back."""
    return current if current is RefundStatus.SUCCESS else told


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A refund in the books of one payment; see RefundReceived for `so_far_fen`."""

    id: str
    at: datetime
    amount_fen: Fen
    so_far_fen: Fen | None


def refund_amounts(refunds: Collection[GivenBack]) -> dict[str, Fen]:
    """Return what each of a payment's refunds gave back, whichever of them was told first.

    One of which only the sum so far is known gave back what the sum leaves after those before it.
    """
    amounts: dict[str, Fen] = {}
    total = 0
    for one in sorted(refunds, key=lambda one: (one.at, one.so_far_fen or 0, one.id)):
        amount = one.amount_fen if one.so_far_fen is None else max(0, one.so_far_fen - total)
        amounts[one.id] = Fen(amount)
        total += amount
    return amounts


def judge_version(
    *,
    known: int,
    told: int,
    is_cancelled: bool,
    has_changed: bool,
    payment: PaymentStatus,
    fulfillment: FulfillmentStatus,
) -> PlaceOutcome:
    """Return what a further message about a known order means.

    Only an unpaid order that no warehouse knows is changed in place; a change after payment, and
    any wish to cancel, is for the caller to carry out with people's eyes on it.
    """
    if told <= known:
        return PlaceOutcome.UNCHANGED if told == known else PlaceOutcome.STALE
    if fulfillment is FulfillmentStatus.CANCELLED:
        return PlaceOutcome.STALE
    if is_cancelled:
        return PlaceOutcome.CANCEL_ASKED
    if not has_changed:
        return PlaceOutcome.UNCHANGED
    if payment is PaymentStatus.UNPAID and fulfillment in _UNSENT:
        return PlaceOutcome.UPDATED
    return PlaceOutcome.CHANGED_AFTER_PAYMENT


def can_cancel(fulfillment: FulfillmentStatus) -> bool:
    """Tell whether asking to cancel makes sense; the warehouse may still refuse."""
    return FulfillmentStatus.CANCELLED in _NEXT[fulfillment]


def can_retry(payment: PaymentStatus, fulfillment: FulfillmentStatus) -> bool:
    """Tell whether a paid order still waits to be carried out."""
    is_paid = payment in {PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED}
    return is_paid and fulfillment in _UNSENT | {FulfillmentStatus.SENDING}


def items_text(items: Sequence[tuple[str, int]], *, most: int = 3) -> str:
    """Return "RUG-160×3 LOVE-2026×1 …" for pairs of SKU and quantity, the first few of them."""
    shown = " ".join(f"{sku}×{quantity}" for sku, quantity in items[:most])
    return f"{shown} …" if len(items) > most else shown
