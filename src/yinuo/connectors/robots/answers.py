"""What each vendor's answer means; the code tells it, HTTP says 200 to everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from yinuo.connectors.http import Answer, clean_message
from yinuo.connectors.protocols import Busy, OutcomeUnknown, Rejected
from yinuo.connectors.robots.settings import RobotKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Which codes ask to come later (with seconds), and which complain of the message's shape."""

    later: Mapping[int, int]
    shape: frozenset[int]


CODES: Mapping[RobotKind, Codes] = {
    RobotKind.WECOM: Codes(later={-1: 10, 45009: 60}, shape=frozenset({40008, 40058, 44004})),
    # DingTalk blocks a robot that speaks too often for ten minutes.
    RobotKind.DINGTALK: Codes(
        later={-1: 10, 130101: 600}, shape=frozenset({40008, 40035, 400102, 460101})
    ),
    RobotKind.FEISHU: Codes(later={11232: 60}, shape=frozenset({9499})),
}


class _Reply(msgspec.Struct, frozen=True):
    errcode: int | None = None
    errmsg: str = ""
    code: int | None = None
    msg: str = ""
    status: int | None = msgspec.field(default=None, name="StatusCode")


def read_answer(
    kind: RobotKind, answer: Answer, *, hidden: tuple[str, ...], is_probe: bool = False
) -> None:
    """Return when the message was taken; raises Rejected, Busy, OutcomeUnknown.

    A probe is an empty message: that only its shape is refused says that key and sign were right.
    """
    if answer.status >= 400:
        raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
    try:
        reply = msgspec.json.decode(answer.body, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None
    told = [code for code in (reply.errcode, reply.code, reply.status) if code is not None]
    if not told:
        raise OutcomeUnknown(reason="no_code")
    code = told[0]
    if code == 0 or (is_probe and code in CODES[kind].shape):
        return
    if code in CODES[kind].later:
        raise Busy(outside_code=str(code), retry_after_seconds=CODES[kind].later[code])
    message = clean_message(reply.errmsg or reply.msg, without=hidden)
    raise Rejected(outside_code=str(code), outside_message=message)
