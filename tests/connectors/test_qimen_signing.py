"""Qimen: signatures over exact bytes, XML without DTD and entities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.vectors import VECTORS
from yinuo.connectors.qimen import signing
from yinuo.connectors.qimen.xml import node, parse, render

VECTOR = VECTORS["qimen"]


def test_the_vector_is_signed_as_computed() -> None:
    signed = signing.sign(VECTOR["query"], VECTOR["body_raw"].encode(), secret=VECTOR["secret"])
    assert signed == VECTOR["sign"]


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_each_method_signs_and_notices_a_changed_byte(method: str) -> None:
    query = {**VECTOR["query"], "sign_method": method, "empty": ""}
    query["sign"] = signing.sign(query, b"<a/>", secret="s")
    assert signing.is_signed(query, b"<a/>", secret="s")
    assert not signing.is_signed(query, b"<a />", secret="s")
    assert not signing.is_signed({**query, "v": "3.0"}, b"<a/>", secret="s")
    assert not signing.is_signed(query, b"<a/>", secret="t")


def test_an_unknown_method_and_no_signature_are_never_right() -> None:
    assert not signing.is_signed({"sign_method": "none", "sign": ""}, b"", secret="s")
    assert not signing.is_signed({"sign_method": "md5"}, b"", secret="s")
    assert not signing.is_signed({"sign_method": "md5", "sign": "签"}, b"", secret="s")


@given(st.text())
def test_whatever_a_buyer_writes_comes_out_as_readable_xml(remark: str) -> None:
    root = parse(render(node("request", remark=remark)))
    assert root is not None


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        b"<a><b></a>",
        b"",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>" + b"x" * (2 * 2**20) + b"</a>",
    ],
    ids=["entity", "dtd", "broken", "empty", "bytes", "encoding", "huge"],
)
def test_bad_xml_is_refused(body: bytes) -> None:
    assert parse(body) is None
