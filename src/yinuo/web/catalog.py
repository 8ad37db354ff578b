"""SKUs with their bundles and listings, to look at, and what a shop's product sells.

SKUs and bundles are changed by import.
"""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, Listing, Sku
from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Reading, Writing, require

router = APIRouter(tags=["catalog"])

Reader = Annotated[Actor, Depends(require(Permission.CATALOG_READ))]
Mapper = Annotated[Actor, Depends(require(Permission.CATALOG_WRITE))]


class SkuQuery(pydantic.BaseModel):
    """What to list: `q` is within a code or name, or a whole barcode."""

    model_config = pydantic.ConfigDict(extra="ignore")

    q: str = pydantic.Field(default="", max_length=80)
    category: str = pydantic.Field(default="", max_length=200)
    cursor: str | None = pydantic.Field(default=None, max_length=400)
    limit: int = pydantic.Field(default=50, ge=1, le=200)


class PartFacts(pydantic.BaseModel):
    """A SKU inside a bundle."""

    sku: str
    name: str
    quantity: int


class ListingFacts(pydantic.BaseModel):
    """A shop's product that sells a SKU."""

    shop_id: str
    code: str


class SkuFacts(pydantic.BaseModel):
    """One SKU; `parts` are empty unless it is a bundle."""

    code: str
    name: str
    unit: str
    price_fen: int
    weight_grams: int
    barcode: str | None
    category: str
    family: str
    variant: str
    image: str | None
    is_gift: bool
    is_bundle: bool
    is_active: bool
    needs_erp_check: bool
    parts: list[PartFacts]
    listings: list[ListingFacts]


class SkuList(pydantic.BaseModel):
    """A page of SKUs by code; `categories` count all SKUs, whatever is asked for."""

    items: list[SkuFacts]
    categories: dict[str, int]
    next_cursor: str | None


@router.get("/catalog/skus")
def list_skus(asked: Annotated[SkuQuery, Query()], session: Reading, _actor: Reader) -> SkuList:
    """Return a page of SKUs by code."""
    page = catalog.list_skus(
        session, query=asked.q, category=asked.category, cursor=asked.cursor, limit=asked.limit
    )
    return SkuList(
        items=_facts(session, page.items),
        categories=catalog.list_categories(session),
        next_cursor=page.next_cursor,
    )


class ListingWish(pydantic.BaseModel):
    """Which SKU a shop's product sells from now on."""

    model_config = pydantic.ConfigDict(extra="forbid")

    shop_id: str = pydantic.Field(max_length=64)
    code: str = pydantic.Field(min_length=1, max_length=200)
    sku: str = pydantic.Field(min_length=1, max_length=64)


@router.put("/catalog/listings")
def map_listing(wish: ListingWish, session: Writing, actor: Mapper) -> ListingFacts:
    """Say which SKU a shop's product sells; orders placed before keep theirs."""
    channels.load_shop(session, wish.shop_id)
    before = catalog.find_listing(session, shop_id=wish.shop_id, code=wish.code)
    listing = catalog.save_listing(
        session, shop_id=wish.shop_id, listing_code=wish.code, sku=wish.sku
    )
    if listing != before:
        users.record(
            session,
            actor=actor,
            action="catalog.map_listing",
            object=f"{wish.shop_id}:{wish.code}",
            before=None if before is None else {"sku": before.sku},
            after={"sku": listing.sku},
            now=clock.now(),
        )
    return ListingFacts(shop_id=listing.shop_id, code=listing.code)


@router.get("/catalog/skus/{code:path}")
def show_sku(
    code: Annotated[str, Path(max_length=64)], session: Reading, _actor: Reader
) -> SkuFacts:
    """Return one SKU."""
    found = catalog.load_skus(session, [code])
    return _facts(session, list(found.values()))[0]


def _facts(session: Session, skus: list[Sku]) -> list[SkuFacts]:
    codes = [sku.code for sku in skus]
    bundles = catalog.load_bundles(session, codes)
    named = catalog.find_skus(
        session, {part.sku for bundle in bundles.values() for part in bundle.parts}
    )
    listings: dict[str, list[Listing]] = {}
    for listing in catalog.listings_of(session, codes):
        listings.setdefault(listing.sku, []).append(listing)
    return [
        _one(sku, bundles.get(sku.code), named=named, listings=listings.get(sku.code, []))
        for sku in skus
    ]


def _one(
    sku: Sku, bundle: Bundle | None, *, named: dict[str, Sku], listings: list[Listing]
) -> SkuFacts:
    parts = bundle.parts if bundle else ()
    return SkuFacts(
        code=sku.code,
        name=sku.name,
        unit=sku.unit,
        price_fen=sku.price_fen,
        weight_grams=sku.weight_grams,
        barcode=sku.barcode,
        category=sku.category,
        family=sku.family,
        variant=sku.variant,
        image=sku.image,
        is_gift=sku.is_gift,
        is_bundle=bundle is not None,
        is_active=sku.is_active,
        needs_erp_check=sku.needs_erp_check,
        parts=[
            PartFacts(sku=part.sku, name=named[part.sku].name, quantity=part.quantity)
            for part in parts
        ],
        listings=[ListingFacts(shop_id=one.shop_id, code=one.code) for one in listings],
    )
