"""The course of a ticket: merged into another, resting until.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("paused_from", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("paused_at", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_until", app.models.base.Instant(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_ticket_merged_into", "ticket", ["merged_into_id"], ["id"])
        batch_op.create_index("ix_ticket_merged_into_id", ["merged_into_id"])


def downgrade() -> None:
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.drop_index("ix_ticket_merged_into_id")
        batch_op.drop_constraint("fk_ticket_merged_into", type_="foreignkey")
        batch_op.drop_column("paused_until")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("paused_from")
        batch_op.drop_column("merged_into_id")
