"""What a racing process runs: many threads that reserve through one lane."""

import random
import threading
import time
from collections.abc import Iterable

import sqlalchemy as sa

from tests.inventory.builders import RUG, T0, wish
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.errors import YinuoError
from yinuo.inventory import service
from yinuo.inventory.model import ReserveRequest


def race(
    url: str, requests: Iterable[ReserveRequest], *, threads: int = 32
) -> dict[str, tuple[str, bool] | str]:
    """Return per owner (reservation id, is repeat) or the code of the refusal."""
    answers: dict[str, tuple[str, bool] | str] = {}
    todo = iter(list(requests))
    turn = threading.Lock()

    def work() -> None:
        while True:
            with turn:
                request = next(todo, None)
            if request is None:
                return
            try:
                got = lane.ask(request, timeout=60)
                answers[request.owner] = (got.reservation_id, got.is_repeat)
            except YinuoError as error:
                answers[request.owner] = error.code

    database = Database(url)
    with clock.fixed(T0):
        lane = service.reserving_lane(database)
        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        lane.close()
    database.dispose()
    return answers


def race_for_rugs(url: str, prefix: str, many: int):
    """Ask for one rug for each of so many owners."""
    return race(url, [wish(f"{prefix}{n}") for n in range(many)])


def race_as_the_same_owners(url: str, many: int, seed: int):
    """Ask for the same owners as the other process does, in another order."""
    requests = [wish(f"o{n}") for n in range(many)]
    random.Random(seed).shuffle(requests)
    return race(url, requests)


def race_for_many_skus(url: str, prefix: str, many: int, seed: int):
    """Ask for random sets of SKUs at random warehouses, in random order."""
    chance = random.Random(seed)
    skus = [f"S{n:02}" for n in range(20)] + [RUG]
    codes = ["WH-HZ", "WH-NT", "WH-GZ"]
    requests = []
    for n in range(many):
        units = {sku: chance.randint(1, 2) for sku in chance.sample(skus, chance.randint(1, 6))}
        preferred = tuple(chance.sample(codes, chance.randint(1, 3)))
        requests.append(
            wish(
                f"{prefix}{n}",
                units,
                warehouses=preferred,
                is_paid=chance.random() < 0.7,
                ttl_seconds=60,
            )
        )
    return race(url, requests)


def wait_for_a_lock(database: Database) -> None:
    """Return when some session waits for another one's lock."""
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(500):
        with database.read() as looking:
            if looking.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
