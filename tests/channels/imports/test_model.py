"""Files of orders: whatever Excel did to them, each order is read exactly or its problems told."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.channels.imports.sheets import ADDRESS, HEADER, csv_of, row, xlsx_of
from yinuo.channels.model import Channel
from yinuo.channels.model.imports import (
    BadFile,
    BadMapping,
    EmptyFile,
    FileTooLarge,
    ImportField,
    ImportProblemCode,
    ImportSheet,
    LockedWorkbook,
    MappingIncomplete,
    OldWorkbook,
    ReadImport,
    StatedGoods,
    TooManyRows,
    check_complete,
    check_mapping,
    decode_file,
    guess_columns,
    header_key,
    mapping_of,
    missing_fields,
    read_orders,
)
from yinuo.channels.model.imports.values import Paid, fen_of, paid_of, quantity_of, time_of
from yinuo.core.errors import YinuoError

P = ImportProblemCode
REFUSALS = (BadFile, EmptyFile, FileTooLarge, LockedWorkbook, OldWorkbook, TooManyRows)


def read(*rows: list[object], header: list[str] = HEADER) -> list[ReadImport]:
    sheet = decode_file(csv_of(*rows, header=header).encode())
    return read_orders(sheet, mapping_of(guess_columns(sheet)), channel=Channel.MINI_PROGRAM)


def problems(*rows: list[object]) -> list[tuple[str, str, str]]:
    return [(one.code.name, one.field, one.value) for one in read(*rows)[0].problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("by", [",", "\t", ";"])
def test_text_is_read_in_every_encoding_and_delimiter_that_excel_writes(encoding: str, by: str):
    sheet = decode_file(csv_of(row(), by=by).encode(encoding))
    assert sheet.header == tuple(HEADER)
    assert sheet.rows == (tuple(map(str, row())),)
    assert sheet.lines == (2,)


def test_a_workbook_is_read_by_value_with_times_and_numbers():
    at = datetime(2026, 11, 22, 10, 30)  # noqa: DTZ001 - a cell knows no zone
    sheet = decode_file(xlsx_of(row(1001, 下单时间=at, 数量=2, 单价=259.9, 手机=13800001234)))
    assert sheet.header == tuple(HEADER)
    assert sheet.rows[0][:4] == ("1001", "2026-11-22 10:30:00", "林晓梅", "13800001234")
    assert sheet.rows[0][6:8] == ("2", "259.9")


def test_a_long_number_that_excel_spoilt_is_a_problem_of_its_row_and_no_other():
    sheet = decode_file(xlsx_of(row(123456789012345678), row("A1002")))
    found = read_orders(sheet, mapping_of(guess_columns(sheet)), channel=Channel.MINI_PROGRAM)
    assert [one.code for one in found[0].problems] == [P.IN_EXPONENT]
    assert (found[0].problems[0].line, found[0].problems[0].value) == (2, "1.23457E+17")
    assert found[1].number == "A1002"
    assert found[1].stated is not None


def test_a_title_above_the_headings_and_blank_rows_do_not_count():
    text = "11月订单导出\r\n\r\n" + csv_of(row()) + "\r\n\r\n"
    sheet = decode_file(text.encode())
    assert (sheet.header[0], len(sheet.rows), sheet.lines) == ("订单号", 1, (4,))


def test_columns_that_say_nothing_behind_the_last_are_none():
    assert decode_file("订单号,数量,,\r\nA1,2,,\r\n".encode()).header == ("订单号", "数量")
    assert decode_file(xlsx_of(["A1"], header=["订单号"])).rows == (("A1",),)


def test_cells_lose_what_exporters_wrap_around_them():
    sheet = decode_file(csv_of(row('="A1001"'), row("'A1002"), row("A1003\t")).encode())
    assert [one[0] for one in sheet.rows] == ["A1001", "A1002", "A1003"]


def test_columns_are_guessed_by_their_words_and_samples_each_meaning_once():
    sheet = decode_file(csv_of(row()).encode())
    guessed = {one.heading: (one.meaning, one.confidence) for one in guess_columns(sheet)}
    assert guessed["订单号"] == (ImportField.NUMBER, 0.5)  # "A1001" is short for a number
    assert guessed["手机"] == (ImportField.PHONE, 1.0)
    assert guessed["单价"][0] is ImportField.UNIT_PRICE
    assert guessed["订单金额"][0] is ImportField.TOTAL
    assert guessed["付款时间"][0] is ImportField.PAID_AT


def test_a_column_without_a_known_heading_is_known_by_its_samples():
    header = [{"手机": "甲", "收货地址": "乙"}.get(one, one) for one in HEADER]
    sheet = decode_file(csv_of(row(), header=header).encode())
    found = {one.heading: one for one in guess_columns(sheet)}
    assert (found["甲"].meaning, found["甲"].confidence) == (ImportField.PHONE, 0.55)
    assert found["乙"].meaning is ImportField.ADDRESS
    assert found["乙"].samples == (ADDRESS,)


def test_a_mapping_is_complete_with_number_address_code_quantity_and_a_price():
    assert missing_fields({}) == ["number", "address", "code", "quantity", "unit_price"]
    with pytest.raises(MappingIncomplete) as refused:
        check_complete({"number": 0, "address": 1, "code": 2, "quantity": 3})
    assert refused.value.details == {"missing": ["imports.field.unit_price"]}
    check_complete({"number": 0, "address": 1, "code": 2, "quantity": 3, "total": 4})


@pytest.mark.parametrize("mapping", [{"number": 9}, {"nonsense": 0}, {"number": 0, "code": 0}])
def test_a_mapping_to_nowhere_or_twice_is_refused(mapping: dict[str, int]):
    with pytest.raises(BadMapping):
        check_mapping(mapping, columns=3)


def test_headings_are_the_same_whatever_their_blanks_and_widths():
    assert header_key(["订单号", "SKU"]) == header_key([" 订单号：", "ＳＫＵ"])
    assert header_key(["订单号", "SKU"]) != header_key(["SKU", "订单号"])


def test_an_order_is_read_to_the_fen_and_the_second():
    stated = read(row(数量="２", 运费="8", 订单金额="527.80"))[0].stated
    assert stated is not None
    assert stated.lines == (
        StatedGoods(code="ST4-GRY-180", quantity=2, unit_price_fen=25990, amount_fen=51980),
    )
    assert (stated.freight_fen, stated.discount_fen, stated.total_fen) == (800, 0, 52780)
    assert stated.placed_at == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    assert (stated.is_paid, stated.paid_at) == (True, datetime(2026, 11, 22, 2, 31, 5, tzinfo=UTC))
    assert (stated.name, stated.phone, stated.detail) == ("林晓梅", "13800001234", ADDRESS)


def test_rows_of_one_number_are_one_order_even_where_merged_cells_left_them_empty():
    rest = dict.fromkeys(["下单时间", "收货人", "手机", "收货地址", "付款时间"], "")
    found = read(
        row("A1"),
        row("", **rest, 商品编码="PLW-WHT"),
        row("A2"),
        row("a1 ", 商品编码="TWL-BLU"),
    )
    assert [(one.number, one.lines) for one in found] == [("A1", (2, 3, 5)), ("A2", (4,))]
    assert found[0].stated is not None
    assert [line.code for line in found[0].stated.lines] == ["ST4-GRY-180", "PLW-WHT", "TWL-BLU"]


def test_an_order_with_one_line_may_tell_its_total_only():
    stated = read(row(单价="", 运费="10", 订单金额="¥1,009.00"))[0].stated
    assert stated is not None
    assert (stated.lines[0].amount_fen, stated.total_fen) == (99900, 100900)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"订单号": ""}, ("MISSING", "number", "")),
        ({"订单号": "1.23457E+17"}, ("IN_EXPONENT", "number", "1.23457E+17")),
        ({"订单号": "订单一"}, ("BAD_NUMBER", "number", "订单一")),
        ({"手机": "1.38E+10"}, ("IN_EXPONENT", "phone", "")),
        ({"收货地址": ""}, ("MISSING", "address", "")),
        ({"收货地址": "#N/A"}, ("FORMULA_ERROR", "address", "")),
        ({"收货地址": "路" * 301}, ("TOO_LONG", "address", "")),
        ({"商品编码": ""}, ("MISSING", "code", "")),
        ({"数量": "0"}, ("BAD_QUANTITY", "quantity", "0")),
        ({"数量": "1.5"}, ("BAD_QUANTITY", "quantity", "1.5")),
        ({"单价": "二百"}, ("BAD_AMOUNT", "unit_price", "二百")),
        ({"单价": "-1"}, ("BAD_AMOUNT", "unit_price", "-1")),
        ({"单价": "0.005"}, ("BAD_AMOUNT", "unit_price", "0.005")),
        ({"下单时间": "昨天"}, ("BAD_TIME", "placed_at", "昨天")),
        ({"订单金额": "259.91"}, ("TOTAL_AMOUNT", "total", "259.91")),
        ({"单价": "", "订单金额": ""}, ("NO_PRICE", "unit_price", "")),
    ],
)
def test_what_is_wrong_is_told_with_its_field_and_no_word_of_a_person(
    changes: dict[str, str], told: tuple[str, str, str]
):
    assert told in problems(row(**changes))


def test_every_problem_of_an_order_is_told_at_once():
    found = problems(row("", 数量="x", 收货地址="", 下单时间="?"))
    assert [one[:2] for one in found] == [
        ("MISSING", "number"),
        ("BAD_QUANTITY", "quantity"),
        ("BAD_TIME", "placed_at"),
        ("MISSING", "address"),
    ]


def test_rows_of_an_order_that_contradict_each_other_are_told():
    found = read(row("A1"), row("A1", 收货地址="江苏省南通市通州区川姜镇1号"))[0]
    assert [(one.code, one.field, one.line) for one in found.problems] == [
        (P.CONFLICT, "address", 3)
    ]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("259.90", 25990),
        ("１９.９", 1990),
        ("¥1,234.50", 123450),
        ("88元", 8800),
        ("19.9000", 1990),
        ("1,23", None),
        ("1e3", None),
        ("", None),
        ("0.001", None),
    ],
)
def test_money_is_exact_or_refused(text: str, fen: int | None):
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22 10:30:05", datetime(2026, 11, 22, 2, 30, 5, tzinfo=UTC)),
        ("2026/11/2 9:05", datetime(2026, 11, 2, 1, 5, tzinfo=UTC)),
        ("2026年11月22日", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("46348.4375", datetime(2026, 11, 22, 2, 30, tzinfo=UTC)),
        ("2026-11-22T02:30:00Z", datetime(2026, 11, 22, 2, 30, tzinfo=UTC)),
        ("2026-11-22T10:30:00+08:00", datetime(2026, 11, 22, 2, 30, tzinfo=UTC)),
        ("2026-13-01", None),
        ("0", None),
        ("1970-01-01", None),
    ],
)
def test_times_are_of_shanghai_or_of_their_zone(text: str, at: datetime | None):
    assert time_of(text) == at


def test_quantities_and_payment_words():
    assert [quantity_of(one) for one in ("2", "2.0", "３件", "0", "", "10000")] == [2, 2, 3] + [
        None
    ] * 3
    assert [paid_of(one) for one in ("是", "待付款", "", "已取消", "也许", "Paid")] == [
        Paid.YES,
        Paid.NO,
        Paid.NO,
        Paid.OVER,
        Paid.UNCLEAR,
        Paid.YES,
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        ("订单号,数量\r\n".encode(), EmptyFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", OldWorkbook),
        (b"\x89PNG\r\n\x1a\n\x00\x00", BadFile),
        (b"PK\x03\x04broken", BadFile),
        (b"x" * (20 * 1024 * 1024 + 1), FileTooLarge),
        (b"a,b\n" + b"1,2\n" * 50_020, TooManyRows),
    ],
)
def test_a_file_that_is_no_table_of_orders_is_refused_with_its_reason(
    content: bytes, error: type[YinuoError]
):
    with pytest.raises(error):
        decode_file(content)


def test_an_archive_that_unpacks_to_far_more_is_refused_before_it_is_unpacked():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/{number}.xml", b"\x00" * (80 * 1024 * 1024))
    assert len(kept.getvalue()) < 1_000_000
    with pytest.raises(FileTooLarge):
        decode_file(kept.getvalue())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_decoder(content: bytes):
    for head in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"):
        try:
            sheet = decode_file(head + content)
        except REFUSALS:
            continue
        read_everything(sheet)


def test_no_damage_to_a_workbook_breaks_the_decoder():
    good, chance = xlsx_of(row(), row("A1002")), random.Random(5)
    for _ in range(150):
        spoilt = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            sheet = decode_file(bytes(spoilt[: chance.choice([len(good), chance.randrange(9000)])]))
        except REFUSALS:
            continue
        read_everything(sheet)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.text(max_size=30), min_size=12, max_size=12), max_size=4))
def test_no_cells_break_the_reading(rows: list[list[str]]):
    sheet = ImportSheet(
        header=tuple(HEADER),
        rows=tuple(map(tuple, rows)),
        lines=tuple(range(2, len(rows) + 2)),
    )
    read_everything(sheet)


def read_everything(sheet: ImportSheet) -> None:
    mapping = mapping_of(guess_columns(sheet))
    read_orders(sheet, mapping, channel=Channel.WECHAT_GROUP)
