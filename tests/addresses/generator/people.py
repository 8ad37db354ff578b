"""Receivers as they are typed: names by frequency, titles, nicknames, phones of every kind.

Nobody here exists; the phones have zeros where an exchange would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

# Commoner ones stand more often: the weights are rough shares of the population in thousandths.
SURNAMES = {
    "王李张刘陈": 70,
    "杨黄赵吴周": 22,
    "徐孙马朱胡郭何林高罗": 12,
    "郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余": 7,
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷": 4,
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔施文庞樊殷颜倪单": 2,
}
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "令狐", "夏侯", "端木")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文海燕晓东小雨欣怡浩宇子涵"
    "梓轩思佳俊嘉豪雪婷宏亮春秋莲凤珍鑫波斌辉琳玲倩楠晨阳帆睿诗琪雅博天佑锦程若曦依诺一鸣"
)
MINORITY = (
    "买买提·艾力",
    "阿依古丽",
    "古丽米热",
    "艾尼瓦尔·吐尔逊",
    "扎西卓玛",
    "次仁旺堆",
    "格桑梅朵",
    "巴特尔",
    "乌云其其格",
    "阿卜杜拉",
)
LATIN = ("Lily", "Tom Lee", "Amy Chen", "kiki", "Jason", "Mr Wang", "Coco", "David Z")
TITLES = ("先生", "女士", "小姐", "老师", "阿姨", "叔叔", "总", "经理", "师傅", "医生")
NICKNAMES = (
    "小鱼儿",
    "豆豆妈",
    "一颗柠檬",
    "爱吃糖的猫",
    "静静",
    "大头",
    "晴天娃娃",
    "小太阳",
    "橙子姐姐",
    "奶茶三分甜",
    "乐乐爸爸",
    "阿福",
)
# People whose name is a place: the resolver must not walk away with them.
PLACE_LIKE = (
    "江山",
    "高平",
    "安吉",
    "常宁",
    "黄石",
    "黄山",
    "宁海",
    "武宁",
    "何南",
    "林芝",
    "安康",
    "成安",
    "吉安",
    "文山",
    "海宁",
    "江华",
    "丽江",
    "乐清",
    "丰润",
    "安宁",
    "常山",
    "白云",
    "宁武",
    "高明",
    "金平",
    "永平",
    "龙泉",
    "方山",
    "安达",
)
_PREFIXES = (
    "130 131 132 133 134 135 136 137 138 139 147 150 151 152 153 155 156 157 158 159 166 173 175"
    " 176 177 178 180 181 182 183 185 186 187 188 189 191 193 198 199"
)
AREA = (
    "010",
    "020",
    "021",
    "022",
    "023",
    "024",
    "025",
    "027",
    "028",
    "029",
    "0571",
    "0755",
    "0512",
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as typed, and the digits (mask kept) and extension that it means."""

    typed: str
    digits: str
    extension: str = ""

    @property
    def label(self) -> str:
        """Return how a label writes it."""
        return f"{self.digits}+{self.extension}" if self.extension else self.digits


def surname(chance: Random) -> str:
    """Return a family name, common ones more often, one in fifty of two characters."""
    if chance.random() < 0.02:
        return chance.choice(COMPOUND)
    group = chance.choices(list(SURNAMES), [len(g) * w for g, w in SURNAMES.items()])[0]
    return chance.choice(group)


def name(chance: Random) -> str:
    """Return a name as people enter it: mostly family and given name, some titles and nicknames."""
    kind = chance.random()
    if kind < 0.80:
        return surname(chance) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
    if kind < 0.90:
        return surname(chance) + chance.choice(TITLES)
    if kind < 0.95:
        return chance.choice(NICKNAMES)
    return chance.choice(MINORITY if kind < 0.975 else LATIN)


def plain_name(chance: Random) -> str:
    """Return a family and given name: one that is told from an address even when glued to it."""
    return surname(chance) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))


def masked_name(chance: Random) -> str:
    """Return a name as marketplaces hide it."""
    family = surname(chance)
    return chance.choice((f"{family}**", f"{family}*", f"{family}*{chance.choice(GIVEN)}"))


def _mobile(chance: Random) -> str:
    return f"{chance.choice(_PREFIXES.split())}0000{chance.randrange(10_000):04}"


def mobile(chance: Random) -> Phone:
    """Return a mobile number in one piece."""
    digits = _mobile(chance)
    return Phone(digits, digits)


def spaced_mobile(chance: Random) -> Phone:
    """Return a mobile number with spaces, dashes, a country code or full-width digits."""
    digits = _mobile(chance)
    a, b, c = digits[:3], digits[3:7], digits[7:]
    wide = digits.translate({ord("0") + n: ord("０") + n for n in range(10)})
    typed = chance.choice(
        (
            f"{a} {b} {c}",
            f"{a}-{b}-{c}",
            f"+86{digits}",
            f"+86 {a} {b} {c}",
            f"86-{digits}",
            f"(+86){digits}",
            wide,
            f"{digits[:4]} {digits[4:7]} {digits[7:]}",
            f"0086 {digits}",
        )
    )
    return Phone(typed, digits)


def landline(chance: Random) -> Phone:
    """Return a landline, with an extension sometimes."""
    area, number = chance.choice(AREA), f"{chance.randrange(2, 9)}000{chance.randrange(10_000):04}"
    typed = chance.choice((f"{area}-{number}", f"({area}){number}", f"{area} {number}"))
    if chance.random() < 0.3:
        extension = str(chance.randrange(800, 8_999))
        return Phone(f"{typed}{chance.choice(('-', '转'))}{extension}", area + number, extension)
    return Phone(typed, area + number)


def virtual(chance: Random) -> Phone:
    """Return a marketplace's stand-in number with its extension."""
    digits, extension = _mobile(chance), f"{chance.randrange(1, 10_000):04}"
    typed = chance.choice((f"{digits}-{extension}", f"{digits}转{extension}"))
    return Phone(typed, digits, extension)


def masked_phone(chance: Random) -> Phone:
    """Return a mobile number with its middle hidden."""
    digits = _mobile(chance)
    hidden = f"{digits[:3]}****{digits[7:]}"
    return Phone(hidden, hidden)
