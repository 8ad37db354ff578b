"""What the routes of payment reconciliation answer: typed bodies, codes put into words."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import pydantic

from yinuo.core.money import Fen, fen_to_yuan
from yinuo.core.texts import Language, has_text, text
from yinuo.orders.model import BillState, DifferenceKind, DifferenceState
from yinuo.reports.payment_bills import BillRow, DayRow, DifferenceRow
from yinuo.workflows.repair_payments import Deed, RepairPlan


class Stamp(StrEnum):
    """What is to be said of a day at one look; `settled`: a person accepted what differs."""

    EQUAL = "equal"
    SETTLED = "settled"
    DIFFERENT = "different"
    WAITING = "waiting"


class MoneySide(pydantic.BaseModel):
    """How much came and went back on one side, and how often; amounts in fen."""

    payments: int
    paid_fen: int
    refunds: int
    refunded_fen: int


class BillFacts(pydantic.BaseModel):
    """One day of one merchant account; without a bill yet both sides are empty."""

    provider: str
    provider_label: str
    account: str
    state: BillState
    state_label: str
    stamp: Stamp
    stamp_label: str
    bill: MoneySide | None
    hub: MoneySide | None
    open: int
    accepted: int
    problem: str
    compared_at: datetime | None
    next_at: datetime | None


class PaymentDay(pydantic.BaseModel):
    """One day with its merchant accounts."""

    day: date
    is_running: bool
    stamp: Stamp
    stamp_label: str
    open: int
    accounts: list[BillFacts]


class PaymentDayList(pydantic.BaseModel):
    """A page of days, newest first; `serves_today`: a sandbox has bills of the running day."""

    items: list[PaymentDay]
    next_cursor: str | None
    has_accounts: bool
    serves_today: bool
    today: date
    newest_billed: date
    as_of: datetime


class OrderOfDifference(pydantic.BaseModel):
    """The order that a difference is about."""

    id: str
    number: str


class PaymentDifference(pydantic.BaseModel):
    """One difference between a bill and the books; an amount is null where it is missing."""

    id: str
    provider: str
    provider_label: str
    day: date
    kind: DifferenceKind
    kind_label: str
    why: str
    state: DifferenceState
    state_label: str
    payment_number: str
    transaction_id: str
    refund_number: str
    bill_fen: int | None
    hub_fen: int | None
    order: OrderOfDifference | None
    repair_label: str
    note: str
    found_at: datetime
    closed_at: datetime | None


class PaymentDayDetail(pydantic.BaseModel):
    """One day with a page of its differences, open ones first."""

    day: PaymentDay
    items: list[PaymentDifference]
    next_cursor: str | None
    as_of: datetime


class RepairPreview(pydantic.BaseModel):
    """What a repair would do; `token` confirms exactly this. Nothing can be done: accept it."""

    difference: PaymentDifference
    deed: Deed
    effect: str
    told_fen: int | None
    token: str


def day_facts(row: DayRow, language: Language, *, today: date) -> PaymentDay:
    """Return a day as people read it."""
    accounts = [_bill_facts(one, language) for one in row.accounts]
    stamp = _whole([one.stamp for one in accounts])
    return PaymentDay(
        day=row.day,
        is_running=row.day >= today,
        stamp=stamp,
        stamp_label=text(f"payments.stamp.{stamp}", language),
        open=sum(one.open for one in accounts),
        accounts=accounts,
    )


def _whole(stamps: list[Stamp]) -> Stamp:
    """Return what is to be said of a day: the worst of its accounts."""
    for worst in (Stamp.DIFFERENT, Stamp.WAITING, Stamp.SETTLED):
        if worst in stamps:
            return worst
    return Stamp.EQUAL if stamps else Stamp.WAITING


def _bill_facts(row: BillRow, language: Language) -> BillFacts:
    is_there = row.state is not BillState.WAITING
    stamp = _stamp(row)
    return BillFacts(
        provider=row.provider,
        provider_label=text(f"orders.provider.{row.provider}", language),
        account=row.account,
        state=row.state,
        state_label=text(f"payments.bill.{row.state}", language),
        stamp=stamp,
        stamp_label=text(f"payments.stamp.{stamp}", language),
        bill=MoneySide(
            payments=row.bill_payments,
            paid_fen=row.bill_paid_fen,
            refunds=row.bill_refunds,
            refunded_fen=row.bill_refunded_fen,
        )
        if is_there
        else None,
        hub=MoneySide(
            payments=row.hub_payments,
            paid_fen=row.hub_paid_fen,
            refunds=row.hub_refunds,
            refunded_fen=row.hub_refunded_fen,
        )
        if is_there
        else None,
        open=row.open,
        accepted=row.accepted,
        problem=problem_words(row.last_error, day=row.day, language=language),
        compared_at=row.compared_at,
        next_at=None if row.state is BillState.COMPARED else row.next_at,
    )


def _stamp(row: BillRow) -> Stamp:
    if row.open:
        return Stamp.DIFFERENT
    if row.state is BillState.WAITING:
        return Stamp.WAITING
    return Stamp.SETTLED if row.accepted else Stamp.EQUAL


def problem_words(code: str | None, *, day: date, language: Language) -> str:
    """Return why there is no bill, in words; nothing where there is one."""
    if code is None:
        return ""
    return text(code, language, day=day.isoformat()) if has_text(code) else code


def difference_facts(row: DifferenceRow, language: Language) -> PaymentDifference:
    """Return a difference with its cause in words."""
    provider = text(f"orders.provider.{row.provider}", language)
    return PaymentDifference(
        id=row.id,
        provider=row.provider,
        provider_label=provider,
        day=row.day,
        kind=row.kind,
        kind_label=text(f"payments.difference.{row.kind}", language),
        why=text(
            f"payments.difference.{row.kind}.why",
            language,
            provider=provider,
            day=row.day.isoformat(),
            number=row.payment_number or row.transaction_id,
            refund=row.refund_number,
            bill_yuan=fen_to_yuan(Fen(row.bill_fen or 0)),
            hub_yuan=fen_to_yuan(Fen(row.hub_fen or 0)),
        ),
        state=row.state,
        state_label=text(f"payments.state.{row.state}", language),
        payment_number=row.payment_number,
        transaction_id=row.transaction_id,
        refund_number=row.refund_number,
        bill_fen=row.bill_fen,
        hub_fen=row.hub_fen,
        order=None
        if row.order_id is None
        else OrderOfDifference(id=row.order_id, number=row.order_number or row.order_id),
        repair_label=text(row.repair, language) if row.repair else "",
        note=row.note,
        found_at=row.found_at,
        closed_at=row.closed_at,
    )


def preview_facts(row: DifferenceRow, plan: RepairPlan, language: Language) -> RepairPreview:
    """Return what asking the provider found, and what would be done, in words."""
    return RepairPreview(
        difference=difference_facts(row, language),
        deed=plan.deed,
        effect=text(plan.code, language, told_yuan=fen_to_yuan(plan.told_fen or Fen(0))),
        told_fen=plan.told_fen,
        token=plan.token,
    )
