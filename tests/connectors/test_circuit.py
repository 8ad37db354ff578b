"""The circuit opens, probes once and closes; the clock stands still here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yinuo.connectors.circuit import Circuit, CircuitRules, CircuitState, Ending
from yinuo.core import clock

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RULES = CircuitRules(failures_in_a_row=3, failure_share=0.5, window=6, open_seconds=30)


def end(circuit: Circuit, ending: Ending) -> None:
    ticket = circuit.enter()
    assert ticket is not None
    circuit.leave(ticket, ending)


def opened() -> Circuit:
    circuit = Circuit(RULES)
    for _ in range(3):
        end(circuit, Ending.FAILED)
    return circuit


def test_failures_in_a_row_open_the_circuit() -> None:
    with clock.fixed(START):
        circuit = Circuit(RULES)
        end(circuit, Ending.FAILED)
        end(circuit, Ending.FAILED)
        assert circuit.state is CircuitState.CLOSED
        end(circuit, Ending.FAILED)
        assert circuit.state is CircuitState.OPEN
        assert circuit.enter() is None
        assert circuit.seconds_left() == 30


def test_an_answer_between_failures_keeps_it_closed_until_half_of_the_window_failed() -> None:
    with clock.fixed(START):
        circuit = Circuit(RULES)
        for ending in [Ending.FAILED, Ending.ANSWERED] * 2 + [Ending.ANSWERED]:
            end(circuit, ending)
        assert circuit.state is CircuitState.CLOSED
        end(circuit, Ending.FAILED)  # three of the last six
        assert circuit.state is CircuitState.OPEN


def test_a_half_open_circuit_lets_one_probe_through() -> None:
    with clock.fixed(START) as time:
        circuit = opened()
        time.advance(seconds=29.9)
        assert circuit.enter() is None
        time.advance(seconds=0.1)
        assert circuit.state is CircuitState.HALF_OPEN
        probe = circuit.enter()
        assert probe is not None
        assert circuit.enter() is None
        circuit.leave(probe, Ending.ANSWERED)
        assert circuit.state is CircuitState.CLOSED


def test_a_failed_probe_opens_it_for_another_full_time() -> None:
    with clock.fixed(START) as time:
        circuit = opened()
        time.advance(seconds=30)
        end(circuit, Ending.FAILED)
        assert circuit.state is CircuitState.OPEN
        assert circuit.seconds_left() == 30


def test_a_probe_that_tells_nothing_makes_room_for_the_next() -> None:
    with clock.fixed(START) as time:
        circuit = opened()
        time.advance(seconds=30)
        end(circuit, Ending.UNTOLD)
        assert circuit.state is CircuitState.HALF_OPEN
        end(circuit, Ending.ANSWERED)
        assert circuit.state is CircuitState.CLOSED


@pytest.mark.parametrize("ending", [Ending.ANSWERED, Ending.FAILED])
def test_a_straggler_from_before_the_opening_changes_nothing(ending: Ending) -> None:
    with clock.fixed(START) as time:
        circuit = Circuit(RULES)
        straggler = circuit.enter()
        assert straggler is not None
        for _ in range(3):
            end(circuit, Ending.FAILED)
        time.advance(seconds=30)
        probe = circuit.enter()
        assert probe is not None
        circuit.leave(straggler, ending)
        assert circuit.state is CircuitState.HALF_OPEN
        assert circuit.enter() is None  # the probe is still out


def test_changes_are_told_once() -> None:
    told: list[CircuitState] = []
    with clock.fixed(START) as time:
        circuit = Circuit(RULES, on_change=told.append)
        for _ in range(3):
            end(circuit, Ending.FAILED)
        time.advance(seconds=30)
        end(circuit, Ending.FAILED)
        time.advance(seconds=30)
        end(circuit, Ending.ANSWERED)
    assert told == [CircuitState.OPEN, CircuitState.CLOSED]
