"""Pages: Jinja templates that get a frozen View, never a row. Words come from the catalogue."""

from datetime import datetime
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import HTMLResponse

from app import clock
from app.rules import catalogue, wording

_TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def _engine() -> Jinja2Templates:
    engine = Jinja2Templates(_TEMPLATES)
    env = engine.env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters["word"] = lambda code, group: wording.word(group, code)
    env.filters["moment"] = wording.moment
    env.filters["deadline"] = wording.deadline
    env.filters["photo_key"] = lambda url: url.rsplit("/", 1)[-1]
    env.globals["words"] = wording.words()
    env.globals["role_title"] = catalogue.default().title
    return engine


def page(
    request: Request, template: str, *, status: int = 200, now: datetime | None = None, **context: object
) -> HTMLResponse:
    """An HTML page. Templates may use `words`, `role_title`, `now` and whatever Views they are given."""
    return _engine().TemplateResponse(request, template, {"now": now or clock.now(), **context}, status_code=status)
