"""What a warehouse reports: verified, then read strictly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yinuo.connectors import http
from yinuo.connectors.http import Outside
from yinuo.connectors.protocols import (
    Condition,
    ConfirmedLine,
    Package,
    ProgressReported,
    ShipmentConfirmed,
    SkuQuantity,
    StockChange,
    StockChanged,
)
from yinuo.connectors.qimen import signing
from yinuo.connectors.qimen.connector import QimenConnector
from yinuo.connectors.qimen.reports import (
    QimenBadSignature,
    QimenMalformed,
    QimenStale,
    UnknownMethod,
)
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.core import clock

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SETTINGS = QimenSettings.model_validate(
    {
        "app_key": "33000001",
        "secret": "yinuoqimensecret",
        "customer_id": "c1000001",
        "owner_code": "OWNER1",
    }
)
CONFIRM = """<?xml version="1.0" encoding="utf-8"?><request><deliveryOrder>
<deliveryOrderCode>YN1</deliveryOrderCode><deliveryOrderId>W1</deliveryOrderId>
<warehouseCode>WH-HZ</warehouseCode><orderType>JYCK</orderType><status>DELIVERED</status>
<outBizCode>OB1</outBizCode><confirmType>0</confirmType>
<operateTime>2026-11-22 09:59:00</operateTime></deliveryOrder>
<packages><package><logisticsCode>SF</logisticsCode><expressCode>SF1</expressCode>
<weight>1.25</weight><items><item><itemCode>A</itemCode><quantity>2</quantity></item></items>
</package></packages><orderLines><orderLine><orderLineNo>1</orderLineNo><itemCode>A</itemCode>
<actualQty>2</actualQty></orderLine></orderLines></request>"""


def query(method: str, body: str, at: datetime = AT, **changes: str) -> dict[str, str]:
    made = {
        "method": method,
        "timestamp": signing.to_local_text(at),
        "format": "xml",
        "app_key": "33000001",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c1000001",
        **changes,
    }
    made["sign"] = signing.sign(made, body.encode(), secret="yinuoqimensecret")
    return made


def read(method: str, body: str, **changes: str) -> object:
    with clock.fixed(AT), http.new_client() as client:
        connector = QimenConnector(SETTINGS, Outside("qimen", client=client))
        return connector.parse_callback(query(method, body, **changes), body.encode())


@pytest.mark.parametrize("prefix", ["", "taobao.qimen."])
def test_a_shipment_is_read_whole(prefix: str) -> None:
    assert read(prefix + "deliveryorder.confirm", CONFIRM) == ShipmentConfirmed(
        number="YN1",
        outside_id="W1",
        warehouse="WH-HZ",
        status="DELIVERED",
        report_key="OB1",
        is_final=True,
        operated_at=datetime(2026, 11, 22, 1, 59, tzinfo=UTC),
        packages=(
            Package(
                carrier="SF",
                waybill="SF1",
                weight_grams=1250,
                lines=(SkuQuantity(sku="A", quantity=2),),
            ),
        ),
        lines=(ConfirmedLine(line_number="1", sku="A", quantity=2),),
    )


def test_a_report_without_a_key_gets_the_same_one_each_time() -> None:
    body = CONFIRM.replace("<outBizCode>OB1</outBizCode>", "")
    first = read("deliveryorder.confirm", body)
    again = read("deliveryorder.confirm", body.replace("09:59:00", "09:59:30"))
    other = read("deliveryorder.confirm", body.replace("SF1", "SF2"))
    assert isinstance(first, ShipmentConfirmed)
    assert isinstance(again, ShipmentConfirmed)
    assert isinstance(other, ShipmentConfirmed)
    assert first.report_key == again.report_key != other.report_key


def test_an_intermediate_confirmation_is_not_final() -> None:
    body = CONFIRM.replace("<confirmType>0<", "<confirmType>1<")
    shipment = read("deliveryorder.confirm", body)
    assert isinstance(shipment, ShipmentConfirmed)
    assert not shipment.is_final


def test_stock_changes_are_read() -> None:
    body = (
        "<request><items><item><ownerCode>OWNER1</ownerCode><warehouseCode>WH-NT</warehouseCode>"
        "<orderCode>YN9</orderCode><outBizCode>C1</outBizCode><itemCode>A</itemCode>"
        "<inventoryType>CC</inventoryType><quantity>-3</quantity>"
        "<changeTime>2026-11-22 09:00:00</changeTime></item></items></request>"
    )
    assert read("stockchange.report", body) == StockChanged(
        report_key="C1",
        changes=(
            StockChange(
                warehouse="WH-NT",
                sku="A",
                quantity_delta=-3,
                condition=Condition.DEFECTIVE,
                changed_at=datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
                order_code="YN9",
                out_biz_code="C1",
            ),
        ),
    )


def test_progress_is_read() -> None:
    body = (
        "<request><order><orderCode>YN1</orderCode><orderId>W1</orderId>"
        "<warehouseCode>WH-HZ</warehouseCode></order><process><processStatus>PICK</processStatus>"
        "<operateTime>2026-11-22 09:30:00</operateTime></process></request>"
    )
    told = read("orderprocess.report", body)
    assert isinstance(told, ProgressReported)
    assert (told.number, told.status) == ("YN1", "PICK")
    assert told.operated_at == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def test_a_changed_byte_breaks_the_signature() -> None:
    with clock.fixed(AT), http.new_client() as client:
        connector = QimenConnector(SETTINGS, Outside("qimen", client=client))
        signed = query("deliveryorder.confirm", CONFIRM)
        with pytest.raises(QimenBadSignature):
            connector.parse_callback(signed, CONFIRM.replace("SF1", "SF2").encode())


@pytest.mark.parametrize("seconds", [-601, 601])
def test_a_signed_message_out_of_time_is_stale(seconds: int) -> None:
    with clock.fixed(AT), http.new_client() as client:
        connector = QimenConnector(SETTINGS, Outside("qimen", client=client))
        signed = query("deliveryorder.confirm", CONFIRM, AT + timedelta(seconds=seconds))
        with pytest.raises(QimenStale):
            connector.parse_callback(signed, CONFIRM.encode())


def test_an_unreadable_time_is_stale() -> None:
    with pytest.raises(QimenStale):
        read("deliveryorder.confirm", CONFIRM, timestamp="yesterday")


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownMethod) as caught:
        read("returnorder.confirm", "<request/>")
    assert caught.value.code == "qimen.unknown_method"


@pytest.mark.parametrize(
    ("problem", "body"),
    [
        ("xml", "not xml"),
        ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><request>&x;</request>'),
        ("deliveryOrderCode", "<request/>"),
        ("status", CONFIRM.replace("DELIVERED", "TELEPORTED")),
        ("expressCode", CONFIRM.replace("SF1", "")),
        ("actualQty", CONFIRM.replace("<actualQty>2", "<actualQty>-2")),
        ("quantity", CONFIRM.replace("<quantity>2", "<quantity>two")),
        ("weight", CONFIRM.replace("1.25", "NaN")),
        ("weight", CONFIRM.replace("1.25", "heavy")),
        ("time", CONFIRM.replace("2026-11-22 09:59:00", "soon")),
    ],
)
def test_what_cannot_be_understood_is_malformed(problem: str, body: str) -> None:
    with pytest.raises(QimenMalformed) as caught:
        read("deliveryorder.confirm", body)
    assert caught.value.details == {"problem": problem}


@pytest.mark.parametrize(
    ("problem", "body"),
    [
        ("items", "<request><items/></request>"),
        (
            "inventoryType",
            "<request><items><item><inventoryType>??</inventoryType></item></items></request>",
        ),
    ],
)
def test_stock_changes_that_cannot_be_understood_are_malformed(problem: str, body: str) -> None:
    with pytest.raises(QimenMalformed) as caught:
        read("stockchange.report", body)
    assert caught.value.details == {"problem": problem}


def test_another_customers_message_is_refused() -> None:
    with pytest.raises(QimenMalformed):
        read("deliveryorder.confirm", CONFIRM, customerId="c2")


def test_replies_stand_in_the_vendors_envelope() -> None:
    with http.new_client() as client:
        connector = QimenConnector(SETTINGS, Outside("qimen", client=client))
        assert b"<flag>success</flag>" in connector.reply(ok=True)
        refused = connector.reply(ok=False, message="稍后")
    assert b"<flag>failure</flag>" in refused
    assert "稍后".encode() in refused
