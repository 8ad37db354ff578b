"""What the hub asks of an ERP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from yinuo.connectors.protocols.nouns import Health, StockPhotograph
from yinuo.core.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesLine:
    """One line of a sales document."""

    sku: str
    name: str
    unit: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument:
    """A sales order for the ERP; `number` is ours and identifies it there."""

    number: str
    shop_code: str
    placed_at: datetime
    deliver_by: datetime
    lines: tuple[SalesLine, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDocument:
    """A sales order as it stands in the ERP; `bill_number` is the ERP's own."""

    number: str
    bill_number: str
    is_audited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """A standing sales order with the money of its lines; `customer` is the ERP's code."""

    number: str
    bill_number: str
    customer: str
    amount_fen: Fen


class Erp(Protocol):
    """An ERP that takes sales documents and tells stock."""

    def find_document(self, number: str) -> ErpDocument | None:
        """Return the document that carries our number, or None when there is none."""

    def post_document(self, document: SalesDocument) -> ErpDocument:
        """Return the document, made once: looks our number up first and never saves when found.

        A save goes on in the ERP for some seconds after its caller has died: a look-up sooner than
        that after an interrupted call proves nothing.
        """

    def cancel_document(self, number: str) -> None:
        """Remove the document; a repeat, or a number that is not there, changes nothing.

        Raises Rejected when the ERP has already audited it.
        """

    def list_documents(self, day: date) -> tuple[ListedDocument, ...]:
        """Return the documents with a number of ours that are dated on a day, voided ones not."""

    def read_stock(self, skus: Sequence[str] | None = None) -> StockPhotograph:
        """Return stock of these SKUs (all when None) in all warehouses."""

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""
