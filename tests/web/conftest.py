"""Apps to talk to, and people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client
from yinuo.core.db import Database
from yinuo.users.model import Role
from yinuo.web import audit, errors, session, tokens, users

SignInAs = Callable[[Role], Client]


@pytest.fixture
def app(database: Database) -> FastAPI:
    """Give an app with the routes of users alone."""
    app = FastAPI()
    app.state.database = database
    app.state.trusted_proxies = []
    errors.install(app)
    for module in (session, users, tokens, audit):
        app.include_router(module.router, prefix="/api/v1")
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    """Give a client that nobody has signed in with."""
    with Client(app) as client:
        yield client


@pytest.fixture
def sign_in_as(app: FastAPI, database: Database) -> Iterator[SignInAs]:
    """Give a maker of clients, each signed in as a new user of a role, named after it."""
    with ExitStack() as stack:

        def make(role: Role) -> Client:
            a_user(database, role.value, role)
            client = stack.enter_context(Client(app))
            answer = client.post(
                "/api/v1/session", json={"username": role.value, "password": MADE_UP_PASSWORD}
            )
            assert answer.status_code == 200, answer.text
            return client

        yield make
