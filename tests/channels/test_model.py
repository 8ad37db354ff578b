"""What channels decide, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.model import (
    MOST_BODY_BYTES,
    WINDOW_RULES,
    BadKey,
    BadNonce,
    BadNumber,
    Channel,
    ChannelStock,
    InboxMessage,
    InboxState,
    MessageTooLarge,
    ReserveOn,
    Shop,
    ShopSettings,
    Window,
    WindowRule,
    after_failure,
    check_message,
    check_nonce,
    clean_number,
    figure_problems,
    kept_headers,
    next_window,
    push_wait,
    shop_problems,
    unique_id,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MINI = Shop(id="mini", channel=Channel.MINI_PROGRAM, name="小程序")
MESSAGE = InboxMessage(
    source="shop", key="mini:1", shop_id="mini", headers={}, body=b"{}", received_at=NOW
)


@pytest.mark.parametrize(
    ("channel", "raw", "cleaned"),
    [
        (Channel.MINI_PROGRAM, "YN20261122000001", "YN20261122000001"),
        (Channel.MINI_PROGRAM, " yn-2026_1\n", "YN-2026_1"),
        (Channel.MINI_PROGRAM, "#1001", "1001"),
        (Channel.MINI_PROGRAM, "ＹＮ１２", "YN12"),
        (Channel.MINI_PROGRAM, "YN\u200b1\ufeff2\u00a03", "YN123"),
        (Channel.WECHAT_GROUP, "G-1", "G-1"),
        (Channel.DOUYIN, "6920000000000000001", "6920000000000000001"),
        (Channel.DOUYIN, "4800000000000000001A", "4800000000000000001"),
        (Channel.PINDUODUO, "210101-123456789012345", "210101123456789012345"),
        (Channel.WECHAT_STORE, "3700000000000000001", "3700000000000000001"),
        (Channel.MINI_PROGRAM, "A" * 40, "A" * 40),
    ],
)
def test_a_number_is_cleaned_by_its_channels_rule(channel: Channel, raw: str, cleaned: str):
    assert clean_number(channel, raw) == cleaned
    assert clean_number(Channel.MINI_PROGRAM, cleaned) == cleaned


@pytest.mark.parametrize(
    ("channel", "raw"),
    [
        (Channel.MINI_PROGRAM, ""),
        (Channel.MINI_PROGRAM, "   "),
        (Channel.MINI_PROGRAM, "##1"),
        (Channel.MINI_PROGRAM, "-1"),
        (Channel.MINI_PROGRAM, "A'--"),
        (Channel.MINI_PROGRAM, "A%"),
        (Channel.MINI_PROGRAM, "订单1"),
        (Channel.MINI_PROGRAM, "İ1"),
        (Channel.MINI_PROGRAM, "A" * 41),
        (Channel.MINI_PROGRAM, "1" + " " * 200),
        (Channel.DOUYIN, "69200000000000000B1"),
        (Channel.DOUYIN, "12345"),
        (Channel.PINDUODUO, "210101123456789012345"),
        (Channel.PINDUODUO, "21010-1123456789012345"),
        (Channel.WECHAT_STORE, "370-0000000000000001"),
    ],
)
def test_a_number_that_its_channel_cannot_have_sent_is_refused(channel: Channel, raw: str):
    with pytest.raises(BadNumber) as refused:
        clean_number(channel, raw)
    assert refused.value.details == {"channel": channel.value, "number": raw[:60]}


@given(st.text(alphabet="0123456789- \u3000", min_size=1, max_size=40))
def test_two_pinduoduo_numbers_never_become_one(raw: str):
    # Six digits stand before the hyphen, so it can be put back: nothing was lost.
    try:
        cleaned = clean_number(Channel.PINDUODUO, raw)
    except BadNumber:
        return
    assert f"{cleaned[:6]}-{cleaned[6:]}" == "".join(raw.split())


def test_the_unique_id_is_md5_over_channel_shop_and_number():
    # printf 'mini_program|mini|YN20261122000001' | md5sum
    assert (
        unique_id(Channel.MINI_PROGRAM, "mini", "YN20261122000001")
        == "22b62d7d0d366d046a376938d2d5334d"
    )
    assert unique_id(Channel.DOUYIN, "mini", "1") != unique_id(Channel.MINI_PROGRAM, "mini", "1")


def test_only_headers_that_prove_or_read_a_message_are_kept():
    kept = kept_headers(
        {
            "Content-Type": "application/json",
            "Wechatpay-Signature": "c2ln",
            "X-Yinuo-Nonce": "n\x00" * 600,
            "Authorization": "Bearer made-up",
            "Cookie": "yinuo_session=made-up",
            "X-Api-Key": "made-up",
        }
    )
    assert kept == {
        "content-type": "application/json",
        "wechatpay-signature": "c2ln",
        "x-yinuo-nonce": "n" * 600,
    }


def test_a_message_of_2_mb_is_taken_and_one_byte_more_is_not():
    check_message(replace(MESSAGE, body=b"x" * MOST_BODY_BYTES))
    with pytest.raises(MessageTooLarge):
        check_message(replace(MESSAGE, body=b"x" * (MOST_BODY_BYTES + 1)))


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00", "a\nb", "\ud800"])
def test_a_key_that_cannot_be_kept_is_refused(key: str):
    with pytest.raises(BadKey):
        check_message(replace(MESSAGE, key=key))
    with pytest.raises(BadKey):
        check_message(replace(MESSAGE, source=key))


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 4), (2, 8), (3, 16), (7, 256)])
def test_a_failure_is_tried_again_later_and_later(attempts: int, seconds: int):
    following = after_failure(attempts=attempts, now=NOW)
    assert (following.state, following.at - NOW) == (
        InboxState.FAILED,
        timedelta(seconds=seconds),
    )


def test_the_eighth_failure_parks():
    assert after_failure(attempts=8, now=NOW).state is InboxState.PARKED


RULE = WindowRule(
    overlap=timedelta(minutes=5),
    most=timedelta(minutes=30),
    lag=timedelta(seconds=5),
    first=timedelta(hours=2),
)


def test_a_new_shop_is_read_back_by_the_first_stretch():
    assert next_window(RULE, watermark=None, now=NOW) == Window(
        since=NOW - timedelta(hours=2, seconds=5), until=NOW - timedelta(minutes=90, seconds=5)
    )


def test_a_window_overlaps_the_last_and_leaves_the_newest_seconds():
    assert next_window(RULE, watermark=NOW - timedelta(minutes=1), now=NOW) == Window(
        since=NOW - timedelta(minutes=6), until=NOW - timedelta(seconds=5)
    )


def test_nothing_is_due_until_time_has_passed():
    assert next_window(RULE, watermark=NOW - timedelta(seconds=5), now=NOW) is None
    assert next_window(RULE, watermark=NOW + timedelta(hours=1), now=NOW) is None


@given(away=st.integers(1, 10_000))
def test_windows_after_a_long_absence_leave_no_gap_and_reach_now(away: int):
    watermark = start = NOW - timedelta(minutes=away)
    reached = [start]
    while (window := next_window(RULE, watermark=watermark, now=NOW)) is not None:
        assert window.since <= watermark < window.until
        assert window.until - window.since <= RULE.most
        watermark = window.until
        reached.append(watermark)
    assert reached[-1] == NOW - RULE.lag


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_has_a_rule_that_moves_on(channel: Channel):
    rule = WINDOW_RULES[channel]
    assert rule.overlap < rule.most
    assert rule.lag < rule.first


@pytest.mark.parametrize("nonce", ["a" * 16, "a" * 64, "AZaz09._~+/=-xyz"])
def test_a_nonce_is_16_to_64_plain_characters(nonce: str):
    check_nonce(nonce)


@pytest.mark.parametrize(
    "nonce", ["", "a" * 15, "a" * 65, "a" * 15 + "\n", "ａ" * 16, "a" * 16 + " "]
)
def test_anything_else_is_no_nonce(nonce: str):
    with pytest.raises(BadNonce):
        check_nonce(nonce)


def test_every_wrong_field_of_a_shop_is_named():
    assert shop_problems(MINI) == []
    wrong = Shop(
        id="Mini!",
        channel=Channel.MINI_PROGRAM,
        name=" ",
        settings=ShopSettings(reserve_on=ReserveOn.ORDER, ttl_seconds=59),
    )
    assert shop_problems(wrong) == ["id", "name", "ttl_seconds"]
    assert shop_problems(replace(MINI, name="a\x00")) == ["name"]


def test_figures_are_whole_numbers_from_zero_for_named_skus():
    assert figure_problems({"A": 0, "B": 5}) == []
    assert figure_problems({"B": -1, " ": 1, "C": 2**31, "A": 3, "D\x00": 1}) == [
        " ",
        "B",
        "C",
        "D\x00",
    ]


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 10), (2, 20), (6, 320), (7, 600), (40, 600)])
def test_a_push_is_repeated_later_and_later(attempts: int, seconds: int):
    assert push_wait(attempts) == timedelta(seconds=seconds)


def test_a_figure_is_acknowledged_when_the_shop_knows_this_version_or_a_newer():
    figure = ChannelStock(
        shop_id="mini",
        sku="A",
        version=7,
        quantity=3,
        wanted_at=NOW,
        pushed_version=None,
        pushed_at=None,
        acked_version=None,
        acked_at=None,
        attempts=0,
    )
    assert not figure.is_acknowledged
    assert not replace(figure, acked_version=6).is_acknowledged
    assert replace(figure, acked_version=7).is_acknowledged
    assert replace(figure, acked_version=8).is_acknowledged
