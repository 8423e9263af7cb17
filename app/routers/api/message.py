"""Notices, as JSON: the inbox of one's seats, and what could not be sent."""

from fastapi import APIRouter

from app import access
from app.actions import message as actions
from app.queries import message as queries
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.message import DeadLetters, InboxView, ResendIn, ResentView, SeenIn, SeenView

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])


@router.get("/inbox", responses=problems(401, 403))
def inbox(caller: StaffCaller, db: Db, now: Now) -> InboxView:
    """What this account's seats were told in the last thirty days, the newest first. Looking marks nothing as read."""
    with db.read() as session:
        return queries.inbox(session, access.staff(session, caller, now), now)


@router.post("/inbox/seen", responses=problems(401, 403))
def seen(form: SeenIn, caller: StaffCaller, db: Db, now: Now) -> SeenView:
    """Everything up to this notice was read."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.seen(session, staff, form.id)
        return SeenView(unread=queries.inbox(session, staff, now).unread)


@router.get("/messages/dead", responses=problems(401, 403))
def dead(caller: StaffCaller, db: Db, now: Now) -> DeadLetters:
    """Messages that were given up, and why: all for an administrator, those of their compounds for a grid head."""
    with db.read() as session:
        return DeadLetters(items=queries.dead_letters(session, access.staff(session, caller, now)))


@router.post("/messages/dead/resend", responses=problems(401, 403))
def resend(caller: StaffCaller, db: Db, now: Now, form: ResendIn | None = None) -> ResentView:
    """重发: they start over as if put now. What this account may not see, or what went out since, stays as it is."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return ResentView(resent=actions.resend(session, staff, form.ids if form else None, now=now))
