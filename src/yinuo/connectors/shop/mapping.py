"""From a shop's raw order to a typed one, or to every problem it has at once; pure."""

from __future__ import annotations

from yinuo.connectors.orders import (
    MOST_LINES,
    BadOrder,
    JsonObject,
    OrderReader,
    Problem,
    ProblemCode,
    decoded,
)
from yinuo.connectors.protocols import ChannelOrder, ChannelOrderLine, ChannelOrderStatus, Receiver
from yinuo.core.errors import JsonValue


def read_order(body: bytes) -> ChannelOrder:
    """Return the order in the body; raises BadOrder with all its problems.

    Fields that are not known are ignored.
    """
    reader = OrderReader()
    root = decoded(body)
    if root is None:
        raise BadOrder((Problem(ProblemCode.NOT_JSON, "$"),))
    order = _order(reader, root)
    if reader.problems:
        raise BadOrder(tuple(reader.problems), number=order.number if order else "")
    return order


def _order(reader: OrderReader, root: JsonObject) -> ChannelOrder:
    buyer = reader.part(root, "buyer", "$", is_needed=False)
    order = ChannelOrder(
        number=reader.text(root, "number", "$", most=64),
        version=reader.whole(root, "version", "$", least=1, most=10**9, default=1),
        placed_at=reader.moment(root, "placed_at", "$"),
        payment_number=reader.text(root, "payment_number", "$", most=64),
        buyer_id=reader.text(buyer, "id", "$.buyer", most=128, is_needed=False),
        buyer_nick=reader.text(buyer, "nick", "$.buyer", most=128, is_needed=False),
        lines=_lines(reader, root),
        items_fen=reader.amount(root, "items_fen", "$"),
        discount_fen=reader.amount(root, "discount_fen", "$"),
        freight_fen=reader.amount(root, "freight_fen", "$"),
        total_fen=reader.amount(root, "total_fen", "$"),
        receiver=_receiver(reader, root),
        remark=reader.text(root, "remark", "$", most=1000, is_needed=False),
        status=_status(reader, root),
    )
    if not reader.problems:
        reader.check_sums(order)
    return order


def _lines(reader: OrderReader, root: JsonObject) -> tuple[ChannelOrderLine, ...]:
    values = root.get("lines")
    if values is not None and not isinstance(values, list):
        reader.problem(ProblemCode.WRONG_TYPE, "$.lines")
        return ()
    if not values:
        reader.problem(ProblemCode.NO_LINES, "$.lines")
        return ()
    if len(values) > MOST_LINES:
        reader.problem(ProblemCode.TOO_MANY_LINES, "$.lines")
        return ()
    return tuple(_line(reader, value, f"$.lines[{number}]") for number, value in enumerate(values))


def _line(reader: OrderReader, value: JsonValue, path: str) -> ChannelOrderLine:
    found = value if isinstance(value, dict) else {}
    if not isinstance(value, dict):
        reader.problem(ProblemCode.WRONG_TYPE, path)
        reader = OrderReader()  # its fields are not there to be wrong
    return ChannelOrderLine(
        listing=reader.text(found, "listing", path, most=64),
        name=reader.text(found, "name", path, most=200, is_needed=False),
        quantity=reader.quantity(found, "quantity", path),
        unit_price_fen=reader.amount(found, "unit_price_fen", path),
        amount_fen=reader.amount(found, "amount_fen", path),
        is_gift=reader.flag(found, "is_gift", path),
    )


def _receiver(reader: OrderReader, root: JsonObject) -> Receiver:
    """Return the receiver as stated: any part but the detail may stand in the detail's text."""
    found, path = reader.part(root, "receiver", "$"), "$.receiver"
    if found is None:
        found, reader = {}, OrderReader()
    return Receiver(
        name=reader.text(found, "name", path, most=60, is_needed=False),
        phone=reader.text(found, "phone", path, most=30, is_needed=False),
        province=reader.text(found, "province", path, most=60, is_needed=False),
        city=reader.text(found, "city", path, most=60, is_needed=False),
        district=reader.text(found, "district", path, most=60, is_needed=False),
        town=reader.text(found, "town", path, most=60, is_needed=False),
        detail=reader.text(found, "detail", path, most=300),
    )


def _status(reader: OrderReader, root: JsonObject) -> ChannelOrderStatus:
    status = reader.text(root, "status", "$", most=20, is_needed=False) or "placed"
    try:
        return ChannelOrderStatus(status)
    except ValueError:
        reader.problem(ProblemCode.BAD_VALUE, "$.status")
        return ChannelOrderStatus.PLACED
