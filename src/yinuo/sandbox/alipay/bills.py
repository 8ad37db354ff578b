"""The bill of a day as Alipay writes it: two tables in GBK inside a zip, comments around the rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta

from yinuo.core import clock
from yinuo.sandbox.alipay.model import vendor_time, yuan
from yinuo.sandbox.bills import Entry

_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_SUM_COLUMNS = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）"


def archive(lines: Sequence[Entry], *, day: date, seller_id: str) -> bytes:
    """Return the zip of a day's bill."""
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in (
            ("业务明细(汇总)", _sums(lines)),
            ("业务明细", _details(lines, day=day, seller_id=seller_id)),
        ):
            opened.writestr(f"{seller_id}0156_{day:%Y%m%d}_{name}.csv", text.encode("gb18030"))
    return place.getvalue()


def _details(lines: Sequence[Entry], *, day: date, seller_id: str) -> str:
    paid = [one for one in lines if not one.is_refund]
    back = [one for one in lines if one.is_refund]
    rule = "-" * 40
    rows = [
        "#支付宝业务明细查询",
        f"#账号：[{seller_id}0156]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   "
        f"终止日期：[{day + timedelta(days=1):%Y年%m月%d日} 00:00:00]",
        f"#{rule}业务明细列表{rule}",
        _COLUMNS,
        *(_row(one) for one in lines),
        f"#{rule}业务明细列表结束{rule}",
        f"#交易合计：{len(paid)}笔，商家实收共{_sum(paid)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_sum(back)}元，商家优惠退款共0.00元",
        f"#导出时间：[{vendor_time(clock.now())}]",
    ]
    return "\r\n".join(rows) + "\r\n"


def _sums(lines: Sequence[Entry]) -> str:
    paid = sum(not one.is_refund for one in lines)
    total = _sum(lines)
    return f"#支付宝业务汇总查询\r\n{_SUM_COLUMNS}\r\n合计,,{paid},{len(lines) - paid},{total},{total}\r\n"


def _row(one: Entry) -> str:
    amount = yuan(-one.amount_fen if one.is_refund else one.amount_fen)
    name = f'"{one.name}"' if "," in one.name else one.name
    kind = "退款" if one.is_refund else "交易"
    at = vendor_time(one.at)
    return (
        f"{one.transaction_id}\t,{one.payment_number}\t,{kind},{name},{at},{at},,,,,{one.buyer},"
        f"{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{one.number}\t,0.00,0.00,"
    )


def _sum(lines: Sequence[Entry]) -> str:
    return yuan(sum(-one.amount_fen if one.is_refund else one.amount_fen for one in lines))
