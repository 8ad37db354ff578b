"""Pinduoduo's signature over a call's parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sign(params: Mapping[str, str], secret: str) -> str:
    """Return the `sign` of parameters, each as the text that is sent; an empty one must not be."""
    text = "".join(f"{name}{value}" for name, value in sorted(params.items()) if name != "sign")
    digest = hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False)
    return digest.hexdigest().upper()
