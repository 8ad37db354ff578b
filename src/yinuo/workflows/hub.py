"""What every process of this program shares: the database, the connectors and the lanes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

import pydantic

from yinuo.connectors.registry import Registry
from yinuo.core.db import Database
from yinuo.core.errors import OutsideUnavailable
from yinuo.core.group_commit import GroupCommit
from yinuo.inventory.model import Reserved, ReserveRequest
from yinuo.workflows.arrivals import Arrival, Landed
from yinuo.workflows.told_payments import Settled, ToldPayment


class NotStarted(OutsideUnavailable):
    """A process ran before the program gave it what it needs."""

    code = "workflows.not_started"


class ProcessSettings(pydantic.BaseModel):
    """Times of the processes, in seconds; section `[processes]`."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    # A call whose answer was lost may still be at work: looked up after this, not before.
    settle_seconds: float = 45.0
    renew_before_seconds: float = 300.0
    renew_by_seconds: float = 900.0
    late_payment_seconds: float = 120.0
    stock_every_seconds: float = 300.0
    # How long a shop may not know a figure before a person is told.
    shop_behind_seconds: float = 300.0
    # How many calls to the geocoder a day may take, over all processes; 0 asks nothing.
    geocodes_a_day: int = 4000
    geocodes_every_seconds: float = 30.0
    # How long an answer of the geocoder is good for the same text.
    geocode_days: float = 90.0
    default_carrier: str = "SF"
    # When a day is told of, in Shanghai; what changed until the next morning is told once more.
    summary_at: time = time(18, 0)
    # How long the rows of a file of orders are kept after it is done: persons stand in them.
    import_days: float = 14.0
    # How many runs may be put off before a person is told.
    patient_runs: int = 5

    @property
    def settle(self) -> timedelta:
        """Return the time after which an unanswered call is looked up."""
        return timedelta(seconds=self.settle_seconds)


@dataclass(frozen=True, slots=True)
class Hub:
    """The shared parts of one running program."""

    database: Database
    connectors: Registry
    lane: GroupCommit[ReserveRequest, Reserved]
    settling: GroupCommit[ToldPayment, Settled | None]
    placing: GroupCommit[Arrival, Landed | None]
    settings: ProcessSettings


_hub: list[Hub] = []


def use(shared: Hub) -> None:
    """Give the processes of this program what they need; the newest counts."""
    _hub[:] = [shared]


def hub() -> Hub:
    """Return the shared parts; raises NotStarted before `use`."""
    if not _hub:
        raise NotStarted
    return _hub[0]
