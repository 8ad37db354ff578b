"""Talks to Amap's Web service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote, urlencode

from yinuo.connectors.amap.mapping import read_fine, read_located
from yinuo.connectors.amap.settings import AmapSettings
from yinuo.connectors.amap.signing import sign
from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.protocols import Health, Located, Rejected

T = TypeVar("T")

# Not repeated by itself, though it could be: each call counts against the day's quota.
LOCATE = Operation(name="geocode.geo", is_repeatable=False)
CHECK = Operation(name="config.district", is_repeatable=True)


class AmapConnector:
    """One key of Amap's Web service."""

    def __init__(self, settings: AmapSettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside

    def locate(self, text: str) -> Located | None:
        """Return where an address lies, None for no such address; see `Geocoder`."""
        sent = (text, self.settings.key.get_secret_value())
        with self._in_turn():
            return self._call(
                LOCATE,
                "/v3/geocode/geo",
                {"address": text},
                lambda answer: read_located(answer.body, sent=sent),
            )

    def check(self) -> Health:
        """Return how Amap does, by asking for the country's own entry: costs no geocode."""
        sent = (self.settings.key.get_secret_value(),)
        return self.outside.healthy(
            lambda: self._call(
                CHECK,
                "/v3/config/district",
                {"keywords": "100000", "subdistrict": "0"},
                lambda answer: read_fine(answer.body, sent=sent),
            )
        )

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let one caller at a time, among all machines, make a call, and leave time after it."""
        with self.outside.alone("geocode"):
            started = time.monotonic()
            try:
                yield
            finally:
                left = started + 1 / self.settings.calls_per_second - time.monotonic()
                time.sleep(max(0.0, left))

    def _call(
        self,
        operation: Operation,
        path: str,
        asked: Mapping[str, str],
        read: Callable[[Answer], T],
    ) -> T:
        params = {"key": self.settings.key.get_secret_value(), "output": "JSON", **asked}
        if self.settings.private_key is not None:
            params["sig"] = sign(params, self.settings.private_key.get_secret_value())
        url = f"{self.settings.address.rstrip('/')}{path}?{urlencode(params, quote_via=quote)}"

        def understand(answer: Answer) -> T:
            if answer.status >= 400:
                raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
            return read(answer)

        return self.outside.call(operation, lambda: Request(method="GET", url=url), understand)
