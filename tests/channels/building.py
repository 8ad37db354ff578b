"""Builders and racing threads that the tests of channels share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from yinuo.channels.model import Channel, InboxMessage, ReserveOn, Shop, ShopSettings
from yinuo.core.db import Session

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MINI = Shop(
    id="mini",
    channel=Channel.MINI_PROGRAM,
    name="一诺家纺小程序",
    settings=ShopSettings(reserve_on=ReserveOn.ORDER, ttl_seconds=600),
)
RAW = b'{"number": "YN1",  "remark": "\\u793c\xff\x00"}'


def message(key: str = "mini:1", **changes: object) -> InboxMessage:
    return replace(
        InboxMessage(
            source="shop",
            key=key,
            shop_id="mini",
            headers={"Content-Type": "application/json", "Authorization": "Bearer made-up"},
            body=RAW,
            received_at=NOW,
        ),
        **changes,
    )


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def events(session: Session) -> list[tuple[str, dict[str, object]]]:
    rows = session.execute(sa.text("SELECT name, body FROM events ORDER BY seq"))
    return [(row.name, row.body) for row in rows]
