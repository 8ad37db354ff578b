"""Notifications to the merchant: forms, signed anew for each attempt, damaged on demand."""

from __future__ import annotations

import functools
import secrets
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core import clock
from yinuo.sandbox.alipay.gate import Keys, signed_text
from yinuo.sandbox.alipay.model import vendor_time
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest
from yinuo.sandbox.wechat_pay import crypto

ANSWER_WITHIN = 5.0
# How an error fault on a notification can damage it; those of the second line are signed.
DAMAGES = (
    *("BAD_SIGN", "WRONG_KEY", "MALFORMED"),
    *("STALE", "OTHER_APP", "OTHER_SELLER", "WRONG_AMOUNT", "UNKNOWN_ORDER"),
)
_FORGED = {
    "STALE": {"notify_time": "2020-01-01 00:00:00"},
    "OTHER_APP": {"app_id": "2021000000009999"},
    "OTHER_SELLER": {"seller_id": "2088000000009999"},
    "WRONG_AMOUNT": {"total_amount": "0.01"},
    "UNKNOWN_ORDER": {"out_trade_no": "NOBODYS-ORDER"},
}


def new_notice_id() -> str:
    """Return the id of a new notification."""
    return f"{clock.now():%Y%m%d}00222{secrets.randbelow(10**21):021d}"


class NoticeWriter:
    """Writes an attempt of a notification from its letter."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    @functools.cached_property
    def _stranger(self) -> rsa.RSAPrivateKey:
        return crypto.private_key(crypto.make_private_key())

    def write(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        """Return the signed form; a fault's code says how it is damaged, or NEW_ID."""
        fields = msgspec.json.decode(letter.content["fields"], type=dict[str, str])
        fields |= _FORGED.get(damage or "", {})
        if damage == "NEW_ID":
            fields["notify_id"] = new_notice_id()
        key = self._stranger if damage == "WRONG_KEY" else self._keys.alipay
        fields |= {
            "sign_type": "RSA2",
            "sign": crypto.sign(key, signed_text(fields, without=("sign", "sign_type"))),
        }
        if damage in {"BAD_SIGN", "damaged"}:
            fields["sign"] = "c2lnbmF0dXJl"
        body = b"out_trade_no=&&" if damage == "MALFORMED" else urlencode(fields).encode()
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return OutgoingRequest(body=body, headers={"Content-Type": kind})


def content_of(fields: dict[str, str]) -> dict[str, str]:
    """Return the content of a letter that tells of one event; its id stays over all repeats."""
    told = fields | {"notify_id": new_notice_id(), "notify_time": vendor_time(clock.now())}
    return {"fields": msgspec.json.encode(told).decode()}


def is_accepted(answer: HubAnswer) -> bool:
    """Return whether the merchant took the notification: the seven characters, and no more."""
    is_in_time = answer.seconds <= ANSWER_WITHIN
    return answer.status == 200 and answer.body == b"success" and is_in_time
