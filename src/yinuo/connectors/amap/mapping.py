"""Amap's answers in the hub's words; empty values arrive as `[]`."""

from __future__ import annotations

import math
from typing import TypeAlias

import msgspec

from yinuo.connectors.http import clean_message
from yinuo.connectors.protocols import Busy, Located, OutcomeUnknown, Point, QuotaUsed, Rejected

DONE = "10000"
# No data; and parameters that make no sense, of which the address is the only one that varies.
NO_SUCH_ADDRESS = frozenset({"30001", "20000"})
QUOTA = frozenset({"10003", "10044"})
TOO_OFTEN = frozenset({"10004", "10014", "10019", "10020", "10021"})

_Text: TypeAlias = str | list[str]


class _Geocode(msgspec.Struct, frozen=True):
    province: _Text = ""
    city: _Text = ""
    district: _Text = ""
    adcode: _Text = ""
    location: _Text = ""
    level: _Text = ""


class _Reply(msgspec.Struct, frozen=True):
    status: str = ""
    info: str = ""
    infocode: str = ""
    geocodes: list[_Geocode] = []


def read_located(body: bytes, *, sent: tuple[str, ...]) -> Located | None:
    """Return the first place of an answer, None for no such address.

    `sent` are values that an error's words must not repeat. Raises what `refuse` raises.
    """
    reply = _decoded(body)
    if reply.infocode in NO_SUCH_ADDRESS:
        return None
    _refuse(reply, sent=sent)
    if not reply.geocodes:
        return None
    first = reply.geocodes[0]
    code = _said(first.adcode)
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    return Located(
        code=code,
        province=_said(first.province),
        city=_said(first.city),
        district=_said(first.district),
        precision=_said(first.level),
        point=_point(_said(first.location)),
    )


def read_fine(body: bytes, *, sent: tuple[str, ...]) -> None:
    """Raise what an answer complains of, whatever else it says."""
    _refuse(_decoded(body), sent=sent)


def _decoded(body: bytes) -> _Reply:
    try:
        return msgspec.json.decode(body, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None


def _refuse(reply: _Reply, *, sent: tuple[str, ...]) -> None:
    if reply.status == "1" and reply.infocode == DONE:
        return
    code = clean_message(reply.infocode, without=sent)[:60]
    if reply.infocode in QUOTA:
        raise QuotaUsed(outside_code=code)
    if reply.infocode in TOO_OFTEN:
        raise Busy(outside_code=code)
    raise Rejected(outside_code=code, outside_message=clean_message(reply.info, without=sent))


def _said(value: _Text) -> str:
    return value.strip() if isinstance(value, str) else ""


def _point(text: str) -> Point | None:
    longitude, _comma, latitude = text.partition(",")
    try:
        point = Point(float(longitude), float(latitude))
    except ValueError:
        return None
    is_on_earth = abs(point.longitude) <= 180 and abs(point.latitude) <= 90
    return point if is_on_earth and math.isfinite(point.longitude + point.latitude) else None
