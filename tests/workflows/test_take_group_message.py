"""A bot in the groups: what is said becomes orders and drafts, once, in the order it was said."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.channels.model.messages import KeptMessage, MessageState
from yinuo.channels.service import messages
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, WorkItem, WorkItemKind
from yinuo.workflows import take_group_message

GROUP = "group"
WHOLE = "要2盒 LOVE-2026 张晓梅 19900000001 浙江省杭州市西湖区文三路138号3幢501室"


@pytest.fixture(scope="module")
def _group(shared_world: World) -> None:
    with shared_world.database.transaction() as session:
        channels.save_shop(
            session, Shop(id=GROUP, channel=Channel.WECHAT_GROUP, name="一诺家居微信群")
        )


@pytest.fixture
def shop(shop: World, _group: None) -> World:
    shop.faults("wecom")
    return shop


def say(world: World, text: str, **more: str) -> str:
    """Let somebody say something to the bot and return the message's id."""
    answer = world.sandbox.post("/control/wecom/messages", json={"text": text, **more})
    assert answer.status_code == 201
    found: str = answer.json()["message_id"]
    return found


def heard(world: World, message_id: str) -> KeptMessage | None:
    """Return the group message that one said became, if it has become any."""
    with world.database.read() as session:
        key = sa.text("SELECT id FROM group_messages WHERE source = 'wecom' AND key = :key")
        found = session.execute(key, {"key": f"{GROUP}:{message_id}"}).scalar_one_or_none()
        return None if found is None else messages.load_group_message(session, found)


def until_heard(world: World, message_id: str) -> KeptMessage:
    world.until(lambda: heard(world, message_id) is not None, what="for the bot")
    found = heard(world, message_id)
    assert found is not None
    return found


def test_a_whole_order_said_in_a_group_is_an_order(shop: World):
    message = until_heard(shop, say(shop, WHOLE, group="CHAT0001", sender="wm0001"))
    assert (message.state, message.group, message.sender) == (
        MessageState.ORDERED,
        "幸福里一群",
        "wm0001",
    )
    (draft,) = message.drafts
    assert draft.order_id is not None


def test_what_lacks_something_waits_for_a_person(shop: World):
    message = until_heard(shop, say(shop, "要2盒 LOVE-2026 李小红"))
    assert message.state is MessageState.WAITING


def test_a_message_told_twice_or_whose_answer_was_lost_is_one(shop: World):
    for kind, records in (("duplicate", 1), ("lose_answer", 2)):
        shop.faults("wecom", {"operation": "message", "kind": kind, "times": 1})
        told = say(
            shop, f"要{records}盒 LOVE-2026 王小明 19900000002 江苏省南京市鼓楼区示例路{records}号"
        )
        until_heard(shop, told)
        shop.until(
            lambda told=told, records=records: _calls(shop, told) >= records,
            what="for the second telling",
        )
        with shop.database.read() as session:
            count = sa.text("SELECT count(*) FROM group_messages WHERE key = :key")
            key = {"key": f"{GROUP}:{told}"}
            assert session.execute(count, key).scalar_one() == 1
        (draft,) = until_heard(shop, told).drafts
        assert draft.order_id is not None


def _calls(world: World, message_id: str) -> int:
    items = world.sandbox.get("/control/systems/wecom/calls").json()["items"]
    return sum(1 for item in items if item.get("reference") == message_id)


def test_an_edited_list_is_compared_with_the_one_before_however_late_it_is_read(
    shop: World, monkeypatch: pytest.MonkeyPatch
):
    """Both are kept while nobody reads; then the older one is read first."""
    real = take_group_message.work_off
    monkeypatch.setattr(take_group_message, "work_off", lambda _shop_id: 0)
    first = say(shop, "接龙 LOVE-2026\n1. 张三 1盒\n2. 李四 2盒", group="CHAT0009")
    shop.until(lambda: _is_kept(shop, first), what="for the first list")
    second = say(shop, "接龙 LOVE-2026\n1. 张三 1盒\n2. 李四 3盒\n3. 王五 1盒", group="CHAT0009")
    shop.until(lambda: _is_kept(shop, second), what="for the second list")
    assert heard(shop, first) is None
    assert real(GROUP) >= 2
    lists = [heard(shop, one) for one in (first, second)]
    assert [len(one.drafts) for one in lists if one is not None] == [2, 2]
    assert lists[0] is not None
    assert [draft.state.value for draft in lists[0].drafts] == ["waiting", "replaced"]


def _is_kept(world: World, message_id: str) -> bool:
    with world.database.read() as session:
        waiting = channels.unfinished(session, source="wecom", shop_id=GROUP)
    return any(entry.key == f"{GROUP}:{message_id}" for entry in waiting)


def test_a_picture_is_given_to_a_person_who_finds_it_in_the_group(shop: World):
    say(shop, "", msgtype="image", group="CHAT0002", sender="wm0002")
    shop.until(lambda: _items(shop, "wm0002") != [], what="for the work item")
    (item,) = _items(shop, "wm0002")
    assert (item.subject_label, item.params["sorts"]) == ("幸福里二群", "image")


def test_words_beside_a_picture_are_read_and_the_picture_told(shop: World):
    text = WHOLE.replace("19900000001", "19900000003")
    message = until_heard(shop, say(shop, text, msgtype="mixed", sender="wm0003"))
    assert message.state is MessageState.ORDERED
    shop.until(lambda: _items(shop, "wm0003") != [], what="for the work item")


def _items(world: World, sender: str) -> list[WorkItem]:
    with world.database.read() as session:
        wanted = ItemFilter(kind=WorkItemKind.GROUP_MESSAGE_UNREAD)
        found = exceptions.list_items(session, wanted).items
    return [item for item in found if item.params["sender"] == sender]


def test_what_a_process_left_unread_is_read_by_the_rounds(
    shop: World, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(take_group_message, "work_off", lambda _shop_id: 0)
        told = say(shop, "要1盒 LOVE-2026 孙小美")
        shop.until(lambda: _is_kept(shop, told), what="for the message")
    with clock.fixed(clock.now().replace(year=2027)):
        assert take_group_message.work_off_waiting() >= 1
    assert heard(shop, told) is not None


def test_a_wrong_signature_or_key_keeps_nothing(shop: World):
    for code in ("BAD_SIGN", "WRONG_KEY"):
        fault = {"operation": "message", "kind": "error", "code": code, "times": 4}
        shop.faults("wecom", fault)
        told = say(shop, "今天发货吗")
        shop.until(lambda told=told: _calls(shop, told) >= 1, what="for the refusal")
        assert heard(shop, told) is None
    shop.faults("wecom")


def test_the_address_is_proved_when_it_is_entered(shop: World):
    shop.sandbox.post("/control/wecom/check").raise_for_status()

    def outcome() -> list[str]:
        items = shop.sandbox.get("/control/systems/wecom/calls").json()["items"]
        return [item["outcome"] for item in items if item["operation"] == "check_address"]

    shop.until(lambda: outcome() != [], what="for the check")
    assert outcome()[0] == "done", json.dumps(outcome())
    assert shop.client.get("/callbacks/wecom/none").status_code == 404
    assert shop.client.get(f"/callbacks/wecom/{GROUP}").status_code == 401
