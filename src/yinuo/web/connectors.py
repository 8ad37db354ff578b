"""The outside systems: how each does, its last calls, and a check on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from yinuo.connectors.circuit import CircuitState
from yinuo.connectors.protocols import HealthState
from yinuo.connectors.registry import NotConfigured, Registry, judged
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.reports import connector_calls as report
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, require
from yinuo.workflows import tell_robots
from yinuo.workflows.hub import Hub

router = APIRouter(prefix="/connectors", tags=["connectors"])
Name = Annotated[str, Path(pattern=r"^[a-z0-9_.-]{1,60}$")]
Reader = Annotated[Actor, Depends(require(Permission.CONNECTORS_READ))]


class ConnectorItem(BaseModel):
    """One outside system with the last hour's figures."""

    name: str
    label: str
    system: str
    mode: str
    health: str
    health_note: str
    circuit: str
    calls_last_hour: int
    failures_last_hour: int
    p50_ms: int | None
    p95_ms: int | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None


class ConnectorList(BaseModel):
    """All configured outside systems."""

    items: list[ConnectorItem]


class CheckResult(BaseModel):
    """What a check found just now."""

    name: str
    health: str
    health_note: str


class SentTest(BaseModel):
    """A group that has just been sent a test message."""

    name: str


class CallItem(BaseModel):
    """One outside call; `reference` is a business number."""

    id: int
    at: datetime
    operation: str
    outcome: str
    outcome_label: str
    code: str | None
    milliseconds: int
    reference: str | None


class CallList(BaseModel):
    """Calls, the newest first."""

    items: list[CallItem]
    next_cursor: str | None


def registry(request: Request) -> Registry:
    """Return the connectors of this process."""
    shared: Hub = request.app.state.hub
    return shared.connectors


Connectors = Annotated[Registry, Depends(registry)]


@router.get("")
def list_connectors(
    session: Reading, _actor: Reader, connectors: Connectors, language: Lang
) -> ConnectorList:
    """Return every configured system, judged by its calls of the last hour."""
    figures = report.call_figures(session, now=clock.now())
    circuits = connectors.circuits()
    return ConnectorList(
        items=[
            _item(
                session,
                connectors,
                name,
                figures=figures.get(name),
                circuit=circuits[name],
                language=language,
            )
            for name in connectors.names()
        ]
    )


def _item(
    session: Session,
    connectors: Registry,
    name: str,
    *,
    figures: report.CallFigures | None,
    circuit: CircuitState,
    language: Language,
) -> ConnectorItem:
    entry = connectors.entry(name)
    last = report.last_calls(session, name)
    calls, failures = (figures.calls, figures.failures) if figures else (0, 0)
    health = judged(calls_made=calls, failures=failures, circuit=circuit)
    note = last.last_error or "" if health is not HealthState.OK else ""
    return ConnectorItem(
        name=name,
        label=entry.label(language),
        system=entry.system,
        mode=entry.mode,
        health=health.value,
        health_note=text(note.partition("/")[0], language) if note else "",
        circuit=circuit.value,
        calls_last_hour=calls,
        failures_last_hour=failures,
        p50_ms=figures.p50_ms if figures else None,
        p95_ms=figures.p95_ms if figures else None,
        last_success_at=last.last_success_at,
        last_failure_at=last.last_failure_at,
        last_error=last.last_error,
    )


@router.post("/{name}/check")
def check_connector(
    name: Name,
    _actor: Annotated[Actor, Depends(require(Permission.CONNECTORS_CHECK))],
    connectors: Connectors,
    language: Lang,
) -> CheckResult:
    """Call the system once, changing nothing, and return how it answered."""
    health = connectors.check(name)
    note = text(health.note, language) if health.note else ""
    return CheckResult(name=name, health=health.state.value, health_note=note)


@router.post("/{name}/test-message")
def send_test_message(
    name: Name, actor: Annotated[Actor, Depends(require(Permission.CONNECTORS_CHECK))]
) -> SentTest:
    """Say in a robot's group that the hub reaches it, audited; raises what the robot answers."""
    system, _dot, robot = name.partition(".")
    if system != "robots":
        raise NotConfigured(name=name)
    tell_robots.send_test(robot, actor=actor)
    return SentTest(name=name)


@router.get("/{name}/calls")
def list_calls(
    name: Name,
    session: Reading,
    _actor: Reader,
    connectors: Connectors,
    language: Lang,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CallList:
    """Return the calls of one system, the newest first."""
    connectors.entry(name)
    page = report.list_calls(session, name, cursor=cursor, limit=limit)
    return CallList(
        items=[
            CallItem(
                id=call.id,
                at=call.at,
                operation=call.operation,
                outcome=call.outcome,
                outcome_label=text(f"connectors.outcome.{call.outcome}", language),
                code=call.code,
                milliseconds=call.milliseconds,
                reference=call.reference,
            )
            for call in page.items
        ],
        next_cursor=page.next_cursor,
    )
