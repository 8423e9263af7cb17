"""Clocks as rows, what lapses by itself, absences and digests.

Tickets that are still open get a look at once: the sweep then builds their clocks from their history.
Revision 0004, after 0003.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.models.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT_ONCE = datetime(2026, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("due_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("stopped_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("paused_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("breached_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("next_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("clock") as batch_op:
        batch_op.create_index("ix_clock_ticket", ["ticket_id", "id"])
        batch_op.create_index("ix_clock_compound_id", ["compound_id"])
        batch_op.create_index("ix_clock_due_at", ["due_at"])
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.add_column(sa.Column("lapse_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("look_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.create_index("ix_ticket_look_at", ["look_at"])
        batch_op.drop_column("clear_reply_due_at")  # a row of the clocks says it now
    with op.batch_alter_table("seat") as batch_op:
        batch_op.add_column(sa.Column("absent_until", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("digest_on", sa.Date(), nullable=True))
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=True))
        batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=True)
    ticket = sa.table(
        "ticket", sa.column("queue", sa.Integer()), sa.column("look_at", app.models.base.Instant(timezone=True))
    )
    op.execute(ticket.update().where(ticket.c.queue < sa.literal(2)).values(look_at=AT_ONCE))


def downgrade() -> None:
    message = sa.table("message", sa.column("ticket_id", sa.Integer()))
    op.execute(message.delete().where(message.c.ticket_id.is_(None)))
    with op.batch_alter_table("message") as batch_op:
        batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("facts")
    with op.batch_alter_table("seat") as batch_op:
        batch_op.drop_column("digest_on")
        batch_op.drop_column("absent_until")
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.add_column(sa.Column("clear_reply_due_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.drop_index("ix_ticket_look_at")
        batch_op.drop_column("look_at")
        batch_op.drop_column("lapse_at")
    op.drop_table("clock")
