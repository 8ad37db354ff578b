"""A fresh database is at the newest revision."""

import sqlalchemy as sa

from yinuo.core import migrate
from yinuo.core.db import Database


def test_fresh_database_is_at_the_newest_revision(database: Database):
    assert migrate.is_current(database)
    with database.read() as session:
        assert session.execute(sa.text("select count(*) from events")).scalar_one() == 0
