"""The day is told in its evening, once, and again on the next morning when it was corrected since.

    plan   today and yesterday: whatever is due and was not told, also when nothing ran at that time
    count  every shop there is, a new one by itself, with the colour of its certificate
    tell   each group robot in a run of its own: one that is away delays no other

What is told is written in the transaction that starts the telling, so that many workers tell once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yinuo.channels import service as channels
from yinuo.channels.model.certificates import day_bounds
from yinuo.channels.model.summaries import ShopLine, Told, differs, differs_in_sums, due_edition
from yinuo.channels.service import certificates, summaries
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.orders import service as orders
from yinuo.orders.model.days import AccountDay, SkuDay
from yinuo.workflows import tell_robots
from yinuo.workflows.hub import hub

# The merchant's word for an order that waits too long.
LONG = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A day by shop, account and SKU."""

    day: date
    as_of: datetime
    shops: Mapping[str, ShopLine]
    accounts: tuple[AccountDay, ...]
    skus: tuple[SkuDay, ...]


def summarise(session: Session, day: date) -> Summary:
    """Return what a day brought, with every shop there is."""
    now = clock.now()
    since, until = day_bounds(day)
    found = orders.day_summary(session, since=since, until=until, long_ago=now - LONG)
    figures = {one.shop_id: one for one in found.shops}
    stamps = {one.shop_id: one for one in certificates.list_days(session, until=day, days=1)}
    lines: dict[str, ShopLine] = {}
    for shop in channels.list_shops(session):
        one, stamp = figures.get(shop.id), stamps.get(shop.id)
        if one is None and not shop.is_active:
            continue
        lines[shop.id] = ShopLine(
            shop=shop.name,
            placed=one.placed if one else 0,
            paid=one.paid if one else 0,
            paid_fen=one.paid_fen if one else 0,
            refunded_fen=one.refunded_fen if one else 0,
            shipped=one.shipped if one else 0,
            held=one.held if one else 0,
            waiting_long=one.waiting_long if one else 0,
            colour=stamp.colour.value if stamp and stamp.colour else "",
            gaps=stamp.gaps if stamp else 0,
        )
    return Summary(day=day, as_of=now, shops=lines, accounts=found.accounts, skus=found.skus)


def tell_due() -> int:
    """Return how many days were told of now."""
    shared, now = hub(), clock.now()
    today = now.astimezone(SHANGHAI).date()
    count = 0
    for day in (today, today - timedelta(days=1)):
        with shared.database.transaction() as session:
            told = summaries.last_told(session, day)
            edition = due_edition(told, day=day, at=shared.settings.summary_at, now=now)
            if edition is None:
                continue
            summary = summarise(session, day)
            facts = facts_of(summary)
            is_news = told is None or is_corrected(told, summary)
            is_first = summaries.note_told(session, day, edition, facts, now=now)
            if not (is_news and is_first):
                continue
            is_changed = told is not None and differs_in_sums(told, facts)
            tell_robots.plan(session, day, edition, shops=summary.shops, is_changed=is_changed)
            count += 1
    return count


def facts_of(summary: Summary) -> Mapping[str, Mapping[str, int | str]]:
    """Return what of a day makes a correction, by shop."""
    return {shop_id: line.facts() for shop_id, line in summary.shops.items()}


def is_corrected(told: Told | None, summary: Summary) -> bool:
    """Tell whether a day is another by now than people were told."""
    return told is not None and differs(told, facts_of(summary))
