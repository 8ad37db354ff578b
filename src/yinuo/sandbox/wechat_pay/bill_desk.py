"""Where the merchant asks for the bill of a day and fetches it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from starlette.routing import BaseRoute

from yinuo.sandbox import bills as daily
from yinuo.sandbox.exchange import Answer, Incoming, Kit, json_answer
from yinuo.sandbox.faults import FaultKind, first
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.state import Collection
from yinuo.sandbox.wechat_pay import bills
from yinuo.sandbox.wechat_pay.gate import PREFIX, Refusal
from yinuo.sandbox.wechat_pay.model import Fields, Payment, Refund

OPERATIONS = ("bill/address", "bill/file", "bill/content", "bill/line")
GOOD_FOR = 300.0  # seconds in which a bill can be fetched
Guard = Callable[[Callable[[Incoming], Answer]], Callable[[Incoming], Answer]]


class BillDesk:
    """The bills of one merchant account."""

    def __init__(
        self,
        kernel: Kernel,
        system: str,
        *,
        payments: Collection[Payment],
        refunds: Collection[Refund],
        fields: Fields,
    ) -> None:
        self._kernel = kernel
        self._system = system
        self._payments = payments
        self._refunds = refunds
        self._fields = fields
        self._files = daily.Files(kernel, system, seconds=GOOD_FOR)

    def routes(self, kit: Kit, guard: Guard) -> Sequence[BaseRoute]:
        """Return the two calls; the file itself is not signed by the vendor."""
        get = ("GET",)
        place = f"{PREFIX}/v3/bill/tradebill"
        file = f"{PREFIX}/v3/billdownload/file"
        return [
            route(kit, place, "bill/address", guard(self.address), methods=get),
            route(kit, file, "bill/file", guard(self._files.answer), methods=get),
        ]

    def address(self, incoming: Incoming) -> Answer:
        """Make the bill of a day and answer where it lies, with its hash."""
        day = daily.day_of(incoming.query.get("bill_date", ""))
        if day is None or incoming.query.get("bill_type", "ALL") != "ALL":
            raise Refusal("PARAM_ERROR", "账单日期或类型错误", field="/query/bill_date")
        entries = [
            *daily.of_day(self._payments, day, entry=_paid_entry),
            *daily.of_day(self._refunds, day, entry=self._refund_entry),
        ]
        if not daily.is_made(self._kernel, day):
            raise Refusal("STATEMENT_CREATING")
        if not entries:
            raise Refusal("NO_STATEMENT_EXIST")
        table = bills.table(daily.struck(self._kernel, self._system, entries), self._fields)
        content = bills.packed(table) if incoming.query.get("tar_type") == "GZIP" else table
        if first(self._kernel.faults.draw(self._system, "bill/content"), FaultKind.ERROR):
            content = content[: len(content) // 2]
        token = urlencode({"token": self._files.put(content)})
        return json_answer(
            {
                "hash_type": "SHA1",
                "hash_value": hashlib.sha1(table, usedforsecurity=False).hexdigest(),
                "download_url": (
                    f"{self._kernel.settings.address}{PREFIX}/v3/billdownload/file?{token}"
                ),
            },
            reference=day.isoformat(),
        )

    def _refund_entry(self, refund: Refund) -> daily.Entry | None:
        if refund.outcome != "SUCCESS" or self._kernel.clock.now() < refund.settles_at:
            return None
        return daily.Entry(
            at=datetime.fromisoformat(refund.created_at),
            payment_number=refund.out_trade_no,
            transaction_id=refund.transaction_id,
            name="",
            buyer="",
            amount_fen=refund.amount,
            number=refund.out_refund_no,
            refund_id=refund.refund_id,
        )


def _paid_entry(payment: Payment) -> daily.Entry | None:
    if payment.transaction_id is None or payment.success_time is None:
        return None
    return daily.Entry(
        at=datetime.fromisoformat(payment.success_time),
        payment_number=payment.out_trade_no,
        transaction_id=payment.transaction_id,
        name=payment.description,
        buyer=payment.openid,
        amount_fen=payment.paid,
    )
