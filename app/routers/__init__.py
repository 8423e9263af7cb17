"""The list that main includes and the architecture tests walk."""

from app.routers import health
from app.routers.api import (
    auth,
    board,
    call,
    compound,
    compound_map,
    desk,
    desk_intake,
    desk_verbs,
    figures,
    filing,
    grant,
    issue,
    ledger,
    look,
    message,
    onboarding,
    photo,
    place,
    qr_code,
    rights,
    seat,
    slip,
    ticket,
    visit,
)
from app.routers.pages import PAGES
from app.routers.pages.desk import DESK

API = (
    place.router,
    compound.router,
    compound_map.router,
    photo.router,
    ticket.router,
    rights.router,
    auth.router,
    desk.router,
    desk_verbs.router,
    desk_intake.router,
    call.router,
    slip.router,
    grant.router,
    look.router,
    seat.router,
    onboarding.router,
    qr_code.router,
    figures.router,
    filing.router,
    ledger.router,
    issue.router,
    board.router,
    visit.router,
    message.router,
)
ALL = (*API, *PAGES, *DESK, health.router)
