"""Group messages on their way to orders: by themselves, by a person, by lists that are edited."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.users.builders import a_user
from tests.workflows.merchant import BUNDLE, SHOP, SKUS
from yinuo.catalog import service as catalog
from yinuo.catalog.model import UnknownSku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.channels.model.messages import (
    BadGroupMessage,
    DraftDecided,
    DraftIncomplete,
    DraftState,
    KeptMessage,
    MessageState,
    NewMessage,
)
from yinuo.channels.service import messages
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.orders import service as orders
from yinuo.orders.model import Order, PaymentStatus
from yinuo.users.model import Actor, Role
from yinuo.workflows import intake_message, start_up
from yinuo.workflows.intake_message import StatedLine, StatedOrder

WHOLE = "要2盒 LOVE-2026 张晓梅 19900000001 浙江省杭州市西湖区文三路138号3幢501室 急单"
STATED = StatedOrder(
    name="张晓梅",
    phone="19900000001",
    address="浙江省杭州市西湖区文三路138号3幢501室",
    lines=(StatedLine(sku="LOVE-2026", quantity=2),),
)


@pytest.fixture
def merchant(database: Database) -> Iterator[Database]:
    """Give a database with the small merchant, and a hub over it."""
    shared = start_up.share(database)
    with database.transaction() as session:
        catalog.save_skus(session, SKUS)
        catalog.save_bundle(session, BUNDLE)
        channels.save_shop(session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="测试店铺"))
    yield database
    start_up.close_hub(shared)


@pytest.fixture
def actor(merchant: Database) -> Actor:
    return a_user(merchant, "service", Role.CUSTOMER_SERVICE).as_actor()


def post(text: str, *, key: str = "", group: str = "好物团") -> KeptMessage:
    return intake_message.take(
        NewMessage(
            source="test",
            key=key or f"k{hash(text)}{clock.now().timestamp()}",
            shop_id=SHOP,
            group=group,
            sender="晓梅",
            text=text,
            sent_at=clock.now(),
        )
    )


def order_of(database: Database, order_id: str | None) -> Order:
    assert order_id is not None
    with database.read() as session:
        return orders.load_order(session, order_id)


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def load(database: Database, message_id: str) -> KeptMessage:
    with database.read() as session:
        return messages.load_group_message(session, message_id)


def test_a_complete_and_sure_message_becomes_an_order_by_itself(merchant: Database):
    kept = post(WHOLE)
    assert kept.state is MessageState.ORDERED
    order = order_of(merchant, kept.drafts[0].order_id)
    assert [(line.sku, line.quantity) for line in order.lines] == [("LOVE-2026", 2)]
    assert order.total_fen == 51_980
    assert order.payment_status is PaymentStatus.UNPAID
    assert order.tags == ("急单",)
    with merchant.read() as session:
        receiver = orders.reveal_receiver(session, order.id)
    assert (receiver.name, receiver.district) == ("张晓梅", "西湖区")


def test_the_same_message_told_again_is_one_order(merchant: Database):
    first, again = post(WHOLE, key="one"), post(WHOLE, key="one")
    assert first.id == again.id
    assert count(merchant, "orders") == 1


def test_the_same_words_posted_twice_wait_for_a_person(merchant: Database):
    first, twice = post(WHOLE), post(WHOLE)
    assert twice.repeats == first.id
    assert twice.state is MessageState.WAITING
    assert count(merchant, "orders") == 1


def test_the_same_words_in_another_group_are_no_repeat_but_asked_about(merchant: Database):
    post(WHOLE)
    second = post(WHOLE, group="另一个群")
    assert (second.repeats, second.state) == (None, MessageState.WAITING)
    assert count(merchant, "orders") == 1


def test_what_lacks_something_waits_and_a_person_makes_the_order(merchant: Database, actor: Actor):
    kept = post("要2盒 LOVE-2026 张晓梅")
    (draft,) = kept.drafts
    assert (kept.state, draft.facts.missing) == (MessageState.WAITING, ("phone", "address"))
    assert count(merchant, "orders") == 0
    with pytest.raises(DraftIncomplete) as refused:
        intake_message.confirm(draft.id, intake_message.stated_in(draft), actor=actor)
    assert refused.value.details["missing"] == [
        "channels.missing.phone",
        "channels.missing.address",
    ]
    done = intake_message.confirm(draft.id, STATED, actor=actor)
    assert done.state is MessageState.ORDERED
    again = intake_message.confirm(draft.id, STATED, actor=actor)
    assert again.drafts[0].order_id == done.drafts[0].order_id
    assert count(merchant, "orders") == 1


def test_a_draft_that_two_people_confirm_at_once_is_one_order(merchant: Database, actor: Actor):
    (draft,) = post("要2盒 LOVE-2026 张晓梅").drafts
    found: list[str | None] = []
    ready = threading.Barrier(4)

    def confirm() -> None:
        ready.wait()
        found.append(intake_message.confirm(draft.id, STATED, actor=actor).drafts[0].order_id)

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert count(merchant, "orders") == 1


def test_goods_that_nobody_sells_are_refused_and_nothing_changes(merchant: Database, actor: Actor):
    (draft,) = post("要2盒 LOVE-2026 张晓梅").drafts
    with pytest.raises(UnknownSku):
        intake_message.confirm(
            draft.id,
            StatedOrder(
                name="张晓梅",
                phone="19900000001",
                address="浙江省杭州市西湖区文三路138号",
                lines=(StatedLine(sku="NOT-SOLD", quantity=1),),
            ),
            actor=actor,
        )
    assert load(merchant, draft.message_id).state is MessageState.WAITING
    assert count(merchant, "orders") == 0


def test_a_discarded_draft_comes_back_and_an_ordered_one_can_not_be_discarded(
    merchant: Database, actor: Actor
):
    (draft,) = post("要2盒 LOVE-2026 张晓梅").drafts
    with merchant.transaction() as session:
        gone = messages.discard_draft(
            session, draft.id, by=actor.id, by_name=actor.name, now=clock.now()
        )
    assert gone.state is MessageState.DISCARDED
    with pytest.raises(DraftDecided):
        intake_message.confirm(draft.id, STATED, actor=actor)
    with merchant.transaction() as session:
        back = messages.restore_draft(session, draft.id, now=clock.now())
    assert back.state is MessageState.WAITING
    intake_message.confirm(draft.id, STATED, actor=actor)
    with pytest.raises(DraftDecided), merchant.transaction() as session:
        messages.discard_draft(session, draft.id, by=actor.id, by_name="", now=clock.now())


LIST = "#接龙\nLOVE-2026\n1. 王芳 2盒\n2. 李敏 1盒\n3. 陈姐 1盒"
EDITED = "#接龙\nLOVE-2026\n1. 王芳 3盒\n2. 陈姐 1盒\n3. 吴刚 1盒"


def test_an_edited_list_touches_only_the_entries_that_it_edits(merchant: Database):
    before, after = post(LIST), post(EDITED)
    assert [draft.label for draft in after.drafts] == ["王芳", "吴刚"]
    states = {draft.label: draft.state for draft in load(merchant, before.id).drafts}
    assert states == {
        "王芳": DraftState.REPLACED,
        "李敏": DraftState.WITHDRAWN,
        "陈姐": DraftState.WAITING,
    }


def test_a_list_posted_again_unchanged_adds_nothing(merchant: Database):
    post(LIST)
    again = post(LIST + "\n")
    assert again.drafts == ()
    assert count(merchant, "group_drafts") == 3


def test_an_entry_that_is_an_order_already_is_given_to_a_person_when_it_changes(
    merchant: Database, actor: Actor
):
    before = post(LIST)
    for draft in before.drafts[:2]:
        intake_message.confirm(draft.id, STATED, actor=actor)
    post(EDITED)
    with merchant.read() as session:
        told = session.execute(sa.text("SELECT kind, subject_id FROM work_items")).all()
    ordered = {draft.order_id for draft in load(merchant, before.id).drafts if draft.order_id}
    assert {kind for kind, _ in told} == {"group_order_edited"}
    assert {subject for _, subject in told} == ordered
    assert len(ordered) == 2


def test_a_wish_to_change_waits_until_somebody_saw_to_it(merchant: Database, actor: Actor):
    kept = post("LOVE-2026不要了")
    assert (kept.state, kept.change) == (MessageState.WAITING, "cancel")
    with merchant.transaction() as session:
        assert messages.put_aside(session, kept.id, by=actor.id).state is MessageState.DISCARDED
    with merchant.transaction() as session:
        assert messages.put_aside(session, kept.id, by="").state is MessageState.WAITING


def test_talk_is_kept_and_asks_nobody(merchant: Database):
    kept = post("大家早上好")
    assert (kept.state, kept.drafts) == (MessageState.TALK, ())


def test_a_word_that_people_teach_is_understood_from_the_next_message_on(
    merchant: Database, actor: Actor
):
    text = "要1个爱心盒 张晓梅 19900000001 浙江省杭州市西湖区文三路138号3幢"
    assert post(text).state is MessageState.WAITING
    with merchant.transaction() as session:
        alias = messages.teach_goods_alias(
            session,
            "爱心盒",
            sku="LOVE-2026",
            factor=1,
            units={},
            by=actor.id,
            by_name=actor.name,
            now=clock.now(),
        )
    assert post(text + "!", group="下一个群").state is MessageState.ORDERED
    with merchant.transaction() as session:
        assert messages.roll_back_goods_alias(session, alias.id, by=actor.id, now=clock.now())
    assert post(text + "!!", group="第三个群").state is MessageState.WAITING


def test_an_empty_message_is_refused_and_nothing_is_kept(merchant: Database):
    with pytest.raises(BadGroupMessage):
        post("  ")
    assert count(merchant, "group_messages") == 0


def test_what_was_ordered_elsewhere_two_hours_ago_is_asked_about_first(merchant: Database):
    first = post(WHOLE)
    assert first.state is MessageState.ORDERED
    again = WHOLE.replace("急单", "麻烦尽快").replace("要2盒", "再说一遍，2盒")
    second = post(again, group="另一个团")
    assert second.state is MessageState.WAITING
    (draft,) = second.drafts
    with merchant.read() as session:
        shop = channels.load_active_shop(session, SHOP)
        (alike,) = intake_message.alike_orders(session, shop, second, draft)
    assert alike.order_id == first.drafts[0].order_id


def test_a_person_may_mean_it_twice(merchant: Database, actor: Actor):
    post(WHOLE)
    (draft,) = post(WHOLE.replace("急单", "再来"), group="另一个团").drafts
    confirmed = intake_message.confirm(draft.id, STATED, actor=actor)
    assert confirmed.state is MessageState.ORDERED


@pytest.mark.parametrize(
    "change",
    [
        ("19900000001", "19900000002"),  # somebody else
        ("要2盒", "要3盒"),  # something else
    ],
)
def test_another_phone_or_other_goods_are_another_order(
    merchant: Database, change: tuple[str, str]
):
    post(WHOLE)
    assert post(WHOLE.replace(*change), group="另一个团").state is MessageState.ORDERED


def test_a_cancelled_order_or_one_of_last_week_is_no_reason_to_ask(merchant: Database):
    order = order_of(merchant, post(WHOLE).drafts[0].order_id)
    with merchant.transaction() as session:
        session.execute(
            sa.text("UPDATE orders SET placed_at = placed_at - interval '3 days' WHERE id = :id"),
            {"id": order.id},
        )
    second = post(WHOLE.replace("急单", "再来"), group="另一个团")
    assert second.state is MessageState.ORDERED
    with merchant.transaction() as session:
        orders.mark_cancelled(
            session,
            second.drafts[0].order_id or "",
            reason="workflows.reason.buyer",
            actor="test",
            now=clock.now(),
        )
    assert post(WHOLE.replace("急单", "又来"), group="第三个团").state is MessageState.ORDERED
