"""Payment reconciliation over HTTP and from the terminal: days, differences, previews, who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.workflows.test_reconcile_payments import (
    NAMES,
    PRICE,
    PROVIDERS,
    bought,
    days_later,
    open_items,
    today,
)
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.cli import payments as command
from yinuo.core.db import Database
from yinuo.users.model import Role

LIST = "/api/v1/payments/reconciliations"
QUERIES = {"wechat_pay": "pay/query", "alipay": "trade/query"}
each = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        for role in (Role.STORE_MANAGER, Role.CUSTOMER_SERVICE):
            a_user(database, role.value, role)
        yield running


@contextmanager
def signed_in(world: World, role: Role = Role.STORE_MANAGER) -> Iterator[httpx.Client]:
    headers = {"X-Yinuo-Console": "1"}
    with httpx.Client(base_url=world.web, headers=headers, timeout=30) as client:
        answer = client.post(
            "/api/v1/session", json={"username": role.value, "password": MADE_UP_PASSWORD}
        )
        assert answer.status_code == 200, answer.text
        yield client


def settle(client: httpx.Client, difference_id: str, deed: str, **body: str) -> httpx.Response:
    return client.post(f"/api/v1/payments/differences/{difference_id}/{deed}", json=body)


def audited(manager: httpx.Client) -> list[str]:
    entries = manager.get("/api/v1/audit").json()["items"]
    return [one["action"] for one in entries if one["action"].startswith("payments.")]


def test_a_day_is_started_listed_and_shown_with_both_sides(world: World) -> None:
    bought(world, "wechat_pay", units=2)
    world.faults("alipay", {"operation": "bill/line", "kind": "error"})
    number = bought(world, "alipay")
    day = today().isoformat()
    with days_later(1), signed_in(world) as manager:
        empty = manager.get(LIST).json()
        assert (empty["items"], empty["has_accounts"], empty["newest_billed"]) == ([], True, day)
        first = manager.post(LIST, json={"day": day})
        again = manager.post(LIST, json={"day": day})
        assert (first.status_code, again.status_code) == (200, 200)
        (shown,) = manager.get(LIST).json()["items"]
        assert [one["open"] for one in (first.json(), again.json(), shown)] == [1, 1, 1]
        assert (shown["day"], shown["stamp"], shown["is_running"]) == (day, "different", False)
        wechat, alipay = shown["accounts"]
        assert (wechat["provider_label"], wechat["stamp_label"]) == ("微信支付", "一致")
        assert wechat["bill"] == wechat["hub"]
        assert wechat["bill"]["paid_fen"] == 2 * PRICE
        assert (alipay["stamp"], alipay["bill"]["paid_fen"], alipay["hub"]["paid_fen"]) == (
            "different",
            PRICE + 1,
            PRICE,
        )
        detail = manager.get(f"{LIST}/{day}").json()
        (difference,) = detail["items"]
        assert (difference["kind"], difference["bill_fen"], difference["hub_fen"]) == (
            "amount_differs",
            PRICE + 1,
            PRICE,
        )
        assert "259.91 元，一诺记的是 259.90 元" in difference["why"]
        assert difference["order"]["number"] == number
        assert manager.get(f"{LIST}/{day}", params={"provider": "wechat_pay"}).json()["items"] == []
        assert audited(manager) == ["payments.reconcile", "payments.reconcile"]


@each
def test_a_repair_is_previewed_then_done_once_with_a_reason(world: World, provider: str) -> None:
    number = bought(world, provider, is_silent=True)
    day = today().isoformat()
    with days_later(1), signed_in(world) as manager:
        # The provider answers no query while the day is compared, so nothing is repaired yet.
        world.faults(NAMES[provider], {"operation": QUERIES[provider], "kind": "error"})
        assert manager.post(LIST, json={"day": day}).json()["open"] == 1
        world.faults(NAMES[provider])
        (difference,) = manager.get(f"{LIST}/{day}").json()["items"]
        preview = settle(manager, difference["id"], "repair/preview").json()
        assert (preview["deed"], preview["told_fen"]) == ("take_in_payment", PRICE)
        assert "259.90" in preview["effect"]
        assert world.order(number).paid_fen == 0
        wrong = settle(manager, difference["id"], "repair", token="0" * 32, reason="补账")
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (
            409,
            "payments.repair_changed",
        )
        assert settle(manager, difference["id"], "repair", token="0" * 32).status_code == 422
        for _ in range(2):
            done = settle(
                manager, difference["id"], "repair", token=preview["token"], reason="漏了通知"
            )
            assert (done.status_code, done.json()["state"]) == (200, "repaired")
        assert done.json()["order"]["number"] == number
        assert audited(manager) == ["payments.repair", "payments.reconcile"]
    assert world.order(number).paid_fen == PRICE
    assert open_items(world) == []


@each
def test_what_cannot_be_repaired_is_said_and_accepted_with_a_reason(
    world: World, provider: str
) -> None:
    bought(world, provider)
    world.faults(NAMES[provider], {"operation": "bill/line", "kind": "drop"})
    day = today().isoformat()
    with days_later(1), signed_in(world) as manager:
        manager.post(LIST, json={"day": day})
        (difference,) = manager.get(f"{LIST}/{day}").json()["items"]
        preview = settle(manager, difference["id"], "repair/preview").json()
        assert (preview["deed"], preview["told_fen"]) == ("nothing", PRICE)
        refused = settle(
            manager, difference["id"], "repair", token=preview["token"], reason="试一试"
        )
        assert (refused.status_code, refused.json()["error"]["code"]) == (
            409,
            "payments.nothing_to_take_in",
        )
        assert [item.kind.value for item in open_items(world)] == ["payment_difference"]
        done = settle(manager, difference["id"], "accept", reason="次日账单补出").json()
        assert (done["state"], done["note"]) == ("accepted", "次日账单补出")
        twice = settle(manager, difference["id"], "accept", reason="次日账单补出")
        assert twice.json()["error"]["code"] == "payments.difference_settled"
        (shown,) = manager.get(LIST).json()["items"]
        assert sorted(one["stamp"] for one in shown["accounts"]) == ["equal", "settled"]
        assert audited(manager) == ["payments.accept", "payments.reconcile"]
    assert open_items(world) == []


def test_differences_and_days_come_in_pages(world: World) -> None:
    for _ in range(3):
        bought(world, "wechat_pay")
    world.faults("wechat-pay", {"operation": "bill/line", "kind": "drop"})
    day = today().isoformat()
    with days_later(2), signed_in(world) as manager:
        for one in (day, (today() - timedelta(days=1)).isoformat()):
            manager.post(LIST, json={"day": one})
        ids, cursor = [], None
        while True:
            params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = manager.get(f"{LIST}/{day}", params=params).json()
            ids += [one["id"] for one in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert (len(ids), len(set(ids))) == (3, 3)
        first = manager.get(LIST, params={"limit": 1}).json()
        second = manager.get(LIST, params={"limit": 1, "cursor": first["next_cursor"]}).json()
        assert [first["items"][0]["day"] > second["items"][0]["day"], second["next_cursor"]] == [
            True,
            None,
        ]
        bad = manager.get(LIST, params={"cursor": "nonsense"})
        assert bad.json()["error"]["code"] == "core.bad_cursor"


def test_only_a_sandbox_serves_the_running_day_and_no_other_day_is_invented(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(world, "alipay")
    day = today().isoformat()
    with signed_in(world) as manager:
        late = manager.post(LIST, json={"day": day}).json()
        assert {one["stamp"] for one in late["accounts"]} == {"waiting"}
        assert "还没有" in late["accounts"][0]["problem"]
        monkeypatch.setitem(world.stand_ins.settings.__dict__, "bills_of_today", True)
        so_far = manager.post(LIST, json={"day": day}).json()
        assert [one["state"] for one in so_far["accounts"]] == ["waiting", "running"]
        assert so_far["is_running"] is True
        for wrong in ("2999-01-01", "2020-01-01"):
            refused = manager.post(LIST, json={"day": wrong})
            assert (refused.status_code, refused.json()["error"]["code"]) == (
                422,
                "payments.bad_bill_day",
            )


def test_a_clerk_sees_no_money_of_other_people(world: World) -> None:
    with signed_in(world, Role.CUSTOMER_SERVICE) as clerk:
        assert clerk.get(LIST).json()["error"]["code"] == "users.permission_missing"
        assert clerk.post(LIST, json={"day": "2026-11-11"}).status_code == 403


def test_the_command_tells_both_sides_and_its_exit_code_says_what_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINUO_DATABASE_URL", world.database.url)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    for provider in PROVIDERS:
        bought(world, provider)
    day = today().isoformat()

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(command.app, ["reconcile", *words])
        return done.exit_code, done.output

    code, said = run("--date", day)
    assert (code, "0 merchant accounts compared, 0 differences, 2 without a bill" in said) == (
        4,
        True,
    )
    with days_later(1):
        code, said = run()
        assert (code, said.count("259.90")) == (0, 4), said
        assert f"{day}: 2 merchant accounts compared, 0 differences, 0 without a bill." in said
        world.faults("alipay", {"operation": "bill/line", "kind": "duplicate"})
        code, said = run("--date", day)
        assert (code, "519.80" in said, "Duplicate" in said) == (1, True, True)
    help_text = run("--help")[1]
    assert "Exit code" in help_text
    assert "--date 2026-11-11" in help_text
