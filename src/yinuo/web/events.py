"""The console's live stream of hints: what changed, never its content."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from yinuo.web.deps import Person
from yinuo.web.live import Live

router = APIRouter(tags=["live"])


@router.get("/live", response_class=Response)
async def stream_hints(
    request: Request,
    _actor: Person,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Return an SSE stream of hints that goes on behind `Last-Event-ID` where that is possible."""
    live: Live = request.app.state.live
    return live.hint_stream(last_event_id)
