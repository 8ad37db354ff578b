"""The gate of the provider: who may come in, and in what form every answer goes out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.settings import WechatPaySettings
from yinuo.sandbox.wechat_pay import crypto

T = TypeVar("T")
PREFIX = "/wechat-pay"
FRESH_SECONDS = 300
# HTTP status and words of each code, as the vendor documents them.
REFUSALS: dict[str, tuple[int, str]] = {
    "PARAM_ERROR": (400, "参数错误"),
    "INVALID_REQUEST": (400, "请求参数符合参数格式，但不符合业务规则"),
    "SIGN_ERROR": (401, "错误的签名，验签失败"),
    "NO_AUTH": (403, "商户号没有调用该接口的权限"),
    "OUT_TRADE_NO_USED": (403, "商户订单号重复"),
    "NOT_ENOUGH": (403, "基本账户余额不足，请充值后重新发起"),
    "ORDER_NOT_EXIST": (404, "订单不存在"),
    "RESOURCE_NOT_EXISTS": (404, "退款单不存在"),
    "NO_STATEMENT_EXIST": (400, "请求的账单文件不存在"),
    "STATEMENT_CREATING": (400, "请求的账单正在生成中"),
    "FREQUENCY_LIMITED": (429, "频率限制，请降低请求频率"),
    "SYSTEM_ERROR": (500, "系统异常，请用相同参数重新调用"),
}


class Refusal(Exception):
    """The provider's error answer."""

    def __init__(self, code: str, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, usual = REFUSALS.get(code, (500, "系统异常"))
        self.message = message or usual
        self.field = field


@dataclass(frozen=True, slots=True)
class Keys:
    """The provider's own key and the merchant's."""

    platform: rsa.RSAPrivateKey
    merchant: rsa.RSAPrivateKey


def load_keys(kernel: Kernel) -> Keys:
    """Return the keys of the settings; what is missing there is made once and kept."""
    kept = kernel.state.collection("wechat-pay", "keys", str)

    def one(name: str, given: str | None) -> rsa.RSAPrivateKey:
        pem = given or kept.update(name, lambda old: old or crypto.make_private_key())
        return crypto.private_key(pem)

    settings = kernel.settings.wechat_pay
    return Keys(
        platform=one("platform", settings.platform_private_key),
        merchant=one("merchant", settings.merchant_private_key),
    )


class Gate:
    """Checks the merchant's signature before, and signs every answer after, a handler."""

    def __init__(self, settings: WechatPaySettings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys
        self._merchant = keys.merchant.public_key()

    def guarded(self, handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
        """Return the handler behind the gate."""

        def answer(incoming: Incoming) -> Answer:
            try:
                self._admit(incoming)
                return self.signed(handler(incoming))
            except Refusal as refusal:
                return self.refused(refusal)

        return answer

    def failure(self, _incoming: Incoming, code: str | None) -> Answer:
        """Return the error answer of a fault; an unknown code counts as SYSTEM_ERROR."""
        return self.refused(Refusal(code if code in REFUSALS else "SYSTEM_ERROR"))

    def refused(self, refusal: Refusal) -> Answer:
        """Return the vendor's envelope of an error."""
        detail: dict[str, JsonValue] = {}
        if refusal.field is not None:
            detail = {"field": refusal.field, "issue": refusal.message, "location": "body"}
        body: dict[str, JsonValue] = {
            "code": refusal.code,
            "message": refusal.message,
            "detail": detail,
        }
        encoded = msgspec.json.encode(body)
        return self.signed(Answer(body=encoded, status=refusal.status, code=refusal.code))

    def signed(self, answer: Answer) -> Answer:
        """Return the answer with the provider's signature over its body."""
        headers = self.signature(answer.body) | {"Request-ID": secrets.token_hex(16).upper()}
        return Answer(
            body=answer.body,
            status=answer.status,
            content_type=answer.content_type,
            headers=headers,
            code=answer.code,
            reference=answer.reference,
        )

    def signature(self, body: bytes, *, age: int = 0) -> dict[str, str]:
        """Return the five headers over a body, dated `age` seconds back."""
        timestamp = str(int(clock.now().timestamp()) - age)
        nonce = secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": crypto.sign(
                self._keys.platform, crypto.signed_text(timestamp, nonce, body)
            ),
            "Wechatpay-Serial": self._settings.public_key_id,
            "Wechatpay-Signature-Type": crypto.SCHEME,
        }

    def _admit(self, incoming: Incoming) -> None:
        """Raise the vendor's refusal unless the merchant itself signed this very request."""
        header = incoming.headers.get("authorization", "")
        if not header.startswith(crypto.SCHEME + " "):
            raise Refusal("SIGN_ERROR", "Http头Authorization认证类型不正确")
        parts = crypto.parse_authorization(header)
        if parts is None:
            raise Refusal("SIGN_ERROR", "Http头Authorization值格式错误")
        if parts.mchid != self._settings.mchid:
            raise Refusal("SIGN_ERROR", "商户号与签名所用证书不匹配")
        if parts.serial_no != self._settings.merchant_serial:
            raise Refusal("SIGN_ERROR", "商户证书序列号有误")
        if not parts.timestamp.isascii() or not parts.timestamp.isdigit():
            raise Refusal("SIGN_ERROR", "Http头Authorization值格式错误")
        if abs(clock.now().timestamp() - int(parts.timestamp[:12])) > FRESH_SECONDS:
            raise Refusal(
                "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
            )
        # The vendor's host has no prefix; the stand-in's own is not part of what was signed.
        target = incoming.target.removeprefix(PREFIX)
        text = crypto.request_text(
            incoming.method, target, parts.timestamp, parts.nonce_str, incoming.body
        )
        if not crypto.is_signed(self._merchant, text, parts.signature):
            raise Refusal("SIGN_ERROR", "签名错误，请检查后再试")
        serial = incoming.headers.get("wechatpay-serial", self._settings.public_key_id)
        if serial != self._settings.public_key_id:
            raise Refusal("PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")


def parsed(body: bytes, of: type[T]) -> T:
    """Return the body as a value; raises the vendor's PARAM_ERROR naming what is wrong."""
    try:
        return msgspec.json.decode(body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("PARAM_ERROR", f"参数错误：{error}") from None
