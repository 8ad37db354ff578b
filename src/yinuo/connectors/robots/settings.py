"""The sections `[robots.<name>]`."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

import pydantic


class RobotKind(StrEnum):
    """Whose robot it is."""

    WECOM = "wecom"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"


class RobotSettings(pydantic.BaseModel):
    """One robot: the URL as the vendor shows it, and the secret where it asks for signatures.

    `keyword` is a word that the robot is set to insist on; `summary` whether it tells the day.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    kind: RobotKind
    url: pydantic.SecretStr = pydantic.Field(min_length=1)
    secret: pydantic.SecretStr | None = None
    keyword: str = pydantic.Field(default="", max_length=20)
    summary: bool = True
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse a URL of another kind, plain http to a vendor, and a secret nobody asks for.

        The message never holds the URL: it is the robot's key.
        """
        parts = urlsplit(self.url.get_secret_value())
        query = parse_qs(parts.query)
        is_right = {
            RobotKind.WECOM: "key" in query,
            RobotKind.DINGTALK: "access_token" in query,
            RobotKind.FEISHU: "/hook/" in parts.path and not parts.path.endswith("/"),
        }[self.kind]
        if parts.scheme not in {"http", "https"} or not parts.hostname or not is_right:
            raise ValueError(f"url is not that of a {self.kind.value} robot")
        if self.mode == "vendor" and parts.scheme != "https":
            raise ValueError("url of a vendor begins with https")
        if self.kind is RobotKind.WECOM and self.secret is not None:
            raise ValueError("a wecom robot has no secret")
        return self

    def hidden(self) -> tuple[str, ...]:
        """Return what no log, error or record may repeat."""
        url = self.url.get_secret_value()
        parts = urlsplit(url)
        query = [value for values in parse_qs(parts.query).values() for value in values]
        token = [parts.path.rpartition("/")[2]] if self.kind is RobotKind.FEISHU else []
        secret = [self.secret.get_secret_value()] if self.secret else []
        return (url, *query, *token, *secret)
