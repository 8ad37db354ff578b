"""The cryptography of API v3: RSA over raw bytes, AES-256-GCM, the Authorization header."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "WECHATPAY2-SHA256-RSA2048"


def is_signed(
    key: rsa.RSAPublicKey, *, timestamp: str, nonce: str, body: bytes, signature: str
) -> bool:
    """Tell whether the signature fits exactly these bytes."""
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    try:
        raw = base64.b64decode(signature.encode(), validate=True)
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, UnicodeEncodeError, ValueError):
        return False
    return True


def decrypt(key: bytes, *, nonce: str, associated_data: str, ciphertext: str) -> bytes | None:
    """Return the plain bytes, or None when the key or anything else does not fit."""
    try:
        sealed = base64.b64decode(ciphertext.encode(), validate=True)
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, binascii.Error, UnicodeEncodeError, ValueError):
        return None


def authorization(
    key: rsa.RSAPrivateKey,
    *,
    mchid: str,
    serial: str,
    method: str,
    path_query: str,
    timestamp: str,
    nonce: str,
    body: bytes = b"",
) -> str:
    """Return the Authorization header of a request."""
    text = f"{method}\n{path_query}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
    return (
        f'{SCHEME} mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{timestamp}",serial_no="{serial}"'
    )
