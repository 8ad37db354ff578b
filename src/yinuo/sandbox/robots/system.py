"""The three vendors' webhooks: each with its own key, signature, sizes, limits and codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.robots.group import Group

SEND = "robot.send"
MOST_SKEW_SECONDS = 3600
Body: TypeAlias = dict[str, JsonValue]
WECOM_CODES: Mapping[int, str] = {
    0: "ok",
    40008: "invalid message type",
    40058: "invalid Request Parameter, content exceed max length",
    45009: "api freq out of limit",
    93000: "invalid webhook url",
}
DINGTALK_CODES: Mapping[int, str] = {
    0: "ok",
    40035: "缺少参数 json",
    130101: "send too fast, exceed 20 times per minute",
    300001: "token is not exist",
    310000: "sign not match, or timestamp out of range",
    400101: "access_token is illegal",
    460101: "message too long",
}
FEISHU_CODES: Mapping[int, str] = {
    0: "success",
    9499: "Bad Request",
    11232: "too many request",
    19001: "param invalid: incoming webhook access token invalid",
    19021: "sign match fail or timestamp is not within one hour from current time",
    19022: "Ip Not Allowed",
    19024: "Key Words Not Found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A call as the vendor reads it; a body that is no JSON is empty."""

    query: Mapping[str, str]
    path: Mapping[str, str]
    body: Body
    size: int


class _Refused(Exception):
    """The vendor's code for what is wrong with a message."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class _Robots(ABC):
    """What the three have in common: look, count, show."""

    name: str
    label: str
    path: str
    codes: Mapping[int, str]
    paces: Sequence[tuple[int, int]]
    block_seconds: float = 0.0
    too_often: int
    operations: Sequence[str] = (SEND,)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.robots
        self.group = Group(
            kernel.state, self.name, paces=self.paces, block_seconds=self.block_seconds
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the vendor's one route."""
        kit = self._kernel.kit(self.name, failure=self._failure)
        return [route(kit, self.path, SEND, self._send)]

    def summary(self) -> dict[str, JsonValue]:
        """Return what the group would have seen."""
        return self.group.summary()

    @abstractmethod
    def check(self, message: _Message) -> None:
        """Raise what is wrong with key, signature or time."""

    @abstractmethod
    def shown(self, message: _Message) -> tuple[str, str]:
        """Return form and text as the group sees them; raise what is wrong with the body."""

    @abstractmethod
    def said(self, code: int) -> Answer:
        """Return the vendor's answer for a code."""

    def _send(self, incoming: Incoming) -> Answer:
        message = _Message(
            query=incoming.query,
            path=incoming.path,
            body=_decoded(incoming.body),
            size=len(incoming.body),
        )
        try:
            self.check(message)
            if not self.group.may_speak():
                return self._answer(self.too_often)
            form, text = self.shown(message)
        except _Refused as refusal:
            return self._answer(refusal.code)
        self.group.show(form, text)
        return self._answer(0)

    def _answer(self, code: int) -> Answer:
        answer = self.said(code)
        if code == 0:
            return answer
        return Answer(body=answer.body, code=str(code), outcome="refused")

    def _failure(self, _incoming: Incoming, code: str | None) -> Answer:
        """Return the answer of a fault; without a code the robot has spoken too often."""
        is_known = code is not None and code.isdigit() and int(code) in self.codes
        return self._answer(int(code) if code is not None and is_known else self.too_often)


class WecomRobot(_Robots):
    """WeCom's robot: the key in the URL is all it asks for."""

    name = "wecom-robot"
    label = "企业微信群机器人"
    path = "/wecom-robot/cgi-bin/webhook/send"
    codes = WECOM_CODES
    paces = ((20, 60),)
    too_often = 45009

    def check(self, message: _Message) -> None:
        """Know the key."""
        if not _same(message.query.get("key", ""), self._settings.wecom_key):
            raise _Refused(93000)

    def shown(self, message: _Message) -> tuple[str, str]:
        """Count the content's bytes: 2048 of text, 4096 of markdown."""
        form = str(message.body.get("msgtype", ""))
        most = {"text": 2048, "markdown": 4096}.get(form)
        text = _text(message.body, form, "content")
        if most is None or text is None:
            raise _Refused(40008)
        if len(text.encode()) > most:
            raise _Refused(40058)
        return form, text

    def said(self, code: int) -> Answer:
        """Answer in WeCom's envelope."""
        return json_answer({"errcode": code, "errmsg": self.codes[code]})


class DingtalkRobot(_Robots):
    """DingTalk's robot: signed in the query, and blocked for ten minutes when it says too much."""

    name = "dingtalk-robot"
    label = "钉钉群机器人"
    path = "/dingtalk-robot/robot/send"
    codes = DINGTALK_CODES
    paces = ((20, 60),)
    block_seconds = 600.0
    too_often = 130101

    def check(self, message: _Message) -> None:
        """Know the token, then the sign of a moment in milliseconds within the hour."""
        token = message.query.get("access_token", "")
        if not token:
            raise _Refused(400101)
        if not _same(token, self._settings.dingtalk_token):
            raise _Refused(300001)
        moment, secret = message.query.get("timestamp", ""), self._settings.dingtalk_secret
        own = _hmac(key=secret, message=f"{moment}\n{secret}")
        is_fresh = _is_fresh(moment, unit=1000)
        if not is_fresh or not _same(message.query.get("sign", ""), own):
            raise _Refused(310000)

    def shown(self, message: _Message) -> tuple[str, str]:
        """Count the request's bytes; text and markdown, the latter with a title."""
        form = str(message.body.get("msgtype", ""))
        text = _text(message.body, form, {"text": "content", "markdown": "text"}.get(form, ""))
        title = _text(message.body, form, "title") if form == "markdown" else "-"
        if not text or not title:
            raise _Refused(40035)
        if message.size > 20_000:
            raise _Refused(460101)
        return form, text

    def said(self, code: int) -> Answer:
        """Answer in DingTalk's envelope."""
        return json_answer({"errcode": code, "errmsg": self.codes[code]})


class FeishuRobot(_Robots):
    """Feishu's robot: signed in the body, five messages a second and a hundred a minute."""

    name = "feishu-robot"
    label = "飞书群机器人"
    path = "/feishu-robot/open-apis/bot/v2/hook/{token}"
    codes = FEISHU_CODES
    paces = ((5, 1), (100, 60))
    too_often = 11232

    def check(self, message: _Message) -> None:
        """Know the token, then the sign of a moment in seconds within the hour."""
        if not _same(message.path.get("token", ""), self._settings.feishu_token):
            raise _Refused(19001)
        moment = str(message.body.get("timestamp", ""))
        own = _hmac(key=f"{moment}\n{self._settings.feishu_secret}", message="")
        if not _is_fresh(moment, unit=1) or not _same(str(message.body.get("sign", "")), own):
            raise _Refused(19021)

    def shown(self, message: _Message) -> tuple[str, str]:
        """Count the request's bytes; text, and cards of markdown."""
        form = str(message.body.get("msg_type", ""))
        text = (
            _card(message.body.get("card"))
            if form == "interactive"
            else _text(message.body, "content", "text")
        )
        if form not in {"text", "interactive"} or not text or message.size > 20_480:
            raise _Refused(9499)
        return form, text

    def said(self, code: int) -> Answer:
        """Answer in Feishu's envelope."""
        more = {"StatusCode": 0, "StatusMessage": "success"} if code == 0 else {"data": {}}
        return json_answer({"code": code, "msg": self.codes[code], **more})


def _decoded(raw: bytes) -> Body:
    try:
        value: JsonValue = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(body: Body, part: str, field: str) -> str | None:
    inner = body.get(part)
    text = inner.get(field) if isinstance(inner, dict) else None
    return text if isinstance(text, str) and text else None


def _card(card: JsonValue) -> str:
    header = card.get("header") if isinstance(card, dict) else None
    title = _text(header, "title", "content") if isinstance(header, dict) else None
    elements = card.get("elements") if isinstance(card, dict) else None
    listed = elements if isinstance(elements, list) else []
    parts = [one.get("content") for one in listed if isinstance(one, dict)]
    return "\n".join([str(part) for part in (title, *parts) if part])


def _hmac(*, key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()


def _same(given: str, own: str) -> bool:
    return hmac.compare_digest(given.encode(), own.encode())


def _is_fresh(moment: str, *, unit: int) -> bool:
    if not moment.isascii() or not moment.isdigit():
        return False
    return abs(clock.now().timestamp() - int(moment) / unit) <= MOST_SKEW_SECONDS
