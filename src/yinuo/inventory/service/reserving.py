"""Reserving in batches: everything at once when it fits, in arrival order when it is scarce."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from yinuo.core import clock
from yinuo.core.db import Connection, Database, Session
from yinuo.core.errors import YinuoError
from yinuo.core.group_commit import GroupCommit
from yinuo.core.ids import new_id
from yinuo.core.outbox import Hint, announce, told_values
from yinuo.inventory.events import StockReserved
from yinuo.inventory.model import (
    BadReservation,
    Contended,
    PartlyFilled,
    Place,
    Reservation,
    ReservationState,
    Reserved,
    ReserveRequest,
    Tried,
    fill_partly,
    find_problems,
    refuse,
)
from yinuo.inventory.service.announcing import TOPIC
from yinuo.inventory.service.lapsing import lapse_claims
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import reservations as claim_store
from yinuo.inventory.store import reserving as reserve_store
from yinuo.inventory.store.reserving import Fit, NewReservation, Placement, Try

ROUNDS = 5
ReserveAnswer = Reserved | YinuoError
Numbered = Mapping[int, ReserveRequest]


def reserving_lane(database: Database) -> GroupCommit[ReserveRequest, Reserved]:
    """Return a lane that reserves for many callers at once; one per process, closed at its end."""
    return GroupCommit(
        database,
        lambda session, requests: reserve_batch(session, requests, now=clock.now()),
        at_once=lambda connection, requests: reserve_at_once(connection, requests, now=clock.now()),
        name="reserving",
    )


def reserve_at_once(
    session: Session | Connection, requests: Sequence[ReserveRequest], *, now: datetime
) -> list[Reserved] | None:
    """Return what each holds when all of it fits where it was wanted first; else change nothing.

    One statement, which may commit by itself. None is for `reserve_batch` to look at closely.
    """
    owners = {request.owner for request in requests}
    if len(owners) < len(requests) or any(map(find_problems, requests)):
        return None
    claims = [_claim(one, one.warehouses[0], one.units(), now) for one in requests]
    fit = reserve_store.reserve_fitting(session, claims, told=_told(claims), now=now)
    return [_reserved(claim, ()) for claim in claims] if fit is Fit.DONE else None


def reserve_batch(
    session: Session, requests: Sequence[ReserveRequest], *, now: datetime
) -> list[ReserveAnswer]:
    """Return an answer for each request: Reserved, or Shortage or BadReservation (not raised).

    All lines or none, from the first of its warehouses that holds everything, in the order of
    the requests; a partial request takes of what the others of its batch leave. The owner is the idempotency key: who asks again gets what it holds
    (`is_repeat`), and a paid request makes an unpaid claim paid and renews it. Expired unpaid
    claims count as free and lapse here when their stock is wanted.
    """
    answers: dict[int, ReserveAnswer] = {}
    first: dict[int, ReserveRequest] = {}
    later: list[int] = []
    owners: set[str] = set()
    for number, request in enumerate(requests):
        problems = find_problems(request)
        if problems:
            answers[number] = BadReservation(problems="; ".join(problems))
        elif request.owner in owners:
            later.append(number)
        else:
            owners.add(request.owner)
            first[number] = request
    if first:
        at_once = reserve_at_once(session, list(first.values()), now=now)
        if at_once is not None:
            answers.update(zip(first, at_once, strict=True))
        else:
            answers.update(_reserve_in_order(session, first, now))
    if later:
        repeats = reserve_batch(session, [requests[number] for number in later], now=now)
        answers.update(zip(later, repeats, strict=True))
    return [answers[number] for number in range(len(requests))]


def _claim(
    request: ReserveRequest, warehouse: str, units: dict[str, int], now: datetime
) -> NewReservation:
    return NewReservation(
        id=new_id("rsv"),
        owner=request.owner,
        warehouse=warehouse,
        is_paid=request.is_paid,
        expires_at=now + timedelta(seconds=request.ttl_seconds),
        cause=request.cause,
        units=units,
    )


def _reserved(claim: NewReservation, tried: tuple[Tried, ...]) -> Reserved:
    return Reserved(
        owner=claim.owner,
        reservation_id=claim.id,
        warehouse=claim.warehouse,
        expires_at=claim.expires_at,
        tried=tried,
    )


def _news(claims: Collection[NewReservation]) -> tuple[list[StockReserved], set[Hint]]:
    """Return the events of claims, and a hint at every SKU whose numbers they change."""
    events = [
        StockReserved(
            owner=claim.owner,
            reservation_id=claim.id,
            warehouse=claim.warehouse,
            units=claim.units,
            is_paid=claim.is_paid,
            expires_at=claim.expires_at,
            cause=claim.cause,
        )
        for claim in claims
    ]
    return events, {Hint(TOPIC, sku) for claim in claims for sku in claim.units}


def _told(claims: Collection[NewReservation]) -> dict[str, object]:
    events, hints = _news(claims)
    return told_values(events, hints=hints)


def _reserve_in_order(
    session: Session, requests: Numbered, now: datetime
) -> dict[int, ReserveAnswer]:
    """Decide with all locks that may be needed; again when an owner was served meanwhile."""
    for _ in range(ROUNDS):
        held = claim_store.held_by(session, {request.owner for request in requests.values()})
        kept = {
            number: held[request.owner]
            for number, request in requests.items()
            if request.owner in held and held[request.owner].is_held(now)
        }
        rest = {n: request for n, request in requests.items() if n not in kept}
        placement = _place(session, rest, now)
        refused = {request.owner for n, request in rest.items() if n not in placement.chosen}
        if _hold_now(session, refused, now):
            continue  # their own claim, made elsewhere while we waited, may be what was missing
        partly = _place_partly(session, rest, placement)
        chosen: dict[int, Try | PartlyFilled] = {**placement.chosen, **partly}
        claims = {
            number: _claim(rest[number], chosen[number].warehouse, chosen[number].units, now)
            for number in sorted(chosen)
        }
        repeats = _renew_paid(session, requests, kept, now)
        if repeats is not None and _write(session, claims, now):
            return repeats | _answers(rest, claims, placement, partly)
    raise Contended


def _place_partly(
    session: Session, requests: Numbered, placement: Placement
) -> dict[int, PartlyFilled]:
    """Return what those who take less get of the locked levels that the others leave."""
    partial = {
        number: request
        for number, request in requests.items()
        if not request.all_or_none and number not in placement.chosen
    }
    if not partial:
        return {}
    active = {one.code for one in level_store.load_warehouses(session) if one.is_active}
    places = {
        Place(sku, code)
        for request in partial.values()
        for sku in request.units()
        for code in active.intersection(request.warehouses)
    }
    free = {
        place: level.atp for place, level in level_store.lock_levels(session, places).levels.items()
    }
    for chosen in placement.chosen.values():
        for sku, units in chosen.units.items():
            place = Place(sku, chosen.warehouse)
            free[place] = free.get(place, 0) - units
    return fill_partly(partial, free)


def _hold_now(session: Session, owners: set[str], now: datetime) -> bool:
    held = claim_store.held_by(session, owners) if owners else {}
    return any(claim.is_held(now) for claim in held.values())


def _place(session: Session, requests: Numbered, now: datetime) -> Placement:
    tries = [
        Try(number, warehouse, units)
        for number, request in requests.items()
        for units in [request.units()]
        for warehouse in dict.fromkeys(request.warehouses)
    ]
    if not tries:
        return Placement({}, {})
    places = {Place(sku, one.warehouse) for one in tries for sku in one.units}
    owners = {request.owner for request in requests.values()}
    expired = claim_store.expired_on(session, places, owners, now=now)
    lapse_claims(session, expired, also_lock=places, skip_busy=False, now=now)
    return reserve_store.place_in_order(session, tries)


def _write(session: Session, claims: Mapping[int, NewReservation], now: datetime) -> bool:
    if not claims:
        return True
    if not reserve_store.write(session, list(claims.values()), now=now):
        return False
    events, hints = _news(claims.values())
    announce(session, *events, hints=hints)
    return True


def _renew_paid(
    session: Session, requests: Numbered, kept: Mapping[int, Reservation], now: datetime
) -> dict[int, ReserveAnswer] | None:
    """Return answers for those who hold their claim, or None when one of them just lost it."""
    newly_paid = {
        claim.id: now + timedelta(seconds=requests[number].ttl_seconds)
        for number, claim in kept.items()
        if requests[number].is_paid
        and not claim.is_paid
        and claim.state is ReservationState.RESERVED
    }
    if newly_paid:
        locked = claim_store.lock(session, newly_paid)
        if not all(claim.is_held(now) for claim in locked):
            return None
        claim_store.mark_paid(session, newly_paid)
    return {
        number: Reserved(
            owner=claim.owner,
            reservation_id=claim.id,
            warehouse=claim.warehouse,
            expires_at=max(claim.expires_at, newly_paid.get(claim.id, claim.expires_at)),
            is_repeat=True,
        )
        for number, claim in kept.items()
    }


def _answers(
    requests: Numbered,
    claims: Mapping[int, NewReservation],
    placement: Placement,
    partly: Mapping[int, PartlyFilled],
) -> dict[int, ReserveAnswer]:
    answers: dict[int, ReserveAnswer] = {}
    for number, request in requests.items():
        tried = tuple(Tried(*one) for one in placement.missing.get(number, ()))
        claim = claims.get(number)
        if claim is None:
            answers[number] = refuse(request, tried)
            continue
        short = partly[number].short if number in partly else {}
        answers[number] = replace(_reserved(claim, tried), short=short)
    return answers
