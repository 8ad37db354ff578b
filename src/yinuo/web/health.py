"""Whether this process lives, whether it can work, and what it counts."""

from __future__ import annotations

import contextlib

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from yinuo.channels import service as channels
from yinuo.core import clock, migrate
from yinuo.core.db import Database, DatabaseTrouble
from yinuo.core.metrics import CONTENT_TYPE, exposition

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """This process answers."""

    is_alive: bool = True


class Readiness(BaseModel):
    """What this process needs, and whether it is there."""

    is_ready: bool
    database: bool
    tables_are_current: bool


@router.get("/healthz")
def healthz() -> Alive:
    """Return 200 while the process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
def readyz(request: Request, response: Response) -> Readiness:
    """Return 200 when the database answers and its tables are current, else 503."""
    database: Database = request.app.state.database
    try:
        with database.read() as session:
            session.execute(sa.text("SELECT 1"))
        current = migrate.is_current(database)
    except sa.exc.SQLAlchemyError:
        response.status_code = 503
        return Readiness(is_ready=False, database=False, tables_are_current=False)
    if not current:
        response.status_code = 503
    return Readiness(is_ready=current, database=True, tables_are_current=current)


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Return the counters of this process for Prometheus, and how far shops are behind."""
    database: Database = request.app.state.database
    with contextlib.suppress(*DatabaseTrouble), database.read() as session:
        channels.stock_lags(session, now=clock.now())
    return Response(exposition(), media_type=CONTENT_TYPE)
