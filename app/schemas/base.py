"""What every form and every answer shares."""

from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    field_validator,
)

from app.rules import refusals
from app.rules.sla import SHANGHAI

FIRST_YEAR, LAST_YEAR = 1900, 2200


def _in_shanghai(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat()


def _sensible(at: datetime) -> datetime:
    """No term or date of ours lies outside these years; further out, zones overflow."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        message = refusals.say("year_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
        raise ValueError(message)
    return at


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_sensible),
    PlainSerializer(_in_shanghai, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant; ISO 8601 at +08:00 on the wire."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
"""What a person says: 1 to 5,000 characters after trimming."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""A short reason or remark."""


class Form(BaseModel):
    """Input. Unknown fields are refused, so that a misspelt name is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, value: object) -> object:
        """PostgreSQL stores no NUL, and no person types one."""
        if isinstance(value, str) and "\x00" in value:
            message = refusals.say("characters_wrong")
            raise ValueError(message)
        return value


class View(BaseModel):
    """Output. A field that the viewer may not have is not set, and therefore absent from the JSON."""

    model_config = ConfigDict(frozen=True)
