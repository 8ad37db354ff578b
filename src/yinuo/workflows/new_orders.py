"""What a shop sold, as the order that is placed: cleaned number, unique id, lines of SKUs."""

from __future__ import annotations

from collections.abc import Sequence

from yinuo.catalog.model import Lookup
from yinuo.channels.model import Shop, clean_number, unique_id
from yinuo.connectors.protocols import ChannelOrder, ChannelOrderLine, ChannelOrderStatus
from yinuo.orders.model import BundlePiece, NewLine, NewOrder, Receiver, SoldLine, order_lines
from yinuo.workflows.arrivals import Opened


def is_cancelled(order: ChannelOrder) -> bool:
    """Tell whether to place the order as cancelled; one that was paid is by its refund."""
    return order.status is ChannelOrderStatus.CANCELLED and order.payment is None


def new_order(shop: Shop, found: Opened, lookup: Lookup, *, receiver: Receiver) -> NewOrder:
    """Return the order to place, of a message whose listings are all known."""
    order = found.order
    number = clean_number(shop.channel, order.number)
    return NewOrder(
        shop_id=shop.id,
        channel=shop.channel.value,
        raw_number=order.number,
        number=number,
        unique_id=unique_id(shop.channel, shop.id, number),
        payment_number=order.payment_number,
        buyer_id=order.buyer_id,
        buyer_nick=order.buyer_nick,
        lines=lines_of(order.lines, lookup),
        total_fen=order.total_fen,
        freight_fen=order.freight_fen,
        discount_fen=order.discount_fen,
        receiver=receiver,
        placed_at=order.placed_at,
        remark=order.remark,
        version=order.version,
        is_cancelled=is_cancelled(order),
        is_receiver_sealed=found.is_sealed or found.is_late,
    )


def lines_of(sold_lines: Sequence[ChannelOrderLine], lookup: Lookup) -> tuple[NewLine, ...]:
    """Return order lines of what a shop sold; every listing is known to the lookup."""
    lines: list[NewLine] = []
    for line in sold_lines:
        sku = lookup.sku_of[line.listing]
        bundle = lookup.bundles.get(sku)
        pieces = [
            BundlePiece(
                sku=part.sku,
                name=lookup.skus[part.sku].name,
                quantity=part.quantity,
                price_fen=lookup.skus[part.sku].price_fen,
            )
            for part in (bundle.parts if bundle else ())
        ]
        sold = SoldLine(
            sku=sku,
            listing_code=line.listing,
            name=lookup.skus[sku].name if sku in lookup.skus else line.name,
            quantity=line.quantity,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            is_gift=line.is_gift,
        )
        lines += order_lines(sold, pieces=pieces)
    return tuple(lines)
