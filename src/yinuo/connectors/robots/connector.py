"""Says something through one group robot, never more often than its vendor lets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.protocols import Busy, Health
from yinuo.connectors.protocols.robots import Notice
from yinuo.connectors.robots.answers import read_answer
from yinuo.connectors.robots.rendering import Body, encoded, render
from yinuo.connectors.robots.settings import RobotKind, RobotSettings
from yinuo.connectors.robots.signing import sign_dingtalk, sign_feishu
from yinuo.core import calls, clock
from yinuo.core.db import Database

# Whether a message whose answer was lost was shown, nobody can ask: it is not repeated here.
SEND = Operation(name="robot.send", is_repeatable=False)
CHECK = Operation(name="robot.check", is_repeatable=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages a vendor takes within some seconds."""

    most: int
    seconds: int


PACES: Mapping[RobotKind, tuple[Pace, ...]] = {
    RobotKind.WECOM: (Pace(20, 60),),
    RobotKind.DINGTALK: (Pace(20, 60),),
    RobotKind.FEISHU: (Pace(5, 1), Pace(100, 60)),
}


class RobotConnector:
    """One robot in one group; its calls of all processes count together."""

    def __init__(
        self, settings: RobotSettings, outside: Outside, *, database: Database | None
    ) -> None:
        self.settings = settings
        self.outside = outside
        self._database = database

    def send(self, notice: Notice, *, reference: str | None = None) -> None:
        """Say something in the group; see `Robot`."""
        word = self.settings.keyword
        if word and word not in notice.title:
            notice = replace(notice, title=f"{word} {notice.title}")
        body = render(self.settings.kind, notice)
        # One at a time among all machines: else two could both find room for one more message.
        with self.outside.alone("send"):
            self._wait_for_pace()
            self._call(SEND, body, reference=reference)

    def check(self) -> Health:
        """Return how the robot does: an empty message is refused, after key and sign were read."""

        def probe() -> None:
            with self.outside.alone("send"):
                self._wait_for_pace()
                self._call(CHECK, {})

        return self.outside.healthy(probe)

    def _wait_for_pace(self) -> None:
        """Raise Busy while one more message would be too many; the record of calls is the count."""
        if self._database is None:
            return
        now = clock.now()
        for pace in PACES[self.settings.kind]:
            since = now - timedelta(seconds=pace.seconds)
            made = calls.count_since(self._database, self.outside.connector, since)
            if made >= pace.most:
                raise Busy(
                    connector=self.outside.connector,
                    reason="paced",
                    retry_after_seconds=pace.seconds,
                )

    def _call(self, operation: Operation, body: Body, *, reference: str | None = None) -> None:
        settings, is_probe = self.settings, operation is CHECK

        def understand(answer: Answer) -> None:
            read_answer(settings.kind, answer, hidden=settings.hidden(), is_probe=is_probe)

        self.outside.call(operation, lambda: self._request(body), understand, reference=reference)

    def _request(self, body: Body) -> Request:
        """Return the request, signed for this moment."""
        url = self.settings.url.get_secret_value()
        secret = self.settings.secret
        now = clock.now().timestamp()
        if secret is not None and self.settings.kind is RobotKind.DINGTALK:
            moment = str(int(now * 1000))
            sign = quote(sign_dingtalk(secret.get_secret_value(), moment), safe="")
            url = f"{url}&timestamp={moment}&sign={sign}"
        if secret is not None and self.settings.kind is RobotKind.FEISHU:
            moment = str(int(now))
            sign = sign_feishu(secret.get_secret_value(), moment)
            body = {"timestamp": moment, "sign": sign, **body}
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return Request(method="POST", url=url, headers=headers, body=encoded(body))
