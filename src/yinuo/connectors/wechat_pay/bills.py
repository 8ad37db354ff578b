"""The daily trade bill: gzip with a hash, values behind a backquote, sums in the last row; pure."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from yinuo.connectors.bills import MOST_BILL_BYTES, came, went_back
from yinuo.connectors.protocols import Bill, BillLine
from yinuo.connectors.wechat_pay.mapping import WechatPayMalformed
from yinuo.core.clock import SHANGHAI
from yinuo.core.money import BadAmount, Fen, yuan_to_fen

FIRST_COLUMN, FIRST_SUM = "交易时间", "总交易单数"
_COLUMNS = (
    "微信订单号",
    "商户订单号",
    "交易状态",
    "订单金额",
    "微信退款单号",
    "商户退款单号",
    "申请退款金额",
)
_PAID, _REFUNDED = frozenset({"SUCCESS"}), frozenset({"REFUND", "REVOKED"})


class Place(msgspec.Struct, frozen=True):
    """Where a bill lies, and the hash of what it is before compression."""

    download_url: str
    hash_value: str
    hash_type: str = "SHA1"


def place(body: bytes) -> Place:
    """Return where the bill lies; raises WechatPayMalformed."""
    try:
        told = msgspec.json.decode(body, type=Place)
    except msgspec.DecodeError:
        raise WechatPayMalformed(problem="bill_place") from None
    if told.hash_type != "SHA1":
        raise WechatPayMalformed(problem="bill_hash_type")
    return told


def read(archive: bytes, *, day: date, hash_value: str) -> Bill:
    """Return the bill of a day; raises WechatPayMalformed when it is damaged or incomplete."""
    content = _unpacked(archive)
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != hash_value.lower():
        raise WechatPayMalformed(problem="bill_hash")
    try:
        rows = [row for row in content.decode("utf-8-sig").splitlines() if row.strip()]
    except UnicodeDecodeError:
        raise WechatPayMalformed(problem="bill_text") from None
    at = [place for place, row in enumerate(rows) if row.startswith(FIRST_SUM)]
    if not rows or not rows[0].startswith(FIRST_COLUMN) or at != [len(rows) - 2]:
        raise WechatPayMalformed(problem="bill_columns")
    names = rows[0].split(",")
    if not set(_COLUMNS) <= set(names):
        raise WechatPayMalformed(problem="bill_columns")
    lines = tuple(_line(_values(names, row)) for row in rows[1 : at[0]])
    _check_sums(_values(rows[at[0]].split(","), rows[-1]), lines)
    return Bill(day=day, lines=lines)


def _unpacked(archive: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=31)
    try:
        content = inflate.decompress(archive, MOST_BILL_BYTES)
    except zlib.error:
        raise WechatPayMalformed(problem="bill_archive") from None
    if not inflate.eof:
        raise WechatPayMalformed(problem="bill_archive")
    return content


def _values(names: list[str], row: str) -> dict[str, str]:
    """Return a row by its columns: names of goods may hold commas, never a comma and backquote."""
    values = row.removeprefix("`").split(",`")
    if not row.startswith("`") or len(values) != len(names):
        raise WechatPayMalformed(problem="bill_row")
    return dict(zip(names, values, strict=True))


def _line(row: Mapping[str, str]) -> BillLine:
    state = row["交易状态"]
    if state not in _PAID | _REFUNDED:
        raise WechatPayMalformed(problem="bill_kind")
    is_refund = state in _REFUNDED
    try:
        at = datetime.strptime(row[FIRST_COLUMN], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise WechatPayMalformed(problem="bill_time") from None
    if not row["微信订单号"] or (is_refund and not row["微信退款单号"]):
        raise WechatPayMalformed(problem="bill_row")
    return BillLine(
        is_refund=is_refund,
        payment_number=row["商户订单号"],
        transaction_id=row["微信订单号"],
        refund_number=row["商户退款单号"] if is_refund else "",
        refund_id=row["微信退款单号"] if is_refund else "",
        amount_fen=_amount(row["申请退款金额" if is_refund else "订单金额"]),
        at=at,
    )


def _check_sums(sums: Mapping[str, str], lines: tuple[BillLine, ...]) -> None:
    """Without its sums a bill was cut off somewhere; whether refunds are counted is not written."""
    paid = sum(not line.is_refund for line in lines)
    is_counted = sums.get(FIRST_SUM) in {str(len(lines)), str(paid)}
    told = _amount(sums.get("订单总金额", "")), _amount(sums.get("申请退款总金额", ""))
    if not is_counted or told != (came(lines), went_back(lines)):
        raise WechatPayMalformed(problem="bill_sums")


def _amount(text: str) -> Fen:
    try:
        amount = yuan_to_fen(text)
    except BadAmount:
        raise WechatPayMalformed(problem="bill_amount") from None
    if amount < 0:
        raise WechatPayMalformed(problem="bill_amount")
    return amount
