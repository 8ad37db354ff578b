"""`yinuo web`: one web process."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from yinuo.core import config


def web(
    port: Annotated[int | None, typer.Option(help="Port; by default the setting `port`.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Restart when code changes (development).")
    ] = False,
) -> None:
    """Run one web process against the database of the settings (YINUO_DATABASE_URL).

    Several may run behind a load balancer, on several machines. `yinuo up` starts one for you.
    """
    settings = config.settings()
    uvicorn.run(
        "yinuo.web.app:serve",
        factory=True,
        http="yinuo.web.streams:Protocol",
        host=host or settings.host,
        port=port or settings.port,
        reload=reload,
        reload_dirs=["src"] if reload else None,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
    )
