"""From an order as Douyin lists it to a typed one, or to every problem it has at once; pure.

Money: `pay_amount` is what the buyer owes and the order's total; postage, packing and tax are its
freight; what is then missing from the lines is the discount. That includes what Douyin and its
talents give (`promotion_platform_amount`, `promotion_talent_amount`): they pay it to the merchant
when they settle, so it is not the merchant's loss, and a total is never what the merchant earns.
What the merchant gives is `promotion_shop_amount` alone.

Payment: Douyin has the money of every order beyond status 1, but for cash on delivery, which is paid
once there is a `pay_time`. `channel_payment_no` is what WeChat or Alipay call the payment.

Address: `town` is the district and `street` the town. Any level may be null, empty, missing or that
of another level; the hub's address resolver repairs that, here it is kept as stated.

Refunds: one that is asked for holds the order. So does a line that was given back before an order
left that is not called off: what is left of it to send, a person says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yinuo.connectors.douyin.reading import DouyinReader
from yinuo.connectors.orders import (
    MOST_LINES,
    BadOrder,
    JsonObject,
    Problem,
    ProblemCode,
    decoded,
)
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderLine,
    ChannelOrderStatus,
    ChannelPayment,
    Obstacle,
    Receiver,
    SealedReceiver,
)
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen

TO_PAY, TO_SHIP, SHIPPED, CANCELLED, FINISHED = 1, 2, 3, 4, 5
PART_SHIPPED, PROCESSING = 101, 105
STATUSES = frozenset({TO_PAY, TO_SHIP, SHIPPED, CANCELLED, FINISHED, PART_SHIPPED, PROCESSING})
PAID = STATUSES - {TO_PAY, CANCELLED}
NOT_ALL_LEFT = frozenset({PROCESSING, TO_SHIP, PART_SHIPPED})
ON_DELIVERY = 0
# After-sale states: asked for, goods on their way back, sent back; given; refused, closed, over.
_ASKED = frozenset({6, 7, 11})
_GIVEN = frozenset({12, 51})
_AFTER_SALE = _ASKED | _GIVEN | {0, 13, 14, 27, 28, 29, 53}
_REFUNDING, _REFUNDED = frozenset({1, 2}), 3
_REFUND = frozenset(range(5))
_REFUND_KINDS = frozenset({-1, 0, 1, 2})  # the others change or repair the goods, or the price
_KINDS = _REFUND_KINDS | frozenset(range(3, 10))
_PAY_TYPES = frozenset(range(100))
_LONGEST_SEAL = 2000


def payment_number(number: str) -> str:
    """Return what the hub calls the payment of an order: DY and the order's number."""
    return f"DY{number}"


def read_order(body: bytes) -> ChannelOrder:
    """Return the order in the body; raises BadOrder with all its problems.

    The body is one object of `shop_order_list`, or `shop_order_detail`. Fields that are not known
    are ignored; a code that is not known is a problem.
    """
    reader = DouyinReader()
    root = decoded(body)
    if root is None:
        raise BadOrder((Problem(ProblemCode.NOT_JSON, "$"),))
    order = _order(reader, root)
    if reader.problems or order is None:
        raise BadOrder(tuple(reader.problems), number=order.number if order else "")
    return order


@dataclass(slots=True)
class _Lines:
    """The lines of an order, and what they say of refunds and promises."""

    lines: list[ChannelOrderLine]
    refund_asked: bool = False
    given_back: bool = False
    ship_by: datetime | None = None


def _order(reader: DouyinReader, root: JsonObject) -> ChannelOrder | None:
    number = reader.ident(root, "order_id", "$")
    status = reader.status(root, "order_status", "$", known=STATUSES)
    placed_at = reader.unix(root, "create_time", "$")
    changed_at = reader.unix(root, "update_time", "$")
    found = _lines(reader, root)
    freight = _freight(reader, root)
    total = Fen(reader.fen(root, "pay_amount", "$"))
    items = Fen(sum(line.amount_fen for line in found.lines))
    discount = items + freight - total
    if discount < 0 and not reader.problems:
        reader.problem(ProblemCode.TOTAL_AMOUNT, "$.pay_amount")
    payment = _payment(reader, root, number=number, status=status, total=total)
    receiver, sealed = _receiver(reader, root)
    ship_by = _ship_by(reader, root) or found.ship_by
    buyer = reader.text(root, "doudian_open_id", "$", most=128, is_needed=False)
    remark = reader.text(root, "buyer_words", "$", most=1000, is_needed=False)
    seller_remark = reader.text(root, "seller_words", "$", most=1000, is_needed=False)
    if placed_at is None or changed_at is None:
        return None
    is_held = found.refund_asked or (found.given_back and status in NOT_ALL_LEFT)
    is_cancelled = status == CANCELLED
    return ChannelOrder(
        number=number,
        version=int(changed_at.timestamp()),
        placed_at=placed_at,
        payment_number=payment_number(number),
        buyer_id=buyer,
        buyer_nick="",
        lines=tuple(found.lines),
        items_fen=items,
        discount_fen=Fen(discount),
        freight_fen=Fen(freight),
        total_fen=total,
        receiver=receiver,
        remark=remark,
        status=ChannelOrderStatus.CANCELLED if is_cancelled else ChannelOrderStatus.PLACED,
        payment=payment,
        sealed=sealed,
        obstacles=frozenset({Obstacle.REFUND_ASKED}) if is_held else frozenset(),
        seller_remark=seller_remark,
        ship_by=ship_by,
    )


def _freight(reader: DouyinReader, root: JsonObject) -> int:
    """Return what the buyer pays beside the goods."""
    return (
        reader.fen(root, "post_amount", "$")
        + reader.fen(root, "packing_amount", "$", is_needed=False)
        + reader.fen(root, "tax_amount", "$", is_needed=False)
    )


def _payment(
    reader: DouyinReader, root: JsonObject, *, number: str, status: int, total: Fen
) -> ChannelPayment | None:
    """Return the payment that Douyin has; a cancelled order keeps the one that it had."""
    pay_type = reader.status(root, "pay_type", "$", known=_PAY_TYPES, default=1)
    is_needed = status in PAID and pay_type != ON_DELIVERY
    paid_at = reader.unix(root, "pay_time", "$", is_needed=is_needed)
    own = reader.text(root, "channel_payment_no", "$", most=128, is_needed=False)
    if paid_at is None or status == TO_PAY:
        return None
    return ChannelPayment(transaction_id=own or number, amount_fen=total, paid_at=paid_at)


def _lines(reader: DouyinReader, root: JsonObject) -> _Lines:
    found, values = _Lines([]), root.get("sku_order_list")
    if values is not None and not isinstance(values, list):
        reader.problem(ProblemCode.WRONG_TYPE, "$.sku_order_list")
    elif not values:
        reader.problem(ProblemCode.NO_LINES, "$.sku_order_list")
    elif len(values) > MOST_LINES:
        reader.problem(ProblemCode.TOO_MANY_LINES, "$.sku_order_list")
    else:
        for place, value in enumerate(values):
            _read_line(reader, value, f"$.sku_order_list[{place}]", into=found)
    return found


def _read_line(reader: DouyinReader, value: JsonValue, path: str, *, into: _Lines) -> None:
    if not isinstance(value, dict):
        reader.problem(ProblemCode.WRONG_TYPE, path)
        return
    into.lines.append(_line(reader, value, path))
    status = reader.status(value, "order_status", path, known=STATUSES, default=TO_SHIP)
    ship_by = reader.unix(value, "exp_ship_time", path, is_needed=False)
    if ship_by is not None:
        into.ship_by = min(ship_by, into.ship_by or ship_by)
    sale, where = reader.nested(value, "after_sale_info", path), f"{path}.after_sale_info"
    after = reader.status(sale, "after_sale_status", where, known=_AFTER_SALE, default=0)
    kind = reader.status(sale, "after_sale_type", where, known=_KINDS, default=-1)
    refund = reader.status(sale, "refund_status", where, known=_REFUND, default=0)
    into.refund_asked |= refund in _REFUNDING or (after in _ASKED and kind in _REFUND_KINDS)
    into.given_back |= status == CANCELLED or refund == _REFUNDED
    into.given_back |= after in _GIVEN and kind in _REFUND_KINDS


def _line(reader: DouyinReader, line: JsonObject, path: str) -> ChannelOrderLine:
    before = len(reader.problems)
    listing = _listing(reader, line, path)
    given = reader.text(line, "given_product_type", path, most=20, is_needed=False)
    if given not in {"", "MASTER", "FREE"}:
        reader.problem(ProblemCode.BAD_VALUE, f"{path}.given_product_type")
    is_gift = given == "FREE"
    quantity = reader.quantity(line, "item_num", path)
    price = Fen(0) if is_gift else reader.amount(line, "origin_amount", path)
    amount = Fen(price * quantity)
    if not is_gift and line.get("sum_amount") is not None:
        amount = reader.amount(line, "sum_amount", path)
        if amount > price * quantity and len(reader.problems) == before:
            reader.problem(ProblemCode.LINE_AMOUNT, f"{path}.sum_amount")
    title = reader.text(line, "product_name", path, most=200, is_needed=False)
    return ChannelOrderLine(
        listing=listing,
        name=f"{title} {_spec(reader, line, path)}".strip()[:200],
        quantity=quantity,
        unit_price_fen=price,
        amount_fen=amount,
        is_gift=is_gift,
    )


def _listing(reader: DouyinReader, line: JsonObject, path: str) -> str:
    """Return the merchant's own code of what was sold, else Douyin's number of it."""
    outer = line.get("out_sku_id")
    own = str(outer) if isinstance(outer, int) and not isinstance(outer, bool) and outer else ""
    if not own and outer != 0:
        own = reader.text(line, "out_sku_id", path, most=64, is_needed=False)
    if not own or own == "0":
        own = reader.text(line, "code", path, most=64, is_needed=False)
    return own or reader.ident(line, "sku_id", path)


def _spec(reader: DouyinReader, line: JsonObject, path: str) -> str:
    """Return what was chosen, such as a colour and a size."""
    values = line.get("spec")
    if values is None:
        return ""
    if not isinstance(values, list):
        reader.problem(ProblemCode.WRONG_TYPE, f"{path}.spec")
        return ""
    found = []
    for place, value in enumerate(values[:20]):
        if isinstance(value, dict):
            where = f"{path}.spec[{place}]"
            found.append(reader.text(value, "value", where, most=100, is_needed=False))
        else:
            reader.problem(ProblemCode.WRONG_TYPE, f"{path}.spec[{place}]")
    return " ".join(found)


def _ship_by(reader: DouyinReader, root: JsonObject) -> datetime | None:
    """Return until when the merchant has promised to ship: of the order, else of its promise."""
    stated = reader.unix(root, "exp_ship_time", "$", is_needed=False)
    if stated is not None:
        return stated
    promise = reader.nested(root, "promise_info", "$")
    return reader.unix(promise, "exp_ship_time", "$.promise_info", is_needed=False)


def _receiver(reader: DouyinReader, root: JsonObject) -> tuple[Receiver, SealedReceiver]:
    """Return what people may see of the receiver, and what can be opened; both may be empty."""
    place, mask = reader.nested(root, "post_addr", "$"), reader.nested(root, "mask_post_addr", "$")

    def level(name: str) -> str:
        return _level(reader, place, name, "$.post_addr") or _level(
            reader, mask, name, "$.mask_post_addr"
        )

    def shown(name: str, *, most: int) -> str:
        return reader.text(root, f"mask_{name}", "$", most=most, is_needed=False) or reader.text(
            root, name, "$", most=most, is_needed=False
        )

    def seal(parent: JsonObject, name: str, path: str) -> str:
        return reader.text(parent, name, path, most=_LONGEST_SEAL, is_needed=False)

    detail = reader.text(mask, "detail", "$.mask_post_addr", most=300, is_needed=False)
    receiver = Receiver(
        name=shown("post_receiver", most=60),
        phone=shown("post_tel", most=30),
        province=level("province"),
        city=level("city"),
        district=level("town"),
        town=level("street"),
        detail=detail or reader.text(place, "detail", "$.post_addr", most=300, is_needed=False),
    )
    sealed = SealedReceiver(
        name=seal(root, "encrypt_post_receiver", "$"),
        phone=seal(root, "encrypt_post_tel", "$"),
        detail=seal(place, "encrypt_detail", "$.post_addr"),
    )
    return receiver, sealed


def _level(reader: DouyinReader, place: JsonObject, name: str, path: str) -> str:
    """Return the name of one level, given as an object or as the bare name."""
    value = place.get(name)
    if isinstance(value, dict):
        return reader.text(value, "name", f"{path}.{name}", most=60, is_needed=False)
    return reader.text(place, name, path, most=60, is_needed=False)
