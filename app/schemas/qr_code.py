"""Codes and print runs."""

from typing import Annotated

from pydantic import StringConstraints

from app.rules.vocabulary import CodeStatus
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


class RevocationIn(Form):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
