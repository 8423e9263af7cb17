"""limits and retention.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.models.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_count",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("limit", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("instants", sa.JSON(), nullable=False),
        sa.Column("expires_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_limit_count_expires_at"), "limit_count", ["expires_at"])
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once_key", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("started_at", app.models.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", app.models.base.Instant(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once_key"),
    )
    op.create_index(op.f("ix_retention_run_started_at"), "retention_run", ["started_at"])
    with op.batch_alter_table("stafftoken", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("via", sqlmodel.sql.sqltypes.AutoString(length=8), server_default="api", nullable=False)
        )
        batch_op.add_column(sa.Column("last_used_at", app.models.base.Instant(timezone=True), nullable=True))
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_erased_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("words_erased_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.create_index("ix_ticket_closed", ["closed_at"])


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_closed")
        batch_op.drop_column("words_erased_at")
        batch_op.drop_column("person_erased_at")
    with op.batch_alter_table("stafftoken", schema=None) as batch_op:
        batch_op.drop_column("last_used_at")
        batch_op.drop_column("via")
    op.drop_index(op.f("ix_retention_run_started_at"), table_name="retention_run")
    op.drop_table("retention_run")
    op.drop_index(op.f("ix_limit_count_expires_at"), table_name="limit_count")
    op.drop_table("limit_count")
