"""The desk's pages: for main's list, in one order."""

from app.routers.pages import desk_codes, desk_queue, desk_registry, desk_session, desk_slip, desk_ticket

DESK = (
    desk_session.router,
    desk_queue.router,
    desk_ticket.router,
    desk_slip.router,
    desk_registry.router,
    desk_codes.router,
)
