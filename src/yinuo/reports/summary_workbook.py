"""A day as the workbook that a person would make by hand: sums, money, goods, orders, work, proof."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from yinuo.channels.model.certificates import day_bounds
from yinuo.channels.service import certificates
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.workflows.daily_summary import Summary

Cell = str | int | float | None
MOST_ORDERS = 20_000
_YUAN = '"¥"#,##0.00'

_ORDERS = sa.text(
    """
    SELECT o.raw_number, o.shop_id, o.status, o.total_fen, o.paid_fen, o.refunded_fen, o.placed_at,
           o.paid_at, o.shipped_at, o.province, o.city, coalesce(o.warehouse, '') AS warehouse,
           (SELECT string_agg(l.sku || '×' || l.quantity, ' ' ORDER BY l.id)
              FROM order_lines l WHERE l.order_id = o.id) AS goods
      FROM orders o WHERE o.placed_at >= :since AND o.placed_at < :until
     ORDER BY o.placed_at, o.id LIMIT :most
    """
)
_WORK = sa.text(
    """
    SELECT kind, count(*) AS items, min(created_at) AS oldest,
           count(*) FILTER (WHERE deadline <= now()) AS overdue
      FROM work_items WHERE state <> 'resolved' GROUP BY kind ORDER BY items DESC, kind
    """
)


def workbook(session: Session, summary: Summary, language: Language = Language.ZH) -> bytes:
    """Return the XLSX file of a day; amounts are numbers in yuan, no receiver is in it."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.set_properties({"title": _word("title", language, day=summary.day.isoformat())})
        sheets = _Sheets(book, language)
        names = {shop_id: line.shop for shop_id, line in summary.shops.items()}
        sheets.add("shops", _shops(summary, language))
        sheets.add("money", _money(summary, language))
        sheets.add("goods", _goods(summary))
        sheets.add("orders", _orders(session, summary, names, language))
        sheets.add("work", _work(session, language))
        sheets.add("proof", _proof(session, summary, names, language))
    return kept.getvalue()


class _Sheets:
    """Adds sheets of one look: a head that stays, widths that fit, columns of money."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self._book = book
        self._language = language
        self._head: Format = book.add_format(
            {"bold": True, "bg_color": "#E3F0EE", "border": 1, "text_wrap": True}
        )
        self._money: Format = book.add_format({"num_format": _YUAN})

    def add(self, name: str, rows: Iterable[Sequence[Cell]]) -> None:
        heads = _word(f"columns.{name}", self._language).split("|")
        sheet = self._book.add_worksheet(_word(f"sheet.{name}", self._language))
        widths = [_width(head.removesuffix("¥")) for head in heads]
        last = 0
        for last, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                is_money = heads[at].endswith("¥")
                if cell is None:
                    continue
                if isinstance(cell, str):
                    sheet.write_string(last, at, cell)
                else:
                    sheet.write_number(last, at, cell, self._money if is_money else None)
                widths[at] = max(widths[at], _width(str(cell)))
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head.removesuffix("¥"), self._head)
            sheet.set_column(at, at, min(widths[at] + 2, 60))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)


def _width(words: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in words)


def _word(name: str, language: Language, **values: str) -> str:
    return text(f"reports.summary.{name}", language, **values)


def _yuan(fen: int) -> float:
    return fen / 100


def _shops(summary: Summary, language: Language) -> Iterable[Sequence[Cell]]:
    lines = list(summary.shops.values())
    for line in lines:
        colour = text(f"certificates.colour.{line.colour}", language) if line.colour else "—"
        yield (
            line.shop,
            line.placed,
            line.paid,
            _yuan(line.paid_fen),
            _yuan(line.refunded_fen),
            line.shipped,
            line.held,
            line.waiting_long,
            colour,
            line.gaps,
        )
    yield (
        _word("total", language),
        sum(line.placed for line in lines),
        sum(line.paid for line in lines),
        _yuan(sum(line.paid_fen for line in lines)),
        _yuan(sum(line.refunded_fen for line in lines)),
        sum(line.shipped for line in lines),
        sum(line.held for line in lines),
        sum(line.waiting_long for line in lines),
        "",
        sum(line.gaps for line in lines),
    )


def _money(summary: Summary, language: Language) -> Iterable[Sequence[Cell]]:
    for one in summary.accounts:
        yield (
            text(f"reports.provider.{one.provider}", language),
            one.account,
            one.payments,
            _yuan(one.paid_fen),
            one.refunds,
            _yuan(one.refunded_fen),
            _yuan(one.paid_fen - one.refunded_fen),
        )


def _goods(summary: Summary) -> Iterable[Sequence[Cell]]:
    for one in summary.skus:
        yield (one.sku, one.name, one.orders, one.units, _yuan(one.amount_fen))


def _orders(
    session: Session, summary: Summary, names: dict[str, str], language: Language
) -> Iterable[Sequence[Cell]]:
    since, until = day_bounds(summary.day)
    found = session.execute(_ORDERS, {"since": since, "until": until, "most": MOST_ORDERS})
    for row in found:
        yield (
            row.raw_number,
            names.get(row.shop_id, row.shop_id),
            text(f"orders.status.{row.status}", language),
            row.goods or "",
            _yuan(row.total_fen),
            _yuan(row.paid_fen),
            _yuan(row.refunded_fen),
            _moment(row.placed_at),
            _moment(row.paid_at),
            _moment(row.shipped_at),
            f"{row.province} {row.city}".strip(),
            row.warehouse,
        )


def _work(session: Session, language: Language) -> Iterable[Sequence[Cell]]:
    for row in session.execute(_WORK):
        kind = text(f"exceptions.kind.{row.kind}", language)
        yield (kind, row.items, row.overdue, _moment(row.oldest))


def _proof(
    session: Session, summary: Summary, names: dict[str, str], language: Language
) -> Iterable[Sequence[Cell]]:
    for one in certificates.list_days(session, until=summary.day, days=1):
        doubts = " ".join(text(f"certificates.doubt.{doubt}", language) for doubt in one.doubts)
        yield (
            names.get(one.shop_id, one.shop_id),
            text(f"certificates.colour.{one.colour}", language) if one.colour else "—",
            one.channel.orders,
            _yuan(one.channel.fen),
            one.payments.orders,
            _yuan(one.payments.fen),
            one.hub.orders,
            _yuan(one.hub.fen),
            one.erp.orders,
            _yuan(one.erp.fen),
            _yuan(one.hub_goods.fen),
            one.gaps,
            one.explained,
            doubts,
            _moment(one.made_at),
        )


def _moment(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else ""
