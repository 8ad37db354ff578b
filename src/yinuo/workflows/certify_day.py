"""A shop's day is certified: the channel, the money, the hub and the ERP, compared order by order.

    plan     every shop, in the evening and on the next morning; missed days are caught up
    ask      the channel's list of the day, read by the windows it takes; the ERP's documents of it
    compare  by id; a side that could not be asked leaves a doubt, never a green certificate
    repair   one gap at a time, as a person asks: pull the order, push it to the ERP, take it back

The comparison changes nothing anywhere. A certificate that is being made when its process dies is
made by the next worker.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yinuo.channels import service as channels
from yinuo.channels.model import WINDOW_RULES, BadNumber, Shop, clean_number
from yinuo.channels.model.certificates import (
    LOOK_BACK,
    Certificate,
    Doubt,
    Gap,
    GapKind,
    GapRepair,
    InErp,
    InHub,
    NothingToRepair,
    OnChannel,
    certify,
    day_bounds,
    due_days,
)
from yinuo.channels.service import certificates
from yinuo.connectors.protocols import Channel as ChannelPort
from yinuo.connectors.protocols import ChannelOrderStatus, RawOrder, Rejected, Unavailable
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock, durable
from yinuo.core.db import Session
from yinuo.core.errors import Conflict, YinuoError
from yinuo.core.ids import new_id
from yinuo.core.logs import logger
from yinuo.core.money import Fen
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import DocumentKind, DocumentState
from yinuo.orders import service as orders
from yinuo.users.model import Actor
from yinuo.users.service import audit
from yinuo.workflows import cancel_order, documents, fulfill_order, intake_order
from yinuo.workflows.carry_out import Outcome, Step, carry_out
from yinuo.workflows.hub import hub

log = logger(__name__)
# A repair is carried out by other processes; it is looked for again when they had their time.
AFTER_REPAIR_SECONDS = 5.0
MOST_ASKED = 500
# An order that is pulled comes in by the next round, one or two minutes after it may be read.
NEXT_PULL = timedelta(minutes=2)


class NotPushed(Conflict):
    """The ERP did not take the order; details: error."""

    code = "certificates.not_pushed"


@durable.process("certify_day")
def certify_day(shop_id: str, day: str) -> str:
    """Make the certificate of a shop's day, and return its colour."""
    return durable.step("certify", _certify, shop_id, day)


def ask(
    session: Session, shop_id: str, day: date, *, after: float = 0, again: bool = False
) -> bool:
    """Start making a certificate; False while one is being made, unless it is to be made `again`.

    Raises BadCertificateDay.
    """
    channels.load_shop(session, shop_id)
    is_new = certificates.want(session, shop_id, day, now=clock.now())
    if not is_new and not again:
        return False
    key = f"certify:{shop_id}:{day.isoformat()}:{new_id('crt')}"
    durable.start(session, certify_day, shop_id, day.isoformat(), key=key, after_seconds=after)
    return True


def ask_due() -> int:
    """Return how many certificates were started that are due and not made yet."""
    shared, now = hub(), clock.now()
    started = 0
    with shared.database.transaction() as session:
        shops = [shop for shop in channels.list_shops(session) if shop.is_active]
        made = certificates.made_since(session, (now - LOOK_BACK - timedelta(days=2)).date())
        for day, moment in due_days(now):
            for shop in shops:
                at = made.get((shop.id, day))
                if at is None and day < (now - timedelta(days=1)).date():
                    continue  # a shop that is new here has no past to prove
                if at is None or at < moment:
                    started += ask(session, shop.id, day)
    return started


def _certify(shop_id: str, day_text: str) -> str:
    shared = hub()
    day = date.fromisoformat(day_text)
    with shared.database.read() as session:
        shop = channels.load_shop(session, shop_id)
        read_until = channels.read_until(session, shop_id)
    try:
        certificate = compare(shop, day, read_until=read_until)
    except Exception:
        with shared.database.transaction() as session:
            certificates.give_up(session, shop_id, day)
        raise
    with shared.database.transaction() as session:
        certificates.keep(session, shop_id, day, certificate, now=clock.now())
    return certificate.colour.value


def compare(shop: Shop, day: date, *, read_until: datetime | None) -> Certificate:
    """Return what the four sides of a shop's day say; asks channel and ERP, changes nothing."""
    doubts: set[Doubt] = set()
    theirs = _on_channel(shop, day, doubts)
    erp = _in_erp(shop, day, doubts)
    # The hub last: what came meanwhile is there, and no order looks lost that is only new.
    with hub().database.read() as session:
        ours = _in_hub(session, shop, day)
        known = {one.number for one in ours}
        labels = [
            label
            for one in theirs or []
            if one.number not in known
            for label in (one.number, one.raw_number)
        ]
        troubles = exceptions.open_labels(session, labels=labels)
    if theirs is not None:
        theirs += _asked_for(shop, day, ours, {one.number for one in theirs}, doubts)
    now = clock.now()
    behind = WINDOW_RULES[shop.channel].lag + timedelta(minutes=10)
    wanted = min(day_bounds(day)[1], now - behind)
    if theirs is not None and (read_until is None or read_until < wanted):
        doubts.add(Doubt.PULL_BEHIND)
    if shop.is_observing:
        doubts.add(Doubt.OBSERVING)
    return certify(
        channel=theirs, hub=ours, erp=erp, known_troubles=troubles, doubts=doubts, now=now
    )


def _on_channel(shop: Shop, day: date, doubts: set[Doubt]) -> list[OnChannel] | None:
    """Return the channel's orders of a day: all that changed since it began, the newest version."""
    try:
        connector = hub().connectors.shop(shop.id)
        return _listed(shop, connector, day)
    except NotConfigured:
        has_platform = shop.channel.has_platform
        doubts.add(Doubt.CHANNEL_NOT_CONNECTED if has_platform else Doubt.NO_PLATFORM)
    except (Unavailable, Rejected, NoSlot) as error:
        log.warning("certificate_without_channel", shop_id=shop.id, error=error.code)
        doubts.add(Doubt.CHANNEL_AWAY)
    return None


def _listed(shop: Shop, connector: ChannelPort, day: date) -> list[OnChannel]:
    rule = WINDOW_RULES[shop.channel]
    bounds = day_bounds(day)
    since = bounds[0]
    newest = clock.now() - rule.lag
    found: dict[str, tuple[int, OnChannel]] = {}
    while since < newest:
        until, cursor = min(since + rule.most, newest), None
        while True:
            page = connector.pull_orders(since, until, cursor=cursor)
            for raw in page.orders:
                one = _read(shop, connector, raw, bounds)
                if one is not None and found.get(one.number, (-1,))[0] < raw.version:
                    found[one.number] = (raw.version, one)
            cursor = page.next_cursor
            if cursor is None:
                break
        since = until
    return [one for _version, one in found.values()]


def _asked_for(
    shop: Shop, day: date, ours: list[InHub], listed: set[str], doubts: set[Doubt]
) -> list[OnChannel]:
    """Return orders that the list left out and the channel has: those that changed just now.

    Each is asked for by its number; with more than MOST_ASKED the channel's list is no list.
    """
    missing = [one for one in ours if one.number not in listed]
    found: list[OnChannel] = []
    connector = hub().connectors.shop(shop.id)
    for here in missing[:MOST_ASKED]:
        try:
            body = connector.find_order(here.raw_number)
        except (Unavailable, Rejected, NoSlot):
            doubts.add(Doubt.CHANNEL_AWAY)
            break
        if body is not None:
            raw = RawOrder(number=here.raw_number, version=1, body=body)
            one = _read(shop, connector, raw, day_bounds(day))
            found += [one] if one else []
    return found


def _read(
    shop: Shop, connector: ChannelPort, raw: RawOrder, bounds: tuple[datetime, datetime]
) -> OnChannel | None:
    """Return an order of the day, None for another day's; one that nobody can read is listed."""
    try:
        number = clean_number(shop.channel, raw.number)
    except BadNumber:
        number = raw.number
    try:
        order = connector.read_order(raw.body)
    except YinuoError:
        return OnChannel(
            number=number,
            raw_number=raw.number,
            total_fen=Fen(0),
            is_paid=None,
            is_cancelled=False,
        )
    if not bounds[0] <= order.placed_at < bounds[1]:
        return None
    is_paid = order.payment is not None if shop.channel.takes_money else None
    return OnChannel(
        number=number,
        raw_number=order.number,
        total_fen=order.total_fen,
        is_paid=is_paid,
        is_cancelled=order.status is ChannelOrderStatus.CANCELLED,
        is_fresh=clock.now() - order.placed_at < WINDOW_RULES[shop.channel].lag + NEXT_PULL,
    )


def _in_erp(shop: Shop, day: date, doubts: set[Doubt]) -> list[InErp] | None:
    if shop.is_observing:
        return None
    try:
        listed = hub().connectors.erp.list_documents(day)
    except NotConfigured:
        doubts.add(Doubt.ERP_NOT_CONNECTED)
        return None
    except (Unavailable, Rejected, NoSlot) as error:
        log.warning("certificate_without_erp", shop_id=shop.id, error=error.code)
        doubts.add(Doubt.ERP_AWAY)
        return None
    return [InErp(number=one.number, amount_fen=one.amount_fen) for one in listed]


def _in_hub(session: Session, shop: Shop, day: date) -> list[InHub]:
    since, until = day_bounds(day)
    found = orders.day_orders(session, shop.id, since=since, until=until)
    ids = [one.id for one in found]
    numbers = fulfillment.document_numbers(session, ids, DocumentKind.ERP_DOCUMENT)
    troubled = exceptions.open_subjects(session, subject_type="order", subject_ids=ids)
    return [
        InHub(
            order_id=one.id,
            number=one.number,
            raw_number=one.raw_number,
            total_fen=one.total_fen,
            goods_fen=one.goods_fen,
            paid_fen=one.paid_fen,
            is_paid=one.is_paid,
            is_cancelled=one.is_cancelled,
            paid_at=one.paid_at,
            held_by=one.held_by,
            has_work_item=one.id in troubled,
            erp_number=numbers[one.id][0] if one.id in numbers else None,
            is_booked=one.id in numbers and numbers[one.id][1] is DocumentState.DONE,
        )
        for one in found
    ]


def repair(shop_id: str, day: date, *, kind: GapKind, number: str, actor: Actor) -> None:
    """Repair one gap as a person asked, and make the certificate anew.

    Raises NothingToRepair, and whatever stands in the way, such as CannotRetry or BadOrder.
    """
    shared = hub()
    with shared.database.transaction() as session:
        gap = certificates.find_gap(session, shop_id, day, kind=kind, number=number)
        audit.record(
            session,
            actor=actor,
            action="certificates.repair",
            object=gap.order_id or gap.raw_number,
            after={"shop": shop_id, "day": day.isoformat(), "gap": kind.value},
            now=clock.now(),
        )
    _repair(shop_id, gap, actor=actor)
    with shared.database.transaction() as session:
        # One that is being made just now may have looked before the repair.
        ask(session, shop_id, day, after=AFTER_REPAIR_SECONDS, again=True)


def _repair(shop_id: str, gap: Gap, *, actor: Actor) -> None:
    shared = hub()
    if gap.repair is GapRepair.PULL:
        body = shared.connectors.shop(shop_id).find_order(gap.raw_number)
        if body is None:
            raise NothingToRepair
        intake_order.take_order(shop_id, body, headers={})
    elif gap.repair is GapRepair.PUSH and gap.order_id is not None:
        _push(gap.order_id, actor=actor)
    elif gap.repair is GapRepair.TAKE_BACK and gap.order_id is not None:
        with shared.database.transaction() as session:
            cancel_order.take_back_late(session, gap.order_id)
    else:
        raise NothingToRepair


def _push(order_id: str, *, actor: Actor) -> None:
    """Bring an order into the ERP: on its way as ever, or once more when somebody removed it there.

    The ERP is asked for our number first, so a document that is there after all is not doubled.
    """
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
    if order.fulfillment_status in fulfill_order.OPEN:
        fulfill_order.retry(shared.database, order_id, actor=actor)
        return
    with shared.database.transaction() as session:
        fulfillment.mark_untried(
            session,
            order_id,
            DocumentKind.ERP_DOCUMENT,
            error=NothingToRepair.code,
            now=clock.now(),
        )
    ended = Step.from_text(carry_out(documents.erp_document(order_id)))
    if ended.outcome != Outcome.DONE:
        raise NotPushed(error=ended.error)
