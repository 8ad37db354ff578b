"""`yinuo sandbox`: the stand-ins for outside systems, in one process."""

from __future__ import annotations

import pydantic
import uvicorn

from yinuo.core import config, logs


class _Place(pydantic.BaseModel):
    port: int = 8701


def sandbox() -> None:
    """Run the sandboxes: stand-ins for WeChat Pay, Alipay, the shop, Kingdee K3 and the WMS.

    `yinuo demo` starts them for you.
    """
    settings = config.settings()
    logs.configure(level=settings.log_level, as_json=settings.log_json)
    uvicorn.run(
        "yinuo.sandbox.app:create",
        factory=True,
        host="127.0.0.1",
        port=config.section("sandbox", _Place).port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
