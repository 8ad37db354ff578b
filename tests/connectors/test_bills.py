"""Daily bills are read whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from yinuo.connectors.alipay import bills as alipay
from yinuo.connectors.protocols import BillLine, Malformed
from yinuo.connectors.wechat_pay import bills as wechat_pay
from yinuo.core.money import Fen

DAY = date(2026, 11, 22)
ALIPAY_HEAD = (
    "#支付宝业务明细查询\n#账号：[20880000000000090156]\n"
    "#起始日期：[2026年11月22日 00:00:00]   终止日期：[2026年11月23日 00:00:00]\n"
    "#-----------------------------------------业务明细列表----------------------------------------\n"
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\n"
)
ALIPAY_FOOT = (
    "#-----------------------------------------业务明细列表结束------------------------------------\n"
    "#交易合计：{paid}笔，商家实收共{came}元，商家优惠共0.00元\n"
    "#退款合计：{refunded}笔，商家实收退款共{back}元，商家优惠退款共0.00元\n"
    "#导出时间：[2026年11月23日 09:11:12]\n"
)


def alipay_row(kind: str, amount: str, *, refund: str = "", name: str = "地毯") -> str:
    return (
        f"2026112222001400000000000002\t,YN20261122000002\t,{kind},{name},2026-11-22 10:00:00,"
        f"2026-11-22 10:00:03,,,,,*小明(138****0001),{amount},{amount},0.00,0.00,0.00,0.00,0.00,,"
        f"0.00,0.00,{refund}\t,-1.56,0.00,\n"
    )


def alipay_text(*rows: str, paid: int = 1, refunded: int = 1) -> str:
    foot = ALIPAY_FOOT.format(
        paid=paid,
        refunded=refunded,
        came="259.90" if paid else "0.00",
        back="-50.00" if refunded else "0.00",
    )
    return ALIPAY_HEAD + "".join(rows) + foot


def zipped(text: str | bytes, encoding: str = "gbk") -> bytes:
    content = text if isinstance(text, bytes) else text.encode(encoding)
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("2088_20261122_业务明细(汇总).csv", "#汇总\n门店编号,交易\n".encode("gbk"))
        opened.writestr("2088_20261122_业务明细.csv", content)
    return place.getvalue()


PAID, BACK = alipay_row("交易", "259.90"), alipay_row("退款", "-50.00", refund="R-1")
QUOTED = alipay_row("交易", "259.90", name='"地毯,大"')


@pytest.mark.parametrize("paid", [PAID, QUOTED])
def test_an_alipay_bill_is_read(paid: str) -> None:
    bill = alipay.read(zipped(alipay_text(paid, BACK)), day=DAY)
    at = datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC)
    assert bill.day == DAY
    assert bill.lines == (
        BillLine(
            is_refund=False,
            payment_number="YN20261122000002",
            transaction_id="2026112222001400000000000002",
            amount_fen=Fen(25990),
            at=at,
        ),
        BillLine(
            is_refund=True,
            payment_number="YN20261122000002",
            transaction_id="2026112222001400000000000002",
            refund_number="R-1",
            refund_id="2026112222001400000000000002/R-1",
            amount_fen=Fen(5000),
            at=at,
        ),
    )


def test_an_alipay_bill_of_a_quiet_day_has_no_lines() -> None:
    assert alipay.read(zipped(alipay_text(paid=0, refunded=0)), day=DAY).lines == ()


@pytest.mark.parametrize(
    ("problem", "archive"),
    [
        ("bill_archive", b""),
        ("bill_archive", zipped(alipay_text(PAID, BACK))[:-40]),
        ("bill_archive", zipped(b"\xff\xff\xff")),
        ("bill_archive", zipped("nothing")),
        ("bill_sums", zipped(alipay_text(PAID))),
        ("bill_sums", zipped(ALIPAY_HEAD + PAID)),
        ("bill_sums", zipped(alipay_text(PAID, BACK).replace("实收共259.90", "实收共259.91"))),
        ("bill_sums", zipped(alipay_text(PAID, BACK).replace("退款共-50.00", "退款共-49.99"))),
        ("bill_amount", zipped(alipay_text(PAID, BACK).replace("实收共259.90", "实收共259.901"))),
        ("bill_columns", zipped(alipay_text(PAID, BACK).replace("退款批次号/请求号", "?"))),
        ("bill_kind", zipped(alipay_text(PAID, alipay_row("充值", "1.00")))),
        ("bill_amount", zipped(alipay_text(PAID, alipay_row("退款", "-5.001")))),
        ("bill_row", zipped(alipay_text(PAID, alipay_row("退款", "50.00")))),
        ("bill_row", zipped(alipay_text(alipay_row("交易", "-259.90"), BACK))),
        ("bill_time", zipped(alipay_text(PAID, BACK).replace("2026-11-22 10:00:03", "2026/11/22"))),
    ],
)
def test_a_damaged_alipay_bill_is_refused(problem: str, archive: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        alipay.read(archive, day=DAY)
    assert caught.value.details == {"problem": problem}


WECHAT_HEAD = (
    "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"
)
WECHAT_SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"


def wechat_row(state: str, *, name: str = "地毯") -> str:
    is_refund = state != "SUCCESS"
    values = [
        "2026-11-22 10:00:03", "wx00000000000000aa", "1900000001", "0", "",
        "4200000000202611220000000002", "YN20261122000001", "oSANDBOX0001", "JSAPI", state,
        "OTHERS", "CNY", "0.00" if is_refund else "249.90", "0.00",
        "50000000002026112200000000002" if is_refund else "0", "R-1" if is_refund else "0",
        "50.00" if is_refund else "0.00", "0.00", "ORIGINAL" if is_refund else "",
        "SUCCESS" if is_refund else "", name, "", "0.00000", "0.60%",
        "0.00" if is_refund else "259.90", "50.00" if is_refund else "0.00", "",
    ]  # fmt: skip
    return ",".join(f"`{value}" for value in values) + "\r\n"


def wechat_text(*rows: str, count: int = 2, came: str = "259.90", back: str = "50.00") -> str:
    sums = f"`{count},`249.90,`50.00,`0.00,`0.00000,`{came},`{back}\r\n"
    return WECHAT_HEAD + "".join(rows) + WECHAT_SUMS + sums


SUCCESS, REFUND = wechat_row("SUCCESS", name="地毯,`大` 号"), wechat_row("REFUND")
SUCCESS = SUCCESS.replace(",`大", ",大")


def read_wechat(text: str, hash_value: str | None = None) -> tuple[BillLine, ...]:
    content = text.encode()
    digest = hash_value or hashlib.sha1(content).hexdigest()
    return wechat_pay.read(gzip.compress(content), day=DAY, hash_value=digest).lines


@pytest.mark.parametrize("count", [1, 2])
def test_a_wechat_pay_bill_is_read(count: int) -> None:
    assert read_wechat(wechat_text(SUCCESS, REFUND, count=count)) == (
        BillLine(
            is_refund=False,
            payment_number="YN20261122000001",
            transaction_id="4200000000202611220000000002",
            amount_fen=Fen(25990),
            at=datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC),
        ),
        BillLine(
            is_refund=True,
            payment_number="YN20261122000001",
            transaction_id="4200000000202611220000000002",
            refund_number="R-1",
            refund_id="50000000002026112200000000002",
            amount_fen=Fen(5000),
            at=datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("bill_sums", wechat_text(SUCCESS)),
        ("bill_sums", wechat_text(SUCCESS, REFUND, came="259.91")),
        ("bill_sums", wechat_text(SUCCESS, REFUND, back="50.01")),
        ("bill_columns", WECHAT_HEAD + SUCCESS),
        ("bill_columns", ""),
        ("bill_columns", wechat_text(SUCCESS, REFUND).replace("申请退款金额", "?")),
        ("bill_kind", wechat_text(SUCCESS, wechat_row("REFUNDED"))),
        ("bill_row", wechat_text(SUCCESS.replace("`JSAPI,", ""), REFUND)),
        ("bill_amount", wechat_text(SUCCESS.replace("259.90", "259,90"), REFUND)),
        ("bill_time", wechat_text(SUCCESS.replace("10:00:03", "25:00:03"), REFUND)),
    ],
)
def test_a_damaged_wechat_pay_bill_is_refused(problem: str, text: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_wechat(text)
    assert caught.value.details == {"problem": problem}


def test_a_wechat_pay_bill_with_another_hash_or_cut_off_is_refused() -> None:
    text = wechat_text(SUCCESS, REFUND)
    with pytest.raises(Malformed) as caught:
        read_wechat(text, "0" * 40)
    assert caught.value.details == {"problem": "bill_hash"}
    with pytest.raises(Malformed) as caught:
        wechat_pay.read(gzip.compress(text.encode())[:-9], day=DAY, hash_value="")
    assert caught.value.details == {"problem": "bill_archive"}
    with pytest.raises(Malformed) as caught:
        wechat_pay.place(b'{"download_url":"x","hash_value":"y","hash_type":"MD5"}')
    assert caught.value.details == {"problem": "bill_hash_type"}
