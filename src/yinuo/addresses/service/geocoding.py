"""Asking a geocoder about doubtful addresses, within a day's budget, and using what it says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yinuo.addresses.model import ReadingState
from yinuo.addresses.model.geocodes import (
    Geocode,
    Kept,
    Question,
    Suggestion,
    Verdict,
    question_about,
    weigh,
)
from yinuo.addresses.model.picking import line_of
from yinuo.addresses.service.reading import TOPIC, settle
from yinuo.addresses.service.taught import taught
from yinuo.addresses.store import geocodes as store
from yinuo.addresses.store import readings as reading_store
from yinuo.addresses.store.readings import Decision
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.core.outbox import Hint, announce

GEOCODER = "geocoder"


def questions(session: Session, *, now: datetime, limit: int) -> list[Question]:
    """Return what a geocoder may be asked about, the longest waiting first.

    A reading about which asking cannot help is marked as asked, so that it is not met again.
    """
    resolver = taught(session).resolver
    asked = []
    for order_id in store.unasked(session, limit=limit):
        reading = reading_store.find(session, order_id)
        question = question_about(resolver, reading) if reading else None
        if question is not None:
            asked.append(question)
        elif reading is not None and reading.state is ReadingState.DOUBTFUL:
            store.insert_verdict(
                session,
                order_id,
                revision=reading.revision,
                verdict=Verdict.NOTHING,
                geocode=None,
                now=now,
            )
    return asked


def kept_geocode(session: Session, question: Question, *, now: datetime) -> Kept | None:
    """Return the answer that the same text was given before, while it holds."""
    return store.find(session, question.key, now=now)


def keep_geocode(
    session: Session,
    question: Question,
    geocode: Geocode | None,
    *,
    now: datetime,
    lifetime: timedelta,
) -> None:
    """Keep an answer, "no such address" as well, for the next who states the same text."""
    store.keep(session, question.key, geocode, now=now, expires_at=now + lifetime)


def forget_geocodes(session: Session, *, now: datetime) -> None:
    """Delete the kept answers whose time is over."""
    store.forget(session, now=now)


def take_call(session: Session, *, now: datetime, most: int) -> bool:
    """Return whether the Shanghai day had a call left, which is used then; see the store."""
    return store.take_call(session, _day(now), most=most)


def give_call_back(session: Session, *, taken_at: datetime) -> None:
    """Count a call less that surely was not made, on the day it was taken from."""
    store.give_call_back(session, _day(taken_at))


def close_day(session: Session, *, now: datetime, most: int) -> None:
    """Leave no call of the day."""
    store.close_day(session, _day(now), most=most)


def used_calls(session: Session, *, now: datetime) -> int:
    """Return how many calls the Shanghai day has used."""
    return store.used_calls(session, _day(now))


def apply_geocode(
    session: Session, question: Question, geocode: Geocode | None, *, now: datetime
) -> Verdict | None:
    """Return how far an answer is believed; an address that it lifts is decided by it.

    Idempotent by order and revision: an answer that comes twice, or after the address was
    decided, stated otherwise or read anew, changes nothing and gives None.
    """
    reading = reading_store.find(session, question.order_id, lock=True)
    if (
        reading is None
        or reading.state is not ReadingState.DOUBTFUL
        or reading.revision != question.revision
    ):
        return None
    verdict = weigh(taught(session).resolver, reading, geocode)
    is_first = store.insert_verdict(
        session,
        question.order_id,
        revision=question.revision,
        verdict=verdict,
        geocode=geocode,
        now=now,
    )
    if not is_first:
        return None
    line = line_of(geocode.code) if geocode else None
    if verdict is Verdict.PASSES and line is not None:
        decision = Decision(
            code=line.code,
            state=ReadingState.PASSED,
            is_wrong=False,
            alias_id=reading.alias_id,
            by=GEOCODER,
            by_name="",
            at=now,
        )
        settle(session, reading_store.decide(session, question.order_id, decision), actor=GEOCODER)
    announce(session, hints=[Hint(TOPIC, question.order_id)])
    return verdict


def suggestion(session: Session, order_id: str) -> Suggestion | None:
    """Return what a geocoder said of an order's address; None where it was not asked."""
    return store.suggestion(session, order_id)


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
