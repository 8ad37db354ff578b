"""Quantities, sizes, colours and breaks of a text, as tokens in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from yinuo.channels.model.messages.words import COLOUR_CHARACTERS, NUMERALS, UNITS, numeral


class TokenKind(Enum):
    """What a piece of the goods part of a message is."""

    PRODUCT = "product"
    SIZE = "size"
    COLOUR = "colour"
    QUANTITY = "quantity"
    NUMBER = "number"
    EACH = "each"
    BREAK = "break"


class Token(NamedTuple):
    """A piece of the goods part.

    `said` is a size in the catalog's terms ("180", "200x230", "41码") or a colour's word;
    `styles` are the products that a name may mean; `factor` and `units` come from an alias.
    """

    kind: TokenKind
    start: int
    end: int
    said: str = ""
    number: int = 0
    unit: str = ""
    styles: frozenset[int] = frozenset()
    factor: int = 1
    units: tuple[tuple[str, int], ...] = ()
    sure: float = 0.99


_NUMERAL = rf"(?:\d{{1,4}}|[{NUMERALS}]{{1,5}})"
_QUANTITY = re.compile(
    rf"(?<![\d.第])(?P<n>{_NUMERAL})\s?(?P<u>打(?![开扰折包])|[{UNITS}])"
    r"(?!装|头[柜灯]|地址|月|人|小时|星期|礼拜|卡|贺卡|发票|工作日|单元)(?<!件(?=套))"
)
_LABELLED = re.compile(r"数量\s*:?\s*(?P<n>\d{1,3})(?![\d.])")
_TIMES = re.compile(r"(?<!\d)(?:[x×*✕]\s?|\+\s?)(?P<n>\d{1,3})(?![\d.x×*]|\s?(?:cm|米|m(?![a-z])))")
_PAIR = re.compile(r"(?P<n>[俩仨])")
_VERB_UNIT = re.compile(r"(?:(?<=[来要拿订买寄留])|(?<=给我))(?P<u>[个份套盒条件只瓶张盏])(?![\d])")
_DIMENSIONS = re.compile(
    r"(?<![\d.\-])(?P<a>\d{2,3}|\d\.\d{1,2}|\d)\s?(?:cm|m|米)?\s?[x×*乘]\s?(?P<b>\d{2,3}|\d\.\d{1,2}|\d)"
    r"(?![\d.])\s?(?P<m>cm|m(?![a-z])|米)?"
)
_METRES = re.compile(
    r"(?<![\d.\-])(?:(?P<whole>[一1二两2])\s?米\s?(?P<tenth>[二2五5八8])|(?P<decimal>[0-3]\.\d{1,2})(?!\d|\s?元)\s?(?:米|m(?![a-z]))?"
    r"|(?P<flat>[12两])\s?(?:米|m(?![a-z]))(?!\d)|(?P<cm>1[02358]0|2[024]0)\s?(?:cm|公分)?(?=\s?[的床款宽]))[的宽]?床?"
)
_LETTER = re.compile(r"(?<![a-z\d])(?P<size>x{1,3}l|[sml])\s?(?P<code>码|号)?(?![a-z\d])")
_SHOE = re.compile(r"(?<!\d)(?P<size>[34]\d)\s?码")
_COLOUR = re.compile(
    rf"(?:(?P<k>卡其|咖啡)|(?:浅|深|米|大|雾|奶|藏|本|朱砂|海盐|藕|鼠尾草)?(?P<c>[{COLOUR_CHARACTERS}]))色?"
)
_NUMBER = re.compile(r"(?<![\d.])\d{1,4}(?![\d.])")
_EACH = re.compile(r"各")
_BREAK = re.compile(r"[\n;。!！]|(?P<soft>[,、+/|()]|还有|另外|再来|再要|以及|外加)")
PRICE = re.compile(
    r"[¥￥]\s?\d+(?:\.\d+)?|(?<![\d.\-a-z])\d+(?:\.\d+)?\s?(?:元|块钱|块(?!毛)|rmb)(?:钱)?(?:\s?[/一每1]\s?[盒套件条个床对双张只片瓶盏顶箱份组])?"
    r"|(?:一共|总共|合计|共计|共|已付款?|付了|转了|价格|单价|总价|团购价|特价)[::是]?\s?\d{2,5}(?:\.\d+)?(?:元|块)?"
    r"|(?<![\d.\-a-z])\d{2}[1-9](?:\.\d+)?(?=的)"
    r"|(?<![\d.\-a-z])\d{2,4}(?:\.\d+)?\s?[/一每]\s?[盒套件条个床对双张只片瓶盏顶箱份组](?!\d)"
)
_PIECES = {"对": 2, "双": 2, "打": 12, "俩": 2}


def pieces_of(unit: str) -> int:
    """Return how many single pieces a counting word holds: 对 is 2, 打 is 12, most are 1."""
    return _PIECES.get(unit, 1)


def quantities(text: str) -> Iterator[Token]:
    """Return the quantities that carry a counting word or a sign, in a folded text."""
    for match in _QUANTITY.finditer(text):
        number = 6 if match["n"] == "半" and match["u"] == "打" else numeral(match["n"])
        unit = "个" if match["n"] == "半" else match["u"]
        if number is not None and number > 0:
            yield Token(TokenKind.QUANTITY, *match.span(), number=number, unit=unit)
    for match in _LABELLED.finditer(text):
        yield Token(TokenKind.QUANTITY, *match.span("n"), number=int(match["n"]))
    for match in _TIMES.finditer(text):
        yield Token(TokenKind.QUANTITY, *match.span(), number=int(match["n"]), sure=0.98)
    for match in _PAIR.finditer(text):
        number = numeral(match["n"]) or 0
        yield Token(TokenKind.QUANTITY, *match.span(), number=number, sure=0.96)
    for match in _VERB_UNIT.finditer(text):
        yield Token(TokenKind.QUANTITY, *match.span(), number=1, unit=match["u"], sure=0.95)


def sizes(text: str) -> Iterator[Token]:
    """Return the sizes of a folded text: beds and breadths in centimetres, letters, shoe sizes."""
    for match in _DIMENSIONS.finditer(text):
        a, b = _centimetres(match["a"]), _centimetres(match["b"])
        is_size = (a >= 20 and b >= 20) and (a > 20 or match["m"] is not None)
        if is_size:
            yield Token(TokenKind.SIZE, *match.span(), said=f"{a}x{b}")
    for match in _METRES.finditer(text):
        yield Token(TokenKind.SIZE, *match.span(), said=str(_breadth(match)))
    for match in _LETTER.finditer(text):
        yield Token(TokenKind.SIZE, *match.span(), said=f"{match['size'].upper()}码")
    for match in _SHOE.finditer(text):
        yield Token(TokenKind.SIZE, *match.span(), said=f"{match['size']}码")


def _centimetres(text: str) -> int:
    return round(float(text) * 100) if "." in text or len(text) == 1 else int(text)


def _breadth(match: re.Match[str]) -> int:
    if match["decimal"]:
        return round(float(match["decimal"]) * 100)
    if match["cm"]:
        return int(match["cm"])
    whole = (numeral(match["whole"] or match["flat"]) or 0) * 100
    return whole + 10 * (numeral(match["tenth"]) or 0) if match["tenth"] else whole


def loose(text: str) -> Iterator[Token]:
    """Return what counts only beside goods: colours, bare numbers, "each", and breaks."""
    for match in _COLOUR.finditer(text):
        yield Token(TokenKind.COLOUR, *match.span(), said=match["c"] or match["k"], sure=0.98)
    for match in _NUMBER.finditer(text):
        number = int(match[0])
        yield Token(TokenKind.NUMBER, *match.span(), number=number, sure=0.95)
    for match in _EACH.finditer(text):
        yield Token(TokenKind.EACH, *match.span())
    for match in _BREAK.finditer(text):
        yield Token(TokenKind.BREAK, *match.span(), said="soft" if match["soft"] else "hard")


def without_overlaps(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens that stand for themselves, the earlier given winning, in their order."""
    taken: list[Token] = []
    for token in tokens:
        if all(token.end <= other.start or other.end <= token.start for other in taken):
            taken.append(token)
    return sorted(taken, key=lambda token: token.start)
