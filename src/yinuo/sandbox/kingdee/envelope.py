"""The vendor's envelopes: what a body must look like, and the answers that are all HTTP 200."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from yinuo.sandbox.exchange import Answer, json_answer
from yinuo.sandbox.kingdee.template import Reference

T = TypeVar("T")

OK = 200
FAILED = 201
UNAUTHORISED = 401
BROKEN = 500


class Failure(msgspec.Struct, frozen=True):
    """A call that fails as a whole: the status in the envelope and the message."""

    status: int
    message: str
    detail: str = ""


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document; only `FStatus` says whether it worked."""

    FStatus: bool
    FMessage: str = ""
    FBillNo: str = ""
    FInterID: str = ""
    FItemID: str = ""


class SaveBody(msgspec.Struct, frozen=True):
    """The two pages of a document to save or to change."""

    Page1: list[dict[str, str | Reference]]
    Page2: list[dict[str, str | Reference]] = []
    FBillNo: str = ""


class ListBody(msgspec.Struct, frozen=True):
    """A query; all values are text, `Top` 0 means all."""

    Top: str = "100"
    PageSize: str = "100"
    PageIndex: str = "1"
    SelectPage: str = "1"
    Fields: str = ""
    Filter: str = ""
    OrderBy: str = ""


class BillBody(msgspec.Struct, frozen=True):
    """Names one document, with what CheckBill may add."""

    FBillNo: str
    FChecker: str = ""
    FCheckDirection: str = "1"
    FDealComment: str = ""


def read(body: bytes, of: type[T]) -> T | Failure:
    """Return the content of `{"Data": {...}}` (or `data`), or why it cannot be read.

    Values must be text: a number in JSON is refused as the vendor's deserialiser does.
    """
    try:
        envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Failure(BROKEN, "请求内容不是有效的JSON")
    data = envelope.get("Data", envelope.get("data"))
    if data is None:
        return Failure(FAILED, "Faild", "缺少Data")
    try:
        return msgspec.json.decode(data, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Failure(FAILED, "Faild", str(error))


def successful(data: object, *, reference: str | None = None) -> Answer:
    """Return the answer to a call that was carried out; its rows may still have failed."""
    return json_answer(
        {"StatusCode": OK, "Message": "Successful", "Data": data}, code="200", reference=reference
    )


def rows(results: list[RowResult], *, reference: str | None = None) -> Answer:
    """Return an answer about documents, one row each; noted as refused when one failed."""
    answer = successful(results, reference=reference)
    if all(row.FStatus for row in results):
        return answer
    return Answer(body=answer.body, code="FStatus", reference=reference, outcome="refused")


def failed(failure: Failure, *, reference: str | None = None) -> Answer:
    """Return a failed call: HTTP 200 all the same, the status is inside."""
    answer = json_answer(
        {"StatusCode": failure.status, "Message": failure.message, "Data": failure.detail}
    )
    outcome = "failed" if failure.status == BROKEN else "refused"
    return Answer(body=answer.body, code=str(failure.status), reference=reference, outcome=outcome)
