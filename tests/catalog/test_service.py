"""What the catalog keeps and finds, on a real database."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from yinuo.catalog import service
from yinuo.catalog.model import (
    BadBundle,
    BadListing,
    BadSku,
    Bundle,
    BundlePart,
    CatalogRows,
    Demand,
    Listing,
    Sku,
    UnknownSku,
)
from yinuo.cli.demo_catalog import demo_catalog
from yinuo.core.db import Database, Session
from yinuo.core.money import Fen
from yinuo.core.paging import BadCursor


def sku(code: str, **changes: object) -> Sku:
    return replace(Sku(code=code, name=f"商品 {code}", price_fen=Fen(100)), **changes)


def bundle(code: str, **parts: int) -> Bundle:
    return Bundle(
        code=code,
        parts=tuple(BundlePart(sku=name, quantity=units) for name, units in parts.items()),
    )


def events(session: Session) -> list[tuple[str, dict[str, object]]]:
    rows = session.execute(sa.text("SELECT name, body FROM events ORDER BY seq"))
    return [(row.name, row.body) for row in rows]


def test_saved_skus_are_loaded_as_they_were(session: Session):
    full = sku(
        "RUG-160",
        unit="张",
        weight_grams=5600,
        barcode="6901234567892",
        is_gift=True,
        needs_erp_check=True,
        is_active=False,
        category="地毯",
        family="RUG",
        variant="160",
        image="rug.jpg",
    )
    assert service.save_skus(session, [sku("B"), full]) == 2
    assert service.load_skus(session, ["RUG-160", "B"]) == {"RUG-160": full, "B": sku("B")}
    assert events(session) == [("catalog.skus_saved", {"count": 2, "first_sku": "B"})]


def test_saving_again_changes_what_stands(session: Session):
    service.save_skus(session, [sku("A")])
    service.save_skus(session, [sku("A", name="新名", price_fen=Fen(5))])
    assert service.load_skus(session, ["A"]) == {"A": sku("A", name="新名", price_fen=Fen(5))}


def test_nothing_to_save_is_nothing(session: Session):
    assert service.save_skus(session, []) == 0
    assert events(session) == []


def test_one_bad_sku_saves_none_and_all_problems_are_named(session: Session):
    with pytest.raises(BadSku) as refused:
        service.save_skus(session, [sku("A"), sku("B", name=""), sku("C'"), sku("A")])
    assert [(one.code, one.problem.name) for one in refused.value.problems] == [
        ("B", "NO_NAME"),
        ("C'", "BAD_CODE"),
        ("A", "REPEATED"),
    ]
    assert service.all_codes(session) == set()


def test_all_unknown_codes_are_named_at_once(session: Session):
    service.save_skus(session, [sku("A")])
    with pytest.raises(UnknownSku) as refused:
        service.load_skus(session, ["X", "A", "Y\x00", "Z"])
    assert refused.value.codes == ["X", "Y", "Z"]
    assert service.find_skus(session, ["A", "X"]) == {"A": sku("A")}


def test_a_bundle_takes_the_place_of_its_older_self(session: Session):
    service.save_skus(session, [sku("A"), sku("B"), sku("SET")])
    service.save_bundle(session, bundle("SET", B=1, A=2))
    assert service.load_bundles(session, ["SET", "A"]) == {"SET": bundle("SET", B=1, A=2)}

    service.save_bundle(session, bundle("SET", A=3))

    assert service.all_bundles(session) == {"SET": bundle("SET", A=3)}
    assert events(session)[-1] == ("catalog.bundle_saved", {"bundle": "SET", "parts": {"A": 3}})


def test_bundles_in_bundles_are_refused_both_ways_and_nothing_changes(session: Session):
    service.save_skus(session, [sku("A"), sku("SET"), sku("OUTER")])
    service.save_bundle(session, bundle("SET", A=1))

    with pytest.raises(BadBundle) as outer:
        service.save_bundle(session, bundle("OUTER", SET=1, NOWHERE=0))
    with pytest.raises(BadBundle) as inner:
        service.save_bundle(session, bundle("A", OUTER=1))
    with pytest.raises(UnknownSku) as unknown:
        service.save_bundle(session, bundle("NEW", A=1))

    assert [one.problem.name for one in outer.value.problems] == [
        "NESTED_BUNDLE",
        "UNKNOWN_PART",
        "BAD_PART_QUANTITY",
    ]
    assert [one.problem.name for one in inner.value.problems] == ["PART_OF_BUNDLE"]
    assert unknown.value.codes == ["NEW"]
    assert service.all_bundles(session) == {"SET": bundle("SET", A=1)}


def test_two_bundles_saved_at_once_never_nest(database: Database):
    for turn in range(5):
        codes = [f"{name}{turn}" for name in "ABC"]
        with database.transaction() as session:
            service.save_skus(session, [sku(code) for code in codes])
        first, second = bundle(codes[0], **{codes[1]: 1}), bundle(codes[1], **{codes[2]: 1})
        gate, refused = threading.Barrier(2), []

        def save(one: Bundle, gate=gate, refused=refused) -> None:
            with database.transaction() as session:
                session.execute(sa.text("SELECT 1"))
                gate.wait(timeout=10)
                try:
                    service.save_bundle(session, one)
                except BadBundle as error:
                    refused.append(error.problems[0].problem.name)

        threads = [threading.Thread(target=save, args=(one,)) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert refused in (["NESTED_BUNDLE"], ["PART_OF_BUNDLE"])
        with database.read() as session:
            assert len(service.load_bundles(session, codes)) == 1


def test_a_listing_goes_where_it_is_mapped(session: Session):
    service.save_skus(session, [sku("A"), sku("B"), sku("P-1")])
    listing = service.save_listing(session, shop_id="mini", listing_code="P-1", sku="A")
    assert listing == Listing(shop_id="mini", code="P-1", sku="A")
    assert service.map_listings(session, shop_id="mini", codes=["P-1", "B"]) == {
        "P-1": "A",
        "B": "B",
    }
    # In another shop the same code is not mapped and stands for the SKU of that code.
    assert service.map_listings(session, shop_id="other", codes=["P-1"]) == {"P-1": "P-1"}


def test_mapping_a_listing_twice_tells_only_changes(session: Session):
    service.save_skus(session, [sku("A"), sku("B")])
    for target in ("A", "A", "B"):
        service.save_listing(session, shop_id="mini", listing_code="P", sku=target)
    assert service.map_listings(session, shop_id="mini", codes=["P"]) == {"P": "B"}
    assert [body["sku"] for name, body in events(session) if name.endswith("mapped")] == ["A", "B"]
    assert service.listings_of(session, ["A", "B"]) == [Listing(shop_id="mini", code="P", sku="B")]


@pytest.mark.parametrize("code", ["", "x" * 201, "a\x00b"])
def test_a_listing_code_that_no_order_could_carry_is_refused(session: Session, code: str):
    service.save_skus(session, [sku("A")])
    with pytest.raises(BadListing):
        service.save_listing(session, shop_id="mini", listing_code=code, sku="A")


def test_a_listing_needs_a_sku(session: Session):
    with pytest.raises(UnknownSku):
        service.save_listing(session, shop_id="mini", listing_code="P", sku="A")


def test_looking_up_is_one_query_for_mapping_skus_and_bundles(session: Session):
    service.save_skus(session, [sku("A"), sku("B"), sku("SET"), sku("OFF", is_active=False)])
    service.save_bundle(session, bundle("SET", B=2, A=1))
    service.save_listing(session, shop_id="mini", listing_code="平台-1", sku="SET")
    seen: list[str] = []
    sa.event.listen(
        session.get_bind(), "before_cursor_execute", lambda *given: seen.append(given[2])
    )

    found = service.look_up(session, shop_id="mini", codes=["平台-1", "B"])

    assert len(seen) == 1
    assert found.sku_of == {"平台-1": "SET", "B": "B"}
    assert found.skus == {"SET": sku("SET"), "A": sku("A"), "B": sku("B")}
    assert found.bundles == {"SET": bundle("SET", B=2, A=1)}


def test_looking_up_names_all_codes_that_stand_for_nothing_active(session: Session):
    service.save_skus(session, [sku("A"), sku("OFF", is_active=False)])
    service.save_listing(session, shop_id="mini", listing_code="P-OFF", sku="OFF")
    with pytest.raises(UnknownSku) as refused:
        service.look_up(session, shop_id="mini", codes=["A", "OFF", "P-OFF", "NEVER", "N\x00"])
    assert refused.value.codes == ["N", "NEVER", "OFF", "P-OFF"]
    assert service.look_up(session, shop_id="mini", codes=[]).sku_of == {}


def test_lines_are_exploded_with_the_bundles_that_stand(session: Session):
    service.save_skus(session, [sku("A"), sku("B"), sku("SET")])
    service.save_bundle(session, bundle("SET", A=1, B=2))
    needed = service.explode_lines(
        session, [Demand(sku="SET", quantity=2), Demand(sku="B", quantity=1)]
    )
    assert needed == {"A": 2, "B": 5}
    with pytest.raises(UnknownSku):
        service.explode_lines(session, [Demand(sku="X", quantity=1)])
    with pytest.raises(BadBundle):
        service.explode_lines(session, [Demand(sku="A", quantity=-1)])


def test_bundles_and_switched_off_skus_hold_no_stock(session: Session):
    service.save_skus(session, [sku("B"), sku("A"), sku("SET"), sku("OFF", is_active=False)])
    service.save_bundle(session, bundle("SET", A=1))
    assert service.stocked_codes(session) == ["A", "B"]


def test_pages_follow_one_another_without_gap_or_repeat(session: Session):
    codes = [f"S{number:03}" for number in range(7)]
    service.save_skus(session, [sku(code) for code in codes])
    seen, cursor = [], None
    while True:
        page = service.list_skus(session, cursor=cursor, limit=3)
        seen.append([one.code for one in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [codes[:3], codes[3:6], codes[6:]]


def test_listing_finds_by_code_name_barcode_and_category(session: Session):
    service.save_skus(
        session,
        [
            sku("RUG-1", name="地毯", category="地毯"),
            sku("X_1", name="100%棉", barcode="6901234567892"),
        ],
    )

    def found(**asked: str) -> list[str]:
        return [one.code for one in service.list_skus(session, **asked).items]

    assert found(query="rug") == ["RUG-1"]
    assert found(query="地") == ["RUG-1"]
    assert found(query="%") == ["X_1"]
    assert found(query="_") == ["X_1"]
    assert found(query="6901234567892") == ["X_1"]
    assert found(query="\x00") == ["RUG-1", "X_1"]
    assert found(category="地毯") == ["RUG-1"]
    assert service.list_categories(session) == {"": 1, "地毯": 1}
    for cursor in ("!", "WzFd", "WyJhIiwiYiJd"):
        with pytest.raises(BadCursor):
            service.list_skus(session, cursor=cursor)


def test_the_demo_merchant_is_sound_and_always_the_same(session: Session):
    demo = demo_catalog()
    service.save_rows(session, CatalogRows(skus=demo.skus, bundles=demo.bundles))
    for listing in demo.listings:
        service.save_listing(
            session, shop_id=listing.shop_id, listing_code=listing.code, sku=listing.sku
        )
    found = service.look_up(
        session, shop_id="mini", codes=[product.listing for product in demo.products]
    )

    assert (len(demo.skus), len(demo.bundles), len(demo.products)) == (396, 25, 74)
    assert found.sku_of["P-LOVE-2026"] == "LOVE-2026"
    assert found.skus["LOVE-2026"].price_fen == 25990
    assert {"RUG-160", "CURT-180", "PILW-45", "LAMP-03"} <= service.all_codes(session)
    assert sum(one.is_gift for one in demo.skus) == 12
    assert {line.warehouse for line in demo.stock} == {"WH-HZ", "WH-NT", "WH-GZ", "WH-CD"}
    assert {line.sku for line in demo.stock} == set(service.stocked_codes(session))
    assert any(line.quantity == 0 for line in demo.stock)
    assert all(line.quantity >= 0 for line in demo.stock)
    demo_catalog.cache_clear()
    assert demo_catalog() == demo
