"""The bot of WeCom: nothing is read that it did not seal and sign, and all that it said is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.vectors import VECTORS
from yinuo.connectors.protocols import BadSignature, Malformed
from yinuo.connectors.protocols.groups import GroupSaid
from yinuo.connectors.wecom import crypto
from yinuo.connectors.wecom.connector import WecomBot
from yinuo.connectors.wecom.settings import WecomSettings
from yinuo.sandbox.wecom.sealing import sealed, stamp

VECTOR = VECTORS["wecom_callback"]
TOKEN, KEY = VECTOR["token"], VECTOR["encoding_aes_key"]
MOMENT, NONCE = VECTOR["timestamp"], VECTOR["nonce"]


def bot(**changes: object) -> WecomBot:
    known = {"token": TOKEN, "encoding_aes_key": KEY, "bot_name": "一诺"}
    return WecomBot(WecomSettings.model_validate(known | changes))


def query(signature: str, **more: str) -> dict[str, str]:
    return {"msg_signature": signature, "timestamp": MOMENT, "nonce": NONCE, **more}


def told(message: object, *, key: str = KEY, receive_id: str = "", token: str = TOKEN):
    """Return query and body of a message that WeCom would send."""
    plain = message if isinstance(message, bytes) else json.dumps(message).encode()
    encrypted = sealed(plain, encoding_aes_key=key, receive_id=receive_id)
    signature = stamp(token, MOMENT, NONCE, encrypted)
    return query(signature), json.dumps({"encrypt": encrypted}).encode()


def said(**changes: object) -> dict[str, object]:
    return {
        "msgid": "M1",
        "chatid": "C1",
        "chattype": "group",
        "from": {"userid": "lisi"},
        "msgtype": "text",
        "text": {"content": "@一诺 要2盒 LOVE-2026"},
        **changes,
    }


def test_the_vendors_own_message_is_read() -> None:
    vector = VECTOR["aibot_json"]
    body = json.dumps({"encrypt": vector["encrypt"]}).encode()
    assert bot(groups={"CHAT0001": "一号群"}).read_message(
        query(vector["msg_signature"]), body
    ) == GroupSaid(
        message_id="MSGID0001",
        group="一号群",
        sender="zhangsan",
        text="急单 2个礼盒 上海浦东新区世纪大道100号 李四 13800000000",
    )


def test_the_check_of_the_address_is_answered_with_its_text() -> None:
    vector = VECTOR["echostr"]
    asked = query(vector["msg_signature"], echostr=vector["encrypt"])
    assert bot().prove_address(asked) == vector["plaintext"]


def test_an_applications_message_is_for_its_corporation_alone() -> None:
    vector = VECTOR["app_xml"]
    key = crypto.aes_key(KEY)
    opened = crypto.decrypted(vector["encrypt"], key=key, receive_id=vector["receive_id"])
    assert opened.decode() == vector["plaintext"]
    with pytest.raises(ValueError, match="receiver"):
        crypto.decrypted(vector["encrypt"], key=key, receive_id="")


@pytest.mark.parametrize(
    "change",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": "错"},
        {"timestamp": "1795312801"},
        {"nonce": "1"},
    ],
)
def test_one_changed_sign_is_enough_to_be_refused(change: dict[str, str]) -> None:
    asked, body = told(said())
    with pytest.raises(BadSignature):
        bot().read_message(asked | change, body)


def test_another_token_key_or_receiver_is_refused() -> None:
    for forged in (
        told(said(), token="another"),
        told(said(), key=KEY[::-1]),
        told(said(), receive_id="ww0000000000000001"),
    ):
        with pytest.raises(BadSignature):
            bot().read_message(*forged)
    with pytest.raises(BadSignature):
        bot().read_message({}, b"{}")


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_else_happens(noise: bytes) -> None:
    with pytest.raises(BadSignature):
        bot().read_message(query("0" * 40), noise)


@given(st.text(max_size=200))
def test_noise_under_a_good_signature_is_refused(encrypted: str) -> None:
    try:
        signature = crypto.signature(TOKEN, timestamp=MOMENT, nonce=NONCE, encrypted=encrypted)
    except UnicodeEncodeError:
        return  # JSON cannot carry it either
    with pytest.raises(BadSignature):
        bot().prove_address(query(signature, echostr=encrypted))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_whatever_is_said_is_heard_as_it_was_said(text: str) -> None:
    heard = bot(bot_name="").read_message(*told(said(text={"content": text})))
    assert heard is not None
    assert heard.text == text


def test_only_the_bots_own_name_in_front_is_left_out() -> None:
    for content, expected in (
        ("@一诺 要2盒", "要2盒"),
        ("@一诺\n1. 张三", "1. 张三"),
        ("@一诺家居 要2盒", "@一诺家居 要2盒"),
        ("要2盒 @一诺", "要2盒 @一诺"),
        ("@一诺", ""),
    ):
        heard = bot().read_message(*told(said(text={"content": content})))
        assert heard is not None
        assert heard.text == expected


def test_what_is_no_text_is_named_and_the_text_beside_it_read() -> None:
    mixed = {
        "msg_item": [
            {"msgtype": "text", "text": {"content": "要2盒"}},
            {"msgtype": "image", "image": {"url": "https://example.invalid/x"}},
        ]
    }
    for message, text, left_out in (
        (said(msgtype="image", text={}, image={"url": "x"}), "", ("image",)),
        (said(msgtype="voice", voice={"content": "x"}), "", ("voice",)),
        (said(msgtype="mixed", mixed=mixed), "要2盒", ("image",)),
        (said(msgtype="mixed", mixed={}), "", ("mixed",)),
    ):
        heard = bot().read_message(*told(message))
        assert heard is not None
        assert (heard.text, heard.left_out) == (text, left_out)


def test_an_event_says_nothing() -> None:
    assert bot().read_message(*told({"msgtype": "event", "event": {}})) is None


@pytest.mark.parametrize(
    "message",
    [
        b"no json",
        [],
        {},
        said(msgid=""),
        said(msgid="x" * 200),
        said(msgid="\u0000"),
        {"msgtype": 1},
    ],
)
def test_what_its_sender_signed_and_cannot_be_understood_is_malformed(message: object) -> None:
    with pytest.raises(Malformed):
        bot().read_message(*told(message))


def test_a_key_of_another_length_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="43"):
        bot(encoding_aes_key="*" * 43)
