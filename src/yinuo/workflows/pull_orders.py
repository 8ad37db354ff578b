"""A shop's orders are read by windows of time: resumable, overlapping, one bad order stops none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from yinuo.channels import service as channels
from yinuo.channels.model import WINDOW_RULES, Shop, WindowClaim
from yinuo.connectors.protocols import Unavailable
from yinuo.core import clock
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.orders.model import PlaceOutcome
from yinuo.workflows.hub import hub
from yinuo.workflows.intake_order import SOURCE, begin, finish, key_of

log = logger(__name__)


# A shop that was away for a day is caught up within minutes, and others get their turn meanwhile.
MOST_WINDOWS = 20


def pull(shop_id: str) -> int:
    """Return how many orders a shop's next windows held; goes on where an earlier pull stopped."""
    seen = 0
    for _ in range(MOST_WINDOWS):
        read, is_last = _pull_next(shop_id)
        seen += read
        if is_last:
            break
    return seen


def _pull_next(shop_id: str) -> tuple[int, bool]:
    """Return how many orders the next window held, and whether it reached the present."""
    shared = hub()
    with shared.database.transaction() as session:
        shop = channels.load_shop(session, shop_id)
        claim = channels.claim_window(session, shop_id, now=clock.now())
    if claim is None:
        return 0, True
    widest = WINDOW_RULES[shop.channel].most
    try:
        return _pull_window(shop, claim), claim.window.until - claim.window.since < widest
    except (Unavailable, NoSlot):
        with shared.database.transaction() as session:
            channels.give_up_window(session, claim)  # the next pull goes on at its page
        raise


def _pull_window(shop: Shop, claim: WindowClaim) -> int:
    shared = hub()
    connector, cursor, seen = shared.connectors.shop(shop.id), claim.page_cursor, 0
    while True:
        page = connector.pull_orders(claim.window.since, claim.window.until, cursor=cursor)
        _take_pulled(shop, [raw.body for raw in page.orders])
        seen += len(page.orders)
        cursor = page.next_cursor
        with shared.database.transaction() as session:
            if cursor is None:
                channels.finish_window(session, claim, now=clock.now())
                return seen
            channels.save_page(session, claim, page_cursor=cursor, now=clock.now())


def _take_pulled(shop: Shop, bodies: Sequence[bytes]) -> None:
    """Take the orders of a page together; one that breaks stays in the inbox, the others go on.

    Windows overlap, and pushes tell the same: what was taken already is left out at once.
    """
    keys = {key_of(shop.id, body): body for body in bodies}
    with hub().database.read() as session:
        # A cancellation that could not be heeded asks again when it is told again.
        asked = PlaceOutcome.CANCEL_ASKED.value
        taken = channels.settled(session, source=SOURCE, keys=keys, unless=asked)
    coming = []
    for body in (body for key, body in keys.items() if key not in taken):
        with _put_aside(shop):
            coming.append(begin(shop.id, body, headers={}))
    for one in coming:
        with _put_aside(shop):
            finish(one)


@contextmanager
def _put_aside(shop: Shop) -> Iterator[None]:
    try:
        yield
    except YinuoError as error:
        log.info("pulled_order_put_aside", shop_id=shop.id, error=error.code)
    except Exception as error:  # noqa: BLE001 - the edge: kept, tried again, and the others go on
        log.warning("pulled_order_failed", shop_id=shop.id, error=type(error).__name__)
