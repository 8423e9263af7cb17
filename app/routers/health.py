"""Is it alive, is it ready, and what does it count?"""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.errors import BusyError
from app.queries import upkeep
from app.routers import metering
from app.routers.deps import Anyone, Db, Now
from app.routers.problems import problems
from app.schemas.health import HealthView

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
        raise BusyError(f"还没准备好: {', '.join(reasons)}")
    return HealthView(status="ok")


@router.get("/metrics", response_class=Response, responses=problems())
def metrics(db: Db, now: Now) -> Response:
    """Prometheus text. It has no login: close it to the outside at the proxy."""
    figures = upkeep.figures(db, now)
    oldest = figures.oldest_due_message if figures else None
    metering.show(figures, (now - oldest).total_seconds() if oldest else 0.0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
