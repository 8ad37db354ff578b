"""The gate of the gateway: who may come in, and in what form every answer goes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.settings import AlipaySettings
from yinuo.sandbox.wechat_pay import crypto

T = TypeVar("T")
# Code and words of each refusal, as the vendor documents them.
REFUSALS: dict[str, tuple[str, str]] = {
    "isv.invalid-signature": ("40002", "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配"),
    "isv.invalid-app-id": ("40002", "无效的AppID参数"),
    "isv.invalid-method": ("40002", "不存在的方法名"),
    "isv.missing-method": ("40001", "缺少方法名参数"),
    "isv.app-call-limited": ("40005", "应用调用次数超限"),
    "isv.insufficient-isv-permissions": ("40006", "ISV权限不足"),
    "isp.unknow-error": ("20000", "系统繁忙"),
    "ACQ.TRADE_NOT_EXIST": ("40004", "交易不存在"),
    "ACQ.TRADE_HAS_SUCCESS": ("40004", "交易已被支付"),
    "ACQ.TRADE_HAS_CLOSE": ("40004", "交易已经关闭"),
    "ACQ.TRADE_STATUS_ERROR": ("40004", "交易状态不合法"),
    "ACQ.CONTEXT_INCONSISTENT": ("40004", "交易信息被篡改"),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": ("40004", "退款金额超限"),
    "ACQ.DISCORDANT_REPEAT_REQUEST": ("40004", "不一致的请求"),
    "ACQ.INVALID_PARAMETER": ("40004", "参数无效"),
    "ACQ.SYSTEM_ERROR": ("40004", "系统错误"),
    "BILL_NOT_EXIST": ("40004", "账单不存在"),
}


class Refusal(Exception):
    """The gateway's error answer."""

    def __init__(self, sub_code: str) -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code
        self.code, self.words = REFUSALS.get(sub_code, ("40004", "业务处理失败"))


@dataclass(frozen=True, slots=True)
class Keys:
    """Alipay's own key and the app's."""

    alipay: rsa.RSAPrivateKey
    app: rsa.RSAPrivateKey


def load_keys(kernel: Kernel) -> Keys:
    """Return the keys of the settings; what is missing there is made once and kept."""
    kept = kernel.state.collection("alipay", "keys", str)

    def one(name: str, given: str | None) -> rsa.RSAPrivateKey:
        pem = given or kept.update(name, lambda old: old or crypto.make_private_key())
        return crypto.private_key(pem)

    settings = kernel.settings.alipay
    return Keys(
        alipay=one("alipay", settings.alipay_private_key),
        app=one("app", settings.app_private_key),
    )


def signed_text(fields: Mapping[str, str], *, without: Collection[str]) -> bytes:
    """Return what is signed of a form: the filled fields in the order of their names."""
    names = sorted(name for name, value in fields.items() if value != "" and name not in without)
    return "&".join(f"{name}={fields[name]}" for name in names).encode()


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the app signed: its method, its content as sent, where to call back."""

    method: str
    content: bytes
    notify_url: str


class Gate:
    """Checks the app's signature before, and signs every answer after, a handler."""

    def __init__(self, settings: AlipaySettings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys
        self._app = keys.app.public_key()

    def guarded(self, handlers: Mapping[str, Handler]) -> Callable[[Incoming], Answer]:
        """Return the gateway over the handlers of its methods."""

        def answer(incoming: Incoming) -> Answer:
            method = fields_of(incoming).get("method", "")
            try:
                call = self._admitted(incoming)
                made = handlers.get(call.method, _unknown_method)(call)
            except Refusal as refusal:
                return self.refused(method, refusal)
            return self._written(method, {"code": "10000", "msg": "Success", **made.shown}, made)

        return answer

    def failure(self, incoming: Incoming, code: str | None) -> Answer:
        """Return the error answer of a fault; without a code it is the system's error."""
        method = fields_of(incoming).get("method", "")
        return self.refused(method, Refusal(code or "ACQ.SYSTEM_ERROR"))

    def refused(self, method: str, refusal: Refusal) -> Answer:
        """Return the vendor's envelope of an error; the gateway's own are not signed."""
        words = {"20000": "Service Currently Unavailable", "40004": "Business Failed"}
        node: dict[str, JsonValue] = {
            "code": refusal.code,
            "msg": words.get(refusal.code, "Invalid Arguments"),
            "sub_code": refusal.sub_code,
            "sub_msg": refusal.words,
        }
        return self._written(method, node, Made({}, code=refusal.sub_code))

    def _written(self, method: str, node: Mapping[str, JsonValue], made: Made) -> Answer:
        """Return the answer; its signature is over the node's bytes as they stand in it."""
        # Alipay escapes slashes, which another writer of JSON would not do again.
        told = msgspec.json.encode(node).replace(b"/", b"\\/")
        name = f"{method.replace('.', '_')}_response" if method else "error_response"
        parts = [b'"' + name.encode() + b'":' + told]
        if node["code"] in {"10000", "40004"}:
            parts.append(b'"sign":"' + crypto.sign(self._keys.alipay, told).encode() + b'"')
        body = b"{" + b",".join(parts) + b"}"
        kind = "text/html;charset=utf-8"  # as the vendor has it
        return Answer(body=body, content_type=kind, code=made.code, reference=made.reference)

    def _admitted(self, incoming: Incoming) -> Call:
        """Return the call, once the app itself signed this very request."""
        fields = fields_of(incoming)
        if not fields.get("method"):
            raise Refusal("isv.missing-method")
        if fields.get("app_id") != self._settings.app_id:
            raise Refusal("isv.invalid-app-id")
        text = signed_text(fields, without=("sign",))
        if fields.get("sign_type") != "RSA2" or not crypto.is_signed(
            self._app, text, fields.get("sign", "")
        ):
            raise Refusal("isv.invalid-signature")
        content = fields.get("biz_content", "").encode()
        return Call(fields["method"], content, fields.get("notify_url", ""))


@dataclass(frozen=True, slots=True)
class Made:
    """What a handler answers, and the business number for the call log."""

    shown: dict[str, JsonValue]
    reference: str | None = None
    code: str | None = None


Handler = Callable[[Call], Made]


def _unknown_method(_call: Call) -> Made:
    raise Refusal("isv.invalid-method")


def fields_of(incoming: Incoming) -> dict[str, str]:
    """Return the fields of a call; they may stand in the address and in the body."""
    try:
        body = incoming.body.decode("ascii")
        return dict(incoming.query) | dict(parse_qsl(body, keep_blank_values=True))
    except UnicodeDecodeError:
        return dict(incoming.query)


def parsed(content: bytes, of: type[T]) -> T:
    """Return the content as a value; raises the vendor's ACQ.INVALID_PARAMETER."""
    try:
        return msgspec.json.decode(content, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal("ACQ.INVALID_PARAMETER") from None
