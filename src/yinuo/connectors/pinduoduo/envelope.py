"""Pinduoduo's answers: what was asked for under one name, or an error of one of its families."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from yinuo.connectors.http import clean_message
from yinuo.connectors.protocols import Busy, OutcomeUnknown, QuotaUsed, Rejected, Unavailable

T = TypeVar("T")

TOKEN_ENDED = 10019
TOO_OFTEN = frozenset({52101, 70031})
PASSING = range(52004, 53000)  # the vendor's advice: repeat these and 70031, nothing below
BUSINESS = frozenset({"50001", "50002"})
# The number for a used-up allowance of openings is not documented; its words are.
_QUOTA = re.compile("额度|配额|次数已|上限")


class TokenRefused(Rejected):
    """Pinduoduo does not take the access token, nor one that was renewed; authorise it again."""

    code = "pinduoduo.token_refused"


class WrongMall(Rejected):
    """The renewed token belongs to another shop than the settings say; details: mall_id."""

    code = "pinduoduo.wrong_mall"


class UnknownCarrier(Rejected):
    """Pinduoduo knows no carrier of this code or name; details: carrier."""

    code = "pinduoduo.unknown_carrier"


class _Error(msgspec.Struct, frozen=True):
    error_code: int | str = ""
    error_msg: str | None = None
    sub_code: int | str | None = None
    sub_msg: str | None = None


def unwrapped(body: bytes, of: type[T], *, sent: tuple[str, ...]) -> T:
    """Return what stands under the answer's one name; raises what its error means.

    `sent` are values that an error's words must not repeat.
    """
    parts = _decoded(body, dict[str, msgspec.Raw])
    if "error_response" in parts:
        error = _decoded(bytes(parts["error_response"]), _Error)
        raise refusal(error.error_code, error.sub_msg or error.error_msg or "", sent=sent)
    named = [part for name, part in parts.items() if name.endswith("_response")]
    if len(named) != 1:
        raise OutcomeUnknown(reason="bad_json")
    return _decoded(bytes(named[0]), of)


def refusal(code: int | str, message: str, *, sent: tuple[str, ...] = ()) -> Rejected | Unavailable:
    """Return the error that a code of Pinduoduo's means."""
    told = clean_message(str(code))[:60]
    number = int(told) if told.isascii() and told.isdigit() else 0
    if number in TOO_OFTEN:
        return Busy(outside_code=told)
    if number in PASSING:
        return Unavailable(outside_code=told)
    kind = TokenRefused if number == TOKEN_ENDED else Rejected
    return kind(outside_code=told, outside_message=clean_message(message, without=sent))


def opening_refusal(
    code: int | str, message: str, *, sent: tuple[str, ...] = ()
) -> Rejected | Unavailable:
    """Return the error for a receiver that was not opened; a used-up allowance is QuotaUsed."""
    found = refusal(code, message, sent=sent)
    return of_allowance(found) if isinstance(found, Rejected) else found


def of_allowance(error: Rejected) -> Rejected | QuotaUsed:
    """Return the error, or QuotaUsed where its words speak of an allowance."""
    if _QUOTA.search(str(error.details.get("outside_message", ""))):
        return QuotaUsed(outside_code=error.details.get("outside_code", ""))
    return error


def _decoded(body: bytes, of: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None
