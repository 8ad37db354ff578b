"""How a division is called: its full name and the shorter and wrong forms people write."""

from __future__ import annotations

import re
from dataclasses import dataclass


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


FULL, SHORT, SWAPPED, FORMER, CUSTOMARY, GENERIC, SPLIT, KNOWN, WEAK = range(9)

PEOPLES = words(
    "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克"
    " 傣族 黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 土族 达斡尔族 仫佬族 羌族 布朗族"
    " 撒拉族 毛南族 仡佬族 锡伯 阿昌族 普米族 塔吉克 怒族 鄂温克族 德昂族 保安族 裕固族 独龙族 鄂伦春 各族"
)
_PEOPLE = "(?:" + "|".join(sorted(PEOPLES, key=len, reverse=True)) + ")"
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?){_PEOPLE}+(?:自治)?(区|县|旗|州)$")
_SUFFIX = re.compile(r"(特别行政区|自治区|自治州|自治县|自治旗|地区|省|市|县|区|州|盟|旗)$")
# Names that say nothing without their parent.
GENERIC_NAMES = frozenset(
    words(
        "东区 西区 南区 北区 中区 城区 郊区 矿区 新区 市区 市中区 城关区 城中区 城东区 城西区 城北区 城南区 新市区"
        " 东城区 西城区 南城区 北城区 市南区 市北区 河东区 河西区 江北区 江南区 桥东区 桥西区 铁东区 铁西区"
    )
)
NO_NAMES = frozenset(
    words(
        "东区 西区 南区 北区 中区 城区 郊区 矿区 新区 市区 城中区 城东区 城西区 城北区 城南区 南城区 北城区"
    )
)
WEAK_STEMS = words(
    "中山 朝阳 兴安 安康 白山 黄山 大同 三明 文山 红河 玉树 海东 海西 海北 黄南 和田 吉安 长治 丽水 怒江 白城 来宾 保山"
    " 平凉 安顺 延安 黄石 云浮 河源 清远 阳江"
)
NEW_AREAS = frozenset(words("浦东新区 滨海新区 两江新区 沈北新区"))


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a name, and of which kind it is."""

    text: str
    kind: int


def stem(name: str) -> str:
    """Return the name without its suffix and peoples; the name itself when too little is left."""
    if name in NEW_AREAS or name in {"神农架林区", "六枝特区"}:
        return name[:-2]
    found = _AUTONOMOUS.match(name)
    if found and name not in {"东乡族自治县", "鄂温克族自治旗", "鄂伦春自治旗"}:
        return found[1]
    cut = _SUFFIX.sub("", name)
    return cut if len(cut) > 1 else name


def city_forms(name: str) -> list[Form]:
    """Return how a prefecture is written."""
    base = stem(name)
    forms = [Form(name, FULL)]
    if base != name:
        forms.append(Form(base, SHORT))
    if name.endswith("自治州"):
        forms += [Form(base + "自治州", CUSTOMARY)]
        if len(base) > 1:
            forms.append(Form(base + "州", CUSTOMARY))
    elif name.endswith(("地区", "盟")):
        forms.append(Form(base + "市", SWAPPED))
    else:
        forms.append(Form(base + "地区", FORMER))
    return forms


def district_forms(name: str) -> list[Form]:
    """Return how a county, a district or a county-level city is written."""
    forms = [Form(name, GENERIC if name in GENERIC_NAMES else FULL)]
    base = stem(name)
    if base == name:
        return forms
    last = name[-1]
    if len(base) >= 2:
        forms.append(Form(base, SHORT))
        forms += [
            Form(base + other, CUSTOMARY if other == last else SWAPPED)
            for other in "区县市旗"
            if base + other != name and (other != "旗" or last == "旗")
        ]
        if "自治" in name:
            forms.append(Form(base + "自治" + last, CUSTOMARY))
    return forms


def province_forms(name: str) -> list[Form]:
    """Return how a province is written."""
    base = re.sub(r"(壮族|回族|维吾尔)?(特别行政区|自治区|省|市)$", "", name)
    return [Form(name, FULL), Form(base, SHORT)]
