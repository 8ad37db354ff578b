"""The lane on a real PostgreSQL: answers after the commit, one bad request fails alone."""

import os
import threading
import time
from concurrent.futures import CancelledError

import pytest
import sqlalchemy as sa

from yinuo.core.db import Database
from yinuo.core.errors import Conflict
from yinuo.core.group_commit import (
    GroupCommit,
    LaneClosed,
    LaneFailed,
    NoAnswer,
    WrongAnswerCount,
    is_passing,
)


class Refused(Conflict):
    code = "test.refused"


@pytest.fixture
def notes(database: Database):
    with database.transaction() as session:
        session.execute(sa.text("CREATE TABLE notes (n int PRIMARY KEY)"))
    return database


def written(database):
    with database.read() as session:
        return sorted(session.execute(sa.text("SELECT n FROM notes")).scalars())


def write(session, numbers):
    for number in numbers:
        session.execute(sa.text("INSERT INTO notes VALUES (:n)"), {"n": number})
    return [number * 10 for number in numbers]


class Gate:
    """A decision that waits at its first batch until it is opened, and notes all batches."""

    def __init__(self):
        self.batches = []
        self.open = threading.Event()
        self.entered = threading.Event()

    def __call__(self, session, numbers):
        self.batches.append(list(numbers))
        self.entered.set()
        assert self.open.wait(10)
        return write(session, numbers)


def test_the_next_batch_forms_while_the_last_one_commits(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate, cap=3)
    first = lane.submit(0)
    gate.entered.wait(10)
    rest = [lane.submit(number) for number in range(1, 6)]
    gate.open.set()
    assert [future.result(10) for future in (first, *rest)] == [0, 10, 20, 30, 40, 50]
    assert gate.batches == [[0], [1, 2, 3], [4, 5]]
    lane.close()


def test_the_answer_comes_after_the_commit(notes):
    lane = GroupCommit(notes, write)
    for number in range(20):
        lane.ask(number, timeout=10)
        assert number in written(notes)
    lane.close()


def test_one_bad_request_fails_alone(notes):
    sizes = []

    def decide(session, numbers):
        sizes.append(len(numbers))
        answers = write(session, numbers)
        if 7 in numbers:
            raise ZeroDivisionError
        return answers

    gate = Gate()
    lane = GroupCommit(notes, lambda s, n: gate(s, n) if n == [99] else decide(s, n))
    lane.submit(99)
    gate.entered.wait(10)
    futures = [lane.submit(number) for number in range(16)]
    gate.open.set()
    with pytest.raises(ZeroDivisionError):
        futures[7].result(10)
    assert [f.result(10) for n, f in enumerate(futures) if n != 7] == [
        n * 10 for n in range(16) if n != 7
    ]
    assert written(notes) == [n for n in range(16) if n != 7] + [99]
    assert sizes == [16, 8, 4, 4, 2, 2, 1, 1, 8]
    lane.close()


def test_a_database_error_of_one_request_fails_alone(notes):
    with notes.transaction() as session:
        write(session, [3])
    lane = GroupCommit(notes, write)
    futures = [lane.submit(number) for number in range(6)]
    with pytest.raises(sa.exc.IntegrityError):
        futures[3].result(10)
    assert futures[5].result(10) == 50
    assert written(notes) == [0, 1, 2, 3, 4, 5]
    lane.close()


def test_an_exception_as_answer_leaves_the_others_standing(notes):
    def decide(session, numbers):
        good = [n for n in numbers if n != 1]
        write(session, good)
        return [Refused(n=1) if n == 1 else n for n in numbers]

    lane = GroupCommit(notes, decide)
    futures = [lane.submit(number) for number in range(3)]
    with pytest.raises(Refused):
        futures[1].result(10)
    assert futures[2].result(10) == 2
    assert written(notes) == [0, 2]
    lane.close()


def test_wrong_number_of_answers_is_a_defect_and_changes_nothing(notes):
    def decide(session, numbers):
        write(session, numbers)
        return []

    lane = GroupCommit(notes, decide)
    with pytest.raises(WrongAnswerCount):
        lane.ask(1, timeout=10)
    assert written(notes) == []
    lane.close()


def test_cancelled_and_timed_out_callers_are_left_out(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)
    busy = lane.submit(0)
    gate.entered.wait(10)
    cancelled, kept = lane.submit(1), lane.submit(2)
    assert cancelled.cancel()
    with pytest.raises(NoAnswer):
        lane.ask(3, timeout=0.05)
    gate.open.set()
    assert (busy.result(10), kept.result(10)) == (0, 20)
    with pytest.raises(CancelledError):
        cancelled.result(1)
    lane.close()
    assert written(notes) == [0, 2]


def test_a_caller_that_gave_up_on_a_running_batch_finds_it_done(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)
    with pytest.raises(NoAnswer):
        lane.ask(5, timeout=0.2)
    gate.open.set()
    lane.close()
    assert written(notes) == [5]


def test_close_answers_everybody_and_takes_no_more(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate, cap=2)
    futures = [lane.submit(number) for number in range(7)]
    gate.entered.wait(10)
    closer = threading.Thread(target=lane.close)
    closer.start()
    time.sleep(0.05)
    with pytest.raises(LaneClosed):
        lane.submit(8)
    gate.open.set()
    closer.join(10)
    assert [future.result(0) for future in futures] == [n * 10 for n in range(7)]
    lane.close()


def test_close_does_not_wait_for_ever(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate, cap=1)
    running, waiting = lane.submit(1), lane.submit(2)
    gate.entered.wait(10)
    lane.close(timeout=0.05)
    with pytest.raises(LaneClosed):
        waiting.result(0)
    gate.open.set()
    assert running.result(10) == 10


def test_closing_a_lane_that_was_never_used(database):
    GroupCommit(database, write).close()


def test_lost_connections_are_tried_again(notes):
    lost = []

    def decide(session, numbers):
        if not lost:
            lost.append(session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
            with notes.transaction() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": lost[0]})
        return write(session, numbers)

    lane = GroupCommit(notes, decide)
    assert lane.ask(4, timeout=20) == 40
    assert lane.ask(5, timeout=20) == 50
    assert written(notes) == [4, 5]
    lane.close()


def test_serialization_failures_are_tried_again(notes):
    failures = iter([True, True])

    def decide(session, numbers):
        if next(failures, None):
            session.execute(
                sa.text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$")
            )
        return write(session, numbers)

    lane = GroupCommit(notes, decide)
    assert lane.ask(4, timeout=20) == 40
    lane.close()


def test_an_unreachable_database_is_told_to_everybody():
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    lane = GroupCommit(database, write)
    futures = [lane.submit(n) for n in range(3)]
    for future in futures:
        with pytest.raises(LaneFailed):
            future.result(30)
    lane.close()


def test_ask_tells_a_timeout_of_the_decision_from_its_own(notes):
    def decide(session, numbers):
        raise TimeoutError

    lane = GroupCommit(notes, decide)
    with pytest.raises(TimeoutError) as caught:
        lane.ask(1, timeout=10)
    assert not isinstance(caught.value, NoAnswer)
    lane.close()


def test_passing_errors_are_told_from_lasting_ones():
    assert is_passing(sa.exc.TimeoutError())
    assert not is_passing(ValueError())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_lane_works_on_both_sides_of_a_fork(notes):
    lane = GroupCommit(notes, write)
    lane.ask(1, timeout=10)
    child = os.fork()
    if child == 0:
        try:
            good = lane.ask(2, timeout=10) == 20
        except BaseException:  # noqa: BLE001 - the child must not run on as a test
            good = False
        os._exit(0 if good else 1)
    assert lane.ask(3, timeout=10) == 30
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert written(notes) == [1, 2, 3]
    lane.close()


def test_hundreds_of_callers_at_once(notes):
    lane = GroupCommit(notes, write, cap=64)
    answers: dict[int, int] = {}

    def call(start):
        for number in range(start, start + 20):
            answers[number] = lane.ask(number, timeout=30)

    threads = [threading.Thread(target=call, args=(n * 20,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == {n: n * 10 for n in range(800)}
    assert written(notes) == list(range(800))
    lane.close()


def test_a_request_on_its_way_tells_how_far_it_is(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)
    first = lane.submit(1)
    gate.entered.wait(10)
    second = lane.submit(2)
    assert (first.is_taken, second.is_taken) == (True, False)
    assert not first.cancel()
    with pytest.raises(TimeoutError):
        first.result(0.01)
    gate.open.set()
    assert [first.result(10), first.result(0), second.result(10)] == [10, 10, 20]
    assert first.is_done
    assert not second.cancel()
    lane.close()


class Refusing:
    """Decides alone what is even, in one statement that commits by itself."""

    def __init__(self):
        self.seen = []

    def __call__(self, connection, numbers):
        self.seen.append(list(numbers))
        if any(number % 2 for number in numbers):
            return None
        connection.execute(sa.text("INSERT INTO notes SELECT unnest(:n)"), {"n": list(numbers)})
        return [number * 100 for number in numbers]


def test_what_is_done_at_once_is_committed_and_the_rest_is_decided(notes):
    at_once = Refusing()
    lane = GroupCommit(notes, write, at_once=at_once)
    assert lane.ask(2, timeout=10) == 200
    assert written(notes) == [2]
    assert lane.ask(3, timeout=10) == 30
    with pytest.raises(sa.exc.IntegrityError):
        lane.ask(2, timeout=10)
    assert lane.ask(4, timeout=10) == 400
    assert at_once.seen == [[2], [3], [2], [4]]
    assert written(notes) == [2, 3, 4]
    lane.close()


def test_a_bad_request_among_those_done_at_once_fails_alone(notes):
    with notes.transaction() as session:
        write(session, [6])
    gate = Gate()
    at_once = Refusing()
    lane = GroupCommit(notes, gate, at_once=at_once)
    lane.submit(1)
    gate.entered.wait(10)
    pending = [lane.submit(number) for number in (2, 4, 6, 8)]
    gate.open.set()
    with pytest.raises(sa.exc.IntegrityError):
        pending[2].result(10)
    assert [pending[n].result(10) for n in (0, 1, 3)] == [200, 400, 800]
    assert written(notes) == [1, 2, 4, 6, 8]
    lane.close()


def test_a_connection_lost_while_deciding_at_once_is_tried_again(notes):
    lost = []

    def at_once(connection, numbers):
        if not lost:
            lost.append(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
            with notes.transaction() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": lost[0]})
        return Refusing()(connection, numbers)

    lane = GroupCommit(notes, write, at_once=at_once)
    assert lane.ask(4, timeout=20) == 400
    assert written(notes) == [4]
    lane.close()
