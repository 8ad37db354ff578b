"""The map stand-in, asked by the hub's own connector."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Sandbox, running
from yinuo.connectors.amap.connector import AmapConnector
from yinuo.connectors.amap.settings import AmapSettings
from yinuo.connectors.http import Outside, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    Health,
    HealthState,
    OutcomeUnknown,
    QuotaUsed,
    Rejected,
)
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings

ADDRESS = "浦东新区世纪大道100号"


def connector(sandbox: Sandbox, **changes: object) -> AmapConnector:
    made_up = sandbox.kernel.settings.amap
    given = {
        "address": f"{sandbox.address}/amap",
        "key": made_up.key,
        "private_key": made_up.private_key,
        "calls_per_second": 1000,
    }
    settings = AmapSettings.model_validate(given | changes)
    times = Timeouts(connect=5, read=2, total=4)
    return AmapConnector(settings, Outside("amap", client=sandbox.client, timeouts=times))


@pytest.fixture
def amap(sandbox: Sandbox) -> AmapConnector:
    return connector(sandbox)


@pytest.mark.parametrize(
    ("address", "code", "city", "district", "precision"),
    [
        (ADDRESS, "310115", "上海市", "浦东新区", "门牌号"),
        ("杭州西湖区文三路", "330106", "杭州市", "西湖区", "道路"),
        ("东莞市长安镇某某小区", "441900", "东莞市", "", "住宅区"),
        ("湖北仙桃市", "429004", "", "仙桃市", "区县"),
    ],
)
def test_addresses_are_found(
    amap: AmapConnector, address: str, code: str, city: str, district: str, precision: str
) -> None:
    found = amap.locate(address)

    assert found is not None
    assert (found.code, found.city, found.district) == (code, city, district)
    assert found.precision == precision
    assert found.point is not None
    assert amap.locate(address) == found


def test_what_names_no_place_is_not_found(amap: AmapConnector) -> None:
    assert amap.locate("幸福村3幢") is None


def test_key_and_signature_are_checked(sandbox: Sandbox) -> None:
    for changes, infocode in (
        ({"key": "another"}, "10001"),
        ({"private_key": "another"}, "10007"),
        ({"private_key": None}, "10007"),
    ):
        with pytest.raises(Rejected) as caught:
            connector(sandbox, **changes).locate(ADDRESS)
        assert caught.value.details["outside_code"] == infocode
    assert connector(sandbox).check() == Health(state=HealthState.OK)


def test_a_days_quota_holds_over_a_restart(settings: SandboxSettings, database: Database) -> None:
    small = settings.model_copy(
        update={"amap": settings.amap.model_copy(update={"calls_a_day": 1})}
    )
    with running(small, database) as sandbox:
        assert connector(sandbox).locate(ADDRESS) is not None
    with running(small, database) as sandbox, pytest.raises(QuotaUsed):
        connector(sandbox).locate(ADDRESS)


def test_faults_are_the_vendors_own(sandbox: Sandbox, amap: AmapConnector) -> None:
    fault = {"operation": "geocode.geo", "kind": "error"}
    sandbox.set_faults("amap", fault | {"code": "10021"})
    with pytest.raises(Busy):
        amap.locate(ADDRESS)
    sandbox.set_faults("amap", fault | {"code": "wrong_hit"})
    wrong = amap.locate(ADDRESS)
    assert wrong is not None
    assert (wrong.code, wrong.precision) == ("110101", "门牌号")
    sandbox.set_faults("amap", fault | {"code": "coarse"})
    coarse = amap.locate(ADDRESS)
    assert coarse is not None
    assert (coarse.code, coarse.precision) == ("310115", "区县")
    sandbox.set_faults("amap", {"operation": "geocode.geo", "kind": "drop"})
    with pytest.raises(OutcomeUnknown):
        amap.locate(ADDRESS)


def test_nothing_that_was_asked_is_shown(sandbox: Sandbox, amap: AmapConnector) -> None:
    amap.locate(ADDRESS)

    state = sandbox.client.get("/control/systems/amap/state").json()["state"]
    assert state == {"geocodes_today": 1, "geocodes_a_day": 5000, "place_count": 2858}
    shown = str(sandbox.calls("amap"))
    assert "世纪大道" not in shown
    assert "yinuo-sandbox-amap" not in shown
