"""Who receives the goods and where: the name, the telephone number and the address of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from yinuo.addresses.model import Resolver
from yinuo.addresses.model.persons import labelled, name_score
from yinuo.addresses.model.phones import find_phones
from yinuo.addresses.model.surnames import SURNAMES
from yinuo.channels.model.messages.types import DraftAddress, Found, Span
from yinuo.channels.model.messages.words import MORE_SURNAMES, NOISE, QUESTION

_CHUNK = re.compile(r"[^\s,;。:!?、|/()【】\[\]~+]+")
_GOES_ON = re.compile(
    r"\d\s?(?:号|弄|栋|幢|座|楼|室|单元|层|门|期|村|区|院|街|路|巷|户|-\d)|座\d|^\d{1,4}(?:-\d{1,4}){1,3}室?$|^[a-z]?\d{3,4}室?$"
    r"|(?:路|街|巷|弄|村|镇|乡|街道|大道|苑|小区|大厦|广场|公寓|花园|大学|学院|医院|学校|中学|小学|幼儿园|[栋座幢]|室|单元|新城|公司|工业园|产业园|[东南西北]门|驿站|客栈|酒店|宾馆|超市|市场)收?$"
)
_ANNOUNCED = re.compile(r"(?:姓名|名字|收货人|收件人|联系人|收货|收件)[ ]?:?[ ]?$")
_DOUBLED = re.compile(r"(?:小)?([一-鿿])\1")
_SEPARATED = re.compile(r"[\s,、/|]{1,3}")
_TRAILING = re.compile(r"(?:[要来订买拿寄发留]|我要|再|急|麻烦|谢谢|收)+$")
_LEADING = re.compile(
    r"^(?:地址|收货地址|寄到|寄往|寄给|送到|送给|发到|发往|发给|住在|住|寄|送|发|到|在|是|:)+"
)
_NOT_NAMES = re.compile(
    r"^(?:哦.*|不.*|.*[的是号].*|[周星期礼拜]+[一二三四五六日天末]|(?:浅|深|米|大|雾|奶|藏|本|朱砂|海盐|藕|鼠尾草)?[白灰蓝粉绿红黑黄紫棕咖]色?的?|卡其色?|咖啡色?|包邮|高枕|低枕|.*[吗呢吧]|急单|加急|尽快|下午|明天|后天|今天|随便|新款|老款"
    r"|同款|全部|方便|包装|单独|完成|付款|截图|应该|单子|常规|平时|经常|成人|儿童|家用|小号|中号|大号|时间|满意|全棉|高档|安排|喜欢|和.*|顾客|客户)$"
)
_NAME_NOISE = re.compile(
    r"^(?:第[一二三四五六七八九十]+[个单]?|收货人|收件人|联系人|姓名|名字|寄给|发给|送给|我是|我叫|我|\d{1,2}[.、]?(?=[一-鿿]))|(?:电话是|电话|手机号|手机|收货|收件|收|亲启|本人)$"
)
_PHONE_MARKS = re.compile(
    r"(?:电话|手机|号码|联系方式|tel|手机号|联系电话|收货电话|是|:|[\s,;、/|()+\-]|收|联系)*"
)


class Contact(NamedTuple):
    """What a text says of the receiver, and every span that the numbers took."""

    name: Found[str] | None
    phone: Found[str] | None
    address: Found[DraftAddress] | None
    spans: tuple[Span, ...]


class Number(NamedTuple):
    """A telephone number and where it stands."""

    value: str
    span: Span


def numbers_in(folded: str) -> list[Number]:
    """Return the telephone numbers of a folded text, in their order."""
    found: list[Number] = []
    for start, end in sorted(find_phones(folded).spans):
        phone = find_phones(folded[start:end]).first
        if phone is not None:
            value = phone.number + (f"-{phone.extension}" if phone.extension else "")
            found.append(Number(value, Span(start, end)))
    return found


def contact_of(
    raw: str,
    plain: str,
    numbers: list[Number],
    *,
    resolver: Resolver,
    name: Found[str] | None = None,
) -> Contact:
    """Return the receiver stated in `plain`: the folded text with goods and numbers as line ends.

    A `name` that is known already is not looked for.
    """
    address = address_of(raw, plain, resolver=resolver)
    phone = numbers[0] if numbers else None
    name = name or _name(
        raw, plain, phone.span if phone else None, address.span if address else None
    )
    spans = [number.span for number in numbers]
    spans += [found.span for found in (name, address) if found]
    sure = 0.99 if phone and phone.value.startswith("1") and len(phone.value) == 11 else 0.97
    is_doubtful = len({number.value for number in numbers}) > 1
    return Contact(
        name,
        Found(phone.value, phone.span, 0.6 if is_doubtful else sure) if phone else None,
        address,
        tuple(spans),
    )


def address_of(raw: str, plain: str, *, resolver: Resolver) -> Found[DraftAddress] | None:
    """Return the address of a text, from its first division to its last house number."""
    whole = resolver.resolve(plain)
    spans = sorted(evidence.span for evidence in whole.evidence if evidence.span)
    if spans:
        start, end = _clustered(spans, plain)
    else:
        street = re.search(
            r"[\w]{2,12}(?:路|街|大道|巷|弄|村|小区|花园)\w{0,12}\d+\s?(?:号|弄|栋|幢|室|楼)", plain
        )
        if street is None:
            return None
        start, end = street.span()
        start += found.end() if (found := _LEADING.match(plain[start:end])) else 0
    end = _far_end(plain, end)
    text = plain[start:end]
    trailing = _TRAILING.search(text)
    end -= len(trailing[0]) if trailing else 0
    while end > start and plain[end - 1] in " ,\n:;.(":
        end -= 1
    resolved = resolver.resolve(raw[start:end])
    town = resolved.town.name if resolved.town else ""
    detail = resolved.name + resolved.rest if resolved.name and not resolved.rest else resolved.rest
    address = DraftAddress(text=raw[start:end], detail=town + detail, resolved=resolved)
    sure = resolved.confidence if not resolved.contradictions else min(resolved.confidence, 0.5)
    if resolved.name and resolved.rest:
        sure = min(sure, 0.7)
    return Found(address, Span(start, end), sure)


def _clustered(spans: list[tuple[int, int]], plain: str) -> Span:
    """Return the run of division names that stand together and are most."""
    runs: list[list[tuple[int, int]]] = [[spans[0]]]
    for span in spans[1:]:
        if span[0] - runs[-1][-1][1] <= 4:
            runs[-1].append(span)
        else:
            runs.append([span])
    best = max(runs, key=lambda run: (len(run), _has_detail(plain, run[-1][1]), -run[0][0]))
    return Span(best[0][0], max(end for _, end in best))


def _has_detail(plain: str, end: int) -> bool:
    found = _CHUNK.match(plain, end)
    return bool(found and _GOES_ON.search(found[0]))


def _far_end(plain: str, end: int) -> int:
    """Return where the address ends that begins with the divisions up to `end`."""
    found = _CHUNK.match(plain, end)
    end = found.end() if found else end
    while True:
        parted = _SEPARATED.match(plain, end)
        if parted is None and plain[end : end + 1] == "(":
            close = plain.find(")", end, end + 25)
            if close > 0 and _GOES_ON.search(plain[end + 1 : close]):
                end = close + 1
                continue
        if parted is None or "\n\n" in parted[0]:
            return end
        chunk = _CHUNK.match(plain, parted.end())
        if chunk is None or not _GOES_ON.search(chunk[0]) or QUESTION.search(chunk[0]):
            return end
        end = chunk.end()


def _name(raw: str, plain: str, phone: Span | None, address: Span | None) -> Found[str] | None:
    """Return the receiver's name: after a label, else the piece that looks most like one."""
    said = labelled(plain)
    if said is not None and not (address and address.start <= said.start < address.end):
        return Found(raw[said.start : said.end], Span(said.start, said.end), 0.99)
    best: tuple[float, int, int] | None = None
    for start, end in _name_pieces(plain, address):
        score = name_score(plain[start:end])
        is_short = end - start <= 3
        if is_short and (plain[start] in MORE_SURNAMES or _DOUBLED.fullmatch(plain, start, end)):
            score = max(score, 3.0)
        elif is_short and plain[start] in SURNAMES:
            score = max(score, 2.0)
        near = _nearness(plain, (start, end), phone, address)
        if best is None or score + near > best[0]:
            best = (score + near, start, end)
    if best is None or best[0] < 2.4:
        return None
    score, start, end = best
    sure = 0.99 if score >= 4.4 else 0.95 if score >= 3.6 else 0.91 if score >= 2.95 else 0.8
    return Found(raw[start:end], Span(start, end), sure)


def _name_pieces(plain: str, address: Span | None) -> Iterator[Span]:
    """Return the pieces outside the address that may be a name."""
    for match in _CHUNK.finditer(plain):
        start, end = match.span()
        if address is not None:
            if start < address.start < end:
                end = address.start
            elif start < address.end < end:
                start = address.end
            elif address.start <= start < address.end:
                continue
        start, end = _trimmed(plain, start, end)
        piece = plain[start:end]
        if 1 < len(piece) <= 8 and not _NOT_NAMES.match(piece) and _is_word(piece):
            yield Span(start, end)


def _is_word(piece: str) -> bool:
    return NOISE.sub("", piece) != "" and not any(c.isdigit() for c in piece)


def _trimmed(plain: str, start: int, end: int) -> tuple[int, int]:
    while True:
        piece = plain[start:end]
        lead = _LEADING.match(piece) or _NAME_NOISE.match(piece)
        if lead and lead.start() == 0 and lead.end() and lead.end() < len(piece):
            start += lead.end()
            continue
        tail = _NAME_NOISE.search(piece)
        if tail and tail.start() > 0 and tail.end() == len(piece):
            end = start + tail.start()
            continue
        return start, end


def _nearness(
    plain: str, piece: tuple[int, int], phone: Span | None, address: Span | None
) -> float:
    """Return what standing beside the number or the address adds."""
    if _ANNOUNCED.search(plain, max(0, piece[0] - 6), piece[0]):
        return 2.6
    near = -0.6 if plain[: piece[0]].strip() else 0.0
    for other, bonus in ((phone, 2.0), (address, 1.5)):
        if other is None:
            continue
        if piece[1] <= other.start:
            between = plain[piece[1] : other.start]
        else:
            between = plain[other.end : piece[0]]
        if _PHONE_MARKS.fullmatch(between):
            near = max(near, bonus)
        elif len(between) < 40 and not NOISE.sub("", between).strip(" \n,;:。、"):
            near = max(near, 1.0)
    return near
