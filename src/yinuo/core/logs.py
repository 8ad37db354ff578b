"""Structured logs in which secrets and personal data are redacted before a line is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

REDACTED = "[redacted]"
_SECRET_KEYS = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|signature|private|api_?v?3?_?key|authoritycode"
    r"|receiver|address|detail_info|phone|mobile|buyer_name|id_number",
    re.IGNORECASE,
)
_PATTERNS = [
    # A mainland mobile number, plain, spaced, dashed or with its country code.
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"(?i)(?<=token=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=authoritycode=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=sign=)[^&\s\"']+"),
    re.compile(r"(?i)bearer\s+[\w.~+/=-]+"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL),
]


def redact_text(text: str) -> str:
    """Return the text without phone numbers, tokens, passwords in URLs and private keys."""
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text


def _redact(value: Any) -> Any:  # noqa: ANN401 - a log value may be anything
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {
            key: REDACTED if _SECRET_KEYS.search(str(key)) else _redact(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [_redact(part) for part in value]
    return value


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return the log event with every secret or personal value replaced."""
    return {
        key: REDACTED if _SECRET_KEYS.search(key) else _redact(value)
        for key, value in event.items()
    }


class _RedactingFilter(logging.Filter):
    """Redacts the lines of libraries that log on their own."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact_text(record.getMessage())
        record.args = ()
        return True


def configure(*, level: str = "INFO", as_json: bool = True) -> None:
    """Send all logs to standard error, one redacted line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_RedactingFilter())
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "dbos", "alembic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel("WARNING")
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if as_json
            else structlog.processors.ExceptionRenderer(),
            redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; values are redacted, event names are snake_case."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
