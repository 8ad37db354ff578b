"""Kept answers of a geocoder, the calls that a day has used, and the verdicts on answers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.addresses.model import ReadingState
from yinuo.addresses.model.geocodes import ASKED, Geocode, Kept, Suggestion, Verdict
from yinuo.addresses.tables import (
    AddressGeocodeDayRow,
    AddressGeocodeRow,
    AddressGeocodeVerdictRow,
    AddressReadingRow,
)
from yinuo.core.db import Session

_DAY = AddressGeocodeDayRow
_KEPT = AddressGeocodeRow
_VERDICT = AddressGeocodeVerdictRow


def find(session: Session, key: str, *, now: datetime) -> Kept | None:
    """Return a kept answer that still holds."""
    row = session.execute(
        sa.select(_KEPT.code, _KEPT.precision, _KEPT.longitude, _KEPT.latitude).where(
            _KEPT.key == key, _KEPT.expires_at > now
        )
    ).one_or_none()
    return (
        None
        if row is None
        else Kept(_geocode(row.code, row.precision, row.longitude, row.latitude))
    )


def keep(
    session: Session, key: str, geocode: Geocode | None, *, now: datetime, expires_at: datetime
) -> None:
    """Keep an answer in the place of an older one."""
    values = {**_values(geocode), "asked_at": now, "expires_at": expires_at}
    session.execute(
        insert(_KEPT)
        .values(key=key, **values)
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )


def forget(session: Session, *, now: datetime) -> None:
    """Delete the answers that no longer hold."""
    session.execute(sa.delete(_KEPT).where(_KEPT.expires_at <= now))


def take_call(session: Session, day: date, *, most: int) -> bool:
    """Return whether a day had a call left; it is used then. One statement, so no race passes."""
    if most < 1:
        return False
    statement = (
        insert(_DAY)
        .values(day=day, used=1)
        .on_conflict_do_update(
            index_elements=["day"], set_={"used": _DAY.used + 1}, where=_DAY.used < most
        )
        .returning(_DAY.used)
    )
    return session.execute(statement).first() is not None


def give_call_back(session: Session, day: date) -> None:
    """Count one call less; only for one that surely was not made."""
    session.execute(
        sa.update(_DAY).where(_DAY.day == day, _DAY.used > 0).values(used=_DAY.used - 1)
    )


def close_day(session: Session, day: date, *, most: int) -> None:
    """Leave no call of a day: the geocoder itself says that there is none."""
    session.execute(
        insert(_DAY)
        .values(day=day, used=max(0, most))
        .on_conflict_do_update(
            index_elements=["day"], set_={"used": sa.func.greatest(_DAY.used, most)}
        )
    )


def used_calls(session: Session, day: date) -> int:
    """Return how many calls a day has used."""
    return session.execute(sa.select(_DAY.used).where(_DAY.day == day)).scalar() or 0


def unasked(session: Session, *, limit: int) -> list[str]:
    """Return orders whose doubtful address, as it stands, nobody has asked about; oldest first."""
    row = AddressReadingRow
    is_asked = sa.exists().where(
        _VERDICT.order_id == row.order_id, _VERDICT.revision == row.revision
    )
    statement = (
        sa.select(row.order_id)
        .where(
            row.state == ReadingState.DOUBTFUL.value,
            row.doubt.in_([doubt.value for doubt in sorted(ASKED)]),
            ~is_asked,
        )
        .order_by(row.read_at, row.order_id)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def insert_verdict(
    session: Session,
    order_id: str,
    *,
    revision: int,
    verdict: Verdict,
    geocode: Geocode | None,
    now: datetime,
) -> bool:
    """Return whether this revision had no verdict before; it has this one then."""
    statement = (
        insert(_VERDICT)
        .values(
            order_id=order_id, revision=revision, verdict=verdict.value, at=now, **_values(geocode)
        )
        .on_conflict_do_nothing()
        .returning(_VERDICT.order_id)
    )
    return session.execute(statement).first() is not None


def suggestion(session: Session, order_id: str) -> Suggestion | None:
    """Return the newest answer about an order's address, None where nobody has asked."""
    row = session.execute(
        sa.select(
            _VERDICT.verdict,
            _VERDICT.code,
            _VERDICT.precision,
            _VERDICT.longitude,
            _VERDICT.latitude,
        )
        .where(_VERDICT.order_id == order_id)
        .order_by(_VERDICT.revision.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    geocode = _geocode(row.code, row.precision, row.longitude, row.latitude)
    return Suggestion(Verdict(row.verdict), geocode)


def _values(geocode: Geocode | None) -> dict[str, object]:
    return {
        "code": geocode.code if geocode else None,
        "precision": geocode.precision[:20] if geocode else "",
        "longitude": geocode.longitude if geocode else None,
        "latitude": geocode.latitude if geocode else None,
    }


def _geocode(
    code: str | None, precision: str, longitude: float | None, latitude: float | None
) -> Geocode | None:
    if code is None:
        return None
    return Geocode(code=code, precision=precision, longitude=longitude, latitude=latitude)
