"""Between the hub's nouns and K3's pages and rows; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from yinuo.connectors.http import clean_message
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.protocols import (
    Busy,
    ListedDocument,
    OutcomeUnknown,
    Rejected,
    SalesDocument,
    SalesLine,
    StockLine,
)
from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue, YinuoError
from yinuo.core.money import Fen, fen_to_yuan, yuan_to_fen

JsonObject: TypeAlias = dict[str, "JsonValue"]
Cell: TypeAlias = "str | dict[str, str]"

SAFE_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,50}")
_BUSY = re.compile(r"正忙|busy|超时|timeout", re.IGNORECASE)


class TokenRefused(Rejected):
    """The token (or the authority code) does not count any more."""

    code = "kingdee.token_refused"


class UnsafeNumber(Rejected):
    """The number has characters that must not stand in a K3 filter."""

    code = "kingdee.unsafe_number"


class DuplicateDocuments(Rejected):
    """More than one document carries our number; people must remove what is too much."""

    code = "kingdee.duplicate_documents"


class DocumentVoided(Rejected):
    """Somebody voided the document in K3; it is not made again without a person's word."""

    code = "kingdee.document_voided"


class DocumentAudited(Rejected):
    """The document is audited in K3 and cannot be removed from here."""

    code = "kingdee.document_audited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A sale order as K3 lists it."""

    number: str
    bill_number: str
    is_audited: bool
    is_voided: bool


def save_body(document: SalesDocument, settings: KingdeeSettings) -> JsonObject:
    """Return the two pages of a new sale order; all values are text."""
    customer = settings.customers.get(document.shop_code, document.shop_code)
    header: JsonObject = {
        "Fdate": _day(document.placed_at),
        "FCancellation": "0",
        "FCustID": {"FNumber": customer},
        "FDeptID": {"FNumber": settings.department},
        "FEmpID": {"FNumber": settings.employee},
        settings.number_field: document.number,
    }
    if settings.remark_field and document.remark:
        header[settings.remark_field] = document.remark
    lines: list[JsonValue] = [_line(line, document.deliver_by, settings) for line in document.lines]
    return {"Data": {"Page1": [header], "Page2": lines}}


def _line(line: SalesLine, deliver_by: datetime, settings: KingdeeSettings) -> JsonObject:
    return {
        "FItemID": {"FNumber": line.sku, "FName": line.name},
        "FUnitID": {"FNumber": settings.units.get(line.unit, line.unit), "FName": line.unit},
        "Fauxqty": str(line.quantity),
        "Fauxprice": fen_to_yuan(line.unit_price_fen),
        "Famount": fen_to_yuan(line.amount_fen),
        "FDate1": _day(deliver_by),
        "Fnote": line.note,
    }


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d 00:00:00")


def list_body(number: str, settings: KingdeeSettings) -> JsonObject:
    """Return the query for documents with our number; raises UnsafeNumber.

    `Filter` is raw SQL over there, so a number is allowed by its characters or not at all.
    """
    if not SAFE_NUMBER.fullmatch(number):
        raise UnsafeNumber(number=clean_message(number)[:60])
    return {
        "Data": {
            "Top": "10",
            "PageSize": "10",
            "PageIndex": "1",
            "SelectPage": "1",
            "Fields": f"FBillNo,FStatus,FCancellation,{settings.number_field}",
            "Filter": f"[{settings.number_field}] = '{number}'",
            "OrderBy": "[FBillNo] asc",
        }
    }


DAY_PAGE = 500


def day_body(day: date, page: int, settings: KingdeeSettings) -> JsonObject:
    """Return the query for the lines of a day's documents, one page of them."""
    date_text = day.isoformat()
    fields = ("FBillNo", "FCancellation", "FCustID", "Famount", settings.number_field)
    return {
        "Data": {
            "Top": "0",
            "PageSize": str(DAY_PAGE),
            "PageIndex": str(page),
            "SelectPage": "2",
            "Fields": ",".join(fields),
            "Filter": f"[Fdate] >= '{date_text} 00:00:00' and [Fdate] <= '{date_text} 23:59:59'",
            "OrderBy": "[FBillNo] asc",
        }
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One line of a document as a day's list shows it."""

    number: str
    bill_number: str
    customer: str
    amount_fen: Fen
    is_voided: bool


def day_lines(data: JsonValue, settings: KingdeeSettings) -> list[DayLine]:
    """Return a page of a day's lines; raises OutcomeUnknown for what is no list or no amount."""
    return [
        DayLine(
            number=_text(row, settings.number_field),
            bill_number=_text(row, "FBillNo"),
            customer=_text(row, "FCustID") or _number_of(row.get("FCustID")),
            amount_fen=_fen(row.get("Famount")),
            is_voided=_is_true(row.get("FCancellation")),
        )
        for row in _rows(data)
    ]


def listed(lines: Iterable[DayLine]) -> tuple[ListedDocument, ...]:
    """Return the standing documents with a number of ours, each with the sum of its lines."""
    sums: dict[str, ListedDocument] = {}
    for line in lines:
        if line.is_voided or not line.number:
            continue
        before = sums.get(line.bill_number)
        sums[line.bill_number] = ListedDocument(
            number=line.number,
            bill_number=line.bill_number,
            customer=line.customer,
            amount_fen=Fen(line.amount_fen + (before.amount_fen if before else 0)),
        )
    return tuple(sums.values())


def _number_of(value: JsonValue) -> str:
    return _text(value, "FNumber") if isinstance(value, dict) else ""


def _fen(value: JsonValue) -> Fen:
    try:
        return yuan_to_fen(str(value))
    except YinuoError:
        raise OutcomeUnknown(reason="bad_amount") from None


def content(root: JsonValue) -> JsonValue:
    """Return the `Data` of an envelope that says 200; the transport worked, no more.

    Raises TokenRefused, Busy, Rejected (K3 understood and failed) or OutcomeUnknown.
    """
    if not isinstance(root, dict) or "StatusCode" not in root:
        raise OutcomeUnknown(reason="no_envelope")
    status, message = str(root["StatusCode"]), str(root.get("Message") or "")
    if status == "200":
        return root.get("Data")
    detail = root.get("Data")
    words = message if not isinstance(detail, str) or not detail else f"{message} {detail}"
    told: JsonObject = {"outside_code": status[:20], "outside_message": clean_message(words)}
    match status:
        case "401":
            raise TokenRefused(**told)
        case "201":
            raise Rejected(**told)
        case _ if _BUSY.search(words):
            raise Busy(**told)
        case _:
            raise OutcomeUnknown(**told)


def saved_bill(data: JsonValue) -> str:
    """Return the bill number of a save or delete; success is every row true, with an id.

    Raises Rejected with the vendor's words for a row that failed.
    """
    rows = [_inner(row) for row in _objects(data)]
    if not rows:
        raise OutcomeUnknown(reason="no_rows")
    for row in rows:
        if "FStatus" not in row:
            raise OutcomeUnknown(reason="no_status")
        if not _is_true(row["FStatus"]):
            raise Rejected(
                outside_code="FStatus", outside_message=clean_message(_text(row, "FMessage"))
            )
    number = _text(rows[0], "FBillNo")
    if not number and not _text(rows[0], "FInterID") and not _text(rows[0], "FItemID"):
        raise OutcomeUnknown(reason="no_id")
    return number


def bills(data: JsonValue, settings: KingdeeSettings) -> list[Bill]:
    """Return the documents in a list; raises OutcomeUnknown when it is none."""
    return [
        Bill(
            number=_text(row, settings.number_field),
            bill_number=_text(row, "FBillNo"),
            is_audited=_text(row, "FStatus") not in {"", "0"},
            is_voided=_is_true(row.get("FCancellation")),
        )
        for row in _rows(data)
    ]


def _rows(data: JsonValue) -> list[JsonObject]:
    rows = data.get("DATA", data.get("Data")) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise OutcomeUnknown(reason="no_list")
    return _objects(rows)


def token(data: JsonValue) -> tuple[str, int]:
    """Return the token and its validity in seconds."""
    if not isinstance(data, dict):
        raise OutcomeUnknown(reason="no_token")
    code, validity = _text(data, "Token"), _text(data, "Validity")
    if not code or not validity.isdecimal():
        raise OutcomeUnknown(reason="no_token")
    return code, int(validity)


def _objects(value: JsonValue) -> list[JsonObject]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _inner(row: JsonObject) -> JsonObject:
    """Return the row, or what stands in its `Data` in the other shape that K3 answers in."""
    inner = row.get("Data")
    return inner if isinstance(inner, dict) and "FStatus" not in row else row


def _text(row: JsonObject, name: str) -> str:
    value = row.get(name)
    return "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()


def _is_true(value: JsonValue) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1", "y"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Units of one SKU on hand in one K3 stock."""

    sku: str
    stock: str
    units: int


def stock_lines(
    booked: Iterable[Booked], open_units: Mapping[str, int], settings: KingdeeSettings
) -> tuple[StockLine, ...]:
    """Return a line per SKU and warehouse, each with its part of the SKU's open demand.

    A sale order does not say from which stock it ships: its demand is laid on the fullest stock
    first, and what none covers on the last one, whose `available` is then negative.
    """
    by_sku: dict[str, list[Booked]] = defaultdict(list)
    for one in booked:
        by_sku[one.sku].append(one)
    lines: list[StockLine] = []
    for sku, stocks in sorted(by_sku.items()):
        left = open_units.get(sku, 0)
        stocks.sort(key=lambda one: (-one.units, one.stock))
        for number, one in enumerate(stocks, start=1):
            laid = left if number == len(stocks) else min(left, max(0, one.units))
            left -= laid
            lines.append(stock_line(one, laid, one.units - laid, settings=settings))
    return tuple(sorted(lines, key=lambda line: (line.sku, line.warehouse)))


def stock_line(
    one: Booked, open_units: int, available: int, *, settings: KingdeeSettings
) -> StockLine:
    """Return a line under our name of the warehouse."""
    return StockLine(
        sku=one.sku,
        warehouse=settings.warehouses.get(one.stock, one.stock),
        quantity=one.units,
        open_quantity=open_units,
        available=available,
    )


def whole(value: JsonValue | Decimal) -> int:
    """Return a whole number of units; raises OutcomeUnknown for a fraction or no number."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise OutcomeUnknown(reason="bad_quantity") from None
    if isinstance(value, bool) or not number.is_finite() or number != number.to_integral_value():
        raise OutcomeUnknown(reason="bad_quantity")
    return int(number)


def bridge_lines(
    root: JsonValue, settings: KingdeeSettings
) -> tuple[list[StockLine], list[datetime]]:
    """Return the lines of a bridge's answer and the moments at which each is true."""
    items = root.get("items") if isinstance(root, dict) else None
    if not isinstance(items, list):
        raise OutcomeUnknown(reason="no_items")
    lines: list[StockLine] = []
    moments: list[datetime] = []
    for item in _objects(items):
        one = Booked(
            sku=_text(item, "itemCode"),
            stock=_text(item, "stockCode"),
            units=whole(item.get("onHand")),
        )
        lines.append(
            stock_line(
                one, whole(item.get("open")), whole(item.get("available")), settings=settings
            )
        )
        moments.append(_moment(_text(item, "asOf")))
    return lines, moments


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise OutcomeUnknown(reason="bad_as_of") from None
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    """Return the values in pieces of at most `size`."""
    return [values[start : start + size] for start in range(0, len(values), size)]
