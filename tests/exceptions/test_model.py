"""What the exception queue decides, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yinuo.core.texts import Language, has_text, text
from yinuo.exceptions.model import (
    BY_PEOPLE,
    KINDS,
    Action,
    BadWorkItem,
    ItemFilter,
    NewItem,
    Resolution,
    WorkItem,
    WorkItemKind,
    WorkItemState,
    allowed_actions,
    check_note,
    cleaned,
    deadline_of,
    item_problems,
    owner_of,
)
from yinuo.users.model import Role

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NEW = NewItem(
    kind=WorkItemKind.SHORTAGE,
    subject_type="order",
    subject_id="ord_1",
    subject_label="YN1",
    code="inventory.shortage",
)
ITEM = WorkItem(
    id="wit_1",
    kind=WorkItemKind.SHORTAGE,
    subject_type="order",
    subject_id="ord_1",
    subject_label="YN1",
    code="inventory.shortage",
    params={},
    owner_role=Role.OPERATIONS,
    assignee=None,
    assignee_name="",
    deadline=NOW,
    state=WorkItemState.OPEN,
    resolution=None,
    note="",
    created_at=NOW,
    resolved_at=None,
    resolved_by=None,
    resolved_by_name="",
)


@pytest.mark.parametrize("kind", list(WorkItemKind))
@pytest.mark.parametrize("language", list(Language))
def test_every_kind_says_what_happened_and_what_to_do_next(kind: WorkItemKind, language: Language):
    assert KINDS[kind].within >= timedelta(minutes=30)
    for part in ("kind", "what", "next_step"):
        code = f"exceptions.{part}.{kind.value}"
        assert text(code, language) != code
        assert "{" not in text(code, language)


@pytest.mark.parametrize(
    "code",
    [
        *(f"exceptions.state.{state.value}" for state in WorkItemState),
        *(f"exceptions.resolution.{resolution.value}" for resolution in Resolution),
        *(f"exceptions.action.{action.value}" for action in Action),
    ],
)
def test_every_label_has_words(code: str):
    assert has_text(code)


def test_owner_and_deadline_are_those_of_the_kind_unless_given():
    assert (owner_of(NEW), deadline_of(NEW, now=NOW)) == (
        Role.OPERATIONS,
        NOW + timedelta(minutes=120),
    )
    given = replace(NEW, owner_role=Role.IT_ADMIN, deadline=NOW + timedelta(days=1))
    assert (owner_of(given), deadline_of(given, now=NOW)) == (
        Role.IT_ADMIN,
        NOW + timedelta(days=1),
    )


def test_an_item_is_overdue_from_its_deadline_until_it_is_resolved():
    assert not ITEM.is_overdue(NOW - timedelta(seconds=1))
    assert ITEM.is_overdue(NOW)
    assert replace(ITEM, state=WorkItemState.CLAIMED).is_overdue(NOW)
    assert not replace(ITEM, state=WorkItemState.RESOLVED).is_overdue(NOW)


def test_every_wrong_field_of_a_new_item_is_named():
    assert item_problems(NEW) == []
    wrong = replace(
        NEW,
        subject_type="",
        subject_id="x" * 201,
        code="a\n",
        deadline=datetime(2026, 1, 1),  # noqa: DTZ001 - the wrong thing is meant
    )
    assert item_problems(wrong) == ["subject_type", "subject_id", "code", "deadline"]


def test_what_comes_from_outside_is_made_fit_to_keep():
    kept = cleaned(
        replace(
            NEW,
            subject_label="YN\x001\ud800" + "x" * 300,
            params={
                "text\x00": "a\x00b" + "c" * 600,
                "list": ["d\x00", 1, None, ["e\n"]],
                "dict": {"k\x00": {"v": "f\x07"}},
                "flag": True,
                "long": list(range(200)),
            },
        )
    )
    assert kept.subject_label == "YN1" + "x" * 197
    assert kept.params == {
        "text": "ab" + "c" * 498,
        "list": ["d", 1, None, ["e"]],
        "dict": {"k": {"v": "f"}},
        "flag": True,
        "long": list(range(100)),
    }


def test_a_note_is_kept_without_blanks_around_it():
    assert check_note("  已联系买家\n明天补货 ") == "已联系买家\n明天补货"
    assert check_note("x" * 1000) == "x" * 1000


@pytest.mark.parametrize("note", ["x" * 1001, "a\x00b", "\ud800"])
def test_a_note_that_cannot_be_kept_is_refused(note: str):
    with pytest.raises(BadWorkItem):
        check_note(note)


def test_what_may_be_done_follows_from_kind_and_state():
    no_retry = replace(ITEM, kind=WorkItemKind.STOCK_FELL_SHORT)
    claimed = replace(ITEM, state=WorkItemState.CLAIMED, assignee="usr_1")
    resolved = replace(ITEM, state=WorkItemState.RESOLVED)
    assert allowed_actions(ITEM) == [Action.RETRY, Action.RESOLVE, Action.CLAIM]
    assert allowed_actions(no_retry) == [Action.RESOLVE, Action.CLAIM]
    assert allowed_actions(claimed) == [Action.RETRY, Action.RESOLVE, Action.REOPEN]
    assert allowed_actions(resolved) == [Action.REOPEN]


def test_only_a_filter_for_cleared_items_lists_newest_first():
    assert not ItemFilter().is_of_resolved
    assert not ItemFilter(states=frozenset(WorkItemState)).is_of_resolved
    assert ItemFilter(states=frozenset({WorkItemState.RESOLVED})).is_of_resolved


def test_people_cannot_say_that_something_went_away_by_itself():
    assert set(Resolution) - BY_PEOPLE == {Resolution.VANISHED}
