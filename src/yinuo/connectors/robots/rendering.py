"""A notice in each vendor's words, cut to whole lines where it is too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec

from yinuo.connectors.protocols.robots import Notice, NoticeForm
from yinuo.connectors.robots.settings import RobotKind
from yinuo.core.errors import JsonValue

Body: TypeAlias = dict[str, JsonValue]
# WeCom's limits are of the content, the others' of the whole request.
MOST_WECOM_TEXT, MOST_WECOM_MARKDOWN = 2048, 4096
MOST_FEISHU = MOST_DINGTALK = 20_000
MOST_TITLE = 60

# Marks that would call people, link away or format: names come from people.
_MARKS = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "＇", "#": "＃"}
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a body is made of a notice, and how its size is counted against which limit."""

    body: Callable[[Notice], Body]
    size: Callable[[Body], int]
    most: int


def render(kind: RobotKind, notice: Notice) -> Body:
    """Return the body without signature; what does not fit ends in how many lines are missing."""
    clean = _cleaned(notice)
    shape = _SHAPES[kind, notice.form]

    def is_fitting(count: int) -> bool:
        return shape.size(shape.body(_first(clean, count))) <= shape.most

    count = len(clean.lines)
    while count > 0 and not is_fitting(count):
        count -= 1
    return shape.body(_first(clean, count))


def encoded(body: Body) -> bytes:
    """Return a body as it is sent; its bytes are what limits count."""
    return msgspec.json.encode(body)


def _cleaned(notice: Notice) -> Notice:
    def one(text: str) -> str:
        return " ".join(text.split()).translate(_MARKS)

    lines = tuple(one(line) for line in notice.lines)
    return replace(notice, title=one(notice.title)[:MOST_TITLE], lines=lines)


def _first(notice: Notice, count: int) -> Notice:
    left = len(notice.lines) - count
    more = (f"…还有 {left} 行",) if left else ()
    return replace(notice, lines=(*notice.lines[:count], *more))


def _plain(notice: Notice) -> str:
    link = [f"{notice.link_label} {notice.link}".strip()] if notice.link else []
    return "\n".join([notice.title, *notice.lines, *link])


def _link(notice: Notice) -> list[str]:
    return [f"[{notice.link_label or notice.link}]({notice.link})"] if notice.link else []


def _wecom_text(notice: Notice) -> Body:
    content: Body = {
        "content": _plain(notice),
        "mentioned_list": [],
        "mentioned_mobile_list": [],
    }
    return {"msgtype": "text", "text": content}


def _wecom_markdown(notice: Notice) -> Body:
    content = "\n".join([f"**{notice.title}**", *notice.lines, *_link(notice)])
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _dingtalk_text(notice: Notice) -> Body:
    at: Body = {"atMobiles": [], "isAtAll": False}
    return {"msgtype": "text", "text": {"content": _plain(notice)}, "at": at}


def _dingtalk_markdown(notice: Notice) -> Body:
    # A single line break ends no line in DingTalk's markdown.
    text = "\n\n".join([f"### {notice.title}", *notice.lines, *_link(notice)])
    return {"msgtype": "markdown", "markdown": {"title": notice.title, "text": text}}


def _feishu_text(notice: Notice) -> Body:
    return {"msg_type": "text", "content": {"text": _plain(notice)}}


def _feishu_card(notice: Notice) -> Body:
    elements: list[JsonValue] = [
        {"tag": "markdown", "content": "\n".join([*notice.lines, *_link(notice)])}
    ]
    header: Body = {"title": {"tag": "plain_text", "content": notice.title}}
    return {"msg_type": "interactive", "card": {"header": header, "elements": elements}}


def _content_size(body: Body) -> int:
    content = body[str(body["msgtype"])]
    text = content.get("content", "") if isinstance(content, dict) else ""
    return len(str(text).encode())


def _whole_size(body: Body) -> int:
    return len(encoded(body)) + 120  # room for Feishu's timestamp and sign


_SHAPES = {
    (RobotKind.WECOM, NoticeForm.TEXT): _Shape(_wecom_text, _content_size, MOST_WECOM_TEXT),
    (RobotKind.WECOM, NoticeForm.MARKDOWN): _Shape(
        _wecom_markdown, _content_size, MOST_WECOM_MARKDOWN
    ),
    (RobotKind.DINGTALK, NoticeForm.TEXT): _Shape(_dingtalk_text, _whole_size, MOST_DINGTALK),
    (RobotKind.DINGTALK, NoticeForm.MARKDOWN): _Shape(
        _dingtalk_markdown, _whole_size, MOST_DINGTALK
    ),
    (RobotKind.FEISHU, NoticeForm.TEXT): _Shape(_feishu_text, _whole_size, MOST_FEISHU),
    (RobotKind.FEISHU, NoticeForm.MARKDOWN): _Shape(_feishu_card, _whole_size, MOST_FEISHU),
}
