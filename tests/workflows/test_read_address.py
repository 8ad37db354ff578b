"""Orders whose addresses are odd: read as they come in, held while in doubt, released when decided."""

from __future__ import annotations

from tests.workflows import notices
from tests.workflows.merchant import order_body, receiver
from tests.workflows.world import World
from yinuo.addresses import service as addresses
from yinuo.addresses.model import AliasScope, ReadingState
from yinuo.addresses.model.readings import AliasWish, Reading
from yinuo.core import clock
from yinuo.orders import service as orders
from yinuo.orders.model import Receiver

PRICE = 25990
YUHANG, XIHU = "330110", "330106"


def send(world: World, number: str, *, version: int = 1, **changes: str) -> str:
    """Send an order whose receiver is stated otherwise, and return its id."""
    body = order_body(number) | {"receiver": receiver() | changes, "version": version}
    answer = world.send(body)
    assert answer.status_code in {200, 201, 202}, answer.text
    return world.order(number).id


def stated(detail: str) -> dict[str, str]:
    return {"province": "", "city": "", "district": "", "detail": detail}


def told(world: World, order_id: str) -> Receiver:
    with world.database.read() as session:
        return orders.reveal_receiver(session, order_id)


def reading(world: World, order_id: str) -> Reading:
    with world.database.read() as session:
        return addresses.load_reading(session, order_id)


def pay(world: World, number: str) -> None:
    assert notices.send(world, notices.paid(f"PAY{number}", PRICE)).status_code == 204


def correct(world: World, order_id: str, *, code: str = YUHANG, alias: str | None = None) -> None:
    wish = AliasWish(text=alias, scope=AliasScope.EVERYWHERE) if alias else None
    seen = reading(world, order_id)
    with world.database.transaction() as session:
        addresses.correct(
            session,
            order_id,
            code=code,
            revision=seen.revision,
            wish=wish,
            by="usr_test",
            by_name="客服小李",
            now=clock.now(),
        )


def holds(world: World, number: str) -> list[str]:
    return [hold.reason for hold in world.order(number).holds]


def test_missing_levels_are_filled_and_all_in_one_text_is_taken_apart(shop: World):
    filled = send(shop, "YNADDR1", city="", district="西湖")
    assert told(shop, filled) == Receiver(
        name="测试收件人",
        phone="19900000001",
        province="浙江省",
        city="杭州市",
        district="西湖区",
        detail="测试路1号",
    )
    text = "李小明 19900000002 江苏省南京市鼓楼区中山北路8号示例小区"
    glued = send(shop, "YNADDR2", name="", phone="", **stated(text))
    assert told(shop, glued) == Receiver(
        name="李小明",
        phone="19900000002",
        province="江苏省",
        city="南京市",
        district="鼓楼区",
        detail="中山北路8号示例小区",
    )
    assert reading(shop, glued).state is ReadingState.PASSED
    assert holds(shop, "YNADDR1") == holds(shop, "YNADDR2") == []


def test_a_county_below_its_province_stands_for_the_city(shop: World):
    order_id = send(shop, "YNADDR3", **stated("湖北省仙桃市示例路3号"))
    found = told(shop, order_id)
    assert (found.province, found.city, found.district) == ("湖北省", "仙桃市", "仙桃市")


def test_a_note_for_the_courier_stays_in_the_detail(shop: World):
    order_id = send(shop, "YNADDR4", **stated("浙江省杭州市西湖区测试路1号，放门卫处"))
    assert told(shop, order_id).detail == "测试路1号，放门卫处"


def test_a_doubtful_address_holds_the_paid_order_until_a_person_decides(shop: World):
    order_id = send(shop, "YNADDR5", **stated("示例小区3幢"))
    assert holds(shop, "YNADDR5") == ["address_doubtful"]
    assert shop.items_of(order_id) == [("address_doubtful", "open")]
    pay(shop, "YNADDR5")
    assert shop.until_status("YNADDR5", "held").payment_status.value == "paid"
    correct(shop, order_id)
    shop.until_status("YNADDR5", "in_warehouse")
    found = told(shop, order_id)
    assert (found.city, found.district, found.detail) == ("杭州市", "余杭区", "示例小区3幢")
    assert shop.items_of(order_id) == [("address_doubtful", "resolved")]
    assert shop.timeline("YNADDR5").count("workflows.timeline.address_settled") == 1


def test_a_contradiction_is_never_resolved_silently(shop: World):
    order_id = send(shop, "YNADDR6", city="南京市", district="鼓楼区")
    assert holds(shop, "YNADDR6") == ["address_doubtful"]
    found = told(shop, order_id)
    assert (found.province, found.city) == ("浙江省", "南京市")  # as stated, until decided


def test_an_alias_settles_those_that_wait_and_the_next(shop: World):
    first = send(shop, "YNADDR7", **stated("云上花园城3幢"))
    send(shop, "YNADDR8", **stated("云上花园城5幢"))
    correct(shop, first, alias="云上花园城")
    shop.until(lambda: holds(shop, "YNADDR8") == [], what="for the alias")
    assert shop.order("YNADDR8").region.district == "余杭区"
    third = send(shop, "YNADDR9", **stated("云上花园城7幢"))
    assert (holds(shop, "YNADDR9"), told(shop, third).district) == ([], "余杭区")


def test_what_was_decided_stays_when_the_order_is_sent_again(shop: World):
    order_id = send(shop, "YNADDR10", **stated("示例小区9幢"))
    correct(shop, order_id)
    shop.until(lambda: holds(shop, "YNADDR10") == [], what="for the decision")
    send(shop, "YNADDR10", version=2, **stated("示例小区9幢"))
    assert shop.order("YNADDR10").region.district == "余杭区"
    assert holds(shop, "YNADDR10") == []
    assert reading(shop, order_id).state is ReadingState.CORRECTED


def test_another_address_in_a_newer_version_is_read_anew(shop: World):
    order_id = send(shop, "YNADDR11", **stated("示例小区9幢"))
    send(shop, "YNADDR11", version=2)
    assert holds(shop, "YNADDR11") == []
    assert shop.items_of(order_id) == [("address_doubtful", "resolved")]
    assert told(shop, order_id).district == "西湖区"
    send(shop, "YNADDR11", version=3, **stated("示例小区9幢"))
    assert holds(shop, "YNADDR11") == ["address_doubtful"]


def test_a_correction_after_the_order_left_is_told_to_a_person(shop: World):
    order_id = send(shop, "YNADDR12")
    pay(shop, "YNADDR12")
    shop.until_status("YNADDR12", "in_warehouse")
    correct(shop, order_id)
    shop.until(
        lambda: ("address_late", "open") in shop.items_of(order_id), what="for the work item"
    )
    assert told(shop, order_id).district == "西湖区"


def test_an_order_without_a_region_is_not_sent_even_when_its_hold_is_taken_off(shop: World):
    order_id = send(shop, "YNADDR13", **stated("示例小区11幢"))
    pay(shop, "YNADDR13")
    (hold,) = shop.order("YNADDR13").holds
    with shop.database.transaction() as session:
        orders.release_hold(session, order_id, hold_id=hold.id, actor="ops", now=clock.now())
    shop.until(lambda: holds(shop, "YNADDR13") == ["address_doubtful"], what="for the hold")
    assert shop.order("YNADDR13").fulfillment_status.value in {"waiting", "reserved"}


def test_a_cancelled_order_asks_nobody(shop: World):
    body = order_body("YNADDR14") | {
        "receiver": receiver() | stated("示例小区"),
        "status": "cancelled",
    }
    assert shop.send(body).status_code in {200, 201, 202}
    assert shop.items_of(shop.order("YNADDR14").id) == []
