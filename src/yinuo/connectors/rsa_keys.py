"""RSA keys as vendors hand them out: PEM, certificates, or the bare base64 of a back office page."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def public_key(text: str) -> rsa.RSAPublicKey:
    """Return the RSA key of a public key or certificate; raises ValueError for anything else."""
    data = text.strip().encode()
    if b"BEGIN CERTIFICATE" in data:
        key = x509.load_pem_x509_certificate(data).public_key()
    elif b"BEGIN" in data:
        key = serialization.load_pem_public_key(data)  # type: ignore[assignment]  # many sorts
    else:
        key = serialization.load_der_public_key(_bare(data))  # type: ignore[assignment]  # as above
    if not isinstance(key, rsa.RSAPublicKey):
        msg = "not an RSA public key"
        raise ValueError(msg)  # noqa: TRY004 - settings turn ValueError into words
    return key


@lru_cache(maxsize=16)  # reading checks the key, which takes far longer than signing with it
def private_key(text: str) -> rsa.RSAPrivateKey:
    """Return the RSA key without password (PKCS#1 or PKCS#8); raises ValueError for anything else."""
    data = text.strip().encode()
    try:
        if b"BEGIN" in data:
            key = serialization.load_pem_private_key(data, password=None)
        else:
            key = serialization.load_der_private_key(_bare(data), password=None)
    except (ValueError, TypeError):
        msg = "the private key is no RSA key without password"
        raise ValueError(msg) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        msg = "not an RSA private key"
        raise ValueError(msg)  # noqa: TRY004 - settings turn ValueError into words
    return key


def _bare(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        msg = "neither PEM nor base64"
        raise ValueError(msg) from None
