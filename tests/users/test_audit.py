"""Tests of the audit chain against a real database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from yinuo.core import paging
from yinuo.core.db import Database, Session
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, LastAdmin

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)


def write(database: Database, number: int, *, times: int = 1) -> None:
    with database.transaction() as session:
        for _ in range(times):
            users.record(
                session,
                actor=SYSTEM,
                action="orders.cancel" if number % 2 else "orders.hold",
                object=f"ord_{number}",
                before={"status": "reserved", "phone": "13800138000"},
                after={"status": "cancelled", "reason": "买家 13900139000 要求", "rate": 0.5},
                now=NOW + timedelta(seconds=number),
            )


def verify(database: Database, anchor: str | None = None) -> tuple[bool, int, int | None]:
    with database.read() as session:
        found = users.verify_chain(session, anchor=anchor)
    return found.is_whole, found.entries, found.broken_at


def tamper(database: Database, statement: str) -> None:
    """Change the chain as somebody with the database's own password could."""
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        session.execute(sa.text(statement))
        session.execute(sa.text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))


def test_written_entries_make_a_whole_chain_and_are_masked(database: Database):
    write(database, 1, times=2)
    write(database, 2)

    assert verify(database) == (True, 3, None)
    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter())
        left = session.execute(sa.text("SELECT count(*) FROM audit_pending")).scalar_one()
    assert [entry.position for entry in page.items] == [3, 2, 1]
    assert page.items[0].fact.before == {"status": "reserved", "phone": "***8000"}
    assert page.items[0].fact.after == {
        "status": "cancelled",
        "reason": "买家 ***9000 要求",
        "rate": "0.5",
    }
    assert left == 0


def record_and_fail(session: Session) -> None:
    users.record(session, actor=SYSTEM, action="x", object="y", now=NOW)
    raise LastAdmin


def test_entry_of_an_undone_transaction_or_savepoint_is_not_there(database: Database):
    with pytest.raises(LastAdmin), database.transaction() as session:
        record_and_fail(session)
    with database.transaction() as session:
        point = session.begin_nested()
        users.record(session, actor=SYSTEM, action="undone", object="y", now=NOW)
        point.rollback()
        users.record(session, actor=SYSTEM, action="kept", object="y", now=NOW)

    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter())
    assert [entry.fact.action for entry in page.items] == ["kept"]
    assert verify(database) == (True, 1, None)


def test_racing_writers_make_one_chain(database: Database):
    threads = [
        threading.Thread(
            target=lambda start=start: [
                write(database, start * 25 + number) for number in range(25)
            ]
        )
        for start in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verify(database) == (True, 200, None)


def test_a_writer_who_is_not_done_holds_nobody(database: Database):
    with database.transaction() as slow:
        users.record(slow, actor=SYSTEM, action="slow", object="y", now=NOW)
        write(database, 1)  # would wait for ever if recording held the chain
    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter())
    assert [entry.fact.action for entry in page.items] == ["slow", "orders.cancel"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ],
)
def test_entries_can_not_be_changed_removed_or_truncated(database: Database, statement: str):
    write(database, 1)
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.transaction() as session,
    ):
        session.execute(sa.text(statement))
    assert verify(database) == (True, 1, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x' WHERE position = 3",
        "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE position = 3",
        "UPDATE audit_entries SET after = jsonb_set(after, '{status}', '\"x\"') WHERE position = 3",
        "UPDATE audit_entries SET before = NULL WHERE position = 3",
        "UPDATE audit_entries SET hash = sha256('x') WHERE position = 3",
        "DELETE FROM audit_entries WHERE position = 3",
    ],
)
def test_tampering_is_found_at_its_place(database: Database, statement: str):
    for number in range(5):
        write(database, number)
    tamper(database, statement)
    assert verify(database) == (False, 2, 3)


def test_removed_newest_entries_show_against_an_earlier_head(database: Database):
    for number in range(5):
        write(database, number)
    with database.read() as session:
        head = users.verify_chain(session).head
    tamper(database, "DELETE FROM audit_entries WHERE position > 3")
    assert verify(database) == (True, 3, None)
    assert verify(database, head) == (False, 3, 4)


def test_pages_follow_each_other_and_filters_narrow(database: Database):
    for number in range(1, 6):
        write(database, number)
    with database.read() as session:
        first = users.list_entries(session, users.AuditFilter(), limit=3)
        second = users.list_entries(session, users.AuditFilter(), cursor=first.next_cursor, limit=3)
        held = users.list_entries(session, users.AuditFilter(action="orders.hold"))
        one = users.list_entries(session, users.AuditFilter(object="ord_3"))
        spell = users.list_entries(
            session,
            users.AuditFilter(
                actor="system", since=NOW + timedelta(seconds=2), until=NOW + timedelta(seconds=4)
            ),
        )
        nobody = users.list_entries(session, users.AuditFilter(actor="nobody"))
        with pytest.raises(paging.BadCursor):
            users.list_entries(session, users.AuditFilter(), cursor=paging.encode_cursor(["x"]))
        with pytest.raises(paging.BadCursor):
            users.list_entries(session, users.AuditFilter(), cursor="none")

    assert [entry.position for entry in first.items] == [5, 4, 3]
    assert [entry.position for entry in second.items] == [2, 1]
    assert second.next_cursor is None
    assert [entry.fact.object for entry in held.items] == ["ord_4", "ord_2"]
    assert [entry.position for entry in one.items] == [3]
    assert [entry.fact.object for entry in spell.items] == ["ord_3", "ord_2"]
    assert nobody.items == []


def test_odd_text_is_recorded_and_still_verifies(database: Database):
    with database.transaction() as session:
        users.record(
            session,
            actor=SYSTEM,
            action="x",
            object="a\x00b\ud800",
            before={"list": [1, 1.0, 1e300, True, None, "\u2028 \\ \" '"], "\x00": -0.0},
            after=10**30,
            now=NOW,
        )
    assert verify(database) == (True, 1, None)
