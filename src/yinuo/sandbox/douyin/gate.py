"""The gate of the platform: who may come in, with which token, and the envelope of every answer."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Callable, Mapping

import msgspec

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.settings import DouyinSettings
from yinuo.sandbox.state import State

FRESH_SECONDS = 600
LAST_HOUR = 3600
REFRESH_LIFE = 2  # a refresh token lives twice as long as its access token
WORDS: Mapping[int, str] = {
    10000: "success",
    20000: "服务不可用",
    30001: "权限不足",
    40001: "参数缺失",
    40003: "参数无效",
    40004: "参数无效",
    50002: "业务处理失败",
    60000: "请求过于频繁",
}
DOWN = 20000
_METHOD = re.compile(r"[A-Za-z]{1,30}/[A-Za-z]{1,40}")


class Refusal(Exception):
    """The platform's error answer."""

    def __init__(self, code: int, sub_code: str = "", message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.sub_code = sub_code
        self.message = message or WORDS.get(code, "业务处理失败")


def failed(message: str) -> Refusal:
    """Return the refusal of what cannot be done to an order."""
    return Refusal(50002, "isv.business-failed:2010001", message)


class Tokens(msgspec.Struct, frozen=True):
    """The shop's present authorisation; both ends in unix seconds."""

    access: str
    refresh: str
    ends_at: float
    refresh_ends_at: float


class Call(msgspec.Struct, frozen=True):
    """A call that was let in."""

    operation: str
    params: Mapping[str, JsonValue]

    def text(self, name: str) -> str:
        """Return a parameter as text; raises Refusal when it is not there."""
        value = self.params.get(name)
        if value is None or value == "" or isinstance(value, bool | list | dict):
            raise Refusal(40002, "isv.parameter-missing", f"缺少参数{name}")
        return str(value)

    def whole(self, name: str, *, default: int | None = None) -> int:
        """Return a whole number; raises Refusal for anything else."""
        value = self.params.get(name, default)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:19])
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(40004, "isv.parameter-invalid", f"参数{name}不合法")
        return value

    def objects(self, name: str) -> list[dict[str, JsonValue]]:
        """Return a list of objects; raises Refusal for anything else."""
        value = self.params.get(name)
        if not isinstance(value, list) or not value:
            raise Refusal(40002, "isv.parameter-missing", f"缺少参数{name}")
        found = [one for one in value if isinstance(one, dict)]
        if len(found) != len(value):
            raise Refusal(40004, "isv.parameter-invalid", f"参数{name}不合法")
        return found


class Gate:
    """Checks common parameters, signature and token before a handler."""

    def __init__(self, settings: DouyinSettings, state: State) -> None:
        self._settings = settings
        self._kept = state.collection("douyin", "tokens", Tokens)
        self._lock = threading.Lock()

    def guarded(
        self, handlers: Mapping[str, Callable[[Call], JsonValue]]
    ) -> Callable[[Incoming], Answer]:
        """Return a handler of requests; each of `handlers` gives its answer's data."""

        def answer(incoming: Incoming) -> Answer:
            try:
                call = self._let_in(incoming)
                data = handlers.get(call.operation, _no_such_method)(call)
            except Refusal as refusal:
                return refused(refusal)
            number = call.params.get("order_id") or call.params.get("shop_order_id")
            reference = str(number)[:40] if number else None
            return json_answer(_envelope(Refusal(10000), data), reference=reference)

        return answer

    def create(self, call: Call) -> JsonValue:
        """Answer the shop's tokens: those that are good still, or new ones."""
        own = self._settings
        grant = call.text("grant_type")
        is_own = grant == "authorization_self" and call.text("shop_id") == own.shop_id
        is_granted = grant == "authorization_code" and call.text("code") == own.code
        if not is_own and not is_granted:
            raise Refusal(30001, "dop.authorization-no-existed", "授权不存在")
        with self._lock:
            tokens = self._kept.get("now")
            now = clock.now().timestamp()
            if tokens is None or tokens.ends_at - now < LAST_HOUR:
                tokens = self._made()
            return self._told(tokens)

    def renew(self, call: Call) -> JsonValue:
        """Answer new tokens in the last hour of the present ones and after it, else the same."""
        with self._lock:
            tokens, now = self._kept.get("now"), clock.now().timestamp()
            is_known = tokens is not None and call.text("refresh_token") == tokens.refresh
            if tokens is None or not is_known or tokens.refresh_ends_at <= now:
                raise Refusal(40003, "isv.refresh-token-expired", "refresh_token已过期")
            if tokens.ends_at - now < LAST_HOUR:
                tokens = self._made()
            return self._told(tokens)

    def end_token(self) -> None:
        """Let the present access token end now."""
        with self._lock:
            tokens = self._kept.get("now") or self._made()
            self._kept.put("now", msgspec.structs.replace(tokens, ends_at=0.0))

    def _made(self) -> Tokens:
        now, life = clock.now().timestamp(), self._settings.token_seconds
        tokens = Tokens(
            access=f"act.{secrets.token_hex(16)}",
            refresh=f"rft.{secrets.token_hex(16)}",
            ends_at=now + life,
            refresh_ends_at=now + life * REFRESH_LIFE,
        )
        self._kept.put("now", tokens)
        return tokens

    def _told(self, tokens: Tokens) -> JsonValue:
        return {
            "access_token": tokens.access,
            "expires_in": max(0, int(tokens.ends_at - clock.now().timestamp())),
            "refresh_token": tokens.refresh,
            "scope": "SCOPE",
            "shop_id": int(self._settings.shop_id),
            "shop_name": self._settings.name,
            "authority_id": "",
            "auth_subject_type": "MerchantShop",
        }

    def _let_in(self, incoming: Incoming) -> Call:
        operation, query = operation_of(incoming), incoming.query
        if query.get("app_key") != self._settings.app_key:
            raise Refusal(30001, "isv.app-permissions-insufficient", "app_key不存在")
        if query.get("method") != operation or query.get("v") != "2":
            raise Refusal(40003, "isv.parameter-invalid", "method或v不合法")
        if not _is_signed(incoming, self._settings.app_secret):
            raise Refusal(40003, "isv.signature-invalid", "验签失败")
        sent = query.get("timestamp", "")
        now = clock.now().timestamp()
        if not sent.isdigit() or abs(int(sent[:12]) - now) > FRESH_SECONDS:
            raise Refusal(40003, "isv.parameter-invalid:timestamp", "时间戳超出允许范围")
        if not operation.startswith("token."):
            self._check_token(query.get("access_token", ""), now)
        return Call(operation, _params(incoming.body))

    def _check_token(self, token: str, now: float) -> None:
        if not token:
            raise Refusal(40001, "isv.access-token-missing", "缺少access_token")
        tokens = self._kept.get("now")
        if tokens is None or token != tokens.access:
            raise Refusal(40003, "isv.access-token-no-existed", "access_token不存在")
        if tokens.ends_at <= now:
            raise Refusal(40003, "isv.access-token-expired", "access_token已过期")


def _no_such_method(_call: Call) -> JsonValue:
    raise Refusal(40003, "isv.parameter-invalid", "method不存在")


def _params(body: bytes) -> dict[str, JsonValue]:
    try:
        found: JsonValue = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(40003, "isv.parameter-invalid", "param_json不合法")
    return found


def operation_of(incoming: Incoming) -> str:
    """Return the method that is called, as its path says."""
    path = incoming.target.partition("?")[0].partition("/douyin/")[2]
    return path.replace("/", ".") if _METHOD.fullmatch(path) else "unknown"


def refused(refusal: Refusal) -> Answer:
    """Return the platform's envelope of an error, which comes with HTTP 200."""
    body = json_answer(_envelope(refusal, None)).body
    return Answer(body=body, code=refusal.sub_code or str(refusal.code), outcome="refused")


def failure(_incoming: Incoming, code: str | None) -> Answer:
    """Return the answer of a fault: a code, or a code and its finer code behind a slash."""
    number, _, sub_code = (code or "").partition("/")
    if not number.isdigit():
        return refused(Refusal(DOWN, "dop.service-error"))
    return refused(Refusal(int(number), sub_code))


def _envelope(refusal: Refusal, data: JsonValue) -> dict[str, JsonValue]:
    is_fine = refusal.code == 10000
    return {
        "code": refusal.code,
        "msg": WORDS.get(refusal.code, "业务处理失败"),
        "sub_code": refusal.sub_code,
        "sub_msg": "" if is_fine else refusal.message,
        "data": data,
        "log_id": secrets.token_hex(12),
    }


def _is_signed(incoming: Incoming, secret: str) -> bool:
    query = incoming.query
    head = f"app_key{query.get('app_key')}method{query.get('method')}param_json"
    tail = f"timestamp{query.get('timestamp')}v{query.get('v')}"
    text = secret.encode() + head.encode() + incoming.body + tail.encode() + secret.encode()
    own = hmac.digest(secret.encode(), text, "sha256").hex()
    is_known = query.get("sign_method") == "hmac-sha256"
    return is_known and hmac.compare_digest(own.encode(), query.get("sign", "").encode())


def push_signature(body: bytes, *, app_key: str, secret: str, method: str) -> str:
    """Return the `event-sign` of a push."""
    text = app_key.encode() + body + secret.encode()
    if method == "md5":
        return hashlib.md5(text, usedforsecurity=False).hexdigest()
    return hmac.digest(secret.encode(), text, "sha256").hex()
