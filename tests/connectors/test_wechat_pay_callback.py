"""What WeChat Pay sends is believed only when everything fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpayv3.core import Core

from tests.connectors import wechat_pay_keys as keys
from tests.connectors.vectors import VECTORS
from yinuo.connectors import http
from yinuo.connectors.http import Outside
from yinuo.connectors.protocols import (
    NoticeKind,
    PaymentNotice,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
)
from yinuo.connectors.wechat_pay import signing
from yinuo.connectors.wechat_pay.connector import WechatPayConnector
from yinuo.connectors.wechat_pay.mapping import (
    WechatPayAddressNotAllowed,
    WechatPayBadSignature,
    WechatPayMalformed,
    WechatPayStale,
)
from yinuo.core.money import Fen

VECTOR = VECTORS["wechat_pay_v3"]
VECTOR_AT = datetime.fromtimestamp(1795312801, UTC)
AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)
PAYMENT: dict[str, Any] = json.loads(VECTOR["resource_plaintext"])
REFUND: dict[str, Any] = json.loads(VECTOR["refund_resource"]["plaintext"])
SEEN = PaymentSeen(
    account="main",
    payment_number="YN20261122000001",
    transaction_id="4200000000202611220000000001",
    state=PaymentState.PAID,
    amount_fen=Fen(25990),
    payer_fen=Fen(25990),
    currency="CNY",
    paid_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
    buyer_id="oSANDBOX0001",
)


@pytest.fixture
def connector() -> Iterator[WechatPayConnector]:
    with http.new_client() as client:
        yield WechatPayConnector(keys.settings(), Outside("wechat_pay", client=client))


def verify(
    connector: WechatPayConnector,
    body: bytes,
    headers: dict[str, str] | None = None,
    address: str = "127.0.0.1",
) -> PaymentNotice:
    return connector.verify_callback(
        headers or keys.signed(body, AT), body, remote_address=address, now=AT
    )


@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_the_vector_is_verified_and_decrypted_whatever_the_case_of_headers(case: Any) -> None:
    settings = keys.settings(
        apiv3_key=VECTOR["apiv3_key"],
        platform_keys={VECTOR["headers"]["Wechatpay-Serial"]: VECTOR["platform_public_key_pem"]},
    )
    with http.new_client() as client:
        told = WechatPayConnector(settings, Outside("w", client=client)).verify_callback(
            {case(name): value for name, value in VECTOR["headers"].items()},
            VECTOR["body_raw"].encode(),
            remote_address="",
            now=VECTOR_AT,
        )
    assert told == PaymentNotice(event_id="EV-YINUO-0001", kind=NoticeKind.PAYMENT, payment=SEEN)


def test_the_refund_vector_is_decrypted() -> None:
    vector = VECTOR["refund_resource"]
    plain = signing.decrypt(
        VECTOR["apiv3_key"].encode(),
        nonce=vector["nonce"],
        associated_data=vector["associated_data"],
        ciphertext=vector["ciphertext"],
    )
    assert plain == vector["plaintext"].encode()


def test_a_refund_is_read(connector: WechatPayConnector) -> None:
    told = verify(connector, keys.notice(REFUND, "REFUND.SUCCESS"))
    assert told.kind is NoticeKind.REFUND
    assert told.refund == RefundSeen(
        account="main",
        refund_id="50000000002026112200000000001",
        out_refund_number="YNR20261122000001",
        payment_number="YN20261122000001",
        transaction_id="4200000000202611220000000001",
        state=RefundState.DONE,
        amount_fen=Fen(5000),
        total_fen=Fen(25990),
        refunded_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("word", ["CLOSED", "ABNORMAL"])
def test_a_refund_that_failed_has_no_time(connector: WechatPayConnector, word: str) -> None:
    plain = {key: value for key, value in REFUND.items() if key != "success_time"}
    told = verify(connector, keys.notice(plain | {"refund_status": word}, f"REFUND.{word}"))
    assert told.refund is not None
    assert told.refund.state is RefundState(word.lower())
    assert told.refund.refunded_at is None


def test_a_buyer_with_a_coupon_pays_less_than_the_total(connector: WechatPayConnector) -> None:
    plain = PAYMENT | {"amount": PAYMENT["amount"] | {"payer_total": 20990}}
    told = verify(connector, keys.notice(plain))
    assert told.payment is not None
    assert (told.payment.amount_fen, told.payment.payer_fen) == (25990, 20990)


BODY = keys.notice(PAYMENT)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abcdef=="),
        ("Wechatpay-Signature", "签名"),
        ("Wechatpay-Signature", ""),
        ("Wechatpay-Nonce", "another"),
        ("Wechatpay-Serial", "PUB_KEY_ID_OTHER"),
        ("Wechatpay-Serial", ""),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        ("Wechatpay-Timestamp", "soon"),
        ("Wechatpay-Timestamp", "１７９５３１２８０１"),
        ("Wechatpay-Timestamp", "-1795312801"),
        ("Wechatpay-Timestamp", str(int(AT.timestamp()) + 1)),
    ],
)
def test_a_header_that_does_not_fit_is_a_bad_signature(
    connector: WechatPayConnector, header: str, value: str
) -> None:
    with pytest.raises(WechatPayBadSignature) as caught:
        verify(connector, BODY, keys.signed(BODY, AT) | {header: value})
    assert caught.value.code == "wechat_pay.bad_signature"


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"EV-1", b"EV-2"), b""])
def test_a_changed_byte_is_a_bad_signature(connector: WechatPayConnector, body: bytes) -> None:
    with pytest.raises(WechatPayBadSignature):
        verify(connector, body, keys.signed(BODY, AT))


def test_no_headers_are_a_bad_signature(connector: WechatPayConnector) -> None:
    with pytest.raises(WechatPayBadSignature):
        connector.verify_callback({}, BODY, remote_address="", now=AT)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_right_signature_out_of_time_is_stale(
    connector: WechatPayConnector, seconds: int
) -> None:
    with pytest.raises(WechatPayStale):
        verify(connector, BODY, keys.signed(BODY, AT + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_fine(connector: WechatPayConnector, seconds: int) -> None:
    assert verify(connector, BODY, keys.signed(BODY, AT + timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    ("address", "is_fine"),
    [
        ("101.226.103.5", True),
        ("::ffff:101.226.103.5", True),
        ("2402:4e00::1", True),
        ("101.226.104.1", False),
        ("", False),
        ("testclient", False),
    ],
)
def test_only_listed_addresses_are_heard(address: str, is_fine: bool) -> None:
    settings = keys.settings(allowed_addresses=["101.226.103.0/25", "2402:4e00::/32"])
    with http.new_client() as client:
        connector = WechatPayConnector(settings, Outside("w", client=client))
        if is_fine:
            assert verify(connector, BODY, address=address).event_id == "EV-1"
        else:
            with pytest.raises(WechatPayAddressNotAllowed):
                verify(connector, BODY, address=address)


def amount(**changes: object) -> dict[str, Any]:
    return PAYMENT | {"amount": PAYMENT["amount"] | changes}


@pytest.mark.parametrize(
    ("problem", "body"),
    [
        ("body", b"{}"),
        ("body", b"not json"),
        ("body", b"[" * 100_000),
        ("body", keys.notice(PAYMENT, id=5)),
        ("body", keys.notice(PAYMENT, resource=None)),
        ("body", keys.notice(PAYMENT, resource=keys.sealed(PAYMENT, nonce="short"))),
        ("algorithm", keys.notice(PAYMENT, resource=keys.sealed(PAYMENT, algorithm="SM4"))),
        ("algorithm", keys.notice(PAYMENT, resource_type="plain")),
        ("ciphertext", keys.notice(PAYMENT, resource=keys.sealed(PAYMENT, key="x" * 32))),
        ("ciphertext", keys.notice(PAYMENT, resource=keys.sealed(PAYMENT, ciphertext="***"))),
        ("ciphertext", keys.notice(PAYMENT, resource=keys.sealed(PAYMENT, associated_data="x"))),
        ("event_type", keys.notice(PAYMENT, "TRANSACTION.UNKNOWN")),
        ("payment", keys.notice([])),
        ("payment", keys.notice(amount(total="25990"))),
        ("payment", keys.notice(amount(total=-1))),
        ("payment", keys.notice(amount(total=259.9))),
        ("payment", keys.notice(PAYMENT | {"success_time": "2026-11-22T10:00:00"})),
        ("payment", keys.notice(PAYMENT | {"out_trade_no": "x"})),
        ("mchid", keys.notice(PAYMENT | {"mchid": "1900000009"})),
        ("appid", keys.notice(PAYMENT | {"appid": "wx_other"})),
        ("trade_state", keys.notice(PAYMENT | {"trade_state": "DONE"})),
        ("trade_state", keys.notice(PAYMENT | {"trade_state": "NOTPAY"})),
        ("transaction_id", keys.notice(PAYMENT | {"transaction_id": ""})),
        ("success_time", keys.notice({**PAYMENT, "success_time": None})),
        ("refund", keys.notice(PAYMENT, "REFUND.SUCCESS")),
        ("refund_status", keys.notice(REFUND, "REFUND.CLOSED")),
        ("refund_status", keys.notice(REFUND | {"refund_status": "?"}, "REFUND.SUCCESS")),
        ("mchid", keys.notice(REFUND | {"mchid": None}, "REFUND.SUCCESS")),
        (
            "amount",
            keys.notice(REFUND | {"amount": {"total": 100, "refund": 101}}, "REFUND.SUCCESS"),
        ),
    ],
)
def test_signed_nonsense_is_malformed(
    connector: WechatPayConnector, problem: str, body: bytes
) -> None:
    with pytest.raises(WechatPayMalformed) as caught:
        verify(connector, body)
    assert caught.value.details == {"problem": problem}


def test_old_and_new_keys_stand_side_by_side() -> None:
    settings = keys.settings(
        platform_keys={
            "5157f09efdc096de": VECTOR["platform_public_key_pem"],
            keys.KEY_ID: keys.public_pem(keys.platform_key()),
        }
    )
    with http.new_client() as client:
        connector = WechatPayConnector(settings, Outside("w", client=client))
        assert verify(connector, BODY)
        with pytest.raises(WechatPayBadSignature):
            verify(
                connector, BODY, keys.signed(BODY, AT) | {"Wechatpay-Serial": "5157F09EFDC096DE"}
            )


def test_the_public_sdk_agrees_about_the_same_message() -> None:
    sdk = Core(
        mchid="1900000001",
        cert_serial_no=keys.MERCHANT_SERIAL,
        private_key=keys.private_pem(keys.merchant_key()),
        apiv3_key=keys.APIV3_KEY,
        public_key=keys.public_pem(keys.platform_key()),
        public_key_id=keys.KEY_ID,
    )
    told = sdk.callback(keys.signed(BODY, AT), BODY)
    assert told["resource"] == PAYMENT
    assert not sdk.callback(keys.signed(BODY, AT), BODY + b" ")
