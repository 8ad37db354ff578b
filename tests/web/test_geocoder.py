"""The day's calls to the map beside their budget."""

from __future__ import annotations

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.addresses.service import geocoding
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users.model import Role


def test_the_days_calls_are_shown_with_their_budget(database: Database):
    a_user(database, "service", Role.CUSTOMER_SERVICE)
    with database.transaction() as session:
        for _ in range(2):
            assert geocoding.take_call(session, now=clock.now(), most=5)
    with whole_app(database) as app, Client(app) as client:
        client.post("/api/v1/session", json={"username": "service", "password": MADE_UP_PASSWORD})
        shown = client.get("/api/v1/addresses/geocoder").json()
    assert shown == {"is_configured": False, "used": 2, "budget": 4000}
