"""Windows of time in which a channel is read, and nonces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yinuo.channels.model.shops import Channel
from yinuo.core.errors import Conflict, Unauthenticated

NONCE_LIFE = timedelta(seconds=900)  # longer than a signed time may lie behind plus ahead
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{16,64}")


class ClaimLost(Conflict):
    """Another process has the window now; what this one read of it does not count."""

    code = "channels.claim_lost"


class BadNonce(Unauthenticated):
    """The nonce is not 16 to 64 plain characters."""

    code = "channels.bad_nonce"


class NonceSeen(Unauthenticated):
    """The nonce was used before: the request is a replay."""

    code = "channels.nonce_seen"


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


# Pinduoduo takes 30 minutes and loses what changed in the last three, the WeChat store takes 7
# days; the limits are inclusive, a second of difference is left for clocks.
WINDOW_RULES: Mapping[Channel, WindowRule] = {
    Channel.MINI_PROGRAM: WindowRule(),
    Channel.WECHAT_GROUP: WindowRule(),
    Channel.DOUYIN: WindowRule(),
    Channel.PINDUODUO: WindowRule(
        most=timedelta(minutes=30) - timedelta(seconds=1),
        lag=timedelta(minutes=3, seconds=10),
    ),
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
