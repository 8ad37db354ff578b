"""The settings decide which systems there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.connectors import wechat_pay_keys as keys
from yinuo.connectors.circuit import CircuitState
from yinuo.connectors.protocols import HealthState
from yinuo.connectors.registry import NotConfigured, PaymentAccount, Registry, judged
from yinuo.core import calls, clock
from yinuo.core.calls import Call
from yinuo.core.config import BadSetting
from yinuo.core.db import Database
from yinuo.core.texts import Language, has_text

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FILE = f"""
[wechat_pay]
mode = "sandbox"
address = "http://127.0.0.1:9/wechat-pay"
mchid = "1900000001"
appids = ["wx00000000000000aa"]
merchant_serial = "5A0D"
merchant_private_key = '''{{merchant}}'''
apiv3_key = "{keys.APIV3_KEY}"
[wechat_pay.platform_keys]
PUB_KEY_ID_1 = '''{{platform}}'''
[alipay]
mode = "sandbox"
address = "http://127.0.0.1:9/alipay/gateway.do"
app_id = "2021000000000001"
seller_id = "2088000000000009"
app_private_key = '''{{merchant}}'''
alipay_public_keys = ['''{{platform}}''']
[shop.mini]
mode = "sandbox"
address = "http://127.0.0.1:9/shop"
secret = "made-up-shop-secret"
[kingdee]
address = "http://127.0.0.1:9/kingdee/K3API"
authority_code = "made-up-authority"
department = "01"
employee = "E01"
stock = "bridge"
bridge_address = "http://127.0.0.1:9/kingdee/bridge/stock"
[kingdee.customers]
mini = "MINI"
[qimen]
app_key = "33000001"
secret = "made-up-qimen-secret"
customer_id = "c1000001"
owner_code = "OWNER1"
warehouses = ["WH-HZ", "WH-NT"]
"""


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that writes the settings file of this test."""
    path = tmp_path / "yinuo.toml"
    monkeypatch.setenv("YINUO_CONFIG", str(path))

    def write(content: str) -> None:
        path.write_text(content, encoding="utf-8")

    return write


def whole() -> str:
    return FILE.replace("{merchant}", keys.private_pem(keys.merchant_key())).replace(
        "{platform}", keys.public_pem(keys.platform_key())
    )


def test_every_configured_system_is_there(settings_file: Callable[[str], None]) -> None:
    settings_file(whole())
    registry = Registry.from_settings(None)
    assert registry.names() == [
        "wechat_pay",
        "alipay",
        "shop.mini",
        "kingdee",
        "kingdee_stock",
        "qimen",
    ]
    assert registry.payment_accounts() == [
        PaymentAccount("alipay", "main"),
        PaymentAccount("wechat_pay", "main"),
    ]
    assert registry.shop_ids() == ["mini"]
    assert registry.shop_secret("mini") == "made-up-shop-secret"
    assert registry.warehouse("WH-NT") is registry.warehouse("WH-HZ")
    assert registry.warehouse_callbacks is registry.warehouse("WH-HZ")
    assert registry.mode("wechat_pay") == "sandbox"
    assert registry.mode("qimen") == "vendor"
    assert registry.label("shop.mini") == "自营小程序（mini）"
    assert registry.label("kingdee", Language.EN) == "Kingdee K3 WISE"
    registry.close()


def test_what_is_not_configured_is_said_so(settings_file: Callable[[str], None]) -> None:
    settings_file("")
    registry = Registry.from_settings(None)
    assert registry.names() == []
    for ask in (
        lambda: registry.erp,
        lambda: registry.warehouse("WH-HZ"),
        lambda: registry.warehouse_callbacks,
        lambda: registry.payments(PaymentAccount("wechat_pay", "main")),
        lambda: registry.shop("mini"),
        lambda: registry.shop_secret("mini"),
        lambda: registry.check("kingdee"),
    ):
        with pytest.raises(NotConfigured):
            ask()
    assert has_text(NotConfigured.code)
    registry.close()


def test_a_warehouse_that_is_not_listed_is_not_served(
    settings_file: Callable[[str], None],
) -> None:
    settings_file(whole())
    registry = Registry.from_settings(None)
    with pytest.raises(NotConfigured):
        registry.warehouse("WH-CD")
    registry.close()


def test_the_environment_may_hold_the_secrets(
    settings_file: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file(whole().replace('secret = "made-up-shop-secret"', ""))
    monkeypatch.setenv("YINUO_SHOP__MINI__SECRET", "from-the-environment")
    registry = Registry.from_settings(None)
    assert registry.shop_secret("mini") == "from-the-environment"
    registry.close()


def test_wrong_settings_are_all_named_without_their_values(
    settings_file: Callable[[str], None],
) -> None:
    settings_file(whole().replace(keys.APIV3_KEY, "short-key").replace('"wx00000000000000aa"', ""))
    with pytest.raises(BadSetting) as caught:
        Registry.from_settings(None)
    told = str(caught.value.details)
    assert "wechat_pay.apiv3_key" in told
    assert "wechat_pay.appids" in told
    assert "short-key" not in told


def test_a_system_that_is_not_there_is_down_when_checked(
    settings_file: Callable[[str], None],
) -> None:
    settings_file(whole())
    registry = Registry.from_settings(None)
    assert registry.check("shop.mini").state is HealthState.DOWN
    assert has_text(registry.check("shop.mini").note)
    registry.close()


def test_secrets_are_not_shown_by_settings(settings_file: Callable[[str], None]) -> None:
    settings_file(whole())
    registry = Registry.from_settings(None)
    told = repr([registry.entry(name) for name in registry.names()])
    assert "made-up" not in told
    registry.close()


def test_the_circuit_of_another_process_is_seen(
    settings_file: Callable[[str], None], database: Database
) -> None:
    settings_file(whole())
    registry = Registry.from_settings(database)

    def record(code: str | None) -> None:
        calls.record(
            database,
            Call(
                connector="kingdee",
                operation=calls.CIRCUIT,
                outcome="unavailable" if code else "done",
                code=code,
                milliseconds=0,
                reference=None,
            ),
        )

    with clock.fixed(AT) as time:
        assert set(registry.circuits().values()) == {CircuitState.CLOSED}
        record("connectors.circuit_open")
        assert registry.circuits()["kingdee"] is CircuitState.OPEN
        assert registry.circuits()["qimen"] is CircuitState.CLOSED
        time.advance(seconds=30)
        assert registry.circuits()["kingdee"] is CircuitState.HALF_OPEN
        record(None)
        assert registry.circuits()["kingdee"] is CircuitState.CLOSED
    registry.close()


@pytest.mark.parametrize(
    ("made", "failures", "circuit", "expected"),
    [
        (0, 0, CircuitState.CLOSED, HealthState.UNKNOWN),
        (10, 0, CircuitState.CLOSED, HealthState.OK),
        (10, 2, CircuitState.CLOSED, HealthState.OK),
        (10, 3, CircuitState.CLOSED, HealthState.DEGRADED),
        (10, 0, CircuitState.HALF_OPEN, HealthState.DEGRADED),
        (10, 0, CircuitState.OPEN, HealthState.DOWN),
    ],
)
def test_health_is_judged_by_calls_and_circuit(
    made: int, failures: int, circuit: CircuitState, expected: HealthState
) -> None:
    assert judged(calls_made=made, failures=failures, circuit=circuit) is expected
