"""The callback crypto of WeCom and WeChat: SHA-1 over four sorted texts, AES-256-CBC; pure.

The key is the base64 of the console's 43 characters and `=`, the first vector its first 16 bytes.
The plain text is 16 random bytes, the length of the message in four bytes, the message, and the id
of the receiver, padded after PKCS#7 to blocks of 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK, _VECTOR, _HEAD = 32, 16, 20


def signature(token: str, *, timestamp: str, nonce: str, encrypted: str) -> str:
    """Return the hex SHA-1 over token, time, nonce and encrypted text, sorted and joined."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def is_signed(expected: str, given: str) -> bool:
    """Tell whether a signature is the expected one, in a time that tells nothing of where not."""
    return hmac.compare_digest(expected.encode(), given.encode())


def aes_key(encoded: str) -> bytes:
    """Return the 32 bytes of the key in 43 characters; raises ValueError for anything else."""
    try:
        key = base64.b64decode(encoded + "=", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _BLOCK:
        msg = "not 43 characters of base64"
        raise ValueError(msg)
    return key


def decrypted(encrypted: str, *, key: bytes, receive_id: str) -> bytes:
    """Return the message in an encrypted text.

    Raises ValueError for what was not encrypted with this key for this receiver.
    """
    try:
        data = base64.b64decode(encrypted, validate=True)
    except binascii.Error:
        data = b""
    if not data or len(data) % _VECTOR:
        msg = "no whole blocks"
        raise ValueError(msg)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_VECTOR])).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        msg = "wrong padding"
        raise ValueError(msg)
    plain = padded[:-pad]
    length = int.from_bytes(plain[_VECTOR:_HEAD], "big")
    message, receiver = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
    if len(plain) < _HEAD or len(message) != length or receiver != receive_id.encode():
        msg = "wrong length or receiver"
        raise ValueError(msg)
    return message
