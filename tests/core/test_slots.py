"""Places shared by all machines: never more at once, free again when a process dies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from yinuo.core.db import Database
from yinuo.core.slots import NoSlot, slot

HOLDER = """
import sys, time
from yinuo.core.db import Database
from yinuo.core.slots import slot
with slot(Database(sys.argv[1]), "k3", limit=1):
    print("held", flush=True)
    time.sleep(600)
"""


def test_never_more_than_the_limit_at_once(database: Database) -> None:
    now, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal now, most
        with slot(database, "k3", limit=2, wait_seconds=20):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (now, most) == (0, 2)


def test_full_places_are_refused_in_time_and_other_names_are_free(database: Database) -> None:
    with slot(database, "k3", limit=1):
        with pytest.raises(NoSlot), slot(database, "k3", limit=1, wait_seconds=0.1):
            pass
        with slot(database, "wms", limit=1, wait_seconds=0):
            pass
    with slot(database, "k3", limit=1, wait_seconds=0):
        pass


def test_place_of_a_killed_process_is_free_again(database: Database) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database.url], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(NoSlot), slot(database, "k3", limit=1, wait_seconds=0):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with slot(database, "k3", limit=1, wait_seconds=10):
        pass
