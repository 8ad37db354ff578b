"""The K3 stand-in's decisions, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from yinuo.sandbox.kingdee.components import Components
from yinuo.sandbox.kingdee.envelope import Failure
from yinuo.sandbox.kingdee.filters import Condition, Ordering, parse_filter, parse_order
from yinuo.sandbox.kingdee.photograph import photograph
from yinuo.sandbox.kingdee.store.figures import Figure
from yinuo.sandbox.kingdee.tokens import Tokens

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_filter_reads_the_forms_of_the_notes() -> None:
    assert parse_filter("[FHeadSelfS0155] = 'YN1' and FBillNo LIKE N'%it''s%'") == [
        Condition("FHeadSelfS0155", "=", "YN1"),
        Condition("FBillNo", "like", "%it's%"),
    ]
    assert parse_filter("") == []
    assert parse_order("[fbillno] asc, Fdate desc") == [
        Ordering("FBillNo", False), Ordering("Fdate", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["FBillNo = 'a'; DROP TABLE x", "FBillNo = 'a' or 1=1", "FBillNo = 'a' and", "1=1", "FBillNo =",
     "FBillNo = 'a' --", "FBillNo in ('a')"],
)  # fmt: skip
def test_filter_refuses_everything_else(text: str) -> None:
    failure = parse_filter(text)
    assert isinstance(failure, Failure)
    assert failure.status == 500


def test_filter_names_an_unknown_column() -> None:
    assert parse_filter("[FHubNumber] = 'x'") == Failure(500, "列名 'FHubNumber' 无效。")


def test_token_ends_with_its_validity_and_earlier_ones_stay_good() -> None:
    tokens = Tokens(authority_code="code", validity_seconds=3600)
    assert tokens.create("Code", now=NOW) is None
    first = tokens.create("code", now=NOW)
    second = tokens.create("code", now=NOW + timedelta(seconds=1))
    assert first is not None
    assert second is not None
    assert tokens.is_valid(first, now=NOW + timedelta(seconds=3599))
    assert not tokens.is_valid(first, now=NOW + timedelta(seconds=3600))
    assert tokens.is_valid(second, now=NOW + timedelta(seconds=3600))
    assert not tokens.is_valid("", now=NOW)


def test_demand_without_a_stock_is_laid_on_the_fullest_first() -> None:
    on_hand = [Figure("A", "HZ", Decimal(5)), Figure("A", "NT", Decimal(9))]
    lines = photograph(
        on_hand, [Figure("A", "", Decimal(11)), Figure("A", "HZ", Decimal(1))], now=NOW
    )
    assert [(one.stock_code, one.on_hand, one.open, one.available) for one in lines] == [
        ("HZ", 5, 3, 2), ("NT", 9, 9, 0),
    ]  # fmt: skip
    assert lines[0].as_of == "2026-11-22T10:00:00+08:00"


def test_demand_that_nothing_covers_shows_as_negative_on_the_last() -> None:
    on_hand = [Figure("A", "HZ", Decimal(5)), Figure("A", "NT", Decimal(2))]
    lines = photograph(on_hand, [Figure("A", "", Decimal(10))], now=NOW)
    assert [(one.stock_code, one.open, one.available) for one in lines] == [
        ("HZ", 5, 0), ("NT", 5, -3),
    ]  # fmt: skip


def test_no_more_components_than_there_are() -> None:
    components = Components(most=2)
    with components.one() as first, components.one() as second, components.one() as third:
        assert (first, second, third) == (True, True, False)
    assert components.busy == 0
