"""What a failed exchange means, against real sockets."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from yinuo.connectors import http
from yinuo.connectors.circuit import CircuitRules, CircuitState
from yinuo.connectors.http import Answer, Limit, Operation, Outside, Repeats, Request, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    CircuitOpen,
    HealthState,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock
from yinuo.core.calls import ConnectorCallRow
from yinuo.core.db import Database

SAVE = Operation(name="save", is_repeatable=False)
QUERY = Operation(name="query", is_repeatable=True)
QUICK = Timeouts(connect=5, read=1.5, total=2)
NO_PAUSE = Repeats(attempts=3, first_pause_seconds=0.001, longest_pause_seconds=0.002)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with http.new_client() as client:
        yield client


def outside(client: httpx.Client, **changes: object) -> Outside:
    options: dict[str, object] = {"client": client, "timeouts": QUICK, "repeats": NO_PAUSE}
    return Outside("test_system", **(options | changes))  # type: ignore[arg-type]  # a builder


def post(server: LocalServer) -> Callable[[], Request]:
    return lambda: Request(method="POST", url=f"{server.address}/x?Token=t0p", body=b"<a/>")


def body(answer: Answer) -> bytes:
    return answer.body


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_the_answer_is_read(client: httpx.Client) -> None:
    with local_server(lambda _r: Reply(body=b"yes")) as server:
        assert outside(client).call(SAVE, post(server), body) == b"yes"
    assert server.seen[0].body == b"<a/>"


@pytest.mark.parametrize("operation", [SAVE, QUERY])
def test_a_refused_connection_is_surely_not_done(
    client: httpx.Client, operation: Operation
) -> None:
    request = Request(method="POST", url=f"http://127.0.0.1:{free_port()}/x?Token=t0p")
    with pytest.raises(Unavailable) as caught:
        outside(client).call(operation, lambda: request, body)
    assert type(caught.value) is Unavailable
    assert caught.value.details == {
        "connector": "test_system",
        "operation": operation.name,
        "reason": "ConnectError",
    }


@pytest.mark.parametrize(
    "reply",
    [Reply(wait_seconds=30), Reply(hangs_up=True), Reply(status=500), Reply(status=502)],
    ids=["read_timeout", "dropped_after_send", "500", "502"],
)
def test_an_unsafe_call_without_an_answer_has_an_unknown_outcome_and_is_not_repeated(
    client: httpx.Client, reply: Reply
) -> None:
    with local_server(lambda _r: reply) as server, pytest.raises(OutcomeUnknown):
        outside(client).call(SAVE, post(server), body)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [Reply(wait_seconds=30), Reply(hangs_up=True), Reply(status=500), Reply(status=429)],
    ids=["read_timeout", "dropped_after_send", "500", "429"],
)
def test_a_repeatable_call_is_tried_three_times_and_is_then_unavailable(
    client: httpx.Client, reply: Reply
) -> None:
    with local_server(lambda _r: reply) as server, pytest.raises(Unavailable) as caught:
        outside(client).call(QUERY, post(server), body)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(server.seen) == 3


def test_a_repeatable_call_succeeds_at_the_second_attempt_with_a_fresh_request(
    client: httpx.Client,
) -> None:
    replies = iter([Reply(hangs_up=True), Reply(body=b"2nd")])
    built: list[int] = []
    with local_server(lambda _r: next(replies)) as server:

        def build() -> Request:
            built.append(1)
            return post(server)()

        assert outside(client).call(QUERY, build, body) == b"2nd"
    assert len(built) == 2


def test_503_says_that_nothing_was_done(client: httpx.Client) -> None:
    with local_server(lambda _r: Reply(status=503)) as server, pytest.raises(Unavailable) as caught:
        outside(client).call(SAVE, post(server), body)
    assert type(caught.value) is Unavailable


def test_a_redirect_is_refused_and_not_followed(client: httpx.Client) -> None:
    def answer(received: Received) -> Reply:
        return Reply(status=302, headers={"location": "/elsewhere"})

    with local_server(answer) as server, pytest.raises(Rejected) as caught:
        outside(client).call(QUERY, post(server), body)
    assert caught.value.details["outside_code"] == "HTTP 302"
    assert len(server.seen) == 1


def test_a_huge_answer_is_given_up(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1000)
    with (
        local_server(lambda _r: Reply(body=b"x" * 5000)) as server,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        outside(client).call(SAVE, post(server), body)
    assert caught.value.details["reason"] == "answer_too_large"


def test_an_answer_that_trickles_is_given_up_at_the_deadline(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                try:
                    for _ in range(1000):
                        connection.sendall(b"x")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        request = Request(method="POST", url=f"http://127.0.0.1:{listener.getsockname()[1]}/")
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            outside(client).call(SAVE, lambda: request, body)
        assert caught.value.details["reason"] == "answer_too_slow"
        assert time.monotonic() - started < 10
        thread.join(5)


def test_an_open_circuit_calls_nobody_and_a_probe_closes_it(client: httpx.Client) -> None:
    replies = iter([Reply(status=500)] * 2 + [Reply(body=b"back")])
    rules = CircuitRules(failures_in_a_row=2, open_seconds=30)
    start = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    with clock.fixed(start) as fixed, local_server(lambda _r: next(replies)) as server:
        system = outside(client, rules=rules)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                system.call(SAVE, post(server), body)
        with pytest.raises(CircuitOpen) as caught:
            system.call(QUERY, post(server), body)
        assert caught.value.details["retry_after_seconds"] == 30
        assert len(server.seen) == 2
        fixed.advance(seconds=30)
        assert system.call(SAVE, post(server), body) == b"back"
        assert system.circuit.state is CircuitState.CLOSED


def test_refusals_and_busy_answers_do_not_open_the_circuit(client: httpx.Client) -> None:
    def refuse(_answer: Answer) -> bytes:
        raise Rejected(outside_code="201", outside_message="Faild")

    def later(_answer: Answer) -> bytes:
        raise Busy

    system = outside(client, rules=CircuitRules(failures_in_a_row=2))
    with local_server(lambda _r: Reply()) as server:
        for _ in range(4):
            with pytest.raises(Rejected):
                system.call(QUERY, post(server), refuse)
            with pytest.raises(Busy):
                system.call(SAVE, post(server), later)
    assert system.circuit.state is CircuitState.CLOSED
    assert len(server.seen) == 8


def recorded(database: Database) -> list[tuple[str, str, str | None, str | None]]:
    with database.read() as session:
        rows = session.execute(
            sa.select(
                ConnectorCallRow.operation,
                ConnectorCallRow.outcome,
                ConnectorCallRow.code,
                ConnectorCallRow.reference,
            ).order_by(ConnectorCallRow.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]  # four columns


def test_each_attempt_and_each_change_of_the_circuit_is_recorded(
    client: httpx.Client, database: Database
) -> None:
    replies = iter([Reply(hangs_up=True), Reply(), Reply(status=500), Reply(status=500)])
    with local_server(lambda _r: next(replies)) as server:
        system = outside(client, database=database, rules=CircuitRules(failures_in_a_row=2))
        system.call(QUERY, post(server), body, reference="YN1")
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                system.call(SAVE, post(server), body, reference="YN2")
    assert recorded(database) == [
        ("query", "unavailable", "connectors.unavailable/RemoteProtocolError", "YN1"),
        ("query", "done", None, "YN1"),
        ("save", "unknown", "connectors.outcome_unknown/HTTP 500", "YN2"),
        ("circuit", "unavailable", "connectors.circuit_open", None),
        ("save", "unknown", "connectors.outcome_unknown/HTTP 500", "YN2"),
    ]


def test_the_limit_holds_between_callers_that_share_nothing_but_the_database(
    client: httpx.Client, database: Database, database_url: str
) -> None:
    guard = threading.Lock()
    inside = most = 0

    def slow(_received: Received) -> Reply:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with guard:
            inside -= 1
        return Reply()

    databases = [Database(database_url) for _ in range(2)]
    limit = Limit(at_once=2)
    systems = [outside(client, database=one, limit=limit, timeouts=Timeouts()) for one in databases]
    with local_server(slow) as server:
        threads = [
            threading.Thread(target=systems[n % 2].call, args=(SAVE, post(server), body))
            for n in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for one in databases:
        one.dispose()
    assert len(server.seen) == 10
    assert most == 2


def test_no_free_place_is_busy_and_no_failure_of_the_system(
    client: httpx.Client, database: Database
) -> None:
    limit = Limit(at_once=1, wait_seconds=0.05)
    system = outside(
        client, database=database, limit=limit, rules=CircuitRules(failures_in_a_row=1)
    )
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        entered.set()
        leave.wait(10)

    thread = threading.Thread(target=system.run, args=(SAVE, stay))
    thread.start()
    entered.wait(10)
    with pytest.raises(Busy) as caught:
        system.run(SAVE, lambda: None)
    leave.set()
    thread.join()
    assert caught.value.details["reason"] == "no_slot"
    assert system.circuit.state is CircuitState.CLOSED


def test_health_is_told_and_never_raised(client: httpx.Client) -> None:
    system = outside(client)

    def fails() -> None:
        raise Unavailable

    def refuses() -> None:
        raise Rejected

    assert system.healthy(lambda: None).state is HealthState.OK
    assert system.healthy(refuses).state is HealthState.DEGRADED
    assert system.healthy(fails).state is HealthState.DOWN


def test_tokens_in_urls_reach_no_log_and_no_error(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        local_server(lambda _r: Reply(hangs_up=True)) as server,
        pytest.raises(Unavailable) as caught,
    ):
        outside(client).call(QUERY, post(server), body)
    told = f"{caught.value!r} {caught.value.details} {caught.value.__cause__!r} {caplog.text}"
    assert "t0p" not in told


def test_a_vendors_message_is_cleaned() -> None:
    text = "收货人 李四\n电话13800000000 地址不全 " + "x" * 300
    cleaned = http.clean_message(text, without=("李四", ""))
    assert cleaned.startswith("收货人 *** 电话[redacted] 地址不全 xxx")
    assert len(cleaned) == 200
