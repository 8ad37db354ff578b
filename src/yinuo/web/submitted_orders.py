"""`POST /api/v1/orders`: other systems of the merchant send orders in, signed and idempotent.

The caller shows an API token with the scope `orders.submit`, and signs method, target, time, nonce
and body with the token's secret in the same way as shops do.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pydantic
from fastapi import APIRouter, Depends, Header, Request
from starlette.concurrency import run_in_threadpool

from yinuo.channels import service as channels
from yinuo.channels.model import BadNumber, Shop, clean_number
from yinuo.channels.model.imports import (
    BadSubmission,
    ImportField,
    ImportOutcome,
    ImportProblem,
    ImportProblemCode,
    ImportVerdict,
    StatedGoods,
    StatedImport,
)
from yinuo.connectors.orders import MOST_FEN, MOST_LINES, MOST_UNITS
from yinuo.connectors.shop.signing import verify_request
from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen
from yinuo.core.texts import Language
from yinuo.reports.import_problems import problem_words
from yinuo.users.model import Actor, Permission
from yinuo.web import errors
from yinuo.web.deps import Lang, require
from yinuo.workflows import submit_orders
from yinuo.workflows.hub import hub

router = APIRouter(tags=["orders"])
Submitter = Annotated[Actor, Depends(require(Permission.ORDERS_SUBMIT))]
MOST_ORDERS = 100
_TAKEN = pydantic.ConfigDict(extra="forbid", strict=True)
_Fen = Annotated[int, pydantic.Field(ge=0, le=MOST_FEN)]


def _text(most: int, *, least: int = 0) -> pydantic.StringConstraints:
    return pydantic.StringConstraints(strip_whitespace=True, min_length=least, max_length=most)


class SubmittedLine(pydantic.BaseModel):
    """A line: a SKU, or the shop's own product code; amounts in fen."""

    model_config = _TAKEN

    code: Annotated[str, _text(64, least=1)]
    name: Annotated[str, _text(200)] = ""
    quantity: Annotated[int, pydantic.Field(ge=1, le=MOST_UNITS)]
    unit_price_fen: _Fen
    amount_fen: _Fen | None = None


class SubmittedReceiver(pydantic.BaseModel):
    """Who gets the goods; the divisions may stand in the detail."""

    model_config = _TAKEN

    name: Annotated[str, _text(60)] = ""
    phone: Annotated[str, _text(30)] = ""
    province: Annotated[str, _text(60)] = ""
    city: Annotated[str, _text(60)] = ""
    district: Annotated[str, _text(60)] = ""
    detail: Annotated[str, _text(300, least=1)]


class SubmittedPayment(pydantic.BaseModel):
    """Says that the whole order is paid; `transaction_id` is the payment's own number."""

    model_config = _TAKEN

    transaction_id: Annotated[str, _text(64)] = ""
    paid_at: pydantic.AwareDatetime


class SubmittedOrder(pydantic.BaseModel):
    """An order; total = lines − discount + freight. Without `payment` it is not paid yet."""

    model_config = _TAKEN

    number: Annotated[str, _text(64, least=1)]
    placed_at: pydantic.AwareDatetime
    buyer_nick: Annotated[str, _text(128)] = ""
    receiver: SubmittedReceiver
    lines: Annotated[list[SubmittedLine], pydantic.Field(min_length=1, max_length=MOST_LINES)]
    freight_fen: _Fen = 0
    discount_fen: _Fen = 0
    total_fen: _Fen
    payment: SubmittedPayment | None = None
    remark: Annotated[str, _text(500)] = ""


class OrdersToSubmit(pydantic.BaseModel):
    """Up to 100 orders of one shop."""

    shop_id: Annotated[str, pydantic.StringConstraints(max_length=40)]
    orders: Annotated[list[SubmittedOrder], pydantic.Field(min_length=1, max_length=MOST_ORDERS)]


class _Envelope(pydantic.BaseModel):
    """The same without its orders read: one that is wrong stops no other."""

    model_config = pydantic.ConfigDict(extra="forbid")

    shop_id: Annotated[str, pydantic.StringConstraints(max_length=40)]
    orders: Annotated[
        list[pydantic.JsonValue], pydantic.Field(min_length=1, max_length=MOST_ORDERS)
    ]


class SubmittedProblem(pydantic.BaseModel):
    """One thing wrong: a stable code, the field, and words in the caller's language."""

    code: str
    field: str
    message: str


class SubmittedResult(pydantic.BaseModel):
    """What became of an order: `taken` now or before, `differs` from the one that is there, `refused`."""

    number: str
    outcome: Literal["taken", "differs", "refused"]
    order_id: str | None
    problems: list[SubmittedProblem]


class SubmittedOrders(pydantic.BaseModel):
    """A result for each order, in the order they were sent."""

    results: list[SubmittedResult]


def _whole(schema: JsonValue, parts: dict[str, JsonValue]) -> JsonValue:
    """Return a schema with its parts in their places: the body is read by hand, so none is listed."""
    if isinstance(schema, list):
        return [_whole(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    name = schema.get("$ref")
    if isinstance(name, str):
        return _whole(parts[name.rpartition("/")[2]], parts)
    return {key: _whole(value, parts) for key, value in schema.items() if key != "$defs"}


def _body_schema() -> JsonValue:
    schema: dict[str, JsonValue] = OrdersToSubmit.model_json_schema()
    parts = schema.get("$defs")
    return _whole(schema, parts if isinstance(parts, dict) else {})


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _body_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("X-Yinuo-Timestamp", "X-Yinuo-Nonce", "X-Yinuo-Signature")
    ],
}


async def _signed(request: Request, actor: Submitter) -> bytes:
    """Return the body of a request signed with its token's secret, its nonce used for the first time.

    Raises ShopBadSignature, ShopStale, NonceSeen.
    """
    body = await request.body()
    query = request.url.query
    target = request.scope["raw_path"].decode("ascii") + (f"?{query}" if query else "")
    secret = request.headers.get("authorization", "").partition(" ")[2].strip()

    def verify() -> None:
        now = clock.now()
        proof = verify_request(
            request.method, target, headers=request.headers, body=body, now=now, secret=secret
        )
        with hub().database.transaction() as session:
            channels.use_nonce(session, scope=f"token:{actor.id}", nonce=proof.nonce, now=now)

    await run_in_threadpool(verify)
    return body


Signed = Annotated[bytes, Depends(_signed)]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=100, pattern=r"^[\x21-\x7e]*$")]


@router.post("/orders", openapi_extra=_BODY)
def submit_orders_in(
    body: Signed, actor: Submitter, language: Lang, key: Key = ""
) -> SubmittedOrders:
    """Send orders in; the same again gives the same orders. 409 for a used key with another body."""
    try:
        given = _Envelope.model_validate_json(body)
    except pydantic.ValidationError as error:
        raise BadSubmission(problems=errors.problems_of(error, language)) from None
    shop = submit_orders.open_submission(given.shop_id, body, key=key, actor=actor)
    return SubmittedOrders(results=[_result(shop, one, language) for one in given.orders])


def _result(shop: Shop, value: JsonValue, language: Language) -> SubmittedResult:
    number = str(value.get("number", ""))[:64] if isinstance(value, dict) else ""
    try:
        order = SubmittedOrder.model_validate_json(json.dumps(value))
    except pydantic.ValidationError as error:
        told = errors.problems_of(error, language)
        return SubmittedResult(
            number=number, outcome="refused", order_id=None, problems=list(map(_wrong, told))
        )
    stated, problems = _stated(shop, order)
    verdict = ImportVerdict(outcome=ImportOutcome.REFUSED, problems=tuple(problems))
    if stated is not None:
        verdict = submit_orders.submit(shop, [stated])[0]
    return SubmittedResult(
        number=order.number,
        outcome=_OUTCOMES[verdict.outcome],
        order_id=verdict.order_id,
        problems=[
            SubmittedProblem(
                code=one.code.value, field=one.field, message=problem_words(one, language)
            )
            for one in verdict.problems
        ],
    )


_OUTCOMES: dict[ImportOutcome, Literal["taken", "differs", "refused"]] = {
    ImportOutcome.NEW: "taken",
    ImportOutcome.EXISTS: "taken",
    ImportOutcome.DIFFERS: "differs",
    ImportOutcome.REFUSED: "refused",
}


def _wrong(told: JsonValue) -> SubmittedProblem:
    found = told if isinstance(told, dict) else {}
    return SubmittedProblem(
        code="core.invalid", field=str(found.get("field")), message=str(found.get("message"))
    )


def _stated(shop: Shop, order: SubmittedOrder) -> tuple[StatedImport | None, list[ImportProblem]]:
    problems: list[ImportProblem] = []
    try:
        number = clean_number(shop.channel, order.number)
    except BadNumber:
        number = ""
        problems.append(_problem(ImportProblemCode.BAD_NUMBER, ImportField.NUMBER, order.number))
    lines = tuple(map(_line, order.lines))
    if any(line.amount_fen > line.unit_price_fen * line.quantity for line in lines):
        problems.append(_problem(ImportProblemCode.LINE_AMOUNT, ImportField.AMOUNT, ""))
    due = sum(line.amount_fen for line in lines) - order.discount_fen + order.freight_fen
    if due != order.total_fen:
        total = f"{order.total_fen // 100}.{order.total_fen % 100:02d}"
        problems.append(_problem(ImportProblemCode.TOTAL_AMOUNT, ImportField.TOTAL, total))
    if problems:
        return None, problems
    to = order.receiver
    return StatedImport(
        number=number,
        raw_number=order.number,
        placed_at=order.placed_at,
        buyer_nick=order.buyer_nick,
        name=to.name,
        phone=to.phone,
        province=to.province,
        city=to.city,
        district=to.district,
        detail=to.detail,
        lines=lines,
        freight_fen=Fen(order.freight_fen),
        discount_fen=Fen(order.discount_fen),
        total_fen=Fen(order.total_fen),
        is_paid=order.payment is not None,
        paid_at=order.payment.paid_at if order.payment else None,
        transaction_id=order.payment.transaction_id if order.payment else "",
        remark=order.remark,
    ), []


def _line(line: SubmittedLine) -> StatedGoods:
    amount = line.unit_price_fen * line.quantity if line.amount_fen is None else line.amount_fen
    return StatedGoods(
        code=line.code,
        name=line.name,
        quantity=line.quantity,
        unit_price_fen=Fen(line.unit_price_fen),
        amount_fen=Fen(amount),
    )


def _problem(code: ImportProblemCode, name: ImportField, value: str) -> ImportProblem:
    return ImportProblem(code=code, field=name.value, value=value[:60])
