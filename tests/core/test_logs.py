"""Logs: one line each, and nothing secret or personal in any."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from yinuo.core import logs

SECRETS = (
    "19912345678",
    "+86 199-1234-5678",
    "Token=abcdef123",
    "authorityCode=xyz",
    "Bearer abc.def-ghi",
    "postgresql://yinuo:hunter2@/db",
)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().err.strip().splitlines()


def test_values_that_look_secret_are_redacted_wherever_they_stand(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.configure(level="INFO", as_json=True)
    logger = logs.logger("tests")
    for secret in SECRETS:
        logger.info("seen", note=f"before {secret} after", inner={"list": [secret]})
    printed = "\n".join(lines(capfd))
    for hidden in ("1991234", "1234-5678", "abcdef123", "xyz", "abc.def", "hunter2"):
        assert hidden not in printed
    assert printed.count("before") == len(SECRETS)


def test_keys_that_name_secrets_hide_whatever_they_hold(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.configure(level="INFO", as_json=True)
    logs.logger("tests").info("seen", password="p", receiver={"name": "x"}, order_id="ord_1")
    told = json.loads(lines(capfd)[0])
    assert (told["password"], told["receiver"], told["order_id"]) == (
        logs.REDACTED,
        logs.REDACTED,
        "ord_1",
    )
    assert (told["event"], told["level"]) == ("seen", "info")


def test_lines_of_libraries_are_redacted_too(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="INFO", as_json=False)
    logging.getLogger("some.library").warning("called %s", "http://k3/?Token=abcdef123&x=1")
    assert lines(capfd) == [f"called http://k3/?Token={logs.REDACTED}&x=1"]


def test_traceback_is_kept_and_redacted(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="INFO", as_json=True)
    try:
        int("phone 19912345678")
    except ValueError as error:
        logs.logger("tests").error("failed", exc_info=error)
    printed = "\n".join(lines(capfd))
    assert "ValueError" in printed
    assert "19912345678" not in printed
