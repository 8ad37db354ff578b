"""What the account set does: documents saved, changed, audited, deleted, listed; stock booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.sandbox.agenda import Agenda
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.kingdee import filters, template
from yinuo.sandbox.kingdee.envelope import FAILED, BillBody, Failure, ListBody, RowResult, SaveBody
from yinuo.sandbox.kingdee.photograph import BridgeItem, photograph
from yinuo.sandbox.kingdee.store import LOCK, bills, figures, listing
from yinuo.sandbox.kingdee.template import Reference, Row

Pages = dict[str, list[dict[str, str | Reference]]]


class Movement(msgspec.Struct, frozen=True):
    """Units of an item that came to (or, negative, left) a stock."""

    item: str
    stock: str
    quantity: int


class Booking(msgspec.Struct, frozen=True):
    """Movements that the ERP has yet to hear of; `number` is the hub's, empty for a count."""

    number: str
    movements: list[Movement]


class AccountSet:
    """The verbs of the ERP; each is one transaction, all writers take the same lock."""

    def __init__(self, kernel: Kernel) -> None:
        self._state = kernel.state
        self._clock = kernel.clock
        self._bookings = kernel.state.collection("kingdee", "bookings", Booking)
        self.agenda = Agenda(kernel.state, "kingdee", kind="agenda")

    def save(self, body: SaveBody) -> list[RowResult] | Failure:
        """Make a new document, whatever its hub number: this ERP knows no idempotency."""
        shape = _shape(body, needs_lines=True)
        if shape is not None:
            return shape
        header = body.Page1[0]
        wrong = template.problems(header, template.HEADER, needed=template.NEEDED_HEADER)
        wrong += _line_problems(body.Page2)
        with self._state.transaction(LOCK) as session:
            number = template.text_of(header, "FBillNo")
            if number and bills.find_bill(session, number) is not None:
                wrong.append(f"单据编号[{number}]重复")
            customer = template.text_of(header, "FCustID")
            customers = figures.ids(session, "customer", [customer])
            if customer and not customers:
                wrong.append(f"客户代码[{customer}]不存在")
            lines = _lines(session, body.Page2)
            if isinstance(lines, list):
                wrong += lines
            date = template.parse_date(template.text_of(header, "Fdate"))
            if wrong or isinstance(lines, list) or date is None:
                return [RowResult(FStatus=False, FMessage="；".join(wrong), FBillNo=number)]
            number = number or bills.next_bill_number(session)
            inter_id = bills.insert_bill(
                session, number, date=date, customer_id=customers[customer.lower()], header=header
            )
            bills.replace_lines(session, inter_id, lines)
        return [_done(number, inter_id)]

    def update(self, body: SaveBody) -> list[RowResult] | Failure:
        """Change a document that is not audited: the named header fields, and all lines or none."""
        shape = _shape(body, needs_lines=False)
        if shape is not None:
            return shape
        header = body.Page1[0]
        number = body.FBillNo or template.text_of(header, "FBillNo")
        wrong = template.problems(header, template.HEADER, needed=())
        wrong += _line_problems(body.Page2)
        with self._state.transaction(LOCK) as session:
            bill = bills.find_bill(session, number)
            if bill is None:
                return [_refused(number, "单据不存在")]
            if bill.is_checked:
                return [_refused(number, "单据已审核，不能修改")]
            lines = _lines(session, body.Page2)
            if isinstance(lines, list):
                wrong += lines
            if wrong or isinstance(lines, list):
                return [_refused(number, "；".join(wrong))]
            bills.update_bill(session, bill, header={**bill.header, **header})
            if lines:
                bills.replace_lines(session, bill.inter_id, lines)
        return [_done(bill.number, bill.inter_id)]

    def check(self, body: BillBody) -> list[RowResult] | Failure:
        """Audit a document (direction 1) or take the audit back (0)."""
        if body.FCheckDirection not in {"0", "1"}:
            return Failure(FAILED, "Faild", "FCheckDirection")
        is_check = body.FCheckDirection == "1"
        with self._state.transaction(LOCK) as session:
            bill = bills.find_bill(session, body.FBillNo)
            if bill is None:
                return [_refused(body.FBillNo, "单据不存在")]
            if bill.is_cancelled:
                return [_refused(bill.number, "单据已作废，不能审核")]
            if bill.is_checked == is_check:
                return [_refused(bill.number, "单据已审核" if is_check else "单据未审核")]
            if bill.has_shipped:
                return [_refused(bill.number, "单据已出库，不能反审核")]
            bills.set_checked(
                session,
                bill.inter_id,
                checker=(body.FChecker or "API") if is_check else "",
                status=1 if is_check else 0,
            )
        return [_done(bill.number, bill.inter_id)]

    def delete(self, body: BillBody) -> list[RowResult]:
        """Remove a document that is neither audited nor shipped."""
        with self._state.transaction(LOCK) as session:
            bill = bills.find_bill(session, body.FBillNo)
            if bill is None:
                return [_refused(body.FBillNo, "单据不存在")]
            if bill.is_checked:
                return [_refused(bill.number, "单据已审核，不能删除")]
            if bill.has_shipped:
                return [_refused(bill.number, "单据已出库，不能删除")]
            bills.delete_bill(session, bill.inter_id)
        return [_done(bill.number, bill.inter_id)]

    def find(self, body: ListBody) -> list[dict[str, str]] | Failure:
        """Return a page of headers (SelectPage 1) or of lines with their headers (2)."""
        query = filters.parse_query(body)
        if isinstance(query, Failure):
            return query
        with self._state.transaction() as session:
            return listing.listing(session, query)

    def detail(self, body: BillBody) -> Pages | None:
        """Return both pages of a document, or None."""
        with self._state.transaction() as session:
            bill = bills.find_bill(session, body.FBillNo)
            if bill is None:
                return None
            lines = bills.lines_of(session, bill.inter_id)
        header = {
            **bill.header,
            "FBillNo": bill.number,
            "FInterID": str(bill.inter_id),
            "FStatus": "3" if bill.is_closed else "1" if bill.is_checked else "0",
            "FCancellation": "1" if bill.is_cancelled else "0",
            "FClosed": "1" if bill.is_closed else "0",
        }
        return {"Page1": [header], "Page2": lines}

    def photograph(self, items: Sequence[str] | None) -> list[BridgeItem]:
        """Return stock as booked until now; what was shipped lately is not in it yet."""
        with self._state.transaction() as session:
            on_hand = figures.on_hand(session, items)
            demand = figures.open_demand(session, items)
        return photograph(on_hand, demand, now=clock.now())

    def documents(self, hub_number: str | None, *, limit: int) -> list[listing.Counted]:
        """Return documents by the hub's number, newest first, or of one number only."""
        with self._state.transaction() as session:
            return listing.counted(session, hub_number, limit=limit)

    def doubled(self, *, limit: int) -> list[listing.Counted]:
        """Return the hub's numbers that several standing documents carry."""
        with self._state.transaction() as session:
            return listing.doubled(session, limit=limit)

    def total(self) -> int:
        """Return how many documents there are."""
        with self._state.transaction() as session:
            return listing.documents(session)

    def units_by_stock(self) -> Mapping[str, int]:
        """Return units on hand by stock."""
        with self._state.transaction() as session:
            return figures.totals(session)

    def seed_stock(self, found: Sequence[figures.Seed]) -> None:
        """Keep these units on hand; items and stocks that are new are made."""
        with self._state.transaction(LOCK) as session:
            figures.seed(session, found)

    def seed_master(self, kind: str, found: Sequence[tuple[str, str]]) -> None:
        """Make items, stocks or customers by number and name, or rename them."""
        with self._state.transaction(LOCK) as session:
            figures.seed_master(session, kind, found)

    def book_later(
        self, key: str, *, number: str, movements: Sequence[Movement], after: float
    ) -> None:
        """Let the ERP hear of movements after so many vendor seconds; the same key is one booking."""
        with self._state.transaction(LOCK) as session:
            if self._bookings.insert(key, Booking(number, list(movements)), session=session):
                self.agenda.put(key, self._clock.now() + after, session=session)

    def tick(self) -> None:
        """Book what is due."""
        for key in self.agenda.due(self._clock.now()):
            with self._state.transaction(LOCK) as session:
                booking = self._bookings.get(key, session=session)
                if booking is not None:
                    _book(session, booking)
                self.agenda.remove(key, session=session)


def _book(session: Session, booking: Booking) -> None:
    items = figures.ids(session, "item", [one.item for one in booking.movements])
    stocks = figures.ids(session, "stock", [one.stock for one in booking.movements])
    bill = bills.open_bill_for(session, booking.number) if booking.number else None
    for one in booking.movements:
        item, stock = items.get(one.item.lower()), stocks.get(one.stock.lower())
        if item is None or stock is None:
            continue  # the warehouse knows goods that the ERP does not: nobody books them
        figures.add_on_hand(session, item, stock, quantity=one.quantity)
        if bill is not None and one.quantity < 0:
            bills.ship(session, bill.inter_id, item, quantity=-one.quantity)


def _shape(body: SaveBody, *, needs_lines: bool) -> Failure | None:
    if len(body.Page1) != 1:
        return Failure(FAILED, "Faild", "Page1 必须有且只有一行")
    if needs_lines and not body.Page2:
        return Failure(FAILED, "Faild", "Page2 不能为空")
    return None


def _line_problems(lines: Sequence[Row]) -> list[str]:
    found: list[str] = []
    for number, row in enumerate(lines, start=1):
        wrong = template.problems(row, template.LINE, needed=template.NEEDED_LINE)
        quantity = template.parse_number(template.text_of(row, "Fauxqty"))
        if quantity is not None and quantity <= 0:
            wrong.append("数量必须大于零")
        found += [f"第{number}行{text}" for text in wrong]
    return found


def _lines(session: Session, rows: Sequence[Row]) -> tuple[bills.Line, ...] | list[str]:
    """Return the lines ready to be stored, or the items and stocks that do not exist."""
    items = figures.ids(session, "item", [template.text_of(row, "FItemID") for row in rows])
    stocks = figures.ids(session, "stock", [template.text_of(row, "FStockID") for row in rows])
    wrong: list[str] = []
    lines: list[bills.Line] = []
    for number, row in enumerate(rows, start=1):
        item, stock = template.text_of(row, "FItemID"), template.text_of(row, "FStockID")
        if item and item.lower() not in items:
            wrong.append(f"第{number}行物料代码[{item}]不存在")
        elif stock and stock.lower() not in stocks:
            wrong.append(f"第{number}行仓库代码[{stock}]不存在")
        elif item:
            lines.append(
                bills.Line(
                    item_id=items[item.lower()],
                    stock_id=stocks.get(stock.lower()),
                    quantity=template.parse_number(template.text_of(row, "Fauxqty")) or Decimal(0),
                    row=row,
                )
            )
    return wrong or tuple(lines)


def _done(number: str, inter_id: int) -> RowResult:
    return RowResult(FStatus=True, FBillNo=number, FInterID=str(inter_id), FItemID=str(inter_id))


def _refused(number: str, message: str) -> RowResult:
    return RowResult(FStatus=False, FMessage=message, FBillNo=number)
