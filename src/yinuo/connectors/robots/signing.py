"""The two signatures. They swap key and message, which is the usual mistake."""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign_dingtalk(secret: str, timestamp: str) -> str:
    """Return DingTalk's sign of a moment in milliseconds, not yet encoded for a URL."""
    return _signed(key=secret, message=f"{timestamp}\n{secret}")


def sign_feishu(secret: str, timestamp: str) -> str:
    """Return Feishu's sign of a moment in seconds: moment and secret are the key of nothing."""
    return _signed(key=f"{timestamp}\n{secret}", message="")


def _signed(*, key: str, message: str) -> str:
    made = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()
