"""A sold line becomes order lines: itself, or the parts of the bundle with its money shared out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yinuo.core.money import Fen
from yinuo.orders.model.nouns import NewLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """A line as the shop sold it, its listing already mapped to a SKU or a bundle."""

    sku: str
    listing_code: str
    name: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    is_gift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePiece:
    """Units of one SKU inside one bundle, with the SKU's own price as its weight in money."""

    sku: str
    name: str
    quantity: int
    price_fen: Fen


def order_lines(sold: SoldLine, *, pieces: Sequence[BundlePiece]) -> tuple[NewLine, ...]:
    """Return the order lines of a sold line; `pieces` is empty for a plain SKU.

    A bundle's amount is shared by what its parts cost alone; what does not divide goes to the
    last part, so the parts add up to the fen.
    """
    if not pieces:
        return (
            NewLine(
                sku=sold.sku,
                listing_code=sold.listing_code,
                name=sold.name,
                quantity=sold.quantity,
                unit_price_fen=sold.unit_price_fen,
                amount_fen=sold.amount_fen,
                is_gift=sold.is_gift,
            ),
        )
    shares = share_amount(sold.amount_fen, [piece.price_fen * piece.quantity for piece in pieces])
    return tuple(
        NewLine(
            sku=piece.sku,
            listing_code=sold.listing_code,
            name=piece.name,
            quantity=piece.quantity * sold.quantity,
            unit_price_fen=Fen(share // (piece.quantity * sold.quantity)),
            amount_fen=share,
            is_gift=sold.is_gift,
            bundle_of=sold.sku,
        )
        for piece, share in zip(pieces, shares, strict=True)
    )


def share_amount(amount: Fen, weights: Sequence[int]) -> list[Fen]:
    """Return the amount in shares by weight that add up exactly; equal shares when all weigh 0."""
    total = sum(weights)
    weighed = list(weights) if total else [1] * len(weights)
    shares = [Fen(amount * weight // sum(weighed)) for weight in weighed]
    shares[-1] = Fen(shares[-1] + amount - sum(shares))
    return shares
