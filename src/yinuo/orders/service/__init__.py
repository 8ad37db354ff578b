"""The verbs of orders: each loads, decides, saves and announces in the caller's transaction.

`actor` is the name that the timeline shows: a user's name, or the part of the product that acted
("system", "wechat_pay", "warehouse").
"""

from yinuo.orders.service.bills import (
    accept_difference,
    bill_not_there,
    book_bill,
    claim_bill,
    compare_again,
    forget_bill_lines,
    load_difference,
    note_repair,
    plan_bills,
    want_bill,
)
from yinuo.orders.service.holds import hold_order, release_hold
from yinuo.orders.service.payments import record_payment, record_payment_closed, record_refund
from yinuo.orders.service.placing import lock_unknown, place_order, place_unknown
from yinuo.orders.service.reading import (
    day_orders,
    day_summary,
    due_payment_queries,
    find_by_payment_number,
    find_order,
    known_numbers,
    load_order,
    reconcile,
    reveal_receiver,
)
from yinuo.orders.service.receivers import change_receiver
from yinuo.orders.service.settling import (
    NotPlain,
    PlainPayment,
    book_plain,
    lock_payment_number,
    lock_plain,
)
from yinuo.orders.service.steps import (
    advance,
    mark_cancelled,
    record_sourcing,
    tag_order,
    untag_order,
    write_timeline,
)

__all__ = [
    "NotPlain",
    "PlainPayment",
    "accept_difference",
    "advance",
    "bill_not_there",
    "book_bill",
    "book_plain",
    "change_receiver",
    "claim_bill",
    "compare_again",
    "day_orders",
    "day_summary",
    "due_payment_queries",
    "find_by_payment_number",
    "find_order",
    "forget_bill_lines",
    "hold_order",
    "known_numbers",
    "load_difference",
    "load_order",
    "lock_payment_number",
    "lock_plain",
    "lock_unknown",
    "mark_cancelled",
    "note_repair",
    "place_order",
    "place_unknown",
    "plan_bills",
    "reconcile",
    "record_payment",
    "record_payment_closed",
    "record_refund",
    "record_sourcing",
    "release_hold",
    "reveal_receiver",
    "tag_order",
    "untag_order",
    "want_bill",
    "write_timeline",
]
