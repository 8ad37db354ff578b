"""Many new orders at once: which of them nothing is known of, and their first steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.orders.model import NewKey, TimelineEntry
from yinuo.orders.store.states import lock_payment_numbers


def lock_unknown(session: Session, keys: Sequence[NewKey]) -> set[str]:
    """Return the unique ids under which there is no order, and no money for it either.

    Their payment numbers are locked until the commit, so that none comes meanwhile.
    """
    numbers = [key.payment_number for key in keys]
    lock_payment_numbers(session, (number for number in numbers if number is not None))
    found = session.execute(
        _UNKNOWN,
        {
            "ids": array(key.unique_id for key in keys),
            "numbers": array(numbers),
            "transactions": array(key.transaction_id for key in keys),
        },
    )
    return set(found.scalars())


# The numbers' locks were waited for by a statement before this one, so it sees all that was placed.
_UNKNOWN = sa.text(
    "SELECT n.unique_id FROM unnest(CAST(:ids AS text[]), CAST(:numbers AS text[]),"
    " CAST(:transactions AS text[])) AS n (unique_id, payment_number, transaction_id)"
    " WHERE NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.unique_id = n.unique_id)"
    " AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.payment_number = n.payment_number)"
    " AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.payment_number = n.payment_number)"
    " AND NOT EXISTS (SELECT 1 FROM refunds AS r WHERE r.transaction_id = n.transaction_id"
    "  AND r.payment_number = n.payment_number)"
)


def insert_steps(session: Session, steps: Mapping[str, TimelineEntry]) -> None:
    """Add the first step of each new order, by its id."""
    session.execute(
        _INSERT_STEPS,
        {
            "order": array(steps),
            "at": array(step.at for step in steps.values()),
            "code": array(step.code for step in steps.values()),
            "params": array(json.dumps(one.params, ensure_ascii=False) for one in steps.values()),
            "actor": array(step.actor for step in steps.values()),
            "key": array(step.dedupe_key for step in steps.values()),
        },
    )


_INSERT_STEPS = sa.text(
    "INSERT INTO order_timeline (order_id, at, code, params, actor, dedupe_key)"
    " SELECT t.order_id, t.at, t.code, CAST(t.params AS jsonb), t.actor, t.dedupe_key"
    " FROM unnest(CAST(:order AS text[]), CAST(:at AS timestamptz[]), CAST(:code AS text[]),"
    " CAST(:params AS text[]), CAST(:actor AS text[]), CAST(:key AS text[]))"
    " AS t (order_id, at, code, params, actor, dedupe_key)"
)
