"""The nouns of orders: statuses, what comes in, what is stored, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen

NO_MONEY = Fen(0)


class PaymentStatus(StrEnum):
    """Where the buyer's money is; `closed` is an order cancelled before anything was paid."""

    UNPAID = "unpaid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CLOSED = "closed"


class FulfillmentStatus(StrEnum):
    """How far the goods are."""

    WAITING = "waiting"
    RESERVED = "reserved"
    SENDING = "sending"
    IN_WAREHOUSE = "in_warehouse"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class OrderStatus(StrEnum):
    """What people see: derived from payment, fulfillment and holds, never set by itself."""

    UNPAID = "unpaid"
    WAITING = "waiting"
    HELD = "held"
    RESERVED = "reserved"
    SENDING = "sending"
    IN_WAREHOUSE = "in_warehouse"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PaymentOutcome(StrEnum):
    """What a payment did to its order.

    `repeated` is the same transaction told again; `overpaid` is another transaction for an order
    that is paid already; `order_unknown` is parked until its order comes.
    """

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    OVERPAID = "overpaid"
    AMOUNT_MISMATCH = "amount_mismatch"
    ORDER_UNKNOWN = "order_unknown"
    ORDER_CANCELLED = "order_cancelled"


class RefundStatus(StrEnum):
    """How far a refund is; only `success` moved money."""

    PROCESSING = "processing"
    SUCCESS = "success"
    CLOSED = "closed"
    ABNORMAL = "abnormal"


class PlaceOutcome(StrEnum):
    """What placing did: the caller acts on `changed_after_payment` and `cancel_asked`."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    STALE = "stale"
    UPDATED = "updated"
    CHANGED_AFTER_PAYMENT = "changed_after_payment"
    CANCEL_ASKED = "cancel_asked"


class HoldReason(StrEnum):
    """Why a person holds an order; processes have reasons of their own."""

    MANUAL = "manual"
    ADDRESS_UNCLEAR = "address_unclear"
    BUYER_ASKED = "buyer_asked"
    STOCK_DOUBT = "stock_doubt"
    RISK = "risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The part of an address that may be shown and decided on."""

    province: str
    city: str
    district: str
    town: str = ""

    @property
    def label(self) -> str:
        """Return the region as people read it."""
        return " ".join(part for part in (self.province, self.city, self.district) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who gets the goods: personal data, kept apart and shown masked."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    province: str
    city: str
    district: str
    town: str = ""
    detail: str = field(repr=False)

    @property
    def region(self) -> Region:
        """Return the part that is not personal."""
        return Region(
            province=self.province, city=self.city, district=self.district, town=self.town
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One line as it comes in, already mapped to a SKU; `bundle_of` names the bundle it is part of."""

    sku: str
    listing_code: str
    name: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    is_gift: bool = False
    bundle_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as intake understood it; `version` is the channel's own count of its changes.

    Of a sealed receiver parts may be missing: the order is not sent anywhere before it is opened.
    """

    shop_id: str
    channel: str
    raw_number: str
    number: str
    unique_id: str
    payment_number: str | None
    buyer_id: str
    buyer_nick: str = ""
    lines: tuple[NewLine, ...]
    total_fen: Fen
    freight_fen: Fen = NO_MONEY
    discount_fen: Fen = NO_MONEY
    receiver: Receiver
    placed_at: datetime
    remark: str = ""
    version: int = 1
    is_cancelled: bool = False
    is_receiver_sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of a stored order."""

    id: str
    sku: str
    listing_code: str
    name: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    is_gift: bool
    bundle_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason that stops an order, with the role that must clear it."""

    id: str
    reason: str
    owner_role: str
    note: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One step of an order with its why: words come from `code` and `<code>.why`.

    `params` hold no personal data. An entry with a `dedupe_key` is written once per order.
    """

    at: datetime
    code: str
    params: dict[str, JsonValue] = field(default_factory=dict)
    actor: str = "system"
    dedupe_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A warehouse that was looked at; `reason` is a text code, filled from `params`."""

    warehouse: str
    name: str
    rank: int
    reason: str
    is_chosen: bool
    params: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourcing:
    """The warehouse and carrier chosen for an order, and all that were looked at."""

    warehouse: str | None
    carrier: str | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A stored order without its receiver: what decisions may see of it."""

    id: str
    shop_id: str
    channel: str
    raw_number: str
    number: str
    unique_id: str
    payment_number: str | None
    buyer_id: str
    buyer_nick: str
    total_fen: Fen
    freight_fen: Fen
    discount_fen: Fen
    paid_fen: Fen
    refunded_fen: Fen
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    status: OrderStatus
    placed_at: datetime
    paid_at: datetime | None
    channel_version: int
    version: int
    remark: str
    region: Region
    sourcing: Sourcing
    lines: tuple[OrderLine, ...]
    holds: tuple[Hold, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """The part of an order that changes after placing; loaded under the row's lock and saved whole."""

    id: str
    shop_id: str
    channel: str
    number: str
    payment_number: str | None
    total_fen: Fen
    paid_fen: Fen
    refunded_fen: Fen
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    hold_count: int
    placed_at: datetime
    paid_at: datetime | None
    reserved_at: datetime | None
    shipped_at: datetime | None
    cancelled_at: datetime | None
    channel_version: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """By what an order that comes in may be known already: itself, or money that came before it."""

    unique_id: str
    payment_number: str | None
    transaction_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """An unpaid order that nothing is known of but this payment, locked; what is to be claimed."""

    state: OrderState
    province: str
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """A payment that a provider told of, its signature verified; amounts in fen."""

    provider: str
    account: str
    payment_number: str
    transaction_id: str
    amount_fen: Fen
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecorded:
    """What became of a payment; `kept_outcome` is what stands in the books since the first telling."""

    payment_id: str
    order_id: str | None
    outcome: PaymentOutcome
    kept_outcome: PaymentOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReceived:
    """A refund that a provider told of; `transaction_id` is the payment it gives back.

    `so_far_fen` is there where only the sum of the payment's refunds was told, this one included:
    then `amount_fen` is no more than a first guess.
    """

    provider: str
    account: str
    refund_id: str
    out_refund_number: str
    payment_number: str
    transaction_id: str
    amount_fen: Fen
    status: RefundStatus
    refunded_at: datetime | None = None
    so_far_fen: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecorded:
    """What became of a refund; `order_id` is None while its payment is unknown (parked).

    `is_news` tells a refund not known before, or known with another status.
    """

    refund_id: str
    order_id: str | None
    is_new: bool
    is_news: bool
    payment_status: PaymentStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a new order; `payments` are those that had waited for it."""

    order: Order
    is_new: bool
    outcome: PlaceOutcome
    payments: tuple[PaymentRecorded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a new order: where, and what (a short stable word)."""

    field: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A stored counter of an order that differs from what its ledger gives."""

    order_id: str
    counter: str
    stored: str
    recomputed: str
