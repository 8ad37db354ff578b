"""The division table: what it holds, and that both ways to read it answer alike."""

from __future__ import annotations

import pytest

from tests.addresses.generator import generate
from yinuo.addresses.model import Alias, AliasScope, conflicts_of
from yinuo.addresses.model.aliases import place_of_code
from yinuo.addresses.model.findings import thorough
from yinuo.addresses.model.quick import quick
from yinuo.addresses.model.table import table


def test_it_holds_every_level():
    known = table()
    in_force = [c for p, c in enumerate(known.codes) if p not in known.heirs and c[0] < "7"]
    assert sum(code.endswith("0000") for code in in_force) == 31
    assert sum(not code.endswith("00") for code in in_force) == 2851
    assert len(known.town_names) > 38_000


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("500157", "两江新区"),
        ("653132", "岑岭县"),
        ("659013", "草湖市"),
        ("653228", "和康县"),
        ("330113", "临平区"),
        ("460302", "西沙区"),
    ],
)
def test_what_was_approved_lately_is_there(code: str, name: str):
    known = table()
    assert known.names[known.place_of[code]] == name


@pytest.mark.parametrize("code", ["500105", "500112", "310108", "330104", "371200"])
def test_what_is_gone_is_not_in_force(code: str):
    known = table()
    assert known.place_of.get(code, -1) in {-1, *known.heirs}


@pytest.mark.parametrize(
    ("code", "now"),
    [("310108", "310106"), ("500112", "500157"), ("330103", "330105"), ("32", "320000")],
)
def test_old_and_short_codes_lead_to_those_in_force(code: str, now: str):
    known = table()
    assert known.codes[place_of_code(known, code)[0]] == now


def test_aliases_that_say_different_things_of_one_text_conflict():
    known = Alias("a", "老厂区", "330110", AliasScope.SHOP, "shop_1")
    same_shop = Alias("b", "老廠區", "330106", AliasScope.SHOP, "shop_1")
    other_shop = Alias("c", "老厂区", "330106", AliasScope.SHOP, "shop_2")
    everywhere = Alias("d", "老厂区", "330106")
    agreeing = Alias("e", "老厂区", "330110")
    assert conflicts_of(same_shop, [known]) == (known,)
    assert conflicts_of(other_shop, [known]) == ()
    assert conflicts_of(everywhere, [known, other_shop]) == (known,)
    assert conflicts_of(agreeing, [known]) == ()


def test_the_quick_way_answers_as_the_thorough_one():
    known = table()
    seen = 0
    for case in generate(seed=20, each=40):
        text = known.folding.fold(case.text)
        fast = quick(known, text)
        if fast is None or not case.text:
            continue
        seen += 1
        slow = thorough(known, text)
        if " " not in text and fast.place >= 0:
            assert (fast.place, fast.town) == (slow.place, slow.town), text
            assert abs(fast.sure - slow.sure) < 0.02, text
            assert slow.against == (), text
    assert seen > 700
