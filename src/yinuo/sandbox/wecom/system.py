"""The bot's webhook from WeCom's side: messages sealed and signed, and the check of the address."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.sandbox.control import body_of, reply
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest, Post
from yinuo.sandbox.wecom.chats import Chats, Said
from yinuo.sandbox.wecom.sealing import sealed, stamp

MESSAGE, CHECK = "message", "check_address"
SCHEDULE: tuple[float, ...] = (5, 5, 5)
ANSWER_WITHIN = 5.0
ECHO_WITHIN = 1.0  # a bot's address has to prove itself faster than it answers
ECHO = "6789012345678901234"
BAD_SIGN, WRONG_KEY, NEW_ID = "BAD_SIGN", "WRONG_KEY", "NEW_ID"


class Wecom:
    """A corporation whose groups have one bot."""

    name = "wecom"
    label = "企业微信机器人"
    operations: Sequence[str] = (MESSAGE, CHECK)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.wecom
        self._counts = kernel.state.collection(self.name, "counts", int)
        self.chats = Chats(kernel.state, self.say)
        kernel.background.append(self.chats.run)
        for operation, accepted in ((MESSAGE, _is_taken), (CHECK, _is_echoed)):
            post = Post(
                build=self._written,
                accepted=accepted,
                schedule=SCHEDULE if operation == MESSAGE else (),
                answer_within=ANSWER_WITHIN if operation == MESSAGE else ECHO_WITHIN,
            )
            kernel.outbound.register(self.name, operation, post)

    def routes(self) -> Sequence[BaseRoute]:
        """Return what the control API gains; the vendor has no paths of its own here."""
        return [
            *self.chats.routes(),
            Route("/control/wecom/messages", self.speak, methods=["POST"]),
            Route("/control/wecom/check", self.check, methods=["POST"]),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return how much was said and how the check of the address went; never what was said."""
        return {
            "said": self._counts.get("said") or 0,
            "messages_per_minute": self.chats.plan.messages_per_minute,
        }

    async def speak(self, request: Request) -> Response:
        """Let somebody say something: {text, group?, sender?, msgtype?}."""
        said = await body_of(request, Said)
        if isinstance(said, Response):
            return said
        message_id = await run_in_threadpool(self.say, said)
        return reply({"message_id": message_id}, status=201)

    async def check(self, _request: Request) -> Response:
        """Check the address, as when it is entered on the bot's page."""
        await run_in_threadpool(self._send, CHECK, {"echo": ECHO}, None)
        return reply({"ok": True})

    def say(self, said: Said) -> str:
        """Tell the hub what somebody said to the bot; returns the message's id."""
        message_id = new_id("msg")
        message: dict[str, JsonValue] = {
            "msgid": message_id,
            "aibotid": self._settings.bot_id,
            "chatid": said.group,
            "chattype": "group",
            "from": {"userid": said.sender},
            "response_url": f"{self._kernel.settings.address}/wecom/response",
            "msgtype": said.msgtype,
        }
        if said.msgtype == "text":
            message["text"] = {"content": f"@{self._settings.bot_name} {said.text}"}
        elif said.msgtype == "mixed":
            words: JsonValue = {"msgtype": "text", "text": {"content": said.text}}
            picture: JsonValue = {"msgtype": "image", "image": {"url": ""}}
            message["mixed"] = {"msg_item": [words, picture]}
        self._counts.update("said", lambda old: (old or 0) + 1)
        text = json.dumps(message, ensure_ascii=False)
        self._send(MESSAGE, {"message": text}, message_id)
        return message_id

    def _send(self, operation: str, content: dict[str, str], reference: str | None) -> None:
        if not self._settings.hub_shop_id:
            return
        hub, shop = self._kernel.settings.hub_address, self._settings.hub_shop_id
        self._kernel.outbound.send(
            self.name,
            operation,
            address=f"{hub}/callbacks/wecom/{shop}",
            content=content,
            reference=reference,
        )

    def _written(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        """Return the sealed request; a fault's code may say BAD_SIGN, WRONG_KEY or NEW_ID."""
        own, is_check = self._settings, letter.operation == CHECK
        plain = letter.content["echo"] if is_check else letter.content["message"]
        if damage == NEW_ID and not is_check:
            plain = json.dumps(json.loads(plain) | {"msgid": new_id("msg")}, ensure_ascii=False)
        key = own.encoding_aes_key
        encrypted = sealed(
            plain.encode(),
            encoding_aes_key=key[::-1] if damage == WRONG_KEY else key,
            receive_id=own.receive_id,
        )
        moment, nonce = str(int(clock.now().timestamp())), secrets.token_hex(5)
        token = "another" if damage == BAD_SIGN else own.token
        query = {
            "msg_signature": stamp(token, moment, nonce, encrypted),
            "timestamp": moment,
            "nonce": nonce,
        }
        if is_check:
            query["echostr"] = encrypted
            return OutgoingRequest(body=b"", headers={}, method="GET", query=urlencode(query))
        body = json.dumps({"encrypt": encrypted}).encode()
        headers = {"Content-Type": "application/json"}
        return OutgoingRequest(body=body, headers=headers, query=urlencode(query))


def _is_taken(answer: HubAnswer) -> bool:
    return answer.status == 200 and answer.seconds <= ANSWER_WITHIN


def _is_echoed(answer: HubAnswer) -> bool:
    return answer.status == 200 and answer.body == ECHO.encode()
