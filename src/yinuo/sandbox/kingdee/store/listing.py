"""Lists of documents: the query of GetList, and counts by the hub's number."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.sandbox.kingdee.filters import Query
from yinuo.sandbox.kingdee.store.bills import HUB_NUMBER
from yinuo.sandbox.kingdee.template import HEADER, HUB_NUMBER_FIELD, LINE, Sort


def column(field: str) -> str:
    """Return the SQL text of a template field, as text; fields come from the template alone."""
    special = {
        "FInterID": "o.FInterID::text",
        "FBillNo": "o.FBillNo",
        "Fdate": "to_char(o.FDate, 'YYYY-MM-DD HH24:MI:SS')",
        "FStatus": "o.FStatus::text",
        "FClosed": "o.FClosed::text",
        "FCancellation": "o.FCancellation::text",
        "FChecker": "o.FChecker",
        "FEntryID": "e.FEntryID::text",
        "FStockQty": "trim_scale(e.FStockQty)::text",
    }
    if field in special:
        return special[field]
    place, fields = ("o.header", HEADER) if field in HEADER else ("e.line", LINE)
    if fields[field] is Sort.REFERENCE:
        return f"coalesce({place}->'{field}'->>'FNumber', '')"
    return f"coalesce({place}->>'{field}', '')"


def listing(session: Session, query: Query) -> list[dict[str, str]]:
    """Return rows of headers, or of lines with their headers, as text under the template's names."""
    values: dict[str, object] = {"limit": query.limit, "offset": query.offset}
    where = ["true"]
    for number, condition in enumerate(query.conditions):
        values[f"v{number}"] = condition.value
        left = column(condition.field)
        if condition.sign == "like":
            where.append(f"{left} ILIKE :v{number} ESCAPE ''")
        else:
            where.append(f"lower({left}) {condition.sign} lower(:v{number})")
    by = [f"{column(one.field)} {'DESC' if one.is_descending else 'ASC'}" for one in query.order]
    by += ["o.FInterID", "e.FEntryID"] if query.is_lines else ["o.FInterID"]
    lines = " JOIN k3.SEOrderEntry e ON e.FInterID = o.FInterID" if query.is_lines else ""
    found = session.execute(
        sa.text(
            f"SELECT {', '.join(column(field) for field in query.fields)} FROM k3.SEOrder o{lines}"
            f" WHERE {' AND '.join(where)} ORDER BY {', '.join(by)} LIMIT :limit OFFSET :offset"
        ),
        values,
    )
    return [dict(zip(query.fields, row, strict=True)) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many documents carry one hub number, and which."""

    hub_number: str
    count: int
    bills: list[str]
    checked: int
    cancelled: int


_COUNTED = f"""
SELECT o.header->>'{HUB_NUMBER_FIELD}', count(*), array_agg(o.FBillNo ORDER BY o.FInterID),
       count(*) FILTER (WHERE o.FStatus > 0), count(*) FILTER (WHERE o.FCancellation = 1)
FROM k3.SEOrder o WHERE o.header->>'{HUB_NUMBER_FIELD}' <> ''
"""


def counted(session: Session, hub_number: str | None, *, limit: int) -> list[Counted]:
    """Return documents by hub number, the newest first, or of one number only."""
    found = session.execute(
        sa.text(
            f"{_COUNTED} AND (:number IS NULL OR {HUB_NUMBER} = lower(:number))"
            " GROUP BY 1 ORDER BY max(o.FInterID) DESC LIMIT :limit"
        ).bindparams(sa.bindparam("number", type_=sa.Text())),
        {"number": hub_number, "limit": limit},
    )
    return [_counted(row) for row in found]


def doubled(session: Session, *, limit: int) -> list[Counted]:
    """Return the hub numbers that more than one standing document carries."""
    found = session.execute(
        sa.text(
            f"{_COUNTED} AND o.FCancellation = 0 GROUP BY 1 HAVING count(*) > 1"
            " ORDER BY 1 LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [_counted(row) for row in found]


def _counted(row: sa.Row[str, int, list[str], int, int]) -> Counted:
    number, count, bills, checked, cancelled = row
    return Counted(
        hub_number=number, count=count, bills=bills, checked=checked, cancelled=cancelled
    )


def documents(session: Session) -> int:
    """Return how many documents there are."""
    return int(session.execute(sa.text("SELECT count(*) FROM k3.SEOrder")).scalar_one())
