"""The endpoints of the payment provider and the buyer's phone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import msgspec
from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.faults import FaultKind, first
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.outbound import Post
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.bill_desk import OPERATIONS, BillDesk
from yinuo.sandbox.wechat_pay.gate import PREFIX, Gate, Keys, Refusal, load_keys, parsed
from yinuo.sandbox.wechat_pay.model import (
    SCHEDULE,
    Fields,
    Payment,
    PrepayRequest,
    Refund,
    RefundRequest,
    refund_status,
    shown_payment,
    shown_refund,
    told_refund,
    vendor_time,
)
from yinuo.sandbox.wechat_pay.notices import ANSWER_WITHIN, NoticeWriter, is_accepted, notice

NAME = "wechat-pay"
REFUND_TAKES = 3.0  # vendor seconds from asking to settling
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
_ADDRESS = re.compile(r"https?://[^?#\s]{1,240}")


class BuyerPress(msgspec.Struct, frozen=True):
    """The buyer presses "pay"; `amount` pays another sum, `is_silent` sends no notification."""

    prepay_id: str | None = None
    out_trade_no: str | None = None
    amount: int | None = None
    coupon: int = 0
    is_silent: bool = False


class CloseRequest(msgspec.Struct, frozen=True):
    """The body of a close."""

    mchid: str


class WechatPay:
    """One merchant account at the payment provider."""

    name = NAME
    label = "微信支付"
    operations: Sequence[str] = (
        "pay/jsapi",
        "pay/query",
        "pay/close",
        "refund/create",
        "refund/query",
        "refund/settle",
        "buyer/pay",
        *OPERATIONS,
        "notify/TRANSACTION.SUCCESS",
        "notify/REFUND",
    )

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.settings = kernel.settings.wechat_pay
        self.keys: Keys = load_keys(kernel)
        self._gate = Gate(self.settings, self.keys)
        self._fields = Fields(appid=self.settings.appid, mchid=self.settings.mchid)
        self._payments = kernel.state.collection(NAME, "payments", Payment)
        self._prepays = kernel.state.collection(NAME, "prepays", str)
        self._transactions = kernel.state.collection(NAME, "transactions", str)
        self._refunds = kernel.state.collection(NAME, "refunds", Refund)
        self._bills = BillDesk(
            kernel, NAME, payments=self._payments, refunds=self._refunds, fields=self._fields
        )
        writer = NoticeWriter(self._gate, apiv3_key=self.settings.apiv3_key)
        post = Post(
            build=writer.write, accepted=is_accepted, schedule=SCHEDULE, answer_within=ANSWER_WITHIN
        )
        kernel.outbound.register(NAME, "notify/TRANSACTION.SUCCESS", post)
        kernel.outbound.register(NAME, "notify/REFUND", post)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the vendor's routes below the prefix, and the two that only a sandbox has."""
        kit = self._kernel.kit(NAME, failure=self._gate.failure)
        guard = self._gate.guarded
        pay = f"{PREFIX}/v3/pay/transactions"
        by_number = f"{pay}/out-trade-no/{{number}}"
        refunds = f"{PREFIX}/v3/refund/domestic/refunds"
        get = ("GET",)
        return [
            route(kit, f"{pay}/jsapi", "pay/jsapi", guard(self.prepay)),
            route(kit, by_number, "pay/query", guard(self.query), methods=get),
            route(kit, f"{pay}/id/{{id}}", "pay/query", guard(self.query_by_id), methods=get),
            route(kit, f"{by_number}/close", "pay/close", guard(self.close)),
            route(kit, refunds, "refund/create", guard(self.refund)),
            route(
                kit,
                f"{refunds}/{{number}}",
                "refund/query",
                guard(self.query_refund),
                methods=get,
            ),
            *self._bills.routes(kit, guard),
            route(kit, f"{PREFIX}/buyer/pay", "buyer/pay", self.press_pay),
            route(kit, f"{PREFIX}/public-key", "public-key", self.public_key, methods=get),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return counts and the last payments and refunds, without who paid."""
        now = self._kernel.clock.now()
        payments: dict[str, JsonValue] = {
            one.key: {
                "state": one.value.state,
                "total": one.value.total,
                "paid": one.value.paid,
                "refunded": one.value.refunded,
                "transaction_id": one.value.transaction_id,
            }
            for one in self._payments.newest(50)
        }
        refunds: dict[str, JsonValue] = {
            one.key: {
                "status": refund_status(one.value, vendor_now=now),
                "amount": one.value.amount,
                "out_trade_no": one.value.out_trade_no,
            }
            for one in self._refunds.newest(50)
        }
        return {
            "payment_count": self._payments.count(),
            "refund_count": self._refunds.count(),
            "payments": payments,
            "refunds": refunds,
        }

    def public_key(self, _incoming: Incoming) -> Answer:
        """Answer the provider's public key, which a merchant downloads from its back office."""
        key = crypto.public_pem(self.keys.platform)
        return json_answer({"public_key_id": self.settings.public_key_id, "public_key": key})

    def prepay(self, incoming: Incoming) -> Answer:
        """Take a JSAPI order; the same order again gives the same prepay id."""
        asked = parsed(incoming.body, PrepayRequest)
        self._check_prepay(asked)

        def change(old: Payment | None) -> Payment:
            if old is None:
                return Payment(
                    out_trade_no=asked.out_trade_no,
                    description=asked.description,
                    notify_url=asked.notify_url,
                    openid=asked.payer.openid,
                    attach=asked.attach,
                    total=asked.amount.total,
                    prepay_id=f"wx{clock.now():%d%H%M%S}{secrets.token_hex(13)}",
                )
            if old.state == "CLOSED":
                raise Refusal("INVALID_REQUEST", "该订单已关闭，请重新下单")
            if old.state != "NOTPAY":
                raise Refusal("INVALID_REQUEST", "该订单已支付")
            if (old.total, old.openid) != (asked.amount.total, asked.payer.openid):
                raise Refusal("OUT_TRADE_NO_USED", "商户订单号重复，且与之前的参数不一致")
            return old

        with self._kernel.state.transaction() as session:
            payment = self._payments.update(asked.out_trade_no, change, session=session)
            self._prepays.insert(payment.prepay_id, payment.out_trade_no, session=session)
        return json_answer({"prepay_id": payment.prepay_id}, reference=payment.out_trade_no)

    def _check_prepay(self, asked: PrepayRequest) -> None:
        if (asked.appid, asked.mchid) != (self.settings.appid, self.settings.mchid):
            raise Refusal("PARAM_ERROR", "appid和mchid不匹配", field="/body/appid")
        if not _NUMBER.fullmatch(asked.out_trade_no):
            raise Refusal("PARAM_ERROR", "商户订单号格式错误", field="/body/out_trade_no")
        if not 1 <= asked.amount.total <= 10**10 or asked.amount.currency != "CNY":
            raise Refusal("PARAM_ERROR", "订单金额错误", field="/body/amount/total")
        if not _ADDRESS.fullmatch(asked.notify_url):
            raise Refusal("PARAM_ERROR", "通知地址不能携带参数", field="/body/notify_url")
        if not 1 <= len(asked.description) <= 127 or not 1 <= len(asked.payer.openid) <= 128:
            raise Refusal("PARAM_ERROR", "参数长度错误", field="/body/description")

    def query(self, incoming: Incoming) -> Answer:
        """Answer a payment by the merchant's number."""
        self._check_account(incoming.query.get("mchid"))
        return self._shown(self._found(incoming.path["number"]))

    def query_by_id(self, incoming: Incoming) -> Answer:
        """Answer a payment by the provider's number."""
        self._check_account(incoming.query.get("mchid"))
        number = self._transactions.get(incoming.path["id"])
        return self._shown(self._found(number or ""))

    def close(self, incoming: Incoming) -> Answer:
        """Close an unpaid payment; closing a closed one changes nothing."""
        self._check_account(parsed(incoming.body, CloseRequest).mchid)
        number = incoming.path["number"]

        def change(old: Payment | None) -> Payment:
            if old is None:
                raise Refusal("ORDER_NOT_EXIST")
            if old.state not in {"NOTPAY", "CLOSED"}:
                raise Refusal("INVALID_REQUEST", "该订单已支付，不能关闭")
            return msgspec.structs.replace(old, state="CLOSED")

        self._payments.update(number, change)
        return Answer(status=204, reference=number)

    def refund(self, incoming: Incoming) -> Answer:
        """Give money back; the same refund number again answers the same refund."""
        asked = parsed(incoming.body, RefundRequest)
        if not _REFUND_NUMBER.fullmatch(asked.out_refund_no):
            raise Refusal("PARAM_ERROR", "商户退款单号格式错误", field="/body/out_refund_no")
        if asked.notify_url is not None and not _ADDRESS.fullmatch(asked.notify_url):
            raise Refusal("PARAM_ERROR", "通知地址不能携带参数", field="/body/notify_url")
        number = asked.out_trade_no or self._transactions.get(asked.transaction_id or "") or ""
        made = self._refund_once(asked, self._found(number))
        status = refund_status(made, vendor_now=self._kernel.clock.now())
        return json_answer(shown_refund(made, status=status), reference=made.out_refund_no)

    def _refund_once(self, asked: RefundRequest, payment: Payment) -> Refund:
        fresh: list[Refund] = []
        with self._kernel.state.transaction(f"refund/{asked.out_refund_no}") as session:
            known = self._refunds.get(asked.out_refund_no, session=session)
            if known is not None:
                same = (asked.amount.refund, asked.amount.total, payment.out_trade_no)
                if same != (known.amount, known.total, known.out_trade_no):
                    raise Refusal("INVALID_REQUEST", "退款金额或订单与之前的请求不一致")
                return known

            def change(old: Payment | None) -> Payment:
                if old is None or old.transaction_id is None:
                    raise Refusal("INVALID_REQUEST", "订单未支付，不能退款")
                if asked.amount.total != old.paid or asked.amount.refund < 1:
                    raise Refusal("INVALID_REQUEST", "订单金额或退款金额有误")
                if old.refunded + asked.amount.refund > old.paid:
                    raise Refusal("INVALID_REQUEST", "退款金额大于可退金额")
                fresh.append(self._new_refund(asked, old))
                refunded = old.refunded + asked.amount.refund
                return msgspec.structs.replace(old, state="REFUND", refunded=refunded)

            self._payments.update(payment.out_trade_no, change, session=session)
            self._refunds.insert(asked.out_refund_no, fresh[0], session=session)
        self._tell_refund(fresh[0])
        return fresh[0]

    def _new_refund(self, asked: RefundRequest, payment: Payment) -> Refund:
        fault = first(self._kernel.faults.draw(NAME, "refund/settle"), FaultKind.ERROR)
        moment = clock.now()
        return Refund(
            out_refund_no=asked.out_refund_no,
            refund_id=f"5000000{moment:%Y%m%d}{secrets.randbelow(10**14):014d}",
            out_trade_no=payment.out_trade_no,
            transaction_id=payment.transaction_id or "",
            amount=asked.amount.refund,
            total=payment.paid,
            notify_url=asked.notify_url,
            created_at=vendor_time(moment),
            settles_at=self._kernel.clock.now() + REFUND_TAKES,
            outcome="SUCCESS" if fault is None else fault.code or "ABNORMAL",
        )

    def _tell_refund(self, refund: Refund) -> None:
        if refund.notify_url is None:
            return
        words = {"SUCCESS": "退款成功", "CLOSED": "退款关闭"}.get(refund.outcome, "退款异常")
        self._kernel.outbound.send(
            NAME,
            "notify/REFUND",
            address=refund.notify_url,
            content=notice(
                told_refund(refund, mchid=self.settings.mchid),
                original="refund",
                event_type=f"REFUND.{refund.outcome}",
                summary=words,
            ),
            reference=refund.out_refund_no,
            after=REFUND_TAKES,
        )

    def query_refund(self, incoming: Incoming) -> Answer:
        """Answer a refund by the merchant's refund number."""
        found = self._refunds.get(incoming.path["number"])
        if found is None:
            raise Refusal("RESOURCE_NOT_EXISTS")
        status = refund_status(found, vendor_now=self._kernel.clock.now())
        return json_answer(shown_refund(found, status=status), reference=found.out_refund_no)

    def press_pay(self, incoming: Incoming) -> Answer:
        """Pay as the buyer's phone would; a second press is refused and pays nothing."""
        try:
            press = parsed(incoming.body, BuyerPress)
            number = press.out_trade_no or self._prepays.get(press.prepay_id or "") or ""
            payment = self._payments.update(number, lambda old: _paid(old, press))
        except Refusal as refusal:
            body = {"code": refusal.code, "message": refusal.message}
            return json_answer(body, status=refusal.status, code=refusal.code)
        transaction_id = payment.transaction_id or ""
        self._transactions.insert(transaction_id, number)
        if not press.is_silent:
            self._kernel.outbound.send(
                NAME,
                "notify/TRANSACTION.SUCCESS",
                address=payment.notify_url,
                content=notice(
                    shown_payment(payment, self._fields),
                    original="transaction",
                    event_type="TRANSACTION.SUCCESS",
                    summary="支付成功",
                ),
                reference=number,
            )
        shown = {"out_trade_no": number, "transaction_id": transaction_id, "paid": payment.paid}
        return json_answer(shown, reference=number)

    def _check_account(self, mchid: str | None) -> None:
        if mchid != self.settings.mchid:
            raise Refusal("PARAM_ERROR", "商户号mchid有误", field="/query/mchid")

    def _found(self, number: str) -> Payment:
        found = self._payments.get(number)
        if found is None:
            raise Refusal("ORDER_NOT_EXIST")
        return found

    def _shown(self, payment: Payment) -> Answer:
        return json_answer(shown_payment(payment, self._fields), reference=payment.out_trade_no)


def _paid(old: Payment | None, press: BuyerPress) -> Payment:
    if old is None:
        raise Refusal("ORDER_NOT_EXIST")
    if old.state == "CLOSED":
        raise Refusal("INVALID_REQUEST", "该订单已关闭")
    if old.state != "NOTPAY":
        raise Refusal("INVALID_REQUEST", "该订单已支付")
    paid = old.total if press.amount is None else press.amount
    if paid < 1 or not 0 <= press.coupon <= paid:
        raise Refusal("PARAM_ERROR", "支付金额错误")
    moment = clock.now()
    return msgspec.structs.replace(
        old,
        state="SUCCESS",
        paid=paid,
        payer_paid=paid - press.coupon,
        transaction_id=f"4200000{secrets.randbelow(1000):03d}{moment:%Y%m%d}"
        f"{secrets.randbelow(10**10):010d}",
        success_time=vendor_time(moment),
    )
