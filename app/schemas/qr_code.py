"""Codes and print runs."""

from typing import Annotated

from pydantic import StringConstraints

from app.rules.vocabulary import CodeReason, CodeSignal, CodeStatus
from app.schemas.base import Form, Moment, View


class BatchIn(Form):
    """Codes for every stairwell that has none; with `reissue`, new ones for all (the old ones go on in grace)."""

    compound: Annotated[str, StringConstraints(max_length=32)]
    reissue: bool = False


class CodeView(View):
    code: str
    status: CodeStatus
    version: int
    stairwell: str
    label: str
    url: str


class BatchView(View):
    id: int
    compound: str
    created_at: Moment
    codes: list[CodeView]
    sheet: str


class CodeLine(CodeView):
    """One code in the list of all: `last_scanned_at` is right to the hour; `why` it replaced another one."""

    batch: int
    building: str
    created_at: Moment
    last_scanned_at: Moment | None
    why: CodeReason | None
    revoke_reason: str
    signals: list[CodeSignal]


class CodeList(View):
    """Every code of a compound, whatever has become of it, in the order of a walk."""

    compound: str
    items: list[CodeLine]


class ReissueIn(Form):
    """Why one code is replaced. `moved` and `suspected_fake` take the old one out of use at once."""

    reason: CodeReason


class RevocationIn(Form):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
