"""Each day's payments are compared with the provider's bill, once, and what differs is repaired.

    plan       a row for each account and day that is over; days while we were down are caught up
    fetch      one process at a time claims a day and asks for its bill; not there yet: again later
    compare    lines and books, kept with their sums; the day before is compared again, since a
               refund may be asked for before midnight and done after
    repair     what the bill has and the books have not is taken in by asking the provider
    tell       what still differs becomes a work item each

A difference closes only when bill and books agree, or when a person accepts it with a reason.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from yinuo.connectors.protocols import Bill, Malformed, Rejected, Unavailable
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database, Session
from yinuo.core.errors import Conflict
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    BillDay,
    Compared,
    Difference,
    DifferenceKind,
    DifferenceState,
    Posting,
    last_billed_day,
)
from yinuo.users import service as users
from yinuo.users.model import Actor
from yinuo.workflows import ask_payments, take_refund
from yinuo.workflows.hub import hub

log = logger(__name__)
MADE_AT = time(10, 15)  # both providers make yesterday's bill in the morning
PATIENT_ATTEMPTS = 6  # about five hours of trying until a person is told
KEEP_LINES = timedelta(days=90)
BY_ASKING = frozenset({DifferenceKind.NOT_IN_HUB, DifferenceKind.AMOUNT_DIFFERS})
BY_ASKING_FOR_REFUND = frozenset(
    {DifferenceKind.REFUND_NOT_IN_HUB, DifferenceKind.REFUND_AMOUNT_DIFFERS}
)


class BillNotThere(Conflict):
    """The provider has no bill of that day yet."""

    code = "payments.bill_not_there"


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
    try:
        repair = _repair(difference)
    except (Malformed, Rejected, Unavailable, NoSlot) as error:
        log.warning("difference_not_repaired", error=error.code)
        return
    if repair is not None:
        with hub().database.transaction() as session:
            orders.note_repair(session, difference.id, repair=repair)


def _repair(difference: Difference) -> str | None:
    """Return what was done about a difference, a text code; None where only a person can."""
    found = difference.found
    provider = difference.bill.provider
    payments = hub().connectors.payments(PaymentAccount(provider, difference.bill.account))
    if found.kind in BY_ASKING:
        seen = payments.query_payment(found.payment_number)
        if seen is None or seen.transaction_id != found.transaction_id:
            return None
        recorded = ask_payments.take_in(seen, provider=provider)
        return "payments.repair.payment_taken_in" if recorded is not None else None
    if found.kind in BY_ASKING_FOR_REFUND:
        refund = payments.query_refund(found.refund_number, payment_number=found.payment_number)
        if refund is None or refund.transaction_id != found.transaction_id:
            return None
        with hub().database.transaction() as session:
            take_refund.book_refund(session, refund, provider=provider)
        return "payments.repair.refund_taken_in"
    return None


def repair_again(difference_id: str, *, actor: Actor) -> None:
    """Ask the provider again about one difference; raises StillDiffers, UnknownDifference."""
    shared = hub()
    with shared.database.transaction() as session:
        difference = orders.load_difference(session, difference_id)
        if difference.state is not DifferenceState.OPEN:
            return
        users.record(
            session,
            actor=actor,
            action="payments.repair",
            object=difference_id,
            after={"kind": difference.found.kind.value, "number": difference.found.payment_number},
            now=clock.now(),
        )
    _try_repair(difference)
    compared = _compare_again(difference.bill)
    if any(one.id == difference_id for one in compared.open):
        raise StillDiffers(number=difference.found.payment_number)


def accept(database: Database, difference_id: str, *, note: str, actor: Actor) -> None:
    """Let a difference stand, with a person's reason; raises UnknownDifference, DifferenceSettled."""
    now = clock.now()
    with database.transaction() as session:
        difference = orders.accept_difference(session, difference_id, note=note, now=now)
        exceptions.close_for_subject(
            session,
            kind=WorkItemKind.PAYMENT_DIFFERENCE,
            subject_type="payment_difference",
            subject_id=difference_id,
            resolution=Resolution.IGNORED,
            now=now,
        )
        users.record(
            session,
            actor=actor,
            action="payments.accept",
            object=difference_id,
            after={"number": difference.found.payment_number, "note": note},
            now=now,
        )


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
            subject_label=found.payment_number or found.transaction_id,
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
