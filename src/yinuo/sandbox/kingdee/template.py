"""The sale order template of this account set: which fields there are and of which sort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import msgspec

HUB_NUMBER_FIELD = "FHeadSelfS0155"
USER_FIELDS = 16  # FHeadSelfS0150 … FHeadSelfS0165, and the same for lines


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field that points at master data by number."""

    FNumber: str
    FName: str = ""


Row = Mapping[str, str | Reference]


class Sort(StrEnum):
    """What a field of the template holds."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    FLAG = "flag"
    REFERENCE = "reference"


HEADER: dict[str, Sort] = {
    "FBillNo": Sort.TEXT,
    "Fdate": Sort.DATE,
    "FCustID": Sort.REFERENCE,
    "FDeptID": Sort.REFERENCE,
    "FEmpID": Sort.REFERENCE,
    "FCancellation": Sort.FLAG,
    **{f"FHeadSelfS01{50 + index}": Sort.TEXT for index in range(USER_FIELDS)},
}
LINE: dict[str, Sort] = {
    "FItemID": Sort.REFERENCE,
    "FUnitID": Sort.REFERENCE,
    "FStockID": Sort.REFERENCE,
    "Fauxqty": Sort.NUMBER,
    "Fauxprice": Sort.NUMBER,
    "Famount": Sort.NUMBER,
    "FDate1": Sort.DATE,
    "Fnote": Sort.TEXT,
    "FItemName": Sort.TEXT,
    "FItemModel": Sort.TEXT,
    "FBaseUnit": Sort.TEXT,
    **{f"FEntrySelfS01{50 + index}": Sort.TEXT for index in range(USER_FIELDS)},
}
NEEDED_HEADER = ("Fdate", "FCustID", "FDeptID", "FEmpID")
NEEDED_LINE = ("FItemID", "FUnitID", "Fauxqty", "Fauxprice", "Famount")
# What GetList gives beside the fields that are saved.
STATE_FIELDS = ("FInterID", "FStatus", "FClosed", "FChecker")
LINE_STATE_FIELDS = ("FEntryID", "FStockQty")


def blank() -> dict[str, list[dict[str, str | Reference]]]:
    """Return the two pages of an empty document, as GetTemplate shows them."""
    return {"Page1": [_blank_row(HEADER)], "Page2": [_blank_row(LINE)]}


def _blank_row(fields: Mapping[str, Sort]) -> dict[str, str | Reference]:
    return {
        name: Reference("", "") if sort is Sort.REFERENCE else "" for name, sort in fields.items()
    }


def problems(row: Row, fields: Mapping[str, Sort], *, needed: tuple[str, ...]) -> list[str]:
    """Return everything that is wrong with one row by the template alone."""
    found = [f"字段[{name}]不能为空" for name in needed if not _present(row.get(name))]
    for name, value in row.items():
        sort = fields.get(name)
        if sort is None:
            found.append(f"字段[{name}]不存在")
        elif isinstance(value, Reference) != (sort is Sort.REFERENCE):
            found.append(f"字段[{name}]类型错误")
        elif isinstance(value, str) and value and not _fits(value, sort):
            found.append(f"字段[{name}]的值不正确")
    return found


def _present(value: str | Reference | None) -> bool:
    return bool(value.FNumber if isinstance(value, Reference) else value)


def _fits(value: str, sort: Sort) -> bool:
    if sort is Sort.DATE:
        return parse_date(value) is not None
    if sort is Sort.NUMBER:
        return parse_number(value) is not None
    return sort is not Sort.FLAG or value in {"0", "1"}


def parse_date(value: str) -> datetime | None:
    """Return the local moment that the text names, without a zone as the vendor keeps it."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(value, form)  # noqa: DTZ007 - the vendor's tables have no zone
        except ValueError:
            continue
    return None


def parse_number(value: str) -> Decimal | None:
    """Return the plain decimal that the text names, or None."""
    if not value.replace(".", "", 1).removeprefix("-").isdigit() or not value.isascii():
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def text_of(row: Row, name: str) -> str:
    """Return a field as text: for a reference its number."""
    value = row.get(name, "")
    return value.FNumber if isinstance(value, Reference) else value
