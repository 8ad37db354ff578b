"""Reads what Douyin pushes: who sent it, and which orders changed; pure.

A push is believed only for which order changed: how it stands is then asked for. Ids in it are
64-bit numbers or their texts.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from yinuo.connectors.douyin.reading import ident
from yinuo.connectors.douyin.signing import SignMethod, is_signed, sign_push
from yinuo.connectors.protocols import BadSignature, Malformed, PushedChange

URL_CHECK = "0"
TOPICS: Mapping[str, str] = {
    "100": "order.created",
    "101": "order.paid",
    "110": "order.processing",
    "105": "order.address_changed",
    "111": "order.address_change_asked",
    "106": "order.cancelled",
    "102": "order.shipped",
    "108": "order.part_shipped",
    "103": "order.finished",
    "104": "order.logistics_changed",
    "109": "order.amount_changed",
    "113": "order.remark_changed",
    "126": "order.promise_changed",
    "200": "after_sale.created",
    "206": "after_sale.refunded",
}


class _Message(msgspec.Struct, frozen=True):
    tag: int | str
    msg_id: str = ""
    data: str = ""


class _Told(msgspec.Struct, frozen=True):
    p_id: int | str | None = None
    shop_id: int | str | None = None


def read_push(
    headers: Mapping[str, str],
    body: bytes,
    *,
    app_key: str,
    secret: str,
    shop_id: str,
    method: SignMethod,
) -> tuple[PushedChange, ...]:
    """Return what changed in the shop's orders, in the order in which it was told.

    The check of the address tells of nothing; neither do messages of other shops of the app, nor
    unknown ones without an order. Raises BadSignature; Malformed for what its sender has signed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    expected = sign_push(body, app_key=app_key, secret=secret, method=method)
    is_ours = given.get("app-id", "") == app_key
    if not is_signed(expected, given.get("event-sign", "")) or not is_ours:
        raise BadSignature
    try:
        messages = msgspec.json.decode(body, type=list[_Message])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed(problem="body") from None
    found = (_change(message, shop_id=shop_id) for message in messages)
    return tuple(change for change in found if change is not None)


def _change(message: _Message, *, shop_id: str) -> PushedChange | None:
    tag = str(message.tag)
    if tag == URL_CHECK:
        return None
    topic = TOPICS.get(tag)
    try:
        told = msgspec.json.decode(message.data.encode("utf-8", "replace"), type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if topic is None:
            return None
        raise Malformed(problem="data") from None
    if told.shop_id and str(told.shop_id) != shop_id:
        return None
    number = ident(told.p_id)
    if topic is not None and not number:
        raise Malformed(problem="p_id")
    if topic is not None and not message.msg_id:
        raise Malformed(problem="msg_id")
    if not number or not message.msg_id:
        return None
    return PushedChange(message_id=message.msg_id, number=number, topic=topic or f"tag.{tag[:20]}")
