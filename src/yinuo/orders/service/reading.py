"""Loading orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from yinuo.core.db import Session
from yinuo.orders.model import Drift, Order, Receiver
from yinuo.orders.model.days import DayOrder, DaySummary
from yinuo.orders.store import asking, days, numbers, orders, reconciling, summary


def load_order(session: Session, order_id: str) -> Order:
    """Return one order without personal data; raises OrderNotFound."""
    return orders.load_order(session, order_id)


def day_orders(
    session: Session, shop_id: str, *, since: datetime, until: datetime
) -> list[DayOrder]:
    """Return the orders of a shop that were placed from a moment up to another, with their money."""
    return days.day_orders(session, shop_id, since=since, until=until)


def day_summary(
    session: Session, *, since: datetime, until: datetime, long_ago: datetime
) -> DaySummary:
    """Return what a day brought, by shop, by SKU and by merchant account."""
    return summary.day_summary(session, since=since, until=until, long_ago=long_ago)


def find_order(session: Session, *, shop_id: str, number: str) -> Order | None:
    """Return a shop's order by its cleaned number."""
    return orders.find_by_number(session, shop_id=shop_id, number=number)


def known_numbers(session: Session, *, shop_id: str, cleaned: Collection[str]) -> set[str]:
    """Return those of the cleaned numbers that the shop has orders of."""
    return numbers.known_numbers(session, shop_id=shop_id, numbers=cleaned)


def find_by_payment_number(session: Session, payment_number: str) -> Order | None:
    """Return the order that a payment number pays."""
    return orders.find_by_payment_number(session, payment_number)


def reveal_receiver(session: Session, order_id: str) -> Receiver:
    """Return the whole receiver; who shows it to a person writes the audit entry.

    Raises OrderNotFound.
    """
    return orders.load_receiver(session, order_id)


def reconcile(session: Session) -> list[Drift]:
    """Return every counter of an order that differs from its ledger; none when all is well."""
    return reconciling.find_drift(session)


def due_payment_queries(
    session: Session,
    *,
    placed_before: datetime,
    now: datetime,
    limit: int,
    except_channels: Sequence[str] = (),
) -> list[str]:
    """Return payment numbers of unpaid orders to ask the provider about, each noted as asked.

    An order is due again after 1, 2, 4 … 60 minutes, for 25 hours; those of `except_channels`
    are not asked about, because their channel takes the money itself.
    """
    return asking.take_due(
        session,
        placed_before=placed_before,
        now=now,
        limit=limit,
        except_channels=except_channels,
    )
