"""Make-believe buyers: the same seed gives the same people, in believable shares."""

from __future__ import annotations

import random
from collections import Counter

from yinuo.sandbox import people
from yinuo.sandbox.shop.model import Product
from yinuo.sandbox.traffic import Buyer, make_buyer

PRODUCTS = [
    Product(listing=f"P-{number:03d}", sku=f"S-{number:03d}", name="x", price_fen=100)
    for number in range(400)
]


def buyers(seed: int, count: int) -> list[Buyer]:
    chance = random.Random(seed)
    return [make_buyer(chance, PRODUCTS, number=number) for number in range(count)]


def test_same_seed_gives_the_same_buyers() -> None:
    assert buyers(1, 50) == buyers(1, 50)
    assert buyers(1, 50) != buyers(2, 50)


def test_shares_are_believable() -> None:
    crowd = buyers(2026, 4000)
    never = sum(one.pays_after is None and one.cancels_after is None for one in crowd)
    cancelled = sum(one.cancels_after is not None for one in crowd)
    refunded = sum(one.wants_money_after is not None for one in crowd)
    assert 0.06 < never / 4000 < 0.10
    assert 0.045 < cancelled / 4000 < 0.075
    assert 0.02 < refunded / 4000 < 0.04
    lines = Counter(len(one.basket.lines) for one in crowd)
    assert set(lines) == {1, 2, 3, 4}
    assert lines[1] > lines[2] > lines[3] > lines[4]


def test_people_are_made_up_and_spread_over_the_country() -> None:
    crowd = [one.basket.receiver for one in buyers(3, 500)]
    assert len({one.province for one in crowd}) >= 18
    assert all(one.phone.startswith("1380000") and len(one.phone) == 11 for one in crowd)
    assert all("示例小区" in one.detail for one in crowd)


def test_a_third_pays_with_alipay() -> None:
    ways = Counter(one.basket.pays_with for one in buyers(2026, 3000))
    assert ways == {"wechat_pay": 2000, "alipay": 1000}


def test_a_share_of_the_addresses_is_mixed_up_and_taken_as_it_is() -> None:
    chance = random.Random(5)
    crowd = [
        make_buyer(chance, PRODUCTS, number=number, odd_addresses=0.127) for number in range(2000)
    ]
    odd = [one.basket for one in crowd if one.basket.is_as_written]
    assert 200 < len(odd) < 310
    assert all(basket.receiver.detail for basket in odd)
    assert sum(basket.receiver.city == "" for basket in odd) > len(odd) / 2


def test_each_kind_of_odd_address_is_what_it_says() -> None:
    chance = random.Random(6)
    odd = {kind: people.odd_receiver(chance, kind=kind) for kind in dict.fromkeys(people.ODD_KINDS)}
    assert odd["all_glued"].name == odd["all_glued"].phone == ""
    assert "1380000" in odd["all_glued"].detail
    assert (odd["no_city"].province == "") is False
    assert odd["no_city"].city == ""
    assert (odd["drifted"].province, odd["drifted"].town == "") == ("中国", False)
    pairs = {(place[0], place[1]) for place in people.PLACES}
    wrong = odd["contradiction"]
    assert (wrong.province, wrong.city) not in pairs
