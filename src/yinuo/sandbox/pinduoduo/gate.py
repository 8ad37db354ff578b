"""The gate of the platform: who may come in, how often, and in what form every answer goes out."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import msgspec

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.settings import PinduoduoSettings
from yinuo.sandbox.state import State

FRESH_SECONDS = 600
RENEW = "pop.auth.token.refresh"
# The words of each code; numbers and families as the vendor documents them.
WORDS: Mapping[int, str] = {
    10001: "公共参数错误",
    10019: "access_token已过期",
    30000: "没有调用此target接口的权限",
    50001: "业务服务错误",
    50002: "业务服务错误",
    52001: "网络错误",
    52101: "当前接口被限流",
    52102: "当前接口暂不可用",
    52103: "服务暂时不可用",
    70031: "调用过于频繁，请调整调用频率",
}
DOWN = 52102
_METHOD = re.compile(r"[a-z.]{1,60}")


class Refusal(Exception):
    """The platform's error answer; `message` says more than the words of its code."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or WORDS.get(code, "业务服务错误")


class Tokens(msgspec.Struct, frozen=True):
    """The shop's present authorisation; `ends_at` in unix seconds, None for one without an end."""

    access: str
    refresh: str
    ends_at: float | None = None


class Call(msgspec.Struct, frozen=True):
    """A call that was let in."""

    operation: str
    params: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a parameter; raises Refusal when it is not there."""
        value = self.params.get(name, "")
        if not value:
            raise Refusal(10001, f"参数{name}不能为空")
        return value

    def whole(self, name: str, *, default: int | None = None) -> int:
        """Return a whole number; raises Refusal for anything else."""
        text = self.params.get(name) or ("" if default is None else str(default))
        try:
            return int(text[:19])
        except ValueError:
            raise Refusal(10001, f"参数{name}格式错误") from None


class Gate:
    """Checks common parameters, signature, token and quota before a handler."""

    def __init__(
        self, settings: PinduoduoSettings, state: State, quotas: Mapping[str, tuple[int, int]]
    ) -> None:
        self._settings = settings
        self._kept = state.collection("pinduoduo", "tokens", Tokens)
        self._quotas = quotas
        self._used: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self.tokens = self._kept.get("now") or Tokens(
            access=settings.access_token, refresh=settings.refresh_token
        )

    def guarded(
        self, handlers: Mapping[str, Callable[[Call], tuple[str, JsonValue]]]
    ) -> Callable[[Incoming], Answer]:
        """Return a handler of requests; each of `handlers` gives its answer's name and content."""

        def answer(incoming: Incoming) -> Answer:
            try:
                call = self._let_in(incoming)
                self._count(call.operation)
                name, content = handlers.get(call.operation, _no_such_method)(call)
            except Refusal as refusal:
                return refused(refusal)
            reference = call.params.get("order_sn")
            return json_answer({f"{name}_response": content}, reference=reference)

        return answer

    def renew(self, call: Call) -> Tokens:
        """Return tokens that are good: the present ones, or new ones when those have ended."""
        with self._lock:
            if call.text("refresh_token") != self.tokens.refresh:
                raise Refusal(10019, "refresh_token已过期")
            if self._is_over(self.tokens):
                life = self._settings.token_seconds
                self._keep(
                    Tokens(
                        access=f"pdd{secrets.token_hex(16)}",
                        refresh=self.tokens.refresh,
                        ends_at=None if life is None else clock.now().timestamp() + life,
                    )
                )
            return self.tokens

    def end_token(self) -> None:
        """Let the present access token end now."""
        with self._lock:
            self._keep(msgspec.structs.replace(self.tokens, ends_at=0.0))

    def _keep(self, tokens: Tokens) -> None:
        self._kept.put("now", tokens)
        self.tokens = tokens

    def _let_in(self, incoming: Incoming) -> Call:
        params = params_of(incoming)
        own, now = self._settings, clock.now().timestamp()
        if params.get("client_id") != own.client_id:
            raise Refusal(10001, "client_id错误")
        if params.get("data_type", "JSON") != "JSON" or any(not text for text in params.values()):
            raise Refusal(10001, "参数不合法")
        if not _is_signed(params, own.client_secret):
            raise Refusal(10001, "签名sign校验失败")
        sent = params.get("timestamp", "")
        if not sent.isdigit() or abs(int(sent[:12]) - now) > FRESH_SECONDS:
            raise Refusal(10001, "时间戳timestamp超出允许范围")
        operation = operation_of(incoming)
        if operation != RENEW:
            self._check_token(params.get("access_token", ""))
        return Call(operation, params)

    def _check_token(self, token: str) -> None:
        if token != self.tokens.access or self._is_over(self.tokens):
            raise Refusal(10019)

    def _is_over(self, tokens: Tokens) -> bool:
        return tokens.ends_at is not None and tokens.ends_at <= clock.now().timestamp()

    def _count(self, operation: str) -> None:
        """Count a call; raises Refusal beyond the quota of the present stretch of time."""
        most, seconds = self._quotas.get(operation, (100_000, 1))
        stretch = int(clock.now().timestamp()) // seconds
        with self._lock:
            began, used = self._used.get(operation, (stretch, 0))
            used = used + 1 if began == stretch else 1
            self._used[operation] = (stretch, used)
        if used > most:
            raise Refusal(70031)


def _no_such_method(_call: Call) -> tuple[str, JsonValue]:
    raise Refusal(10001, "type不存在")


def params_of(incoming: Incoming) -> dict[str, str]:
    """Return a call's parameters as they are signed, from a form or a JSON object."""
    if "json" not in incoming.headers.get("content-type", ""):
        text = incoming.body.decode("utf-8", "replace")
        return dict(incoming.query) | dict(parse_qsl(text, keep_blank_values=True))
    try:
        found = msgspec.json.decode(incoming.body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {name: _as_text(bytes(value)) for name, value in found.items()}


def _as_text(value: bytes) -> str:
    return msgspec.json.decode(value, type=str) if value.startswith(b'"') else value.decode()


def operation_of(incoming: Incoming) -> str:
    """Return the method that is called, without its `pdd.`."""
    name = params_of(incoming).get("type", "").removeprefix("pdd.")
    return name if _METHOD.fullmatch(name) else "unknown"


def refused(refusal: Refusal) -> Answer:
    """Return the platform's envelope of an error."""
    error: dict[str, JsonValue] = {
        "error_code": refusal.code,
        "error_msg": WORDS.get(refusal.code, "业务服务错误"),
        "sub_code": None,
        "sub_msg": refusal.message,
        "request_id": secrets.token_hex(12),
    }
    answer = json_answer({"error_response": error})
    return Answer(body=answer.body, code=str(refusal.code), outcome="refused")


def failure(_incoming: Incoming, code: str | None) -> Answer:
    """Return the answer of a fault; an unknown code counts as an interface that is down."""
    is_code = code is not None and code.isdigit()
    return refused(Refusal(int(code) if is_code and code else DOWN))


def _is_signed(params: Mapping[str, str], secret: str) -> bool:
    text = "".join(name + params[name] for name in sorted(params) if name != "sign")
    own = hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(own.upper().encode(), params.get("sign", "").encode())
