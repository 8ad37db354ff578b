"""Pushes to the hub: one message at a time, signed anew for each attempt, damaged on demand."""

from __future__ import annotations

import msgspec

from yinuo.core.ids import new_id
from yinuo.sandbox.douyin.gate import push_signature
from yinuo.sandbox.douyin.model import DyOrder, seconds
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest, Post

NAME = "douyin"
PUSH = "push"
SCHEDULE: tuple[float, ...] = (10, 60, 300)  # three repeats; then the hub has to ask by itself
ANSWER_WITHIN = 5.0


class _Told(msgspec.Struct, frozen=True):
    code: int = -1


class Pushes:
    """Tells the hub of changes; the id of a message stays over all its repeats."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.douyin
        kernel.outbound.register(
            NAME,
            PUSH,
            Post(
                build=self._written,
                accepted=is_accepted,
                schedule=SCHEDULE,
                answer_within=ANSWER_WITHIN,
            ),
        )

    def tell(self, tag: str, order: DyOrder) -> None:
        """Tell of one change of an order."""
        data = {
            "p_id": int(order.number),
            "s_ids": [int(line.number) for line in order.lines],
            "shop_id": int(self._settings.shop_id),
            "order_status": order.status,
            "order_type": 0,
            "biz": 2,
            "pay_type": 1,
            "pay_amount": order.pay_fen,
            "pay_time": seconds(order.paid_at),
            "update_time": seconds(order.changed_at),
        }
        self._send(tag, msgspec.json.encode(data).decode(), reference=order.number)

    def check_address(self) -> None:
        """Send what the platform sends when an address is entered."""
        self._send("0", "2026-11-22", reference=None)

    def _send(self, tag: str, data: str, *, reference: str | None) -> None:
        if not self._settings.hub_shop_id:
            return
        self._kernel.outbound.send(
            NAME,
            PUSH,
            address=(
                f"{self._kernel.settings.hub_address}/callbacks/douyin/{self._settings.hub_shop_id}"
            ),
            content={"tag": tag, "msg_id": new_id("msg"), "data": data},
            reference=reference,
        )

    def _written(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        """Return the signed request; a fault's code may say MALFORMED or NEW_ID."""
        message = dict(letter.content)
        if damage == "NEW_ID":
            message["msg_id"] = new_id("msg")
        body = b"[{" if damage == "MALFORMED" else msgspec.json.encode([message])
        own = self._settings
        is_wrong = damage not in {None, "MALFORMED", "NEW_ID"}
        sign = push_signature(
            body,
            app_key=own.app_key,
            secret="another" if is_wrong else own.app_secret,
            method=own.push_sign_method,
        )
        headers = {
            "app-id": own.app_key,
            "event-sign": sign,
            "sign-method": own.push_sign_method,
            "Content-Type": "application/json",
        }
        return OutgoingRequest(body=body, headers=headers)


def is_accepted(answer: HubAnswer) -> bool:
    """Return whether the hub took a push: 200 with code 0, in time."""
    if answer.status != 200 or answer.seconds > ANSWER_WITHIN:
        return False
    try:
        return msgspec.json.decode(answer.body, type=_Told).code == 0
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
