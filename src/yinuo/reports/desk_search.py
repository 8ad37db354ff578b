"""Finding the ids of one page of the order desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.errors import Invalid
from yinuo.core.paging import BadCursor, decode_cursor

MOST_QUERY = 64


class BadFilter(Invalid):
    """A search text that no order can match: too long, or with control characters."""

    code = "orders.bad_filter"


class View(StrEnum):
    """The tabs of the order desk."""

    ALL = "all"
    UNPAID = "unpaid"
    WAITING = "waiting"
    HELD = "held"
    RESERVED = "reserved"
    SENDING = "sending"
    IN_WAREHOUSE = "in_warehouse"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Sort(StrEnum):
    """The orders of the list; a minus is largest or newest first.

    `expires_at` lists the reservation that ends next first, and orders without one after them,
    newest first.
    """

    PLACED_AT = "placed_at"
    NEWEST = "-placed_at"
    TOTAL = "total"
    LARGEST = "-total"
    EXPIRES_AT = "expires_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFilter:
    """What to list; an empty text asks nothing.

    `q` is the start of an order number, a phone's last four digits, a SKU or a tag.
    """

    view: View = View.ALL
    q: str = ""
    sku: str = ""
    tag: str = ""
    shop: str = ""


@dataclass(frozen=True, slots=True)
class DeskKey:
    """The id of an order on a page, and the cursor that goes on behind it."""

    id: str
    cursor: list[str | int | None]


@dataclass(frozen=True, slots=True)
class Search:
    """A filter as SQL: all of `conditions`, and one at least of `branches`, with their `params`."""

    conditions: tuple[str, ...]
    branches: tuple[str, ...]
    params: dict[str, object]

    def also(self, condition: str, **params: object) -> Search:
        """Return the search with one more condition."""
        return Search((*self.conditions, condition), self.branches, {**self.params, **params})


def search_of(wanted: DeskFilter) -> Search:
    """Return a filter as SQL; raises BadFilter."""
    search = Search((), (), {})
    if wanted.view is not View.ALL:
        search = search.also("o.status = :status", status=wanted.view.value)
    if shop := _clean("shop", wanted.shop):
        search = search.also("o.shop_id = :shop", shop=shop)
    if sku := _clean("sku", wanted.sku):
        search = search.also(_HAS_SKU.format(name="sku"), sku=sku)
    if tag := _clean("tag", wanted.tag):
        search = search.also(_HAS_TAG.format(name="tag"), tag=tag)
    q = _clean("q", wanted.q)
    if not q:
        return search
    branches = [_HAS_NUMBER, _IS_SKU, _HAS_TAG.format(name="q")]
    if len(q) == 4 and q.isascii() and q.isdigit():
        branches.append("o.phone_tail = :q")
    words: dict[str, object] = {"q": q, "q_upper": q.upper(), "q_end": f"{q}\U0010ffff"}
    return Search(search.conditions, tuple(branches), {**search.params, **words})


# A prefix is a range in the order of bytes: written so, it uses the index under every plan.
_HAS_NUMBER = "o.number ~>=~ CAST(:q AS text) AND o.number ~<~ CAST(:q_end AS text)"
_HAS_SKU = "o.id IN (SELECT l.order_id FROM order_lines l WHERE l.sku = :{name})"
_IS_SKU = "o.id IN (SELECT l.order_id FROM order_lines l WHERE l.sku IN (:q, :q_upper))"
_HAS_TAG = "o.id IN (SELECT t.order_id FROM order_tags t WHERE t.tag = :{name})"


def _clean(name: str, text: str) -> str:
    clean = text.strip()
    if len(clean) > MOST_QUERY or not clean.isprintable():
        raise BadFilter(filter=name)
    return clean


@dataclass(frozen=True, slots=True)
class _Order:
    column: str
    is_descending: bool

    @property
    def way(self) -> str:
        return "DESC" if self.is_descending else "ASC"

    @property
    def beyond(self) -> str:
        return "<" if self.is_descending else ">"


_NEWEST = _Order("placed_at", is_descending=True)
_ORDERS = {
    Sort.PLACED_AT: _Order("placed_at", is_descending=False),
    Sort.NEWEST: _NEWEST,
    Sort.TOTAL: _Order("total_fen", is_descending=False),
    Sort.LARGEST: _Order("total_fen", is_descending=True),
}
_HAS_RESERVATION = (
    "EXISTS (SELECT 1 FROM reservations r WHERE r.owner = o.id AND r.state = 'reserved')"
)


def find_keys(
    session: Session, search: Search, *, sort: Sort, cursor: str | None, count: int
) -> list[DeskKey]:
    """Return the keys of at most `count` orders behind the cursor; raises BadCursor."""
    if sort is Sort.EXPIRES_AT:
        return _ending_first(session, search, cursor=cursor, count=count)
    order = _ORDERS[sort]
    after = None if cursor is None else _position(decode_cursor(cursor, length=2), order=order)
    return _by_key(session, search, order=order, after=after, count=count)


def _by_key(
    session: Session, search: Search, *, order: _Order, after: _Position | None, count: int
) -> list[DeskKey]:
    """Walk the sort's index in each branch for one page, and merge the pages."""
    params = {**search.params, "count": count}
    if after is not None:
        beyond = f"(o.{order.column}, o.id) {order.beyond} (:after_key, :after_id)"
        search = search.also(beyond)
        params |= {"after_key": after.key, "after_id": after.id}
    pages = [
        f"(SELECT o.{order.column} AS key, o.id FROM orders o"
        f" WHERE {' AND '.join([*search.conditions, branch])}"
        f" ORDER BY o.{order.column} {order.way}, o.id {order.way} LIMIT :count)"
        for branch in search.branches or ("TRUE",)
    ]
    statement = pages[0]
    if len(pages) > 1:
        merged = " UNION ".join(pages)
        statement = (
            f"SELECT key, id FROM ({merged}) found"
            f" ORDER BY key {order.way}, id {order.way} LIMIT :count"
        )
    rows = session.execute(sa.text(statement), params)
    return [DeskKey(row.id, [_text_of(row.key), row.id]) for row in rows]


def _ending_first(
    session: Session, search: Search, *, cursor: str | None, count: int
) -> list[DeskKey]:
    """List the few orders with a reservation by its end, then all others; the cursor says where."""
    part: str | int | None = 0
    after: _Position | None = None
    if cursor is not None:
        part, *rest = decode_cursor(cursor, length=3)
        after = _position(rest, order=_NEWEST)
    if part not in {0, 1}:
        raise BadCursor
    found = _reserved(session, search, after=after, count=count) if part == 0 else []
    if len(found) < count:
        behind = _by_key(
            session,
            search.also(f"NOT {_HAS_RESERVATION}"),
            order=_NEWEST,
            after=after if part == 1 else None,
            count=count - len(found),
        )
        found += [DeskKey(one.id, [1, *one.cursor]) for one in behind]
    return found


def _reserved(
    session: Session, search: Search, *, after: _Position | None, count: int
) -> list[DeskKey]:
    """Walk the two indexes of standing reservations, unpaid and paid, and merge them."""
    params = {**search.params, "count": count}
    conditions = ["r.state = 'reserved'", *search.conditions]
    if search.branches:
        conditions.append(f"(({') OR ('.join(search.branches)}))")
    if after is not None:
        params |= {"after_key": after.key, "after_id": after.id}
        # The first half alone bounds the index; the pair alone would not.
        conditions.append("r.expires_at >= :after_key")
        conditions.append("(r.expires_at, o.id) > (:after_key, :after_id)")
    pages = [
        "(SELECT r.expires_at AS key, o.id FROM reservations r JOIN orders o ON o.id = r.owner"
        f" WHERE {' AND '.join([*conditions, half])}"
        " ORDER BY r.expires_at, o.id LIMIT :count)"
        for half in ("r.is_paid", "NOT r.is_paid")
    ]
    rows = session.execute(
        sa.text(f"{' UNION ALL '.join(pages)} ORDER BY key, id LIMIT :count"), params
    )
    return [DeskKey(row.id, [0, _text_of(row.key), row.id]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Position:
    key: datetime | int
    id: str


def _position(parts: Sequence[str | int | None], *, order: _Order) -> _Position:
    key, order_id = parts
    if not isinstance(order_id, str):
        raise BadCursor
    if order.column == "total_fen":
        if not isinstance(key, int):
            raise BadCursor
        return _Position(key, order_id)
    try:
        moment = datetime.fromisoformat(str(key))
    except ValueError:
        raise BadCursor from None
    if moment.tzinfo is None:
        raise BadCursor
    return _Position(moment, order_id)


def _text_of(key: datetime | int) -> str | int:
    return key if isinstance(key, int) else key.isoformat()
