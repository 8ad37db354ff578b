"""What the demo's merchant makes and sells, as tables that `demo_catalog` turns into a catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A size of a style with its price and weight."""

    code: str
    name: str
    yuan: int
    grams: int


@dataclass(frozen=True, slots=True)
class Style:
    """One style; the code of a variant is style, size and colour, empty ones left out."""

    code: str
    name: str
    category: str
    unit: str
    sizes: tuple[Size, ...]
    colours: str = ""
    erp: bool = False


# A colour list is written as its letters; `.` is the style's plain first colour without a suffix.
COLOURS = {
    ".": ("", ""),
    "W": ("WH", "本白"),
    "G": ("GY", "雾灰"),
    "B": ("BL", "海盐蓝"),
    "P": ("PK", "藕粉"),
    "K": ("KH", "卡其"),
    "N": ("GN", "鼠尾草绿"),
    "R": ("RD", "朱砂红"),
    "C": ("CF", "咖啡"),
}


def _sizes(*rows: tuple[str, str, int, int]) -> tuple[Size, ...]:
    return tuple(Size(*row) for row in rows)


def _beds(yuan: int, grams: int) -> tuple[Size, ...]:
    return _sizes(
        ("15", "1.5m床", yuan, grams),
        ("18", "1.8m床", yuan + 40, grams + 350),
        ("20", "2.0m床", yuan + 80, grams + 600),
    )


STYLES = (
    Style("BED4-CTN", "长绒棉四件套", "四件套", "套", _beds(399, 2600), "WGBPNRKC"),
    Style("BED4-TNC", "天丝四件套", "四件套", "套", _beds(599, 2300), "WGBPNKR"),
    Style("BED4-WSH", "水洗棉四件套", "四件套", "套", _beds(269, 2400), "WGBPKNRC"),
    Style("BED4-BRU", "磨毛四件套", "四件套", "套", _beds(329, 3100), "GPKRBC"),
    Style("BED4-SAT", "贡缎提花四件套", "四件套", "套", _beds(699, 2900), "GPR"),
    Style("QLT-SLK", "桑蚕丝被芯", "被芯", "条", _beds(899, 2000), "W", erp=True),
    Style("QLT-DWN", "白鹅绒被芯", "被芯", "条", _beds(1299, 1800), "W", erp=True),
    Style("QLT-SOY", "大豆纤维被芯", "被芯", "条", _beds(239, 2600), "WP"),
    Style("QLT-SUM", "天丝夏凉被", "被芯", "条", _beds(199, 1200), "WGBN"),
    Style(
        "PLW-LTX",
        "乳胶枕芯",
        "枕芯",
        "只",
        _sizes(("L", "低枕", 169, 1100), ("H", "高枕", 189, 1300)),
    ),
    Style(
        "PLW-MEM",
        "记忆棉枕芯",
        "枕芯",
        "只",
        _sizes(("L", "低枕", 139, 900), ("H", "高枕", 149, 1000)),
    ),
    Style("PLW-CSD", "决明子枕芯", "枕芯", "只", _sizes(("", "", 99, 1800))),
    Style("PLW-FTH", "羽丝绒枕芯", "枕芯", "只", _sizes(("", "", 59, 800))),
    Style("PLC-48", "全棉枕套", "枕套", "只", _sizes(("", "48×74cm", 39, 150)), "WGBPKNRC"),
    Style("FIT-CTN", "全棉床笠", "床笠", "条", _beds(129, 800), "WGPBKN"),
    Style("FIT-WPF", "防水床笠", "床笠", "条", _beds(149, 950), "WGB"),
    Style("SHT-CTN", "全棉床单", "床单", "条", _beds(119, 700), "WGP"),
    Style("TWL-34", "长绒棉毛巾", "毛巾", "条", _sizes(("", "34×74cm", 19, 110)), "WGBPKNC"),
    Style("TWL-GFT", "绣字礼品毛巾", "毛巾", "条", _sizes(("", "34×76cm", 29, 130)), "WPRK"),
    Style("BTH-70", "长绒棉浴巾", "浴巾", "条", _sizes(("", "70×140cm", 69, 420)), "WGBPKNC"),
    Style("BTH-90", "加大浴巾", "浴巾", "条", _sizes(("", "90×180cm", 109, 680)), "WGB"),
    Style(
        "ROBE",
        "华夫格浴袍",
        "浴袍",
        "件",
        _sizes(("M", "M码", 199, 900), ("L", "L码", 199, 950), ("XL", "XL码", 209, 1000)),
        "WGP",
    ),
    Style(
        "RUG",
        "短绒客厅地毯",
        "地毯",
        "张",
        _sizes(
            ("120", "120×180cm", 239, 3200),
            ("160", "160×230cm", 399, 5600),
            ("200", "200×300cm", 659, 9100),
            ("240", "240×340cm", 899, 12500),
        ),
        ".GKCB",
        erp=True,
    ),
    Style("MAT", "硅藻泥脚垫", "地毯", "张", _sizes(("45", "45×70cm", 49, 900)), ".GK"),
    Style(
        "CURT",
        "高遮光窗帘",
        "窗帘",
        "片",
        _sizes(
            ("140", "1.4×2.6m", 159, 1700),
            ("180", "1.8×2.6m", 199, 2200),
            ("250", "2.5×2.7m", 279, 3000),
            ("300", "3.0×2.7m", 329, 3600),
        ),
        ".GBKPC",
    ),
    Style(
        "SHEER",
        "柔纱帘",
        "窗帘",
        "片",
        _sizes(("180", "1.8×2.6m", 119, 900), ("250", "2.5×2.7m", 159, 1200)),
        "WGP",
    ),
    Style(
        "PILW",
        "棉麻抱枕",
        "抱枕",
        "只",
        _sizes(
            ("30", "30×50cm", 39, 380),
            ("45", "45×45cm", 45, 450),
            ("50", "50×50cm", 52, 540),
            ("60", "60×60cm", 65, 700),
        ),
        ".GBPKNRWC",
    ),
    Style(
        "BLK",
        "法兰绒毛毯",
        "毛毯",
        "条",
        _sizes(("15", "150×200cm", 99, 1300), ("20", "200×230cm", 139, 1900)),
        "GPKRCN",
    ),
    Style(
        "SLIP",
        "棉麻拖鞋",
        "家居鞋",
        "双",
        _sizes(*((f"{n}", f"{n}码", 35, 320) for n in (37, 39, 41, 43))),
        "GPK",
    ),
    Style(
        "TBL",
        "棉麻桌布",
        "餐厨布艺",
        "张",
        _sizes(("13", "130×180cm", 79, 520), ("14", "140×220cm", 99, 680)),
        "WGKN",
    ),
    Style("APRN", "防水围裙", "餐厨布艺", "件", _sizes(("", "", 39, 210)), "GKN"),
    Style(
        "BOX",
        "布艺收纳箱",
        "收纳",
        "只",
        _sizes(("S", "小号", 29, 600), ("M", "中号", 45, 900), ("L", "大号", 65, 1300)),
        "GK",
    ),
    Style("MATT", "乳胶床垫", "床垫", "张", _beds(1699, 18000), erp=True),
    Style("NET", "坐床式蚊帐", "蚊帐", "顶", _beds(169, 2500), "WP"),
)
LAMPS = (
    "蘑菇台灯",
    "磨砂台灯",
    "木纹台灯",
    "床头夜灯",
    "阅读台灯",
    "纸艺落地灯",
    "云朵壁灯",
    "感应小夜灯",
    "复古台灯",
    "月球灯",
)
SCENTS = ("白茶香薰", "雪松香薰", "橙花香薰", "桂花香薰", "海盐香薰", "檀木香薰")
GIFTS = (
    "艾草香囊",
    "洗衣袋",
    "绣花手帕",
    "真丝眼罩",
    "防滑床单扣",
    "除味香包",
    "帆布袋",
    "贺卡",
    "粘毛滚筒",
    "收纳绳",
    "小方巾",
    "隔热杯垫",
)
BOXES = (
    ("LOVE-2026", "情人节礼盒", 25990, 1850),
    ("NEWYEAR-2026", "新春团圆礼盒", 36800, 2600),
    ("WED-2026", "囍结良缘婚庆礼盒", 129900, 6200),
    ("MOM-2026", "母亲节暖心礼盒", 22900, 1500),
)
# Bundles: code, name, price in yuan, parts as `SKU*units`.
BUNDLES = (
    ("SET-BED-01", "长绒棉卧室焕新组合", 799, "BED4-CTN-18-GY QLT-SOY-18-WH PLW-FTH*2"),
    ("SET-BED-02", "天丝凉爽组合", 799, "BED4-TNC-18-BL QLT-SUM-18-BL"),
    ("SET-BED-03", "水洗棉宿舍组合", 399, "BED4-WSH-15-GY PLW-FTH QLT-SUM-15-GY"),
    ("SET-BED-04", "磨毛暖冬组合", 469, "BED4-BRU-18-KH BLK-20-KH"),
    ("SET-BED-05", "贡缎婚庆组合", 1999, "BED4-SAT-18-RD QLT-SLK-18-WH PLW-LTX-L*2"),
    ("SET-BED-06", "大床安睡组合", 1499, "BED4-CTN-20-WH QLT-DWN-20-WH"),
    ("SET-QLT-01", "四季被组合", 1049, "QLT-SLK-18-WH QLT-SUM-18-WH"),
    ("SET-PLW-01", "乳胶枕一对", 319, "PLW-LTX-L*2"),
    ("SET-PLW-02", "记忆棉枕一对", 269, "PLW-MEM-H*2"),
    ("SET-PLW-03", "羽丝绒枕一对", 109, "PLW-FTH*2"),
    ("SET-PLC-01", "枕套两只装", 69, "PLC-48-WH*2"),
    ("SET-TWL-01", "毛巾三条装", 49, "TWL-34-WH TWL-34-GY TWL-34-BL"),
    ("SET-TWL-02", "毛巾六条家庭装", 89, "TWL-34-GY*3 TWL-34-KH*3"),
    ("SET-BTH-01", "浴室焕新组合", 169, "BTH-70-WH*2 TWL-34-WH*2 MAT-45"),
    ("SET-BTH-02", "情侣浴袍组合", 379, "ROBE-M-PK ROBE-L-GY"),
    ("SET-RUG-01", "客厅地毯抱枕组合", 479, "RUG-160 PILW-45*2"),
    ("SET-RUG-02", "大客厅组合", 829, "RUG-200-GY PILW-50-GY*2 PILW-45-GY*2"),
    ("SET-CURT-01", "窗帘双片装", 379, "CURT-180*2"),
    ("SET-CURT-02", "布纱双层组合", 559, "CURT-180-GY*2 SHEER-180-WH*2"),
    ("SET-CURT-03", "大窗双片装", 529, "CURT-250*2"),
    ("SET-PILW-01", "抱枕四只装", 159, "PILW-45*2 PILW-45-GY PILW-45-KH"),
    ("SET-LAMP-01", "床头灯一对", 219, "LAMP-03*2"),
    ("SET-TBL-01", "餐桌布艺组合", 119, "TBL-14-KH APRN-KH"),
    ("SET-BOX-01", "收纳箱三件套", 129, "BOX-S-GY BOX-M-GY BOX-L-GY"),
    ("SET-SLIP-01", "情侣拖鞋两双装", 65, "SLIP-37-PK SLIP-41-GY"),
)
# What the shop shows under a code of its own, best sellers first; all else goes by its SKU.
OWN_CODES = (
    "LOVE-2026",
    "RUG-160",
    "CURT-180",
    "PILW-45",
    "LAMP-03",
    "NEWYEAR-2026",
    "WED-2026",
    "BED4-CTN-18-GY",
    "QLT-SLK-18-WH",
    "PLW-LTX-L",
    "SET-RUG-01",
    "SET-BED-05",
    "SET-LAMP-01",
)
BY_SKU = (
    "BED4-CTN-15-WH",
    "BED4-CTN-18-PK",
    "BED4-TNC-18-BL",
    "BED4-WSH-15-GY",
    "BED4-WSH-18-PK",
    "BED4-BRU-18-KH",
    "BED4-SAT-18-RD",
    "QLT-DWN-18-WH",
    "QLT-SOY-18-WH",
    "QLT-SUM-15-BL",
    "PLW-MEM-H",
    "PLW-CSD",
    "PLC-48-WH",
    "FIT-WPF-18-WH",
    "SHT-CTN-18-GY",
    "TWL-34-WH",
    "TWL-GFT-RD",
    "BTH-70-WH",
    "BTH-90-GY",
    "ROBE-M-PK",
    "RUG-120",
    "RUG-200-GY",
    "MAT-45",
    "CURT-250",
    "SHEER-180-WH",
    "PILW-45-GY",
    "PILW-50",
    "BLK-20-KH",
    "SLIP-37-PK",
    "TBL-14-KH",
    "APRN-GY",
    "BOX-M-GY",
    "MATT-18",
    "NET-18-WH",
    "LAMP-01",
    "LAMP-06",
    "AROM-01",
    "AROM-04",
    "MOM-2026",
)
GIFT_OF = {
    "LOVE-2026": "GIFT-08",
    "WED-2026": "GIFT-03",
    "NEWYEAR-2026": "GIFT-07",
    "QLT-SLK-18-WH": "GIFT-04",
    "SET-BED-05": "GIFT-01",
    "BED4-CTN-18-GY": "GIFT-02",
}
TAGS = {"LOVE-2026": "情人节", "WED-2026": "婚庆", "RUG-160": "热卖", "BED4-CTN-18-GY": "热卖"}
