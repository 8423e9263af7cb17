"""calls and visits.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.models.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proxy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("room_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("household_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("by_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("consent", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("created_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id"),
    )
    with op.batch_alter_table("proxy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proxy_by_hash"), ["by_hash"], unique=False)
    op.create_table(
        "call_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("due_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("tries", sa.JSON(), nullable=False),
        sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("judged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("created_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.create_index("ix_call_task_list", ["compound_id", "status", "due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_task_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_task_done_by"), ["done_by"], unique=False)
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=8), server_default="resident", nullable=False)
        )
        batch_op.add_column(sa.Column("explained", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_ticket_recorded_by", "account", ["recorded_by"], ["id"])
        batch_op.create_index("ix_ticket_recorded_by", ["recorded_by"])
    _visits()
    _codes()
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inbox_seen", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=True)


def _visits() -> None:
    op.create_table(
        "visit_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("stairwell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("room_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("next_on", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.ForeignKeyConstraint(["stairwell_id"], ["stairwell.id"]),
        sa.ForeignKeyConstraint(["visitor_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("visit_plan", schema=None) as batch_op:
        batch_op.create_index("ix_visit_plan_list", ["compound_id", "next_on", "id"], unique=False)
        for column in ("stairwell_id", "visitor_id", "created_by"):
            batch_op.create_index(batch_op.f(f"ix_visit_plan_{column}"), [column], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plan.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        for column in ("plan_id", "account_id", "ticket_id"):
            batch_op.create_index(batch_op.f(f"ix_visit_{column}"), [column], unique=False)


def _codes() -> None:
    with op.batch_alter_table("qr_code", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=16), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("last_scanned_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("old_scanned_at", app.models.base.Instant(timezone=True), nullable=True))
    with op.batch_alter_table("qr_code", schema=None) as batch_op:
        batch_op.alter_column("why", existing_type=sa.String(length=16), server_default=None)
    op.create_table(
        "emblem",
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", app.models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.PrimaryKeyConstraint("compound_id"),
    )
    with op.batch_alter_table("emblem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emblem_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    """Looks at visit plans leave a log that knows no other than those at tickets."""
    log = sa.table("access_log", sa.column("ticket_id", sa.Integer()))
    op.execute(log.delete().where(log.c.ticket_id.is_(None)))
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("inbox_seen")
    op.drop_table("emblem")
    with op.batch_alter_table("qr_code", schema=None) as batch_op:
        for column in ("old_scanned_at", "last_scanned_at", "why"):
            batch_op.drop_column(column)
    op.drop_table("visit")
    op.drop_table("visit_plan")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_recorded_by")
        batch_op.drop_constraint("fk_ticket_recorded_by", type_="foreignkey")
        batch_op.drop_column("recorded_by")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_column("explained")
        batch_op.drop_column("source")
    op.drop_table("call_task")
    op.drop_table("proxy")
