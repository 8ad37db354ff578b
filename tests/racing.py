"""Many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable


def race(count: int, act: Callable[[int], None]) -> None:
    """Run `act` in so many threads that start together; a failure of one fails the test."""
    gate, failures = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            gate.wait(timeout=10)
            act(number)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
