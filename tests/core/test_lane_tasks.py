"""The lane as the tasks of an event loop ask it: no thread waits, one signal wakes a batch."""

import asyncio

import pytest
from tests.core.test_group_commit import Gate, Refused, notes, write, written

from yinuo.core.group_commit import GroupCommit, LaneClosed, NoAnswer

__all__ = ["notes"]  # the fixture


def test_tasks_and_threads_share_a_batch_and_one_signal_wakes_the_tasks(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)

    async def ask_all():
        loop = asyncio.get_running_loop()
        busy = asyncio.create_task(lane.answer(0, timeout=10))
        await loop.run_in_executor(None, gate.entered.wait, 10)
        thread = loop.run_in_executor(None, lambda: lane.ask(99, timeout=10))
        tasks = [asyncio.create_task(lane.answer(number, timeout=10)) for number in range(1, 40)]
        while len(lane._waiting) < 40:
            await asyncio.sleep(0.001)
        signals = []
        tell = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *args, **more: (
            signals.append(args[0].__name__),
            tell(*args, **more),
        )[1]
        gate.open.set()
        answers = await asyncio.gather(busy, *tasks, thread)
        return answers, signals.count("_tell_all")

    answers, signals = asyncio.run(ask_all())
    assert answers == [number * 10 for number in range(40)] + [990]
    assert signals == 2
    assert [len(batch) for batch in gate.batches] == [1, 40]
    lane.close()
    assert written(notes) == [*range(40), 99]


def test_a_task_gets_its_own_error_and_the_others_their_answers(notes):
    def decide(session, numbers):
        written = write(session, [number for number in numbers if number != 3])
        return [Refused() if number == 3 else written.pop(0) for number in numbers]

    lane = GroupCommit(notes, decide)

    async def ask_all():
        tasks = (lane.answer(number, timeout=10) for number in range(5))
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask_all())
    assert [answer for answer in answers if not isinstance(answer, Refused)] == [0, 10, 20, 40]
    assert isinstance(answers[3], Refused)
    lane.close()
    assert written(notes) == [0, 1, 2, 4]


def test_a_task_that_gave_up_or_was_cancelled_is_left_out(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)

    async def ask_all():
        busy = asyncio.create_task(lane.answer(0, timeout=10))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        cancelled = asyncio.create_task(lane.answer(1, timeout=10))
        kept = asyncio.create_task(lane.answer(2, timeout=10))
        with pytest.raises(NoAnswer):
            await lane.answer(3, timeout=0.05)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        gate.open.set()
        return await asyncio.gather(busy, kept)

    assert asyncio.run(ask_all()) == [0, 20]
    lane.close()
    assert written(notes) == [0, 2]


def test_a_loop_that_closed_costs_nobody_else_an_answer(notes):
    gate = Gate()
    lane = GroupCommit(notes, gate)

    async def ask_and_leave():
        asyncio.create_task(lane.answer(0, timeout=10))  # noqa: RUF006 - it is to be left behind
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask_and_leave())
    assert gate.entered.wait(10)
    loop.close()
    other = lane.submit(7)
    gate.open.set()
    assert other.result(10) == 70
    lane.close()
    assert written(notes) == [0, 7]


def test_a_closed_lane_refuses_tasks(notes):
    lane = GroupCommit(notes, write)
    lane.close()
    with pytest.raises(LaneClosed):
        asyncio.run(lane.answer(1, timeout=1))
