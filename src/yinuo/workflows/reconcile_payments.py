"""Each day's payments are compared with the provider's bill, once, and what differs is repaired.

    plan       a row for each account and day that is over; days while we were down are caught up
    fetch      one process at a time claims a day and asks for its bill; not there yet: again later
    compare    lines and books, kept with their sums; the day before is compared again, since a
               refund may be asked for before midnight and done after
    repair     what the bill has and the books have not is taken in, see repair_payments
    tell       what still differs becomes a work item each

A difference closes only when bill and books agree, or when a person accepts it with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from yinuo.connectors.protocols import Bill, Malformed, Rejected, Unavailable
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.core.errors import Conflict, Invalid
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    BillDay,
    Compared,
    Difference,
    DifferenceState,
    Posting,
    last_billed_day,
)
from yinuo.users import service as users
from yinuo.users.model import Actor
from yinuo.workflows import repair_payments
from yinuo.workflows.hub import hub
from yinuo.workflows.repair_payments import Deed, NothingToTakeIn, RepairChanged

log = logger(__name__)
MADE_AT = time(10, 15)  # both providers make yesterday's bill in the morning
PATIENT_ATTEMPTS = 6  # about five hours of trying until a person is told
KEEP_LINES = timedelta(days=90)


class BillNotThere(Conflict):
    """The provider has no bill of that day yet."""

    code = "payments.bill_not_there"


class BadBillDay(Invalid):
    """No bill is asked for of that day: it has not begun, or it is too long ago."""

    code = "payments.bad_bill_day"


class StillDiffers(Conflict):
    """The provider was asked again, and bill and books still differ."""

    code = "payments.still_differs"


def reconcile_due() -> int:
    """Return how many days were compared; each day of each account is, once it is over."""
    shared = hub()
    through = last_billed_day(clock.now(), made_at=MADE_AT)
    accounts = shared.connectors.payment_accounts()
    with shared.database.transaction() as session:
        for account in accounts:
            orders.plan_bills(
                session,
                provider=account.provider,
                account=account.account,
                through=through,
                now=clock.now(),
            )
    compared = 0
    while True:
        with shared.database.transaction() as session:
            bill = orders.claim_bill(session, through=through, now=clock.now())
        if bill is None:
            return compared
        compared += _reconcile_claimed(bill, accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What became of one account's day that a person asked for: compared, or why not."""

    bill: BillDay
    compared: Compared | None
    error: str | None


def serves_today(account: PaymentAccount) -> bool:
    """Tell whether an account may have bills of running days: a sandbox's, never a provider's."""
    return hub().connectors.mode(account.provider) == "sandbox"


def reconcile_now(day: date, *, actor: Actor) -> list[Started]:
    """Compare a day of every account because somebody asked; a repeat compares anew, no more.

    Of the running day only a sandbox has a bill, of what happened so far. Raises BadBillDay.
    """
    shared, now = hub(), clock.now()
    today = now.astimezone(SHANGHAI).date()
    if not today - KEEP_LINES < day <= today:
        raise BadBillDay(day=day.isoformat(), days=KEEP_LINES.days)
    with shared.database.transaction() as session:
        users.record(
            session,
            actor=actor,
            action="payments.reconcile",
            object=day.isoformat(),
            after={},
            now=now,
        )
    return [
        _start(BillDay(provider=account.provider, account=account.account, day=day), today=today)
        for account in shared.connectors.payment_accounts()
    ]


def _start(bill: BillDay, *, today: date) -> Started:
    with hub().database.transaction() as session:
        orders.want_bill(session, bill, now=clock.now())
    problem = BillNotThere.code
    if bill.day < today or serves_today(PaymentAccount(bill.provider, bill.account)):
        try:
            return Started(bill=bill, compared=reconcile_day(bill), error=None)
        except (BillNotThere, Malformed, Rejected, Unavailable, NoSlot) as error:
            problem = error.code
    with hub().database.transaction() as session:
        orders.bill_not_there(session, bill, error=problem)
    return Started(bill=bill, compared=None, error=problem)


def _reconcile_claimed(bill: BillDay, accounts: list[PaymentAccount]) -> bool:
    """Compare a claimed day; what stands in the way is noted, and told when it stays."""
    if PaymentAccount(bill.provider, bill.account) not in accounts:
        _not_there(bill, error="connectors.not_configured")
        return False
    try:
        reconcile_day(bill)
    except (BillNotThere, Malformed, Rejected, Unavailable, NoSlot) as error:
        log.warning("bill_not_there", bill=bill.subject, error=error.code)
        _not_there(bill, error=error.code)
        return False
    return True


def reconcile_day(bill: BillDay) -> Compared:
    """Fetch the bill of a day, compare it, repair what can be repaired, and return what is left.

    A repeat fetches and compares anew. Raises NotConfigured, BillNotThere, Malformed, Rejected,
    Unavailable.
    """
    account = PaymentAccount(bill.provider, bill.account)
    fetched = hub().connectors.payments(account).fetch_bill(bill.day)
    if fetched is None:
        raise BillNotThere(day=bill.day.isoformat())
    now = clock.now()
    is_over = bill.day < now.astimezone(SHANGHAI).date()
    with hub().database.transaction() as session:
        compared = orders.book_bill(session, bill, _postings(fetched), is_over=is_over, now=now)
        _close_items(session, compared)
        exceptions.close_all_for_subject(
            session, subject_type="payment_bill", subject_id=bill.subject, now=now
        )
    for difference in compared.open:
        _try_repair(difference)
    return _compare_again(bill)


def _postings(bill: Bill) -> list[Posting]:
    return [
        Posting(
            is_refund=line.is_refund,
            payment_number=line.payment_number,
            transaction_id=line.transaction_id,
            refund_number=line.refund_number,
            amount_fen=line.amount_fen,
            at=line.at,
        )
        for line in bill.lines
    ]


def _compare_again(bill: BillDay) -> Compared:
    """Compare a day and the one before with the books as they are now; tell what still differs."""
    before = BillDay(provider=bill.provider, account=bill.account, day=bill.day - timedelta(days=1))
    compared: Compared | None = None
    with hub().database.transaction() as session:
        for one in (before, bill):
            compared = orders.compare_again(session, one, now=clock.now())
            if compared is not None:
                _close_items(session, compared)
                for difference in compared.open:
                    _tell(session, difference)
    if compared is None:
        raise BillNotThere(day=bill.day.isoformat())
    return compared


def _try_repair(difference: Difference) -> None:
    """Ask the provider about what the books lack; a provider that is away is told as it is."""
    if not repair_payments.repairs_itself(difference):
        return
    try:
        repair_payments.take_in(difference, repair_payments.look(difference))
    except (Malformed, Rejected, Unavailable, NoSlot) as error:
        log.warning("difference_not_repaired", error=error.code)


def repair_again(difference_id: str, *, actor: Actor) -> None:
    """Ask the provider again about one difference; raises StillDiffers, UnknownDifference."""
    difference = _load_open(difference_id)
    if difference is None:
        return
    _audit(difference, actor=actor, reason="")
    _try_repair(difference)
    _check_settled(difference)


def repair(difference_id: str, *, token: str, reason: str, actor: Actor) -> None:
    """Do what a preview showed about one difference, with a person's reason; a repeat does nothing.

    Raises UnknownDifference, RepairChanged, NothingToTakeIn, StillDiffers, and what asking raises.
    """
    difference = _load_open(difference_id)
    if difference is None:
        return
    plan = repair_payments.look(difference)
    if plan.token != token:
        raise RepairChanged(difference_id=difference_id)
    if plan.deed is Deed.NOTHING:
        raise NothingToTakeIn(number=difference.found.payment_number)
    _audit(difference, actor=actor, reason=reason)
    repair_payments.take_in(difference, plan)
    _check_settled(difference)


def _load_open(difference_id: str) -> Difference | None:
    """Return a difference that is open; None for one that is settled."""
    with hub().database.read() as session:
        difference = orders.load_difference(session, difference_id)
    return difference if difference.state is DifferenceState.OPEN else None


def _audit(difference: Difference, *, actor: Actor, reason: str) -> None:
    """Keep who asked for a repair before it is tried: one that fails was asked for all the same."""
    found = difference.found
    with hub().database.transaction() as session:
        users.record(
            session,
            actor=actor,
            action="payments.repair",
            object=difference.id,
            after={"kind": found.kind.value, "number": found.payment_number, "reason": reason},
            now=clock.now(),
        )


def _check_settled(difference: Difference) -> None:
    compared = _compare_again(difference.bill)
    if any(one.id == difference.id for one in compared.open):
        raise StillDiffers(number=difference.found.payment_number)


def _close_items(session: Session, compared: Compared) -> None:
    for difference in compared.closed:
        exceptions.close_for_subject(
            session,
            kind=WorkItemKind.PAYMENT_DIFFERENCE,
            subject_type="payment_difference",
            subject_id=difference.id,
            resolution=Resolution.FIXED if difference.repair else Resolution.VANISHED,
            now=clock.now(),
        )


def _tell(session: Session, difference: Difference) -> None:
    found = difference.found
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.PAYMENT_DIFFERENCE,
            subject_type="payment_difference",
            subject_id=difference.id,
            subject_label=f"{difference.bill.day} {found.payment_number or found.transaction_id}",
            code=f"payments.difference.{found.kind.value}.why",
            params={
                "provider": difference.bill.provider,
                "day": difference.bill.day.isoformat(),
                "number": found.payment_number,
                "refund": found.refund_number,
                "bill_fen": found.bill_fen or 0,
                "hub_fen": found.hub_fen or 0,
            },
        ),
        now=clock.now(),
    )


def _not_there(bill: BillDay, *, error: str) -> None:
    with hub().database.transaction() as session:
        attempts = orders.bill_not_there(session, bill, error=error)
        if attempts < PATIENT_ATTEMPTS:
            return
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.PAYMENT_DIFFERENCE,
                subject_type="payment_bill",
                subject_id=bill.subject,
                subject_label=bill.day.isoformat(),
                code="payments.bill_missing",
                params={
                    "provider": bill.provider,
                    "day": bill.day.isoformat(),
                    "attempts": attempts,
                    "error": error,
                },
            ),
            now=clock.now(),
        )


def forget_old_lines() -> int:
    """Return how many lines of old bills were forgotten."""
    before: date = (clock.now() - KEEP_LINES).date()
    with hub().database.transaction() as session:
        return orders.forget_bill_lines(session, before=before)
