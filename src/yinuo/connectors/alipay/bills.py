"""The daily bill (业务明细): a zip of two GBK tables, comments around the rows; pure."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

from yinuo.connectors.alipay import mapping
from yinuo.connectors.alipay.mapping import AlipayMalformed
from yinuo.connectors.bills import MOST_BILL_BYTES
from yinuo.connectors.protocols import Bill, BillLine
from yinuo.core.money import BadAmount, Fen, yuan_to_fen

FIRST_COLUMN = "支付宝交易号"
PAID, REFUNDED = "交易", "退款"
_COLUMNS = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    "订单金额（元）",
    "退款批次号/请求号",
)
RECEIVED = "商家实收（元）"
_PAID_SUM = re.compile(r"#交易合计：(\d+)笔(?:，商家实收共([-\d.]+)元)?")
_REFUNDED_SUM = re.compile(r"#退款合计：(\d+)笔(?:，商家实收退款共([-\d.]+)元)?")


def read(archive: bytes, *, day: date) -> Bill:
    """Return the bill in the archive; raises AlipayMalformed when it is damaged or incomplete."""
    text = _details(archive)
    rows = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    table = list(csv.reader(rows))
    names = [name.strip() for name in table[0]]
    if not set(_COLUMNS) <= set(names):
        raise AlipayMalformed(problem="bill_columns")
    records = [dict(zip(names, _stripped(row), strict=False)) for row in table[1:]]
    lines = tuple(_line(record) for record in records)
    # Without its sums a bill was cut off somewhere.
    for pattern, kind in ((_PAID_SUM, PAID), (_REFUNDED_SUM, REFUNDED)):
        found = pattern.search(text)
        of_kind = [record for record in records if record["业务类型"] == kind]
        if found is None or int(found[1]) != len(of_kind) or not _adds_up(found[2], of_kind):
            raise AlipayMalformed(problem="bill_sums")
    return Bill(day=day, lines=lines)


def _adds_up(told: str | None, records: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether a sum of what the merchant received is that of its rows, where both stand."""
    if told is None or any(RECEIVED not in record for record in records):
        return True
    try:
        # Refunds stand below zero in the rows; the sum's sign is nowhere written down.
        received = sum(yuan_to_fen(record[RECEIVED]) for record in records)
        return abs(received) == abs(yuan_to_fen(told))
    except BadAmount:
        raise AlipayMalformed(problem="bill_amount") from None


def _details(archive: bytes) -> str:
    """Return the table with the single lines; the other one in the archive has sums by shop."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            infos = opened.infolist()
            if sum(info.file_size for info in infos) > MOST_BILL_BYTES:
                raise AlipayMalformed(problem="bill_size")
            texts = [opened.read(info).decode("gb18030") for info in infos]
    except (zipfile.BadZipFile, UnicodeDecodeError, RuntimeError, NotImplementedError, EOFError):
        raise AlipayMalformed(problem="bill_archive") from None
    for text in texts:
        if any(line.startswith(FIRST_COLUMN) for line in text.splitlines()):
            return text
    raise AlipayMalformed(problem="bill_archive")


def _stripped(row: list[str]) -> list[str]:
    # Alipay ends numbers with a tab, so that spreadsheets leave them alone.
    return [value.strip() for value in row]


def _line(row: Mapping[str, str]) -> BillLine:
    kind = row.get("业务类型", "")
    if kind not in {PAID, REFUNDED}:
        raise AlipayMalformed(problem="bill_kind")
    number = row.get("退款批次号/请求号", "")
    transaction_id = row.get("支付宝交易号", "")
    at = mapping.moment(row.get("完成时间", ""), "bill_time")
    try:
        amount = yuan_to_fen(row.get("订单金额（元）", ""))
    except BadAmount:
        raise AlipayMalformed(problem="bill_amount") from None
    is_refund = kind == REFUNDED
    # What went back is written below zero.
    if not transaction_id or at is None or (amount > 0) is is_refund:
        raise AlipayMalformed(problem="bill_row")
    return BillLine(
        is_refund=is_refund,
        payment_number=row.get("商户订单号", ""),
        transaction_id=transaction_id,
        refund_number=number if is_refund else "",
        refund_id=mapping.refund_id(transaction_id, number) if is_refund else "",
        amount_fen=Fen(abs(amount)),
        at=at,
    )
