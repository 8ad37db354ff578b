"""Notifications to the merchant: encrypted, signed anew for each attempt, damaged on demand."""

from __future__ import annotations

import functools
import secrets
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.gate import Gate
from yinuo.sandbox.wechat_pay.model import vendor_time

ANSWER_WITHIN = 5.0
# How an error fault on a notification can damage it; SIGNTEST is what the vendor itself sends.
DAMAGES = ("SIGNTEST", "STALE", "WRONG_KEY", "BAD_CIPHERTEXT", "MALFORMED", "UNKNOWN_SERIAL")
PROBE = "WECHATPAY/SIGNTEST/"


def new_notice_id() -> str:
    """Return the id of a new notification."""
    return new_id("EV").replace("_", "-")


class NoticeWriter:
    """Writes an attempt of a notification from its letter."""

    def __init__(self, gate: Gate, *, apiv3_key: str) -> None:
        self._gate = gate
        self._apiv3_key = apiv3_key

    @functools.cached_property
    def _stranger(self) -> rsa.RSAPrivateKey:
        return crypto.private_key(crypto.make_private_key())

    def write(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        """Return the signed request; a fault's code says how it is damaged, or NEW_ID."""
        body = self._body(letter, damage)
        headers = self._gate.signature(body, age=600 if damage == "STALE" else 0)
        if damage == "WRONG_KEY":
            text = crypto.signed_text(
                headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body
            )
            headers["Wechatpay-Signature"] = crypto.sign(self._stranger, text)
        elif damage == "UNKNOWN_SERIAL":
            headers["Wechatpay-Serial"] = "PUB_KEY_ID_9999999999999999999999999999999"
        elif damage in {"SIGNTEST", "damaged"}:
            headers["Wechatpay-Signature"] = PROBE + headers["Wechatpay-Signature"][len(PROBE) :]
        return OutgoingRequest(body=body, headers=headers | {"Content-Type": "application/json"})

    def _body(self, letter: Letter, damage: str | None) -> bytes:
        if damage == "MALFORMED":
            return b'{"id":"EV-BROKEN","resource":'
        content = letter.content
        nonce = secrets.token_hex(6)
        original = content["original_type"]
        key = secrets.token_hex(16) if damage == "BAD_CIPHERTEXT" else self._apiv3_key
        sealed = crypto.encrypt(key, nonce, original, content["plain"].encode())
        resource: dict[str, JsonValue] = {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": original,
            "nonce": nonce,
        }
        body: dict[str, JsonValue] = {
            "id": new_notice_id() if damage == "NEW_ID" else content["id"],
            "create_time": content["create_time"],
            "resource_type": "encrypt-resource",
            "event_type": content["event_type"],
            "summary": content["summary"],
            "resource": resource,
        }
        return msgspec.json.encode(body)


def notice(
    plain: dict[str, JsonValue], *, original: str, event_type: str, summary: str
) -> dict[str, str]:
    """Return the content of a letter that tells of one event; its id stays over all repeats."""
    moment: datetime = clock.now()
    return {
        "id": new_notice_id(),
        "create_time": vendor_time(moment),
        "event_type": event_type,
        "original_type": original,
        "summary": summary,
        "plain": msgspec.json.encode(plain).decode(),
    }


def is_accepted(answer: HubAnswer) -> bool:
    """Return whether the merchant took the notification: 200 or 204, in time."""
    return answer.status in {200, 204} and answer.seconds <= ANSWER_WITHIN
