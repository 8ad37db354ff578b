"""What happens to the orders of the shop on Pinduoduo: buyers, the platform, the merchant."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from yinuo.core import clock
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.pinduoduo.gate import Refusal
from yinuo.sandbox.pinduoduo.ledger import Ledger
from yinuo.sandbox.pinduoduo.maker import make_order
from yinuo.sandbox.pinduoduo.model import (
    CALLED_OFF,
    CARRIERS,
    CONFIRMED,
    GROUP_FAILED,
    GROUPED,
    GROUPING,
    NO_REFUND,
    OPEN,
    REFUND_ASKED,
    REFUNDED,
    REFUNDING,
    SHIPPED,
    TO_SHIP,
    Line,
    Parcel,
    PddOrder,
    article,
)
from yinuo.sandbox.shop.model import Product
from yinuo.sandbox.shop.system import Shop

NAME = "pinduoduo"
SECOND = timedelta(seconds=1)
_CARRIERS = frozenset(number for number, _, _ in CARRIERS)


class Desk:
    """The shop's orders and stock; every method may be called from any thread."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.settings = kernel.settings.pinduoduo
        self.orders = kernel.state.collection(NAME, "orders", PddOrder)
        self._kept_stock = kernel.state.collection(NAME, "stock", int)
        self._openings = kernel.state.collection(NAME, "openings", int)
        self.ledger = Ledger()
        for stored in self.orders.changed(limit=10_000_000):
            self.ledger.note(stored.value)
        self.stock = {one.key: one.value for one in self._kept_stock.changed(limit=1_000_000)}
        self._chance = random.Random()  # noqa: S311 - dice, not secrets
        self._lock = threading.Lock()
        self._articles: tuple[Sequence[Product], Mapping[int, Line]] = ([], {})

    @property
    def products(self) -> Sequence[Product]:
        """Return what is sold: the same as in the merchant's own shop."""
        shop = self._kernel.systems.get("shop")
        return shop.desk.catalog.products if isinstance(shop, Shop) else []

    def articles(self) -> Mapping[int, Line]:
        """Return one of each article by its sku_id, gifts of the shop's products left out."""
        products = self.products
        seen, articles = self._articles
        if seen is not products:
            articles = {one.sku_id: one for one in map(article, products)}
            self._articles = (products, articles)
        return articles

    def place(
        self,
        chance: random.Random,
        *,
        is_confirmed: bool = True,
        under_review: bool = False,
    ) -> PddOrder | None:
        """Return a new order, paid; None when all that the buyer wants is sold out."""
        while self.products:
            order = make_order(chance, self.products, at=clock.now(), has=self._has)
            if order is None:
                return None
            order = msgspec.structs.replace(order, under_review=under_review)
            if not is_confirmed:
                order = msgspec.structs.replace(
                    order, confirmed_at=None, confirm_status=OPEN, group_status=GROUPING
                )
            if self.orders.insert(order.number, order):
                self._take(order.lines, sign=-1)
                self._note(order)
                return order
        return None

    def found(self, number: str) -> PddOrder:
        """Return the order; raises Refusal when there is none of the last three months."""
        order = self.orders.get(number)
        if order is None or order.created_at < clock.now() - timedelta(days=90):
            raise Refusal(50001, "订单不存在")
        return order

    def confirm(self, number: str) -> PddOrder:
        """Return the order with its group complete; a repeat changes nothing."""

        def change(old: PddOrder) -> PddOrder:
            if old.confirm_status == CALLED_OFF:
                raise Refusal(50001, "订单已取消")
            now = clock.now().replace(microsecond=0)
            return msgspec.structs.replace(
                old,
                confirm_status=CONFIRMED,
                group_status=GROUPED,
                confirmed_at=old.confirmed_at or now,
            )

        return self._change(number, change)

    def cancel(self, number: str) -> PddOrder:
        """Return the order called off: its group failed, or its money back before it left."""

        def change(old: PddOrder) -> PddOrder:
            if old.order_status != TO_SHIP:
                raise Refusal(50001, "订单已发货")
            if old.confirm_status == OPEN:
                return msgspec.structs.replace(
                    old, confirm_status=CALLED_OFF, group_status=GROUP_FAILED
                )
            return _refunded(old)

        return self._change(number, change)

    def ask_refund(self, number: str) -> PddOrder:
        """Return the order with a refund asked for."""
        return self._change(number, lambda old: _refund(old, REFUND_ASKED, after={NO_REFUND}))

    def agree_refund(self, number: str) -> PddOrder:
        """Return the order with its refund on the way."""
        return self._change(number, lambda old: _refund(old, REFUNDING, after={REFUND_ASKED}))

    def close_refund(self, number: str) -> PddOrder:
        """Return the order with its refund withdrawn."""
        asked = {REFUND_ASKED, REFUNDING}
        return self._change(number, lambda old: _refund(old, NO_REFUND, after=asked))

    def refund(self, number: str) -> PddOrder:
        """Return the order with all its money back; a repeat changes nothing."""

        def change(old: PddOrder) -> PddOrder:
            if old.confirm_status == OPEN:
                raise Refusal(50001, "订单未成交")
            return _refunded(old)

        return self._change(number, change)

    def review(self, number: str) -> PddOrder:
        """Return the order under risk review."""
        return self._change(number, lambda old: msgspec.structs.replace(old, under_review=True))

    def pass_review(self, number: str) -> PddOrder:
        """Return the order out of risk review."""
        return self._change(number, lambda old: msgspec.structs.replace(old, under_review=False))

    def ship(self, number: str, parcel: Parcel, *, is_change: bool) -> PddOrder:
        """Return the order with its parcel on the way; raises Refusal for what must not leave."""

        def change(old: PddOrder) -> PddOrder:
            if parcel.logistics_id not in _CARRIERS:
                raise Refusal(50001, "快递公司不存在")
            if not parcel.tracking_number:
                raise Refusal(50001, "运单号不能为空")
            if old.confirm_status != CONFIRMED:
                raise Refusal(50001, "订单未成交")
            if old.under_review:
                raise Refusal(50001, "订单正在风控审核中，不能发货")
            if old.refund_status != NO_REFUND:
                raise Refusal(50001, "订单有售后申请，不能发货")
            if (old.order_status != TO_SHIP) != is_change:
                raise Refusal(50001, "订单未发货" if is_change else "订单已发货")
            return msgspec.structs.replace(
                old,
                order_status=SHIPPED,
                parcel=parcel,
                shipped_at=old.shipped_at or clock.now().replace(microsecond=0),
            )

        return self._change(number, change)

    def add_parcels(self, number: str, parcels: Sequence[Parcel]) -> PddOrder:
        """Return the order with further parcels; one that is known already is not added."""

        def change(old: PddOrder) -> PddOrder:
            if old.order_status == TO_SHIP:
                raise Refusal(50001, "订单未发货")
            if any(one.logistics_id not in _CARRIERS for one in parcels):
                raise Refusal(50001, "快递公司不存在")
            known = [*old.extra] + ([] if old.parcel is None else [old.parcel])
            fresh = [one for one in parcels if one not in known]
            return msgspec.structs.replace(old, extra=[*old.extra, *fresh])

        return self._change(number, change)

    def show_stock(self, sku_id: int, quantity: int, *, is_difference: bool) -> int:
        """Return the units that are sellable now; raises Refusal below zero."""

        def change(old: int | None) -> int:
            units = (old or 0) + quantity if is_difference else quantity
            if units < 0:
                raise Refusal(50002, "库存不能小于0")
            return units

        return self._set_stock(sku_id, change)

    def count_openings(self, count: int) -> None:
        """Count ciphertexts against the day's allowance; raises Refusal beyond it."""

        def change(old: int | None) -> int:
            if (old or 0) + count > self.settings.openings_a_day:
                raise Refusal(50001, "今日解密额度已用完")
            return (old or 0) + count

        self._openings.update(_today(), change)

    def openings_today(self) -> int:
        """Return how many ciphertexts were opened today."""
        return self._openings.get(_today()) or 0

    def _has(self, line: Line) -> bool:
        """Tell whether so many may be sold; what nobody gave a figure for always is."""
        return self.stock.get(str(line.sku_id), line.count) >= line.count

    def _take(self, lines: Sequence[Line], *, sign: int) -> None:
        for line in lines:
            if str(line.sku_id) in self.stock:
                self._set_stock(line.sku_id, partial(_moved, by=sign * line.count))

    def _set_stock(self, sku_id: int, change: Callable[[int | None], int]) -> int:
        units = self._kept_stock.update(str(sku_id), change)
        with self._lock:
            self.stock[str(sku_id)] = units
        return units

    def _change(self, number: str, change: Callable[[PddOrder], PddOrder]) -> PddOrder:
        """Return the changed order; what changes nothing leaves its time as it was."""
        gone: list[Line] = []

        def checked(old: PddOrder | None) -> PddOrder:
            if old is None:
                raise Refusal(50001, "订单不存在")
            new = change(old)
            if new == old:
                return old
            if _is_over(new) and not _is_over(old):
                gone.extend(new.lines)
            now = clock.now().replace(microsecond=0)
            return msgspec.structs.replace(new, changed_at=max(now, old.changed_at + SECOND))

        order = self.orders.update(number, checked)
        self._take(gone, sign=1)
        self._note(order)
        return order

    def _note(self, order: PddOrder) -> None:
        """Let the increment list tell of a change, at once or as late as the settings say."""
        late = self.settings.late_seconds
        now = clock.now().timestamp()
        with self._lock:
            shown_from = now + self._chance.uniform(0, late) if late else 0.0
        self.ledger.note(order, shown_from=shown_from)


def _moved(units: int | None, *, by: int) -> int:
    return max(0, (units or 0) + by)


def _today() -> str:
    return clock.now().astimezone(clock.SHANGHAI).date().isoformat()


def _is_over(order: PddOrder) -> bool:
    """Tell whether its goods are for sale again: called off, or paid back before they left."""
    is_refunded = order.refund_status == REFUNDED and order.order_status == TO_SHIP
    return is_refunded or order.confirm_status == CALLED_OFF


def _refund(order: PddOrder, status: int, *, after: set[int]) -> PddOrder:
    if order.confirm_status != CONFIRMED or order.refund_status not in after | {status}:
        raise Refusal(50001, "订单状态不允许该操作")
    return msgspec.structs.replace(order, refund_status=status)


def _refunded(order: PddOrder) -> PddOrder:
    if order.refund_status == REFUNDED:
        return order
    now = clock.now().replace(microsecond=0)
    return msgspec.structs.replace(order, refund_status=REFUNDED, refunded_at=now)
