"""Runs migrations on the connection that `yinuo.core.migrate` gives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

connection = context.config.attributes["connection"]
connection.execute(sa.text("SET lock_timeout = '10s'"))
context.configure(connection=connection, target_metadata=None, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
