"""Files of orders for tests: persons and numbers are made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import openpyxl

HEADER = [
    "订单号",
    "下单时间",
    "收货人",
    "手机",
    "收货地址",
    "商品编码",
    "数量",
    "单价",
    "运费",
    "订单金额",
    "付款时间",
    "备注",
]
ADDRESS = "浙江省杭州市西湖区文三路90号东部软件园1号楼"


def row(number: object = "A1001", **changes: object) -> list[object]:
    """Return a row of one good order of one line."""
    values: dict[str, object] = {
        "订单号": number,
        "下单时间": "2026-11-22 10:30:00",
        "收货人": "林晓梅",
        "手机": "13800001234",
        "收货地址": ADDRESS,
        "商品编码": "ST4-GRY-180",
        "数量": "1",
        "单价": "259.90",
        "运费": "",
        "订单金额": "",
        "付款时间": "2026-11-22 10:31:05",
        "备注": "",
    }
    values.update(changes)
    return [values[name] for name in HEADER]


def csv_of(*rows: Sequence[object], header: Sequence[object] = HEADER, by: str = ",") -> str:
    """Return the text of a CSV file."""
    kept = io.StringIO()
    csv.writer(kept, delimiter=by).writerows([header, *rows])
    return kept.getvalue()


def xlsx_of(*rows: Sequence[object], header: Sequence[object] = HEADER) -> bytes:
    """Return a workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for one in [header, *rows]:
        sheet.append(list(one))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
