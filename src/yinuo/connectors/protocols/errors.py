"""How an outside call or message can fail.

    Rejected            the system understood and refused: do not repeat
    └── AlreadyPicking  the warehouse has begun to pick: the order can no longer be cancelled
    Unavailable         surely not done: may be repeated later
    ├── Busy            it answers, and asks to come later
    │   └── QuotaUsed   not before the next day
    ├── CircuitOpen     not even tried: the system failed too often just now
    └── OutcomeUnknown  sent, and no answer came: look it up before repeating

Handlers that repeat must catch OutcomeUnknown before Unavailable.
"""

from __future__ import annotations

from yinuo.core.errors import Conflict, Forbidden, Invalid, OutsideUnavailable, Unauthenticated


class Rejected(Conflict):
    """The outside system refused for good; details: connector, outside_code, outside_message."""

    code = "connectors.rejected"


class AlreadyPicking(Rejected):
    """The warehouse has begun to pick this order; it can be intercepted, not cancelled."""

    code = "connectors.already_picking"


class Unavailable(OutsideUnavailable):
    """Surely not done; details: connector, operation. The same call may be made again."""

    code = "connectors.unavailable"


class Busy(Unavailable):
    """The system is alive and does not take the call now: too many at once, or locked."""

    code = "connectors.busy"


class QuotaUsed(Busy):
    """The day's calls are used up: the same call may be made again on the next day."""

    code = "connectors.quota_used"


class OutcomeUnknown(Unavailable):
    """The request went out and no usable answer came: it may or may not have been done."""

    code = "connectors.outcome_unknown"


class CircuitOpen(Unavailable):
    """Not tried: the system failed too often; details: connector, retry_after_seconds."""

    code = "connectors.circuit_open"


class BadSignature(Unauthenticated):
    """A message from outside does not carry the signature of its sender."""

    code = "connectors.bad_signature"


class StaleCallback(Unauthenticated):
    """A message from outside is older (or newer) than its sender's rules allow."""

    code = "connectors.stale"


class AddressNotAllowed(Forbidden):
    """A message came from an address that its sender does not use."""

    code = "connectors.address_not_allowed"


class Malformed(Invalid):
    """A signed message from outside cannot be understood; details: problem."""

    code = "connectors.malformed"
