"""Seals messages as WeCom does, written apart from the hub's own reading of them."""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def sealed(message: bytes, *, encoding_aes_key: str, receive_id: str) -> str:
    """Return the base64 of AES-256-CBC over 16 random bytes, length, message and receiver."""
    key = base64.b64decode(f"{encoding_aes_key}=")
    framed = os.urandom(16) + struct.pack(">I", len(message)) + message + receive_id.encode()
    padder = padding.PKCS7(256).padder()
    whole = padder.update(framed) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(whole) + encryptor.finalize()).decode()


def stamp(*parts: str) -> str:
    """Return the signature over token, time, nonce and encrypted text in any order."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
