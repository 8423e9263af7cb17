"""连心卡: whom to call, for everybody; and whether what was promised is kept, in two numbers."""

from app.schemas.base import View
from app.schemas.place import DutyView, HotlineView


class CardView(View):
    """Duty phones of a compound; behind a code, of that stairwell. Offices only, never a person."""

    compound: str
    label: str = ""
    contacts: list[DutyView]
    hotlines: list[HotlineView]


class KeptView(View):
    """Of what fell due in the last whole days: how many, and how many were done in time. Ten cases at least."""

    days: int
    due: int
    on_time: int


class FootView(View):
    """What stands below the form of a scan page; `board` is the compound's code where it has a public board."""

    kept: KeptView | None = None
    board: str | None = None
