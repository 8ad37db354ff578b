"""Shops that are behind: told to a person after some minutes, taken back when they catch up."""

from __future__ import annotations

from datetime import datetime, timedelta

from yinuo.channels import service as channels
from yinuo.channels.model import Shop, StockLag
from yinuo.connectors.sections import shop_section
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.workflows.hub import hub


def watch_lag() -> int:
    """Return how many shops are behind for longer than people should have to find out.

    One work item a shop; it closes by itself when the shop knows all figures again, or none waits
    as long any more.
    """
    shared, now = hub(), clock.now()
    patience = timedelta(seconds=shared.settings.shop_behind_seconds)
    with shared.database.transaction() as session:
        lags = channels.stock_lags(session, now=now)
        late = {shop_id for shop_id, lag in lags.items() if lag.wait(now) > patience}
        for shop in channels.list_shops(session):
            if shop.id in late:
                _tell(session, shop, lags[shop.id], now=now)
            else:
                exceptions.close_for_subject(
                    session,
                    kind=WorkItemKind.SHOP_BEHIND,
                    subject_type="shop",
                    subject_id=shop.id,
                    now=now,
                )
    return len(late)


def _tell(session: Session, shop: Shop, lag: StockLag, *, now: datetime) -> None:
    is_connected = shop.id in hub().connectors.shop_ids()
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.SHOP_BEHIND,
            subject_type="shop",
            subject_id=shop.id,
            subject_label=shop.name,
            code="workflows.shop_behind" if is_connected else "workflows.shop_not_connected",
            params={
                "minutes": int(lag.wait(now).total_seconds() // 60),
                "figures": lag.unacknowledged,
                "section": shop_section(shop.id, shop.channel.value),
            },
        ),
        now=now,
    )
