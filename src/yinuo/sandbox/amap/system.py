"""The routes of the map service: one geocode a call, signed, within a day's and a second's quota."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping, Sequence

from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.amap.places import MUNICIPALITIES, Place, find, level_of, places
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.kernel import Kernel, route

PREFIX = "/amap"
GEO = "geocode.geo"
DISTRICT = "config.district"
INFO: Mapping[str, str] = {
    "10000": "OK",
    "10001": "INVALID_USER_KEY",
    "10003": "DAILY_QUERY_OVER_LIMIT",
    "10004": "ACCESS_TOO_FREQUENT",
    "10005": "INVALID_USER_IP",
    "10007": "INVALID_USER_SIGNATURE",
    "10009": "USERKEY_PLAT_NOMATCH",
    "10021": "CUQPS_HAS_EXCEEDED_THE_LIMIT",
    "10044": "USER_DAILY_QUERY_OVER_LIMIT",
    "20000": "INVALID_PARAMS",
    "20001": "MISSING_REQUIRED_PARAMS",
    "20003": "UNKNOWN_ERROR",
    "30001": "ENGINE_RESPONSE_DATA_ERROR",
}
WRONG_HIT, COARSE = "wrong_hit", "coarse"


class Amap:
    """A map service with the districts of the mainland."""

    name = "amap"
    label = "高德地图"
    operations: Sequence[str] = (GEO, DISTRICT)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.amap
        self._days = kernel.state.collection(self.name, "days", int)
        self._second = (0, 0)
        self._lock = threading.Lock()

    def routes(self) -> Sequence[BaseRoute]:
        """Return the two routes that the hub uses."""
        kit = self._kernel.kit(self.name, failure=self._failure)
        geo, district = self._guarded(self._geo), self._guarded(self._district)
        return [
            route(kit, f"{PREFIX}/v3/geocode/geo", GEO, geo, methods=("GET",)),
            route(kit, f"{PREFIX}/v3/config/district", DISTRICT, district, methods=("GET",)),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return how many geocodes today has seen; never what was asked."""
        return {
            "geocodes_today": self._days.get(_today()) or 0,
            "geocodes_a_day": self._settings.calls_a_day,
            "place_count": len(places()),
        }

    def _guarded(self, handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
        def answer(incoming: Incoming) -> Answer:
            if incoming.query.get("key") != self._settings.key:
                return _refused("10001")
            if not self._is_signed(incoming.query):
                return _refused("10007")
            return handler(incoming)

        return answer

    def _is_signed(self, query: Mapping[str, str]) -> bool:
        signed = "&".join(f"{key}={query[key]}" for key in sorted(query) if key != "sig")
        own = hashlib.md5(f"{signed}{self._settings.private_key}".encode(), usedforsecurity=False)
        return hmac.compare_digest(own.hexdigest().encode(), query.get("sig", "").encode())

    def _geo(self, incoming: Incoming) -> Answer:
        address = incoming.query.get("address", "")
        if not address.strip():
            return _refused("20001")
        if not self._has_second():
            return _refused("10021")
        if self._days.update(_today(), lambda old: (old or 0) + 1) > self._settings.calls_a_day:
            return _refused("10044")
        place = find(address)
        if place is None:
            return _refused("30001", count="0")
        return _found(place, address, level_of(address))

    def _has_second(self) -> bool:
        second = int(clock.now().timestamp())
        with self._lock:
            used = self._second[1] + 1 if self._second[0] == second else 1
            self._second = (second, used)
        return used <= self._settings.calls_per_second

    def _district(self, _incoming: Incoming) -> Answer:
        country: dict[str, JsonValue] = {
            "adcode": "100000",
            "citycode": [],
            "name": "中华人民共和国",
            "level": "country",
            "districts": [],
        }
        return _said("10000", count="1", districts=[country])

    def _failure(self, incoming: Incoming, code: str | None) -> Answer:
        """Return the answer of a fault; an unknown code counts as an unknown error."""
        address = incoming.query.get("address", "")
        right = find(address)
        if code == WRONG_HIT:
            wrong = next(one for one in places() if right is None or one.province != right.province)
            return _found(wrong, address, "门牌号")
        if code == COARSE and right is not None:
            return _found(right, address, "区县")
        return _refused(code if code is not None and code in INFO else "20003")


def _today() -> str:
    return clock.now().astimezone(clock.SHANGHAI).date().isoformat()


def _found(place: Place, address: str, level: str) -> Answer:
    city = place.province if place.code[:2] in MUNICIPALITIES else place.city
    geocode: dict[str, JsonValue] = {
        "formatted_address": address,
        "country": "中国",
        "province": place.province,
        "citycode": [],
        "city": city or [],
        "district": place.district or [],
        "township": [],
        "neighborhood": {"name": [], "type": []},
        "building": {"name": [], "type": []},
        "adcode": place.code,
        "street": [],
        "number": [],
        "location": place.location,
        "level": level,
    }
    return _said("10000", count="1", geocodes=[geocode])


def _refused(infocode: str, **more: JsonValue) -> Answer:
    return _said(infocode, **more)


def _said(infocode: str, **more: JsonValue) -> Answer:
    is_fine = infocode == "10000"
    body = {"status": "1" if is_fine else "0", "info": INFO[infocode], "infocode": infocode}
    answer = json_answer(body | more, code=None if is_fine else infocode)
    if is_fine:
        return answer
    return Answer(body=answer.body, code=infocode, outcome="refused")
