"""From a shop's raw order to a typed one, or to every problem it has at once; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from yinuo.connectors.protocols import Receiver
from yinuo.core.errors import Invalid, JsonValue
from yinuo.core.money import Fen

MOST_LINES = 200
MOST_UNITS = 9_999
MOST_FEN = 1_000_000_000  # ten million yuan in one order of a home-textile shop is a mistake
JsonObject: TypeAlias = dict[str, "JsonValue"]
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class ProblemCode(StrEnum):
    """What can be wrong with a field of an order."""

    NOT_JSON = "shop.problem.not_json"
    MISSING = "shop.problem.missing"
    WRONG_TYPE = "shop.problem.wrong_type"
    TOO_LONG = "shop.problem.too_long"
    BAD_CHARACTERS = "shop.problem.bad_characters"
    BAD_TIME = "shop.problem.bad_time"
    BAD_VALUE = "shop.problem.bad_value"
    BAD_QUANTITY = "shop.problem.bad_quantity"
    HUGE_QUANTITY = "shop.problem.huge_quantity"
    NEGATIVE_AMOUNT = "shop.problem.negative_amount"
    HUGE_AMOUNT = "shop.problem.huge_amount"
    LINE_AMOUNT = "shop.problem.line_amount"
    ITEMS_AMOUNT = "shop.problem.items_amount"
    TOTAL_AMOUNT = "shop.problem.total_amount"
    NO_LINES = "shop.problem.no_lines"
    TOO_MANY_LINES = "shop.problem.too_many_lines"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, and where: a JSON path such as `$.lines[0].quantity`."""

    code: ProblemCode
    path: str


class BadOrder(Invalid):
    """The order cannot be right; `problems` are all there are, in the order of the fields."""

    code = "shop.bad_order"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(problems=[{"code": one.code.value, "path": one.path} for one in problems])


class ShopOrderStatus(StrEnum):
    """What the shop says of the order itself; payment is told by the payment provider."""

    PLACED = "placed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrderLine:
    """One line as the shop sold it; `listing` is the shop's own product code."""

    listing: str
    name: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    is_gift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """An order as the shop sent it, typed; total = items − discount + freight."""

    number: str
    version: int
    placed_at: datetime
    payment_number: str
    buyer_id: str = field(repr=False)
    buyer_nick: str = field(repr=False)
    lines: tuple[ChannelOrderLine, ...]
    items_fen: Fen
    discount_fen: Fen
    freight_fen: Fen
    total_fen: Fen
    receiver: Receiver
    remark: str = field(repr=False)
    status: ShopOrderStatus


def read_order(body: bytes) -> ChannelOrder:
    """Return the order in the body; raises BadOrder with all its problems.

    Fields that are not known are ignored.
    """
    reader = _Reader()
    root = _decoded(body)
    if root is None:
        raise BadOrder((Problem(ProblemCode.NOT_JSON, "$"),))
    order = _order(reader, root)
    if reader.problems:
        raise BadOrder(tuple(reader.problems))
    return order


def _decoded(body: bytes) -> JsonObject | None:
    try:
        root = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _order(reader: _Reader, root: JsonObject) -> ChannelOrder:
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
        _check_sums(reader, order)
    return order


def _lines(reader: _Reader, root: JsonObject) -> tuple[ChannelOrderLine, ...]:
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


def _line(reader: _Reader, value: JsonValue, path: str) -> ChannelOrderLine:
    found = value if isinstance(value, dict) else {}
    if not isinstance(value, dict):
        reader.problem(ProblemCode.WRONG_TYPE, path)
        reader = _Reader()  # its fields are not there to be wrong
    return ChannelOrderLine(
        listing=reader.text(found, "listing", path, most=64),
        name=reader.text(found, "name", path, most=200, is_needed=False),
        quantity=reader.quantity(found, "quantity", path),
        unit_price_fen=reader.amount(found, "unit_price_fen", path),
        amount_fen=reader.amount(found, "amount_fen", path),
        is_gift=reader.flag(found, "is_gift", path),
    )


def _receiver(reader: _Reader, root: JsonObject) -> Receiver:
    """Return the receiver as stated: any part but the detail may stand in the detail's text."""
    found, path = reader.part(root, "receiver", "$"), "$.receiver"
    if found is None:
        found, reader = {}, _Reader()
    return Receiver(
        name=reader.text(found, "name", path, most=60, is_needed=False),
        phone=reader.text(found, "phone", path, most=30, is_needed=False),
        province=reader.text(found, "province", path, most=60, is_needed=False),
        city=reader.text(found, "city", path, most=60, is_needed=False),
        district=reader.text(found, "district", path, most=60, is_needed=False),
        town=reader.text(found, "town", path, most=60, is_needed=False),
        detail=reader.text(found, "detail", path, most=300),
    )


def _status(reader: _Reader, root: JsonObject) -> ShopOrderStatus:
    status = reader.text(root, "status", "$", most=20, is_needed=False) or "placed"
    try:
        return ShopOrderStatus(status)
    except ValueError:
        reader.problem(ProblemCode.BAD_VALUE, "$.status")
        return ShopOrderStatus.PLACED


def _check_sums(reader: _Reader, order: ChannelOrder) -> None:
    for number, line in enumerate(order.lines):
        if line.amount_fen > line.quantity * line.unit_price_fen:
            reader.problem(ProblemCode.LINE_AMOUNT, f"$.lines[{number}].amount_fen")
    if order.items_fen != sum(line.amount_fen for line in order.lines):
        reader.problem(ProblemCode.ITEMS_AMOUNT, "$.items_fen")
    if order.total_fen != order.items_fen - order.discount_fen + order.freight_fen:
        reader.problem(ProblemCode.TOTAL_AMOUNT, "$.total_fen")


class _Reader:
    """Reads fields and keeps the problems; a field with one gives a value of its type."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, code: ProblemCode, path: str) -> None:
        self.problems.append(Problem(code, path))

    def part(
        self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True
    ) -> JsonObject | None:
        value = parent.get(name)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
        elif is_needed:
            self.problem(ProblemCode.MISSING, f"{path}.{name}")
        return None

    def text(
        self,
        parent: JsonObject | None,
        name: str,
        path: str,
        *,
        most: int,
        is_needed: bool = True,
    ) -> str:
        value, where = (parent or {}).get(name), f"{path}.{name}"
        if value is not None and not isinstance(value, str):
            self.problem(ProblemCode.WRONG_TYPE, where)
            return ""
        found = (value or "").strip()
        if not found and is_needed:
            self.problem(ProblemCode.MISSING, where)
        elif len(found) > most:
            self.problem(ProblemCode.TOO_LONG, where)
        elif _CONTROL.search(found):
            self.problem(ProblemCode.BAD_CHARACTERS, where)
        return found

    def whole(
        self, parent: JsonObject, name: str, path: str, *, least: int, most: int, default: int
    ) -> int:
        value = parent.get(name, default)
        found = self._integer(value, f"{path}.{name}")
        if found is not None and not least <= found <= most:
            self.problem(ProblemCode.BAD_VALUE, f"{path}.{name}")
        return found or default

    def quantity(self, parent: JsonObject, name: str, path: str) -> int:
        found = self._integer(parent.get(name), f"{path}.{name}")
        if found is not None and found < 1:
            self.problem(ProblemCode.BAD_QUANTITY, f"{path}.{name}")
        elif found is not None and found > MOST_UNITS:
            self.problem(ProblemCode.HUGE_QUANTITY, f"{path}.{name}")
        return found or 0

    def amount(self, parent: JsonObject, name: str, path: str) -> Fen:
        found = self._integer(parent.get(name), f"{path}.{name}")
        if found is not None and found < 0:
            self.problem(ProblemCode.NEGATIVE_AMOUNT, f"{path}.{name}")
        elif found is not None and found > MOST_FEN:
            self.problem(ProblemCode.HUGE_AMOUNT, f"{path}.{name}")
        return Fen(found or 0)

    def flag(self, parent: JsonObject, name: str, path: str) -> bool:
        value = parent.get(name, False)
        if not isinstance(value, bool):
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
        return value is True

    def moment(self, parent: JsonObject, name: str, path: str) -> datetime:
        found = self.text(parent, name, path, most=40)
        try:
            at = datetime.fromisoformat(found or "2000-01-01T00:00:00Z")
            at.timestamp()  # the first and last years overflow in UTC
        except (ValueError, OverflowError):
            at = None
        if at is None or at.tzinfo is None or not 2000 <= at.year <= 2100:
            self.problem(ProblemCode.BAD_TIME, f"{path}.{name}")
            return datetime.min  # noqa: DTZ901 - never leaves: the order has a problem
        return at

    def _integer(self, value: JsonValue, where: str) -> int | None:
        if value is None:
            self.problem(ProblemCode.MISSING, where)
        elif isinstance(value, bool) or not isinstance(value, int):
            self.problem(ProblemCode.WRONG_TYPE, where)
        else:
            return value
        return None
