"""Listing, filtering and counting work items on a real database."""

from datetime import timedelta

import pytest

from tests.exceptions.building import ANNA, NOW, RESOLVED, later, put
from yinuo.core.db import Session
from yinuo.core.paging import BadCursor, encode_cursor
from yinuo.exceptions import service
from yinuo.exceptions.model import (
    BadWorkItem,
    ItemFilter,
    Resolution,
    WorkItemKind,
    WorkItemState,
)
from yinuo.users.model import Role


def walk(session: Session, wanted: ItemFilter, *, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = service.list_items(session, wanted, cursor=cursor, limit=limit)
        pages.append([item.subject_id for item in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return pages


def test_the_most_overdue_come_first_and_pages_leave_nothing_out(session: Session):
    deadlines = {"a": 3, "b": -5, "c": 0, "d": 3, "e": 60}
    for subject, minutes in deadlines.items():
        put(session, subject, deadline=later(minutes) + timedelta(microseconds=7))
    assert walk(session, ItemFilter(), limit=2) == [["b", "c"], ["a", "d"], ["e"]]
    assert service.count_overdue(session, now=later(1)) == 2


def test_cleared_items_are_listed_newest_first(session: Session):
    for minutes, subject in enumerate("abcde"):
        item = put(session, subject)
        service.resolve(
            session, item.id, resolution=Resolution.FIXED, actor=ANNA, now=later(minutes // 2)
        )
    assert walk(session, RESOLVED, limit=2) == [["e", "d"], ["c", "b"], ["a"]]
    assert service.list_items(session, ItemFilter()).items == []


def test_a_filter_finds_what_it_names(session: Session):
    put(session, "ord_1", subject_label="YN100")
    put(session, "ord_2", subject_label="yn200", kind=WorkItemKind.ERP_REJECTED)
    put(
        session,
        "msg_1",
        subject_type="inbox",
        subject_label="a%b",
        kind=WorkItemKind.INBOX_FAILED,
    )
    claimed = put(session, "ord_3", subject_label="", owner_role=Role.IT_ADMIN)
    service.claim(session, claimed.id, actor=ANNA)

    def found(**asked: object) -> list[str]:
        items = service.list_items(session, ItemFilter(**asked)).items
        return sorted(item.subject_id for item in items)

    assert found() == ["msg_1", "ord_1", "ord_2", "ord_3"]
    assert found(kind=WorkItemKind.ERP_REJECTED) == ["ord_2"]
    assert found(owner_role=Role.IT_ADMIN) == ["msg_1", "ord_3"]
    assert found(assignee="usr_1") == ["ord_3"]
    assert found(states=frozenset({WorkItemState.OPEN})) == ["msg_1", "ord_1", "ord_2"]
    assert found(subject_type="inbox", subject_id="msg_1") == ["msg_1"]
    assert found(query="yn") == ["ord_1", "ord_2"]
    assert found(query="a%") == ["msg_1"]
    assert found(query="ord_3") == ["ord_3"]
    assert found(query="%") == []


def test_counts_per_kind_do_not_heed_the_kind_that_is_chosen(session: Session):
    put(session, "a")
    put(session, "b")
    put(session, "a", kind=WorkItemKind.ERP_REJECTED)
    gone = put(session, "c")
    service.resolve(session, gone.id, resolution=Resolution.FIXED, actor=ANNA, now=NOW)
    expected = {WorkItemKind.SHORTAGE: 2, WorkItemKind.ERP_REJECTED: 1}
    assert service.count_items(session, ItemFilter()) == expected
    assert service.count_items(session, ItemFilter(kind=WorkItemKind.SHORTAGE)) == expected
    assert service.count_items(session, ItemFilter(subject_id="b")) == {WorkItemKind.SHORTAGE: 1}
    assert service.count_items(session, RESOLVED) == {WorkItemKind.SHORTAGE: 1}


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        encode_cursor(["a", "b"]),
        encode_cursor([1]),
        encode_cursor([1, 2]),
        encode_cursor([-1, "wit_1"]),
        encode_cursor([2**60, "wit_1"]),
        encode_cursor([1, "a\n"]),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(session: Session, cursor: str):
    with pytest.raises(BadCursor):
        service.list_items(session, ItemFilter(), cursor=cursor)


def test_a_filter_that_no_item_could_match_is_refused(session: Session):
    for wanted in (ItemFilter(query="a\x00"), ItemFilter(subject_id="x" * 201)):
        with pytest.raises(BadWorkItem):
            service.list_items(session, wanted)
        with pytest.raises(BadWorkItem):
            service.count_items(session, wanted)
