"""Alembic's environment: one advisory lock on PostgreSQL, so that many starting processes migrate once."""

from alembic import context
from sqlalchemy import func, select
from sqlmodel import SQLModel

import app.models as _tables  # noqa: F401 -- registers every table

LOCK = 727001

connection = context.config.attributes["connection"]
postgres = connection.dialect.name == "postgresql"
if postgres:
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=not postgres,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
