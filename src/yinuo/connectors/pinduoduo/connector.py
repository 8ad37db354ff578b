"""Talks to Pinduoduo's open platform for one shop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.pinduoduo import answers
from yinuo.connectors.pinduoduo.envelope import (
    BUSINESS,
    TokenRefused,
    UnknownCarrier,
    WrongMall,
    of_allowance,
    unwrapped,
)
from yinuo.connectors.pinduoduo.goods import Article, Kept
from yinuo.connectors.pinduoduo.mapping import read_order
from yinuo.connectors.pinduoduo.paging import Place
from yinuo.connectors.pinduoduo.settings import PinduoduoSettings
from yinuo.connectors.pinduoduo.signing import sign
from yinuo.connectors.pinduoduo.tokens import Pair, Tokens
from yinuo.connectors.protocols import (
    ChannelOrder,
    Health,
    OrderPage,
    Receiver,
    Rejected,
    SealedReceiver,
    ShipNotice,
    StockFigures,
)
from yinuo.core import clock

T = TypeVar("T")

# Each name is the method's without its `pdd.`.
LIST = Operation(name="order.number.list.increment.get", is_repeatable=True)
FIND = Operation(name="order.information.get", is_repeatable=True)
SHIP = Operation(name="logistics.online.send", is_repeatable=True)
EXTRA = Operation(name="order.upload.extra.logistics", is_repeatable=True)
CARRIERS = Operation(name="logistics.companies.get", is_repeatable=True)
GOODS = Operation(name="goods.list.get", is_repeatable=True)
STOCK = Operation(name="goods.quantity.update", is_repeatable=True)
# Not repeated by itself, though it could be: each opening counts.
OPEN = Operation(name="open.decrypt.batch", is_repeatable=False)
RENEW = Operation(name="pop.auth.token.refresh", is_repeatable=False)

GOODS_PAGE = 100
SPLIT = "1"  # a further package because an order was split
FULL = "1"  # a figure in place of the old one, not a difference
LAG = timedelta(minutes=4)


class PinduoduoConnector:
    """One shop on Pinduoduo; safe to share between threads."""

    def __init__(self, settings: PinduoduoSettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        refresh = settings.refresh_token
        pair = Pair(
            access=settings.access_token.get_secret_value(),
            refresh="" if refresh is None else refresh.get_secret_value(),
        )
        self._tokens = Tokens(pair, self._renewed)
        self._carriers = Kept(self._read_carriers)
        self._goods = Kept(self._read_goods)
        self._shown: dict[str, int] = {}

    def pull_orders(
        self, since: datetime, until: datetime, *, cursor: str | None = None
    ) -> OrderPage:
        """Return orders changed in the window, which is 30 minutes at most, the last page first.

        The cursor is the page still to read, down to the first, and the total it was chosen by.
        """
        size = self.settings.page_size
        place = Place.of(cursor)
        if place is None:
            first = self._list(since, until, page=1)
            place = Place.last(first.total_count, size=size)
            if place.page <= 1:
                return OrderPage(orders=first.raw_orders(), next_cursor=None)
        found = self._list(since, until, page=place.page)
        following = place.after(found.total_count, size=size)
        return OrderPage(orders=found.raw_orders(), next_cursor=following.cursor)

    def find_order(self, number: str) -> bytes | None:
        """Return the order as Pinduoduo holds it, or None when it knows no such number.

        Only orders of the last three months can be found.
        """
        try:
            found = self._call(FIND, {"order_sn": number}, answers.Info, reference=number)
        except Rejected as error:
            is_business = error.details.get("outside_code") in BUSINESS
            if is_business and "不存在" in str(error.details.get("outside_message")):
                return None
            raise
        body = bytes(found.order_info)
        return None if body in {b"", b"null"} else body

    def read_order(self, body: bytes) -> ChannelOrder:
        """Return the order in a body; raises BadOrder with all its problems."""
        return read_order(body)

    def notify_shipment(self, notice: ShipNotice) -> None:
        """Tell Pinduoduo of a parcel; the same waybill again changes nothing.

        The first parcel ships the order, each further one is told as an extra. Raises
        UnknownCarrier; Rejected under review and while a refund is asked for.
        """
        carrier = self._carrier(notice.carrier)
        with self.outside.alone(f"ship:{notice.number}"):
            params = {
                "order_sn": notice.number,
                "logistics_id": carrier,
                "tracking_number": notice.waybill,
            }
            try:
                done = self._call(SHIP, params, answers.Done, reference=notice.number)
                done.check()
            except TokenRefused:
                raise
            except Rejected:
                body = self.find_order(notice.number)
                shipped = answers.shipped(body)
                if notice.waybill in shipped.waybills:
                    return
                if not shipped.has_left:
                    raise
                self._add_parcel(notice, carrier, known=shipped.extra)

    def push_stock(self, figures: StockFigures) -> int:
        """Return the version, once every figure of what the shop sells was taken.

        A code that the shop does not sell is shown nowhere and needs nothing. Pinduoduo knows no
        versions: an older figure than this process has told of is left aside. When some are
        refused, the others are told all the same, and Rejected is raised for the first.
        """
        refused: Rejected | None = None
        with self.outside.alone("stock"):
            for line in figures.lines:
                if figures.version < self._shown.get(line.sku, 0):
                    continue
                try:
                    for article in self._goods.get(line.sku) or ():
                        self._show(article, line.quantity)
                except TokenRefused:
                    raise
                except Rejected as error:
                    self._goods.forget()
                    refused = refused or error
                else:
                    self._shown[line.sku] = figures.version
        if refused is not None:
            raise refused
        return figures.version

    def unseal(self, number: str, sealed: SealedReceiver, masked: Receiver) -> Receiver:
        """Return the receiver in plain text; see `Unsealing`. A virtual number gets its extension.

        A virtual number `$18400000000$#1234#` is given as `18400000000-1234`.
        """
        wanted = [text for text in (sealed.name, sealed.phone, sealed.detail) if text]
        if not wanted:
            return masked
        asked = [{"data_tag": number, "encrypted_data": text} for text in wanted]
        try:
            found = self._call(
                OPEN, {"data_list": _text(asked)}, answers.Opened, reference=number, sent=wanted
            )
        except TokenRefused:
            raise
        except Rejected as error:
            raise of_allowance(error) from None
        return found.receiver(sealed, masked)

    def check(self) -> Health:
        """Return how Pinduoduo does, by asking for the orders of one past second."""
        at = clock.now() - LAG
        return self.outside.healthy(lambda: self._list(at, at + timedelta(seconds=1), page=1))

    def _list(self, since: datetime, until: datetime, *, page: int) -> answers.Increment:
        params = {
            "start_updated_at": str(math.floor(since.timestamp())),
            "end_updated_at": str(math.ceil(until.timestamp())),
            "order_status": "5",
            "refund_status": "5",
            "is_lucky_flag": "0",
            "page": str(page),
            "page_size": str(self.settings.page_size),
        }
        return self._call(LIST, params, answers.Increment)

    def _add_parcel(
        self, notice: ShipNotice, carrier: str, *, known: Sequence[answers.Parcel]
    ) -> None:
        """Tell of one more parcel beside the extra ones that Pinduoduo knows."""
        tracks = [
            {"shipping_id": one.logistics_id, "tracking_number": one.tracking_number}
            for one in known
        ]
        tracks.append({"shipping_id": int(carrier), "tracking_number": notice.waybill})
        params = {
            "order_sn": notice.number,
            "extra_track_type": SPLIT,
            "extra_track_list": _text(tracks),
        }
        self._call(EXTRA, params, answers.Done, reference=notice.number).check()

    def _show(self, article: Article, quantity: int) -> None:
        params = {
            "goods_id": str(article.goods_id),
            "sku_id": str(article.sku_id),
            "quantity": str(quantity),
            "update_type": FULL,
        }
        self._call(STOCK, params, answers.Done).check()

    def _carrier(self, carrier: str) -> str:
        """Return Pinduoduo's number of a carrier; raises UnknownCarrier."""
        own = self.settings.carriers.get(carrier) or self._carriers.get(carrier.strip().upper())
        if own is None:
            raise UnknownCarrier(
                connector=self.outside.connector,
                operation=SHIP.name,
                carrier=carrier,
                outside_code="logistics_id",
                outside_message=carrier,
            )
        return str(own)

    def _read_carriers(self) -> Mapping[str, int]:
        return self._call(CARRIERS, {}, answers.Carriers).by_code()

    def _read_goods(self) -> Mapping[str, Sequence[Article]]:
        found: dict[str, list[Article]] = {}
        page, left = 1, 1
        while left > 0:
            params = {"page": str(page), "page_size": str(GOODS_PAGE)}
            goods = self._call(GOODS, params, answers.GoodsPage)
            for code, article in goods.articles():
                found.setdefault(code, []).append(article)
            left = goods.total_count - page * GOODS_PAGE if goods.goods_list else 0
            page += 1
        return found

    def _renewed(self, refresh: str) -> Pair:
        """Return the next pair; raises WrongMall for one of another shop."""
        params = {"refresh_token": refresh}
        found = self._exchange(RENEW, params, answers.Renewed, token="", sent=(refresh,))
        if found.owner_id and found.owner_id != self.settings.mall_id:
            raise WrongMall(
                connector=self.outside.connector,
                operation=RENEW.name,
                mall_id=self.settings.mall_id,
                outside_code="owner_id",
                outside_message="",
            )
        return Pair(access=found.access_token, refresh=found.refresh_token or refresh)

    def _call(
        self,
        operation: Operation,
        params: Mapping[str, str],
        of: type[T],
        *,
        reference: str | None = None,
        sent: Sequence[str] = (),
    ) -> T:
        """Return the answer; a token that has ended is renewed, and the call made once more."""
        token = self._tokens.access
        try:
            return self._exchange(
                operation, params, of, token=token, reference=reference, sent=sent
            )
        except TokenRefused:
            if not self._tokens.can_renew:
                raise
        token = self._tokens.instead_of(token)
        return self._exchange(operation, params, of, token=token, reference=reference, sent=sent)

    def _exchange(
        self,
        operation: Operation,
        params: Mapping[str, str],
        of: type[T],
        *,
        token: str,
        reference: str | None = None,
        sent: Sequence[str] = (),
    ) -> T:
        hidden = (token, self.settings.client_secret.get_secret_value(), *sent)

        def build() -> Request:
            return Request(
                method="POST",
                url=self.settings.address,
                headers={"content-type": "application/x-www-form-urlencoded"},
                body=urlencode(self._signed(operation, params, token=token)).encode(),
            )

        def understand(answer: Answer) -> T:
            if answer.status >= 400:
                raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
            return unwrapped(answer.body, of, sent=hidden)

        return self.outside.call(operation, build, understand, reference=reference)

    def _signed(
        self, operation: Operation, params: Mapping[str, str], *, token: str
    ) -> dict[str, str]:
        """Return all parameters of a call; what is empty is not sent, and so not signed."""
        every = {
            "type": f"pdd.{operation.name}",
            "client_id": self.settings.client_id,
            "access_token": token,
            "timestamp": str(int(clock.now().timestamp())),
            "data_type": "JSON",
            "version": "V1",
            **params,
        }
        filled = {name: value for name, value in every.items() if value}
        return {**filled, "sign": sign(filled, self.settings.client_secret.get_secret_value())}


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
