"""Who am I?"""

from app.access import Staff
from app.rules import catalogue
from app.rules.vocabulary import Role
from app.schemas.staff import GrantView, MeView


def me(staff: Staff) -> MeView:
    """The account and everything it may act as at this minute."""
    grants = [GrantView(compound=seat.compound, role=seat.role, title=seat.title) for seat in staff.seats]
    if staff.is_admin:
        grants.append(GrantView(compound=None, role=Role.ADMIN, title=catalogue.default().title(Role.ADMIN)))
    return MeView(username=staff.username, name=staff.name, grants=grants)
