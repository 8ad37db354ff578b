"""Stock for product pages: no sign-in, open to any page, numbers only.

With a shop the figures are those that the shop shows, by its warehouses and rules; without one
they count every warehouse. A bundle has a figure of its own.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.errors import Invalid
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


Skus = Annotated[str, Query(description="SKU or bundle codes separated by commas", max_length=4000)]
ShopId = Annotated[
    str | None,
    Query(description="show what this shop may sell", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
]


@router.get(
    "/stock",
    response_model=PublicStock,
    responses={304: {"description": "unchanged since the given ETag"}},
)
def show_stock(
    session: Reading,
    response: Response,
    sku: Skus,
    shop: ShopId = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> PublicStock | Response:
    """Return sellable units; with If-None-Match 304 when no number changed."""
    sellable = channels.sellable(session, _codes(sku), shop_id=shop, now=clock.now())
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
async def stream_stock(request: Request, sku: Skus, shop: ShopId = None) -> Response:
    """Return an SSE stream: `stock` events with the units now and after each change."""
    live: Live = request.app.state.live
    return await live.stock_stream(_codes(sku), shop_id=shop)


def _codes(sku: str) -> list[str]:
    codes = list(dict.fromkeys(code.strip() for code in sku.split(",") if code.strip()))
    if not 1 <= len(codes) <= MOST_SKUS or any("\x00" in code for code in codes):
        raise TooManySkus(most=MOST_SKUS)
    return codes
