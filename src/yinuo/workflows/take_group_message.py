"""A bot hears a group message: kept at once, then read like one that a person pastes.

What cannot be read as text (a picture, a voice message) is given to a person, who finds it in the
group. A repeat of a message changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from yinuo.channels import service as channels
from yinuo.channels.model import InboxEntry, InboxMessage
from yinuo.channels.model.messages import NewMessage
from yinuo.connectors.protocols.groups import GroupSaid
from yinuo.core import clock
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot, slot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.workflows import intake_message
from yinuo.workflows.hub import hub

SOURCE = "wecom"
log = logger(__name__)


def prove_address(shop_id: str, query: Mapping[str, str]) -> str:
    """Return what the bot's vendor wants to read; raises NotConfigured, BadSignature."""
    return hub().connectors.listener(shop_id).prove_address(query)


def keep(shop_id: str, query: Mapping[str, str], body: bytes) -> str | None:
    """Return the id of a message that is new, kept; None for a repeat or an event.

    Raises UnknownShop, NotConfigured, BadSignature, Malformed; then nothing is kept.
    """
    shared = hub()
    said = shared.connectors.listener(shop_id).read_message(query, body)
    if said is None:
        return None
    with shared.database.transaction() as session:
        shop = channels.load_active_shop(session, shop_id)
        received = channels.receive(
            session,
            InboxMessage(
                source=SOURCE,
                key=f"{shop.id}:{said.message_id}",
                shop_id=shop.id,
                headers={},
                body=msgspec.json.encode(said),
                received_at=clock.now(),
            ),
            take_after_seconds=30,
        )
    return received.id if received.is_new else None


def work_off(shop_id: str) -> int:
    """Return how many messages of a shop were read, in the order in which they came.

    One process at a time: an edited list says what changed only against the one before it. Where
    another one is at it for long, nothing is done; the rounds come back to it.
    """
    shared, done = hub(), 0
    try:
        with slot(shared.database, f"group:{shop_id}", limit=1, wait_seconds=20):
            with shared.database.read() as session:
                waiting = channels.unfinished(session, source=SOURCE, shop_id=shop_id)
            for entry in waiting:
                done += _tried(entry)
    except NoSlot:
        log.info("group_messages_put_off", shop_id=shop_id)
    return done


def _tried(entry: InboxEntry) -> bool:
    try:
        work_off_one(entry)
    except Exception as error:  # noqa: BLE001 - the edge: kept, told, and the others go on
        log.warning("group_message_failed", message_id=entry.id, error=type(error).__name__)
        with hub().database.transaction() as session:
            channels.mark_failed(session, entry.id, code="core.unexpected")
        return False
    return True


def work_off_one(entry: InboxEntry) -> None:
    """Make of a kept message what a pasted one becomes; what is no text goes to a person."""
    if entry.shop_id is None or entry.body is None:
        return
    said = msgspec.json.decode(entry.body, type=GroupSaid)
    outcome, problem = "message", ""
    if said.text.strip():
        try:
            intake_message.take(
                NewMessage(
                    source=SOURCE,
                    key=f"{entry.shop_id}:{said.message_id}",
                    shop_id=entry.shop_id,
                    group=said.group[:100],
                    sender=said.sender[:100],
                    text=said.text,
                    sent_at=entry.received_at,
                )
            )
        except YinuoError as error:
            outcome, problem = error.code, error.code
            log.info("group_message_put_aside", shop_id=entry.shop_id, error=error.code)
    if problem or said.left_out or not said.text.strip():
        outcome = problem or "left_out"
        _tell(entry, said, problem=problem)
    with hub().database.transaction() as session:
        channels.mark_done(session, entry.id, outcome=outcome)


def _tell(entry: InboxEntry, said: GroupSaid, *, problem: str) -> None:
    with hub().database.transaction() as session:
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.GROUP_MESSAGE_UNREAD,
                subject_type="inbox",
                subject_id=entry.id,
                subject_label=said.group,
                code=problem or "workflows.group_message_unread",
                params={
                    "group": said.group,
                    "sender": said.sender,
                    "sorts": ", ".join(said.left_out),
                    "shop_id": entry.shop_id,
                },
            ),
            now=clock.now(),
        )


def work_off_waiting(*, limit: int = 50) -> int:
    """Return how many kept messages were taken up that a process left unfinished."""
    shared = hub()
    with shared.database.transaction() as session:
        waiting = channels.pending(session, source=SOURCE, now=clock.now(), limit=limit)
    for shop_id in dict.fromkeys(entry.shop_id for entry in waiting if entry.shop_id):
        work_off(shop_id)
    return len(waiting)
