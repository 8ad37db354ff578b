"""Completeness certificates: wanted, made, shown."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yinuo.channels.events import CertificateChanged
from yinuo.channels.model.certificates import (
    KEEP_DAYS,
    LOOK_BACK,
    BadCertificateDay,
    Certificate,
    Gap,
    GapKind,
    NothingToRepair,
)
from yinuo.channels.store import certificates as store
from yinuo.channels.store.certificates import Kept
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.core.outbox import announce

__all__ = ["Kept", "find_gap", "forget_old", "give_up", "keep", "list_days", "list_gaps", "want"]

MOST_DAYS = 62
MOST_GAPS = 1000


def want(session: Session, shop_id: str, day: date, *, now: datetime) -> bool:
    """Note that a certificate is to be made; False when one is being made already.

    Raises BadCertificateDay for a day that has not begun or lies more than a week back.
    """
    today = now.astimezone(SHANGHAI).date()
    if not today - LOOK_BACK <= day <= today:
        raise BadCertificateDay(day=day.isoformat(), days=LOOK_BACK.days)
    is_new = store.want(session, shop_id, day)
    if is_new:
        _tell(session, shop_id, day)
    return is_new


def keep(
    session: Session, shop_id: str, day: date, certificate: Certificate, *, now: datetime
) -> None:
    """Keep a certificate in place of the one before."""
    store.save(session, shop_id, day, certificate, now=now)
    _tell(session, shop_id, day)


def give_up(session: Session, shop_id: str, day: date) -> None:
    """Note that a certificate could not be made; the one before stays."""
    store.give_up(session, shop_id, day)
    _tell(session, shop_id, day)


def list_days(session: Session, *, until: date, days: int) -> list[Kept]:
    """Return the certificates of so many days up to one, the newest first."""
    most = min(days, MOST_DAYS, until.toordinal())  # there is no day before the calendar's first
    since = until - timedelta(days=max(most, 1) - 1)
    return store.of_days(session, since=since, until=until)


def list_gaps(session: Session, shop_id: str, day: date) -> list[Gap]:
    """Return the gaps of a certificate, those that nobody knew of first; at most MOST_GAPS."""
    return store.gaps_of(session, shop_id, day, limit=MOST_GAPS)


def find_gap(session: Session, shop_id: str, day: date, *, kind: GapKind, number: str) -> Gap:
    """Return a gap that the hub can repair; raises NothingToRepair."""
    gap = store.find_gap(session, shop_id, day, kind=kind, number=number)
    if gap is None or gap.repair is None:
        raise NothingToRepair
    return gap


def made_since(session: Session, day: date) -> dict[tuple[str, date], datetime]:
    """Return when the certificates from a day on were made, by shop and day."""
    return store.made_at(session, since=day)


def forget_old(session: Session, *, now: datetime) -> int:
    """Return how many certificates were forgotten that are older than KEEP_DAYS."""
    return store.forget(session, before=(now - KEEP_DAYS).date())


def _tell(session: Session, shop_id: str, day: date) -> None:
    announce(session, CertificateChanged(shop_id=shop_id, day=day.isoformat()))
