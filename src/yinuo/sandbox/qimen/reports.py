"""What the warehouse tells the hub: progress, shipment, stock changes; signed, until it is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from yinuo.core import clock
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest, Post
from yinuo.sandbox.qimen import replies
from yinuo.sandbox.qimen.orders import Status, WmsOrder
from yinuo.sandbox.qimen.signing import local_text, sign
from yinuo.sandbox.qimen.stock import Move
from yinuo.sandbox.qimen.xml import BadXml, Element, fields, node, parse, render, text

PROGRESS = "orderprocess.report"
CONFIRM = "deliveryorder.confirm"
STOCK_CHANGE = "stockchange.report"
METHODS = (PROGRESS, CONFIRM, STOCK_CHANGE)
# Vendor seconds between attempts: patient, because a report that is lost is a parcel unseen.
SCHEDULE = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, *(600.0,) * 500)
ANSWER_WITHIN = 30.0


class Reports:
    """The letters of the WMS; every attempt is signed anew over the same body."""

    def __init__(self, kernel: Kernel) -> None:
        self._settings = kernel.settings.qimen
        self._outbound = kernel.outbound
        self._address = kernel.settings.hub_address + self._settings.callback_path
        for method in METHODS:
            post = Post(
                build=self._build,
                accepted=is_success,
                schedule=SCHEDULE,
                answer_within=ANSWER_WITHIN,
            )
            kernel.outbound.register("qimen", method, post)

    def reached(self, order: WmsOrder) -> None:
        """Tell how far an order is; at the end also what left, and what stock lost by it."""
        self._send(PROGRESS, progress(order), reference=order.code)
        if order.status is Status.DELIVERED:
            self._send(CONFIRM, confirmation(order), reference=order.code)
            moves = [
                Move(order.warehouse, line.item, -line.quantity, 0, line.inventory_type)
                for line in order.lines
            ]
            self.changed(moves, key=f"SC-{order.order_id}", at=order.processes[-1].at, order=order)

    def changed(
        self, moves: Sequence[Move], *, key: str, at: datetime, order: WmsOrder | None = None
    ) -> None:
        """Tell that stock changed, by an order or by a count."""
        change = stock_change(moves, owner=self._settings.owner_code, key=key, at=at, order=order)
        self._send(STOCK_CHANGE, change, reference=key if order is None else order.code)

    def _send(self, method: str, content: Element, *, reference: str) -> None:
        self._outbound.send(
            "qimen",
            method,
            address=self._address,
            content={"body": render(content).decode()},
            reference=reference,
        )

    def _build(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        """Return the signed request; damage: `stale`, `malformed`, `customer`, else the signature."""
        body = letter.content["body"].encode()
        at = clock.now() - timedelta(hours=2) if damage == "stale" else clock.now()
        if damage == "malformed":
            body = body[: len(body) // 2]
        query = {
            "method": letter.operation,
            "timestamp": local_text(at),
            "format": "xml",
            "app_key": self._settings.app_key,
            "v": "2.0",
            "sign_method": "md5",
            "customerId": "c0" if damage == "customer" else self._settings.customer_id,
        }
        query["sign"] = sign(query, body, secret=self._settings.secret)
        if damage not in {None, "stale", "malformed", "customer"}:
            query["sign"] = query["sign"][::-1]
        return OutgoingRequest(body=body, headers=CONTENT_TYPE, query=urlencode(query))


CONTENT_TYPE: Mapping[str, str] = {"content-type": "text/xml;charset=utf-8"}


def is_success(answer: HubAnswer) -> bool:
    """Tell whether the hub said success; only its flag counts."""
    if answer.status != 200:
        return False
    root = parse(answer.body)
    return not isinstance(root, BadXml) and text(root, "flag") == "success"


def progress(order: WmsOrder) -> Element:
    """Return `orderprocess.report` about the status reached last."""
    reached = order.processes[-1]
    return node(
        "request",
        node(
            "order",
            *fields(
                orderCode=order.code,
                orderId=order.order_id,
                orderType=order.order_type,
                warehouseCode=order.warehouse,
            ),
        ),
        node(
            "process",
            *fields(
                processStatus=reached.status,
                operateTime=local_text(reached.at),
                operatorCode="W01",
                operateInfo="",
            ),
        ),
    )


def confirmation(order: WmsOrder) -> Element:
    """Return `deliveryorder.confirm`: final, with the parcel and what was really picked."""
    at = local_text(order.processes[-1].at)
    rest = fields(
        outBizCode=f"DC-{order.order_id}",
        confirmType="0",
        orderConfirmTime=at,
        operatorCode="W01",
        operateTime=at,
        storageFee="0.00",
    )
    return node(
        "request",
        node("deliveryOrder", *replies.head(order), *rest),
        replies.packages(order),
        replies.lines(order),
    )


def stock_change(
    moves: Sequence[Move], *, owner: str, key: str, at: datetime, order: WmsOrder | None
) -> Element:
    """Return `stockchange.report`; a count carries no order."""
    items = [
        node(
            "item",
            *fields(
                ownerCode=owner,
                warehouseCode=move.warehouse,
                orderCode="" if order is None else order.code,
                orderType="" if order is None else order.order_type,
                outBizCode=key,
                itemCode=move.item,
                inventoryType=move.inventory_type,
                quantity=str(move.free),
                changeTime=local_text(at),
            ),
        )
        for move in moves
    ]
    return node("request", node("items", *items))
