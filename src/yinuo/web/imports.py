"""Files of orders: putting one in, its columns, what would become of it, starting, problems.

A file comes as the body itself, its name in a header: names and content stay out of URLs. Who may
import sees the rows whole; they are the file that a person just put in.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated
from urllib.parse import quote, unquote

import pydantic
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from yinuo.channels import service as channels
from yinuo.channels.model.imports import ImportField, ImportOutcome, ImportRecord
from yinuo.channels.service import imports
from yinuo.core import clock
from yinuo.core.texts import Language
from yinuo.reports import import_problems
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, Writing, require
from yinuo.web.import_facts import (
    ImportDetail,
    ImportList,
    ImportOrderList,
    import_detail,
    import_facts,
    order_facts,
)
from yinuo.web.message_facts import shop_names
from yinuo.web.messages import MessageShop, MessageShops
from yinuo.workflows import import_orders
from yinuo.workflows.hub import hub

router = APIRouter(tags=["imports"])
ImportId = Annotated[str, Path(max_length=64)]
Importer = Annotated[Actor, Depends(require(Permission.ORDERS_IMPORT))]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class ProblemsAs(Enum):
    """How problems are downloaded."""

    CSV = "csv"
    XLSX = "xlsx"


class MappingToSave(pydantic.BaseModel):
    """What the columns mean: the column, from 0, of each field that has one."""

    model_config = pydantic.ConfigDict(extra="forbid")

    mapping: dict[ImportField, Annotated[int, pydantic.Field(ge=0, lt=200)]]


@router.post("/imports", openapi_extra=_FILE)
async def put_import(
    request: Request,
    actor: Importer,
    language: Lang,
    shop_id: Annotated[str, Query(max_length=40)],
    x_yinuo_file_name: Annotated[str, Header(max_length=600)] = "",
) -> ImportDetail:
    """Put a CSV or XLSX file in and check it where its columns are known; nothing is placed yet."""
    content = await request.body()
    name = unquote(x_yinuo_file_name).rpartition("/")[2].rpartition("\\")[2]
    shown = "".join(filter(str.isprintable, name))[:120]

    def put() -> ImportDetail:
        return _shown(
            import_orders.put_file(shop_id, content, file_name=shown, actor=actor), language
        )

    return await run_in_threadpool(put)


@router.get("/imports")
def list_imports(
    session: Reading,
    _actor: Importer,
    language: Lang,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ImportList:
    """Return imports, the newest first."""
    page = imports.list_imports(session, cursor=cursor, limit=limit)
    shops = shop_names(session)
    return ImportList(
        items=[import_facts(one, language, shops=shops) for one in page.items],
        next_cursor=page.next_cursor,
        keep_days=int(hub().settings.import_days),
    )


@router.get("/imports/shops")
def list_import_shops(session: Reading, _actor: Importer) -> MessageShops:
    """Return the shops that a file can be put in for: those whose channel does not take the money."""
    found = [
        MessageShop(id=shop.id, name=shop.name)
        for shop in channels.list_shops(session)
        if shop.is_active and not shop.channel.takes_money
    ]
    return MessageShops(items=found)


@router.get("/imports/{import_id}")
def show_import(
    import_id: ImportId, session: Reading, _actor: Importer, language: Lang
) -> ImportDetail:
    """Return an import with its columns, its progress and its first problems."""
    return import_detail(session, imports.load_import(session, import_id), language)


@router.put("/imports/{import_id}/mapping")
def map_import(
    import_id: ImportId, body: MappingToSave, _actor: Importer, language: Lang
) -> ImportDetail:
    """Say what the columns mean, and check anew when nothing is missing."""
    mapping = {name.value: column for name, column in body.mapping.items()}
    return _shown(import_orders.map_columns(import_id, mapping), language)


@router.post("/imports/{import_id}/check")
def check_import(import_id: ImportId, _actor: Importer, language: Lang) -> ImportDetail:
    """Say anew what would become of each order; nothing is placed. 409 while columns are missing."""
    return _shown(import_orders.check(import_id), language)


@router.post("/imports/{import_id}/start")
def start_import(import_id: ImportId, actor: Importer, language: Lang) -> ImportDetail:
    """Begin to carry an import out; a repeat changes nothing. 409 before it was checked."""
    return _shown(import_orders.start(import_id, actor=actor), language)


@router.post("/imports/{import_id}/cancel")
def cancel_import(import_id: ImportId, actor: Importer, language: Lang) -> ImportDetail:
    """Stop an import before its next order; what came in stays. 409 when it is done."""
    return _shown(import_orders.cancel(import_id, actor=actor), language)


@router.get("/imports/{import_id}/orders")
def list_import_orders(
    import_id: ImportId,
    session: Reading,
    _actor: Importer,
    language: Lang,
    outcome: ImportOutcome | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ImportOrderList:
    """Return what became, or would become, of each order of a file."""
    imports.load_import(session, import_id)
    outcomes = list(ImportOutcome) if outcome is None else [outcome]
    page = imports.import_orders(session, import_id, outcomes=outcomes, cursor=cursor, limit=limit)
    return ImportOrderList(
        items=[order_facts(one, language) for one in page.items], next_cursor=page.next_cursor
    )


@router.get(
    "/imports/{import_id}/problems",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, _XLSX: {}}, "description": "The rows not taken"}},
)
def download_problems(
    import_id: ImportId,
    session: Writing,
    actor: Importer,
    language: Lang,
    kind: Annotated[ProblemsAs, Query(alias="as")] = ProblemsAs.XLSX,
) -> Response:
    """Return the rows that were not taken, each with its problem beside it; the download is audited."""
    if kind is ProblemsAs.CSV:
        content = import_problems.problems_csv(session, import_id, language)
    else:
        content = import_problems.problems_workbook(session, import_id, language)
    users.record(session, actor=actor, action="imports.problems", object=import_id, now=clock.now())
    name = quote(f"导入问题.{kind.value}" if language is Language.ZH else f"problems.{kind.value}")
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if kind is ProblemsAs.CSV else _XLSX,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _shown(record: ImportRecord, language: Language) -> ImportDetail:
    with hub().database.read() as session:
        return import_detail(session, record, language)
