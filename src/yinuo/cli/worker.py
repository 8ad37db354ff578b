"""`yinuo worker`: one worker process."""

from __future__ import annotations

import signal
import threading

from yinuo.core import config, durable, logs
from yinuo.core.logs import logger
from yinuo.core.outbox import Relay
from yinuo.workflows import rounds, start_up, subscriptions

log = logger(__name__)


def worker() -> None:
    """Run one worker process: it carries orders out, delivers events and does the rounds.

    Any number may run, on any machines, against one database; when one dies the others take over
    its work. Stops in order on Ctrl-C or SIGTERM.
    """
    settings = config.settings()
    logs.configure(level=settings.log_level, as_json=settings.log_json)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    work(settings, stop)


def work(settings: config.CoreSettings, stop: threading.Event) -> None:
    """Work until `stop` is set."""
    shared = start_up.open_hub(settings, application_name="yinuo-worker")
    engine = durable.Engine(shared.database)
    engine.launch()
    relay = Relay(shared.database, on_dead=subscriptions.tell_dead_event)
    relaying = threading.Thread(target=relay.run, name="relay", daemon=True)
    relaying.start()
    rounds.run_rounds(shared.database, stop)
    log.info("worker_started", executor=engine.id)
    stop.wait()
    relay.stop()
    relaying.join(timeout=5)
    engine.stop()
    start_up.close_hub(shared)
    log.info("worker_stopped", executor=engine.id)
