"""The hub tells Pinduoduo of parcels and stock, and has receivers opened."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.connectors.pinduoduo_orders import ORDER
from tests.connectors.pinduoduo_server import (
    AT,
    NUMBER,
    Call,
    params_of,
    pinduoduo,
    refuses,
    says,
    types,
)
from yinuo.connectors.pinduoduo.answers import dialled
from yinuo.connectors.pinduoduo.envelope import UnknownCarrier
from yinuo.connectors.protocols import (
    Busy,
    OutcomeUnknown,
    QuotaUsed,
    Receiver,
    Rejected,
    SealedReceiver,
    ShipNotice,
    SkuQuantity,
    StockFigures,
    Unavailable,
)
from yinuo.connectors.testing import Reply
from yinuo.core.texts import has_text

COMPANIES = [
    {"id": 44, "code": "SF", "logistics_company": "顺丰快递", "available": 1},
    {"id": 85, "code": "YTO", "logistics_company": "圆通快递", "available": 1},
    {"id": 99, "code": "OLD", "logistics_company": "旧快递", "available": 0},
]


def notice(waybill: str = "SF100", carrier: str = "SF") -> ShipNotice:
    lines = (SkuQuantity(sku="A", quantity=1),)
    return ShipNotice(number=NUMBER, carrier=carrier, waybill=waybill, shipped_at=AT, lines=lines)


class Parcels:
    """A Pinduoduo that has one order, and what it knows of its parcels."""

    def __init__(
        self, *, waybill: str = "", extra: tuple[str, ...] = (), refusal: str = ""
    ) -> None:
        self.waybill, self.extra, self.refusal = waybill, list(extra), refusal
        self.extras: list[list[dict[str, object]]] = []

    def __call__(self, call: Call) -> Reply:
        match call["type"]:
            case "pdd.logistics.companies.get":
                return says("logistics_companies_get", logistics_companies=COMPANIES)
            case "pdd.logistics.online.send":
                if self.waybill or self.refusal:
                    return refuses(50001, self.refusal or "订单已发货")
                self.waybill = call["tracking_number"]
                return says("logistics_online_send", is_success=True)
            case "pdd.order.upload.extra.logistics":
                tracks = json.loads(call["extra_track_list"])
                self.extras.append(tracks)
                self.extra = [one["tracking_number"] for one in tracks]
                return says("upload_extra_logistics", is_success=True)
        extra = [{"logistics_id": 85, "tracking_number": one} for one in self.extra]
        told = {
            "order_status": 2 if self.waybill else 1,
            "tracking_number": self.waybill,
            "extra_delivery_list": extra,
        }
        return says("order_info_get", order_info=ORDER | told)


def test_a_parcel_ships_its_order() -> None:
    shop = Parcels()
    with pinduoduo(shop) as (connector, server):
        connector.notify_shipment(notice())
        connector.notify_shipment(notice())
        connector.notify_shipment(notice("YT1", "圆通快递"))
        connector.notify_shipment(notice("YT2", "yto"))
        connector.notify_shipment(notice("YT1", "圆通快递"))
    sent = params_of(server.seen[1])
    assert (sent["order_sn"], sent["logistics_id"], sent["tracking_number"]) == (
        NUMBER,
        "44",
        "SF100",
    )
    assert shop.waybill == "SF100"
    assert shop.extras == [
        [{"shipping_id": 85, "tracking_number": "YT1"}],
        [
            {"shipping_id": 85, "tracking_number": "YT1"},
            {"shipping_id": 85, "tracking_number": "YT2"},
        ],
    ]
    assert types(server).count("logistics.companies.get") == 1


def test_what_must_not_leave_is_refused() -> None:
    shop = Parcels(refusal="订单正在风控审核中")
    with (
        pinduoduo(shop) as (connector, _server),
        pytest.raises(Rejected) as caught,
    ):
        connector.notify_shipment(notice())
    assert caught.value.details["outside_message"] == "订单正在风控审核中"
    assert (shop.waybill, shop.extras) == ("", [])


def test_an_unknown_carrier_is_named() -> None:
    with pinduoduo(Parcels(), carriers={"JD": 120}) as (connector, server):
        for carrier in ("XX", "OLD"):
            with pytest.raises(UnknownCarrier) as caught:
                connector.notify_shipment(notice(carrier=carrier))
            assert caught.value.details["carrier"] == carrier
        assert has_text(caught.value.code)
        connector.notify_shipment(notice(carrier="JD"))
    assert types(server) == ["logistics.companies.get", "logistics.online.send"]
    assert params_of(server.seen[1])["logistics_id"] == "120"


class Shelf:
    """A Pinduoduo with three articles, two of them under one code."""

    def __init__(self, *, refused: int = 0) -> None:
        self.refused = refused
        self.shown: list[tuple[str, str, str]] = []

    def __call__(self, call: Call) -> Reply:
        if call["type"] == "pdd.goods.list.get":
            goods = [
                {"goods_id": 1, "sku_list": [{"sku_id": 11, "outer_id": "A"}]},
                {"goods_id": 2, "sku_list": [{"sku_id": 21, "outer_id": "A"}]},
                {"goods_id": 3, "sku_list": [{"sku_id": 31, "outer_id": ""}]},
            ]
            return says("goods_list_get", goods_list=goods, total_count=3)
        if call["goods_id"] == str(self.refused):
            return refuses(50002, "资源位商品不能减少库存")
        assert call["update_type"] == "1"
        self.shown.append((call["goods_id"], call["sku_id"], call["quantity"]))
        return says("goods_quantity_update", is_success=True)


def figures(version: int, **quantities: int) -> StockFigures:
    lines = tuple(SkuQuantity(sku=sku, quantity=units) for sku, units in quantities.items())
    return StockFigures(version=version, lines=lines)


def test_stock_is_shown_for_all_that_the_shop_sells() -> None:
    shelf = Shelf()
    with pinduoduo(shelf) as (connector, server):
        assert connector.push_stock(figures(7, A=5, NOT_SOLD=3)) == 7
        assert connector.push_stock(figures(6, A=9)) == 6
        assert connector.push_stock(figures(8, A=0)) == 8
    assert shelf.shown == [("1", "11", "5"), ("2", "21", "5"), ("1", "11", "0"), ("2", "21", "0")]
    assert types(server).count("goods.list.get") == 1


def test_a_refused_figure_does_not_stop_the_others() -> None:
    shelf = Shelf(refused=1)
    wanted = StockFigures(
        version=3, lines=(SkuQuantity(sku="A", quantity=1), SkuQuantity(sku="31", quantity=4))
    )
    with (
        pinduoduo(shelf) as (connector, _server),
        pytest.raises(Rejected),
    ):
        connector.push_stock(wanted)
    assert shelf.shown == [("3", "31", "4")]


SEALED = SealedReceiver(name="~name~", phone="$phone$", detail="~detail~")
MASKED = Receiver(
    name="李*",
    phone="138****0000",
    province="上海市",
    city="上海市",
    district="浦东新区",
    detail="*",
)


def opened(call: Call, phone: object = "13800000000", **more: object) -> Reply:
    plain = {"~name~": "李四", "$phone$": phone, "~detail~": "世纪大道100号"}
    kinds = {"~name~": 5, "$phone$": 6, "~detail~": 8}
    found = [
        {
            "data_tag": one["data_tag"],
            "encrypted_data": one["encrypted_data"],
            "data_type": kinds[one["encrypted_data"]],
            "decrypted_data": plain[one["encrypted_data"]],
            "error_code": 0,
        }
        | more
        for one in json.loads(call["data_list"])
    ]
    return says("open_decrypt_batch", data_decrypt_list=found)


@pytest.mark.parametrize("more", [{}, {"encrypted_data": None}])
def test_a_receiver_is_opened(more: dict[str, object]) -> None:
    with pinduoduo(lambda call: opened(call, **more)) as (connector, server):
        receiver = connector.unseal(NUMBER, SEALED, MASKED)
        assert connector.unseal(NUMBER, SealedReceiver(), MASKED) == MASKED
    assert receiver == Receiver(
        name="李四",
        phone="13800000000",
        province="上海市",
        city="上海市",
        district="浦东新区",
        detail="世纪大道100号",
    )
    assert len(server.seen) == 1
    assert json.loads(params_of(server.seen[0])["data_list"])[0] == {
        "data_tag": NUMBER,
        "encrypted_data": "~name~",
    }


@pytest.mark.parametrize(
    ("told", "phone"),
    [
        ("$18400000000$#1234#", "18400000000-1234"),
        ("18400000000#1234#", "18400000000-1234"),
        ("9512345#12345678#", "9512345-12345678"),
        ("13800000000", "13800000000"),
        ("", ""),
    ],
)
def test_a_virtual_number_is_written_as_it_is_dialled(told: str, phone: str) -> None:
    assert dialled(told) == phone


def test_an_extension_told_apart_is_put_behind_its_number() -> None:
    more = {"virtual_identify_number": "1234", "virtual_number_type": 1}
    sealed = SealedReceiver(phone="$phone$")
    with pinduoduo(lambda call: opened(call, "18400000000", **more)) as (connector, _server):
        assert connector.unseal(NUMBER, sealed, MASKED).phone == "18400000000-1234"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda _call: refuses(50001, "今日解密额度已用完"), QuotaUsed),
        (lambda call: opened(call, error_code=1, error_msg="解密次数已达上限"), QuotaUsed),
        (lambda call: opened(call, error_code=2, error_msg="密文不属于该订单"), Rejected),
        (lambda _call: refuses(30000, "无权限"), Rejected),
        (lambda _call: refuses(52101), Busy),
        (lambda _call: says("open_decrypt_batch", data_decrypt_list=[]), OutcomeUnknown),
        (lambda call: opened(call, decrypted_data=""), OutcomeUnknown),
    ],
)
def test_what_cannot_be_opened_says_why_and_is_asked_once(
    answer: Callable[[Call], Reply], kind: type[Exception]
) -> None:
    with (
        pinduoduo(answer) as (connector, server),
        pytest.raises((Rejected, Unavailable)) as caught,
    ):
        connector.unseal(NUMBER, SEALED, MASKED)
    assert type(caught.value) is kind
    assert len(server.seen) == 1
