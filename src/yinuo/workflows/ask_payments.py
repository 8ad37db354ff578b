"""The provider is asked about payments whose notice is late: a bounded number of times, then no more.

An order that waits for money longer than usual is asked about after 1, 2, 4 … 60 minutes, for 25
hours; the schedule stands in the database, so it goes on after a restart and is one for all
processes. It ends when the money is there, when the order is cancelled, or when every account says
that no money can come any more.
"""

from __future__ import annotations

from datetime import timedelta

from yinuo.channels.model import Channel
from yinuo.connectors.protocols import PaymentSeen, PaymentState, Rejected, Unavailable
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.orders import service as orders
from yinuo.orders.model import PaymentOutcome, PaymentRecorded
from yinuo.workflows import close_payment, take_payment, take_refund
from yinuo.workflows.hub import hub

log = logger(__name__)
PAID_BY_CHANNEL = [one.value for one in Channel if one.takes_money]
AT_ONCE = 10  # numbers are taken a few at a time: a provider that is away uses up no more asks
MONEY_CAME = frozenset({PaymentState.PAID, PaymentState.REFUNDED})
ENDED_UNPAID = frozenset({PaymentState.CLOSED, PaymentState.REVOKED})


def ask_for_late_payments(*, limit: int = 50) -> int:
    """Return how many payments were found by asking, whose notice never came.

    Every merchant account is asked; one that does not answer is not asked again in this round.
    """
    shared = hub()
    accounts = shared.connectors.payment_accounts()
    found = asked = 0
    while accounts and asked < limit:
        with shared.database.transaction() as session:
            now = clock.now()
            waiting = orders.due_payment_queries(
                session,
                placed_before=now - timedelta(seconds=shared.settings.late_payment_seconds),
                now=now,
                limit=min(AT_ONCE, limit - asked),
                except_channels=PAID_BY_CHANNEL,
            )
        for payment_number in waiting:
            found += ask(payment_number, accounts)
        asked += len(waiting)
        if len(waiting) < AT_ONCE:
            break
    return found


def ask(payment_number: str, accounts: list[PaymentAccount]) -> bool:
    """Return whether asking about a number found its money; it is booked and claimed for then.

    An account that does not answer is taken off the list.
    """
    told: list[tuple[PaymentAccount, PaymentSeen]] = []
    silent = False
    for account in list(accounts):
        try:
            seen = hub().connectors.payments(account).query_payment(payment_number)
        except (Unavailable, NoSlot):
            accounts.remove(account)
            silent = True
            continue
        except Rejected as error:
            log.warning("payment_query_refused", provider=account.provider, error=error.code)
            silent = True
            continue
        if seen is not None:
            told.append((account, seen))
    came = [(account, seen) for account, seen in told if seen.state in MONEY_CAME]
    for account, seen in came:
        take_in(seen, provider=account.provider)
    ended = bool(told) and all(seen.state in ENDED_UNPAID for _account, seen in told)
    if ended and not silent:
        _close(payment_number, provider=told[0][0].provider)
    return bool(came)


def take_in(seen: PaymentSeen, *, provider: str) -> PaymentRecorded | None:
    """Book a payment that was found by asking, and claim its stock; None when no money came.

    Of one that went back in part or whole nobody has said how much yet: its order is held.
    """
    with hub().database.transaction() as session:
        recorded = take_payment.book_payment(session, seen, provider=provider)
        if recorded is None:
            return None
        is_accepted = recorded.outcome is PaymentOutcome.ACCEPTED
        if seen.state is PaymentState.REFUNDED and is_accepted and recorded.order_id is not None:
            take_refund.hold_unclear(session, recorded.order_id, actor=provider)
    take_payment.claim(recorded)
    return recorded


def _close(payment_number: str, *, provider: str) -> None:
    with hub().database.transaction() as session:
        close_payment.close(session, payment_number, provider=provider, stops_asking=True)
