"""From an order as Pinduoduo lists it to a typed one, or to every problem it has at once; pure.

Money: a buyer pays goods − discount + postage + services, which is the order's total. Of the
discount only `seller_discount` is the merchant's: Pinduoduo pays `platform_discount` to the
merchant later, so a total is never what the merchant earns. `goods_amount` is less than the lines
when the merchant has lowered the price by hand; that too is a discount here.

Payment: Pinduoduo has the money once an order is confirmed (成交). Its `pay_no` may be ciphertext
that changes with every reading, so the order's number names the payment. One order is one payment.
"""

from __future__ import annotations

import re
from datetime import datetime

from yinuo.connectors.orders import (
    MOST_LINES,
    BadOrder,
    JsonObject,
    Problem,
    ProblemCode,
    decoded,
)
from yinuo.connectors.pinduoduo.reading import PinduoduoReader, loose
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderLine,
    ChannelOrderStatus,
    ChannelPayment,
    Obstacle,
    Receiver,
    SealedReceiver,
)
from yinuo.core.money import Fen

TO_SHIP, SHIPPED, SIGNED = 1, 2, 3
OPEN, CONFIRMED, CALLED_OFF = 0, 1, 2
GROUP_FAILED = 2
NO_REFUND, REFUND_ASKED, REFUNDING, REFUNDED = 1, 2, 3, 4
UNDER_REVIEW = 1
_NUMBER = re.compile(r"\d{6}-\d{9,24}", re.ASCII)
_LONGEST_SEAL = 2000


def payment_number(number: str) -> str:
    """Return what the hub calls the payment of an order: PDD and the number's digits."""
    return f"PDD{number.replace('-', '')}"


def read_order(body: bytes) -> ChannelOrder:
    """Return the order in the body; raises BadOrder with all its problems.

    The body is one object of the increment list, or `order_info`. Fields that are not known are
    ignored; a code that is not known is a problem.
    """
    reader = PinduoduoReader()
    root = decoded(body)
    if root is None:
        raise BadOrder((Problem(ProblemCode.NOT_JSON, "$"),))
    order = _order(reader, root)
    if reader.problems or order is None:
        raise BadOrder(tuple(reader.problems), number=order.number if order else "")
    return order


class _States:
    """The codes that say where an order stands."""

    __slots__ = ("confirmed", "group", "refund", "risk", "shipping")

    def __init__(self, reader: PinduoduoReader, root: JsonObject) -> None:
        self.shipping = reader.code(root, "order_status", "$", known=_SHIPPING)
        self.confirmed = reader.code(root, "confirm_status", "$", known=_CONFIRMED)
        self.group = reader.code(root, "group_status", "$", known=_CONFIRMED, default=1)
        self.refund = reader.code(root, "refund_status", "$", known=_REFUND)
        self.risk = reader.code(root, "risk_control_status", "$", known=_RISK, default=0)

    @property
    def is_cancelled(self) -> bool:
        """Tell whether nothing shall be sent: called off, or all money given back before it left.

        Money given back after that is an after-sale; how much, only the refund says.
        """
        is_refunded = self.refund == REFUNDED and self.shipping == TO_SHIP
        return is_refunded or self.confirmed == CALLED_OFF or self.group == GROUP_FAILED

    @property
    def has_receiver(self) -> bool:
        """Tell whether Pinduoduo gives the receiver in this state."""
        return (
            self.shipping == TO_SHIP
            and self.confirmed == CONFIRMED
            and self.risk != UNDER_REVIEW
            and self.refund == NO_REFUND
            and not self.is_cancelled
        )

    def obstacles(self) -> frozenset[Obstacle]:
        """Return why the order shall not leave yet."""
        found = set()
        if self.risk == UNDER_REVIEW:
            found.add(Obstacle.RISK_REVIEW)
        if self.refund in {REFUND_ASKED, REFUNDING}:
            found.add(Obstacle.REFUND_ASKED)
        return frozenset(found)


_SHIPPING = frozenset({TO_SHIP, SHIPPED, SIGNED})
_CONFIRMED = frozenset({OPEN, CONFIRMED, CALLED_OFF})
_REFUND = frozenset({NO_REFUND, REFUND_ASKED, REFUNDING, REFUNDED})
_RISK = frozenset({0, UNDER_REVIEW})


def _order(reader: PinduoduoReader, root: JsonObject) -> ChannelOrder | None:
    """Return the order, None where a moment that it cannot be without is not there."""
    number = reader.text(root, "order_sn", "$", most=40)
    if number and not _NUMBER.fullmatch(number):
        reader.problem(ProblemCode.BAD_VALUE, "$.order_sn")
    states = _States(reader, root)
    placed_at = reader.beijing(root, "created_time", "$")
    changed_at = reader.beijing(root, "updated_at", "$")
    ship_by = reader.beijing(root, "last_ship_time", "$", is_needed=False)
    lines = _lines(reader, root, "item_list", is_gift=False)
    if not lines:
        reader.problem(ProblemCode.NO_LINES, "$.item_list")
    lines += _lines(reader, root, "gift_list", is_gift=True)
    if len(lines) > MOST_LINES:
        reader.problem(ProblemCode.TOO_MANY_LINES, "$.item_list")
    freight = reader.yuan(root, "postage", "$", is_needed=False) + _services(reader, root)
    total = reader.yuan(root, "pay_amount", "$")
    items = Fen(sum(line.amount_fen for line in lines))
    discount = _discount(reader, root, items=items, freight=freight, total=total)
    paid_at = _paid_at(reader, root, states)
    receiver, sealed = _receiver(reader, root, states)
    remark = reader.text(root, "buyer_memo", "$", most=1000, is_needed=False)
    seller_remark = reader.text(root, "remark", "$", most=1000, is_needed=False)
    if placed_at is None or changed_at is None:
        return None
    status = ChannelOrderStatus.CANCELLED if states.is_cancelled else ChannelOrderStatus.PLACED
    payment = None
    if paid_at is not None:
        payment = ChannelPayment(transaction_id=number, amount_fen=total, paid_at=paid_at)
    return ChannelOrder(
        number=number,
        version=int(changed_at.timestamp()),
        placed_at=placed_at,
        payment_number=payment_number(number),
        buyer_id="",
        buyer_nick="",
        lines=lines,
        items_fen=items,
        discount_fen=discount,
        freight_fen=Fen(freight),
        total_fen=total,
        receiver=receiver,
        remark=remark,
        status=status,
        payment=payment,
        sealed=sealed,
        obstacles=states.obstacles(),
        seller_remark=seller_remark,
        ship_by=ship_by,
    )


def _lines(
    reader: PinduoduoReader, root: JsonObject, name: str, *, is_gift: bool
) -> tuple[ChannelOrderLine, ...]:
    found, lines = _objects(reader, root, name), []
    for path, value in found:
        listing = _listing(reader, value, path)
        quantity = reader.units(value, "goods_count", path)
        price = Fen(0) if is_gift else reader.yuan(value, "goods_price", path)
        title = reader.text(value, "goods_name", path, most=200, is_needed=False)
        spec = reader.text(value, "goods_spec", path, most=200, is_needed=False)
        lines.append(
            ChannelOrderLine(
                listing=listing,
                name=f"{title} {spec}".strip()[:200],
                quantity=quantity,
                unit_price_fen=price,
                amount_fen=Fen(price * quantity),
                is_gift=is_gift,
            )
        )
    return tuple(lines)


def _listing(reader: PinduoduoReader, line: JsonObject, path: str) -> str:
    """Return the merchant's own code of what was sold, else Pinduoduo's number of it."""
    own = reader.text(line, "outer_id", path, most=64, is_needed=False)
    if own:
        return own
    sku = loose(line.get("sku_id"))
    if isinstance(sku, int) and not isinstance(sku, bool) and 0 < sku < 10**19:
        return str(sku)
    reader.problem(ProblemCode.MISSING, f"{path}.outer_id")
    return ""


def _objects(reader: PinduoduoReader, root: JsonObject, name: str) -> list[tuple[str, JsonObject]]:
    """Return the objects of a list with their paths; what is none of them is a problem."""
    values = root.get(name)
    if values is None:
        return []
    if not isinstance(values, list):
        reader.problem(ProblemCode.WRONG_TYPE, f"$.{name}")
        return []
    found = []
    for place, value in enumerate(values[: MOST_LINES + 1]):
        path = f"$.{name}[{place}]"
        if isinstance(value, dict):
            found.append((path, value))
        else:
            reader.problem(ProblemCode.WRONG_TYPE, path)
    return found


def _services(reader: PinduoduoReader, root: JsonObject) -> int:
    """Return what the buyer pays for services, such as a better carrier: it counts as freight."""
    return sum(
        reader.yuan(value, "service_fee", path, is_needed=False)
        for path, value in _objects(reader, root, "service_fee_detail")
    )


def _discount(
    reader: PinduoduoReader, root: JsonObject, *, items: int, freight: int, total: int
) -> Fen:
    """Return all that was taken off the lines, and note a sum that does not fit its parts."""
    goods = reader.yuan(root, "goods_amount", "$")
    discount = reader.yuan(root, "discount_amount", "$")
    lowered = reader.yuan(root, "order_change_amount", "$", is_needed=False)
    if reader.problems:
        return discount  # of wrong parts no sum can be right
    if items - goods not in {0, lowered}:
        reader.problem(ProblemCode.ITEMS_AMOUNT, "$.goods_amount")
    elif total != goods - discount + freight:
        reader.problem(ProblemCode.TOTAL_AMOUNT, "$.pay_amount")
    return Fen(items - goods + discount)


def _paid_at(reader: PinduoduoReader, root: JsonObject, states: _States) -> datetime | None:
    """Return when the buyer paid, None unless the order is confirmed or was before its end."""
    confirmed_at = reader.beijing(
        root, "confirm_time", "$", is_needed=states.confirmed == CONFIRMED
    )
    paid_at = reader.beijing(root, "pay_time", "$", is_needed=False)
    if confirmed_at is None or states.confirmed == OPEN:
        return None
    return paid_at or confirmed_at


def _receiver(
    reader: PinduoduoReader, root: JsonObject, states: _States
) -> tuple[Receiver, SealedReceiver]:
    """Return what people may see of the receiver, and what can be opened; both may be empty."""
    is_needed = states.has_receiver

    def seal(name: str) -> str:
        return reader.text(root, name, "$", most=_LONGEST_SEAL, is_needed=is_needed)

    def shown(name: str, *, most: int) -> str:
        return reader.text(root, name, "$", most=most, is_needed=False)

    sealed = SealedReceiver(
        name=seal("receiver_name"), phone=seal("receiver_phone"), detail=seal("receiver_address")
    )
    receiver = Receiver(
        name=shown("receiver_name_mask", most=60),
        phone=shown("receiver_phone_mask", most=30),
        province=reader.text(root, "province", "$", most=60, is_needed=is_needed),
        city=shown("city", most=60),
        district=shown("town", most=60),
        detail=shown("receiver_address_mask", most=300),
    )
    return receiver, sealed
