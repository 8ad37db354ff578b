"""The signed order API for the merchant's own storefront: orders in, their state and stock out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from yinuo.channels import service as channels
from yinuo.channels.model import clean_number
from yinuo.connectors.shop.signing import verify_request
from yinuo.core import clock
from yinuo.orders import service as orders
from yinuo.orders.model import OrderNotFound
from yinuo.web.deps import Reading
from yinuo.workflows import intake_order
from yinuo.workflows.hub import hub

router = APIRouter(prefix="/api/shop/v1", tags=["shop"])
ShopId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


async def signed(request: Request, shop_id: ShopId) -> bytes:
    """Return the body of a request that carries its shop's signature, used for the first time.

    Raises ShopBadSignature, ShopStale, NonceSeen, UnknownShop.
    """
    body = await request.body()
    query = request.url.query
    target = request.scope["raw_path"].decode("ascii") + (f"?{query}" if query else "")
    await run_in_threadpool(_verify, shop_id, request, target, body)
    return body


def _verify(shop_id: str, request: Request, target: str, body: bytes) -> None:
    shared = hub()
    now = clock.now()
    proof = verify_request(
        request.method,
        target,
        headers=request.headers,
        body=body,
        now=now,
        secret=shared.connectors.shop_secret(shop_id),
    )
    with shared.database.transaction() as session:
        channels.use_nonce(session, scope=f"shop:{shop_id}", nonce=proof.nonce, now=now)


Signed = Annotated[bytes, Depends(signed)]


class TakenOrder(BaseModel):
    """What became of an order that was sent in."""

    order_id: str | None
    status: str
    is_new: bool
    code: str | None = None


class OrderState(BaseModel):
    """An order as the storefront may show it."""

    order_id: str
    number: str
    status: str
    payment_status: str
    fulfillment_status: str
    total_fen: int
    version: int


class ShopStockItem(BaseModel):
    """Sellable units of one SKU."""

    sku: str
    sellable: int


class ShopStock(BaseModel):
    """Sellable units of the SKUs asked for."""

    items: list[ShopStockItem]


@router.post("/{shop_id}/orders", status_code=201, responses={200: {"model": TakenOrder}})
async def send_order(
    shop_id: ShopId, body: Signed, request: Request, response: Response
) -> TakenOrder:
    """Take an order, or a further version of one; the same again changes nothing."""
    taken = await run_in_threadpool(intake_order.take_order, shop_id, body, headers=request.headers)
    if taken.order_id is None:
        response.status_code = 202  # kept; a person sees to it
    elif not taken.is_new:
        response.status_code = 200
    return TakenOrder(
        order_id=taken.order_id, status=taken.status, is_new=taken.is_new, code=taken.code
    )


@router.get("/{shop_id}/orders/{number}")
def show_order(shop_id: ShopId, number: str, _body: Signed, session: Reading) -> OrderState:
    """Return where an order stands."""
    shop = channels.load_shop(session, shop_id)
    order = orders.find_order(session, shop_id=shop_id, number=clean_number(shop.channel, number))
    if order is None:
        raise OrderNotFound(number=number[:64])
    return OrderState(
        order_id=order.id,
        number=order.raw_number,
        status=order.status.value,
        payment_status=order.payment_status.value,
        fulfillment_status=order.fulfillment_status.value,
        total_fen=order.total_fen,
        version=order.version,
    )


@router.get("/{shop_id}/stock")
def show_stock(
    shop_id: ShopId,
    _body: Signed,
    session: Reading,
    sku: Annotated[str, Query(max_length=4000)],
) -> ShopStock:
    """Return the units that the shop may sell of the SKUs, separated by commas."""
    codes = [code for code in sku.split(",") if code and "\x00" not in code][:200]
    sellable = channels.sellable(session, codes, shop_id=shop_id, now=clock.now())
    return ShopStock(
        items=[ShopStockItem(sku=code, sellable=units) for code, units in sellable.items()]
    )
