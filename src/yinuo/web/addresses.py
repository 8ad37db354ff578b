"""Trying any text on the resolver, and choosing a division by hand. Nothing here is kept.

Texts come in bodies: an address has no place in a URL, which proxies and browsers remember.
"""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Query

from yinuo.addresses import service as addresses
from yinuo.addresses.model import StatedAddress
from yinuo.addresses.model.picking import MOST_FOUND, children_of, search
from yinuo.addresses.service import geocoding
from yinuo.core import clock
from yinuo.users.model import Actor, Permission
from yinuo.web.addresses_facts import (
    AddressDivision,
    AddressLine,
    TriedAddress,
    division_facts,
    line_facts,
    tried_facts,
)
from yinuo.web.deps import Lang, Reading, require
from yinuo.workflows.hub import hub

router = APIRouter(tags=["addresses"])
Reader = Annotated[Actor, Depends(require(Permission.ADDRESSES_READ))]
Field = Annotated[str, pydantic.StringConstraints(max_length=200)]
Code = Annotated[str, pydantic.StringConstraints(pattern=r"^[0-9]{2,12}$")]
_TAKEN = pydantic.ConfigDict(extra="forbid")


class StatedFields(pydantic.BaseModel):
    """An address as a channel gives it, in fields that may be missing, drifted or wrong."""

    model_config = _TAKEN

    province: Field = ""
    city: Field = ""
    district: Field = ""
    town: Field = ""
    detail: Annotated[str, pydantic.StringConstraints(max_length=2000)] = ""
    name: Field = ""
    phone: Field = ""
    codes: Annotated[list[Code], pydantic.Field(max_length=8)] = []


class AddressToTry(pydantic.BaseModel):
    """A text, a channel's fields or both; aliases of a shop count only when it is named."""

    model_config = _TAKEN

    text: Annotated[str, pydantic.StringConstraints(max_length=5000)] = ""
    fields: StatedFields | None = None
    shop_id: Annotated[str, pydantic.StringConstraints(max_length=40)] = ""


class DivisionList(pydantic.BaseModel):
    """The divisions directly below another one, or all provinces."""

    items: list[AddressDivision]


class DivisionQuestion(pydantic.BaseModel):
    """Some words of a division's name and those above it, the deepest last."""

    model_config = _TAKEN

    q: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=60)]


class DivisionsFound(pydantic.BaseModel):
    """The divisions whose names hold every word, larger ones first."""

    items: list[AddressLine]


@router.post("/addresses/try")
def try_address(
    body: AddressToTry, session: Reading, _actor: Reader, language: Lang
) -> TriedAddress:
    """Return what a text means with all that people have taught, and why; nothing is kept."""
    fields = body.fields or StatedFields()
    stated = StatedAddress(
        province=fields.province,
        city=fields.city,
        district=fields.district,
        town=fields.town,
        detail=fields.detail,
        name=fields.name,
        phone=fields.phone,
        codes=tuple(fields.codes),
    )
    judged = addresses.read(session, stated, shop_id=body.shop_id, text=body.text)
    return tried_facts(judged, language)


class GeocoderDay(pydantic.BaseModel):
    """How much of the day's calls to the map is used; nothing is asked beyond `budget`."""

    is_configured: bool
    used: int
    budget: int


@router.get("/addresses/geocoder")
def show_geocoder(session: Reading, _actor: Reader) -> GeocoderDay:
    """Return what of today's budget for doubtful addresses is used."""
    shared = hub()
    return GeocoderDay(
        is_configured="amap" in shared.connectors.names(),
        used=geocoding.used_calls(session, now=clock.now()),
        budget=shared.settings.geocodes_a_day,
    )


@router.get("/addresses/divisions")
def list_divisions(
    _actor: Reader,
    language: Lang,
    parent: Annotated[str | None, Query(pattern=r"^[0-9]{2,12}$")] = None,
) -> DivisionList:
    """Return the divisions directly below `parent`, or all provinces."""
    return DivisionList(items=[division_facts(one, language) for one in children_of(parent)])


@router.post("/addresses/divisions/search")
def search_divisions(body: DivisionQuestion, _actor: Reader, language: Lang) -> DivisionsFound:
    """Return the divisions that some words name, such as “杭州 西湖”."""
    found = search(body.q, limit=MOST_FOUND)
    return DivisionsFound(items=[line_facts(one, language) for one in found])
