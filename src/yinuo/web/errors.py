"""Every refusal in one form: `{"error": {code, message, details, next_step}}`, in zh or en.

Kind to HTTP status stands here and nowhere else. What nobody expected is a 500 with a reference
that the log has too, and nothing of the inside. A database that does not answer is a 503; a value
that it cannot hold (NUL, a number out of range) a 422.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pydantic
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinuo.channels.model.imports import MOST_FILE_BYTES
from yinuo.core.db import Unreachable, Unstorable, trouble_of
from yinuo.core.errors import JsonValue, Kind, YinuoError
from yinuo.core.logs import logger
from yinuo.core.texts import Language, has_text, text
from yinuo.web.deps import language

log = logger(__name__)

MOST_BODY_BYTES: Final = 2 * 1024 * 1024
# Files of orders alone may be larger; who may not put one in is refused before it is read.
LARGER: Final[Mapping[str, int]] = {"/api/v1/imports": MOST_FILE_BYTES + 1024}

STATUS: Final[Mapping[Kind, int]] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
_OF_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("web.bad_request", "invalid"),
    401: ("core.unauthenticated", "unauthenticated"),
    403: ("core.forbidden", "forbidden"),
    404: ("core.not_found", "not_found"),
    405: ("web.method_not_allowed", "invalid"),
    413: ("core.too_large", "too_large"),
    415: ("web.content_type", "invalid"),
    422: ("core.invalid", "invalid"),
    429: ("core.too_many", "too_many"),
    503: ("core.unavailable", "unavailable"),
}
_HEADERS: Final = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
)


class ErrorFacts(pydantic.BaseModel):
    """What was refused: a stable code, words in the caller's language, and what to do next."""

    code: str
    message: str
    details: dict[str, pydantic.JsonValue]
    next_step: str


class ErrorBody(pydantic.BaseModel):
    """The one form of every refusal."""

    error: ErrorFacts


def install(app: FastAPI) -> None:
    """Give an app the one form of refusals, the limit of bodies and the common headers."""
    app.add_exception_handler(YinuoError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    for unreachable in Unreachable:
        app.add_exception_handler(unreachable, _unreachable)
    for unstorable in Unstorable:
        app.add_exception_handler(unstorable, _unstorable)
    app.add_middleware(Edge)
    app.router.responses = {**app.router.responses, **RESPONSES}


RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    "default": {"model": ErrorBody, "description": "Refused, with a stable code"}
}


def answer(error: YinuoError, speaks: Language) -> JSONResponse:
    """Return the refusal that an error of the product becomes."""
    status = STATUS[error.kind]
    response = _response(
        status, code=error.code, kind=error.kind.value, details=error.details, speaks=speaks
    )
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    seconds = error.details.get("seconds")
    if status == 429 and isinstance(seconds, int):
        response.headers["retry-after"] = str(seconds)
    return response


def told(error: YinuoError, speaks: Language) -> ErrorFacts:
    """Return a refusal in the caller's words, for an answer that carries several."""
    facts = _facts(error.code, kind=error.kind.value, details=error.details, speaks=speaks)
    return ErrorFacts.model_validate(facts)


def problems_of(error: pydantic.ValidationError, speaks: Language) -> list[JsonValue]:
    """Return what is wrong with a part of a body, in the caller's words, without its values."""
    found: list[Mapping[str, object]] = [
        {**one, "loc": ("body", *one["loc"])} for one in error.errors(include_input=False)
    ]
    return [_problem(one, speaks) for one in found[:20]]


def _response(
    status: int, *, code: str, kind: str, details: dict[str, JsonValue], speaks: Language
) -> JSONResponse:
    facts = _facts(code, kind=kind, details=details, speaks=speaks)
    return JSONResponse({"error": facts}, status_code=status)


def _facts(
    code: str, *, kind: str, details: dict[str, JsonValue], speaks: Language
) -> dict[str, JsonValue]:
    own_step = f"{code}.next_step"
    words = {key: _words(value) for key, value in details.items()}
    return {
        "code": code,
        "message": text(code, speaks, **words),
        "details": details,
        "next_step": text(own_step if has_text(own_step) else f"web.next_step.{kind}", speaks),
    }


def _words(value: JsonValue) -> str:
    if isinstance(value, list):
        return "；".join(
            str(part["message"]) if isinstance(part, dict) and "message" in part else _words(part)
            for part in value
        )
    if isinstance(value, dict):
        return "，".join(f"{key} {_words(part)}" for key, part in value.items())
    return str(value)


def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, YinuoError):  # registered for nothing else
        raise error
    return answer(error, language(request))


def _not_valid(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    speaks = language(request)
    errors: list[Mapping[str, object]] = list(error.errors())
    if _is_wrong_type(request, errors):
        return _response(415, code="web.content_type", kind="invalid", details={}, speaks=speaks)
    problems: list[JsonValue] = [_problem(one, speaks) for one in errors[:20]]
    return _response(
        422, code="core.invalid", kind="invalid", details={"problems": problems}, speaks=speaks
    )


def _is_wrong_type(request: Request, errors: list[Mapping[str, object]]) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
    return not is_json and bool(kind) and any(one["loc"] == ("body",) for one in errors)


def _problem(error: Mapping[str, object], speaks: Language) -> JsonValue:
    kind, place, context = str(error["type"]), error["loc"], error.get("ctx")
    parts = list(map(str, place)) if isinstance(place, tuple) else []
    field = ".".join(parts[1:] or parts)[:120]
    code = f"web.problem.{kind}" if has_text(f"web.problem.{kind}") else "web.problem.other"
    params = (
        {str(key): value for key, value in context.items()} if isinstance(context, dict) else {}
    )
    return {"field": field, "problem": kind, "message": f"{field} {text(code, speaks, **params)}"}


def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    code, kind = _OF_STATUS.get(error.status_code, ("core.refused", "conflict"))
    details: dict[str, JsonValue] = {}
    if error.status_code == 413:
        details = {"limit": "2 MB"}
    response = _response(
        error.status_code, code=code, kind=kind, details=details, speaks=language(request)
    )
    response.headers.update(error.headers or {})
    return response


def _unreachable(request: Request, error: Exception) -> JSONResponse:
    log.error(
        "database_unreachable",
        error=type(error).__name__,
        reason=trouble_of(error),
        where=_where(error),
    )
    response = _response(
        503,
        code="core.unavailable",
        kind="unavailable",
        details={},
        speaks=language(request),
    )
    response.headers["retry-after"] = "2"
    return response


def _unstorable(request: Request, error: Exception) -> JSONResponse:
    log.warning("value_not_storable", error=type(error).__name__, where=_where(error))
    speaks = language(request)
    return _response(
        422,
        code="core.invalid",
        kind="invalid",
        details={"problems": [text("web.problem.other", speaks)]},
        speaks=speaks,
    )


def _unexpected(scope: Scope, error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    # The kind of error and the places alone: its text may carry personal data.
    log.error(
        "unexpected_error",
        reference=reference,
        error=type(error).__name__,
        method=scope["method"],
        where=_where(error),
    )
    return _response(
        500,
        code="core.unexpected",
        kind="unexpected",
        details={"reference": reference},
        speaks=language(Request(scope)),
    )


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


class Edge:
    """The outermost layer: bounds bodies, adds the common headers, answers the unexpected."""

    def __init__(self, app: ASGIApp, *, most_bytes: int = MOST_BODY_BYTES) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see that it gets one answer in the one form."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = LARGER.get(scope["path"], self._most)
        exchange = _Exchange(scope, receive, send, most_bytes=most)
        try:
            if exchange.declared_too_large():
                raise HTTPException(413)  # noqa: TRY301 - one place that answers
            await self._app(scope, exchange.receive, exchange.send)
        except HTTPException as error:
            if exchange.has_started:
                raise
            await _http(Request(scope), error)(scope, receive, exchange.send)
        except ClientDisconnect:
            return  # whoever asked has gone: nobody to answer, nothing went wrong here
        except Exception as error:  # the edge: logged with a reference, told as a 500
            response = _unexpected(scope, error)
            if exchange.has_started:
                raise
            await response(scope, receive, exchange.send)


class _Exchange:
    """One request and its answer as they pass through the edge."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, most_bytes: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._most, self._taken = most_bytes, 0
        self.has_started = False

    def declared_too_large(self) -> bool:
        declared = dict(self._scope["headers"]).get(b"content-length", b"")
        return declared.isdigit() and int(declared[:20]) > self._most

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._taken > self._most:
                raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                headers.setdefault(name, value)
            if self._scope["path"].startswith("/api/v1/"):
                headers.setdefault("cache-control", "no-store")
        await self._send(message)
