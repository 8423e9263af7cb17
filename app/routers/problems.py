"""RFC 9457 problem documents: one shape for every refusal, as JSON for programs and as a page for people."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from app.errors import AppError, InvalidError
from app.rules import wording
from app.schemas.base import Moment

MEDIA = "application/problem+json"


class FieldProblem(BaseModel):
    """One field and what is wrong with it; `row` for workbooks."""

    field: str
    message: str
    row: int | None = None


class Problem(BaseModel):
    """application/problem+json"""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem] | None = None
    verbs: list[str] | None = None
    retry_after: int | None = None
    next_at: Moment | None = None
    duty_phone: str | None = None


_MEANING = {
    400: "The request could not be read",
    401: "No or expired login",
    403: "Visible, but not this role's verb",
    404: "Absent or invisible: the same answer",
    405: "Method not allowed",
    409: "Not legal in the present state; `verbs` says what is",
    410: "Revoked or expired",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Invalid; `errors` names the fields",
    428: "Idempotency-Key required",
    429: "Too early or too often; see Retry-After",
    503: "Overloaded; try again",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which refusals it may give."""
    always = (400, 413, 422)
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANING[status], "content": content} for status in sorted({*always, *statuses})}


def document(error: AppError, request_id: str) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
    }
    body |= {name: value for name, value in error.extra.items() if name in Problem.model_fields}
    return Problem.model_validate(body | {"request_id": request_id}).model_dump(mode="json", exclude_unset=True)


def from_validation(raw: list[Mapping[str, Any]]) -> InvalidError:
    """Pydantic's findings in words that a resident understands."""
    errors = [{"field": _field(item["loc"]), "message": _message(item)} for item in raw]
    return InvalidError(errors=errors)


def _field(loc: tuple[object, ...]) -> str:
    parts = [str(part) for part in loc if part not in {"body", "query", "path", "header"}]
    return ".".join(parts) or "body"


def _message(item: Mapping[str, Any]) -> str:
    kind = item["type"]
    said = str(item.get("ctx", {}).get("error", ""))
    if kind == "value_error" and not said.isascii():  # our own validators speak Chinese
        return said
    words = wording.words()["invalid"]
    return str(words.get(kind, words["value_error"])).format_map(
        {"max_length": "", "min_length": "", **item.get("ctx", {})}
    )
