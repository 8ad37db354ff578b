"""The methods of the platform that a hub uses, a path each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from yinuo.core.errors import JsonValue
from yinuo.sandbox.douyin.desk import Desk
from yinuo.sandbox.douyin.gate import Call, Gate, Refusal, failed
from yinuo.sandbox.douyin.model import (
    ADDRESS,
    CANCELLED,
    CARRIERS,
    NAME,
    PHONE,
    TO_PAY,
    DyOrder,
    plain,
    sealed,
    seconds,
    told_order,
)

LIST, DETAIL = "order.searchList", "order.orderDetail"
ADD, MULTI = "order.logisticsAdd", "order.logisticsAddMultiPack"
COMPANIES, DECRYPT = "order.logisticsCompanyList", "order.batchDecrypt"
REMARK, STOCK = "order.addOrderRemark", "sku.syncStock"
CREATE, RENEW = "token.create", "token.refresh"
OPERATIONS = (LIST, DETAIL, DECRYPT, COMPANIES, ADD, MULTI, REMARK, STOCK, CREATE, RENEW)
LARGEST_PAGE, DEEPEST, MOST_OPENED = 100, 50_000, 50
_END = 4_102_444_800


class Methods:
    """One handler a method; each returns the data of its answer."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self._desk = desk
        self._gate = gate

    def handlers(self) -> Mapping[str, Callable[[Call], JsonValue]]:
        """Return the handlers by method."""
        return {
            LIST: self.search,
            DETAIL: self.detail,
            DECRYPT: self.decrypt,
            COMPANIES: self.companies,
            ADD: self.add,
            MULTI: self.add_packs,
            REMARK: self.remark,
            STOCK: self.sync_stock,
            CREATE: self._gate.create,
            RENEW: self._gate.renew,
        }

    def search(self, call: Call) -> JsonValue:
        """Answer a page of orders by the times of their change or their making."""
        page, size = call.whole("page", default=0), call.whole("size", default=10)
        if not 1 <= size <= LARGEST_PAGE or page < 0 or (page + 1) * size > DEEPEST:
            raise Refusal(40004, "isv.parameter-invalid", "page或size超出范围")
        since = call.whole("update_time_start", default=0)
        until = call.whole("update_time_end", default=_END)
        made_since = call.whole("create_time_start", default=0)
        made_until = call.whole("create_time_end", default=_END)
        if since > until or made_since > made_until:
            raise Refusal(40004, "isv.parameter-invalid", "时间范围不合法")
        wanted = _statuses(call)
        found = [
            order
            for order in self._desk.ledger.changed(since, until)
            if made_since <= seconds(order.created_at) <= made_until
            and (not wanted or order.status in wanted)
        ]
        listed = _sorted(found, call)
        return {
            "page": page,
            "size": size,
            "total": len(listed),
            "shop_order_list": [self._told(one) for one in listed[page * size :][:size]],
        }

    def detail(self, call: Call) -> JsonValue:
        """Answer one order."""
        order = self._desk.found(call.text("shop_order_id"))
        return {"shop_order_detail": self._told(order)}

    def decrypt(self, call: Call) -> JsonValue:
        """Answer what ciphertexts stand for; each counts against the day's allowance."""
        infos = call.objects("cipher_infos")
        if len(infos) > MOST_OPENED:
            raise Refusal(40004, "isv.parameter-invalid", "一次最多解密50条")
        self._desk.count_openings(len(infos))
        return {
            "decrypt_infos": [self._opened(one) for one in infos],
            "custom_err": {"err_code": 0, "err_msg": ""},
        }

    def companies(self, _call: Call) -> JsonValue:
        """Answer all carriers."""
        return [{"id": number, "code": code, "name": name} for number, code, name in CARRIERS]

    def add(self, call: Call) -> JsonValue:
        """Ship a whole order; refused while a refund is asked for."""
        number, carrier = call.text("order_id"), call.text("company_code")
        waybill = call.text("logistics_code")
        rejects = str(call.params.get("is_reject_refund", "")).lower() == "true"

        def work() -> JsonValue:
            self._desk.ship(number, [(carrier, waybill, None)], rejects_refund=rejects)
            return {"pack_id": f"{number}{waybill}"}

        return self._desk.once(_request(call), work)

    def add_packs(self, call: Call) -> JsonValue:
        """Ship parts of an order in packs of their own; all of them or none."""
        number, packs = call.text("order_id"), call.objects("pack_list")
        parcels = [_pack(Call(MULTI, pack)) for pack in packs]

        def work() -> JsonValue:
            self._desk.ship(number, parcels)
            return {"pack_list": [{"pack_id": f"{number}{one}"} for _, one, _ in parcels]}

        return self._desk.once(_request(call), work)

    def remark(self, call: Call) -> JsonValue:
        """Write the merchant's remark, and a flag where it is asked for."""
        number, text = call.text("order_id"), call.text("remark")
        if len(text) > 60:
            raise Refusal(40004, "isv.parameter-invalid", "备注不能超过60字")
        has_star = call.params.get("is_add_star") == "true"
        stars = call.whole("star") if has_star else None
        if stars is not None and not 0 <= stars <= 5:
            raise Refusal(40004, "isv.parameter-invalid", "star不合法")
        self._desk.remark(number, text, stars=stars)
        return {}

    def sync_stock(self, call: Call) -> JsonValue:
        """Set the sellable units of an article, or move them by a difference, once per id."""
        code = call.params.get("code") or self._desk.code_of(call.whole("sku_id", default=0))
        is_difference = call.params.get("incremental") is True
        units = call.whole("stock_num")
        if not isinstance(code, str):
            raise failed("商品sku不存在")
        if is_difference:
            once = call.text("idempotent_id")
            if not self._desk.answers.insert(f"{STOCK}/{once}", "{}"):
                raise failed("idempotent_id重复")
        self._desk.show_stock(code, units, is_difference=is_difference)
        return {}

    def _told(self, order: DyOrder) -> dict[str, JsonValue]:
        own = self._desk.settings
        return {"shop_id": int(own.shop_id), "shop_name": own.name, **told_order(order)}

    def _opened(self, info: Mapping[str, JsonValue]) -> JsonValue:
        """Return what one ciphertext stands for, or why it is not told."""
        number, text = str(info.get("auth_id", "")), str(info.get("cipher_text", ""))
        order = self._desk.orders.get(number)
        told: dict[str, JsonValue] = {"auth_id": number, "cipher_text": text, "decrypt_text": ""}
        if order is None or order.status in {TO_PAY, CANCELLED}:
            return told | {"err_no": 300008, "err_msg": "订单不可解密"}
        for kind in (ADDRESS, NAME, PHONE):
            if text == sealed(order, kind):
                break
        else:
            return told | {"err_no": 300004, "err_msg": "密文与订单不匹配"}
        is_virtual = kind == PHONE and bool(order.extension)
        return told | {
            "decrypt_text": plain(order, kind),
            "err_no": 0,
            "err_msg": "",
            "data_type": kind,
            "is_virtual_tel": is_virtual,
            "phone_no_a": order.receiver.phone if is_virtual else "",
            "phone_no_b": order.extension if is_virtual else "",
        }


def _request(call: Call) -> str:
    """Return what makes two calls one; empty where the caller gave nothing."""
    told = call.params.get("request_id")
    return f"{call.operation}/{call.text('order_id')}/{told}" if told else ""


def _pack(call: Call) -> tuple[str, str, Mapping[str, int] | None]:
    units: dict[str, int] = {}
    for one in call.objects("shipped_order_info"):
        part = Call(MULTI, one)
        number = part.text("shipped_order_id")
        units[number] = units.get(number, 0) + part.whole("shipped_num")
    return call.text("company_code"), call.text("logistics_code"), units


def _statuses(call: Call) -> frozenset[int]:
    """Return the states that are asked for, none for all of them."""
    if not call.params.get("combine_status"):
        return frozenset()
    texts = (str(one.get("order_status", "")) for one in call.objects("combine_status"))
    found = [part.strip() for text in texts for part in text.split(",")]
    if any(not part.isdigit() for part in found):
        raise Refusal(40004, "isv.parameter-invalid", "order_status不合法")
    return frozenset(int(part) for part in found)


def _sorted(orders: Iterable[DyOrder], call: Call) -> list[DyOrder]:
    by_making = call.params.get("order_by", "create_time") == "create_time"
    descends = call.params.get("order_asc") is not True

    def key(order: DyOrder) -> tuple[int, str]:
        moment = order.created_at if by_making else order.changed_at
        return seconds(moment), order.number

    return sorted(orders, key=key, reverse=descends)
