"""Amap's digital signature over a request's parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sign(params: Mapping[str, str], private_key: str) -> str:
    """Return the `sig` of parameters with their values as they are, not encoded for a URL."""
    text = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    return hashlib.md5(f"{text}{private_key}".encode(), usedforsecurity=False).hexdigest()
