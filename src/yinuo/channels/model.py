"""Shops, messages, order numbers, windows of reading and figures of stock, with their decisions."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.core.errors import Conflict, Invalid, NotFound, TooLarge, Unauthenticated

MOST_BODY_BYTES = 2 * 1024 * 1024
MOST_KEY = 200
MOST_ATTEMPTS = 8
MOST_DETAIL = 500
NONCE_LIFE = timedelta(seconds=900)  # longer than a signed time may lie behind plus ahead
STOCK_RETRY_MOST = 600
_SHOP_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{16,64}")


class UnknownShop(NotFound):
    """There is no such shop, or it is switched off."""

    code = "channels.unknown_shop"


class UnknownMessage(NotFound):
    """There is no such message in the inbox."""

    code = "channels.unknown_message"


class BadShop(Invalid):
    """A shop cannot be kept as it is; `problems` name the fields."""

    code = "channels.bad_shop"


class BadNumber(Invalid):
    """The channel cannot have sent this order number; see `clean_number`."""

    code = "channels.bad_number"


class BadKey(Invalid):
    """The key of a message is empty, too long, or holds what no key holds."""

    code = "channels.bad_key"


class MessageTooLarge(TooLarge):
    """The body is beyond MOST_BODY_BYTES; nothing of it was kept."""

    code = "channels.message_too_large"


class MessageDone(Conflict):
    """The message was worked off already; it cannot fail or be parked any more."""

    code = "channels.message_done"


class ClaimLost(Conflict):
    """Another process has the window now; what this one read of it does not count."""

    code = "channels.claim_lost"


class BadNonce(Unauthenticated):
    """The nonce is not 16 to 64 plain characters."""

    code = "channels.bad_nonce"


class NonceSeen(Unauthenticated):
    """The nonce was used before: the request is a replay."""

    code = "channels.nonce_seen"


class BadFigures(Invalid):
    """A figure of stock is negative or not for a SKU; `skus` are all of them."""

    code = "channels.bad_figures"


class Channel(StrEnum):
    """A kind of place that orders come from."""

    MINI_PROGRAM = "mini_program"
    DOUYIN = "douyin"
    PINDUODUO = "pinduoduo"
    WECHAT_STORE = "wechat_store"
    WECHAT_GROUP = "wechat_group"


class ReserveOn(StrEnum):
    """When an order of a shop takes its stock."""

    PAYMENT = "payment"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What a shop does its own way; `ttl_seconds` is the life of its reservations."""

    reserve_on: ReserveOn = ReserveOn.PAYMENT
    ttl_seconds: int = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One account on a channel."""

    id: str
    channel: Channel
    name: str
    settings: ShopSettings = ShopSettings()
    is_active: bool = True


def shop_problems(shop: Shop) -> list[str]:
    """Return the fields of a shop that are wrong."""
    wrong = [
        (not _SHOP_ID.fullmatch(shop.id), "id"),
        (not 1 <= len(shop.name.strip()) <= 100 or not shop.name.isprintable(), "name"),
        (not 60 <= shop.settings.ttl_seconds <= 86_400, "ttl_seconds"),
    ]
    return [name for is_wrong, name in wrong if is_wrong]


# What stays in the inbox of a message's headers: what proves it and what reads it. Everything
# else may be a secret (cookies, tokens, keys) and is not written.
_KEPT_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "date", "user-agent", "request-id"}
)
_KEPT_PREFIXES = ("wechatpay-", "x-yinuo-")


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may be kept, names in lower case, values of at most 1,000 characters."""
    return {
        name.lower(): "".join(filter(str.isprintable, value))[:1000]
        for name, value in headers.items()
        if name.lower() in _KEPT_HEADERS or name.lower().startswith(_KEPT_PREFIXES)
    }


class InboxState(StrEnum):
    """Where a message stands: waiting, worked off, waiting for another try, put aside."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A verified message from outside; `key` is what makes a second one the same message."""

    source: str
    key: str
    shop_id: str | None
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of a message that came in.

    `has_same_body` is False when the sender used a key again for something else.
    """

    id: str
    is_new: bool
    state: InboxState
    has_same_body: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """A message in the inbox with its raw body; `body` is None after retention took it."""

    id: str
    source: str
    key: str
    shop_id: str | None
    headers: Mapping[str, str]
    body: bytes | None
    received_at: datetime
    state: InboxState
    attempts: int
    next_attempt_at: datetime
    outcome: str | None = None
    error_code: str | None = None
    error_detail: str | None = field(default=None, repr=False)


def check_message(message: InboxMessage) -> None:
    """Return nothing for a message that can be kept; raises MessageTooLarge or BadKey."""
    if len(message.body) > MOST_BODY_BYTES:
        raise MessageTooLarge(limit="2 MB", source=message.source)
    for part in (message.source, message.key):
        if not 1 <= len(part) <= MOST_KEY or not part.isprintable():
            raise BadKey(source=message.source[:40], most=MOST_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTry:
    """What follows a failure: another try at a time, or putting the message aside."""

    state: InboxState
    at: datetime


def after_failure(*, attempts: int, now: datetime) -> NextTry:
    """Return what follows the failure of the `attempts`-th try: 4 s, 8 s … 5 min, then parked."""
    if attempts >= MOST_ATTEMPTS:
        return NextTry(state=InboxState.PARKED, at=now)
    wait = timedelta(seconds=min(2 ** (attempts + 1), 300))
    return NextTry(state=InboxState.FAILED, at=now + wait)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """How a channel is read by time of change.

    `overlap` is read twice, because changes appear late; `most` is the widest window that the
    channel takes; the last `lag` before now is left for the next time; `first` is how far a new
    shop is read back.
    """

    overlap: timedelta = timedelta(minutes=5)
    most: timedelta = timedelta(hours=24)
    lag: timedelta = timedelta(seconds=5)
    first: timedelta = timedelta(hours=24)


# Pinduoduo takes 30 minutes, the WeChat store 7 days; both limits are inclusive, a second of
# difference is left for clocks.
WINDOW_RULES: Mapping[Channel, WindowRule] = {
    Channel.MINI_PROGRAM: WindowRule(),
    Channel.WECHAT_GROUP: WindowRule(),
    Channel.DOUYIN: WindowRule(),
    Channel.PINDUODUO: WindowRule(most=timedelta(minutes=30) - timedelta(seconds=1)),
    Channel.WECHAT_STORE: WindowRule(most=timedelta(days=7) - timedelta(seconds=1)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time to read, `since` included."""

    since: datetime
    until: datetime


def next_window(rule: WindowRule, *, watermark: datetime | None, now: datetime) -> Window | None:
    """Return the next stretch to read after the watermark, or None while nothing is due.

    The windows of a shop that was away for long follow one another without a gap, each no wider
    than the channel takes.
    """
    newest = now - rule.lag
    since = newest - rule.first if watermark is None else watermark - rule.overlap
    until = min(newest, since + rule.most)
    if watermark is not None and until <= watermark:
        return None
    return Window(since=since, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClaim:
    """A window that one process reads; `page_cursor` is where an earlier one stopped in it."""

    shop_id: str
    claim_id: str
    window: Window
    page_cursor: str | None


def check_nonce(nonce: str) -> None:
    """Return nothing for 16 to 64 plain characters; raises BadNonce."""
    if not _NONCE.fullmatch(nonce):
        raise BadNonce


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFigure:
    """An absolute number of a SKU that a shop may sell."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPush:
    """Figures to tell a shop under one version; versions of a SKU only grow."""

    shop_id: str
    version: int
    figures: tuple[StockFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStock:
    """What a shop should know of a SKU, what it was told, and what it acknowledged."""

    shop_id: str
    sku: str
    version: int
    quantity: int
    wanted_at: datetime
    pushed_version: int | None
    pushed_at: datetime | None
    acked_version: int | None
    acked_at: datetime | None
    attempts: int

    @property
    def is_acknowledged(self) -> bool:
        """Tell whether the shop has said that it knows the present figure."""
        return self.acked_version is not None and self.acked_version >= self.version


def figure_problems(figures: Mapping[str, int]) -> list[str]:
    """Return the SKUs whose figure cannot be told to a shop, sorted."""
    return sorted(
        sku
        for sku, quantity in figures.items()
        if not 0 <= quantity < 2**31 or not sku.strip() or not sku.isprintable()
    )


def push_wait(attempts: int) -> timedelta:
    """Return how long to wait for the acknowledgement of the `attempts`-th push: 10 s … 10 min."""
    return timedelta(seconds=min(5 * 2**attempts, STOCK_RETRY_MOST))
