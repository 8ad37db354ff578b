"""Rows of a file become stated orders, or every problem they have; pure.

Rows of one order number are one order with several lines. A bad order never stops the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from yinuo.channels.model.imports.types import (
    ImportField,
    ImportProblem,
    ImportProblemCode,
    ImportSheet,
    ReadImport,
    StatedGoods,
    StatedImport,
)
from yinuo.channels.model.imports.values import (
    Paid,
    fen_of,
    is_error,
    is_exponent,
    paid_of,
    plain,
    quantity_of,
    time_of,
)
from yinuo.channels.model.numbers import BadNumber, clean_number
from yinuo.channels.model.shops import Channel
from yinuo.core.money import Fen

MOST_LINES = 200
_F, _P = ImportField, ImportProblemCode
# A line that leaves these empty belongs to the order above it: merged cells are exported so.
_OF_ORDER = (_F.NUMBER, _F.RECEIVER_NAME, _F.PHONE, _F.ADDRESS)
_LONGEST: Mapping[ImportField, int] = {
    _F.BUYER_NICK: 128,
    _F.RECEIVER_NAME: 60,
    _F.PHONE: 30,
    _F.PROVINCE: 60,
    _F.CITY: 60,
    _F.DISTRICT: 60,
    _F.ADDRESS: 300,
    _F.CODE: 64,
    _F.NAME: 200,
    _F.REMARK: 500,
}
# Excel spoils what is long and all digits; for an amount an exponent is no amount anyway.
_SPOILT = frozenset({_F.NUMBER, _F.PHONE, _F.CODE})
_NOT_PERSONAL = frozenset(
    {
        _F.NUMBER,
        _F.CODE,
        _F.QUANTITY,
        _F.UNIT_PRICE,
        _F.AMOUNT,
        _F.TOTAL,
        _F.FREIGHT,
        _F.DISCOUNT,
        _F.PAID,
        _F.PAID_AT,
        _F.PLACED_AT,
    }
)


def read_orders(
    sheet: ImportSheet, mapping: Mapping[str, int], *, channel: Channel
) -> list[ReadImport]:
    """Return the orders of a table in the order of their first rows; the mapping is complete."""
    columns = {ImportField(name): column for name, column in mapping.items()}
    groups: dict[str, list[_Row]] = {}
    above = ""
    for cells, line in zip(sheet.rows, sheet.lines, strict=True):
        row = _Row(cells, columns, line=line)
        if any(row.text(name) for name in _OF_ORDER) or not above:
            above = _key(row, channel)
        groups.setdefault(above, []).append(row)
    return [_Order(rows, channel=channel).read() for rows in groups.values()]


def _key(row: _Row, channel: Channel) -> str:
    """Return what groups rows: the cleaned number; a row without a good one is by itself."""
    raw = row.text(_F.NUMBER)
    try:
        return clean_number(channel, raw) if not is_exponent(raw) else f"\x00{row.line}"
    except BadNumber:
        return f"\x00{row.line}"


class _Row:
    """One row by the fields it is mapped to."""

    def __init__(
        self, cells: Sequence[str], columns: Mapping[ImportField, int], *, line: int
    ) -> None:
        self._cells, self._columns, self.line = cells, columns, line

    def text(self, name: ImportField) -> str:
        """Return a field's text, empty where it has no column."""
        return self._cells[self._columns[name]] if name in self._columns else ""

    def has(self, name: ImportField) -> bool:
        """Tell whether the field has a column."""
        return name in self._columns


class _Order:
    """Reads the rows of one order and keeps every problem."""

    def __init__(self, rows: Sequence[_Row], *, channel: Channel) -> None:
        self._rows, self._channel = rows, channel
        self._problems: list[ImportProblem] = []

    def read(self) -> ReadImport:
        """Return the order, or all that is wrong with it."""
        raw = self._rows[0].text(_F.NUMBER)
        number = self._number(raw)
        lines = self._lines()
        stated = self._stated(number, raw, lines)
        return ReadImport(
            number=number or ("" if is_exponent(raw) else raw[:60]),
            lines=tuple(row.line for row in self._rows),
            stated=None if self._problems else stated,
            problems=tuple(dict.fromkeys(self._problems)),
        )

    def _note(
        self, code: ImportProblemCode, name: ImportField, row: _Row, *, value: str = ""
    ) -> None:
        shown = value or row.text(name)
        self._problems.append(
            ImportProblem(
                code=code,
                line=row.line,
                field=name.value,
                value=shown[:60] if name in _NOT_PERSONAL else "",
            )
        )

    def _number(self, raw: str) -> str:
        row = self._rows[0]
        if not raw:
            self._note(_P.MISSING, _F.NUMBER, row)
        elif is_exponent(raw):
            self._note(_P.IN_EXPONENT, _F.NUMBER, row)
        else:
            try:
                return clean_number(self._channel, raw)
            except BadNumber:
                self._note(_P.BAD_NUMBER, _F.NUMBER, row)
        return ""

    def _checked(self, row: _Row, name: ImportField, *, is_needed: bool = False) -> str:
        """Return a text that is whole: no formula's error, no spoilt number, not too long."""
        found = row.text(name)
        if not found:
            if is_needed:
                self._note(_P.MISSING, name, row)
        elif is_error(found):
            self._note(_P.FORMULA_ERROR, name, row)
        elif name in _SPOILT and is_exponent(found):
            self._note(_P.IN_EXPONENT, name, row)
        elif len(found) > _LONGEST.get(name, 500):
            self._note(_P.TOO_LONG, name, row)
        return found

    def _whole(self, name: ImportField, *, is_needed: bool = False) -> str:
        """Return what the order's rows say of the whole order; they must not contradict."""
        said = [(row, row.text(name)) for row in self._rows if row.text(name)]
        if not said:
            return self._checked(self._rows[0], name, is_needed=is_needed)
        row, first = said[0]
        for other, text in said[1:]:
            if plain(text) != plain(first):
                self._note(_P.CONFLICT, name, other)
                break
        return self._checked(row, name)

    def _lines(self) -> list[StatedGoods]:
        if len(self._rows) > MOST_LINES:
            self._note(_P.TOO_MANY_LINES, _F.NUMBER, self._rows[0])
            return []
        return [line for line in map(self._line, self._rows) if line is not None]

    def _line(self, row: _Row) -> StatedGoods | None:
        code = plain(self._checked(row, _F.CODE, is_needed=True))
        name = self._checked(row, _F.NAME)
        quantity = quantity_of(row.text(_F.QUANTITY))
        if quantity is None:
            self._note(_P.BAD_QUANTITY, _F.QUANTITY, row)
        unit, amount = self._fen(row, _F.UNIT_PRICE), self._fen(row, _F.AMOUNT)
        if quantity is None or not code:
            return None
        if unit is None and amount is None:
            amount = self._only_line_amount(row)
        if amount is None and unit is not None:
            amount = Fen(unit * quantity)
        if amount is None:
            return None
        if unit is None:
            unit = Fen(-(-amount // quantity))  # rounded up: a line is never more than its units
        if amount > unit * quantity:
            self._note(_P.LINE_AMOUNT, _F.AMOUNT, row)
        return StatedGoods(
            code=code, name=name, quantity=quantity, unit_price_fen=unit, amount_fen=amount
        )

    def _only_line_amount(self, row: _Row) -> Fen | None:
        """Return what the single line of an order costs, where only the order's total is told."""
        total = self._fen(self._rows[0], _F.TOTAL)
        if len(self._rows) > 1 or total is None:
            self._note(_P.NO_PRICE, _F.UNIT_PRICE, row)
            return None
        freight = self._fen(row, _F.FREIGHT) or Fen(0)
        return Fen(max(total - freight + abs(self._fen(row, _F.DISCOUNT, is_debt=True) or 0), 0))

    def _fen(self, row: _Row, name: ImportField, *, is_debt: bool = False) -> Fen | None:
        text = row.text(name)
        if not text:
            return None
        found = fen_of(text)
        if is_error(text):
            self._note(_P.FORMULA_ERROR, name, row)
        elif found is None or (found < 0 and not is_debt):
            self._note(_P.BAD_AMOUNT, name, row)
            return None
        return found

    def _money(self, name: ImportField, *, is_debt: bool = False) -> Fen | None:
        said = self._whole(name)
        row = next((row for row in self._rows if row.text(name)), None)
        return self._fen(row, name, is_debt=is_debt) if said and row else None

    def _moment(self, name: ImportField) -> datetime | None:
        text = self._whole(name)
        at = time_of(text) if text else None
        if text and at is None and not is_error(text):
            self._note(_P.BAD_TIME, name, self._rows[0], value=text)
        return at

    def _paid(self, paid_at: datetime | None) -> bool:
        if not self._rows[0].has(_F.PAID):
            return paid_at is not None
        text = self._whole(_F.PAID)
        said = paid_of(text)
        if said is Paid.OVER:
            self._note(_P.ORDER_IS_OVER, _F.PAID, self._rows[0], value=text)
        if said is Paid.UNCLEAR:
            self._note(_P.BAD_PAID, _F.PAID, self._rows[0], value=text)
        return said is Paid.YES

    def _stated(self, number: str, raw: str, lines: list[StatedGoods]) -> StatedImport:
        freight = self._money(_F.FREIGHT) or Fen(0)
        discount = Fen(abs(self._money(_F.DISCOUNT, is_debt=True) or 0))
        total = self._money(_F.TOTAL)
        due = Fen(sum(line.amount_fen for line in lines) - discount + freight)
        if not self._problems and (due < 0 or total not in {None, due}):
            self._note(_P.TOTAL_AMOUNT, _F.TOTAL, self._rows[0])
        placed_at, paid_at = self._moment(_F.PLACED_AT), self._moment(_F.PAID_AT)
        is_paid = self._paid(paid_at)
        return StatedImport(
            number=number,
            raw_number=raw,
            placed_at=placed_at,
            buyer_nick=self._whole(_F.BUYER_NICK),
            name=self._whole(_F.RECEIVER_NAME),
            phone=plain(self._whole(_F.PHONE)),
            province=self._whole(_F.PROVINCE),
            city=self._whole(_F.CITY),
            district=self._whole(_F.DISTRICT),
            detail=self._whole(_F.ADDRESS, is_needed=True),
            lines=tuple(lines),
            freight_fen=freight,
            discount_fen=discount,
            total_fen=due,
            is_paid=is_paid,
            paid_at=paid_at if is_paid else None,
            remark="；".join(
                dict.fromkeys(filter(None, (row.text(_F.REMARK) for row in self._rows)))
            )[:500],
        )
