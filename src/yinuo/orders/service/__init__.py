"""The verbs of orders: each loads, decides, saves and announces in the caller's transaction.

`actor` is the name that the timeline shows: a user's name, or the part of the product that acted
("system", "wechat_pay", "warehouse").
"""

from yinuo.orders.service.holds import hold_order, release_hold
from yinuo.orders.service.payments import record_payment, record_payment_closed, record_refund
from yinuo.orders.service.placing import place_order
from yinuo.orders.service.reading import (
    due_payment_queries,
    find_by_payment_number,
    find_order,
    load_order,
    reconcile,
    reveal_receiver,
)
from yinuo.orders.service.receivers import change_receiver
from yinuo.orders.service.steps import (
    advance,
    mark_cancelled,
    record_sourcing,
    tag_order,
    untag_order,
    write_timeline,
)

__all__ = [
    "advance",
    "change_receiver",
    "due_payment_queries",
    "find_by_payment_number",
    "find_order",
    "hold_order",
    "load_order",
    "mark_cancelled",
    "place_order",
    "reconcile",
    "record_payment",
    "record_payment_closed",
    "record_refund",
    "record_sourcing",
    "release_hold",
    "reveal_receiver",
    "tag_order",
    "untag_order",
    "write_timeline",
]
