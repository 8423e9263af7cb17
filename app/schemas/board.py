"""公示栏 and 我也遇到: what everybody may read, without a person, a text or a number of a ticket."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from app.schemas.base import Form, View
from app.schemas.figures import FigureView


class BoardLine(View):
    """Matters of one kind that stand alike. `building` is null where homes are concerned; `count` below three."""

    category: str
    name: str
    building: str | None
    phase: str
    count: int | None


class BoardReply(View):
    """A reply that its writer released for the board, with the resident's consent."""

    name: str
    building: str | None
    text: str
    month: str


class BoardView(View):
    """What was reported and done lately in one compound, and whether promises are kept."""

    compound: str
    name: str
    lines: list[BoardLine]
    replies: list[BoardReply]
    since: date
    until: date
    figures: list[FigureView]


class MatterView(View):
    """A matter of this stairwell that is being looked after; `others` said that they have it too (null below three)."""

    category: str
    name: str
    phase: str
    others: int | None
    mine: bool


class MattersView(View):
    items: list[MatterView]


class MeTooIn(Form):
    """我也遇到: which of the listed matters."""

    category: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-\d{2}$")]
