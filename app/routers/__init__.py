"""The list that main includes and the architecture tests walk."""

from app.routers import health
from app.routers.api import auth, desk, desk_verbs, photo, place, qr_code, seat, slip, ticket
from app.routers.pages import PAGES
from app.routers.pages.desk import DESK

API = (
    place.router,
    photo.router,
    ticket.router,
    auth.router,
    desk.router,
    desk_verbs.router,
    slip.router,
    seat.router,
    qr_code.router,
)
ALL = (*API, *PAGES, *DESK, health.router)
