"""Users with defaults."""

from __future__ import annotations

from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Role, User

MADE_UP_PASSWORD = "three blue ladders"


def a_user(database: Database, username: str = "li.na", role: Role = Role.CUSTOMER_SERVICE) -> User:
    """Return a new user, whose password is the made-up one."""
    with database.transaction() as session:
        return users.add_user(
            session,
            username=username,
            name=username.title(),
            role=role,
            password=MADE_UP_PASSWORD,
            actor=SYSTEM,
            now=clock.now(),
        )
