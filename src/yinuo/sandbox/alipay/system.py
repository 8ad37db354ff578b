"""The gateway's methods and the buyer's phone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.money import BadAmount, yuan_to_fen
from yinuo.sandbox import bills as daily
from yinuo.sandbox.alipay import bills
from yinuo.sandbox.alipay.gate import Call, Gate, Keys, Made, Refusal, fields_of, load_keys, parsed
from yinuo.sandbox.alipay.model import (
    SCHEDULE,
    BillRequest,
    CreateRequest,
    Refund,
    RefundQuery,
    RefundRequest,
    Trade,
    TradeRequest,
    moment_of,
    shown_refund,
    shown_trade,
    told_trade,
    vendor_time,
    yuan,
)
from yinuo.sandbox.alipay.notices import ANSWER_WITHIN, NoticeWriter, content_of, is_accepted
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.faults import FaultKind, first
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.outbound import Post
from yinuo.sandbox.wechat_pay import crypto

NAME = "alipay"
PREFIX = "/alipay"
GOOD_FOR = 30.0  # seconds in which a bill can be fetched
_NUMBER = re.compile(r"[0-9A-Za-z_\-]{1,64}")
_ADDRESS = re.compile(r"https?://[^?#\s]{1,240}")
_OPERATIONS = {
    "alipay.trade.create": "trade/create",
    "alipay.trade.query": "trade/query",
    "alipay.trade.close": "trade/close",
    "alipay.trade.refund": "refund/create",
    "alipay.trade.fastpay.refund.query": "refund/query",
    "alipay.data.dataservice.bill.downloadurl.query": "bill/address",
}


class BuyerPress(msgspec.Struct, frozen=True):
    """The buyer presses "pay"; `amount` pays another sum, `is_silent` sends no notification."""

    trade_no: str | None = None
    out_trade_no: str | None = None
    amount: int | None = None
    coupon: int = 0
    is_silent: bool = False


class Alipay:
    """One app of one merchant at Alipay."""

    name = NAME
    label = "支付宝"
    operations: Sequence[str] = (
        *_OPERATIONS.values(),
        "bill/file",
        "bill/content",
        "bill/line",
        "buyer/pay",
        "notify/TRADE_SUCCESS",
        "notify/TRADE_FINISHED",
        "notify/TRADE_CLOSED",
        "notify/REFUND",
    )

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.settings = kernel.settings.alipay
        self.keys: Keys = load_keys(kernel)
        self._gate = Gate(self.settings, self.keys)
        self._trades = kernel.state.collection(NAME, "trades", Trade)
        self._numbers = kernel.state.collection(NAME, "numbers", str)
        self._refunds = kernel.state.collection(NAME, "refunds", Refund)
        self._files = daily.Files(kernel, NAME, seconds=GOOD_FOR)
        post = Post(
            build=NoticeWriter(self.keys).write,
            accepted=is_accepted,
            schedule=SCHEDULE,
            answer_within=ANSWER_WITHIN,
        )
        for operation in self.operations:
            if operation.startswith("notify/"):
                kernel.outbound.register(NAME, operation, post)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the gateway, where bills lie, and what only a sandbox has."""
        kit = self._kernel.kit(NAME, failure=self._gate.failure)
        gateway = self._gate.guarded(
            {
                "alipay.trade.create": self.create,
                "alipay.trade.query": self.query,
                "alipay.trade.close": self.close,
                "alipay.trade.refund": self.refund,
                "alipay.trade.fastpay.refund.query": self.query_refund,
                "alipay.data.dataservice.bill.downloadurl.query": self.bill_address,
            }
        )
        get = ("GET",)
        return [
            route(kit, f"{PREFIX}/gateway.do", _operation, gateway, methods=("GET", "POST")),
            route(kit, f"{PREFIX}/bill", "bill/file", self._files.answer, methods=get),
            route(kit, f"{PREFIX}/buyer/pay", "buyer/pay", self.press_pay),
            route(kit, f"{PREFIX}/trades/{{number}}/finish", "trade/finish", self.finish),
            route(kit, f"{PREFIX}/public-key", "public-key", self.public_key, methods=get),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return counts and the last payments and refunds, without who paid."""
        trades: dict[str, JsonValue] = {
            one.key: {
                "status": one.value.status,
                "total": one.value.total,
                "paid": one.value.paid,
                "refunded": one.value.refunded,
                "trade_no": one.value.trade_no,
            }
            for one in self._trades.newest(50)
        }
        refunds: dict[str, JsonValue] = {
            one.key: {"amount": one.value.amount, "refunded_at": one.value.refunded_at}
            for one in self._refunds.newest(50)
        }
        return {
            "payment_count": self._trades.count(),
            "refund_count": self._refunds.count(),
            "payments": trades,
            "refunds": refunds,
        }

    def public_key(self, _incoming: Incoming) -> Answer:
        """Answer Alipay's public key, which a merchant copies from its back office."""
        return json_answer({"alipay_public_key": crypto.public_pem(self.keys.alipay)})

    def create(self, call: Call) -> Made:
        """Take a payment that a buyer is to make; the same again gives the same number."""
        asked = parsed(call.content, CreateRequest)
        total = _fen(asked.total_amount)
        buyer = asked.buyer_id or asked.buyer_open_id
        if not (_NUMBER.fullmatch(asked.out_trade_no) and asked.subject and buyer) or total < 1:
            raise Refusal("ACQ.INVALID_PARAMETER")
        if not _ADDRESS.fullmatch(call.notify_url):
            raise Refusal("ACQ.INVALID_PARAMETER")
        moment = clock.now()

        def change(old: Trade | None) -> Trade:
            if old is None:
                return Trade(
                    out_trade_no=asked.out_trade_no,
                    trade_no=f"{moment:%Y%m%d}22001400{secrets.randbelow(10**12):012d}",
                    subject=asked.subject[:256],
                    notify_url=call.notify_url,
                    buyer_id=buyer,
                    total=total,
                    created_at=vendor_time(moment),
                )
            if old.status == "TRADE_CLOSED":
                raise Refusal("ACQ.TRADE_HAS_CLOSE")
            if old.status != "WAIT_BUYER_PAY":
                raise Refusal("ACQ.TRADE_HAS_SUCCESS")
            if (old.total, old.buyer_id) != (total, buyer):
                raise Refusal("ACQ.CONTEXT_INCONSISTENT")
            return old

        with self._kernel.state.transaction() as session:
            trade = self._trades.update(asked.out_trade_no, change, session=session)
            self._numbers.insert(trade.trade_no, trade.out_trade_no, session=session)
        return Made(
            {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}, trade.out_trade_no
        )

    def query(self, call: Call) -> Made:
        """Show a payment."""
        trade = self._found(parsed(call.content, TradeRequest))
        return Made(shown_trade(trade), trade.out_trade_no)

    def close(self, call: Call) -> Made:
        """Close an unpaid payment; one that is closed already is refused, as the vendor does."""
        number = self._found(parsed(call.content, TradeRequest)).out_trade_no

        def change(old: Trade | None) -> Trade:
            if old is None:
                raise Refusal("ACQ.TRADE_NOT_EXIST")
            if old.status != "WAIT_BUYER_PAY":
                raise Refusal("ACQ.TRADE_STATUS_ERROR")
            return msgspec.structs.replace(
                old, status="TRADE_CLOSED", closed_at=vendor_time(clock.now())
            )

        trade = self._trades.update(number, change)
        self._tell(trade, None, operation="notify/TRADE_CLOSED")
        return Made({"out_trade_no": number, "trade_no": trade.trade_no}, number)

    def refund(self, call: Call) -> Made:
        """Give money back; the same number again gives nothing more (`fund_change` says so)."""
        asked = parsed(call.content, RefundRequest)
        trade = self._found(TradeRequest(asked.out_trade_no, asked.trade_no))
        amount = _fen(asked.refund_amount)
        number = asked.out_request_no or trade.out_trade_no
        if amount < 1 or not _NUMBER.fullmatch(number):
            raise Refusal("ACQ.INVALID_PARAMETER")
        key, moment = f"{trade.out_trade_no}/{number}", vendor_time(clock.now())

        def change(old: Trade | None) -> Trade:
            if old is None or old.status != "TRADE_SUCCESS":
                raise Refusal("ACQ.TRADE_STATUS_ERROR")
            if old.refunded + amount > old.paid:
                raise Refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            refunded = old.refunded + amount
            if refunded < old.paid:
                return msgspec.structs.replace(old, refunded=refunded)
            return msgspec.structs.replace(
                old, refunded=refunded, status="TRADE_CLOSED", closed_at=moment
            )

        with self._kernel.state.transaction(f"refund/{trade.out_trade_no}") as session:
            known = self._refunds.get(key, session=session)
            if known is not None and known.amount != amount:
                raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST")
            if known is None:
                trade = self._trades.update(trade.out_trade_no, change, session=session)
                fresh = Refund(
                    out_request_no=number,
                    out_trade_no=trade.out_trade_no,
                    trade_no=trade.trade_no,
                    subject=trade.subject,
                    buyer_id=trade.buyer_id,
                    amount=amount,
                    total=trade.paid,
                    refunded_at=moment,
                )
                self._refunds.insert(key, fresh, session=session)
        if known is None:
            self._tell(trade, fresh, operation="notify/REFUND")
        shown: dict[str, JsonValue] = {
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "fund_change": "N" if known else "Y",
            "refund_fee": yuan(trade.refunded),
        }
        return Made(shown, trade.out_trade_no)

    def query_refund(self, call: Call) -> Made:
        """Show a refund; for an unknown number the vendor answers a success with nothing in it."""
        asked = parsed(call.content, RefundQuery)
        trade = self._found(TradeRequest(asked.out_trade_no, asked.trade_no))
        found = self._refunds.get(f"{trade.out_trade_no}/{asked.out_request_no}")
        shown = {} if found is None else shown_refund(found, options=asked.query_options)
        return Made(shown, asked.out_request_no)

    def bill_address(self, call: Call) -> Made:
        """Make the bill of a day and say where it lies."""
        asked = parsed(call.content, BillRequest)
        day = daily.day_of(asked.bill_date)
        if asked.bill_type != "trade" or day is None:
            raise Refusal("ACQ.INVALID_PARAMETER")
        entries = [
            *daily.of_day(self._trades, day, entry=_paid_entry),
            *daily.of_day(self._refunds, day, entry=_refund_entry),
        ]
        if not entries or not daily.is_made(self._kernel, day):
            raise Refusal("BILL_NOT_EXIST")
        lines = daily.struck(self._kernel, NAME, entries)
        content = bills.archive(lines, day=day, seller_id=self.settings.seller_id)
        if first(self._kernel.faults.draw(NAME, "bill/content"), FaultKind.ERROR):
            content = content[: len(content) // 2]
        token = urlencode({"token": self._files.put(content)})
        address = f"{self._kernel.settings.address}{PREFIX}/bill?{token}"
        return Made({"bill_download_url": address}, asked.bill_date)

    def press_pay(self, incoming: Incoming) -> Answer:
        """Pay as the buyer's phone would; a second press is refused and pays nothing."""
        try:
            press = parsed(incoming.body, BuyerPress)
            asked = TradeRequest(press.out_trade_no or "", press.trade_no or "")
            number = self._found(asked).out_trade_no
            trade = self._trades.update(number, lambda old: _paid(old, press))
        except Refusal as refusal:
            return _sorry(refusal)
        if not press.is_silent:
            self._tell(trade, None, operation="notify/TRADE_SUCCESS")
        shown = {"out_trade_no": number, "trade_no": trade.trade_no, "paid": trade.paid}
        return json_answer(shown, reference=number)

    def finish(self, incoming: Incoming) -> Answer:
        """Let a payment's time for refunds run out, as the vendor does after months."""

        def change(old: Trade | None) -> Trade:
            if old is None or old.status != "TRADE_SUCCESS":
                raise Refusal("ACQ.TRADE_STATUS_ERROR")
            return msgspec.structs.replace(old, status="TRADE_FINISHED")

        try:
            trade = self._trades.update(incoming.path["number"], change)
        except Refusal as refusal:
            return _sorry(refusal)
        self._tell(trade, None, operation="notify/TRADE_FINISHED")
        return json_answer({"status": trade.status}, reference=trade.out_trade_no)

    def _tell(self, trade: Trade, refund: Refund | None, *, operation: str) -> None:
        fields = told_trade(
            trade, refund, app_id=self.settings.app_id, seller_id=self.settings.seller_id
        )
        self._kernel.outbound.send(
            NAME,
            operation,
            address=trade.notify_url,
            content=content_of(fields),
            reference=trade.out_trade_no,
        )

    def _found(self, asked: TradeRequest) -> Trade:
        number = asked.out_trade_no or self._numbers.get(asked.trade_no) or ""
        found = self._trades.get(number)
        if found is None:
            raise Refusal("ACQ.TRADE_NOT_EXIST")
        return found


def _operation(incoming: Incoming) -> str:
    method = fields_of(incoming).get("method", "")
    return _OPERATIONS.get(method, "unknown")


def _sorry(refusal: Refusal) -> Answer:
    body = {"code": refusal.sub_code, "message": refusal.words}
    return json_answer(body, status=409, code=refusal.sub_code)


def _fen(text: str) -> int:
    try:
        return yuan_to_fen(text)
    except BadAmount:
        raise Refusal("ACQ.INVALID_PARAMETER") from None


def _paid(old: Trade | None, press: BuyerPress) -> Trade:
    if old is None:
        raise Refusal("ACQ.TRADE_NOT_EXIST")
    if old.status != "WAIT_BUYER_PAY":
        closed = old.status == "TRADE_CLOSED"
        raise Refusal("ACQ.TRADE_HAS_CLOSE" if closed else "ACQ.TRADE_HAS_SUCCESS")
    paid = old.total if press.amount is None else press.amount
    if paid < 1 or not 0 <= press.coupon <= paid:
        raise Refusal("ACQ.INVALID_PARAMETER")
    return msgspec.structs.replace(
        old,
        status="TRADE_SUCCESS",
        paid=paid,
        payer_paid=paid - press.coupon,
        paid_at=vendor_time(clock.now()),
    )


def _paid_entry(trade: Trade) -> daily.Entry | None:
    if not trade.paid_at:
        return None
    return daily.Entry(
        at=moment_of(trade.paid_at),
        payment_number=trade.out_trade_no,
        transaction_id=trade.trade_no,
        name=trade.subject,
        buyer="*(138****0001)",
        amount_fen=trade.paid,
    )


def _refund_entry(refund: Refund) -> daily.Entry:
    return daily.Entry(
        at=moment_of(refund.refunded_at),
        payment_number=refund.out_trade_no,
        transaction_id=refund.trade_no,
        name=refund.subject,
        buyer="*(138****0001)",
        amount_fen=refund.amount,
        number=refund.out_request_no,
    )
