"""Verifies what WeChat Pay sends and asks it how payments and refunds stand."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from yinuo.connectors.bills import MOST_BILL_BYTES, is_settled
from yinuo.connectors.http import Answer, Operation, Outside, Request, clean_message
from yinuo.connectors.protocols import (
    Bill,
    Health,
    Malformed,
    OutcomeUnknown,
    PaymentNotice,
    PaymentSeen,
    RefundSeen,
    Rejected,
)
from yinuo.connectors.rsa_keys import private_key, public_key
from yinuo.connectors.senders import Senders
from yinuo.connectors.wechat_pay import bills, mapping, signing
from yinuo.connectors.wechat_pay.settings import WechatPaySettings
from yinuo.core import clock

T = TypeVar("T")

QUERY_PAYMENT = Operation(name="pay/query", is_repeatable=True)
QUERY_REFUND = Operation(name="refund/query", is_repeatable=True)
BILL_ADDRESS = Operation(name="bill/address", is_repeatable=True)
BILL_FILE = Operation(name="bill/file", is_repeatable=True)
FRESH_SECONDS = 300
CHECK_NUMBER = "YINUO-CHECK"
_UNKNOWN_NUMBER = frozenset(
    {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "REFUNDNOTEXIST"}
)
_NO_BILL = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING"})


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class WechatPayConnector:
    """One merchant account with WeChat Pay."""

    provider = "wechat_pay"

    def __init__(self, settings: WechatPaySettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        self._keys = {serial: public_key(pem) for serial, pem in settings.platform_keys.items()}
        self._private_key = private_key(settings.private_key_pem())
        self._senders = Senders(settings.allowed_addresses)

    @property
    def account(self) -> str:
        """Return the account's name in the settings."""
        return self.settings.account

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, remote_address: str, now: datetime
    ) -> PaymentNotice:
        """Return what WeChat Pay says, once address, freshness, signature and content are right.

        Header names may be in any case; `body` is the raw body. Raises
        WechatPayAddressNotAllowed, WechatPayStale, WechatPayBadSignature or WechatPayMalformed.
        """
        if not self._senders.allow(remote_address):
            raise mapping.WechatPayAddressNotAllowed
        self._verify(headers, body, now=now)
        return mapping.notice(body, self.settings)

    def query_payment(self, payment_number: str) -> PaymentSeen | None:
        """Return the payment as it stands now, or None when WeChat Pay knows no such number."""
        path = f"/v3/pay/transactions/out-trade-no/{quote(payment_number, safe='')}"

        def read(body: bytes) -> PaymentSeen:
            seen = mapping.payment(body, self.settings)
            if seen.payment_number != payment_number:
                raise OutcomeUnknown(reason="another_number")
            return seen

        return self._get(
            QUERY_PAYMENT,
            f"{path}?{urlencode({'mchid': self.settings.mchid})}",
            read,
            reference=payment_number,
        )

    def query_refund(self, refund_number: str, *, payment_number: str) -> RefundSeen | None:
        """Return the refund as it stands now, or None when WeChat Pay knows no such number."""

        def read(body: bytes) -> RefundSeen:
            seen = mapping.refund(body, self.settings, is_notice=False)
            if (seen.out_refund_number, seen.payment_number) != (refund_number, payment_number):
                raise OutcomeUnknown(reason="another_number")
            return seen

        path = f"/v3/refund/domestic/refunds/{quote(refund_number, safe='')}"
        return self._get(QUERY_REFUND, path, read, reference=refund_number)

    def fetch_bill(self, day: date) -> Bill | None:
        """Return the bill of a day, None while it is not made yet; raises WechatPayMalformed."""
        query = urlencode({"bill_date": day.isoformat(), "bill_type": "ALL", "tar_type": "GZIP"})
        place = self._get(
            BILL_ADDRESS,
            f"/v3/bill/tradebill?{query}",
            bills.place,
            reference=day.isoformat(),
            absent=_NO_BILL,
        )
        if place is None:
            return Bill(day=day, lines=()) if is_settled(day, clock.now()) else None
        target = self._target(place.download_url)
        archive = self.outside.call(
            BILL_FILE,
            lambda: self._request(target, most_bytes=MOST_BILL_BYTES),
            _whole_file,
            reference=day.isoformat(),
        )
        return bills.read(archive, day=day, hash_value=place.hash_value)

    def _target(self, download_url: str) -> str:
        """Return path and query of a bill; it lies with WeChat Pay itself, nowhere else."""
        own = self.settings.address.rstrip("/") + "/"
        if not download_url.startswith(own):
            raise mapping.WechatPayMalformed(problem="bill_address")
        return download_url[len(own) - 1 :]

    def check(self) -> Health:
        """Return how WeChat Pay does, by asking for a number that nobody has."""
        return self.outside.healthy(lambda: self.query_payment(CHECK_NUMBER))

    def _verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        given = {name.lower(): value for name, value in headers.items()}
        timestamp = given.get("wechatpay-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise mapping.WechatPayBadSignature
        if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
            raise mapping.WechatPayStale
        key = self._keys.get(given.get("wechatpay-serial", "").upper())
        scheme = given.get("wechatpay-signature-type", signing.SCHEME)
        if (
            key is None
            or scheme != signing.SCHEME
            or not signing.is_signed(
                key,
                timestamp=timestamp,
                nonce=given.get("wechatpay-nonce", ""),
                body=body,
                signature=given.get("wechatpay-signature", ""),
            )
        ):
            raise mapping.WechatPayBadSignature

    def _get(
        self,
        operation: Operation,
        path_query: str,
        read: Callable[[bytes], T],
        *,
        reference: str,
        absent: frozenset[str] = _UNKNOWN_NUMBER,
    ) -> T | None:
        def understand(answer: Answer) -> T | None:
            if not 200 <= answer.status < 300:
                told = _error(answer)
                if answer.status in {400, 404} and told.code in absent:
                    return None
                raise Rejected(
                    outside_code=clean_message(told.code)[:60] or f"HTTP {answer.status}",
                    outside_message=clean_message(told.message),
                )
            try:
                self._verify(answer.headers, answer.body, now=clock.now())
                return read(answer.body)
            except (mapping.WechatPayBadSignature, mapping.WechatPayStale, Malformed) as error:
                # Not believed, whoever wrote it; the number is asked for again.
                raise OutcomeUnknown(reason=error.code) from None

        return self.outside.call(
            operation,
            lambda: self._request(path_query),
            understand,
            reference=reference,
        )

    def _request(self, path_query: str, *, most_bytes: int | None = None) -> Request:
        headers = {
            "accept": "application/json",
            "authorization": signing.authorization(
                self._private_key,
                mchid=self.settings.mchid,
                serial=self.settings.merchant_serial,
                method="GET",
                path_query=path_query,
                timestamp=str(int(clock.now().timestamp())),
                nonce=secrets.token_hex(16).upper(),
            ),
        }
        key_id = next((one for one in self._keys if one.startswith("PUB_KEY_ID_")), None)
        if key_id is not None:
            headers["wechatpay-serial"] = key_id
        return Request(
            method="GET",
            url=self.settings.address.rstrip("/") + path_query,
            headers=headers,
            most_bytes=most_bytes,
        )


def _whole_file(answer: Answer) -> bytes:
    # The address is good for a short time only; whoever is late asks for a new one.
    if answer.status != 200:
        raise OutcomeUnknown(outside_code=f"HTTP {answer.status}")
    return answer.body


def _error(answer: Answer) -> _Error:
    try:
        return msgspec.json.decode(answer.body, type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Error()
