"""Who am I, and where am I logged in?"""

from datetime import datetime

from sqlmodel import col, select

from app import access
from app.access import Staff
from app.db import ReadSession
from app.models.staff import StaffToken
from app.rules import catalogue
from app.rules.vocabulary import Role
from app.schemas.staff import GrantView, MeView, SessionList, SessionView
from app.vault import fingerprint


def me(staff: Staff) -> MeView:
    """The account and everything it may act as at this minute."""
    grants = [GrantView(compound=seat.compound, role=seat.role, title=seat.title) for seat in staff.seats]
    if staff.is_admin:
        grants.append(GrantView(compound=None, role=Role.ADMIN, title=catalogue.default().title(Role.ADMIN)))
    return MeView(username=staff.username, name=staff.name, grants=grants)


def sessions(session: ReadSession, staff: Staff, token: str, now: datetime) -> SessionList:
    """Every session of the account that is still good, the newest first; `token` is the one in hand."""
    query = select(StaffToken).where(StaffToken.account_id == staff.account_id, access.alive(now))
    return SessionList(
        items=[
            SessionView(
                id=row.id,
                via=row.via,
                started_at=row.created_at,
                last_used_at=row.last_used_at,
                expires_at=row.expires_at,
                current=row.token_hash == fingerprint(token),
            )
            for row in session.exec(query.order_by(col(StaffToken.id).desc()))
        ]
    )
