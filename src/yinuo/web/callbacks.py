"""Where outside systems call us: payment notices and reports of the warehouse.

Plain Starlette routes: the raw bytes are verified as they came. The answer goes out only after
what was told is in the books, in the vendor's own envelope; a refusal says no more than its code.
"""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from yinuo.connectors.registry import PaymentAccount
from yinuo.core.errors import Kind, YinuoError
from yinuo.core.logs import logger
from yinuo.core.metrics import Counter, Histogram
from yinuo.web.deps import remote_address
from yinuo.web.errors import STATUS
from yinuo.workflows import confirm_shipment, take_group_message, take_payment, take_push
from yinuo.workflows.hub import hub

log = logger(__name__)
answered = Counter(
    "yinuo_callbacks_total", "Callbacks by sender and outcome", ["sender", "outcome"]
)
seconds = Histogram("yinuo_callback_seconds", "Time until the answer to a callback", ["sender"])


async def wechat_pay(request: Request) -> Response:
    """Take a WeChat Pay notice: 204 when booked, else 4xx or 5xx with code FAIL."""
    refused = await _take_notice(request, "wechat_pay")
    if refused is None:
        return Response(status_code=204)
    content = {"code": "FAIL", "message": refused.code}
    return JSONResponse(content, status_code=STATUS[refused.kind])


async def alipay(request: Request) -> Response:
    """Take an Alipay notice: exactly `success` when booked; anything else is sent again."""
    refused = await _take_notice(request, "alipay")
    if refused is None:
        return PlainTextResponse("success")
    return PlainTextResponse(f"fail {refused.code}", status_code=STATUS[refused.kind])


async def _take_notice(request: Request, provider: str) -> YinuoError | None:
    """Return None for a notice that is in the books, else why it was refused."""
    body = await request.body()
    try:
        with seconds.labels(provider).time():
            told = take_payment.read_notice(
                PaymentAccount(provider, request.path_params["account"]),
                request.headers,
                body,
                remote_address=remote_address(request),
            )
            settled = await take_payment.settle(told)
            if settled is None or not settled.is_claimed:
                await run_in_threadpool(take_payment.finish, told, settled)
    except YinuoError as error:
        answered.labels(provider, error.code).inc()
        # A probe with a wrong signature is routine: no alarm, no address, no content.
        log.info("notice_refused", sender=provider, error=error.code)
        return error
    answered.labels(provider, "done").inc()
    return None


async def qimen(request: Request) -> Response:
    """Take a report of the warehouse: the vendor's success envelope only for what is in the books."""
    body = await request.body()
    callbacks = hub().connectors.warehouse_callbacks
    try:
        with seconds.labels("qimen").time():
            await run_in_threadpool(confirm_shipment.take_report, dict(request.query_params), body)
    except YinuoError as error:
        answered.labels("qimen", error.code).inc()
        log.info("report_refused", sender="qimen", error=error.code)
        # What is kept with a work item need not be repeated by the warehouse.
        is_kept = error.kind is Kind.NOT_FOUND
        content = callbacks.reply(ok=is_kept, message=error.code)
        return Response(content, media_type="text/xml", status_code=200)
    answered.labels("qimen", "done").inc()
    return Response(callbacks.reply(ok=True), media_type="text/xml")


async def douyin(request: Request) -> Response:
    """Take pushes of Douyin: answered once they are kept, the orders are fetched afterwards."""
    body = await request.body()
    shop_id = request.path_params["shop"]
    try:
        with seconds.labels("douyin").time():
            fresh = await run_in_threadpool(take_push.keep, shop_id, request.headers, body)
    except YinuoError as error:
        answered.labels("douyin", error.code).inc()
        log.info("push_refused", sender="douyin", error=error.code)
        content = {"code": 1, "msg": error.code}
        return JSONResponse(content, status_code=STATUS[error.kind])
    answered.labels("douyin", "done").inc()
    later = BackgroundTask(take_push.work_off, fresh) if fresh else None
    return JSONResponse({"code": 0, "msg": "success"}, background=later)


async def wecom_address(request: Request) -> Response:
    """Answer the check of an address that is entered at WeCom: the text it sealed, as it is."""
    query, shop_id = dict(request.query_params), request.path_params["shop"]
    try:
        return PlainTextResponse(take_group_message.prove_address(shop_id, query))
    except YinuoError as error:
        answered.labels("wecom", error.code).inc()
        return PlainTextResponse(error.code, status_code=STATUS[error.kind])


async def wecom(request: Request) -> Response:
    """Take a message that a bot of WeCom heard: an empty 200 once it is kept, read afterwards."""
    body = await request.body()
    shop_id = request.path_params["shop"]
    try:
        with seconds.labels("wecom").time():
            fresh = await run_in_threadpool(
                take_group_message.keep, shop_id, dict(request.query_params), body
            )
    except YinuoError as error:
        answered.labels("wecom", error.code).inc()
        log.info("group_message_refused", sender="wecom", error=error.code)
        return PlainTextResponse(error.code, status_code=STATUS[error.kind])
    answered.labels("wecom", "done").inc()
    later = BackgroundTask(take_group_message.work_off, shop_id) if fresh else None
    return Response(status_code=200, background=later)


routes = [
    Route("/callbacks/wecom/{shop}", wecom_address, methods=["GET"]),
    Route("/callbacks/wecom/{shop}", wecom, methods=["POST"]),
    Route("/callbacks/douyin/{shop}", douyin, methods=["POST"]),
    Route("/callbacks/wechat-pay/{account}", wechat_pay, methods=["POST"]),
    Route("/callbacks/alipay/{account}", alipay, methods=["POST"]),
    Route("/callbacks/qimen", qimen, methods=["POST"]),
]
