"""The groups of the WeCom stand-in: what they say, how much, and how it is told."""

from __future__ import annotations

import random
from collections import Counter

from tests.sandbox.conftest import FakeHub, Sandbox, until
from yinuo.channels.model.messages import GATE, Reader
from yinuo.cli.demo_catalog import demo_catalog
from yinuo.sandbox.wecom.chats import make_said


def test_most_of_what_is_said_is_a_whole_order_that_the_hub_can_read():
    merchant = demo_catalog()
    reader = Reader(merchant.skus, bundles=merchant.bundles)
    chance = random.Random(5)
    goods = [sku.code for sku in merchant.skus if not sku.is_gift][:80]
    counts: Counter[str] = Counter()
    for _ in range(300):
        said = make_said(chance, goods)
        drafts = reader.read(said.text).drafts
        if said.msgtype != "text" or not drafts:
            counts["none"] += 1
        elif drafts[0].missing or drafts[0].confidence < GATE:
            counts["waiting"] += 1
        else:
            counts["order"] += 1
    assert counts == {"order": 194, "waiting": 52, "none": 54}


def test_nothing_is_said_before_somebody_lets_them_speak(sandbox: Sandbox, hub: FakeHub):
    assert sandbox.client.get("/control/wecom/traffic").json()["is_running"] is False
    plan = {"messages_per_minute": 3000, "is_running": True, "goods": ["LOVE-2026"]}
    assert sandbox.client.put("/control/wecom/traffic", json=plan).status_code == 200
    until(lambda: len(hub.at("/callbacks/wecom/group")) >= 3)
    first = hub.at("/callbacks/wecom/group")[0]
    assert b"encrypt" in first.body
    assert b"LOVE" not in first.body
    assert "msg_signature=" in first.target
    wrong = sandbox.client.put("/control/wecom/traffic", json={"messages_per_minute": -1})
    assert wrong.status_code == 422


def test_a_message_that_is_not_taken_is_told_three_times_more(sandbox: Sandbox, hub: FakeHub):
    hub.answer = lambda _heard: (500, b"")
    sandbox.client.post("/control/clock", json={"scale": 1000}).raise_for_status()
    sandbox.client.post("/control/wecom/messages", json={"text": "要2盒"}).raise_for_status()
    until(lambda: len(hub.at("/callbacks/wecom/group")) == 4)
    bodies = {heard.body for heard in hub.heard}
    assert len(bodies) == 4  # sealed anew each time, under the same id
