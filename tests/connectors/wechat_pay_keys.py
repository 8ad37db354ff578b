"""Made-up keys and a made-up WeChat Pay that signs and encrypts as the real one does."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yinuo.connectors.wechat_pay.settings import WechatPaySettings

APIV3_KEY = "yinuo-sandbox-apiv3-key-32-bytes"  # made up
KEY_ID = "PUB_KEY_ID_0000000000000000000000000000002"
MERCHANT_SERIAL = "5A0D0000000000000000000000000000000000A1"


@cache
def platform_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def merchant_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def settings(**changes: object) -> WechatPaySettings:
    values: dict[str, object] = {
        "mchid": "1900000001",
        "appids": ["wx00000000000000aa"],
        "merchant_serial": MERCHANT_SERIAL,
        "merchant_private_key": private_pem(merchant_key()),
        "apiv3_key": APIV3_KEY,
        "platform_keys": {KEY_ID: public_pem(platform_key())},
    }
    return WechatPaySettings.model_validate(values | changes)


def signed(body: bytes, at: datetime, **changes: str) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), "0123456789ABCDEF"
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = platform_key().sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "Wechatpay-Serial": KEY_ID,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
    } | changes


def sealed(plain: object, key: str = APIV3_KEY, **changes: object) -> dict[str, object]:
    data = AESGCM(key.encode()).encrypt(b"yinuononce12", json.dumps(plain).encode(), b"transaction")
    return {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(data).decode(),
        "associated_data": "transaction",
        "nonce": "yinuononce12",
    } | changes


def notice(plain: object, event: str = "TRANSACTION.SUCCESS", **changes: object) -> bytes:
    body = {
        "id": "EV-1",
        "create_time": "2026-11-22T10:00:01+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": "支付成功",
        "resource": sealed(plain),
    }
    return json.dumps(body | changes, ensure_ascii=False).encode()
