"""A shop begins to be observed, goes live, and its observed orders are decided one by one.

    begin      a shop is observed from now on; orders that came in before are carried out as ever
    end        the shop goes live; its open observed orders are closed, or decided one by one
    take_over  one of those is carried out by Yinuo after all
    close      one of those stays with whoever carried it out meanwhile

An order that came in under observation stays observed until a person takes it over: whoever
carries it out today may have shipped it already. What is noted of it: `observe_order`.
"""

from __future__ import annotations

from enum import StrEnum

from yinuo.channels import service as channels
from yinuo.channels.model import ShopRecord
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import Conflict
from yinuo.core.ids import new_id
from yinuo.observing import service as observing
from yinuo.observing.model import ObservedOrder
from yinuo.orders import service as orders
from yinuo.orders.model import TimelineEntry
from yinuo.users.model import Actor
from yinuo.workflows import fulfill_order


class ShopStillObserved(Conflict):
    """The shop is only observed; its orders cannot be carried out."""

    code = "workflows.shop_still_observed"


class OpenOrders(StrEnum):
    """What becomes of open observed orders when their shop goes live."""

    CLOSE = "close"
    ONE_BY_ONE = "one_by_one"


def begin(session: Session, shop_id: str, *, version: int, actor: Actor) -> ShopRecord:
    """Return the shop, which is only observed from now on. Raises ShopChanged, UnknownShop."""
    return channels.set_observing(
        session, shop_id, is_observing=True, version=version, by=actor.name, now=clock.now()
    )


def end(
    session: Session, shop_id: str, *, version: int, open_orders: OpenOrders, actor: Actor
) -> list[str]:
    """Return the open observed orders that were closed as the shop went live.

    With ONE_BY_ONE they stay open, and nobody but a person carries them out. Raises ShopChanged,
    UnknownShop.
    """
    now = clock.now()
    channels.set_observing(
        session, shop_id, is_observing=False, version=version, by=actor.name, now=now
    )
    if open_orders is OpenOrders.ONE_BY_ONE:
        return []
    return observing.close_all(session, shop_id, by=actor.name, now=now)


def take_over(session: Session, order_id: str, *, actor: Actor) -> ObservedOrder:
    """Return the order, which Yinuo carries out from now on: at once when it is paid.

    Raises NotObserved, AlreadyDecided, ShopStillObserved.
    """
    now = clock.now()
    observed = observing.load_observed(session, order_id)
    if channels.load_shop(session, observed.shop_id).is_observing:
        raise ShopStillObserved(shop_id=observed.shop_id)
    taken = observing.take_over(session, order_id, by=actor.name, now=now)
    order = orders.load_order(session, order_id)
    orders.write_timeline(
        session,
        order_id,
        TimelineEntry(at=now, code="workflows.timeline.taken_over", actor=actor.name),
    )
    if order.payment_status in fulfill_order.MONEY_IS_HERE:
        fulfill_order.start(session, order_id, series=new_id("run"))
    return taken


def close(session: Session, order_id: str, *, actor: Actor) -> ObservedOrder:
    """Return the order, which Yinuo never carries out. Raises NotObserved, AlreadyDecided."""
    now = clock.now()
    closed = observing.close(session, order_id, by=actor.name, now=now)
    orders.write_timeline(
        session,
        order_id,
        TimelineEntry(at=now, code="workflows.timeline.closed_observed", actor=actor.name),
    )
    return closed
