"""The trade bill of a day as WeChat Pay writes it: values behind a backquote, sums in the last row."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from yinuo.core.clock import SHANGHAI
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.sandbox.bills import Entry
from yinuo.sandbox.wechat_pay.model import Fields

_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def table(lines: Sequence[Entry], fields: Fields) -> bytes:
    """Return the table before compression; its hash is over these bytes."""
    came = _sum(lines, is_refund=False)
    back = _sum(lines, is_refund=True)
    sums = [str(len(lines)), came, back, "0.00", "0.00000", came, back]
    rows = [_COLUMNS, *(_row(one, fields) for one in lines), _SUMS, _quoted(sums)]
    return ("\ufeff" + "".join(f"{row}\r\n" for row in rows)).encode()


def packed(content: bytes) -> bytes:
    """Return the file as it is sent."""
    return gzip.compress(content)


def _row(one: Entry, fields: Fields) -> str:
    amount, nothing = _yuan(one.amount_fen), "0.00"
    at = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    paid, back = (nothing, amount) if one.is_refund else (amount, nothing)
    state = "REFUND" if one.is_refund else "SUCCESS"
    return _quoted(
        [
            *(at, fields.appid, fields.mchid, "0", "", one.transaction_id, one.payment_number),
            *(one.buyer, "JSAPI", state, "OTHERS", "CNY", paid, nothing),
            *(one.refund_id or "0", one.number or "0", back, nothing),
            *(("ORIGINAL", "SUCCESS") if one.is_refund else ("", "")),
            *(one.name, "", "0.00000", "0.60%", paid, back, ""),
        ]
    )


def _quoted(values: Sequence[str]) -> str:
    return ",".join(f"`{value}" for value in values)


def _sum(lines: Sequence[Entry], *, is_refund: bool) -> str:
    return _yuan(sum(one.amount_fen for one in lines if one.is_refund is is_refund))


def _yuan(amount: int) -> str:
    return fen_to_yuan(Fen(amount))
