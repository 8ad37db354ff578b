"""The exception queue on a real database, with racing threads where many may act at once."""

from dataclasses import replace

import pytest

from tests.exceptions.building import ANNA, BO, NOW, events, later, new, person, put
from tests.racing import race
from yinuo.core.db import Database, Session
from yinuo.exceptions import service
from yinuo.exceptions.model import (
    AlreadyClaimed,
    AlreadyResolved,
    AnotherOpen,
    BadWorkItem,
    ItemFilter,
    Raised,
    Resolution,
    UnknownWorkItem,
    WorkItem,
    WorkItemKind,
    WorkItemState,
)
from yinuo.users.model import Role


def test_a_raised_item_stands_with_owner_and_deadline(session: Session):
    raised = service.raise_item(session, new(), now=NOW)
    assert raised == Raised(
        item=WorkItem(
            id=raised.item.id,
            kind=WorkItemKind.SHORTAGE,
            subject_type="order",
            subject_id="ord_1",
            subject_label="YN1",
            code="inventory.shortage",
            params={"short": {"RUG-160": 2}},
            owner_role=Role.OPERATIONS,
            assignee=None,
            assignee_name="",
            deadline=later(120),
            state=WorkItemState.OPEN,
            resolution=None,
            note="",
            created_at=NOW,
            resolved_at=None,
            resolved_by=None,
            resolved_by_name="",
        ),
        is_new=True,
    )
    assert service.load_item(session, raised.item.id) == raised.item
    assert events(session) == [("raised", raised.item.id)]


def test_raising_again_while_one_stands_brings_the_newest_reason_only(session: Session):
    first = put(session)
    service.claim(session, first.id, actor=ANNA)
    again = service.raise_item(
        session,
        new(code="other.code", params={"n": 1}, subject_label="", deadline=later(1)),
        now=later(5),
    )
    assert again.is_new is False
    assert again.item == replace(
        service.load_item(session, first.id), code="other.code", params={"n": 1}
    )
    assert (again.item.state, again.item.assignee) == (WorkItemState.CLAIMED, ANNA.id)
    assert (again.item.deadline, again.item.subject_label) == (later(120), "YN1")
    assert [name for name, _ in events(session)] == ["raised", "claimed"]


def test_another_kind_or_subject_or_a_cleared_one_gives_a_new_item(session: Session):
    first = put(session)
    assert put(session, kind=WorkItemKind.ERP_REJECTED).id != first.id
    assert put(session, "ord_2").id != first.id
    assert put(session, subject_type="inbox").id != first.id
    service.resolve(session, first.id, resolution=Resolution.FIXED, actor=ANNA, now=NOW)
    assert put(session).id != first.id


def test_one_cause_met_by_many_at_once_is_one_item(database: Database):
    raised: list[Raised] = []

    def meet(_: int) -> None:
        with database.transaction() as session:
            raised.append(service.raise_item(session, new(), now=NOW))

    race(16, meet)

    assert len({one.item.id for one in raised}) == 1
    assert sum(one.is_new for one in raised) == 1
    with database.read() as session:
        assert service.count_items(session, ItemFilter()) == {WorkItemKind.SHORTAGE: 1}
        assert len(events(session)) == 1


def test_an_item_is_raised_whatever_its_label_holds(session: Session):
    item = put(session, subject_label="\x00" + "x" * 500, params={"name": "\ud800\\u0000"})
    assert (item.subject_label, item.params) == ("x" * 200, {"name": "\\u0000"})


def test_an_item_about_nothing_is_refused(session: Session):
    with pytest.raises(BadWorkItem) as refused:
        put(session, "", code="")
    assert refused.value.details == {"problems": ["subject_id", "code"]}
    assert service.count_items(session, ItemFilter()) == {}


def test_an_item_is_claimed_by_one_person(session: Session):
    item = put(session)
    claimed = service.claim(session, item.id, actor=ANNA)
    assert claimed == replace(
        item, state=WorkItemState.CLAIMED, assignee="usr_1", assignee_name="员工1"
    )
    assert service.claim(session, item.id, actor=ANNA) == claimed
    with pytest.raises(AlreadyClaimed) as refused:
        service.claim(session, item.id, actor=BO)
    assert refused.value.details == {"item_id": item.id, "by": "员工1"}
    assert [name for name, _ in events(session)] == ["raised", "claimed"]


def test_of_many_who_claim_at_once_one_gets_it(database: Database):
    with database.transaction() as session:
        item = put(session)
    outcomes: list[str] = []

    def claim(number: int) -> None:
        try:
            with database.transaction() as session:
                service.claim(session, item.id, actor=person(number))
            outcomes.append(f"usr_{number}")
        except AlreadyClaimed:
            outcomes.append("late")

    race(10, claim)

    assert outcomes.count("late") == 9
    (winner,) = set(outcomes) - {"late"}
    with database.read() as session:
        assert service.load_item(session, item.id).assignee == winner


def test_a_resolved_item_keeps_who_how_and_when(session: Session):
    item = put(session)
    service.claim(session, item.id, actor=ANNA)
    done = service.resolve(
        session,
        item.id,
        resolution=Resolution.REFUNDED,
        note=" 已退款 ",
        actor=BO,
        now=later(9),
    )
    assert (done.state, done.resolution, done.note) == (
        WorkItemState.RESOLVED,
        Resolution.REFUNDED,
        "已退款",
    )
    assert (done.resolved_at, done.resolved_by, done.resolved_by_name) == (
        later(9),
        "usr_2",
        "员工2",
    )
    assert done.assignee == "usr_1"
    assert [name for name, _ in events(session)] == ["raised", "claimed", "resolved"]


def test_resolving_twice_changes_nothing_and_another_way_is_refused(session: Session):
    item = put(session)
    done = service.resolve(session, item.id, resolution=Resolution.FIXED, actor=ANNA, now=NOW)
    same = service.resolve(
        session, item.id, resolution=Resolution.FIXED, note="x", actor=ANNA, now=later(1)
    )
    assert same == done
    for actor, resolution in ((BO, Resolution.FIXED), (ANNA, Resolution.IGNORED)):
        with pytest.raises(AlreadyResolved):
            service.resolve(session, item.id, resolution=resolution, actor=actor, now=NOW)
    with pytest.raises(AlreadyResolved) as refused:
        service.claim(session, item.id, actor=BO)
    assert refused.value.details == {"item_id": item.id, "by": "员工1"}
    assert service.load_item(session, item.id) == done


def test_of_many_who_resolve_at_once_one_does(database: Database):
    with database.transaction() as session:
        item = put(session)
    outcomes: list[str] = []

    def resolve(number: int) -> None:
        try:
            with database.transaction() as session:
                service.resolve(
                    session, item.id, resolution=Resolution.FIXED, actor=person(number), now=NOW
                )
            outcomes.append("done")
        except AlreadyResolved:
            outcomes.append("late")

    race(8, resolve)

    assert sorted(outcomes) == ["done"] + ["late"] * 7


def test_a_person_cannot_say_it_vanished_nor_write_a_book(session: Session):
    item = put(session)
    for changes in ({"resolution": Resolution.VANISHED}, {"note": "x" * 1001}):
        with pytest.raises(BadWorkItem):
            service.resolve(
                session,
                item.id,
                **({"resolution": Resolution.FIXED} | changes),
                actor=ANNA,
                now=NOW,
            )
    assert service.load_item(session, item.id) == item


def test_a_claimed_or_cleared_item_can_be_put_back(session: Session):
    item = put(session)
    service.claim(session, item.id, actor=ANNA)
    assert service.reopen(session, item.id, actor=BO) == item
    service.resolve(session, item.id, resolution=Resolution.FIXED, note="n", actor=ANNA, now=NOW)
    assert service.reopen(session, item.id, actor=BO) == replace(item, note="n")
    assert service.reopen(session, item.id, actor=BO) == replace(item, note="n")
    assert [name for name, _ in events(session)] == [
        "raised",
        "claimed",
        "reopened",
        "resolved",
        "reopened",
    ]


def test_an_item_is_not_put_back_beside_a_newer_one(session: Session):
    old = put(session)
    done = service.resolve(session, old.id, resolution=Resolution.FIXED, actor=ANNA, now=NOW)
    newer = put(session)
    with pytest.raises(AnotherOpen):
        service.reopen(session, old.id, actor=ANNA)
    assert service.load_item(session, old.id) == done
    assert service.load_item(session, newer.id) == newer


@pytest.mark.parametrize("item_id", ["wit_none", "a\x00"])
def test_an_unknown_item_is_told(session: Session, item_id: str):
    for act in (
        lambda: service.load_item(session, item_id),
        lambda: service.claim(session, item_id, actor=ANNA),
        lambda: service.reopen(session, item_id, actor=ANNA),
        lambda: service.resolve(session, item_id, resolution=Resolution.FIXED, actor=ANNA, now=NOW),
    ):
        with pytest.raises(UnknownWorkItem):
            act()


def test_a_cause_that_went_away_closes_its_item_only(session: Session):
    shortage = put(session)
    rejected = put(session, kind=WorkItemKind.ERP_REJECTED)
    other = put(session, "ord_2")
    closed = service.close_for_subject(
        session,
        kind=WorkItemKind.SHORTAGE,
        subject_type="order",
        subject_id="ord_1",
        resolution=Resolution.RETRIED,
        now=later(1),
    )
    assert [one.id for one in closed] == [shortage.id]
    assert (closed[0].resolution, closed[0].resolved_by) == (Resolution.RETRIED, None)
    again = service.close_for_subject(
        session,
        kind=WorkItemKind.SHORTAGE,
        subject_type="order",
        subject_id="ord_1",
        now=later(2),
    )
    assert again == []
    assert service.load_item(session, rejected.id) == rejected
    assert service.load_item(session, other.id) == other
    assert [name for name, _ in events(session)] == ["raised"] * 3 + ["resolved"]


def test_all_items_of_a_subject_close_together(session: Session):
    ids = [put(session, kind=kind).id for kind in (WorkItemKind.SHORTAGE, WorkItemKind.BAD_ORDER)]
    other = put(session, "ord_2")
    closed = service.close_all_for_subject(
        session, subject_type="order", subject_id="ord_1", now=NOW
    )
    assert [one.id for one in closed] == sorted(ids)
    assert {one.resolution for one in closed} == {Resolution.VANISHED}
    assert [one.id for one in service.list_items(session, ItemFilter()).items] == [other.id]
