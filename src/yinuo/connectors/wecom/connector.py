"""Hears what is said to a bot of WeCom: who is speaking is proved before anything is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from yinuo.connectors.protocols import BadSignature, Malformed
from yinuo.connectors.protocols.groups import GroupSaid
from yinuo.connectors.wecom import crypto
from yinuo.connectors.wecom.settings import WecomSettings

MOST_ID = 128
_PICTURE, _TEXT, _MIXED, _EVENT = "image", "text", "mixed", "event"


class _Sealed(msgspec.Struct, frozen=True):
    encrypt: str


class _From(msgspec.Struct, frozen=True):
    userid: str = ""


class _Text(msgspec.Struct, frozen=True):
    content: str = ""


class _Part(msgspec.Struct, frozen=True):
    msgtype: str = ""
    text: _Text = _Text()


class _Mixed(msgspec.Struct, frozen=True):
    msg_item: list[_Part] = []


class _Message(msgspec.Struct, frozen=True):
    msgtype: str
    msgid: str = ""
    chatid: str = ""
    sender: _From = msgspec.field(default=_From(), name="from")
    text: _Text = _Text()
    mixed: _Mixed = _Mixed()


class WecomBot:
    """One bot; a GroupListener."""

    def __init__(self, settings: WecomSettings) -> None:
        """Read the key; raises ValueError when it is none."""
        self.settings = settings
        self._token = settings.token.get_secret_value()
        self._key = crypto.aes_key(settings.encoding_aes_key.get_secret_value())
        name = re.escape(settings.bot_name)
        self._mention = re.compile(rf"^\s*@{name}(?:\s+|$)") if name else None

    def prove_address(self, query: Mapping[str, str]) -> str:
        """Return the text in `echostr`, to be answered as it is; raises BadSignature."""
        plain = self._opened(query, query.get("echostr", ""))
        return plain.decode("utf-8", "replace")

    def read_message(self, query: Mapping[str, str], body: bytes) -> GroupSaid | None:
        """Return what was said, without the bot's own name in front; None for an event.

        Raises BadSignature; Malformed for what its sender has signed.
        """
        try:
            sealed = msgspec.json.decode(body, type=_Sealed)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadSignature from None  # without an encrypted text nothing is signed
        plain = self._opened(query, sealed.encrypt)
        try:
            message = msgspec.json.decode(plain, type=_Message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Malformed(problem="message") from None
        if message.msgtype == _EVENT:
            return None
        if not 1 <= len(message.msgid) <= MOST_ID or not message.msgid.isprintable():
            raise Malformed(problem="msgid")
        text, left_out = _content(message)
        chat = message.chatid
        return GroupSaid(
            message_id=message.msgid,
            group=self.settings.groups.get(chat, chat)[:MOST_ID],
            sender=message.sender.userid[:MOST_ID],
            text=self._mention.sub("", text) if self._mention else text,
            left_out=left_out,
        )

    def _opened(self, query: Mapping[str, str], encrypted: str) -> bytes:
        expected = crypto.signature(
            self._token,
            timestamp=query.get("timestamp", ""),
            nonce=query.get("nonce", ""),
            encrypted=encrypted,
        )
        if not encrypted or not crypto.is_signed(expected, query.get("msg_signature", "")):
            raise BadSignature
        try:
            return crypto.decrypted(encrypted, key=self._key, receive_id=self.settings.receive_id)
        except ValueError:
            raise BadSignature from None


def _content(message: _Message) -> tuple[str, tuple[str, ...]]:
    """Return the text of a message, and the sorts of content that are no text."""
    if message.msgtype == _TEXT:
        return message.text.content, ()
    if message.msgtype == _MIXED:
        parts = message.mixed.msg_item
        texts = [part.text.content for part in parts if part.msgtype == _TEXT]
        others = [part.msgtype for part in parts if part.msgtype != _TEXT]
        return "\n".join(texts), tuple(dict.fromkeys(others or ([] if texts else [_MIXED])))
    return "", (message.msgtype,)
