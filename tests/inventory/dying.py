"""A process that reserves through a lane without end, until it is killed.

    python -m tests.inventory.dying DATABASE_URL PREFIX MANY

Prints each owner when its answer has come, so that the one who kills knows what was promised.
"""

from __future__ import annotations

import sys
import threading

from tests.inventory.builders import T0, wish
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.errors import YinuoError
from yinuo.inventory import service

THREADS = 16


def main(url: str, prefix: str, many: int) -> None:
    """Ask for one rug for each of so many owners, and say what came of it."""
    numbers = iter(range(many))
    turn = threading.Lock()
    database = Database(url)

    def work() -> None:
        while True:
            with turn:
                number = next(numbers, None)
            if number is None:
                return
            owner = f"{prefix}{number}"
            try:
                lane.ask(wish(owner), timeout=60)
                said = f"held {owner}\n"
            except YinuoError as error:
                said = f"{error.code} {owner}\n"
            with turn:
                sys.stdout.write(said)
                sys.stdout.flush()

    with clock.fixed(T0):
        lane = service.reserving_lane(database)
        workers = [threading.Thread(target=work) for _ in range(THREADS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        lane.close()
    database.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
