"""The routes of the K3 stand-in: the WebAPI under `/kingdee/K3API`, and the stock bridge."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.agenda import tend
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.kingdee import template
from yinuo.sandbox.kingdee.account_set import AccountSet, Movement
from yinuo.sandbox.kingdee.components import Components, work
from yinuo.sandbox.kingdee.control import Control, Switches
from yinuo.sandbox.kingdee.envelope import (
    BROKEN,
    FAILED,
    UNAUTHORISED,
    BillBody,
    Failure,
    ListBody,
    RowResult,
    SaveBody,
    failed,
    read,
    rows,
    successful,
)
from yinuo.sandbox.kingdee.store import schema
from yinuo.sandbox.kingdee.tokens import Tokens, local_text

BUSY = Failure(BROKEN, "组件正忙，请稍后再试 (component busy)")
SLOW = frozenset({"save", "update", "checkbill", "delete"})
BRIDGE_HEADER = "x-bridge-secret"


class Kingdee:
    """K3 WISE as the hub sees it."""

    name = "kingdee"
    label = "金蝶 K3 WISE"
    operations: Sequence[str] = (
        "Token/Create",
        "SO/GetTemplate",
        "SO/Save",
        "SO/Update",
        "SO/GetList",
        "SO/GetDetail",
        "SO/CheckBill",
        "SO/Delete",
        "bridge/stock",
    )

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.kingdee
        schema.create(kernel.state.database)
        self.accounts = AccountSet(kernel)
        self.accounts.seed_master("customer", list(self._settings.customers.items()))
        self.tokens = Tokens(
            authority_code=self._settings.authority_code,
            validity_seconds=self._settings.token_seconds,
        )
        self.switches = Switches(kernel.state, self._settings)
        self.components = Components(most=self.switches.now().components)
        self._control = Control(self.accounts, self.switches, self.components, self.tokens)
        self._actions: dict[str, tuple[str, Callable[[Incoming], Answer]]] = {
            "gettemplate": ("GET", self._get_template),
            "save": ("POST", self._save),
            "update": ("POST", self._update),
            "getlist": ("POST", self._get_list),
            "getdetail": ("POST", self._get_detail),
            "checkbill": ("POST", self._check_bill),
            "delete": ("POST", self._delete),
        }
        kernel.background.append(lambda: tend(self.accounts.tick))
        self._spelling = {one.lower(): one for one in self.operations}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the vendor's paths, the customer's bridge, and what the control API adds."""
        kit = self._kernel.kit(self.name, failure=self._failure)
        both = ("GET", "POST")
        return [
            route(
                kit, "/kingdee/K3API/{entity}/{action}", self._operation, self._call, methods=both
            ),
            route(kit, "/kingdee/bridge/stock", "bridge/stock", self._bridge, methods=("GET",)),
            *self._control.routes(),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return documents by hub number, stock by warehouse and what is set."""
        return self._control.summary()

    def book_later(
        self, key: str, *, number: str, movements: Sequence[tuple[str, str, int]]
    ) -> None:
        """Let the ERP hear of (item, stock, units) movements after its usual delay."""
        self.accounts.book_later(
            key,
            number=number,
            movements=[Movement(*one) for one in movements],
            after=self.switches.now().booking_delay_seconds,
        )

    def _operation(self, incoming: Incoming) -> str:
        named = f"{incoming.path['entity']}/{incoming.path['action']}"
        return self._spelling.get(named.lower(), named)

    def _call(self, incoming: Incoming) -> Answer:
        entity, action = incoming.path["entity"].lower(), incoming.path["action"].lower()
        if (entity, action) == ("token", "create"):
            return self._create_token(incoming)
        if entity != "so" or action not in self._actions:
            return json_answer(
                {"Message": "找不到与请求匹配的 HTTP 资源。"}, status=404, code="404"
            )
        method, handler = self._actions[action]
        if incoming.method != method:
            return json_answer(
                {"Message": "请求的资源不支持该 HTTP 方法。"}, status=405, code="405"
            )
        if not self.tokens.is_valid(_parameter(incoming, "token"), now=clock.now()):
            return failed(Failure(UNAUTHORISED, "Token无效或已过期"))
        with self.components.one() as is_free:
            if not is_free:
                return failed(BUSY)
            if action in SLOW:
                switches = self.switches.now()
                work(least=switches.save_seconds_least, most=switches.save_seconds_most)
            return handler(incoming)

    def _failure(self, incoming: Incoming, code: str | None) -> Answer:
        """Return an error on demand: `201`, `401`, `busy`, `FStatus`, `http503`, else a 500."""
        if "action" not in incoming.path or (code or "").startswith("http"):
            status = (code or "").removeprefix("http")
            return json_answer(
                {"Message": "服务不可用"},
                status=int(status) if status.isdigit() else 503,
                code=code,
            )
        match code:
            case "201":
                return failed(Failure(FAILED, "Faild"))
            case "401":
                return failed(Failure(UNAUTHORISED, "Token无效或已过期"))
            case "busy":
                return failed(BUSY)
            case "FStatus":
                return rows([RowResult(FStatus=False, FMessage="单据保存失败：未知错误")])
            case _:
                return failed(Failure(BROKEN, code or "服务器内部错误"))

    def _create_token(self, incoming: Incoming) -> Answer:
        if incoming.method != "GET":
            return json_answer(
                {"Message": "请求的资源不支持该 HTTP 方法。"}, status=405, code="405"
            )
        now = clock.now()
        token = self.tokens.create(_parameter(incoming, "authoritycode"), now=now)
        if token is None:
            return failed(Failure(UNAUTHORISED, "授权码无效"))
        return successful(
            {
                "Code": "Y",
                "Token": token,
                "Create": local_text(now),
                "Validity": self.tokens.validity_seconds,
            }
        )

    def _get_template(self, _incoming: Incoming) -> Answer:
        return successful(template.blank())

    def _save(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, SaveBody)
        if isinstance(body, Failure):
            return failed(body)
        reference = _hub_number(body)
        return _about(self.accounts.save(body), reference=reference)

    def _update(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, SaveBody)
        if isinstance(body, Failure):
            return failed(body)
        return _about(self.accounts.update(body), reference=body.FBillNo or _hub_number(body))

    def _check_bill(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, BillBody)
        if isinstance(body, Failure):
            return failed(body)
        return _about(self.accounts.check(body), reference=body.FBillNo)

    def _delete(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, BillBody)
        if isinstance(body, Failure):
            return failed(body)
        return _about(self.accounts.delete(body), reference=body.FBillNo)

    def _get_list(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, ListBody)
        if isinstance(body, Failure):
            return failed(body)
        found = self.accounts.find(body)
        return failed(found) if isinstance(found, Failure) else successful({"DATA": found})

    def _get_detail(self, incoming: Incoming) -> Answer:
        body = read(incoming.body, BillBody)
        if isinstance(body, Failure):
            return failed(body)
        pages = self.accounts.detail(body)
        if pages is None:
            return failed(Failure(FAILED, "Faild", "单据不存在"), reference=body.FBillNo)
        return successful(pages, reference=body.FBillNo)

    def _bridge(self, incoming: Incoming) -> Answer:
        given = incoming.headers.get(BRIDGE_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._settings.bridge_secret.encode()):
            return json_answer({"message": "unauthorized"}, status=401, code="401")
        codes = [code.strip() for code in incoming.query.get("itemCodes", "").split(",")]
        wanted = [code for code in codes if code]
        return json_answer({"items": self.accounts.photograph(wanted or None)})


def _about(results: list[RowResult] | Failure, *, reference: str) -> Answer:
    if isinstance(results, Failure):
        return failed(results, reference=reference)
    return rows(results, reference=reference)


def _hub_number(body: SaveBody) -> str:
    return template.text_of(body.Page1[0], template.HUB_NUMBER_FIELD) if body.Page1 else ""


def _parameter(incoming: Incoming, name: str) -> str:
    """Return a query parameter whatever the case of its name."""
    return next((value for key, value in incoming.query.items() if key.lower() == name), "")
