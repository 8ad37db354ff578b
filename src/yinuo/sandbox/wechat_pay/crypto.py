"""Signatures and encryption of WeChat Pay API v3, written apart from the hub's own."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "WECHATPAY2-SHA256-RSA2048"
_PAIR = re.compile(r'\s*(\w+)="([^"]*)"\s*')


def make_private_key() -> str:
    """Return a new RSA key as PEM text, for a platform or a merchant that is made up."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@lru_cache(maxsize=32)  # reading checks the key, which takes longer than signing with it
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Return the key in the PEM text; raises ValueError when it is no RSA key."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        msg = "not an RSA key"
        raise ValueError(msg)  # noqa: TRY004 - the text is wrong, not its type
    return key


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """Return the public half as PEM text."""
    encoded = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded.decode()


def signed_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return what a notification or an answer signs: three lines, each ended."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def request_text(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return what a merchant's request signs: five lines, each ended."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """Return the base64 RSA signature (PKCS#1 v1.5, SHA-256)."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, text: bytes, signature: str) -> bool:
    """Return whether the base64 signature is the key's over the text."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def encrypt(apiv3_key: str, nonce: str, associated: str, plain: bytes) -> str:
    """Return base64 of AES-256-GCM ciphertext and tag."""
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return base64.b64encode(sealed).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The five parts of a merchant's Authorization header."""

    mchid: str
    nonce_str: str
    signature: str
    timestamp: str
    serial_no: str


def parse_authorization(header: str) -> Authorization | None:
    """Return the parts, or None when the scheme is another or a part is missing or foreign."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme != SCHEME:
        return None
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        matched = _PAIR.fullmatch(piece)
        if matched is None:
            return None
        parts[matched[1]] = matched[2]
    if set(parts) != {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}:
        return None
    return Authorization(**parts)


def authorization(
    key: rsa.RSAPrivateKey, text: bytes, *, mchid: str, serial: str, timestamp: str, nonce: str
) -> str:
    """Return the header that a merchant sends over a signed text."""
    parts = {
        "mchid": mchid,
        "nonce_str": nonce,
        "signature": sign(key, text),
        "timestamp": timestamp,
        "serial_no": serial,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())
