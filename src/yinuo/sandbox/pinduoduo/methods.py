"""The methods of the platform that a hub uses, behind one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.pinduoduo.desk import Desk
from yinuo.sandbox.pinduoduo.gate import RENEW, Call, Gate, Refusal
from yinuo.sandbox.pinduoduo.model import (
    CARRIERS,
    DETAIL,
    NAME,
    PHONE,
    WHOLE_ADDRESS,
    Parcel,
    PddOrder,
    plain,
    sealed,
    told_order,
)
from yinuo.sandbox.settings import PinduoduoSettings

T = TypeVar("T")
LIST = "order.number.list.increment.get"
INFO = "order.information.get"
SEND = "logistics.online.send"
EXTRA = "order.upload.extra.logistics"
COMPANIES = "logistics.companies.get"
GOODS = "goods.list.get"
STOCK = "goods.quantity.update"
DECRYPT = "open.decrypt.batch"
OPERATIONS = (LIST, INFO, SEND, EXTRA, COMPANIES, GOODS, STOCK, DECRYPT, RENEW)
LONGEST_WINDOW = 30 * 60
LARGEST_PAGE = 100
ALL = 5


def quotas(settings: PinduoduoSettings) -> dict[str, tuple[int, int]]:
    """Return how many calls of each method are taken in how many seconds."""
    return {
        LIST: (settings.lists_a_minute, 60),
        INFO: (30_000, 60),
        SEND: (30_000, 10),
        DECRYPT: (10_050, 10),
    }


class _Track(msgspec.Struct, frozen=True):
    shipping_id: int
    tracking_number: str


class _Sealed(msgspec.Struct, frozen=True):
    data_tag: str
    encrypted_data: str


class Methods:
    """One handler a method; each returns the name of its answer and what stands in it."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self._desk = desk
        self._gate = gate

    def handlers(self) -> Mapping[str, Callable[[Call], tuple[str, JsonValue]]]:
        """Return the handlers by method, without its `pdd.`."""
        return {
            LIST: self.increment,
            INFO: self.information,
            SEND: self.send,
            EXTRA: self.extra,
            COMPANIES: self.companies,
            GOODS: self.goods,
            STOCK: self.quantity,
            DECRYPT: self.decrypt,
            RENEW: self.renew,
        }

    def increment(self, call: Call) -> tuple[str, JsonValue]:
        """Answer a page of the orders changed in a window, oldest change first."""
        since, until = call.whole("start_updated_at"), call.whole("end_updated_at")
        page, size = _page(call)
        if until < since or until - since > LONGEST_WINDOW:
            raise Refusal(50001, "查询时间间隔不能超过30分钟")
        if call.whole("is_lucky_flag") not in {0, 1, 2}:
            raise Refusal(10001, "参数is_lucky_flag格式错误")
        status, refund = call.whole("order_status"), call.whole("refund_status")
        found = [
            entry.number
            for entry in self._desk.ledger.changed(since, until, now=clock.now().timestamp())
            if status in {ALL, entry.order_status} and refund in {ALL, entry.refund_status}
        ]
        if call.whole("is_lucky_flag") == 2:
            found = []
        shown = found[(page - 1) * size : page * size]
        orders: list[JsonValue] = [told_order(self._desk.ledger.get(number)) for number in shown]
        if call.params.get("use_has_next") == "true":
            return "order_sn_increment_get", {
                "order_sn_list": orders,
                "has_next": len(found) > page * size,
            }
        return "order_sn_increment_get", {"order_sn_list": orders, "total_count": len(found)}

    def information(self, call: Call) -> tuple[str, JsonValue]:
        """Answer one order."""
        order = self._desk.found(call.text("order_sn"))
        return "order_info_get", {"order_info": told_order(order)}

    def send(self, call: Call) -> tuple[str, JsonValue]:
        """Take the parcel that ships an order, or another one in its place."""
        number = call.text("order_sn")
        self._desk.found(number)
        parcel = Parcel(call.whole("logistics_id"), call.text("tracking_number"))
        is_change = call.whole("redelivery_type", default=1) == 2
        self._desk.ship(number, parcel, is_change=is_change)
        return "logistics_online_send", {"is_success": True}

    def extra(self, call: Call) -> tuple[str, JsonValue]:
        """Take further parcels of a shipped order."""
        number = call.text("order_sn")
        if call.whole("extra_track_type", default=1) not in {1, 2, 3}:
            raise Refusal(10001, "参数extra_track_type格式错误")
        tracks = _list(call, "extra_track_list", _Track)
        self._desk.found(number)
        parcels = [Parcel(one.shipping_id, one.tracking_number) for one in tracks]
        self._desk.add_parcels(number, parcels)
        return "upload_extra_logistics", {"is_success": True}

    def companies(self, _call: Call) -> tuple[str, JsonValue]:
        """Answer all carriers."""
        found: list[JsonValue] = [
            {"id": number, "code": code, "logistics_company": name, "available": 1}
            for number, code, name in CARRIERS
        ]
        return "logistics_companies_get", {"logistics_companies": found}

    def goods(self, call: Call) -> tuple[str, JsonValue]:
        """Answer a page of what is sold."""
        page, size = _page(call)
        wanted = call.params.get("outer_id")
        every = [
            one for one in self._desk.articles().values() if wanted in {None, "", one.outer_id}
        ]
        shown: list[JsonValue] = [
            {
                "goods_id": one.goods_id,
                "goods_name": one.name,
                "is_onsale": 1,
                "is_more_sku": 0,
                "goods_quantity": self._desk.stock.get(str(one.sku_id), 0),
                "sku_list": [
                    {
                        "sku_id": one.sku_id,
                        "outer_id": one.outer_id,
                        "spec": "默认",
                        "is_sku_onsale": 1,
                        "sku_quantity": self._desk.stock.get(str(one.sku_id), 0),
                    }
                ],
            }
            for one in every[(page - 1) * size : page * size]
        ]
        return "goods_list_get", {"goods_list": shown, "total_count": len(every)}

    def quantity(self, call: Call) -> tuple[str, JsonValue]:
        """Take a figure of sellable units, or a difference."""
        goods_id = call.whole("goods_id")
        sku_id, outer_id = call.params.get("sku_id"), call.params.get("outer_id")
        if not sku_id and not outer_id:
            raise Refusal(10001, "sku_id和outer_id必填一个")
        found = [
            one
            for one in self._desk.articles().values()
            if one.goods_id == goods_id
            and (str(one.sku_id) == sku_id if sku_id else one.outer_id == outer_id)
        ]
        if not found:
            raise Refusal(50002, "商品不存在")
        kind = call.whole("update_type", default=1)
        if kind not in {1, 2}:
            raise Refusal(10001, "参数update_type格式错误")
        units = call.whole("quantity")
        self._desk.show_stock(found[0].sku_id, units, is_difference=kind == 2)
        return "goods_quantity_update", {"is_success": True}

    def decrypt(self, call: Call) -> tuple[str, JsonValue]:
        """Open ciphertexts of orders that are to be shipped; each counts against the day."""
        asked = _list(call, "data_list", _Sealed)
        if not 1 <= len(asked) <= LARGEST_PAGE:
            raise Refusal(10001, "data_list长度应为1到100")
        self._desk.count_openings(len(asked))
        return "open_decrypt_batch", {"data_decrypt_list": [self._opened(one) for one in asked]}

    def renew(self, call: Call) -> tuple[str, JsonValue]:
        """Answer tokens that are good."""
        tokens = self._gate.renew(call)
        now = clock.now().timestamp()
        life = 365 * 86_400 if tokens.ends_at is None else int(tokens.ends_at - now)
        return "pop_auth_token_refresh", {
            "access_token": tokens.access,
            "expires_in": life,
            "expires_at": int(now) + life,
            "refresh_token": tokens.refresh,
            "owner_id": self._desk.settings.mall_id,
            "owner_name": self._desk.settings.name,
            "scope": [f"pdd.{name}" for name in OPERATIONS],
        }

    def _opened(self, asked: _Sealed) -> dict[str, JsonValue]:
        order = self._desk.orders.get(asked.data_tag)
        kind = None if order is None else _kind(order, asked.encrypted_data)
        answer: dict[str, JsonValue] = {
            "data_tag": asked.data_tag,
            "encrypted_data": asked.encrypted_data,
            "data_type": kind or 0,
            "decrypted_data": "",
            "error_code": 0,
            "error_msg": "",
            "virtual_number_type": 0,
            "virtual_identify_number": "",
        }
        if order is None or kind is None:
            return answer | {"error_code": 50001, "error_msg": "密文与订单不匹配"}
        if not order.is_shown:
            return answer | {"error_code": 50001, "error_msg": "订单状态不支持解密"}
        answer["decrypted_data"] = plain(order, kind)
        if kind == PHONE and order.extension:
            answer |= {
                "virtual_number_type": 1,
                "virtual_identify_number": order.extension,
            }
        return answer


def _kind(order: PddOrder, ciphertext: str) -> int | None:
    kinds = (NAME, PHONE, WHOLE_ADDRESS, DETAIL)
    return next((kind for kind in kinds if sealed(order, kind) == ciphertext), None)


def _page(call: Call) -> tuple[int, int]:
    page, size = call.whole("page", default=1), call.whole("page_size", default=LARGEST_PAGE)
    if page < 1 or not 1 <= size <= LARGEST_PAGE:
        raise Refusal(50001, "page从1开始，page_size最大100")
    return page, size


def _list(call: Call, name: str, of: type[T]) -> Sequence[T]:
    try:
        return msgspec.json.decode(call.text(name), type=list[of])  # type: ignore[valid-type]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal(10001, f"参数{name}格式错误") from None
