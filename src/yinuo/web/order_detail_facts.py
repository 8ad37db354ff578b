"""One order in full, in words of the caller's language, with what this caller may do with it."""

from __future__ import annotations

from yinuo.core.texts import Language, has_text, text
from yinuo.orders.model import (
    HOLD_OWNERS,
    MASK,
    FulfillmentStatus,
    Receiver,
    Sourcing,
    can_cancel,
    can_retry,
    mask_phones_in,
)
from yinuo.reports.order_detail import (
    Detail,
    DocumentSeen,
    PaymentSeen,
    RefundSeen,
    ReservationSeen,
    ShipmentSeen,
    StepSeen,
    Units,
)
from yinuo.users.model import Actor, Permission
from yinuo.web.order_address import address_facts
from yinuo.web.order_facts import (
    AllowedAction,
    CandidateFacts,
    DocumentFacts,
    HoldFacts,
    HoldReasonFacts,
    LineFacts,
    MoneyFacts,
    OrderDetail,
    PaymentFacts,
    RefundFacts,
    ReservationFacts,
    ShipmentFacts,
    SourcingFacts,
    StepFacts,
    UnitFacts,
    carrier_label,
    hold_label,
    in_words,
    label,
    receiver_facts,
    row_facts,
)

_FREE = frozenset({"note", "reason", "outside_message"})  # words that people wrote
_FINISHED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})


def detail_facts(detail: Detail, language: Language, *, actor: Actor) -> OrderDetail:
    """Return one order in words; the receiver is masked."""
    order, row = detail.order, detail.row
    plain = row_facts(row, language).model_dump(exclude={"holds"})
    masked = Receiver(
        name=row.masked_name,
        phone=row.masked_phone,
        province=row.region.province,
        city=row.region.city,
        district=row.region.district,
        town=row.region.town,
        detail=MASK,
    )
    return OrderDetail(
        **plain,
        holds=[
            HoldFacts(
                id=hold.id,
                reason=hold.reason,
                label=hold_label(hold.reason, language),
                owner_role=hold.owner_role,
                owner_label=_role(hold.owner_role, language),
                note=mask_phones_in(hold.note),
                placed_at=hold.placed_at,
            )
            for hold in order.holds
        ],
        lines=[
            LineFacts(
                id=line.id,
                sku=line.sku,
                listing=line.listing_code,
                name=line.name,
                quantity=line.quantity,
                unit_price_fen=line.unit_price_fen,
                amount_fen=line.amount_fen,
                is_gift=line.is_gift,
                bundle_of=line.bundle_of,
            )
            for line in order.lines
        ],
        money=MoneyFacts(
            items_fen=sum(line.amount_fen for line in order.lines),
            discount_fen=order.discount_fen,
            freight_fen=order.freight_fen,
            total_fen=order.total_fen,
            paid_fen=order.paid_fen,
            refunded_fen=order.refunded_fen,
        ),
        payments=[_payment(one, language) for one in detail.payments],
        refunds=[_refund(one, language) for one in detail.refunds],
        receiver=receiver_facts(masked),
        address=address_facts(detail.address, language),
        buyer_nick=mask_phones_in(order.buyer_nick),
        remark=mask_phones_in(order.remark),
        reservation=_reservation(detail.reservation, language, names=detail.warehouses),
        documents=[_document(one, language) for one in detail.documents],
        shipments=[_shipment(one, language) for one in detail.shipments],
        timeline=[_step(one, language, names=detail.warehouses) for one in detail.timeline],
        allowed=allowed_actions(detail, actor),
        hold_reasons=[
            HoldReasonFacts(
                reason=reason.value,
                label=hold_label(reason.value, language),
                owner_role=owner,
                owner_label=_role(owner, language),
            )
            for reason, owner in HOLD_OWNERS.items()
        ],
        sourcing=_sourcing(order.sourcing, language, names=detail.warehouses),
    )


def allowed_actions(detail: Detail, actor: Actor) -> list[AllowedAction]:
    """Return what this caller may do with the order now."""
    order = detail.order
    is_open = order.fulfillment_status not in _FINISHED
    can: dict[AllowedAction, tuple[Permission, bool]] = {
        "cancel": (Permission.ORDERS_CANCEL, can_cancel(order.fulfillment_status)),
        "retry": (
            Permission.ORDERS_RETRY,
            can_retry(order.payment_status, order.fulfillment_status),
        ),
        "hold": (Permission.ORDERS_HOLD, is_open),
        "release_hold": (Permission.ORDERS_HOLD, bool(order.holds)),
        "reveal": (Permission.ORDERS_REVEAL, True),
        "tag": (Permission.ORDERS_TAG, True),
    }
    return [name for name, (needed, fits) in can.items() if fits and actor.may(needed)]


def _role(role: str, language: Language) -> str:
    return label(f"users.role.{role}", language, otherwise=role)


def _units(lines: tuple[Units, ...]) -> list[UnitFacts]:
    return [UnitFacts(sku=line.sku, quantity=line.quantity) for line in lines]


def _provider(provider: str, language: Language) -> str:
    return label(f"orders.provider.{provider}", language, otherwise=provider)


def _payment(payment: PaymentSeen, language: Language) -> PaymentFacts:
    return PaymentFacts(
        provider=payment.provider,
        provider_label=_provider(payment.provider, language),
        transaction_tail=payment.transaction_tail,
        amount_fen=payment.amount_fen,
        refunded_fen=payment.refunded_fen,
        paid_at=payment.paid_at,
        outcome=payment.outcome,
        outcome_label=text(f"orders.outcome.{payment.outcome.value}", language),
    )


def _refund(refund: RefundSeen, language: Language) -> RefundFacts:
    return RefundFacts(
        provider=refund.provider,
        provider_label=_provider(refund.provider, language),
        number=refund.out_refund_number,
        amount_fen=refund.amount_fen,
        status=refund.status,
        status_label=text(f"orders.refund.{refund.status.value}", language),
        received_at=refund.received_at,
    )


def _reservation(
    seen: ReservationSeen | None, language: Language, *, names: dict[str, str]
) -> ReservationFacts | None:
    if seen is None:
        return None
    return ReservationFacts(
        state=seen.state,
        state_label=label(f"inventory.state.{seen.state}", language, otherwise=seen.state),
        warehouse=seen.warehouse,
        warehouse_name=names.get(seen.warehouse, seen.warehouse),
        expires_at=seen.expires_at,
        is_paid=seen.is_paid,
        lines=_units(seen.lines),
    )


def _document(seen: DocumentSeen, language: Language) -> DocumentFacts:
    error = seen.last_error
    return DocumentFacts(
        kind=seen.kind,
        label=label(f"fulfillment.kind.{seen.kind}", language, otherwise=seen.kind),
        number=seen.number,
        state=seen.state,
        state_label=label(f"fulfillment.state.{seen.state}", language, otherwise=seen.state),
        outside_number=seen.outside_number,
        attempts=seen.attempts,
        updated_at=seen.updated_at,
        last_error=label(error, language, otherwise=error) if error else None,
    )


def _shipment(seen: ShipmentSeen, language: Language) -> ShipmentFacts:
    return ShipmentFacts(
        carrier=seen.carrier,
        carrier_label=carrier_label(seen.carrier, language),
        waybill=seen.waybill,
        shipped_at=seen.shipped_at,
        lines=_units(seen.lines),
    )


def _step(seen: StepSeen, language: Language, *, names: dict[str, str]) -> StepFacts:
    params = {
        name: mask_phones_in(value) if name in _FREE and isinstance(value, str) else value
        for name, value in seen.params.items()
    }
    words = in_words(params, language, warehouses=names)
    why = f"{seen.code}.why"
    return StepFacts(
        id=seen.id,
        at=seen.at,
        code=seen.code,
        title=text(seen.code, language, **words),
        why=text(why, language, **words) if has_text(why) else "",
        actor=label(f"orders.actor.{seen.actor}", language, otherwise=seen.actor),
        details=params,
    )


def _sourcing(
    sourcing: Sourcing, language: Language, *, names: dict[str, str]
) -> SourcingFacts | None:
    if not sourcing.candidates and sourcing.warehouse is None:
        return None
    return SourcingFacts(
        warehouse=sourcing.warehouse,
        candidates=[
            CandidateFacts(
                warehouse=one.warehouse,
                name=one.name,
                rank=one.rank,
                reason=text(
                    one.reason, language, **in_words(one.params, language, warehouses=names)
                ),
                is_chosen=one.is_chosen,
            )
            for one in sourcing.candidates
        ],
    )
