"""A worker that kills itself with SIGKILL at a named moment, as a machine does when it fails.

    DIE_AT=post_to_erp:done     before, done (work done, no checkpoint yet) or after a step
    DIE_IN=SO/Save              in the middle of an outside call: sent, no answer yet

Without either it is a plain worker.
"""

from __future__ import annotations

import os
import signal
import threading

import httpx

from yinuo.cli.worker import worker
from yinuo.core import durable

IN_THE_MIDDLE_SECONDS = 0.25


def die() -> None:
    """End this process at once: no handler, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(wanted: str) -> None:
    """Die when a step reaches a moment."""

    def observer(_key: str, step: str, moment: str) -> None:
        if f"{step}:{moment}" == wanted:
            die()

    durable.observe(observer)


def die_in(wanted: str) -> None:
    """Die a little after a request whose address or query holds a text went out."""

    class Deadly(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if wanted in str(request.url):
                threading.Timer(IN_THE_MIDDLE_SECONDS, die).start()
            return super().handle_request(request)

    plain = httpx.Client.__init__

    def init(self: httpx.Client, *args: object, **more: object) -> None:
        plain(self, *args, **{**more, "transport": Deadly()})

    httpx.Client.__init__ = init


if __name__ == "__main__":
    if at := os.environ.get("DIE_AT"):
        die_at(at)
    if within := os.environ.get("DIE_IN"):
        die_in(within)
    worker()
