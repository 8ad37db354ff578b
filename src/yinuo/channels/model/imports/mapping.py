"""Guesses what the columns of a file mean, from their headings and their samples; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

from yinuo.channels.model.imports.types import (
    BadMapping,
    GuessedColumn,
    ImportField,
    ImportSheet,
    MappingIncomplete,
)
from yinuo.channels.model.imports.values import fen_of, is_exponent, plain, quantity_of, time_of
from yinuo.core.errors import JsonValue

_F = ImportField
# Words as exports of shops, ERPs and hand-made lists write them; the first are the surest.
_WORDS: Mapping[ImportField, str] = {
    _F.NUMBER: "订单号 订单编号 原始单号 平台单号 网店单号 主订单编号 交易编号 单号 外部单号"
    " ordernumber orderno orderid order",
    _F.PLACED_AT: "下单时间 订单创建时间 创建时间 拍下时间 订单时间 下单日期 日期 订单日期"
    " placedat createdat ordertime orderdate",
    _F.BUYER_NICK: "买家昵称 买家会员名 会员昵称 昵称 买家 客户昵称 买家id 旺旺 微信昵称 客户"
    " 客户名称 buyernick buyer",
    _F.RECEIVER_NAME: "收货人 收件人 收货人姓名 收件人姓名 姓名 联系人 收货姓名 receivername receiver"
    " recipient consignee",
    _F.PHONE: "手机 手机号 手机号码 联系电话 电话 联系手机 收货人手机 收件人手机 收货电话 收件人电话"
    " 收货人电话 联系方式 phone mobile tel",
    _F.PROVINCE: "省 省份 收货省份 省市 province state",
    _F.CITY: "市 城市 收货城市 地级市 city",
    _F.DISTRICT: "区 县 区县 区/县 收货区县 地区 district county",
    _F.ADDRESS: "收货地址 收件地址 详细地址 地址 收货人地址 收件人地址 街道地址 收货信息 address",
    _F.CODE: "商品编码 商家编码 规格编码 sku编码 货号 sku 商品编号 货品编号 商品代码 外部编码 商品货号"
    " 商品id 款号 productcode itemcode listing skucode",
    _F.NAME: "商品名称 宝贝标题 商品标题 品名 货品名称 商品 名称 标题 productname product",
    _F.QUANTITY: "数量 购买数量 商品数量 件数 宝贝数量 数量（件） 数量(件) quantity qty",
    _F.UNIT_PRICE: "单价 商品单价 销售单价 价格 售价 成交单价 unitprice price",
    _F.AMOUNT: "小计 商品金额 金额 行金额 商品小计 成交金额 商品总价 lineamount amount subtotal",
    _F.TOTAL: "订单金额 实付金额 应付金额 实付款 买家实付 订单总额 实收金额 合计 总金额 订单总价"
    " 买家应付货款 应收金额 total ordertotal totalamount",
    _F.FREIGHT: "运费 邮费 快递费 买家应付邮费 freight shipping",
    _F.DISCOUNT: "优惠 优惠金额 折扣 订单优惠 优惠券 discount",
    _F.PAID: "是否付款 付款状态 支付状态 已付款 是否已付 订单状态 状态 paid paymentstatus",
    _F.PAID_AT: "付款时间 支付时间 订单付款时间 收款时间 付款日期 paidat paidtime paymenttime",
    _F.REMARK: "买家留言 备注 买家备注 订单备注 留言 客户备注 remark note memo",
}
_NEEDED = (_F.NUMBER, _F.ADDRESS, _F.CODE, _F.QUANTITY)
_AMOUNTS = (_F.UNIT_PRICE, _F.AMOUNT, _F.TOTAL, _F.FREIGHT, _F.DISCOUNT)
_PRICES = (_F.UNIT_PRICE, _F.AMOUNT, _F.TOTAL)
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}(?:-\d{1,6})?")
_NUMBER = re.compile(r"[#A-Za-z0-9_-]{8,40}")
_ADDRESS = re.compile(r".*(省|市|区|县|路|街|镇|村|号|栋|室).*(省|市|区|县|路|街|镇|村|号|栋|室).*")
_ONLY_SAMPLES = 0.55
_SEEN = 50
_SHOWN = 3


def _folded(heading: str) -> str:
    return re.sub(r"[\s_*：:()（）\[\]【】]", "", plain(heading).lower())


_FOLDED: Mapping[ImportField, list[str]] = {
    name: [_folded(word) for word in words.split()] for name, words in _WORDS.items()
}


def guess_columns(sheet: ImportSheet) -> tuple[GuessedColumn, ...]:
    """Return every column with the field it most likely is, each field at most once."""
    samples = [_samples(sheet, column) for column in range(len(sheet.header))]
    scored = sorted(
        (
            (-_score(name, sheet.header[column], samples[column]), place, column, name)
            for column in range(len(sheet.header))
            for place, name in enumerate(ImportField)
        ),
        key=lambda one: one[:3],
    )
    chosen: dict[int, tuple[ImportField, float]] = {}
    taken: set[ImportField] = set()
    for negative, _, column, name in scored:
        if -negative >= 0.5 and column not in chosen and name not in taken:
            chosen[column] = (name, -negative)
            taken.add(name)
    return tuple(
        GuessedColumn(
            column=column,
            heading=heading,
            meaning=chosen[column][0] if column in chosen else None,
            confidence=round(chosen[column][1], 2) if column in chosen else 0.0,
            samples=column_samples(sheet, column),
        )
        for column, heading in enumerate(sheet.header)
    )


def mapping_of(guesses: Sequence[GuessedColumn]) -> dict[str, int]:
    """Return the columns by field, as they were guessed."""
    return {one.meaning.value: one.column for one in guesses if one.meaning is not None}


def header_key(header: Sequence[str]) -> str:
    """Return what tells that two files have the same headings in the same order."""
    return hashlib.sha256("\x1f".join(map(_folded, header)).encode("utf-8", "replace")).hexdigest()


def check_mapping(mapping: Mapping[str, int], *, columns: int) -> None:
    """Pass a mapping of known fields to columns that are there; raises BadMapping."""
    known = {name.value for name in ImportField}
    wrong: list[JsonValue] = [
        name for name, column in mapping.items() if name not in known or not 0 <= column < columns
    ]
    used = list(mapping.values())
    wrong += [name for name, column in mapping.items() if used.count(column) > 1]
    if wrong:
        raise BadMapping(columns=wrong)


def missing_fields(mapping: Mapping[str, int]) -> list[str]:
    """Return the fields that have no column and that every order needs."""
    missing = [name.value for name in _NEEDED if name.value not in mapping]
    if not any(name.value in mapping for name in _PRICES):
        missing.append(_F.UNIT_PRICE.value)
    return missing


def check_complete(mapping: Mapping[str, int]) -> None:
    """Pass a mapping with which orders can be read; raises MappingIncomplete."""
    missing = missing_fields(mapping)
    if missing:
        raise MappingIncomplete(missing=[f"imports.field.{name}" for name in missing])


def column_samples(sheet: ImportSheet, column: int) -> tuple[str, ...]:
    """Return the first three different values of a column."""
    return tuple(dict.fromkeys(_samples(sheet, column)))[:_SHOWN]


def _samples(sheet: ImportSheet, column: int) -> list[str]:
    found = (row[column] for row in sheet.rows[: _SEEN * 4] if row[column])
    return [cell for cell, _ in zip(found, range(_SEEN), strict=False)]


def _score(name: ImportField, heading: str, samples: Sequence[str]) -> float:
    by_word = _word_score(name, _folded(heading))
    fit = _fit(name, samples)
    if by_word == 0.0:
        return _ONLY_SAMPLES * fit if name in {_F.PHONE, _F.ADDRESS} and fit > 0.9 else 0.0
    return by_word if not samples else by_word * (0.5 + 0.5 * fit)


def _word_score(name: ImportField, heading: str) -> float:
    if not heading:
        return 0.0
    words = _FOLDED[name]
    if heading in words:
        return 1.0 - 0.01 * words.index(heading)
    inside = [word for word in words if len(word) > 1 and word in heading]
    return 0.6 + 0.2 * max(map(len, inside)) / len(heading) if inside else 0.0


def _fit(name: ImportField, samples: Sequence[str]) -> float:
    """Return the share of the samples that can be this field."""
    if not samples:
        return 0.0
    return sum(1 for one in samples if _can_be(name, plain(one))) / len(samples)


def _can_be(name: ImportField, text: str) -> bool:
    test = _TESTS.get(name)
    return test is None or test(text)


_TESTS: Mapping[ImportField, Callable[[str], bool]] = {
    _F.NUMBER: lambda text: _NUMBER.fullmatch(text) is not None or is_exponent(text),
    _F.PHONE: lambda text: _PHONE.fullmatch(text.replace(" ", "")) is not None or is_exponent(text),
    _F.ADDRESS: lambda text: _ADDRESS.fullmatch(text) is not None,
    _F.QUANTITY: lambda text: quantity_of(text) is not None,
    **dict.fromkeys(_AMOUNTS, lambda text: fen_of(text) is not None),
    **dict.fromkeys((_F.PLACED_AT, _F.PAID_AT), lambda text: time_of(text) is not None),
}
