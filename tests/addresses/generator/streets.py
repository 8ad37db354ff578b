"""What follows the divisions: roads, estates, companies, houses and rooms, made up plausibly."""

from __future__ import annotations

from random import Random

_ROADS = (
    "人民 解放 建设 中山 和平 新华 文化 长江 黄河 迎宾 朝阳 学府 胜利 青年 工农 振兴 光明 民主 团结"
    " 育才 环城 滨河 东风 红旗 幸福 友谊 建国 五一 八一 新兴 科技 创业 工业 兴业 财富 体育 公园"
    " 湖滨 江滨 凤凰 金山 银河 龙腾 翠竹 丹桂 梧桐 银杏 樱花 紫荆 兴华 富民 站前 车站 府前 西环"
)
ROAD_ENDS = ("路",) * 8 + (
    "街",
    "街",
    "大道",
    "大道",
    "大街",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
)
# Roads, houses and firms that carry the name of a place.
_PLACE_ROADS = (
    "南京 上海 北京 重庆 广州 天津 武汉 成都 杭州 西安 长沙 苏州 青岛 大连 沈阳 昆明 贵阳 南昌 福州"
    " 合肥 郑州 太原 兰州 西宁 银川 海口 南宁 桂林 厦门 温州 绍兴 嘉兴 湖州 徐州 扬州 泰州 南通 洛阳"
    " 开封 长春 哈尔滨 五常 台湾 香港 澳门 四川 山东 江苏 浙江 广东 福建 湖南 湖北 江西 辽宁 吉林"
)
PLACE_FIRMS = (
    "{}律师事务所",
    "{}大厦",
    "{}银行",
    "{}商会",
    "{}大酒店",
    "{}饭店",
    "{}特产店",
    "{}饭馆",
    "{}小区",
)
_ESTATES = (
    "阳光 幸福 锦绣 翡翠 金色 碧水 香樟 丽景 御景 书香 滨江 湖畔 恒盛 万和 世纪 东方 华庭 学林 枫林"
)
ESTATE_ENDS = ("家园", "花园", "小区", "新村", "华府", "公寓", "名苑", "豪庭", "雅居", "广场", "湾")
FIRMS = ("恒达", "鑫源", "博远", "腾飞", "宏图", "天成", "佳美", "盛世", "诚信", "新锐", "智联")
FIRM_ENDS = ("科技有限公司", "商贸公司", "物流园", "产业园", "服装厂", "工业园", "写字楼", "电子厂")
_VILLAGES = "王家 李家 张家 大 小 东 西 新 上 下 石桥 柳树 杨树 高 前 后 河口 桥头"
SPOTS = ("菜鸟驿站", "门卫室", "丰巢柜", "便利店", "幼儿园对面", "第一中学", "人民医院", "邮局旁边")
REMARKS = ("放门口", "请送货上门", "不要放驿站", "电话联系", "周末送货", "到了打电话", "勿压")

ROADS, PLACE_ROADS, ESTATES, VILLAGES = (
    words.split() for words in (_ROADS, _PLACE_ROADS, _ESTATES, _VILLAGES)
)


def road(chance: Random) -> str:
    """Return a road and a number."""
    return f"{chance.choice(ROADS)}{chance.choice(ROAD_ENDS)}{chance.randrange(1, 2_000)}号"


def house(chance: Random) -> str:
    """Return where in an estate: block, unit, room, in the ways people write it."""
    block, unit = chance.randrange(1, 60), chance.randrange(1, 5)
    room = f"{chance.randrange(1, 33)}{chance.randrange(1, 6):02}"
    return chance.choice(
        (
            f"{block}栋{room}",
            f"{block}栋{unit}单元{room}室",
            f"{block}号楼{unit}单元{room}",
            f"{block}-{unit}-{room}",
            f"{block}幢{room}室",
            f"{chr(64 + unit)}座{room}",
            f"{room}室",
            f"{chr(64 + unit)}{block}栋",
        )
    )


def estate(chance: Random) -> str:
    """Return an estate."""
    return chance.choice(ESTATES) + chance.choice(ESTATE_ENDS)


def firm(chance: Random) -> str:
    """Return a firm or the park it sits in."""
    return chance.choice(FIRMS) + chance.choice(FIRM_ENDS)


def village(chance: Random) -> str:
    """Return a village with a group or a number."""
    end = chance.choice(("", f"{chance.randrange(1, 20)}组", f"{chance.randrange(1, 300)}号"))
    return f"{chance.choice(VILLAGES)}{chance.choice(('村', '庄村', '屯', '村'))}{end}"


def rest(chance: Random) -> str:
    """Return the piece after the divisions, as long as people make it."""
    kind = chance.random()
    if kind < 0.35:
        return road(chance) + estate(chance) + house(chance)
    if kind < 0.60:
        return road(chance) + chance.choice(("", house(chance), firm(chance)))
    if kind < 0.75:
        return estate(chance) + house(chance)
    if kind < 0.87:
        return village(chance)
    return road(chance) + chance.choice(SPOTS)


def place_like_rest(chance: Random) -> str:
    """Return a road, house or firm whose name is that of a place."""
    place = chance.choice(PLACE_ROADS)
    if chance.random() < 0.65:
        return f"{place}{chance.choice(ROAD_ENDS)}{chance.randrange(1, 2_000)}号{house(chance)}"
    return road(chance) + chance.choice(PLACE_FIRMS).format(place)


def regionless(chance: Random) -> str:
    """Return a text that names no division."""
    return chance.choice(
        (
            rest(chance),
            place_like_rest(chance),
            estate(chance) + house(chance),
            chance.choice(REMARKS),
            house(chance),
            chance.choice(SPOTS),
            f"{firm(chance)}{chance.randrange(1, 20)}楼",
            "".join(chance.choices("👍😀🌹🎁", k=chance.randrange(1, 5))),
        )
    )
