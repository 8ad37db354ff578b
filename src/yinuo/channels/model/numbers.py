"""Order numbers as each channel writes them, and the one id that follows."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from yinuo.channels.model.shops import Channel
from yinuo.core.errors import Invalid


class BadNumber(Invalid):
    """The channel cannot have sent this order number; see `clean_number`."""

    code = "channels.bad_number"


@dataclass(frozen=True, slots=True)
class _NumberRule:
    form: re.Pattern[str]
    dropped: str = ""
    ending: str = ""


# Douyin: 19 digits, older ones end in A. Pinduoduo: six digits, a hyphen, digits. WeChat store:
# digits. Own numbers: letters, digits, hyphen and underscore, as the ERP's key field and its
# query text take them.
_OWN = _NumberRule(re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}"))
_NUMBER_RULES: Mapping[Channel, _NumberRule] = {
    Channel.MINI_PROGRAM: _OWN,
    Channel.WECHAT_GROUP: _OWN,
    Channel.DOUYIN: _NumberRule(re.compile(r"\d{12,24}"), ending="A"),
    Channel.PINDUODUO: _NumberRule(re.compile(r"\d{6}-\d{9,24}"), dropped="-"),
    Channel.WECHAT_STORE: _NumberRule(re.compile(r"\d{12,24}")),
}


def clean_number(channel: Channel, raw: str) -> str:
    """Return the order number as the hub, the ERP and the WMS know it.

    Full-width characters become plain ones, blanks and invisible characters go, letters become
    capitals (the ERP does not tell them apart), and one leading `#` goes. Then the number must
    have its channel's form; Douyin's trailing `A` and Pinduoduo's hyphen are dropped, which
    within those forms never makes two numbers one. Raises BadNumber for anything else: a number
    is refused, never bent into another one.
    """
    rule = _NUMBER_RULES[channel]
    plain = unicodedata.normalize("NFKC", raw[:200])
    visible = "".join(
        character
        for character in plain
        if not character.isspace() and unicodedata.category(character) not in {"Cc", "Cf"}
    )
    number = visible.upper().removeprefix("#")
    if rule.ending:
        number = number.removesuffix(rule.ending)
    if not number.isascii() or not rule.form.fullmatch(number) or len(raw) > 200:
        raise BadNumber(channel=channel.value, number=raw[:60])
    return number.replace(rule.dropped, "") if rule.dropped else number


def unique_id(channel: Channel, shop_id: str, cleaned: str) -> str:
    """Return the one id of an order everywhere: 32 hex digits of MD5 over `channel|shop|number`."""
    text = f"{channel.value}|{shop_id}|{cleaned}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
