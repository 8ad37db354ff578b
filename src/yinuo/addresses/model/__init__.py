"""The nouns of an address and the resolver that reads them."""

from yinuo.addresses.model.aliases import conflicts_of
from yinuo.addresses.model.readings import Doubt, ReadingState
from yinuo.addresses.model.resolver import Resolver, resolve
from yinuo.addresses.model.types import (
    Alias,
    AliasScope,
    Candidate,
    Contradiction,
    ContradictionKind,
    Division,
    Evidence,
    EvidenceKind,
    Level,
    Resolved,
    StatedAddress,
)

__all__ = [
    "Alias",
    "AliasScope",
    "Candidate",
    "Contradiction",
    "ContradictionKind",
    "Division",
    "Doubt",
    "Evidence",
    "EvidenceKind",
    "Level",
    "ReadingState",
    "Resolved",
    "Resolver",
    "StatedAddress",
    "conflicts_of",
    "resolve",
]
