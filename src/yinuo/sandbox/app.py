"""The sandbox as one ASGI application: `create(settings)` mounts every stand-in and `/control`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from yinuo.core import config
from yinuo.core.db import Database
from yinuo.sandbox.alipay.system import Alipay
from yinuo.sandbox.amap.system import Amap
from yinuo.sandbox.control import Control, reply
from yinuo.sandbox.douyin.system import Douyin
from yinuo.sandbox.kernel import Kernel, System, make_kernel
from yinuo.sandbox.kingdee.system import Kingdee
from yinuo.sandbox.pinduoduo.system import Pinduoduo
from yinuo.sandbox.qimen.system import Qimen
from yinuo.sandbox.robots.system import DingtalkRobot, FeishuRobot, WecomRobot
from yinuo.sandbox.settings import SandboxSettings, load
from yinuo.sandbox.shop.system import Shop
from yinuo.sandbox.state import State
from yinuo.sandbox.wechat_pay.system import WechatPay
from yinuo.sandbox.wecom.system import Wecom

# One line per stand-in, in the order in which the console lists them.
BUILDERS: Sequence[Callable[[Kernel], System]] = (
    Shop,
    WechatPay,
    Alipay,
    Kingdee,
    Qimen,
    Amap,
    Pinduoduo,
    Douyin,
    Wecom,
    WecomRobot,
    DingtalkRobot,
    FeishuRobot,
)


def create(
    settings: SandboxSettings | None = None, *, database: Database | None = None
) -> Starlette:
    """Return the application; its `state.kernel` is for tests.

    Without settings they come from `[sandbox]`; without a database from `sandbox.database_url`,
    else from the product's own. Nothing is sent to the hub before the application starts up.
    """
    settings = settings or load()
    kernel = make_kernel(settings, State(database or _database(settings)))
    routes = [*Control(kernel).routes(), Route("/healthz", _health, methods=["GET"])]
    for build in BUILDERS:
        system = build(kernel)
        kernel.systems[system.name] = system
        routes.extend(system.routes())
    app = Starlette(routes=routes, lifespan=_lifespan)
    app.state.kernel = kernel
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    kernel: Kernel = app.state.kernel
    tasks = [asyncio.create_task(run()) for run in (kernel.outbound.run, *kernel.background)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for close in kernel.closing:
            close()


async def _health(_request: Request) -> Response:
    return reply({"ok": True})


def _database(settings: SandboxSettings) -> Database:
    url = settings.database_url or config.settings().database_url
    if url is None:
        raise config.BadSetting(problems=["sandbox.database_url: missing"])
    return Database(url, application_name="yinuo-sandbox")
