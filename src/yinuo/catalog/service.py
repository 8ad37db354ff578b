"""The verbs of the catalog; idempotent by the code of what is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from yinuo.catalog import store
from yinuo.catalog.events import BundleSaved, ListingMapped, SkusSaved
from yinuo.catalog.model import (
    BadBundle,
    BadListing,
    BadSku,
    Bundle,
    CatalogRows,
    Demand,
    Listing,
    Lookup,
    Problem,
    ProblemCode,
    Sku,
    UnknownSku,
    bundle_problems,
    explode,
    is_code,
    sku_problems,
)
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.outbox import announce
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor

_MOST_LISTING = 200


def save_skus(session: Session, skus: Iterable[Sku]) -> int:
    """Return how many SKUs were written, all or none; a repeat writes the same again.

    Raises BadSku with every problem of every SKU.
    """
    wanted = list(skus)
    counts = Counter(sku.code for sku in wanted)
    problems = [problem for sku in wanted for problem in sku_problems(sku)]
    problems += [
        Problem(code=code, problem=ProblemCode.REPEATED, value=code)
        for code, count in sorted(counts.items())
        if count > 1
    ]
    if problems:
        raise BadSku(problems)
    if wanted:
        store.upsert_skus(session, wanted, now=clock.now())
        announce(session, SkusSaved(count=len(wanted), first_sku=min(counts)))
    return len(wanted)


def save_bundle(session: Session, bundle: Bundle) -> Bundle:
    """Return the bundle as it stands now, in place of the one of the same code.

    The bundle's own code and its parts are SKUs that exist, none of them a bundle, else
    UnknownSku or BadBundle with every problem is raised and nothing changes.
    """
    codes = {code for code in (bundle.code, *(part.sku for part in bundle.parts)) if is_code(code)}
    known = store.lock_skus(session, codes)
    if bundle.code not in known:
        raise UnknownSku([bundle.code])
    problems = bundle_problems(
        bundle,
        known=known,
        bundles=store.bundle_codes(session, codes),
        parts=[bundle.code] if store.is_part(session, bundle.code) else [],
    )
    if problems:
        raise BadBundle(problems)
    store.replace_bundle(session, bundle)
    parts = {part.sku: part.quantity for part in bundle.parts}
    announce(session, BundleSaved(bundle=bundle.code, parts=parts))
    return bundle


def save_rows(session: Session, rows: CatalogRows) -> None:
    """Write the SKUs and bundles of a file, all or none."""
    save_skus(session, rows.skus)
    for bundle in sorted(rows.bundles, key=lambda bundle: bundle.code):
        save_bundle(session, bundle)


def save_listing(session: Session, *, shop_id: str, listing_code: str, sku: str) -> Listing:
    """Return the listing, which stands for this SKU from now on; a repeat changes nothing.

    Raises UnknownSku, or BadListing for a code that no order could carry.
    """
    if not 1 <= len(listing_code) <= _MOST_LISTING or not listing_code.isprintable():
        bad = Problem(code=sku, problem=ProblemCode.BAD_CODE, value=listing_code[:40])
        raise BadListing([bad])
    load_skus(session, [sku])
    listing = Listing(shop_id=shop_id, code=listing_code, sku=sku)
    if store.upsert_listing(session, listing):
        announce(session, ListingMapped(shop_id=shop_id, listing_code=listing_code, sku=sku))
    return listing


def find_listing(session: Session, *, shop_id: str, code: str) -> Listing | None:
    """Return what a shop's product was said to sell, or None where nobody said."""
    return store.find_listing(session, shop_id=shop_id, code=code) if code.isprintable() else None


def look_up(session: Session, *, shop_id: str, codes: Collection[str]) -> Lookup:
    """Return all that an order of a shop needs of the catalog, in one query.

    A listing stands for the SKU that it is mapped to, else for the active SKU or bundle of the
    same code. Raises UnknownSku with every code that stands for nothing active.
    """
    wanted = {code for code in codes if code.isprintable()}
    found = store.look_up(session, shop_id=shop_id, codes=wanted)
    missing = set(codes) - set(found.sku_of)
    if missing:
        raise UnknownSku(missing)
    return found


def look_up_known(session: Session, *, shop_id: str, codes: Collection[str]) -> Lookup:
    """Return the same as far as the codes stand for something; what is unknown is left out."""
    wanted = {code for code in codes if code.isprintable()}
    return store.look_up(session, shop_id=shop_id, codes=wanted)


def map_listings(session: Session, *, shop_id: str, codes: Collection[str]) -> dict[str, str]:
    """Return the SKU or bundle of each listing code; raises UnknownSku with all unknown ones."""
    return dict(look_up(session, shop_id=shop_id, codes=codes).sku_of)


def find_skus(session: Session, codes: Collection[str]) -> dict[str, Sku]:
    """Return the SKUs among the codes that exist, active or not; the others are left out."""
    return store.find_skus(session, [code for code in codes if is_code(code)])


def load_skus(session: Session, codes: Collection[str]) -> dict[str, Sku]:
    """Return the SKU of each code, active or not; raises UnknownSku with all unknown codes."""
    found = find_skus(session, codes)
    missing = set(codes) - set(found)
    if missing:
        raise UnknownSku(missing)
    return found


def load_bundles(session: Session, codes: Collection[str]) -> dict[str, Bundle]:
    """Return the bundles among the codes."""
    return store.find_bundles(session, [code for code in codes if is_code(code)])


def bundles_with(session: Session, skus: Collection[str]) -> list[str]:
    """Return the bundles that hold any of the SKUs, sorted."""
    return store.bundles_with(session, [code for code in skus if is_code(code)])


def explode_lines(session: Session, lines: Iterable[Demand]) -> dict[str, int]:
    """Return the units of stock that lines of SKUs and bundles need, by sorted SKU.

    Raises UnknownSku with all unknown codes, BadBundle with every bad quantity.
    """
    wanted = list(lines)
    codes = {line.sku for line in wanted}
    load_skus(session, codes)
    return explode(wanted, load_bundles(session, codes))


def stocked_codes(session: Session) -> list[str]:
    """Return the active SKUs that are counted in warehouses, sorted: bundles are not among them."""
    return store.stocked_codes(session)


def all_codes(session: Session) -> set[str]:
    """Return the code of every SKU."""
    return store.all_codes(session)


def all_bundles(session: Session) -> dict[str, Bundle]:
    """Return every bundle by its code."""
    return store.all_bundles(session)


def list_skus(
    session: Session,
    *,
    query: str = "",
    category: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Sku]:
    """Return SKUs by code, those with `query` in code or name; raises BadCursor."""
    after = decode_cursor(cursor, length=1)[0] if cursor else None
    if isinstance(after, int) or not (after or "").isprintable():
        raise BadCursor
    size = clamp_limit(limit)
    found = store.page(
        session,
        query=_printable(query).strip()[:80],
        category=_printable(category),
        after=after,
        limit=size + 1,
    )
    more = len(found) > size
    return Page(found[:size], encode_cursor([found[size - 1].code]) if more else None)


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def list_categories(session: Session) -> dict[str, int]:
    """Return the categories with their numbers of SKUs, by name."""
    return store.categories(session)


def listings_of(session: Session, skus: Collection[str]) -> list[Listing]:
    """Return the listings that sell these SKUs."""
    return store.listings_of(session, skus)
