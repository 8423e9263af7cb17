"""rights and grants.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.models.base import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    _requests()
    _grants()
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restricted_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", Instant(timezone=True), nullable=True))
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn", sa.JSON(), nullable=True))
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.Integer(), nullable=True)


def _requests() -> None:
    op.create_table(
        "rights_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", _text(24), nullable=False),
        sa.Column("outcome", _text(16), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rights_request_ticket_id"), ["ticket_id"], unique=False)
    op.create_table(
        "reveal_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", _text(32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("purpose", _text(16), nullable=False),
        sa.Column("status", _text(12), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("until", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("reveal_request", schema=None) as batch_op:
        batch_op.create_index("ix_reveal_request_list", ["compound_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_request_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_request_ticket_id"), ["ticket_id"], unique=False)
    op.create_table(
        "look_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("day", _text(10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("about", _text(16), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("compound_id", "day", "account_id", "kind", "about"),
    )
    with op.batch_alter_table("look_alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_alert_account_id"), ["account_id"], unique=False)


def _grants() -> None:
    op.create_table(
        "address_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("slip_id", sa.Integer(), nullable=False),
        sa.Column("basis", _text(12), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_at", Instant(timezone=True), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("shown_at", Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["link_id"], ["sliplink.id"]),
        sa.ForeignKeyConstraint(["slip_id"], ["slip.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("address_grant", schema=None) as batch_op:
        for column in ("account_id", "given_by", "link_id", "slip_id", "ticket_id"):
            batch_op.create_index(batch_op.f(f"ix_address_grant_{column}"), [column], unique=False)


def downgrade() -> None:
    """Lines of the access log without an account stay behind only where the database allows it: they go first."""
    log = sa.table("access_log", sa.column("account_id", sa.Integer()))
    op.execute(log.delete().where(log.c.account_id.is_(None)))
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_column("withdrawn")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
        batch_op.drop_column("restricted_at")
    for table in ("address_grant", "look_alert", "reveal_request", "rights_request"):
        op.drop_table(table)
