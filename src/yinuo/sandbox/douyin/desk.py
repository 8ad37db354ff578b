"""What happens to the orders of the shop on Douyin: buyers, the platform, the merchant."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.douyin.gate import failed
from yinuo.sandbox.douyin.ledger import Ledger
from yinuo.sandbox.douyin.maker import make_order
from yinuo.sandbox.douyin.model import (
    CANCELLED,
    CARRIERS,
    FINISHED,
    NO_REFUND,
    NO_SALE,
    PART_SHIPPED,
    REFUND_WAITS,
    REFUNDED,
    SALE_ASKED,
    SALE_CLOSED,
    SALE_DONE,
    SHIPPED,
    TO_PAY,
    TO_SHIP,
    DyOrder,
    Line,
    Parcel,
    article,
)
from yinuo.sandbox.douyin.pushes import NAME, Pushes
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.shop.model import Product
from yinuo.sandbox.shop.system import Shop

SECOND = timedelta(seconds=1)
_CARRIERS = frozenset(code for _, code, _ in CARRIERS)
_NOT_ALL_LEFT = frozenset({TO_SHIP, PART_SHIPPED})


class Desk:
    """The shop's orders and stock; every method may be called from any thread."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.settings = kernel.settings.douyin
        self.orders = kernel.state.collection(NAME, "orders", DyOrder)
        self._kept_stock = kernel.state.collection(NAME, "stock", int)
        self._openings = kernel.state.collection(NAME, "openings", int)
        self.answers = kernel.state.collection(NAME, "answers", str)
        self.pushes = Pushes(kernel)
        self.ledger = Ledger()
        for stored in self.orders.changed(limit=10_000_000):
            self.ledger.note(stored.value)
        self.stock = {one.key: one.value for one in self._kept_stock.changed(limit=1_000_000)}
        self._lock = threading.Lock()

    @property
    def products(self) -> Sequence[Product]:
        """Return what is sold: the same as in the merchant's own shop."""
        shop = self._kernel.systems.get("shop")
        return shop.desk.catalog.products if isinstance(shop, Shop) else []

    def place(
        self, chance: random.Random, *, odd_share: float | None = None, is_paid: bool = True
    ) -> DyOrder | None:
        """Return a new order, told to the hub; None when all that is wanted is sold out."""
        share = self.settings.odd_share if odd_share is None else odd_share
        while self.products:
            order = make_order(
                chance, self.products, at=clock.now(), odd_share=share, has=self._has
            )
            if order is None:
                return None
            if self.orders.insert(order.number, order):
                self._take(order, sign=-1)
                self.ledger.note(order)
                self.pushes.tell("100", order)
                return self.pay(order.number) if is_paid else order
        return None

    def found(self, number: str) -> DyOrder:
        """Return the order; raises Refusal when there is none."""
        order = self.orders.get(number)
        if order is None:
            raise failed("订单不存在")
        return order

    def pay(self, number: str) -> DyOrder:
        """Return the order paid; a repeat changes nothing."""

        def change(old: DyOrder) -> DyOrder:
            if old.paid_at is not None:
                return old
            if old.status != TO_PAY:
                raise failed("订单状态不允许支付")
            at = clock.now().replace(microsecond=0)
            return msgspec.structs.replace(old, status=TO_SHIP, paid_at=at)

        return self._change(number, change, tag="101")

    def cancel(self, number: str) -> DyOrder:
        """Return the order called off before it left; what was paid is given back."""

        def change(old: DyOrder) -> DyOrder:
            if old.status == TO_PAY:
                return msgspec.structs.replace(old, status=CANCELLED)
            if old.status not in {TO_SHIP, CANCELLED}:
                raise failed("订单已发货，不能取消")
            return _given_back(old)

        return self._change(number, change, tag="106")

    def ask_refund(self, number: str) -> DyOrder:
        """Return the order with a refund asked for."""

        def change(old: DyOrder) -> DyOrder:
            if old.paid_at is None or old.refund == REFUNDED:
                raise failed("订单状态不允许申请售后")
            return msgspec.structs.replace(old, after_sale=SALE_ASKED, refund=REFUND_WAITS)

        return self._change(number, change, tag="200")

    def close_refund(self, number: str) -> DyOrder:
        """Return the order with its refund withdrawn."""

        def change(old: DyOrder) -> DyOrder:
            if old.refund == REFUNDED:
                raise failed("售后已完成")
            is_asked = old.after_sale != NO_SALE
            return msgspec.structs.replace(
                old, after_sale=SALE_CLOSED if is_asked else NO_SALE, refund=NO_REFUND
            )

        return self._change(number, change, tag="207")

    def refund(self, number: str) -> DyOrder:
        """Return the order with all its money back; a repeat changes nothing."""

        def change(old: DyOrder) -> DyOrder:
            if old.paid_at is None:
                raise failed("订单未支付")
            return _given_back(old)

        return self._change(number, change, tag="206")

    def finish(self, number: str) -> DyOrder:
        """Return the order received by its buyer."""

        def change(old: DyOrder) -> DyOrder:
            if old.status not in {SHIPPED, FINISHED}:
                raise failed("订单未发货")
            return msgspec.structs.replace(old, status=FINISHED)

        return self._change(number, change, tag="103")

    def ship(
        self,
        number: str,
        parcels: Sequence[tuple[str, str, Mapping[str, int] | None]],
        *,
        rejects_refund: bool = False,
    ) -> DyOrder:
        """Return the order with parcels on their way, each a carrier, a waybill and its units.

        None for units means all that is left. Raises Refusal for what must not leave.
        """

        def change(old: DyOrder) -> DyOrder:
            if old.refund != NO_REFUND and not rejects_refund:
                raise failed("订单存在售后申请，不能发货")
            new = old
            for carrier, waybill, units in parcels:
                new = _packed(new, carrier, waybill, units)
            return new

        return self._change(number, change, tag="102")

    def remark(self, number: str, text: str, *, stars: int | None) -> DyOrder:
        """Return the order with the merchant's remark and flag."""
        return self._change(
            number,
            lambda old: msgspec.structs.replace(
                old, seller_words=text, stars=old.stars if stars is None else stars
            ),
            tag="113",
        )

    def code_of(self, sku_id: int) -> str | None:
        """Return the merchant's code of an article, None for one that is not sold."""
        found = (article(product) for product in self.products)
        return next((one.code for one in found if one.sku_id == sku_id), None)

    def show_stock(self, code: str, quantity: int, *, is_difference: bool) -> int:
        """Return the units that are sellable now; raises Refusal below zero, or for no article."""
        if all(product.sku != code for product in self.products):
            raise failed("商品sku不存在")

        def change(old: int | None) -> int:
            units = (old or 0) + quantity if is_difference else quantity
            if units < 0:
                raise failed("库存不能小于0")
            return units

        return self._set_stock(code, change)

    def count_openings(self, count: int) -> None:
        """Count ciphertexts against the day's allowance; raises Refusal beyond it."""

        def change(old: int | None) -> int:
            if (old or 0) + count > self.settings.openings_a_day:
                raise failed("今日解密额度已用完")
            return (old or 0) + count

        self._openings.update(_today(), change)

    def once(self, request_id: str, work: Callable[[], JsonValue]) -> JsonValue:
        """Return what the work gives; the same request again gets the first answer."""
        if not request_id:
            return work()
        known = self.answers.get(request_id)
        if known is None:
            given = msgspec.json.encode(work()).decode()
            self.answers.insert(request_id, given)
            known = self.answers.get(request_id) or given
        answer: JsonValue = msgspec.json.decode(known)
        return answer

    def openings_today(self) -> int:
        """Return how many ciphertexts were opened today."""
        return self._openings.get(_today()) or 0

    def _has(self, line: Line) -> bool:
        """Tell whether so many may be sold; what nobody gave a figure for always is."""
        return self.stock.get(line.code, line.count) >= line.count

    def _take(self, order: DyOrder, *, sign: int) -> None:
        for line in order.lines:
            if line.code in self.stock:
                self._set_stock(line.code, partial(_moved, by=sign * line.count))

    def _set_stock(self, code: str, change: Callable[[int | None], int]) -> int:
        units = self._kept_stock.update(code, change)
        with self._lock:
            self.stock[code] = units
        return units

    def _change(self, number: str, change: Callable[[DyOrder], DyOrder], *, tag: str) -> DyOrder:
        """Return the changed order, and tell of it; what changes nothing leaves its time."""
        was: list[DyOrder] = []

        def checked(old: DyOrder | None) -> DyOrder:
            if old is None:
                raise failed("订单不存在")
            new = change(old)
            was[:] = [old]
            if new == old:
                return old
            now = clock.now().replace(microsecond=0)
            return msgspec.structs.replace(new, changed_at=max(now, old.changed_at + SECOND))

        order = self.orders.update(number, checked)
        if order == was[0]:
            return order
        if order.status == CANCELLED != was[0].status:
            self._take(order, sign=1)
        self.ledger.note(order)
        self.pushes.tell(tag, order)
        return order


def _moved(units: int | None, *, by: int) -> int:
    return max(0, (units or 0) + by)


def _today() -> str:
    return clock.now().astimezone(clock.SHANGHAI).date().isoformat()


def _given_back(order: DyOrder) -> DyOrder:
    """Return the order with its money back; one that has not left is cancelled."""
    if order.refund == REFUNDED:
        return order
    return msgspec.structs.replace(
        order,
        status=CANCELLED if order.status == TO_SHIP else order.status,
        after_sale=SALE_DONE,
        refund=REFUNDED,
        refunded_at=clock.now().replace(microsecond=0),
    )


def _packed(order: DyOrder, carrier: str, waybill: str, units: Mapping[str, int] | None) -> DyOrder:
    """Return the order with one more parcel; raises Refusal for what must not leave."""
    if carrier not in _CARRIERS:
        raise failed("物流公司不存在")
    if not waybill:
        raise failed("运单号不能为空")
    if order.status not in _NOT_ALL_LEFT:
        raise failed("订单状态不允许发货")
    left = {line.number: line.count - line.gone for line in order.lines}
    if units is None:
        units = {number: count for number, count in left.items() if count > 0}
    if not units or any(not 0 < count <= left.get(one, 0) for one, count in units.items()):
        raise failed("发货数量不合法")
    lines = [
        msgspec.structs.replace(line, gone=line.gone + units.get(line.number, 0))
        for line in order.lines
    ]
    parcel = Parcel(
        company_code=carrier,
        tracking_no=waybill,
        shipped_at=clock.now().replace(microsecond=0),
        units=dict(units),
    )
    is_whole = all(line.gone == line.count for line in lines)
    return msgspec.structs.replace(
        order,
        lines=lines,
        parcels=[*order.parcels, parcel],
        status=SHIPPED if is_whole else PART_SHIPPED,
    )
