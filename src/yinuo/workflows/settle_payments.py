"""Many payment notices at once: booked and reserved in one transaction, answered together.

At a flash sale hundreds of notices come within a second, and each is the plain case: the exact
amount for an order that waits for it. Those who wait at the same time share one transaction of a
dozen statements. What is not plain in any way gets no answer here and takes the careful way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yinuo.channels import service as channels
from yinuo.channels.model import Shop
from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.core.group_commit import GroupCommit
from yinuo.exceptions import service as exceptions
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Reserved, ReserveRequest, StockLine
from yinuo.orders import service as orders
from yinuo.orders.model import Payable, PaymentReceived
from yinuo.orders.service import PlainPayment
from yinuo.workflows.reserve_stock import (
    Ranking,
    rank,
    reserved_entry,
    serving_warehouses,
    sourcing_of,
)
from yinuo.workflows.told_payments import Settled, ToldPayment

CAUSE = "workflows.cause.payment"
OUTCOME = "payment"


@dataclass(frozen=True, slots=True)
class _Plain:
    """A plain payment on its way: its place in the batch, its order and where that is filled."""

    place: int
    told: ToldPayment
    payable: Payable
    shop: Shop
    ranking: Ranking


def settling_lane(database: Database) -> GroupCommit[ToldPayment, Settled | None]:
    """Return a lane that books payments for many callers at once; None is not plain.

    One per process, closed at its end. A payment known under another order raises NotPlain.
    """
    return GroupCommit(database, settle, cap=128, name="settling")


def settle(session: Session, told: Sequence[ToldPayment]) -> list[Settled | None]:
    """Return what became of each payment, in their order; None, and nothing kept, if not plain.

    Locks are taken in the order of everywhere: payment numbers, orders, stock.
    """
    now = clock.now()
    answers: list[Settled | None] = [None] * len(told)
    plain = _kept(session, _plain(session, told))
    if not plain:
        return answers
    requests = [claim_of(one.payable, one.shop, one.ranking) for one in plain]
    claims = inventory.reserve_batch(session, requests, now=now)
    claimed = [claim if isinstance(claim, Reserved) else None for claim in claims]
    booked = [
        with_claim(one.told.payment, one.payable, one.ranking, claim=claim, now=now)
        for one, claim in zip(plain, claimed, strict=True)
    ]
    recorded = orders.book_plain(session, booked, now=now)
    for one, record, claim in zip(plain, recorded, claimed, strict=True):
        answers[one.place] = Settled(record, is_claimed=claim is not None)
    return answers


def _plain(session: Session, told: Sequence[ToldPayment]) -> list[_Plain]:
    """Return the payments of orders that wait for just them and may be claimed for."""
    payable = orders.lock_plain(session, [one.payment for one in told])
    if not payable:
        return []
    watched = exceptions.open_subjects(session, subject_type="payment", subject_ids=list(payable))
    shops = {
        shop_id: channels.load_shop(session, shop_id)
        for shop_id in {one.state.shop_id for one in payable.values()}
    }
    warehouses = serving_warehouses(session)
    plain = []
    for place, one in enumerate(told):
        number = one.payment.payment_number
        found = payable.get(number)
        if found is None or number in watched:
            continue
        shop = shops[found.state.shop_id]
        ranking = rank(shop, found.province, warehouses)
        if ranking.ranked and not shop.observed_from and found.lines:
            plain.append(_Plain(place, one, found, shop, ranking))
    return plain


def _kept(session: Session, plain: list[_Plain]) -> list[_Plain]:
    """Keep the raw messages as worked off; return those that were not there already."""
    if not plain:
        return []
    messages = [one.told.message for one in plain]
    ids = channels.receive_done(session, messages, outcome=OUTCOME)
    return [one for one, kept in zip(plain, ids, strict=True) if kept is not None]


def claim_of(payable: Payable, shop: Shop, ranking: Ranking) -> ReserveRequest:
    """Return what a paid order asks of the stock."""
    return ReserveRequest(
        owner=payable.state.id,
        lines=tuple(StockLine(sku, quantity) for sku, quantity in payable.lines),
        warehouses=tuple(warehouse.code for warehouse in ranking.ranked),
        is_paid=True,
        ttl_seconds=shop.settings.ttl_seconds,
        cause=CAUSE,
    )


def with_claim(
    payment: PaymentReceived,
    payable: Payable,
    ranking: Ranking,
    *,
    claim: Reserved | None,
    now: datetime,
) -> PlainPayment:
    """Return the payment with its claim; what is short is noted by whoever asks again."""
    if claim is None:
        return PlainPayment(payment=payment, payable=payable)
    units = sum(quantity for _, quantity in payable.lines)
    return PlainPayment(
        payment=payment,
        payable=payable,
        sourcing=sourcing_of(ranking, chosen=claim.warehouse, tried=claim.tried),
        reserved=reserved_entry(claim, units=units, cause=CAUSE, now=now),
    )
