"""Talks to Douyin Shop's open platform for one shop."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from yinuo.connectors.douyin import answers
from yinuo.connectors.douyin.envelope import (
    AllShipped,
    TokenRefused,
    UnknownCarrier,
    WrongShop,
    is_absent,
    of_allowance,
    unwrapped,
)
from yinuo.connectors.douyin.mapping import read_order
from yinuo.connectors.douyin.paging import Place
from yinuo.connectors.douyin.parcels import parcels
from yinuo.connectors.douyin.pushes import read_push
from yinuo.connectors.douyin.settings import DouyinSettings
from yinuo.connectors.douyin.signing import VERSION, param_json, sign_call
from yinuo.connectors.douyin.tokens import Pair, Tokens
from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.protocols import (
    ChannelOrder,
    Health,
    OrderPage,
    PushedChange,
    Receiver,
    Rejected,
    SealedReceiver,
    ShipNotice,
    StockFigures,
)
from yinuo.core import clock
from yinuo.core.errors import JsonValue

T = TypeVar("T")

LIST = Operation(name="order.searchList", is_repeatable=True)
FIND = Operation(name="order.orderDetail", is_repeatable=True)
SHIP = Operation(name="order.logisticsAdd", is_repeatable=True)
PACK = Operation(name="order.logisticsAddMultiPack", is_repeatable=True)
CARRIERS = Operation(name="order.logisticsCompanyList", is_repeatable=True)
STOCK = Operation(name="sku.syncStock", is_repeatable=True)
# Not repeated by itself, though it could be: each opening counts.
OPEN = Operation(name="order.batchDecrypt", is_repeatable=False)
# A code and a refresh token are good for one exchange only.
CREATE = Operation(name="token.create", is_repeatable=False)
RENEW = Operation(name="token.refresh", is_repeatable=False)

# What Douyin calls carriers that everybody else calls by these letters.
KNOWN: Mapping[str, str] = {
    "SF": "SHUNFENG",
    "YTO": "YUANTONG",
    "ZTO": "ZHONGTONG",
    "STO": "SHENTONG",
    "JTSD": "JTEXPRESS",
}


class DouyinConnector:
    """One shop on Douyin; safe to share between threads."""

    def __init__(self, settings: DouyinSettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        refresh = settings.refresh_token
        self._secret = settings.app_secret.get_secret_value()
        self._tokens = Tokens("" if refresh is None else refresh.get_secret_value(), self._renewed)
        self._carriers: Mapping[str, str] = {}
        self._shown: dict[str, int] = {}

    def pull_orders(
        self, since: datetime, until: datetime, *, cursor: str | None = None
    ) -> OrderPage:
        """Return orders changed in the window, oldest change first.

        The cursor moves the window's beginning to the last second that was read, so that an order
        which changes meanwhile, and leaves its page, hides no other; some orders come twice.
        """
        place = Place.of(cursor) or Place(math.floor(since.timestamp()), 0)
        orders = self._list(place, math.ceil(until.timestamp())).raw_orders()
        is_last = len(orders) < self.settings.page_size
        following = None if is_last else place.after(orders[-1].version).cursor
        return OrderPage(orders=orders, next_cursor=following)

    def find_order(self, number: str) -> bytes | None:
        """Return the order as Douyin holds it, or None when it knows no such number."""
        try:
            found = self._call(FIND, {"shop_order_id": number}, answers.Detail, reference=number)
        except TokenRefused:
            raise
        except Rejected as error:
            if is_absent(error):
                return None
            raise
        body = bytes(found.shop_order_detail)
        return None if body in {b"", b"null", b"{}"} else body

    def read_order(self, body: bytes) -> ChannelOrder:
        """Return the order in a body; raises BadOrder with all its problems."""
        return read_order(body)

    def read_push(self, headers: Mapping[str, str], body: bytes) -> tuple[PushedChange, ...]:
        """Return which orders changed; none for the check of the address.

        Raises BadSignature for what Douyin did not sign, Malformed for what cannot be read.
        """
        return read_push(
            headers,
            body,
            app_key=self.settings.app_key,
            secret=self._secret,
            shop_id=self.settings.shop_id,
            method=self.settings.push_sign_method,
        )

    def notify_shipment(self, notice: ShipNotice) -> None:
        """Tell Douyin of a parcel; the same waybill again changes nothing.

        A parcel with all lines ships the order, one with some of them is a pack of its own. A first
        parcel of other goods than the lines, such as a bundle's parts, ships the whole order.
        Raises UnknownCarrier, AllShipped; Rejected while a refund is asked for.
        """
        carrier = self._carrier(notice.carrier)
        with self.outside.alone(f"ship:{notice.number}"):
            told = parcels(self.find_order(notice.number) or b"{}")
            if notice.waybill in told.waybills:
                return
            share = told.share(notice.lines)
            sent: dict[str, JsonValue] = {
                "order_id": notice.number,
                "request_id": _request_id(notice),
            }
            parcel: dict[str, JsonValue] = {
                "company_code": carrier,
                "logistics_code": notice.waybill,
            }
            if not told.waybills and share in (None, {}, told.left):
                self._call(SHIP, sent | parcel, answers.Nothing, reference=notice.number)
                return
            if not share:
                raise AllShipped(
                    connector=self.outside.connector,
                    operation=PACK.name,
                    waybill=notice.waybill,
                    outside_code="shipped",
                    outside_message="",
                )
            packed: list[JsonValue] = [
                {"shipped_order_id": number, "shipped_num": units}
                for number, units in share.items()
            ]
            sent["pack_list"] = [parcel | {"shipped_order_info": packed}]
            self._call(PACK, sent, answers.Nothing, reference=notice.number)

    def push_stock(self, figures: StockFigures) -> int:
        """Return the version, once every figure of what the shop sells was taken.

        A code that the shop does not sell is shown nowhere and needs nothing. Douyin knows no
        versions: an older figure than this process has told of is left aside. When some are
        refused, the others are told all the same, and Rejected is raised for the first.
        """
        refused: Rejected | None = None
        with self.outside.alone("stock"):
            for line in figures.lines:
                if figures.version < self._shown.get(line.sku, 0):
                    continue
                try:
                    self._show(line.sku, line.quantity)
                except TokenRefused:
                    raise
                except Rejected as error:
                    refused = refused or error
                else:
                    self._shown[line.sku] = figures.version
        if refused is not None:
            raise refused
        return figures.version

    def unseal(self, number: str, sealed: SealedReceiver, masked: Receiver) -> Receiver:
        """Return the receiver in plain text; see `Unsealing`.

        A virtual number keeps its extension, as in `18400000000-7576`.
        """
        wanted = [text for text in (sealed.name, sealed.phone, sealed.detail) if text]
        if not wanted:
            return masked
        infos: list[JsonValue] = [{"auth_id": number, "cipher_text": text} for text in wanted]
        params: dict[str, JsonValue] = {"cipher_infos": infos}
        if self.settings.account_id:
            params["account_id"] = self.settings.account_id
            params["account_type"] = self.settings.account_type
        try:
            found = self._call(OPEN, params, answers.Opened, reference=number, sent=wanted)
        except TokenRefused:
            raise
        except Rejected as error:
            raise of_allowance(error) from None
        return found.receiver(sealed, masked)

    def check(self) -> Health:
        """Return how Douyin does, by asking for the orders of one past second."""
        at = clock.now() - timedelta(seconds=2)
        place = Place(math.floor(at.timestamp()), 0)
        return self.outside.healthy(lambda: self._list(place, place.start + 1))

    def _list(self, place: Place, until: int) -> answers.Found:
        params: dict[str, JsonValue] = {
            "update_time_start": place.start,
            "update_time_end": until,
            "order_by": "update_time",
            "order_asc": True,
            "page": place.page,
            "size": self.settings.page_size,
        }
        return self._call(LIST, params, answers.Found)

    def _show(self, sku: str, quantity: int) -> None:
        params: dict[str, JsonValue] = {"code": sku, "stock_num": quantity, "incremental": False}
        try:
            self._call(STOCK, params, answers.Nothing)
        except Rejected as error:
            if not is_absent(error):
                raise

    def _carrier(self, carrier: str) -> str:
        """Return Douyin's code of a carrier; raises UnknownCarrier."""
        wanted = carrier.strip().upper()
        own = self.settings.carriers.get(carrier) or self._carriers.get(KNOWN.get(wanted, wanted))
        if own is None:
            found = self._call(CARRIERS, {}, answers.Carriers)
            self._carriers = answers.carriers_by_code(found)
            own = self._carriers.get(KNOWN.get(wanted, wanted))
        if own is None:
            raise UnknownCarrier(
                connector=self.outside.connector,
                operation=SHIP.name,
                carrier=carrier,
                outside_code="company_code",
                outside_message=carrier,
            )
        return own

    def _renewed(self, refresh: str) -> Pair:
        """Return the next pair; the merchant's own app may always begin anew."""
        if not refresh:
            return self._created()
        params: dict[str, JsonValue] = {"grant_type": "refresh_token", "refresh_token": refresh}
        try:
            return self._authorised(RENEW, params, sent=refresh)
        except WrongShop:
            raise
        except Rejected as error:
            if self.settings.code is None and self.settings.refresh_token is None:
                return self._created()
            raise TokenRefused(**error.details) from None

    def _created(self) -> Pair:
        code = self.settings.code
        if code is None:
            own: dict[str, JsonValue] = {
                "code": "",
                "grant_type": "authorization_self",
                "shop_id": self.settings.shop_id,
            }
            return self._authorised(CREATE, own, sent="")
        text = code.get_secret_value()
        params: dict[str, JsonValue] = {"code": text, "grant_type": "authorization_code"}
        return self._authorised(CREATE, params, sent=text)

    def _authorised(
        self, operation: Operation, params: Mapping[str, JsonValue], *, sent: str
    ) -> Pair:
        """Return a pair of tokens; raises WrongShop for one of another shop."""
        found = self._exchange(operation, params, answers.Authorised, token="", sent=(sent,))
        if found.shop_id and str(found.shop_id) != self.settings.shop_id:
            raise WrongShop(
                connector=self.outside.connector,
                operation=operation.name,
                shop_id=self.settings.shop_id,
                outside_code="shop_id",
                outside_message="",
            )
        return found.pair()

    def _call(
        self,
        operation: Operation,
        params: Mapping[str, JsonValue],
        of: type[T],
        *,
        reference: str | None = None,
        sent: Sequence[str] = (),
    ) -> T:
        """Return the answer; a token that has ended is renewed, and the call made once more."""
        token = self._tokens.access()
        try:
            return self._exchange(
                operation, params, of, token=token, reference=reference, sent=sent
            )
        except TokenRefused:
            token = self._tokens.instead_of(token)
        return self._exchange(operation, params, of, token=token, reference=reference, sent=sent)

    def _exchange(
        self,
        operation: Operation,
        params: Mapping[str, JsonValue],
        of: type[T],
        *,
        token: str,
        reference: str | None = None,
        sent: Sequence[str] = (),
    ) -> T:
        body = param_json(params)
        path = operation.name.replace(".", "/")

        def build() -> Request:
            query = self._signed(operation, body, token=token)
            return Request(
                method="POST",
                url=f"{self.settings.address.rstrip('/')}/{path}?{urlencode(query)}",
                headers={"content-type": "application/json"},
                body=body.encode(),
            )

        def understand(answer: Answer) -> T:
            if answer.status >= 400:
                raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
            return unwrapped(answer.body, of, sent=(token, self._secret, *sent))

        return self.outside.call(operation, build, understand, reference=reference)

    def _signed(self, operation: Operation, body: str, *, token: str) -> dict[str, str]:
        """Return the query of a call, without a token where there is none yet."""
        timestamp = str(int(clock.now().timestamp()))
        query = {
            "app_key": self.settings.app_key,
            "method": operation.name,
            "timestamp": timestamp,
            "v": VERSION,
            "sign_method": "hmac-sha256",
            "sign": sign_call(
                operation.name,
                body,
                timestamp=timestamp,
                app_key=self.settings.app_key,
                secret=self._secret,
            ),
        }
        return query | {"access_token": token} if token else query


def _request_id(notice: ShipNotice) -> str:
    """Return what makes telling of a parcel twice the same as once."""
    text = f"{notice.number}/{notice.carrier}/{notice.waybill}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
