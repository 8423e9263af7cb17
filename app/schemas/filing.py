"""报备: what is told about a filing with an agency."""

from typing import Annotated

from pydantic import StringConstraints

from app.rules.vocabulary import Role
from app.schemas.base import Form, Line, Moment, View

Agency = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
ReceiptNo = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]


class FilingIn(Form):
    """An agency was told; `filed_at` is now where it is left out. The note is for the desk."""

    agency: Agency
    receipt_no: ReceiptNo = ""
    filed_at: Moment | None = None
    note: Line | None = None


class FilingView(View):
    """One filing. Its note is masked: whoever typed it may have named somebody."""

    id: int
    agency: str
    receipt_no: str
    filed_at: Moment
    role: Role
    note: str | None


class FilingList(View):
    items: list[FilingView]
