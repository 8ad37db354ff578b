"""What people in groups write: a seeded stream of orders as they stand in chats, and of talk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.sandbox import people
from yinuo.sandbox.control import body_of, reply
from yinuo.sandbox.state import State

PATH = "/control/wecom/traffic"
GROUPS = ("CHAT0001", "CHAT0002")
_NUMBERS = ("一", "两", "三", "2", "1", "1")
_TALK = (
    "今天发货吗",
    "好的谢谢",
    "收到啦，质量不错[强]",
    "上次的毯子还有吗",
    "@所有人 今晚八点上新",
)


class Said(msgspec.Struct, frozen=True):
    """One message of a group."""

    text: str
    group: str = GROUPS[0]
    sender: str = "wangxiaoli"
    msgtype: str = "text"


class Plan(msgspec.Struct, frozen=True):
    """How much is said; `goods` are what people call the things they order."""

    messages_per_minute: float = 0.0
    is_running: bool = False
    seed: int = 2026
    goods: tuple[str, ...] = ()


class PlanChange(msgspec.Struct, frozen=True):
    """The body of a change; what is left out stays."""

    messages_per_minute: float | None = None
    is_running: bool | None = None
    goods: tuple[str, ...] | None = None


def make_said(chance: random.Random, goods: Sequence[str]) -> Said:
    """Return a message: mostly a whole order, at times one that lacks something, or talk."""
    group = chance.choice(GROUPS)
    sender = f"wm{chance.randrange(3000):04d}"
    mood = chance.random()
    if mood < 0.15:
        return Said(text=chance.choice(_TALK), group=group, sender=sender)
    if mood < 0.2:
        return Said(text="", group=group, sender=sender, msgtype="image")
    who = people.receiver(chance)
    where = f"{who.province}{who.city}{who.district}{who.detail}"
    wanted = f"要{chance.choice(_NUMBERS)}件 {chance.choice(goods)}"
    parts = [wanted, f"{who.name} {who.phone}", where]
    if mood < 0.35:
        parts.pop(chance.randrange(1, 3))
    if chance.random() < 0.2:
        parts.append("急单")
    return Said(text=chance.choice((" ", "，", "\n")).join(parts), group=group, sender=sender)


class Chats:
    """The groups, and how much is said in them."""

    def __init__(self, state: State, say: Callable[[Said], str]) -> None:
        self._kept = state.collection("wecom", "traffic", Plan)
        self._say = say
        self.plan = self._kept.get("plan") or Plan()
        # People who go on after a restart do not say again what they said before it.
        said = state.collection("wecom", "counts", int).get("said") or 0
        self._chance = random.Random(self.plan.seed + said)  # noqa: S311 - dice, not secrets

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the stream's own control."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.change, methods=["PUT", "POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        """Answer the plan."""
        return reply(self.plan)

    async def change(self, request: Request) -> Response:
        """Change the plan."""
        wish = await body_of(request, PlanChange)
        if isinstance(wish, Response):
            return wish
        given = {
            key: value for key, value in msgspec.structs.asdict(wish).items() if value is not None
        }
        plan = msgspec.structs.replace(self.plan, **given)
        if not 0 <= plan.messages_per_minute <= 6_000:
            return reply({"error": {"code": "sandbox.bad_traffic"}}, status=422)
        await asyncio.to_thread(self._kept.put, "plan", plan)
        self.plan = plan
        return await self.show(request)

    async def run(self) -> None:
        """Let people speak as the plan says, until cancelled."""
        while True:
            plan = self.plan
            is_idle = not plan.is_running or plan.messages_per_minute == 0 or not plan.goods
            # A change of the plan is heard within a second or with the next message.
            await asyncio.sleep(
                1.0 if is_idle else self._chance.expovariate(plan.messages_per_minute / 60)
            )
            if not is_idle:
                await asyncio.to_thread(self._say, make_said(self._chance, plan.goods))
