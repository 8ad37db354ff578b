"""Cells become values: texts, money, quantities, times and yes or no; pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from zoneinfo import ZoneInfo

from yinuo.core.money import BadAmount, Fen, yuan_to_fen

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOST_UNITS = 9_999
MOST_YUAN_FEN = 1_000_000_000
_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d{1,3}")
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_QUANTITY = re.compile(r"(\d{1,9})(?:\.0+)?\s*[件套个条只床对盒包双]?")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_WRAPPED = re.compile(r'="([^"]*)"')
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b-\u200f\ud800-\udfff]")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?)?分?)?"
)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day 0, in the time of the sheet
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050  # the years 2000 to 2100

_PAID = frozenset(
    [
        "是",
        "已付",
        "已付款",
        "已支付",
        "已收款",
        "付款成功",
        "支付成功",
        "待发货",
        "买家已付款",
        "等待卖家发货",
        "待配货",
        "y",
        "yes",
        "true",
        "1",
        "paid",
        "√",
        "✓",
    ]
)
_UNPAID = frozenset(
    [
        "否",
        "未付",
        "未付款",
        "未支付",
        "待付款",
        "待支付",
        "等待买家付款",
        "货到付款",
        "n",
        "no",
        "false",
        "0",
        "unpaid",
        "×",
    ]
)
_OVER = (
    "已取消",
    "已关闭",
    "交易关闭",
    "已发货",
    "部分发货",
    "已完成",
    "交易成功",
    "退款",
    "已签收",
)


class Paid(Enum):
    """What a cell says of the money."""

    YES = "yes"
    NO = "no"
    OVER = "over"
    UNCLEAR = "unclear"


def clean_cell(text: str) -> str:
    """Return a cell's text without blanks, invisible characters and Excel's `="…"` around it."""
    found = text.strip()
    if found.isprintable() and not found.startswith(("=", "'")):
        return found  # nearly all are
    found = _CONTROL.sub("", found).strip()
    wrapped = _WRAPPED.fullmatch(found)
    if wrapped:
        found = wrapped[1].strip()
    return found.removeprefix("'").strip()


def plain(text: str) -> str:
    """Return a text with full-width digits, letters and marks as plain ones."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def is_exponent(text: str) -> bool:
    """Tell whether Excel turned a long number into something like 1.23E+17."""
    return _EXPONENT.fullmatch(plain(text)) is not None


def is_error(text: str) -> bool:
    """Tell whether the cell is a formula that came to nothing."""
    return _ERROR.fullmatch(text.strip().upper()) is not None


def quantity_of(text: str) -> int | None:
    """Return units from 1 to 9,999, None for anything else."""
    found = _QUANTITY.fullmatch(plain(text))
    units = int(found[1]) if found else 0
    return units if 1 <= units <= MOST_UNITS else None


def fen_of(text: str) -> Fen | None:
    """Return the exact fen of an amount of yuan with or without its sign; None for anything else."""
    found = plain(text).replace("¥", "").replace("￥", "").removesuffix("元").strip()
    if _GROUPED.fullmatch(found):
        found = found.replace(",", "")
    try:
        fen = yuan_to_fen(_short(found))
    except BadAmount:
        return None
    return fen if abs(fen) <= MOST_YUAN_FEN else None


def _short(text: str) -> str:
    """Return 19.9000 as 19.90: places that say nothing are no fraction of a fen."""
    whole, dot, places = text.partition(".")
    return f"{whole}.{places.rstrip('0')}".rstrip(".") if dot else whole


def time_of(text: str) -> datetime | None:
    """Return a time of Shanghai, or a day of it, as an aware moment; None for anything else."""
    found = plain(text)
    serial = _serial(found)
    if serial is not None:
        return serial
    match = _TIME.fullmatch(found.removesuffix("Z")) if not found.endswith("Z") else None
    try:
        if match is None:
            return _with_zone(found)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        local = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
        return local.astimezone(UTC) if 2000 <= local.year <= 2100 else None
    except (ValueError, OverflowError):
        return None


def _with_zone(text: str) -> datetime | None:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo and 2000 <= at.year <= 2100 else None


def _serial(text: str) -> datetime | None:
    try:
        days = Decimal(text)
    except InvalidOperation:
        return None
    if not days.is_finite() or not _FIRST_SERIAL <= days < _LAST_SERIAL:
        return None
    local = _EPOCH + timedelta(seconds=round(float(days) * 86_400))
    return local.replace(tzinfo=SHANGHAI).astimezone(UTC)


def paid_of(text: str) -> Paid:
    """Return what a cell says of the money; an empty one says no."""
    found = plain(text).lower()
    if not found or found in _UNPAID:
        return Paid.NO
    if found in _PAID:
        return Paid.YES
    return Paid.OVER if any(word in found for word in _OVER) else Paid.UNCLEAR
