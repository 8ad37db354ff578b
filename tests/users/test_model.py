"""Tests of the rules of roles, passwords, tries and the chain."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.users.model import (
    GENESIS,
    ROLE_PERMISSIONS,
    ApiToken,
    AuditEntry,
    AuditFact,
    BadUsername,
    Permission,
    Role,
    Tries,
    TryScope,
    WeakPassword,
    after_success,
    canonical,
    check_password,
    clean_username,
    count_try,
    head_text,
    mask,
    needs_touch,
    next_hash,
    seconds_locked,
    verify,
)

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
MADE_UP_PASSWORD = "three blue ladders"


def test_it_admin_may_everything_and_nobody_else_manages_users():
    assert ROLE_PERMISSIONS[Role.IT_ADMIN] == frozenset(Permission)
    managers = {role for role in Role if Permission.USERS_MANAGE in ROLE_PERMISSIONS[role]}
    assert managers == {Role.IT_ADMIN}


def test_every_role_sees_orders_and_only_some_see_the_audit():
    assert all(Permission.ORDERS_READ in ROLE_PERMISSIONS[role] for role in Role)
    assert {role for role in Role if Permission.AUDIT_READ in ROLE_PERMISSIONS[role]} == {
        Role.OPERATIONS,
        Role.STORE_MANAGER,
        Role.IT_ADMIN,
    }
    assert Permission.STOCK_RECONCILE not in ROLE_PERMISSIONS[Role.CUSTOMER_SERVICE]


def test_token_may_no_more_than_its_owner():
    token = ApiToken(
        id="tok_1",
        user_id="usr_1",
        name="erp",
        scopes=frozenset({Permission.ORDERS_READ, Permission.USERS_MANAGE}),
        created_at=NOW,
        expires_at=None,
        last_used_at=None,
        revoked_at=None,
    )

    assert token.as_actor(Role.IT_ADMIN).permissions == token.scopes
    assert token.as_actor(Role.OPERATIONS).permissions == {Permission.ORDERS_READ}


def test_username_is_trimmed_and_lower_case():
    assert clean_username("  Li.Na ") == "li.na"


@pytest.mark.parametrize("text", ["", "a", ".na", "li na", "李娜", "a" * 41, "li\x00na", "li@na"])
def test_odd_usernames_are_refused(text: str):
    with pytest.raises(BadUsername):
        clean_username(text)


def test_good_password_is_accepted():
    check_password(MADE_UP_PASSWORD, username="li.na")


@pytest.mark.parametrize(
    ("password", "problems"),
    [
        ("", ["too_short", "too_common"]),
        ("short1!", ["too_short"]),
        ("x" * 5 + "y" * 200, ["too_long", "too_common"]),
        ("Woaini1314", ["too_common"]),
        ("1111111111111", ["too_common"]),
        ("zhang.san2026", ["is_username"]),
    ],
)
def test_weak_passwords_are_refused_with_every_problem(password: str, problems: list[str]):
    with pytest.raises(WeakPassword) as refused:
        check_password(password, username="zhang.san")
    assert refused.value.details["problems"] == problems


def a_try(scope: TryScope = TryScope.PAIR, count: int = 0) -> Tries:
    return Tries(scope=scope, key="k", count=count, last_at=NOW, locked_until=None)


def test_the_wait_starts_at_the_fifth_try_and_doubles_up_to_a_quarter_of_an_hour():
    tries, waits = a_try(), []
    for _ in range(13):
        tries = count_try(tries, NOW)
        waits.append(seconds_locked([tries], NOW))

    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_failures_are_forgotten_after_a_quiet_hour():
    tries = count_try(a_try(count=30), NOW)
    assert tries.count == 31
    later = NOW + timedelta(hours=1)
    assert count_try(tries, later) == replace(tries, count=1, last_at=later, locked_until=None)


def test_the_longest_wait_of_all_counts_and_a_part_of_a_second_is_a_second():
    short = replace(a_try(), locked_until=NOW + timedelta(seconds=3))
    long = replace(a_try(), locked_until=NOW + timedelta(seconds=9.2))
    over = replace(a_try(), locked_until=NOW)
    assert seconds_locked([short, long, over], NOW) == 10
    assert seconds_locked([over], NOW) == 0


def test_a_user_alone_and_an_address_alone_lock_late():
    assert count_try(a_try(TryScope.USER, 23), NOW).locked_until is None
    assert count_try(a_try(TryScope.USER, 24), NOW).locked_until == NOW + timedelta(seconds=15)
    assert count_try(a_try(TryScope.ADDRESS, 48), NOW).locked_until is None
    assert count_try(a_try(TryScope.ADDRESS, 49), NOW).locked_until == NOW + timedelta(seconds=15)


def test_success_clears_the_persons_counts_and_gives_the_address_one_try_back():
    assert after_success(a_try(TryScope.PAIR, 4)).count == 0
    assert after_success(a_try(TryScope.USER, 4)).count == 0
    assert after_success(a_try(TryScope.ADDRESS, 4)).count == 3
    assert after_success(a_try(TryScope.ADDRESS, 0)).count == 0


def test_use_is_written_once_a_minute():
    assert needs_touch(None, NOW)
    assert not needs_touch(NOW - timedelta(seconds=59), NOW)
    assert needs_touch(NOW - timedelta(seconds=60), NOW)


def test_personal_data_and_secrets_are_masked():
    masked = mask(
        {
            "receiver": {"name": "王小明", "phone": "13800138000", "detail": "文三路 1 号"},
            "note": "call +86 138-0013-8000 or 13900139000",
            "password": "made-up",
            "phone": 13800138000,
            "mobile": "123",
            "lines": [{"sku": "LOVE-2026", "quantity": 3, "price": 259.9, "is_gift": False}],
            "nothing": None,
        }
    )

    assert masked == {
        "receiver": {"name": "王**", "phone": "***8000", "detail": "***"},
        "note": "call ***8000 or ***9000",
        "password": "***",
        "phone": "***8000",
        "mobile": "***",
        "lines": [{"sku": "LOVE-2026", "quantity": 3, "price": "259.9", "is_gift": False}],
        "nothing": None,
    }


def test_a_long_number_is_no_phone_but_a_phone_as_a_number_is_one():
    assert mask(4200001234138001380001) == 4200001234138001380001
    assert mask(13800138000) == "***8000"


def test_what_the_database_cannot_hold_is_replaced():
    assert mask({"a\x00b": "c\x00\ud800"}) == {"a\ufffdb": "c\ufffd?"}


def a_fact(number: int) -> AuditFact:
    return AuditFact(
        id=f"aud_{number}",
        at=NOW + timedelta(seconds=number),
        actor_id="usr_1",
        actor_name="李娜",
        actor_kind="user",
        action="orders.cancel",
        object=f"ord_{number}",
        before={"status": "reserved"},
        after={"status": "cancelled", "number": number},
    )


def a_chain(length: int) -> list[AuditEntry]:
    entries, previous = [], GENESIS
    for number in range(1, length + 1):
        fact = a_fact(number)
        digest = next_hash(previous, canonical(fact))
        entries.append(AuditEntry(position=number, fact=fact, previous_hash=previous, hash=digest))
        previous = digest
    return entries


def test_canonical_form_is_one_text_whatever_the_order_of_keys():
    fact = a_fact(1)
    turned = replace(fact, after={"number": 1, "status": "cancelled"})
    assert canonical(fact) == canonical(turned)
    assert canonical(fact) == (
        '{"action":"orders.cancel","actor_id":"usr_1","actor_kind":"user","actor_name":"李娜",'
        '"after":{"number":1,"status":"cancelled"},"at":"2026-11-11T02:00:01.000000+00:00",'
        '"before":{"status":"reserved"},"id":"aud_1","object":"ord_1"}'
    )


def test_a_whole_chain_verifies():
    chain = a_chain(5)
    found = verify(chain)
    assert (found.is_whole, found.entries, found.broken_at) == (True, 5, None)
    assert found.head == head_text(5, chain[-1].hash)


def test_an_empty_chain_is_whole():
    assert verify([]).head == "0:" + "00" * 32
    assert verify([], anchor="0:" + "00" * 32).is_whole


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_changed_entry_is_found_at_its_place(position: int):
    chain = a_chain(5)
    entry = chain[position - 1]
    chain[position - 1] = replace(entry, fact=replace(entry.fact, actor_name="张三"))
    found = verify(chain)
    assert (found.is_whole, found.entries, found.broken_at) == (False, position - 1, position)


def test_a_removed_entry_is_found_at_its_place():
    chain = a_chain(5)
    del chain[2]
    assert verify(chain).broken_at == 3


def test_an_entry_hashed_anew_breaks_the_next_one():
    chain = a_chain(5)
    fact = replace(chain[1].fact, object="ord_99")
    forged = next_hash(chain[1].previous_hash, canonical(fact))
    chain[1] = replace(chain[1], fact=fact, hash=forged)
    assert verify(chain).broken_at == 3


def test_removed_newest_entries_show_against_an_anchor_only():
    chain = a_chain(5)
    anchor = verify(chain).head
    assert verify(chain[:3]).is_whole
    found = verify(chain[:3], anchor=anchor)
    assert (found.is_whole, found.broken_at) == (False, 4)
    assert verify(a_chain(7), anchor=anchor).is_whole


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_masked_values_have_one_canonical_form_that_survives_json(value: object):
    masked = mask(value)  # type: ignore[arg-type]
    body = json.dumps(masked, sort_keys=True, ensure_ascii=False)
    assert json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False) == body
    body.encode("utf-8")
    assert mask(masked) == masked or "phone" in body.lower()
