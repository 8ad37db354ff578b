"""Stock for product pages: no sign-in, open to any page, numbers only."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from yinuo.core import clock
from yinuo.core.errors import Invalid
from yinuo.inventory import service as inventory
from yinuo.web.deps import Reading
from yinuo.web.live import Live

router = APIRouter(prefix="/api/public", tags=["public"])
MOST_SKUS = 50
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}


class TooManySkus(Invalid):
    """More SKUs were asked for than a product page shows, or none."""

    code = "web.too_many_skus"


class PublicStockItem(BaseModel):
    """Units of one SKU that a buyer may order now."""

    sku: str
    sellable: int
    is_in_stock: bool


class PublicStock(BaseModel):
    """Sellable units as of a moment."""

    items: list[PublicStockItem]
    as_of: datetime


Skus = Annotated[str, Query(description="SKU codes separated by commas", max_length=4000)]


@router.get(
    "/stock",
    response_model=PublicStock,
    responses={304: {"description": "unchanged since the given ETag"}},
)
def show_stock(
    session: Reading,
    response: Response,
    sku: Skus,
    if_none_match: Annotated[str | None, Header()] = None,
) -> PublicStock | Response:
    """Return sellable units; with If-None-Match 304 when no number changed."""
    sellable = inventory.sellable(session, _codes(sku), now=clock.now())
    digest = hashlib.sha256(repr(sorted(sellable.items())).encode()).hexdigest()[:16]
    etag = f'"{digest}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", **OPEN_TO_ALL}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return PublicStock(
        items=[
            PublicStockItem(sku=code, sellable=units, is_in_stock=units > 0)
            for code, units in sellable.items()
        ],
        as_of=clock.now(),
    )


@router.get("/stock/stream", response_class=Response)
async def stream_stock(request: Request, sku: Skus) -> Response:
    """Return an SSE stream: `stock` events with the units now and after each change."""
    live: Live = request.app.state.live
    return await live.stock_stream(_codes(sku))


def _codes(sku: str) -> list[str]:
    codes = list(dict.fromkeys(code.strip() for code in sku.split(",") if code.strip()))
    if not 1 <= len(codes) <= MOST_SKUS or any("\x00" in code for code in codes):
        raise TooManySkus(most=MOST_SKUS)
    return codes
