"""What Alipay sends is believed only when everything fits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.connectors import alipay_keys as keys
from tests.connectors.vectors import VECTORS
from yinuo.connectors import http
from yinuo.connectors.alipay import signing
from yinuo.connectors.alipay.connector import AlipayConnector
from yinuo.connectors.alipay.mapping import (
    AlipayAddressNotAllowed,
    AlipayBadSignature,
    AlipayMalformed,
    AlipayStale,
)
from yinuo.connectors.http import Outside
from yinuo.connectors.protocols import (
    NoticeKind,
    PaymentNotice,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
)
from yinuo.core.money import Fen

VECTOR = VECTORS["alipay_notify"]
AT = datetime(2026, 11, 22, 4, 0, 5, tzinfo=UTC)  # noon in China
SEEN = PaymentSeen(
    account="main",
    payment_number="YN20261122000002",
    transaction_id="2026112222001400000000000002",
    state=PaymentState.PAID,
    amount_fen=Fen(25990),
    payer_fen=Fen(24990),
    currency="CNY",
    paid_at=datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC),
    buyer_id="2088000000000001",
)


@pytest.fixture
def connector() -> Iterator[AlipayConnector]:
    with http.new_client() as client:
        yield AlipayConnector(keys.settings(), Outside("alipay", client=client))


def verify(
    connector: AlipayConnector, body: bytes, *, now: datetime = AT, address: str = ""
) -> PaymentNotice:
    return connector.verify_callback({}, body, remote_address=address, now=now)


def test_the_vector_is_verified_and_read() -> None:
    settings = keys.settings(alipay_public_keys=[VECTOR["alipay_public_key_pem"]])
    body = VECTOR["form_body"].encode()
    fields = signing.form(body)
    assert fields == VECTOR["params"]
    assert signing.notice_text(fields) == VECTOR["string_to_sign"]
    with http.new_client() as client:
        told = verify(AlipayConnector(settings, Outside("a", client=client)), body)
    assert told.event_id == "2026112200222100000000000000000001"
    assert told.kind is NoticeKind.PAYMENT
    assert told.payment is not None
    assert told.payment.payment_number == "YN20261122000002"
    assert told.payment.amount_fen == 25990
    assert told.payment.paid_at == datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC)


def test_keys_may_be_the_bare_base64_of_alipays_pages() -> None:
    pem = VECTOR["alipay_public_key_pem"]
    bare = "".join(line for line in pem.splitlines() if "-----" not in line)
    settings = keys.settings(alipay_public_keys=[bare])
    with http.new_client() as client:
        connector = AlipayConnector(settings, Outside("a", client=client))
        assert verify(connector, VECTOR["form_body"].encode()).payment is not None


def test_a_payment_is_read(connector: AlipayConnector) -> None:
    assert verify(connector, keys.notice()) == PaymentNotice(
        event_id="2026112200222100000000000000000007", kind=NoticeKind.PAYMENT, payment=SEEN
    )
    finished = verify(connector, keys.notice(trade_status="TRADE_FINISHED"))
    assert (finished.kind, finished.payment) == (NoticeKind.PAYMENT, SEEN)


def test_a_success_that_comes_again_with_a_refund_is_a_refund(connector: AlipayConnector) -> None:
    told = verify(connector, keys.notice(**keys.REFUND))
    assert told.kind is NoticeKind.REFUND
    assert told.payment == SEEN
    assert told.refund == RefundSeen(
        account="main",
        refund_id="2026112222001400000000000002/R-1",
        out_refund_number="R-1",
        payment_number="YN20261122000002",
        transaction_id="2026112222001400000000000002",
        state=RefundState.DONE,
        amount_fen=Fen(5000),
        total_fen=Fen(25990),
        refunded_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        so_far_fen=Fen(5000),
    )


def test_closed_after_paying_is_the_whole_refund(connector: AlipayConnector) -> None:
    closed = keys.REFUND | {"trade_status": "TRADE_CLOSED", "refund_fee": "259.90"}
    told = verify(connector, keys.notice(**closed))
    assert told.kind is NoticeKind.REFUND
    assert told.payment is not None
    assert told.payment.state is PaymentState.REFUNDED
    assert told.refund is not None
    assert told.refund.so_far_fen == 25990


def test_closed_without_paying_and_waiting_bring_no_money(connector: AlipayConnector) -> None:
    closed = verify(connector, keys.notice(trade_status="TRADE_CLOSED", gmt_payment=None))
    assert (closed.kind, closed.payment and closed.payment.state) == (
        NoticeKind.CLOSED,
        PaymentState.CLOSED,
    )
    waiting = verify(connector, keys.notice(trade_status="WAIT_BUYER_PAY", gmt_payment=None))
    assert (waiting.kind, waiting.refund) == (NoticeKind.WAITING, None)


def test_a_refund_made_by_hand_without_number_is_named_by_its_moment(
    connector: AlipayConnector,
) -> None:
    told = verify(connector, keys.notice(**keys.REFUND | {"out_biz_no": ""}))
    assert told.refund is not None
    assert told.refund.out_refund_number == "20261122120000"


@pytest.mark.parametrize(
    "body",
    [
        keys.notice().replace(b"259.90", b"259.91"),
        keys.notice(sign="c2ln"),
        keys.notice(sign="***"),
        keys.notice(sign=None).replace(b"sign=", b"sign_=", 1),
        keys.notice(key=keys.app_key()),
        keys.notice(sign_type="RSA"),
        keys.notice(sign_type=None),
        keys.notice() + b"&total_amount=0.01",
        keys.notice() + b"&unknown=1",
        keys.notice() + b"&a=%ff",
        b"",
        b"\xff",
        b"&&&",
        b'{"app_id":"2021000000000001"}',
        b"&".join(b"a%d=1" % number for number in range(300)),
        urlencode(parse_qsl(keys.notice().decode().replace("%2B", "+"))).encode(),
    ],
)
def test_what_does_not_fit_its_signature_is_refused(
    connector: AlipayConnector, body: bytes
) -> None:
    with pytest.raises(AlipayBadSignature):
        verify(connector, body)


def test_fields_that_nobody_knows_are_signed_too(connector: AlipayConnector) -> None:
    assert verify(connector, keys.notice(brand_new="值 1")).payment == SEEN


WRITTEN = datetime(2026, 11, 22, 2, 0, 4, tzinfo=UTC)


def test_a_notice_is_heard_as_long_as_alipay_repeats_it(connector: AlipayConnector) -> None:
    for now in (WRITTEN - timedelta(minutes=5), WRITTEN + timedelta(hours=26)):
        assert verify(connector, keys.notice(), now=now).payment == SEEN
    for now in (WRITTEN - timedelta(minutes=6), WRITTEN + timedelta(hours=26, seconds=1)):
        with pytest.raises(AlipayStale):
            verify(connector, keys.notice(), now=now)


def test_only_listed_addresses_are_heard() -> None:
    settings = keys.settings(allowed_addresses=["110.75.0.0/16"])
    with http.new_client() as client:
        connector = AlipayConnector(settings, Outside("a", client=client))
        assert verify(connector, keys.notice(), address="110.75.1.1").payment == SEEN
        for address in ("110.76.1.1", ""):
            with pytest.raises(AlipayAddressNotAllowed):
                verify(connector, keys.notice(), address=address)


@pytest.mark.parametrize(
    ("problem", "changes"),
    [
        ("app_id", {"app_id": "2021000000000002"}),
        ("app_id", {"app_id": None}),
        ("seller_id", {"seller_id": "2088000000000001"}),
        ("notify_type", {"notify_type": "servicewindow_notify"}),
        ("notify_id", {"notify_id": ""}),
        ("notify_time", {"notify_time": None}),
        ("notify_time", {"notify_time": "2026-11-22T10:00:04"}),
        ("trade_status", {"trade_status": "TRADE_PENDING"}),
        ("out_trade_no", {"out_trade_no": ""}),
        ("out_trade_no", {"out_trade_no": "x" * 129}),
        ("trade_no", {"trade_no": None}),
        ("gmt_payment", {"gmt_payment": None}),
        ("gmt_payment", {"gmt_payment": "tomorrow"}),
        ("total_amount", {"total_amount": "259.901"}),
        ("total_amount", {"total_amount": "2e2"}),
        ("total_amount", {"total_amount": "-1"}),
        ("total_amount", {"total_amount": None}),
        ("buyer_pay_amount", {"buyer_pay_amount": "1,000.00"}),
        ("refund_fee", keys.REFUND | {"refund_fee": "259.91"}),
        ("gmt_refund", keys.REFUND | {"gmt_refund": "?"}),
    ],
)
def test_signed_nonsense_and_what_is_not_for_us_is_malformed(
    connector: AlipayConnector, problem: str, changes: dict[str, str | None]
) -> None:
    with pytest.raises(AlipayMalformed) as caught:
        verify(connector, keys.notice(**changes))
    assert caught.value.details == {"problem": problem}


@pytest.mark.parametrize(
    ("text", "fen"), [("259.90", 25990), ("0.01", 1), ("1", 100), ("9.9", 990), ("0.00", 0)]
)
def test_yuan_text_becomes_fen_exactly(connector: AlipayConnector, text: str, fen: int) -> None:
    told = verify(connector, keys.notice(total_amount=text))
    assert told.payment is not None
    assert told.payment.amount_fen == fen
