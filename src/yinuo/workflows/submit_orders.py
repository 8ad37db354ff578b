"""Orders that another system of the merchant sends in: each placed once, each with its result."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage, Shop
from yinuo.channels.model.imports import (
    IdempotencyKeyReused,
    ImportOutcome,
    ImportVerdict,
    StatedImport,
)
from yinuo.core import clock
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.users.model import Actor
from yinuo.workflows import take_stated
from yinuo.workflows.hub import hub

log = logger(__name__)


def open_submission(shop_id: str, body: bytes, *, key: str, actor: Actor) -> Shop:
    """Return the shop that orders are sent in for; the sender's key stands for this body from now on.

    Raises UnknownShop, ShopNotForFiles, and IdempotencyKeyReused for another body.
    """
    with hub().database.transaction() as session:
        shop = take_stated.load_shop(session, shop_id)
        if key:
            # Not the body itself is kept: persons stand in it, and the orders are the record.
            received = channels.receive(
                session,
                InboxMessage(
                    source=f"api:{actor.id}",
                    key=key,
                    shop_id=shop.id,
                    headers={},
                    body=hashlib.sha256(body).digest(),
                    received_at=clock.now(),
                ),
            )
            if not received.has_same_body:
                raise IdempotencyKeyReused
            channels.mark_done(session, received.id, outcome="submitted")
        return shop


def submit(shop: Shop, stated: Sequence[StatedImport]) -> list[ImportVerdict]:
    """Return what became of each order; sending the same again changes nothing."""
    return [_taken(shop, one) for one in stated]


def _taken(shop: Shop, stated: StatedImport) -> ImportVerdict:
    try:
        with hub().database.transaction() as session:
            lookup = take_stated.look_up(session, shop, [stated])
            verdict = take_stated.take(session, shop, stated, lookup)
    except YinuoError as error:
        log.info("submitted_order_refused", shop_id=shop.id, error=error.code)
        return take_stated.refused(error)
    if verdict.outcome in {ImportOutcome.NEW, ImportOutcome.EXISTS} and verdict.order_id:
        take_stated.claim(shop, verdict.order_id)  # once more for one that died before it
    return verdict
