"""Words that announce a field (收货人:, 详细地址:, "phone":) and postal codes: no part of an address."""

from __future__ import annotations

import re

Span = tuple[int, int]

_WORDS = (
    "收货人姓名|收件人姓名|联系人姓名|客户姓名|收货人|收件人|收货姓名|收件姓名|联系人|收贷人|取件人|签收人|买家姓名|买家|客户|姓[ ]?名|名[ ]?字|寄件人"
    "|所在地区|所在省份|所在城市|所在区县|所在地|收货地区|地区信息|省市区县|省市区|省市县|省份|城市|区县|街道乡镇|乡镇街道"
    "|详细地址信息|详细收货地址|收货详细地址|详细地址|收货地址|收件地址|联系地址|通讯地址|通信地址|家庭住址|家庭地址|公司地址|单位地址|邮寄地址|寄件地址|现住址|住址|地[ ]?址|门牌号"
    "|电话号码|手机号码|联系电话|收货电话|收件电话|联系手机|联系方式|收货手机|手机号|手机|电[ ]?话|座机|固话|邮政编码|邮[ ]?编|备注|留言|订单号|运单号|公司名称|公司|单位|国家"
)
_LABEL = re.compile(
    rf"(?:{_WORDS}|(?:省|市|区|县|街道|镇)(?=[\"']?[ ]*[:=])|[A-Za-z_]{{2,24}}(?=[\"']?[ ]*[:=]))[\"']?[ ]*[:=][ ]*"
)
_BARE = re.compile(
    r"(?:^|(?<=[\s,;，；。|]))(?:详细地址|收货地址|收件地址|联系地址|所在地区|地址|收货人|收件人|联系人|手机号码|手机号|联系电话|电话|手机|姓名)"
    r"(?=[\s,]|\d|[一-鿿]{2})"
)
_POSTAL = re.compile(
    r"(?:邮政编码|邮编)[ ]*[:]?[ ]*\d{6}(?!\d)|(?<![^\s,;，(])[0-8]\d{5}(?=[\s,;，)]*$)|^[0-8]\d{5}(?=[\s,;，])"
)
_SIX = re.compile(r"\d{6}")


def find_labels(text: str) -> list[Span]:
    """Return where labels and postal codes stand in a folded text."""
    spans: list[Span] = []
    if "邮" in text or _SIX.search(text):
        spans += [found.span() for found in _POSTAL.finditer(text)]
    if ":" in text or "=" in text:
        spans += [found.span() for found in _LABEL.finditer(text)]
    if _may_announce(text):
        spans += [found.span() for found in _BARE.finditer(text)]
    return spans


def _may_announce(text: str) -> bool:
    """Tell whether one of the words that announce a field without a colon may be there.

    Eight plain searches take a tenth of the time of the pattern.
    """
    return (
        "址" in text
        or "货人" in text
        or "件人" in text
        or "系人" in text
        or "手机" in text
        or "电话" in text
        or "姓名" in text
        or "所在地区" in text
    )


def blank(text: str, spans: list[Span] | tuple[Span, ...]) -> str:
    """Return the text with some spans turned into spaces, so that places stay where they are."""
    pieces = []
    last = 0
    for start, end in sorted(spans):
        if end <= last:
            continue
        start = max(start, last)  # noqa: PLW2901 - spans may overlap
        pieces.append(text[last:start])
        pieces.append(" " * (end - start))
        last = end
    pieces.append(text[last:])
    return "".join(pieces)
