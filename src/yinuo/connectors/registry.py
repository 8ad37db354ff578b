"""The configured outside systems, by what the hub asks of them.

A section of the settings points a connector at its sandbox or at the vendor; the code is the
same. A system without a section is not there: asking for it raises NotConfigured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import httpx
import pydantic

from yinuo.connectors.alipay.connector import AlipayConnector
from yinuo.connectors.alipay.settings import AlipaySettings
from yinuo.connectors.amap.connector import AmapConnector
from yinuo.connectors.amap.settings import AmapSettings
from yinuo.connectors.circuit import CircuitState
from yinuo.connectors.douyin.connector import DouyinConnector
from yinuo.connectors.douyin.settings import DouyinSettings
from yinuo.connectors.http import Limit, Outside, Timeouts, new_client
from yinuo.connectors.kingdee_k3.connector import CHECK_NUMBER, KingdeeConnector
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.kingdee_k3.stock import BridgeStock, SqlStock, StockReader
from yinuo.connectors.pinduoduo.connector import PinduoduoConnector
from yinuo.connectors.pinduoduo.settings import PinduoduoSettings
from yinuo.connectors.protocols import (
    Channel,
    Erp,
    Geocoder,
    Health,
    HealthState,
    Payments,
    Pushing,
    Unsealing,
    Warehouse,
    WarehouseCallbacks,
)
from yinuo.connectors.protocols.groups import GroupListener
from yinuo.connectors.protocols.robots import Robot
from yinuo.connectors.qimen.connector import QimenConnector
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.connectors.robots.connector import RobotConnector
from yinuo.connectors.robots.settings import RobotSettings
from yinuo.connectors.sections import NEEDED, Anything, is_there, shop_section
from yinuo.connectors.shop.connector import ShopConnector
from yinuo.connectors.shop.settings import ShopSettings
from yinuo.connectors.wechat_pay.connector import WechatPayConnector
from yinuo.connectors.wechat_pay.settings import WechatPaySettings
from yinuo.connectors.wecom.connector import WecomBot
from yinuo.connectors.wecom.settings import WecomSettings
from yinuo.core import calls, clock, config
from yinuo.core.db import Database
from yinuo.core.errors import NotFound
from yinuo.core.texts import Language, text

M = TypeVar("M", bound=pydantic.BaseModel)


class NotConfigured(NotFound):
    """No such outside system stands in the settings; details: name."""

    code = "connectors.not_configured"


@dataclass(frozen=True, slots=True, order=True)
class PaymentAccount:
    """One merchant account: the provider's name in the hub's records, and the account's own."""

    provider: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEntry:
    """One outside system as the console lists it; `mode` is sandbox or vendor."""

    name: str
    system: str
    mode: str
    outside: Outside
    check: Callable[[], Health]

    def label(self, language: Language) -> str:
        """Return the name for people."""
        return text(f"connectors.name.{self.system}", language, name=self.name.partition(".")[2])


class Registry:
    """All configured connectors of a process; safe to share between threads."""

    def __init__(self, database: Database | None, *, client: httpx.Client | None = None) -> None:
        self._database = database
        self._client = client or new_client()
        self._entries: dict[str, ConnectorEntry] = {}
        self._erp: KingdeeConnector | None = None
        self._qimen: QimenConnector | None = None
        self._amap: AmapConnector | None = None
        self._payments: dict[PaymentAccount, Payments] = {}
        self._shops: dict[str, Channel] = {}
        self._own_shops: dict[str, ShopConnector] = {}
        self._unsealing: dict[str, Unsealing] = {}
        self._pushing: dict[str, Pushing] = {}
        self._listeners: dict[str, GroupListener] = {}
        self._robots: dict[str, RobotConnector] = {}

    @classmethod
    def from_settings(cls, database: Database | None) -> Registry:
        """Return the connectors whose sections are there; raises BadSetting for a wrong one."""
        registry = cls(database)
        if is_there("wechat_pay"):
            registry.add_wechat_pay(config.section("wechat_pay", WechatPaySettings))
        if is_there("alipay"):
            registry.add_alipay(config.section("alipay", AlipaySettings))
        for shop_id in config.section_names("shop"):
            registry.add_shop(shop_id, config.section(f"shop.{shop_id}", ShopSettings))
        for shop_id in config.section_names("douyin"):
            registry.add_douyin(shop_id, config.section(f"douyin.{shop_id}", DouyinSettings))
        for shop_id in config.section_names("pinduoduo"):
            section = f"pinduoduo.{shop_id}"
            registry.add_pinduoduo(shop_id, config.section(section, PinduoduoSettings))
        for shop_id in config.section_names("wecom"):
            registry.add_wecom(shop_id, config.section(f"wecom.{shop_id}", WecomSettings))
        if is_there("kingdee"):
            registry.add_kingdee(config.section("kingdee", KingdeeSettings))
        if is_there("qimen"):
            registry.add_qimen(config.section("qimen", QimenSettings))
        if is_there("amap"):
            registry.add_amap(config.section("amap", AmapSettings))
        registry.add_robots()
        return registry

    def add_wechat_pay(self, settings: WechatPaySettings) -> None:
        """Connect one merchant account."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside("wechat_pay", times)
        connector = WechatPayConnector(settings, outside)
        self._add_payments(connector)
        self._enter("wechat_pay", settings.mode, outside, connector.check)

    def add_alipay(self, settings: AlipaySettings) -> None:
        """Connect one merchant account."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside("alipay", times)
        connector = AlipayConnector(settings, outside)
        self._add_payments(connector)
        self._enter("alipay", settings.mode, outside, connector.check)

    def add_shop(self, shop_id: str, settings: ShopSettings) -> None:
        """Connect one shop's back end."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside(f"shop.{shop_id}", times)
        connector = ShopConnector(settings, outside)
        self._shops[shop_id] = self._own_shops[shop_id] = connector
        self._enter("shop", settings.mode, outside, connector.check)

    def add_douyin(self, shop_id: str, settings: DouyinSettings) -> None:
        """Connect one shop on Douyin."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside(f"douyin.{shop_id}", times)
        connector = DouyinConnector(settings, outside)
        self._shops[shop_id] = self._unsealing[shop_id] = connector
        self._pushing[shop_id] = connector
        self._enter("douyin", settings.mode, outside, connector.check)

    def add_pinduoduo(self, shop_id: str, settings: PinduoduoSettings) -> None:
        """Connect one shop on Pinduoduo."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside(f"pinduoduo.{shop_id}", times)
        connector = PinduoduoConnector(settings, outside)
        self._shops[shop_id] = self._unsealing[shop_id] = connector
        self._enter("pinduoduo", settings.mode, outside, connector.check)

    def add_wecom(self, shop_id: str, settings: WecomSettings) -> None:
        """Let a bot of WeCom hear the groups that order from a shop; raises BadSetting."""
        try:
            self._listeners[shop_id] = WecomBot(settings)
        except ValueError:
            raise config.BadSetting(problems=[f"wecom.{shop_id}.encoding_aes_key"]) from None

    def add_robots(self) -> None:
        """Connect every group robot of the settings."""
        for name in config.section_names("robots"):
            self.add_robot(name, config.section(f"robots.{name}", RobotSettings))

    def add_robot(self, name: str, settings: RobotSettings) -> None:
        """Connect one group robot; each has a circuit of its own."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside(f"robots.{name}", times)
        connector = RobotConnector(settings, outside, database=self._database)
        self._robots[name] = connector
        self._enter(f"{settings.kind.value}_robot", settings.mode, outside, connector.check)

    def add_kingdee(self, settings: KingdeeSettings) -> None:
        """Connect the ERP, and its stock by the way that the settings name.

        The two have a circuit each: a bridge that is down must not stop documents.
        """
        times = Timeouts(
            connect=settings.connect_seconds,
            read=settings.read_seconds,
            total=2 * settings.read_seconds,
        )
        outside = self._outside("kingdee", times, limit=Limit(at_once=settings.at_once))
        stock_outside = self._outside("kingdee_stock", times)
        reader: type[StockReader] = BridgeStock if settings.stock == "bridge" else SqlStock
        stock = reader(settings, stock_outside)
        connector = KingdeeConnector(settings, outside, stock=stock)
        self._erp = connector
        self._enter("kingdee", settings.mode, outside, connector.check)
        self._enter(
            "kingdee_stock",
            settings.mode,
            stock_outside,
            lambda: stock_outside.healthy(lambda: stock.read([CHECK_NUMBER])),
        )

    def add_qimen(self, settings: QimenSettings) -> None:
        """Connect the warehouses behind one Qimen customer."""
        times = Timeouts(connect=settings.connect_seconds, read=settings.read_seconds)
        outside = self._outside("qimen", times, limit=Limit(at_once=settings.at_once))
        connector = QimenConnector(settings, outside)
        self._qimen = connector
        self._enter("qimen", settings.mode, outside, connector.check)

    def add_amap(self, settings: AmapSettings) -> None:
        """Connect the geocoder."""
        times = Timeouts(
            connect=settings.connect_seconds,
            read=settings.read_seconds,
            total=2 * settings.read_seconds,
        )
        outside = self._outside("amap", times)
        connector = AmapConnector(settings, outside)
        self._amap = connector
        self._enter("amap", settings.mode, outside, connector.check)

    @property
    def geocoder(self) -> Geocoder:
        """Return the service that finds addresses on the map; raises NotConfigured."""
        if self._amap is None:
            raise NotConfigured(name="amap")
        return self._amap

    @property
    def erp(self) -> Erp:
        """Return the ERP; raises NotConfigured."""
        if self._erp is None:
            raise NotConfigured(name="kingdee")
        return self._erp

    def warehouse(self, code: str) -> Warehouse:
        """Return the system of a warehouse; raises NotConfigured."""
        if self._qimen is None or not self._qimen.serves(code):
            raise NotConfigured(name=code)
        return self._qimen

    @property
    def warehouse_callbacks(self) -> WarehouseCallbacks:
        """Return what reads the reports of warehouses; raises NotConfigured."""
        if self._qimen is None:
            raise NotConfigured(name="qimen")
        return self._qimen

    def shop(self, shop_id: str) -> Channel:
        """Return a shop; raises NotConfigured."""
        if shop_id not in self._shops:
            raise NotConfigured(name=shop_id)
        return self._shops[shop_id]

    def unsealing(self, shop_id: str) -> Unsealing:
        """Return what opens a shop's sealed receivers; raises NotConfigured."""
        if shop_id not in self._unsealing:
            raise NotConfigured(name=shop_id)
        return self._unsealing[shop_id]

    def listener(self, shop_id: str) -> GroupListener:
        """Return what hears the groups of a shop; raises NotConfigured."""
        if shop_id not in self._listeners:
            raise NotConfigured(name=shop_id)
        return self._listeners[shop_id]

    def pushing(self, shop_id: str) -> Pushing:
        """Return what reads the pushes of a shop's channel; raises NotConfigured."""
        if shop_id not in self._pushing:
            raise NotConfigured(name=shop_id)
        return self._pushing[shop_id]

    def robot(self, name: str) -> Robot:
        """Return a group robot; raises NotConfigured."""
        if name not in self._robots:
            raise NotConfigured(name=f"robots.{name}"[:80])
        return self._robots[name]

    def robots_for_summary(self) -> list[str]:
        """Return the robots that tell the day, by name."""
        return sorted(name for name, one in self._robots.items() if one.settings.summary)

    def shop_secret(self, shop_id: str) -> str:
        """Return the secret that a shop signs with; raises NotConfigured."""
        if shop_id not in self._own_shops:
            raise NotConfigured(name=shop_id)
        return self._own_shops[shop_id].settings.secret.get_secret_value()

    def missing_for_shop(self, shop_id: str, channel: str) -> list[str]:
        """Return the exact names of settings that a shop needs and that are not written yet."""
        section = shop_section(shop_id, channel)
        there = config.section(section, Anything).model_extra or {}
        needed = NEEDED.get(section.partition(".")[0], ())
        return [f"[{section}] {name}" for name in needed if not there.get(name)]

    def shop_ids(self) -> list[str]:
        """Return the configured shops."""
        return sorted(self._shops)

    def payments(self, account: PaymentAccount) -> Payments:
        """Return a merchant account with its provider; raises NotConfigured."""
        if account not in self._payments:
            raise NotConfigured(name=f"{account.provider}:{account.account}"[:80])
        return self._payments[account]

    def payment_accounts(self) -> list[PaymentAccount]:
        """Return the configured merchant accounts of all providers."""
        return sorted(self._payments)

    def names(self) -> list[str]:
        """Return the configured systems, in the order in which the console lists them."""
        return list(self._entries)

    def entry(self, name: str) -> ConnectorEntry:
        """Return one configured system; raises NotConfigured."""
        if name not in self._entries:
            raise NotConfigured(name=name)
        return self._entries[name]

    def mode(self, name: str) -> str:
        """Return whether a system is the vendor's or its sandbox; raises NotConfigured."""
        return self.entry(name).mode

    def label(self, name: str, language: Language = Language.ZH) -> str:
        """Return a system's name for people; raises NotConfigured."""
        return self.entry(name).label(language)

    def check(self, name: str) -> Health:
        """Return how a system does, by a call that changes nothing; raises NotConfigured."""
        return self.entry(name).check()

    def circuits(self) -> Mapping[str, CircuitState]:
        """Return each system's circuit: this process's own, else what another recorded last."""
        changes = calls.circuit_changes(self._database) if self._database else {}
        return {
            name: _circuit(entry.outside, changes.get(name))
            for name, entry in self._entries.items()
        }

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _add_payments(self, connector: Payments) -> None:
        self._payments[PaymentAccount(connector.provider, connector.account)] = connector

    def _outside(self, name: str, timeouts: Timeouts, *, limit: Limit | None = None) -> Outside:
        return Outside(
            name, client=self._client, database=self._database, timeouts=timeouts, limit=limit
        )

    def _enter(self, system: str, mode: str, outside: Outside, check: Callable[[], Health]) -> None:
        name = outside.connector
        self._entries[name] = ConnectorEntry(
            name=name, system=system, mode=mode, outside=outside, check=check
        )


def judged(*, calls_made: int, failures: int, circuit: CircuitState) -> HealthState:
    """Return how a system does by its calls of the last hour, without asking it."""
    if circuit is CircuitState.OPEN:
        return HealthState.DOWN
    if calls_made == 0:
        return HealthState.UNKNOWN
    if circuit is CircuitState.HALF_OPEN or failures * 5 > calls_made:
        return HealthState.DEGRADED
    return HealthState.OK


def _circuit(outside: Outside, change: calls.CircuitChange | None) -> CircuitState:
    own = outside.circuit.state
    if own is not CircuitState.CLOSED or change is None or not change.is_open:
        return own
    is_over = clock.now() - change.at >= timedelta(seconds=outside.rules.open_seconds)
    return CircuitState.HALF_OPEN if is_over else CircuitState.OPEN
