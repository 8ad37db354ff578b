"""The one way in which a connector calls out, and what each failure there means.

`Outside.call` builds, sends and reads one exchange: circuit, limit on how many at once, split
time-outs, bounded repeats with jitter where a repeat is safe, a call record and metrics. What
surely did not go out is Unavailable; what went out and got no usable answer is OutcomeUnknown,
unless the operation is repeatable, for which not knowing does no harm. URLs, headers and bodies
reach no log and no error: old systems carry tokens in the URL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import tenacity

from yinuo.connectors.circuit import Circuit, CircuitRules, CircuitState, Ending
from yinuo.connectors.protocols import (
    Busy,
    CircuitOpen,
    Health,
    HealthState,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from yinuo.core import calls, slots, tls
from yinuo.core.db import Database, DatabaseTrouble
from yinuo.core.logs import logger, redact_text
from yinuo.core.metrics import Counter, Gauge, Histogram

T = TypeVar("T")
_log = logger(__name__)
for _name in ("httpx", "httpcore"):  # they log whole URLs, tokens included
    logging.getLogger(_name).setLevel(logging.WARNING)

MOST_BYTES = 8 * 2**20
_CALLS = Counter(
    "yinuo_connector_calls_total", "Outside calls", ["connector", "operation", "outcome"]
)
_SECONDS = Histogram(
    "yinuo_connector_call_seconds",
    "Time of outside calls",
    ["connector", "operation"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)
_CIRCUIT = Gauge("yinuo_connector_circuit_open", "1 while calls are held back", ["connector"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to connect, to wait for the next bytes, and for the whole exchange."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often a repeatable operation is tried, and the jittered pause between."""

    attempts: int = 3
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many calls the system takes at once, from all machines together."""

    at_once: int
    wait_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is asked; repeatable when doing it twice is the same as once."""

    name: str
    is_repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, exact to the byte; an answer longer than `most_bytes` is not read."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def new_client() -> httpx.Client:
    """Return the HTTP client for a process: no redirects, no proxies from the environment.

    A redirect would carry signed requests and tokens to a place nobody has configured. Idle
    connections are dropped early, since a call that must not be repeated cannot tell a stale
    connection from a lost answer.
    """
    return httpx.Client(
        follow_redirects=False,
        trust_env=False,
        verify=tls.trust(),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2),
        headers={"User-Agent": "yinuo", "Accept-Encoding": "identity"},
    )


def clean_message(text: str, *, without: tuple[str, ...] = ()) -> str:
    """Return a vendor's message fit for logs and errors: short, one line, nothing personal.

    `without` are values we sent that the vendor may have echoed.
    """
    for value in sorted(without, key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "***")
    return redact_text(" ".join(text.split()))[:200]


class Outside:
    """One outside system as its connector calls it; safe to share between threads."""

    def __init__(
        self,
        connector: str,
        *,
        client: httpx.Client,
        database: Database | None = None,
        timeouts: Timeouts | None = None,
        repeats: Repeats | None = None,
        limit: Limit | None = None,
        rules: CircuitRules | None = None,
    ) -> None:
        self.connector = connector
        self._client = client
        self._database = database
        self._timeouts = timeouts or Timeouts()
        self._repeats = repeats or Repeats()
        self._limit = limit
        self.rules = rules or CircuitRules()
        self.circuit = Circuit(self.rules, on_change=self._circuit_changed)
        _CIRCUIT.labels(connector).set(0)

    def call(
        self,
        operation: Operation,
        build: Callable[[], Request],
        read: Callable[[Answer], T],
        *,
        reference: str | None = None,
    ) -> T:
        """Return what `read` makes of the answer.

        `build` runs anew for each attempt, so that signatures and nonces are fresh. `read` raises
        Rejected, Busy or, where the answer makes no sense, OutcomeUnknown. Server errors never
        reach it. `reference` is a business number for the call record.
        """

        def exchange() -> T:
            return read(_exchange(self._client, build(), self._timeouts))

        return self.run(operation, exchange, reference=reference)

    def run(
        self, operation: Operation, work: Callable[[], T], *, reference: str | None = None
    ) -> T:
        """Return what `work` returns, under this system's circuit, limit, repeats and record."""
        attempts = self._repeats.attempts if operation.is_repeatable else 1
        repeating = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_random_exponential(
                multiplier=self._repeats.first_pause_seconds,
                max=self._repeats.longest_pause_seconds,
            ),
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, Unavailable) and not isinstance(error, CircuitOpen)
            ),
            reraise=True,
        )
        result: T = repeating(self._once, operation, work, reference)
        return result

    def healthy(self, work: Callable[[], object]) -> Health:
        """Return how the system does, judged by a call that changes nothing."""
        try:
            work()
        except Rejected:
            return Health(state=HealthState.DEGRADED, note="connectors.health.refused")
        except Busy as error:
            return Health(state=HealthState.DEGRADED, note=error.code)
        except Unavailable as error:
            return Health(state=HealthState.DOWN, note=error.code)
        return Health(state=HealthState.OK)

    def _once(self, operation: Operation, work: Callable[[], T], reference: str | None) -> T:
        ticket = self.circuit.enter()
        if ticket is None:
            raise CircuitOpen(
                connector=self.connector,
                operation=operation.name,
                retry_after_seconds=max(1, round(self.circuit.seconds_left())),
            )
        ending, outcome, code = Ending.UNTOLD, "unknown", None
        started = time.monotonic()
        try:
            with self._place():
                started = time.monotonic()
                result = work()
        except (Rejected, Unavailable) as error:
            told = self._told(error, operation)
            ending, outcome = _judged(told)
            code = _code(told)
            raise told from None
        else:
            ending, outcome = Ending.ANSWERED, "done"
            return result
        finally:
            self.circuit.leave(ticket, ending)
            self._record(operation, outcome, code=code, started=started, reference=reference)

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Let one caller at a time, among all machines, work on `key` while the block runs.

        Between looking a number up and saving it nobody else may do the same: two workers can
        both believe that an order is theirs. Raises Busy.
        """
        with self._slot(f"{self.connector}:{key}", Limit(at_once=1)):
            yield

    @contextmanager
    def _place(self) -> Iterator[None]:
        with self._slot(self.connector, self._limit):
            yield

    @contextmanager
    def _slot(self, name: str, limit: Limit | None) -> Iterator[None]:
        if limit is None or self._database is None:
            yield
            return
        with ExitStack() as held:
            try:
                held.enter_context(
                    slots.slot(
                        self._database,
                        f"connector:{name}",
                        limit=limit.at_once,
                        wait_seconds=limit.wait_seconds,
                    )
                )
            except slots.NoSlot:
                raise Busy(connector=self.connector, reason="no_slot") from None
            yield

    def _told(self, error: Rejected | Unavailable, operation: Operation) -> Rejected | Unavailable:
        """Return the error as the caller shall see it: with its place, and no more doubt than due.

        Not knowing how a repeatable operation ended does no harm: it is as good as not done.
        """
        kind = type(error)
        if isinstance(error, OutcomeUnknown) and operation.is_repeatable:
            kind = Unavailable
        return kind(**{"connector": self.connector, "operation": operation.name, **error.details})

    def _record(
        self,
        operation: Operation,
        outcome: str,
        *,
        code: str | None,
        started: float,
        reference: str | None,
    ) -> None:
        seconds = time.monotonic() - started
        _CALLS.labels(self.connector, operation.name, outcome).inc()
        _SECONDS.labels(self.connector, operation.name).observe(seconds)
        self._keep(
            calls.Call(
                connector=self.connector,
                operation=operation.name,
                outcome=outcome,
                code=code,
                milliseconds=round(seconds * 1000),
                reference=reference,
            )
        )

    def _circuit_changed(self, state: CircuitState) -> None:
        is_open = state is CircuitState.OPEN
        _CIRCUIT.labels(self.connector).set(int(is_open))
        _log.warning("circuit_changed", connector=self.connector, state=state.value)
        self._keep(
            calls.Call(
                connector=self.connector,
                operation=calls.CIRCUIT,
                outcome="unavailable" if is_open else "done",
                code=CircuitOpen.code if is_open else None,
                milliseconds=0,
                reference=None,
            )
        )

    def _keep(self, call: calls.Call) -> None:
        if self._database is None:
            return
        try:
            calls.record(self._database, call)
        except DatabaseTrouble as error:  # what was done outside must not look undone
            _log.warning("call_not_recorded", connector=self.connector, error=type(error).__name__)


def _judged(error: Rejected | Unavailable) -> tuple[Ending, str]:
    match error:
        case Rejected():
            return Ending.ANSWERED, "rejected"
        case Busy():
            return Ending.UNTOLD, "unavailable"
        case OutcomeUnknown():
            return Ending.FAILED, "unknown"
        case _:
            return Ending.FAILED, "unavailable"


def _code(error: Rejected | Unavailable) -> str:
    """Return the stable code and, after a slash, what the system itself said."""
    more = error.details.get("outside_code") or error.details.get("reason")
    return f"{error.code}/{more}" if more else error.code


_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


def _exchange(client: httpx.Client, request: Request, timeouts: Timeouts) -> Answer:
    until = time.monotonic() + timeouts.total
    try:
        with client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=timeouts.connect),
        ) as response:
            body = _whole_body(response, until, most_bytes=request.most_bytes or MOST_BYTES)
            status, headers = response.status_code, dict(response.headers)
    except _NOT_SENT as error:
        raise Unavailable(reason=type(error).__name__) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(reason=type(error).__name__) from None
    _refuse_by_status(status)
    return Answer(status=status, headers=headers, body=body)


def _whole_body(response: httpx.Response, until: float, *, most_bytes: int) -> bytes:
    """Return the body, giving up on one that is too large or trickles past the deadline."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > most_bytes:
            raise OutcomeUnknown(reason="answer_too_large")
        if time.monotonic() > until:
            raise OutcomeUnknown(reason="answer_too_slow")
        parts.append(part)
    return b"".join(parts)


def _refuse_by_status(status: int) -> None:
    if status == 429:
        raise Busy(outside_code="HTTP 429")
    if status == 503:  # the one server error that says the request was not taken
        raise Unavailable(outside_code="HTTP 503")
    if status >= 500:
        raise OutcomeUnknown(outside_code=f"HTTP {status}")
    if 300 <= status < 400:
        raise Rejected(outside_code=f"HTTP {status}", outside_message="redirect")
