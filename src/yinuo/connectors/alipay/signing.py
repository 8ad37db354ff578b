"""RSA2: what is signed in notifications, calls and answers, and the signature itself."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SCHEME = "RSA2"
MOST_FIELDS = 200
_BLANKS = " \t\r\n"


def form(body: bytes) -> dict[str, str] | None:
    """Return the fields of a notification, decoded once; None for what is no plain UTF-8 form.

    A name that comes twice could be read in two ways, so such a body is none either.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def notice_text(fields: Mapping[str, str]) -> str:
    """Return what a notification signs: every field that is not empty, but the signature's two."""
    return _text(fields, without=("sign", "sign_type"))


def request_text(fields: Mapping[str, str]) -> str:
    """Return what a call signs: here the kind of signature is part of it."""
    return _text(fields, without=("sign",))


def _text(fields: Mapping[str, str], *, without: Collection[str]) -> str:
    kept = sorted((name, value) for name, value in fields.items() if value and name not in without)
    return "&".join(f"{name}={value}" for name, value in kept)


def sign(key: rsa.RSAPrivateKey, text: str) -> str:
    """Return the base64 signature over a text."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(keys: Collection[rsa.RSAPublicKey], text: bytes, *, signature: str) -> bool:
    """Tell whether one of the keys signed exactly these bytes."""
    try:
        raw = base64.b64decode(signature.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_fits(key, text, raw) for key in keys)


def _fits(key: rsa.RSAPublicKey, text: bytes, raw: bytes) -> bool:
    try:
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def members(body: bytes) -> dict[str, str] | None:
    """Return the members of a JSON object as the very text each was written in, or None.

    The signature of an answer is over the bytes of one member: writing it anew would change them.
    """
    try:
        text = body.decode()
        return _members(text)
    except (ValueError, IndexError, RecursionError):
        return None


def _members(text: str) -> dict[str, str]:
    decoder = json.JSONDecoder()
    found: dict[str, str] = {}
    at = _after(text, 0, "{")
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        start = _after(text, _skipped(text, at), ":")
        _value, at = decoder.raw_decode(text, start)
        if not isinstance(name, str) or name in found:
            raise ValueError
        found[name] = text[start:at]
        at = _skipped(text, at)
        if text[at] == ",":
            at = _skipped(text, at + 1)
    return found


def _after(text: str, at: int, sign: str) -> int:
    at = _skipped(text, at)
    if text[at] != sign:
        raise ValueError
    return _skipped(text, at + 1)


def _skipped(text: str, at: int) -> int:
    while text[at] in _BLANKS:
        at += 1
    return at
