"""Places, and what a scanned code says."""

from app.rules.bands import Sureness
from app.rules.vocabulary import CodeStatus
from app.schemas.base import Form, View, Words


class PlaceView(View):
    """Where. `label` is what people read; on private matters it stays coarse."""

    compound: str
    building: str = ""
    stairwell: str = ""
    label: str


class LeafView(View):
    code: str
    name: str
    menu: bool = False
    emergency: bool = False


class CategoryView(View):
    """A top class with its leaves."""

    code: str
    name: str
    children: list[LeafView]


class DutyView(View):
    """Whom to call in this compound; duty phones only."""

    role: str
    title: str
    duty_phone: str


class HotlineView(View):
    name: str
    number: str


class NoticeView(View):
    version: str
    text: str


class GuessIn(Form):
    """What somebody has typed so far."""

    text: Words


class GuessView(View):
    """A leaf that the words may mean, with its top class."""

    code: str
    name: str
    top: str
    sureness: Sureness


class DangerView(View):
    """The words sound like danger: what it may be, whom to call first, and what a notice is not."""

    name: str
    hotlines: list[HotlineView]
    text: str


class GuessesView(View):
    """The likeliest leaves, best first, three at most; empty where the words say nothing."""

    items: list[GuessView]
    danger: DangerView | None = None


class ScanView(View):
    """Everything behind a code on a wall. `menu`: the compound's own tiles, where it chose some."""

    code: str
    status: CodeStatus
    place: PlaceView
    categories: list[CategoryView]
    contacts: list[DutyView]
    hotlines: list[HotlineView]
    notice: NoticeView
    menu: list[LeafView] = []
    announcements: list[str] = []


class ImportedCompound(View):
    code: str
    name: str
    buildings: int
    stairwells: int
    households: int


class ImportView(View):
    """What an import found and what it added; importing the same file again adds nothing."""

    compounds: list[ImportedCompound]
    added: dict[str, int]


class CompoundView(View):
    code: str
    name: str
    community: str
    street: str
    duty_phone: str


class CompoundList(View):
    items: list[CompoundView]
    next_cursor: str | None = None


class StairwellNode(View):
    code: str
    name: str
    households: int
    qr: list[str]


class BuildingNode(View):
    code: str
    name: str
    stairwells: list[StairwellNode]


class TreeView(View):
    """A compound's buildings and stairwells with their codes and counts."""

    code: str
    name: str
    buildings: list[BuildingNode]
