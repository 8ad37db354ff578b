"""Whom outgoing connections trust, read once a process: reading it takes longer than a call."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    """Return the context that checks a server's certificate and name; all clients share it."""
    return httpx.create_ssl_context(trust_env=False)
