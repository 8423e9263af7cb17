"""Is it alive, is it ready, and what does it count?"""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.routers.deps import Anyone, Db
from app.routers.problems import problems
from app.schemas.health import HealthView

router = APIRouter(tags=["health"], dependencies=[Anyone])


@router.get("/livez", responses=problems())
async def livez() -> HealthView:
    """The process answers."""
    return HealthView(status="ok")


@router.get("/readyz", responses=problems(503))
def readyz(db: Db) -> HealthView:
    """The database answers a write transaction's worth of work."""
    db.ping()
    return HealthView(status="ok")


@router.get("/metrics", response_class=Response, responses=problems())
def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
