"""A Pinduoduo that answers what a test says, and a connector that asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.pinduoduo.connector import PinduoduoConnector
from yinuo.connectors.pinduoduo.settings import PinduoduoSettings
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server

SECRET = "yinuo-example-pdd-secret"  # made up
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NUMBER = "261122-123456789012345"
Call = dict[str, str]


def params_of(received: Received) -> Call:
    return dict(parse_qsl(received.body.decode(), keep_blank_values=True))


def says(name: str, **value: object) -> Reply:
    return Reply(body=json.dumps({f"{name}_response": value}).encode())


def refuses(code: int, message: str = "不可以") -> Reply:
    error = {"error_code": code, "error_msg": "失败", "sub_msg": message, "sub_code": None}
    return Reply(body=json.dumps({"error_response": error}).encode())


@contextmanager
def pinduoduo(
    answer: Callable[[Call], Reply], **settings: object
) -> Iterator[tuple[PinduoduoConnector, LocalServer]]:
    with (
        local_server(lambda received: answer(params_of(received))) as server,
        http.new_client() as client,
    ):
        outside = Outside(
            "pinduoduo.pdd1",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        given = {
            "address": f"{server.address}/api/router",
            "client_id": "client1",
            "client_secret": SECRET,
            "access_token": "token1",
            "refresh_token": "refresh1",
            "mall_id": "77",
            "page_size": 2,
        }
        read = PinduoduoSettings.model_validate(given | settings)
        yield PinduoduoConnector(read, outside), server


def types(server: LocalServer) -> list[str]:
    return [params_of(one)["type"].removeprefix("pdd.") for one in server.seen]
