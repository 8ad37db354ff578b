"""Telephone numbers in a text: mobile, landline, 400, virtual with extension, masked, spaced."""

from __future__ import annotations

import re
from typing import NamedTuple

Span = tuple[int, int]


class Phone(NamedTuple):
    """A number with its extension, where they stand, and how good it is for reaching someone."""

    number: str
    extension: str | None
    start: int
    end: int
    rank: int


class Phones(NamedTuple):
    """The number to call first, the others, and every span that a number takes."""

    first: Phone | None
    others: tuple[str, ...]
    spans: tuple[Span, ...]


_NONE = Phones(None, (), ())
_SEP = r"[ \-.·_]{0,3}"
_COUNTRY = r"(?:(?:\+|00|\+00)?[ ]?\(?\+?86\)?[ \-]{0,2})?"
_MASK = r"[*xX×•●✱]"
_EXTENSION = (
    r"(?:[ ,]{0,2}(?:转接?|分机号?[::]?|[eE][xX][tT][.:]?|#|-{1,2}|_|\*(?=\d{3,6}\b))[ ]{0,2}(?P<{0}>\d{{1,6}})"
    r"(?![\d号室栋楼幢单层座年月日路弄巷米元斤个件组期])|[ ]?[\[(【](?P<{0}b>\d{{3,6}})[\])】])?"
)


def _extension(name: str) -> str:
    return _EXTENSION.replace("{0}", name).replace("{{", "{").replace("}}", "}")


_PATTERNS = re.compile(
    rf"(?<![\d*]){_COUNTRY}(?P<mobile>1[3-9](?:{_SEP}\d){{9}}|1 [3-9](?: \d){{9}}){_extension('mx')}(?!\d)"
    rf"|(?<![\d*]){_COUNTRY}(?P<masked>1[3-9]?\d?{_SEP}{_MASK}{{3,10}}{_SEP}\d{{0,4}}){_extension('kx')}(?![\d*])"
    r"|(?<![\d*])(?P<outside>(?:\+|00)(?:852|853|886)[ \-]?\d(?:[ \-]?\d){6,9})(?!\d)"
    rf"|(?<![\d\-])(?P<free>[48]00(?:{_SEP}\d){{7}}){_extension('fx')}(?!\d)"
    rf"|(?<![\d\-]){_COUNTRY}\(?(?P<area>0(?:10|2\d|[3-9]\d\d))\)?[ \-]{{0,3}}(?P<local>[2-9]\d{{2,3}}[ \-]?\d{{4}})"
    rf"{_extension('lx')}(?!\d)"
    r"|(?<!\d)(?P<taiwan>09\d\d[ \-]?\d{3}[ \-]?\d{3})(?!\d)"
    r"|(?:电话|座机|固话|手机|联系方式|[tT][eE][lL])[号码]{0,2}[ ]?[:.]?[ ]?(?P<short>[2-9]\d{2,3}[ \-]?\d{4})(?!\d)"
    r"|(?<![\dA-Za-z])(?P<misread>1[3-9OoIl][\dOoIl|]{9})(?![\dA-Za-z])"
)
_ANY = re.compile(r"\d[\d*xX×•●✱ \-.·_OoIl()|]{5}")
# A bare mobile number with nothing beside it that could belong to it.
_PLAIN = re.compile(
    r"(?<![\d+\-()*#.·_])(?<!86 )(?<!86)(?<!0 )1[3-9]\d{9}(?![\d\-转分eE#_*\[(【,~.])(?! ?[\[(【转分#\-eE])"
)
_OTHERS = (("free", 4), ("outside", 3), ("taiwan", 3), ("short", 5))
_DIGITS = re.compile(r"\D")
_MISREAD = str.maketrans("OoIl|", "00111")


def find_phones(text: str) -> Phones:
    """Return the numbers in a folded text; the first is the best mobile, else the best other."""
    rough = _ANY.search(text)
    if not rough:
        return _NONE
    plain = _PLAIN.search(text, max(0, rough.start() - 1))
    if plain and plain.start() == rough.start():
        start, end = plain.span()
        if not _ANY.search(text, end):
            return Phones(Phone(plain[0], None, start, end, 0), (), ((start, end),))
    found = [phone for match in _PATTERNS.finditer(text) if (phone := _read(match))]
    if not found:
        return _NONE
    first = min(found, key=lambda phone: (phone.rank, phone.start))
    others = tuple(
        phone.number for phone in found if phone is not first and phone.number != first.number
    )
    return Phones(first, others, tuple((phone.start, phone.end) for phone in found))


def _read(match: re.Match[str]) -> Phone | None:
    groups = match.groupdict()
    start, end = match.span()
    extension = next((v for k, v in groups.items() if k[-1] in "xb" and len(k) <= 3 and v), None)
    if groups["mobile"]:
        return Phone(_DIGITS.sub("", groups["mobile"]), extension, start, end, 0)
    if groups["misread"] or groups["masked"]:
        return _read_poor(match, extension)
    if groups["area"]:
        local = _DIGITS.sub("", groups["local"])
        return Phone(f"{groups['area']}-{local}", extension, start, end, 4)
    name, rank = next((name, rank) for name, rank in _OTHERS if groups[name])
    begin = match.start(name) if name == "short" else start
    number = re.sub(r"[ ._·]" if name == "free" else r"[ ._·\-]", "", groups[name])
    return Phone(number, extension, begin, end, rank)


def _read_poor(match: re.Match[str], extension: str | None) -> Phone | None:
    """Return a masked number, or one with letters for digits; None when it is hardly a number."""
    start, end = match.span()
    misread = match["misread"]
    if misread:
        number = misread.translate(_MISREAD)
        is_number = sum(c.isdigit() for c in misread) >= 7 and number[1] in "3456789"
        return Phone(number, None, start, end, 1) if is_number else None
    number = re.sub(_MASK, "*", re.sub(r"[ \-.·_]", "", match["masked"]))
    return Phone(number, extension, start, end, 2) if len(number) >= 8 else None
