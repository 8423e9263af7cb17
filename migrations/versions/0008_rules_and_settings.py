"""Routing rules and settings of each compound, with their versions.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.models.base import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("compound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settings", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("routing_rules", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("compound", schema=None) as batch_op:
        batch_op.alter_column("settings", existing_type=sa.JSON(), server_default=None)
        batch_op.alter_column("routing_rules", existing_type=sa.JSON(), server_default=None)
    op.create_table(
        "compound_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("compound_id", "part", "version"),
    )
    with op.batch_alter_table("compound_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_compound_version_account_id"), ["account_id"], unique=False)
    op.create_table(
        "routing_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("compound_id", "account_id"),
    )
    with op.batch_alter_table("routing_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_routing_draft_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("routing_draft")
    op.drop_table("compound_version")
    with op.batch_alter_table("compound", schema=None) as batch_op:
        batch_op.drop_column("routing_rules")
        batch_op.drop_column("settings")
