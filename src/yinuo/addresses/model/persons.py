"""The person a text names: after a label, as a piece of its own, or glued to address or phone."""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.surnames import COMPOUND, RARE, SURNAMES

Span = tuple[int, int]


class Person(NamedTuple):
    """A name and where it stands."""

    name: str
    start: int
    end: int


_LABELLED = re.compile(
    r"(?:收货人?(?:姓名)?|收件人?(?:姓名)?|签收人|联系人(?:姓名)?|取件人|接收人|收贷人|客户(?:姓名|名称)?|买家(?:姓名)?|姓[ ]?名|名[ ]?字"
    r"|(?<![a-z])(?:receiver|consignee|contact|full|user|customer)?_?[nN]ame|receiver|consignee|contact)"
    r"[\"' ]*[:=][\"' ]*(?P<name>[^\s,,;；|\"'\d:{}\[\](（【\n]{1,24}(?: [A-Za-z.]{1,16}){0,2})"
    r"|(?:收货人|收件人|联系人)(?:姓名)?[ ]*(?P<plain>[一-鿿·]{2,4}?)(?=[\s,;；\d]|$)"
)
_TOKEN = re.compile(
    r"[A-Za-z][A-Za-z.'\-]*(?: [A-Za-z][A-Za-z.'\-]*){1,2}(?![\w·])|[\w·•‧∙*×○〇.'’\-]+"
)
_HONORIFIC = re.compile(
    r"^[一-鿿A-Za-z]{1,5}(?:先生|女士|小姐|太太|夫人|老师|经理|主任|师傅|老板|医生|大夫|同学|总监|店长|会计|护士|阿姨|大姐|大哥|妈妈|爸爸|奶奶|爷爷"
    r"|妈咪|宝宝|总|姐|哥|叔|婶|嫂|妈|爸|工|董|局|处|科|教练|律师|教授|院长|校长|队长|村长|书记|厂长|秘书|助理|前台|库管|仓管)$"
)
_MASKED = re.compile(r"^(?:[一-鿿]{1,2}[*xX×某○〇]{1,3}[一-鿿]?|[*某]{1,3}[一-鿿]{1,2})$")
_NICK = re.compile(r"^(?:小|阿|老|大)[一-鿿]{1,2}$")
_LATIN = re.compile(r"^[A-Za-z][A-Za-z.'\- ]{1,29}$")
_DOTTED = re.compile(r"^[一-鿿]{1,7}[·•‧∙.][一-鿿]{1,9}(?:[·•.][一-鿿]{1,7})?$")
_TAIL = re.compile(r"(?:亲收|亲启|收件|代收|转收|(?<![签查])收|启)$")
_CODE = re.compile(r"[\[(【]\d{3,6}[\])】]$")
# What the courier is asked to do: it stands where a name would, beside the number.
_NOTE = re.compile(
    r"(?:请|麻烦|可以?|直接|就|先)*(?:放|送|存|丢|搁|挂|塞|交|给|勿|别|不要|打|来|到)[一-鿿]{0,4}?"
    r"(?:门卫|保安|岗亭|驿站|菜鸟|丰巢|柜|门口|门外|门前|物业|前台|传达室|收发室|值班室|代收|超市|小店|便利店|楼下|楼道|车库|鞋柜|水表箱|消防栓|敲门|按门铃|电话|联系|上门|短信)"
    r"[一-鿿]{0,4}$"
)
_CHINESE = re.compile(r"[一-鿿]+")
_DIGIT = re.compile(r"\d")
# By these a note, a masked name or one with a title is told before any pattern is tried.
_NOTE_BEGINS = frozenset("请麻可直就先放送存丢搁挂塞交给勿别不打来到")
_STARS = frozenset("*xX×某○〇")
_TITLE_ENDS = frozenset(
    "生士姐太人师理任傅板夫学监长计姨哥妈爸奶爷咪宝总叔婶嫂工董局处科练授记书手台管仓"
)
_DOTS = frozenset("·•‧∙.")
_USUAL = SURNAMES - RARE
# No name is longer, but one with dots or in Latin letters.
_LONGEST = 9
_PLACE_END = re.compile(
    r"(?:[省市区县镇乡村路街巷弄号楼栋幢座层室苑园厦店厂院校所站场库房厅屋家门桥庄屯组队社里坊城湾府寨堡铺墩圩埭塘营岗坪坡沟桐]|公司|小区|广场|[柜站点亭仓棚]|大厦|中心|花园|公寓|单位|单元|楼下|楼上|旁边|对面|附近|门口|隔壁|路口|东侧|西侧|南侧|北侧)$"
)
_WORDS = (
    "中国 地址 电话 手机 收货 收件 快递 包裹 默认 公司 学校 单位 家里 家 你好 您好 谢谢 麻烦 尽快 发货 急用 加急 姓名 联系 号码 顺丰 圆通 中通 申通"
    " 韵达 邮政 京东 淘宝 天猫 拼多多 备注 省 市 区 县 附近 男 女 收 转交 代收 自提 驿站 菜鸟 丰巢 快递柜 南门 北门 东门 西门 正门 后门 大门 门卫"
    " 保安 前台 门口 楼下 楼上 旁边 对面 隔壁 一楼 二楼 三楼 收货人 收件人 联系人 周末 工作日 放假 白天 晚上 上午 下午 不在 本人 签收 有人 没有"
    " 可以 不要 务必 左右 先生 女士 小姐 无 暂无 未知 测试 其他 宿舍 食堂 教室 车间 仓库 商铺 门面 超市 饭店 宾馆 市场 医院 银行 大学 中学 小学 幼儿园"
)
_TIBETAN_WORDS = (
    "扎西 卓玛 次仁 多吉 旦增 丹增 格桑 央金 尼玛 达娃 索朗 洛桑 平措 德吉 拉姆"
    " 边巴 巴桑 仁增 白玛 曲珍 益西 嘎玛 才让 桑杰 顿珠 罗布 普布 强巴 旺姆 阿旺"
)
_TIBETAN = frozenset(_TIBETAN_WORDS.split())
_SURE_PLACE_END = frozenset("省市区县镇乡路街号楼栋幢室厦院校厅店")
_NOT_A_NAME = frozenset(_WORDS.split())
_AFTER_PLACE = re.compile(
    r"(?:\d|[A-Za-z]|[室号楼栋座层元幢店厂司校院园苑区村组队社库房部厅铺门口旁边侧面内里处站行城场厦所户舍庄屯湾坊府铺寨吧馆超市)）\]】])([一-鿿]{2,4})$"
)
_PARTING = frozenset(" \t\r\n,;；，、|/:")
_SEPARATORS = re.compile(r"[\s,;；，、|/:]*")
_NUMBERED = re.compile(r"\d{1,3}[.、]")
_DOOR = re.compile(r"[\d号室楼栋幢座层元户店][\s,;；，、(（]+$")
ENOUGH = 2.9
# Without a telephone number only what can hardly be anything else is taken for a person.
_ALONE = 4.1


def labelled(text: str) -> Person | None:
    """Return the name that a label announces."""
    found = next((m for m in _LABELLED.finditer(text) if not _is_place(m["name"])), None)
    if not found:
        return None
    group = "name" if found["name"] else "plain"
    name = found[group].strip(" .·-—")
    if name.isascii() and text[found.end(group) : found.end(group) + 1].isdigit():
        return None
    if not name or name in _NOT_A_NAME or not any(c.isalpha() or c == "*" for c in name):
        return None
    return Person(name, found.start(group), found.start(group) + len(name))


def _alone_bonus(text: str, person: Person, first_used: int, *, is_last: bool) -> float:
    """Return what the place of a name adds when no telephone number stands beside it."""
    if person.end <= first_used or person.name != _without_tail(person).name:
        return 1.0
    is_after_door = _DOOR.search(text, max(0, person.start - 6), person.start)
    return 1.0 if is_last and is_after_door else 0.0


def _is_place(value: str | None) -> bool:
    """Tell whether what a label announces is a place: "province": {"name": "广东省"}."""
    return value is not None and len(value) > 2 and value[-1] in "省市区县镇乡旗州盟道"


def find_person(text: str, used: list[Span], phone: Span | None) -> Person | None:
    """Return the piece of a text that names a person, outside the spans used for other things.

    `text` is folded, with telephone numbers and labels blanked out.
    """
    if phone is not None:
        beside = _beside(text, used, phone)
        if beside is not None:
            return _without_tail(beside)
    best: Person | None = None
    best_score = ENOUGH if phone is not None else _ALONE
    first_used = min((start for start, end in used if end > start), default=0)
    tokens = list(_TOKEN.finditer(text))
    last = len(tokens) - 1
    for place, token in enumerate(tokens):
        span = token.span()
        if phone is None and _is_too_long(text, span, used):
            continue
        for person, score in _readings(text, span, used, phone):
            near = score + _nearness(text, person, phone)
            if place in {0, last}:
                near += 0.5
            if phone is None and word_is_chinese_name(_without_tail(person).name):
                near += _alone_bonus(text, person, first_used, is_last=place == last)
            if near > best_score:
                best, best_score = person, near
    if best is None and phone is not None:
        best = _nickname(tokens, first_used)
    return _without_tail(best) if best else None


def _is_too_long(text: str, token: Span, used: list[Span]) -> bool:
    """Tell whether a piece is longer than any name that is known without a telephone number."""
    start, end = token
    for first, last in used:
        if first < end and start < last:
            end = min(end, max(first, start))
    return end == start or (end - start > _LONGEST + 2 and _DOTS.isdisjoint(text[start:end]))


def _beside(text: str, used: list[Span], phone: Span) -> Person | None:
    """Return the piece right before or after the telephone number when it is plainly a name."""
    best, best_score = None, 2.95
    for start, end in (_piece_before(text, phone[0]), _piece_after(text, phone[1])):
        if not 1 < end - start <= 6 or any(s < end and start < e for s, e in used):
            continue
        score = name_score(text[start:end])
        if score > best_score:
            best, best_score = Person(text[start:end], start, end), score
    return best


def _piece_before(text: str, end: int) -> Span:
    while end > 0 and text[end - 1] in _PARTING:
        end -= 1
    start = end
    while start > 0 and end - start < 8 and _is_name_char(text[start - 1]):
        start -= 1
    return start, end


def _piece_after(text: str, start: int) -> Span:
    size = len(text)
    while start < size and text[start] in _PARTING:
        start += 1
    end = start
    while end < size and end - start < 8 and _is_name_char(text[end]):
        end += 1
    return start, end


def _is_name_char(char: str) -> bool:
    return char.isalnum() or char in "·*×○-'"


def _nickname(tokens: list[re.Match[str]], first_used: int) -> Person | None:
    """Return the piece in front of the address of a pasted line when nothing looks like a name."""
    if not tokens or tokens[0].end() > first_used:
        return None
    word, (start, end) = tokens[0][0], tokens[0].span()
    return Person(word, start, end) if 1 < len(word) <= 8 and name_score(word) >= 1.0 else None


def _without_tail(person: Person) -> Person:
    """Return the name without 收 behind it."""
    tail = _TAIL.search(person.name)
    if tail and tail.start() > 0:
        size = tail.start()
        return Person(person.name[:size], person.start, person.start + size)
    return person


def _readings(
    text: str, token: Span, used: list[Span], phone: Span | None
) -> list[tuple[Person, float]]:
    """Return what may be a name in one piece: all of it, or what is glued to an address."""
    start, end = token
    readings = []
    clash = sorted(span for span in used if span[0] < end and start < span[1])
    if not clash:
        number = _NUMBERED.match(text, start, end)
        start = number.end() if number else start
        word = text[start:end]
        if word and word[0] in _NOTE_BEGINS and _NOTE.match(word):
            return []
        readings.append((Person(word, start, end), name_score(word)))
        if phone is not None and phone[0] >= end and not text[end : phone[0]].strip():
            glued = _AFTER_PLACE.search(text, max(start, end - 12), end)
            if glued:
                readings.append(_glued(text, glued.start(1), end))
    else:
        if start < clash[0][0]:
            readings.append(_glued(text, start, clash[0][0]))
        tail = max(span[1] for span in clash)
        if tail < end:
            glued = _AFTER_PLACE.search(text, max(tail, end - 12), end)
            is_by_phone = phone is not None and not text[end : phone[0]].strip()
            if glued and is_by_phone and phone is not None and phone[0] >= end:
                readings.append(_glued(text, glued.start(1), end))
            elif end - tail <= 4 and is_by_phone:
                readings.append(_glued(text, tail, end))
    return readings


def _glued(text: str, start: int, end: int) -> tuple[Person, float]:
    """Return a name that touches an address: it must look like one by itself."""
    word = text[start:end]
    best, score = Person(word, start, end), name_score(word) - 0.5
    for cut in (1, 2):
        shorter = text[start + cut : end]
        if len(shorter) > 1 and not SURNAMES.isdisjoint(shorter[0]) and word[0] not in SURNAMES:
            other = name_score(shorter) - 1.0
            if other > score:
                best, score = Person(shorter, start + cut, end), other
    return best, score


def without_code(name: str) -> str:
    """Return a stated name without the extension that marketplaces add in brackets."""
    return _CODE.sub("", name.strip())[:60]


def name_score(word: str) -> float:
    """Return how much a word looks like a person's name; 3 and more is enough by itself."""
    if word and word[-1] in "])】":
        word = _CODE.sub("", word)
    if len(word) > 2 and word[-1] in "收接" and word[-2] not in "签代查":
        word = word[:-1]
    if not word or word in _NOT_A_NAME or _DIGIT.search(word):
        return -9.0
    if word[0] in _NOTE_BEGINS and _NOTE.match(word):
        return -9.0
    shape = _shape_score(word)
    return _plain_score(word, len(word)) if shape is None else shape


def _shape_score(word: str) -> float | None:
    """Return what the shape of a word tells: masked, with a title, with dots, in Latin letters."""
    if not _STARS.isdisjoint(word) and _MASKED.match(word):
        return 4.0
    if word[-1] in _TITLE_ENDS and _HONORIFIC.match(word):
        return 4.0
    if not _DOTS.isdisjoint(word) and _DOTTED.match(word):
        return 3.8
    return 1.4 if word[0].isascii() and _LATIN.match(word) else None


def _plain_score(word: str, size: int) -> float:
    """Return how much a word without any telling shape looks like a name."""
    if size > 4 or not _CHINESE.fullmatch(word):
        return 1.0 if size <= 8 and not _PLACE_END.search(word) else -4.0
    if word[-1] in _SURE_PLACE_END and size > 2:
        return -4.0
    if _PLACE_END.search(word):
        if size == 3 and word[0] in _USUAL:
            return 2.2
        return -3.0 if size > 2 or word[0] not in SURNAMES else 0.0
    return _chinese_score(word, size)


def word_is_chinese_name(word: str) -> bool:
    """Tell whether a word begins with a usual surname and is as long as a name."""
    return len(word) in {2, 3} and word[0] in _USUAL


def _chinese_score(word: str, size: int) -> float:
    if word[:2] in COMPOUND and size in {3, 4}:
        return 3.6
    if size == 4 and (word[:2] in _TIBETAN or word[2:] in _TIBETAN):
        return 3.4
    if word[0] in SURNAMES:
        base = {1: 1.5, 2: 3.0, 3: 3.5, 4: 1.6}[size]
        if size == 4 and word[1] in _USUAL:
            base = 2.6
        return base - (0.6 if word[0] in RARE else 0.0)
    if _NICK.match(word):
        return 2.6
    return 1.0 if size > 1 else 0.4


def _nearness(text: str, person: Person, phone: Span | None) -> float:
    """Return what standing beside the telephone number adds."""
    if phone is None:
        return 0.0
    if person.end <= phone[0] and _SEPARATORS.fullmatch(text, person.end, phone[0]):
        return 2.0
    if person.start >= phone[1] and _SEPARATORS.fullmatch(text, phone[1], person.start):
        return 1.8
    return 0.0
