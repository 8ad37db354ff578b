"""What people and tests may set and see in the K3 stand-in, under `/control/kingdee`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.errors import JsonValue
from yinuo.sandbox.control import body_of, reply
from yinuo.sandbox.kingdee.account_set import AccountSet
from yinuo.sandbox.kingdee.components import Components
from yinuo.sandbox.kingdee.store.figures import Seed
from yinuo.sandbox.kingdee.tokens import Tokens
from yinuo.sandbox.settings import KingdeeSettings
from yinuo.sandbox.state import State

MOST_SHOWN = 1000


class Switch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be changed while the stand-in runs; seconds of a save are real ones."""

    components: int
    save_seconds_least: float
    save_seconds_most: float
    booking_delay_seconds: float


class SwitchChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of some of them."""

    components: Annotated[int, msgspec.Meta(ge=1, le=16)] | None = None
    save_seconds_least: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    save_seconds_most: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    booking_delay_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None


class StockLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Units on hand of an item in a stock, as somebody wants them to be."""

    item_code: str
    stock_code: str
    on_hand: int
    name: str = ""


class MasterLine(msgspec.Struct, frozen=True):
    """An item or a customer."""

    number: str
    name: str = ""


class Switches:
    """The values in force: those of the settings until somebody changes them; kept."""

    def __init__(self, state: State, settings: KingdeeSettings) -> None:
        self._kept = state.collection("kingdee", "switches", Switch)
        self._now = self._kept.get("all") or Switch(
            components=settings.components,
            save_seconds_least=settings.save_seconds_least,
            save_seconds_most=settings.save_seconds_most,
            booking_delay_seconds=settings.booking_delay_seconds,
        )

    def now(self) -> Switch:
        """Return the values in force."""
        return self._now

    def change(self, change: SwitchChange) -> Switch:
        """Return the values after a change."""
        wanted = {
            key: one for key, one in msgspec.structs.asdict(change).items() if one is not None
        }
        self._now = msgspec.structs.replace(self._now, **wanted)
        self._kept.put("all", self._now)
        return self._now


class Control:
    """The handlers of `/control/kingdee`."""

    def __init__(
        self, accounts: AccountSet, switches: Switches, components: Components, tokens: Tokens
    ) -> None:
        self._accounts = accounts
        self._switches = switches
        self._components = components
        self._tokens = tokens

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes that this stand-in adds to the control API."""
        return [
            Route("/control/kingdee/stock", self.stock, methods=["GET"]),
            Route("/control/kingdee/stock", self.set_stock, methods=["PUT"]),
            Route("/control/kingdee/items", self.set_items, methods=["PUT"]),
            Route("/control/kingdee/customers", self.set_customers, methods=["PUT"]),
            Route("/control/kingdee/settings", self.set_switches, methods=["PUT"]),
            Route("/control/kingdee/documents", self.documents, methods=["GET"]),
            Route("/control/kingdee/tokens", self.forget_tokens, methods=["DELETE"]),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return documents by hub number with counts, doubled ones, units per stock, settings."""
        found = self._accounts.documents(None, limit=MOST_SHOWN)
        doubled = self._accounts.doubled(limit=MOST_SHOWN)
        values: dict[str, JsonValue] = msgspec.to_builtins(
            {
                "documents_total": self._accounts.total(),
                "documents": {one.hub_number: one for one in found},
                "doubled": {one.hub_number: one.count for one in doubled},
                "stock": dict(self._accounts.units_by_stock()),
                "waiting_bookings": len(self._accounts.agenda),
                "settings": self._switches.now(),
                "busy_components": self._components.busy,
            }
        )
        return values

    async def stock(self, request: Request) -> Response:
        """Answer the bridge's lines for `itemCodes`, or for all items."""
        codes = [code for code in request.query_params.get("itemCodes", "").split(",") if code]
        items = await run_in_threadpool(self._accounts.photograph, codes or None)
        return reply({"items": items})

    async def set_stock(self, request: Request) -> Response:
        """Set units on hand: a list of {itemCode, stockCode, onHand, name?}."""
        lines = await body_of(request, list[StockLine])
        if isinstance(lines, Response):
            return lines
        found = [
            Seed(item=one.item_code, stock=one.stock_code, on_hand=one.on_hand, name=one.name)
            for one in lines
        ]
        await run_in_threadpool(self._accounts.seed_stock, found)
        return reply({"kept": len(found)})

    async def set_items(self, request: Request) -> Response:
        """Make items without stock: a list of {number, name?}."""
        return await self._master(request, "item")

    async def set_customers(self, request: Request) -> Response:
        """Make customers: a list of {number, name?}."""
        return await self._master(request, "customer")

    async def _master(self, request: Request, kind: str) -> Response:
        lines = await body_of(request, list[MasterLine])
        if isinstance(lines, Response):
            return lines
        found = [(one.number, one.name) for one in lines]
        await run_in_threadpool(self._accounts.seed_master, kind, found)
        return reply({"kept": len(found)})

    async def set_switches(self, request: Request) -> Response:
        """Change some settings; answers all of them."""
        change = await body_of(request, SwitchChange)
        if isinstance(change, Response):
            return change
        now = await run_in_threadpool(self._switches.change, change)
        self._components.most = now.components
        return reply(now)

    async def documents(self, request: Request) -> Response:
        """Answer how many documents carry the hub's `number`, or those of the newest numbers."""
        number = request.query_params.get("number")
        found = await run_in_threadpool(lambda: self._accounts.documents(number, limit=MOST_SHOWN))
        return reply({"items": found})

    async def forget_tokens(self, _request: Request) -> Response:
        """Make every token unknown, as a restart of the vendor's web server does."""
        self._tokens.forget()
        return reply({"ok": True})
