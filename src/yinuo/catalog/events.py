"""What the catalog announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SkusSaved(Event):
    """SKUs were added or changed; a large save is told in one event with their number."""

    name: ClassVar[str] = "catalog.skus_saved"
    topic: ClassVar[str | None] = "catalog"

    count: int
    first_sku: str

    @property
    def subject(self) -> str:
        """Return the first SKU of the save."""
        return self.first_sku


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSaved(Event):
    """A bundle was added or got other parts."""

    name: ClassVar[str] = "catalog.bundle_saved"
    topic: ClassVar[str | None] = "catalog"

    bundle: str
    parts: dict[str, int]

    @property
    def subject(self) -> str:
        """Return the code of the bundle."""
        return self.bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingMapped(Event):
    """A listing of a shop was mapped to a SKU, anew or to another."""

    name: ClassVar[str] = "catalog.listing_mapped"

    shop_id: str
    listing_code: str
    sku: str

    @property
    def subject(self) -> str:
        """Return the SKU that the listing sells now."""
        return self.sku
