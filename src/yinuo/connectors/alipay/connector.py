"""Verifies what Alipay sends and asks it how payments, refunds and days stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from yinuo.connectors.alipay import bills, mapping, signing
from yinuo.connectors.alipay.settings import AlipaySettings
from yinuo.connectors.bills import MOST_BILL_BYTES, is_settled
from yinuo.connectors.http import Answer, Operation, Outside, Request, clean_message
from yinuo.connectors.protocols import (
    Bill,
    Busy,
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
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import YinuoError

T = TypeVar("T")

QUERY_PAYMENT = Operation(name="trade/query", is_repeatable=True)
QUERY_REFUND = Operation(name="refund/query", is_repeatable=True)
BILL_ADDRESS = Operation(name="bill/address", is_repeatable=True)
BILL_FILE = Operation(name="bill/file", is_repeatable=True)
# A notice is repeated for 25 hours; what is older is played back by somebody else.
REPEATED_FOR = timedelta(hours=26)
AHEAD = timedelta(minutes=5)
CHECK_NUMBER = "YINUO-CHECK"
_UNKNOWN_NUMBER = frozenset({"ACQ.TRADE_NOT_EXIST"})
_NO_BILL = frozenset({"BILL_NOT_EXIST", "isp.bill_not_exist"})
_COME_AGAIN = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"})


class _Head(msgspec.Struct, frozen=True):
    code: str = ""
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""


class _Address(msgspec.Struct, frozen=True):
    bill_download_url: str


class AlipayConnector:
    """One app of one merchant with Alipay."""

    provider = "alipay"

    def __init__(self, settings: AlipaySettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        self._keys = [public_key(text) for text in settings.alipay_public_keys]
        self._private_key = private_key(settings.private_key_text())
        self._senders = Senders(settings.allowed_addresses)

    @property
    def account(self) -> str:
        """Return the account's name in the settings."""
        return self.settings.account

    def verify_callback(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - Alipay signs in the body; others in headers
        body: bytes,
        *,
        remote_address: str,
        now: datetime,
    ) -> PaymentNotice:
        """Return what Alipay says, once address, signature, freshness and content are right.

        Raises AlipayAddressNotAllowed, AlipayBadSignature, AlipayStale or AlipayMalformed.
        """
        if not self._senders.allow(remote_address):
            raise mapping.AlipayAddressNotAllowed
        fields = signing.form(body)
        if (
            fields is None
            or fields.get("sign_type") != signing.SCHEME
            or not signing.is_signed(
                self._keys,
                signing.notice_text(fields).encode(),
                signature=fields.get("sign", ""),
            )
        ):
            raise mapping.AlipayBadSignature
        # The moment of writing is signed too, but is not renewed when a notice is repeated.
        written_at = mapping.written_at(fields)
        if not -AHEAD <= now - written_at <= REPEATED_FOR:
            raise mapping.AlipayStale
        return mapping.notice(fields, self.settings)

    def query_payment(self, payment_number: str) -> PaymentSeen | None:
        """Return the payment as it stands now, or None when Alipay knows no such number."""

        def read(node: str) -> PaymentSeen:
            seen = mapping.payment(node, self.settings)
            if seen.payment_number != payment_number:
                raise OutcomeUnknown(reason="another_number")
            return seen

        return self._ask(
            QUERY_PAYMENT,
            "alipay.trade.query",
            {"out_trade_no": payment_number},
            read,
            absent=_UNKNOWN_NUMBER,
            reference=payment_number,
        )

    def query_refund(self, refund_number: str, *, payment_number: str) -> RefundSeen | None:
        """Return the refund as it stands now, or None when Alipay knows no such number."""

        def read(node: str) -> RefundSeen | None:
            seen = mapping.refund(node, self.settings)
            if seen is not None and (
                seen.out_refund_number != refund_number or seen.payment_number != payment_number
            ):
                raise OutcomeUnknown(reason="another_number")
            return seen

        asked = {
            "out_trade_no": payment_number,
            "out_request_no": refund_number,
            "query_options": ["gmt_refund_pay"],
        }
        return self._ask(
            QUERY_REFUND,
            "alipay.trade.fastpay.refund.query",
            asked,
            read,
            absent=_UNKNOWN_NUMBER,
            reference=refund_number,
        )

    def fetch_bill(self, day: date) -> Bill | None:
        """Return the bill of a day, None while it is not made yet; raises AlipayMalformed."""
        address = self._ask(
            BILL_ADDRESS,
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": day.isoformat()},
            lambda node: msgspec.json.decode(node, type=_Address).bill_download_url,
            absent=_NO_BILL,
            reference=day.isoformat(),
        )
        if address is None:
            return Bill(day=day, lines=()) if is_settled(day, clock.now()) else None
        request = Request(method="GET", url=self._bill_address(address), most_bytes=MOST_BILL_BYTES)
        archive = self.outside.call(
            BILL_FILE, lambda: request, _whole_file, reference=day.isoformat()
        )
        return bills.read(archive, day=day)

    def check(self) -> Health:
        """Return how Alipay does, by asking for a number that nobody has."""
        return self.outside.healthy(lambda: self.query_payment(CHECK_NUMBER))

    def _bill_address(self, given: str) -> str:
        """Return where a bill is fetched: only from hosts that are known, and never in the clear."""
        parts, own = urlsplit(given), urlsplit(self.settings.address)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return given
        if parts.netloc not in self.settings.bill_hosts:
            raise mapping.AlipayMalformed(problem="bill_address")
        return urlunsplit(parts._replace(scheme="https"))

    def _ask(
        self,
        operation: Operation,
        method: str,
        content: Mapping[str, object],
        read: Callable[[str], T | None],
        *,
        absent: frozenset[str],
        reference: str,
    ) -> T | None:
        def understand(answer: Answer) -> T | None:
            try:
                node = self._node(answer, method)
                head = msgspec.json.decode(node, type=_Head)
                if head.code == "10000":
                    return read(node)
            except (mapping.AlipayBadSignature, Malformed, msgspec.DecodeError) as error:
                # Not believed, whoever wrote it; the number is asked for again.
                code = error.code if isinstance(error, YinuoError) else "json"
                raise OutcomeUnknown(reason=code) from None
            if head.code == "40004" and head.sub_code in absent:
                return None
            raise _refusal(head)

        return self.outside.call(
            operation, lambda: self._request(method, content), understand, reference=reference
        )

    def _node(self, answer: Answer, method: str) -> str:
        """Return the answer's own part, signed; refusals of the gateway itself carry no signature."""
        members = signing.members(answer.body) or {}
        node = members.get(method.replace(".", "_") + "_response", members.get("error_response"))
        if answer.status != 200 or node is None:
            raise OutcomeUnknown(outside_code=f"HTTP {answer.status}")
        if "sign" in members:
            signature = msgspec.json.decode(members["sign"], type=str)
            if not signing.is_signed(self._keys, node.encode(), signature=signature):
                raise mapping.AlipayBadSignature
        elif msgspec.json.decode(node, type=_Head).code in {"10000", "40004"}:
            raise mapping.AlipayBadSignature
        return node

    def _request(self, method: str, content: Mapping[str, object]) -> Request:
        told = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        fields = {
            "app_id": self.settings.app_id,
            "charset": "utf-8",
            "format": "JSON",
            "method": method,
            "sign_type": signing.SCHEME,
            "timestamp": f"{clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
        }
        text = signing.request_text(fields | {"biz_content": told})
        query = urlencode(fields | {"sign": signing.sign(self._private_key, text)})
        return Request(
            method="POST",
            url=f"{self.settings.address}?{query}",
            headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
            body=urlencode({"biz_content": told}).encode(),
        )


def _whole_file(answer: Answer) -> bytes:
    # The address is good for half a minute only; whoever is late asks for a new one.
    if answer.status != 200:
        raise OutcomeUnknown(outside_code=f"HTTP {answer.status}")
    return answer.body


def _refusal(head: _Head) -> Rejected | Busy | OutcomeUnknown:
    code = clean_message(head.sub_code or head.code)[:60]
    if head.code == "40005":
        return Busy(outside_code=code)
    if head.code in {"20000", "10003"} or head.sub_code in _COME_AGAIN:
        return OutcomeUnknown(outside_code=code)
    return Rejected(outside_code=code, outside_message=clean_message(head.sub_msg or head.msg))
