"""What orders refuse."""

from __future__ import annotations

from yinuo.core.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    """No order has this id."""

    code = "orders.not_found"


class HoldNotFound(NotFound):
    """The order never had this hold."""

    code = "orders.hold_not_found"


class BadOrder(Invalid):
    """An order that cannot be right; `problems` lists each as {field, problem}."""

    code = "orders.bad_order"


class BadTag(Invalid):
    """A tag is 1 to 32 characters without control characters or slashes."""

    code = "orders.bad_tag"


class IllegalTransition(Conflict):
    """Fulfillment cannot go from where it is to where it was told to go."""

    code = "orders.illegal_transition"


class AlreadyShipped(Conflict):
    """The goods have left: nothing can be cancelled any more."""

    code = "orders.already_shipped"


class OrderFinished(Conflict):
    """A shipped or cancelled order cannot be held."""

    code = "orders.order_finished"


class ReceiverIsSent(Conflict):
    """The order went out with its address, or is cancelled; the address stays as it is."""

    code = "orders.receiver_is_sent"


class PaymentNumberTaken(Conflict):
    """Another order already uses this payment number."""

    code = "orders.payment_number_taken"


class OrderIsHeld(Conflict):
    """Holds stand: the order is not sent to a warehouse."""

    code = "orders.order_is_held"


class BadPayment(Invalid):
    """A payment or refund without its numbers, or with an impossible amount."""

    code = "orders.bad_payment"
