"""Durable processes in five verbs: start with id, step, wait until, signal, cancel.

A process is an ordinary function whose steps are checkpointed: after a crash it goes on behind the
last finished step, on whichever machine takes it. A step may run twice (the crash came after its
work and before its checkpoint), so each step bears a repeat. Starting with the same key twice
starts once. The engine underneath is DBOS; nothing else in the product imports it.

Other machines do not take over by themselves in the engine's open core, so every executor gives
signs of life (`core.heartbeat`), and each one sweeps for flows whose executor is dead. To take a
flow from one that is only busy would be bad: both would run it, and wait for each other.
"""

from __future__ import annotations

import functools
import socket
import threading
import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, ParamSpec, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from yinuo.core import heartbeat
from yinuo.core.db import Database, Session, driver_url
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger

P = ParamSpec("P")
R = TypeVar("R")
log = logger(__name__)

APPLICATION = "yinuo"
# Flows are recovered only by executors of the same version: raise it only together with a
# change of steps that older flows could not follow.
VERSION = "1"
QUEUE = "processes"
SCHEMA = "dbos"


@dataclass(frozen=True, slots=True)
class Process(Generic[P, R]):
    """A durable process: its stable name and its function."""

    name: str
    function: Callable[P, R]


@dataclass(frozen=True, slots=True)
class Failure:
    """A process that ended by an error nobody expected; a person must look."""

    process: str
    key: str
    arguments: tuple[object, ...]
    error: str


Observer = Callable[[str, str, str], None]
_observers: list[Observer] = []
_on_failure: list[Callable[[Failure], None]] = []
_clients: weakref.WeakKeyDictionary[sa.Engine, DBOSClient] = weakref.WeakKeyDictionary()


def process(name: str) -> Callable[[Callable[P, R]], Process[P, R]]:
    """Make a function a durable process under a stable name; its arguments are plain values."""

    def register(function: Callable[P, R]) -> Process[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                if not type(error).__module__.startswith("dbos"):
                    _report(name, args, error)
                raise

        return Process(name, DBOS.workflow(name=name)(run))

    return register


def _report(name: str, args: tuple[object, ...], error: Exception) -> None:
    kind = error.code if isinstance(error, YinuoError) else type(error).__name__
    log.error("process_failed", process=name, key=DBOS.workflow_id, error=kind, exc_info=error)
    failure = Failure(name, DBOS.workflow_id or "", args, kind)
    for handler in _on_failure:
        step("report_failure", handler, failure)


def on_failure(handler: Callable[[Failure], None]) -> Callable[[Failure], None]:
    """Register what is done when a process ends by an unexpected error (a work item)."""
    if handler not in _on_failure:
        _on_failure.append(handler)
    return handler


def observe(observer: Observer) -> None:
    """Register a function that is told (process key, step, "before" or "after") of each step.

    The crash tests use it to end the process at every boundary in turn.
    """
    _observers.append(observer)


def step(name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what the function returned, from the checkpoint when it already ran.

    The function may run again after a crash: it must bear that. Results are plain values.
    """

    def observed(*inner: P.args, **named: P.kwargs) -> R:
        _tell(name, "before")
        result = function(*inner, **named)
        _tell(name, "done")
        return result

    result = DBOS.run_step({"name": name}, observed, *args, **kwargs)
    _tell(name, "after")
    return result


def _tell(name: str, moment: str) -> None:
    for observer in _observers:
        observer(DBOS.workflow_id or "", name, moment)


def wait_until(topic: str, *, seconds: float) -> object | None:
    """Return the message that `signal` sent on a topic, or None when the time passed.

    For seconds only: what waits minutes is a due-time column or a delayed start.
    """
    message: object | None = DBOS.recv(topic, timeout_seconds=seconds)
    return message


def start(
    session: Session,
    process_: Process[P, R],
    *args: object,
    key: str,
    after_seconds: float = 0.0,
) -> None:
    """Start a process in the session's transaction, once for a key; later starts change nothing."""
    options: dict[str, Any] = {
        "workflow_name": process_.name,
        "queue_name": QUEUE,
        "workflow_id": key,
        "app_version": VERSION,
    }
    if after_seconds > 0:
        options["delay_seconds"] = after_seconds
    _client(session).enqueue_in_transaction(session, options, *args)  # type: ignore[arg-type]  # a TypedDict built in steps


def signal(session: Session, key: str, topic: str, message: object) -> None:
    """Send a message to a waiting process in the session's transaction."""
    _client(session).send_in_transaction(session, key, message, topic)


def cancel(database: Database, key: str) -> None:
    """Stop a process before its next step; what its steps did stays done."""
    _client_of(database.engine).cancel_workflow(key)


@dataclass(frozen=True, slots=True)
class ProcessState:
    """Where a process is: ENQUEUED, DELAYED, PENDING, SUCCESS, ERROR or CANCELLED."""

    key: str
    name: str
    status: str
    executor: str | None


def state(database: Database, key: str) -> ProcessState | None:
    """Return where a process is, or None when none was started under this key."""
    found = _client_of(database.engine).list_workflows(
        workflow_ids=[key], load_input=False, load_output=False
    )
    if not found:
        return None
    return ProcessState(key, found[0].name, found[0].status, found[0].executor_id)


def open_processes(database: Database) -> int:
    """Return how many processes are waiting or running."""
    with database.read() as session:
        counted = session.execute(
            sa.text(
                "SELECT count(*) FROM dbos.workflow_status"
                " WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')"
            )
        ).scalar_one()
    return int(counted)


def _client(session: Session) -> DBOSClient:
    engine = session.get_bind()
    if not isinstance(engine, sa.Engine):
        engine = engine.engine
    return _client_of(engine)


def _client_of(engine: sa.Engine) -> DBOSClient:
    if engine not in _clients:
        _clients[engine] = DBOSClient(
            system_database_engine=engine,
            dbos_system_schema=SCHEMA,
            application_name=APPLICATION,
            lazy=True,
        )
    return _clients[engine]


def migrate(database: Database) -> None:
    """Bring the engine's own tables to what it needs."""
    DBOS.migrate(driver_url(database.url), schema=SCHEMA)


class Engine:
    """The executor of one worker process: runs flows, shows it is alive, takes over the dead's."""

    def __init__(
        self, database: Database, *, concurrency: int = 32, poll_seconds: float = 0.1
    ) -> None:
        self.id = f"{socket.gethostname()[:40]}-{uuid.uuid4().hex[:12]}"
        self._database = database
        self._concurrency = concurrency
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._heartbeat = heartbeat.Heartbeat(database, self.id)
        self._threads: list[threading.Thread] = []

    def launch(self) -> None:
        """Start taking up processes; returns at once."""
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": driver_url(self._database.url),
                "dbos_system_schema": SCHEMA,
                "application_version": VERSION,
                "executor_id": self.id,
                "run_migrations": False,
                "enable_otlp": False,
                "log_level": "ERROR",
                "sys_db_pool_size": min(self._concurrency + 4, 40),
                "max_executor_threads": self._concurrency * 2,
            }
        )
        self._heartbeat.beat()
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=self._poll_seconds
        )
        for target in (self._keep_beating, self._keep_sweeping):
            thread = threading.Thread(target=target, daemon=True, name=target.__name__)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, drain_seconds: int = 5) -> None:
        """Stop taking up processes, give running ones time, and leave the rest to others."""
        self._stop.set()
        DBOS.destroy(workflow_completion_timeout_sec=drain_seconds)
        for thread in self._threads:
            thread.join(timeout=2)
        self._heartbeat.stop()

    def _keep_beating(self) -> None:
        while not self._stop.wait(1.0):
            try:
                self._heartbeat.beat()
            except sa.exc.SQLAlchemyError as error:
                log.warning("heartbeat_missed", error=type(error).__name__)

    def _keep_sweeping(self) -> None:
        while not self._stop.wait(1.5):
            try:
                self.take_over()
            except Exception as error:  # noqa: BLE001 - the sweep must go on whatever happens
                log.warning("sweep_failed", error=type(error).__name__)

    def take_over(self) -> list[str]:
        """Return the keys of flows that were taken from dead executors."""
        with self._database.transaction() as session:
            alive = heartbeat.alive(session)
        taken = []
        for flow in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
            if flow.executor_id not in alive:
                DBOS.resume_workflow(flow.workflow_id)
                taken.append(flow.workflow_id)
        if taken:
            log.info("took_over", count=len(taken))
        with self._database.transaction() as session:
            session.execute(
                sa.text(
                    "DELETE FROM executors e WHERE seen_at < clock_timestamp() - interval '1 minute'"
                    " AND NOT EXISTS (SELECT 1 FROM dbos.workflow_status w"
                    " WHERE w.status = 'PENDING' AND w.executor_id = e.id)"
                )
            )
        return taken


def forget_finished(database: Database, *, before: datetime, limit: int = 1000) -> int:
    """Return how many finished processes older than a moment were removed with their steps."""
    client = _client_of(database.engine)
    found = client.list_workflows(
        status=["SUCCESS", "CANCELLED"],
        completed_before=before.isoformat(),
        limit=limit,
        load_input=False,
        load_output=False,
    )
    if found:
        client.delete_workflows([flow.workflow_id for flow in found])
    return len(found)
