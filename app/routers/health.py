"""Is it alive, is it ready, and what does it count?"""

import secrets

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.errors import BusyError, NotFoundError, UnauthorisedError
from app.queries import upkeep
from app.routers import metering
from app.routers.deps import Anyone, Config, Db, Now
from app.routers.problems import problems
from app.rules import refusals
from app.rules.limits import is_loopback
from app.schemas.health import HealthView

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
router = APIRouter(tags=["health"], dependencies=[Anyone])


@router.get("/livez", responses=problems())
async def livez() -> HealthView:
    """The process answers."""
    return HealthView(status="ok")


@router.get("/readyz", responses=problems(503))
def readyz(db: Db) -> HealthView:
    """The database answers, stands at this version's revision, and opens with this process's keys."""
    reasons = upkeep.unfit(db)
    if reasons:
        raise BusyError(refusals.say("not_ready", reasons=", ".join(reasons)))
    return HealthView(status="ok")


@router.get("/metrics", response_class=Response, responses=problems(401, 404))
def metrics(request: Request, db: Db, now: Now, settings: Config) -> Response:
    """Prometheus text, for requests made on this machine itself, or with the bearer token that is set for it."""
    _check_reader(request, settings.metrics_token.get_secret_value())
    figures = upkeep.figures(db, now)
    oldest = figures.oldest_due_message if figures else None
    metering.show(figures, (now - oldest).total_seconds() if oldest else 0.0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _check_reader(request: Request, token: str) -> None:
    """A peer on this machine that passes nothing on for somebody else, or whoever has the token.

    Raises UnauthorisedError where a token would help, NotFoundError where none is set.
    """
    here = request.client is not None and is_loopback(request.client.host)
    if here and not any(name in request.headers for name in _PASSED_ON):
        return
    if not token:
        raise NotFoundError(refusals.say("page_unknown"))
    given = request.headers.get("authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise UnauthorisedError
