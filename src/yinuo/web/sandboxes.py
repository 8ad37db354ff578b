"""The sandboxes' state and faults for the console, asked of the sandbox's own control API."""

from __future__ import annotations

from typing import Annotated

import httpx
import pydantic
from fastapi import APIRouter, Depends, Path

from yinuo.core import clock, config
from yinuo.core.errors import Invalid, NotFound, OutsideUnavailable
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Writing, require

router = APIRouter(prefix="/sandboxes", tags=["sandboxes"])
Name = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]


class NotInUse(NotFound):
    """No connector points at a sandbox here."""

    code = "sandbox.not_in_use"


class SandboxAway(OutsideUnavailable):
    """The sandbox process does not answer."""

    code = "sandbox.away"


class SandboxRefused(Invalid):
    """The sandbox did not take what was sent."""

    code = "sandbox.refused"


class SandboxPlace(pydantic.BaseModel):
    """Where the sandbox listens, when there is one."""

    model_config = pydantic.ConfigDict(extra="ignore")

    address: str | None = None


class Fault(pydantic.BaseModel):
    """Something that goes wrong on demand; `times` None means until it is taken away."""

    model_config = pydantic.ConfigDict(extra="forbid")

    id: str = pydantic.Field(default="", max_length=64)
    operation: str = pydantic.Field(default="*", max_length=80)
    kind: str = pydantic.Field(pattern=r"^(delay|error|duplicate|reorder|drop|lose_answer)$")
    probability: float = pydantic.Field(default=1.0, ge=0, le=1)
    times: int | None = pydantic.Field(default=None, ge=1, le=100_000)
    seconds: float = pydantic.Field(default=0.0, ge=0, le=3600)
    code: str | None = pydantic.Field(default=None, max_length=80)


class FaultList(pydantic.BaseModel):
    """All faults of one sandbox, in place of those that stood."""

    faults: list[Fault] = pydantic.Field(max_length=50)


class SandboxItem(pydantic.BaseModel):
    """One stand-in: its operations, the faults that stand, what it remembers."""

    name: str
    label: str
    operations: list[str]
    faults: list[Fault]
    pending_callbacks: int
    state: dict[str, pydantic.JsonValue]


class SandboxList(pydantic.BaseModel):
    """All stand-ins, and how many vendor seconds pass in a real one."""

    items: list[SandboxItem]
    clock_scale: float


@router.get("")
def list_sandboxes(
    _actor: Annotated[Actor, Depends(require(Permission.CONNECTORS_READ))],
) -> SandboxList:
    """Return every stand-in with its faults; raises NotInUse, SandboxAway."""
    return SandboxList.model_validate(_ask("GET", "/control/systems"))


@router.put("/{name}/faults")
def set_faults(
    name: Name,
    wanted: FaultList,
    actor: Annotated[Actor, Depends(require(Permission.SANDBOX_CONTROL))],
    session: Writing,
) -> FaultList:
    """Replace the faults of a stand-in, with an audit entry."""
    kept = FaultList.model_validate(
        _ask("PUT", f"/control/systems/{name}/faults", body=wanted.model_dump(mode="json"))
    )
    users.record(
        session,
        actor=actor,
        action="sandbox.faults_set",
        object=f"sandbox:{name}",
        before=None,
        after={"faults": [f"{fault.kind} {fault.operation}" for fault in kept.faults]},
        now=clock.now(),
    )
    return kept


def _ask(method: str, path: str, *, body: object | None = None) -> object:
    address = config.section("sandbox", SandboxPlace).address
    if address is None:
        raise NotInUse
    try:
        with httpx.Client(trust_env=False, timeout=10) as client:
            answer = client.request(method, f"{address}{path}", json=body)
    except httpx.HTTPError:
        raise SandboxAway from None
    if answer.status_code == 404:
        raise NotFound
    if answer.status_code >= 400:
        raise SandboxRefused
    told: object = answer.json()
    return told
