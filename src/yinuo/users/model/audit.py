"""The audit's entries: what is masked, the one canonical form, and the chain of hashes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from yinuo.core.errors import JsonValue

GENESIS = bytes(32)
MASK = "***"

_SECRET_KEY = re.compile(
    r"passw|secret|token$|_token|cookie|signature|private_key|api_key|detail$|street|id_number",
    re.IGNORECASE,
)
_NAME_KEY = re.compile(r"^(name|nick|buyer|receiver_name|buyer_name|buyer_nick)$", re.IGNORECASE)
_PHONE_KEY = re.compile(r"phone|mobile", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFact:
    """Who did what to what, when; `before` and `after` are already masked."""

    id: str
    at: datetime
    actor_id: str
    actor_name: str
    actor_kind: str
    action: str
    object: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A fact in its place in the chain; `position` counts from 1 without a gap."""

    position: int
    fact: AuditFact
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether the chain holds; `broken_at` is the position of the first entry that does not."""

    is_whole: bool
    entries: int
    broken_at: int | None
    head: str


def mask(value: JsonValue, *, key: str = "") -> JsonValue:
    """Return what may stay in the audit for good: no secrets, no phone, name or street in full.

    Fractions become text, since their form in JSON is not unique; NUL and broken characters,
    which the database cannot hold, are replaced.
    """
    if isinstance(value, dict):
        return {clean(part): mask(inner, key=part) for part, inner in value.items()}
    if isinstance(value, list):
        return [mask(inner, key=key) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    masked = _mask_text(clean(str(value)), key)
    return value if isinstance(value, int) and masked == str(value) else masked


def _mask_text(text: str, key: str) -> str:
    if _SECRET_KEY.search(key):
        return MASK
    if _PHONE_KEY.search(key):
        return MASK + text[-4:] if len(text) > 7 else MASK
    if _NAME_KEY.search(key):
        return text[:1] + "**"
    return _PHONE.sub(MASK + r"\1", text)


def clean(text: str) -> str:
    """Return text that PostgreSQL can hold and that encodes in one way only."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def canonical(fact: AuditFact) -> str:
    """Return the one text of a fact that is hashed: JSON, keys sorted, no spaces."""
    fields = {
        "id": fact.id,
        "at": fact.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": fact.actor_id,
        "actor_name": fact.actor_name,
        "actor_kind": fact.actor_kind,
        "action": fact.action,
        "object": fact.object,
        "before": fact.before,
        "after": fact.after,
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def next_hash(previous: bytes, body: str) -> bytes:
    """Return the hash of an entry: SHA-256 over the hash of the one before and its own text."""
    return hashlib.sha256(previous + body.encode("utf-8")).digest()


def verify(entries: Iterable[AuditEntry], *, anchor: str | None = None) -> Verification:
    """Return whether every entry is as it was written, in its place, and none is missing.

    Removing the newest entries leaves a chain that is whole but shorter; only an `anchor`
    ("position:hash", told by an earlier verification and kept elsewhere) shows that.
    """
    previous, count, is_anchored = GENESIS, 0, anchor in (None, head_text(0, GENESIS))
    for entry in entries:
        is_next = entry.position == count + 1 and entry.previous_hash == previous
        if not is_next or entry.hash != next_hash(previous, canonical(entry.fact)):
            return Verification(
                is_whole=False,
                entries=count,
                broken_at=count + 1,
                head=head_text(count, previous),
            )
        previous, count = entry.hash, count + 1
        is_anchored = is_anchored or head_text(count, previous) == anchor
    return Verification(
        is_whole=is_anchored,
        entries=count,
        broken_at=None if is_anchored else count + 1,
        head=head_text(count, previous),
    )


def head_text(position: int, digest: bytes) -> str:
    """Return the newest entry as text that can be kept elsewhere as an anchor."""
    return f"{position}:{digest.hex()}"
