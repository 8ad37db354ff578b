"""The sections `[wecom.<shop id>]`."""

from __future__ import annotations

from typing import Literal

import pydantic


class WecomSettings(pydantic.BaseModel):
    """One bot, whose groups order from one shop.

    `token` and `encoding_aes_key` (43 characters) stand on the bot's page. `bot_name` is what
    people write behind an @ to speak to it. `groups` gives a chat's id the name that people know;
    without one the id is shown. The receive id of bots is empty; that of an application is the
    corporation's id.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    token: pydantic.SecretStr = pydantic.Field(min_length=1)
    encoding_aes_key: pydantic.SecretStr = pydantic.Field(min_length=43, max_length=43)
    receive_id: str = ""
    bot_name: str = ""
    groups: dict[str, str] = {}
