"""The verbs of addresses: each works in the caller's transaction."""

from yinuo.addresses.service.reading import (
    accuracy,
    aliases,
    count_doubtful,
    doubtful,
    find_reading,
    load_reading,
    read,
    read_each,
    record,
    record_new,
)
from yinuo.addresses.service.taught import taught
from yinuo.addresses.service.teaching import confirm, correct, preview, roll_back_alias
from yinuo.addresses.store.accuracy import Accuracy

__all__ = [
    "Accuracy",
    "accuracy",
    "aliases",
    "confirm",
    "correct",
    "count_doubtful",
    "doubtful",
    "find_reading",
    "load_reading",
    "preview",
    "read",
    "read_each",
    "record",
    "record_new",
    "roll_back_alias",
    "taught",
]
