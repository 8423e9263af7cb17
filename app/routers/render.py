"""Pages: Jinja templates that get a frozen View, never a row. Words come from the catalogue."""

import hashlib
from collections.abc import MutableMapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.responses import HTMLResponse, Response

from app import clock
from app.rules import catalogue, wording

STATIC = Path(__file__).parent.parent / "static"
_TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def _engine() -> Jinja2Templates:
    engine = Jinja2Templates(_TEMPLATES)
    env = engine.env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters["word"] = lambda code, group: wording.word(group, code)
    env.filters["moment"] = wording.moment
    env.filters["deadline"] = wording.deadline
    env.filters["stamp"] = wording.stamp
    env.filters["stamp_due"] = wording.stamp_due
    env.filters["photo_key"] = lambda url: url.rsplit("/", 1)[-1]
    env.globals["asset"] = asset
    env.globals["words"] = wording.words()
    env.globals["role_title"] = catalogue.default().title
    return engine


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so that browsers may keep it for good."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


class Assets(StaticFiles):
    """Static files. With a version in the address they are kept for a year, otherwise asked for again."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        versioned = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response


def page(
    request: Request, template: str, *, status: int = 200, now: datetime | None = None, **context: object
) -> HTMLResponse:
    """An HTML page. Templates may use `words`, `role_title`, `now` and whatever Views they are given."""
    return _engine().TemplateResponse(request, template, {"now": now or clock.now(), **context}, status_code=status)


def unless_same(request: Request, response: Response) -> Response:
    """The page under its own mark; 304 without a body where the browser has exactly this one already."""
    mark = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"ETag": mark})
    response.headers["ETag"] = mark
    return response
