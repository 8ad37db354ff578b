"""The geocoder is asked about doubtful addresses: a cached answer first, then within the day's budget.

What waits stands in the database, so nothing is forgotten and a geocoder that is absent, broken,
out of quota or not configured costs nothing: the address stays with the person. A call is counted
before it is made; one that surely was not made is given back.
"""

from __future__ import annotations

from datetime import timedelta

from yinuo.addresses.model.geocodes import Geocode, Kept, Question, Verdict
from yinuo.addresses.service import geocoding
from yinuo.connectors.protocols import (
    Geocoder,
    Located,
    OutcomeUnknown,
    QuotaUsed,
    Rejected,
    Unavailable,
)
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock
from yinuo.core.logs import logger
from yinuo.workflows.hub import hub

log = logger(__name__)
# After so many lost answers a round ends; one text that is never answered stops no other.
MOST_LOST = 3


def ask_about_doubtful(*, limit: int = 50) -> int:
    """Return how many doubtful addresses were decided by the geocoder's word."""
    shared = hub()
    try:
        geocoder = shared.connectors.geocoder
    except NotConfigured:
        return 0
    with shared.database.transaction() as session:
        waiting = geocoding.questions(session, now=clock.now(), limit=limit)
    lifted = lost = 0
    for question in waiting:
        try:
            answer = _answer(question, geocoder)
        except OutcomeUnknown:
            lost += 1
            if lost >= MOST_LOST:
                break
            continue
        except (Unavailable, Rejected) as error:
            log.warning("geocoder_not_asked", error=error.code)
            break
        if answer is None:
            break
        with shared.database.transaction() as session:
            verdict = geocoding.apply_geocode(session, question, answer.geocode, now=clock.now())
        lifted += verdict is Verdict.PASSES
    return lifted


def _answer(question: Question, geocoder: Geocoder) -> Kept | None:
    """Return the kept or the geocoder's answer; None when the day's budget is used up."""
    shared, now = hub(), clock.now()
    most = shared.settings.geocodes_a_day
    with shared.database.transaction() as session:
        kept = geocoding.kept_geocode(session, question, now=now)
        if kept is not None:
            return kept
        if not geocoding.take_call(session, now=now, most=most):
            return None
    try:
        located = geocoder.locate(question.text)
    except OutcomeUnknown:
        raise
    except QuotaUsed:
        with shared.database.transaction() as session:
            geocoding.close_day(session, now=now, most=most)
        raise
    except Unavailable:
        with shared.database.transaction() as session:
            geocoding.give_call_back(session, taken_at=now)
        raise
    geocode = _geocode(located)
    with shared.database.transaction() as session:
        geocoding.keep_geocode(
            session,
            question,
            geocode,
            now=now,
            lifetime=timedelta(days=shared.settings.geocode_days),
        )
    return Kept(geocode)


def _geocode(located: Located | None) -> Geocode | None:
    if located is None:
        return None
    return Geocode(
        code=located.code,
        precision=located.precision,
        longitude=located.point.longitude if located.point else None,
        latitude=located.point.latitude if located.point else None,
    )
