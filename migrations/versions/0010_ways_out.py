"""Several ways out: which one a message takes.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=8), server_default="group", nullable=False)
        )
        batch_op.drop_index("ix_message_due")
        batch_op.create_index("ix_message_due", ["status", "way", "next_at"])


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_due")
        batch_op.create_index("ix_message_due", ["status", "next_at"])
        batch_op.drop_column("way")
