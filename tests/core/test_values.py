"""Money, ids, cursors, the clock and the words: small things everything stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.core import clock
from yinuo.core.errors import Kind, NotFound, YinuoError
from yinuo.core.ids import new_id
from yinuo.core.money import BadAmount, Fen, fen_to_yuan, yuan_to_fen
from yinuo.core.paging import BadCursor, clamp_limit, decode_cursor, encode_cursor
from yinuo.core.texts import Language, has_text, text


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [
        ("259.90", 25990),
        ("0.1", 10),
        ("0", 0),
        ("-5.05", -505),
        ("7.", 700),
        (Decimal("1.10"), 110),
    ],
)
def test_yuan_becomes_fen_exactly(yuan: str | Decimal, fen: int) -> None:
    assert yuan_to_fen(yuan) == fen


@pytest.mark.parametrize(
    "yuan",
    [
        "",
        "abc",
        "1.234",
        "1e3",
        "NaN",
        "Infinity",
        "1,000",
        "１２",
        "--1",
        "99999999999999.00",
        "1 0",
    ],
)
def test_what_is_no_amount_is_refused(yuan: str) -> None:
    with pytest.raises(BadAmount):
        yuan_to_fen(yuan)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_fen_survive_the_way_to_yuan_and_back(fen: int) -> None:
    assert yuan_to_fen(fen_to_yuan(Fen(fen))) == fen


def test_ids_are_unique_and_grow() -> None:
    made = [new_id("ord") for _ in range(2000)]
    assert made == sorted(set(made))
    assert all(one.startswith("ord_") and len(one) == 30 for one in made)


@given(st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62), st.text(max_size=20))))
def test_cursor_survives_the_way_out_and_back(key: list[str | int | None]) -> None:
    if any(isinstance(part, str) and ("\x00" in part or not part.isprintable()) for part in key):
        return
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("cursor", ["", "%%%", "e30", "WzEuNV0", "W3RydWVd", "é", "WyJcdTAwMDAiXQ"])
def test_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor)


def test_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(["a", 1]), length=1)
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor([2**63]))


def test_limit_stays_in_bounds() -> None:
    assert [clamp_limit(limit) for limit in (-1, 0, 1, 200, 10**9)] == [1, 1, 1, 200, 200]


def test_clock_stands_still_until_it_is_moved() -> None:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    with clock.fixed(at) as time:
        assert clock.now() == at
        time.advance(seconds=90)
        assert clock.now() == at + timedelta(seconds=90)
    assert clock.now() > at
    naive = at.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"), clock.fixed(naive):
        pass


def test_errors_carry_kind_and_code_and_never_their_details() -> None:
    error = NotFound(phone="made up")
    assert isinstance(error, YinuoError)
    assert (error.kind, str(error), error.details) == (
        Kind.NOT_FOUND,
        "core.not_found",
        {"phone": "made up"},
    )


def test_words_are_filled_in_and_codes_among_the_parameters_are_put_into_words() -> None:
    assert text("core.too_large", Language.EN, limit="2 MB") == (
        "Too large; at most 2 MB. Send it in parts."
    )
    assert text("workflows.timeline.put_off", Language.EN, system="workflows.system.erp") == (
        "Kingdee K3 is not available; tried again automatically"
    )
    assert text("core.too_large", Language.ZH) == "内容太大，上限 ?。请分批提交。"
    assert text("no.such_code") == "no.such_code"
    assert has_text("core.invalid")
    assert not has_text("no.such_code")
