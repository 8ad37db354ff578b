"""Talks to the WebAPI of Kingdee K3 WISE."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.kingdee_k3 import mapping
from yinuo.connectors.kingdee_k3.mapping import Bill, JsonObject
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.kingdee_k3.stock import StockReader, decoded
from yinuo.connectors.kingdee_k3.tokens import TokenCache
from yinuo.connectors.protocols import (
    ErpDocument,
    Health,
    ListedDocument,
    OutcomeUnknown,
    Rejected,
    SalesDocument,
    StockPhotograph,
)
from yinuo.core.errors import JsonValue

T = TypeVar("T")

TOKEN = Operation(name="Token/Create", is_repeatable=True)
LIST = Operation(name="SO/GetList", is_repeatable=True)
SAVE = Operation(name="SO/Save", is_repeatable=False)
# Not repeatable by itself: a bill number that was freed may belong to another document by then.
DELETE = Operation(name="SO/Delete", is_repeatable=False)
CHECK_NUMBER = "YINUO-CHECK"
_GONE = re.compile(
    r"单据?(编号)?[\x20-\x7e]{0,60}不存在|bill.{0,30}not.?(exist|found)", re.IGNORECASE
)


class KingdeeConnector:
    """One account set of K3 WISE."""

    def __init__(self, settings: KingdeeSettings, outside: Outside, *, stock: StockReader) -> None:
        self.settings = settings
        self.outside = outside
        self._stock = stock
        self._tokens = TokenCache(self._fetch_token)

    def find_document(self, number: str) -> ErpDocument | None:
        """Return the standing document with our number; a voided one does not count.

        Raises DuplicateDocuments when there are several.
        """
        return self._only([bill for bill in self._bills(number) if not bill.is_voided])

    def post_document(self, document: SalesDocument) -> ErpDocument:
        """Return the document with our number, saved only when a look-up finds none.

        Raises OutcomeUnknown when the save got no answer: calling again looks it up first.
        """
        with self.outside.alone(document.number):
            return self._post_once(document)

    def _post_once(self, document: SalesDocument) -> ErpDocument:
        found = self._bills(document.number)
        standing = self._only([bill for bill in found if not bill.is_voided])
        if standing is not None:
            return standing
        if found:
            raise mapping.DocumentVoided(
                connector=self.outside.connector,
                number=document.number,
                bills=[bill.bill_number for bill in found],
            )
        body = mapping.save_body(document, self.settings)
        bill_number = self._call(SAVE, body, mapping.saved_bill, reference=document.number)
        return ErpDocument(number=document.number, bill_number=bill_number, is_audited=False)

    def cancel_document(self, number: str) -> None:
        """Remove the document; one that is gone, voided or was never there is fine."""
        with self.outside.alone(number):
            self._cancel_once(number)

    def _cancel_once(self, number: str) -> None:
        found = self.find_document(number)
        if found is None:
            return
        if found.is_audited:
            raise mapping.DocumentAudited(
                connector=self.outside.connector, number=number, bill=found.bill_number
            )
        body: JsonObject = {"Data": {"FBillNo": found.bill_number}}
        try:
            self._call(DELETE, body, mapping.saved_bill, reference=number)
        except Rejected as error:
            if not _GONE.search(str(error.details.get("outside_message"))):
                raise

    def list_documents(self, day: date) -> tuple[ListedDocument, ...]:
        """Return the standing documents of a day that carry a number of ours, page by page."""
        lines: list[mapping.DayLine] = []
        page = 1
        while True:
            found = self._call(
                LIST,
                mapping.day_body(day, page, self.settings),
                lambda data: mapping.day_lines(data, self.settings),
                reference=day.isoformat(),
            )
            lines += found
            if len(found) < mapping.DAY_PAGE:
                return mapping.listed(lines)
            page += 1

    def read_stock(self, skus: Sequence[str] | None = None) -> StockPhotograph:
        """Return stock by the bridge or by SQL, as the settings say."""
        return self._stock.read(skus)

    def check(self) -> Health:
        """Return how K3 does, by looking up a number that nobody has."""
        return self.outside.healthy(lambda: self.find_document(CHECK_NUMBER))

    def _only(self, standing: Sequence[Bill]) -> ErpDocument | None:
        if len(standing) > 1:
            raise mapping.DuplicateDocuments(
                connector=self.outside.connector,
                number=standing[0].number,
                bills=[bill.bill_number for bill in standing],
            )
        if not standing:
            return None
        return ErpDocument(
            number=standing[0].number,
            bill_number=standing[0].bill_number,
            is_audited=standing[0].is_audited,
        )

    def _bills(self, number: str) -> list[Bill]:
        def read(data: JsonValue) -> list[Bill]:
            found = mapping.bills(data, self.settings)
            if not all(bill.number for bill in found):
                # A list that hides our number cannot prove that a document is not there.
                raise OutcomeUnknown(reason="no_number_field")
            # K3 compares without regard to case; a list without our number is not the one asked.
            return [bill for bill in found if bill.number.casefold() == number.casefold()]

        body = mapping.list_body(number, self.settings)
        return self._call(LIST, body, read, reference=number)

    def _call(
        self,
        operation: Operation,
        body: JsonObject,
        read: Callable[[JsonValue], T],
        *,
        reference: str,
    ) -> T:
        """Return what `read` makes of the answer; a refused token is renewed once.

        The token is fetched before the call and not within: both wait for the same few places.
        """
        token = self._tokens.get()
        try:
            return self._post(operation, body, read, token=token, reference=reference)
        except mapping.TokenRefused:
            self._tokens.drop(token)
        token = self._tokens.get()
        return self._post(operation, body, read, token=token, reference=reference)

    def _post(
        self,
        operation: Operation,
        body: JsonObject,
        read: Callable[[JsonValue], T],
        *,
        token: str,
        reference: str,
    ) -> T:
        return self.outside.call(
            operation,
            lambda: Request(
                method="POST",
                url=self._url(operation, Token=token),
                headers={"content-type": "application/json; charset=utf-8"},
                body=msgspec.json.encode(body),
            ),
            lambda answer: read(_content(answer)),
            reference=reference,
        )

    def _fetch_token(self) -> tuple[str, int]:
        code = self.settings.authority_code.get_secret_value()
        return self.outside.call(
            TOKEN,
            lambda: Request(method="GET", url=self._url(TOKEN, authorityCode=code)),
            lambda answer: mapping.token(_content(answer)),
        )

    def _url(self, operation: Operation, **query: str) -> str:
        return f"{self.settings.address.rstrip('/')}/{operation.name}?{urlencode(query)}"


def _content(answer: Answer) -> JsonValue:
    if answer.status >= 400:
        raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
    return mapping.content(decoded(answer))
