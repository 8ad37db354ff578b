"""Made-up buyers: names, phones and addresses that nobody has, over many provinces."""

from __future__ import annotations

import random
import re

from msgspec.structs import replace

from yinuo.sandbox.shop.model import Receiver

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
GIVEN = (
    *("子涵", "雨桐", "一诺", "梓萱", "浩然", "思远", "佳怡", "晨曦", "欣妍", "俊杰", "静", "磊"),
    *("婷婷", "建国", "秀英", "明轩", "若曦", "志强", "晓东", "雅琴", "小北", "知夏", "安", "书瑶"),
)
# Province, city, district or town, and a road there; house names say that they are examples.
PLACES: tuple[tuple[str, str, str, str], ...] = (
    ("浙江省", "杭州市", "西湖区", "文三路"),
    ("浙江省", "宁波市", "鄞州区", "中兴路"),
    ("上海市", "上海市", "浦东新区", "世纪大道"),
    ("上海市", "上海市", "徐汇区", "漕溪北路"),
    ("江苏省", "南通市", "崇川区", "人民中路"),
    ("江苏省", "苏州市", "姑苏区", "干将西路"),
    ("江苏省", "南京市", "鼓楼区", "中山北路"),
    ("广东省", "广州市", "天河区", "体育东路"),
    ("广东省", "深圳市", "南山区", "科苑路"),
    ("广东省", "佛山市", "禅城区", "季华五路"),
    ("四川省", "成都市", "武侯区", "人民南路"),
    ("四川省", "绵阳市", "涪城区", "临园路"),
    ("重庆市", "重庆市", "渝中区", "解放碑步行街"),
    ("湖北省", "武汉市", "洪山区", "珞喻路"),
    ("湖南省", "长沙市", "岳麓区", "麓山南路"),
    ("河南省", "郑州市", "金水区", "花园路"),
    ("山东省", "青岛市", "市南区", "香港中路"),
    ("山东省", "济南市", "历下区", "泉城路"),
    ("北京市", "北京市", "朝阳区", "建国路"),
    ("北京市", "北京市", "海淀区", "中关村大街"),
    ("天津市", "天津市", "和平区", "南京路"),
    ("辽宁省", "沈阳市", "沈河区", "青年大街"),
    ("黑龙江省", "哈尔滨市", "南岗区", "学府路"),
    ("陕西省", "西安市", "雁塔区", "小寨西路"),
    ("福建省", "厦门市", "思明区", "湖滨南路"),
    ("安徽省", "合肥市", "蜀山区", "长江西路"),
    ("云南省", "昆明市", "五华区", "人民中路"),
    ("广西壮族自治区", "南宁市", "青秀区", "民族大道"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "光明路"),
    ("内蒙古自治区", "呼和浩特市", "新城区", "新华东街"),
)
REMARKS = (
    *("", "", "", "", "", ""),
    *("请尽快发货", "送人的，麻烦包装好一点", "周末送货", "不要放快递柜", "颜色要和图片一致"),
)


def receiver(chance: random.Random) -> Receiver:
    """Return someone made up; all phones are in the range 138 0000 0000 to 138 0000 9999."""
    province, city, district, road = chance.choice(PLACES)
    return Receiver(
        name=chance.choice(SURNAMES) + chance.choice(GIVEN),
        phone=f"1380000{chance.randrange(10_000):04d}",
        province=province,
        city=city,
        district=district,
        detail=f"{road}{chance.randrange(1, 999)}号示例小区{chance.randrange(1, 30)}幢"
        f"{chance.randrange(1, 33)}0{chance.randrange(1, 5)}室",
    )


def remark(chance: random.Random) -> str:
    """Return what a buyer writes to the merchant; mostly nothing."""
    return chance.choice(REMARKS)


# Other channels' addresses: what the fields hold when a picker, an import or a person mixes them
# up. A hub can put the first kinds right; the last three only a person can.
ODD_KINDS = (
    *("all_in_text", "all_in_text", "short_names", "no_city", "no_city", "no_province"),
    *("drifted", "former_name", "all_glued", "all_glued", "contradiction", "twins", "no_region"),
)
_FORMER = (
    ("上海市", "闸北区", "共和新路"),
    ("浙江省杭州市", "江干区", "凯旋路"),
    ("江苏省南通市", "港闸区", "长泰路"),
)
_TWINS = ("鼓楼区", "朝阳区", "和平区", "新城区", "城关区")
_LONG_SUFFIX = re.compile("(维吾尔自治区|壮族自治区|自治区|省|市)$")


def odd_receiver(chance: random.Random, *, kind: str | None = None) -> Receiver:
    """Return someone made up whose address was written elsewhere, in one of ODD_KINDS."""
    plain = receiver(chance)
    return replace(plain, **_odd_parts(plain, chance, kind or chance.choice(ODD_KINDS)))


def _odd_parts(plain: Receiver, chance: random.Random, kind: str) -> dict[str, str]:
    """Return the fields that are not as they should be."""
    once = "".join(dict.fromkeys((plain.province, plain.city, plain.district)))
    place, district, road = chance.choice(_FORMER)
    other = chance.choice([line for line in PLACES if line[0] != plain.province])
    nowhere = {"province": "", "city": "", "district": ""}
    number = f"{chance.randrange(9, 99)}号"
    glued = f"{plain.name}{plain.phone}{once}{plain.detail}"
    parts: dict[str, dict[str, str]] = {
        "all_in_text": {**nowhere, "detail": once + plain.detail},
        "all_glued": {**nowhere, "name": "", "phone": "", "detail": glued},
        "short_names": {
            "province": _LONG_SUFFIX.sub("", plain.province),
            "city": _LONG_SUFFIX.sub("", plain.city),
        },
        "no_city": {"city": ""},
        "no_province": {"province": ""},
        "drifted": {
            "province": "中国",
            "city": plain.province,
            "district": plain.city,
            "town": plain.district,
        },
        "former_name": {**nowhere, "detail": f"{place}{district}{road}{number}"},
        "contradiction": {"city": other[1], "district": other[2]},
        "twins": {**nowhere, "detail": f"{chance.choice(_TWINS)}中山路{number}"},
        "no_region": {**nowhere, "detail": f"示例小区{chance.randrange(1, 30)}幢，放门卫处"},
    }
    return parts[kind]
