"""Intake by telephone and by visit, as JSON: the resident's answer, so that it can be read out."""

from fastapi import APIRouter

from app import access
from app.actions import desk_intake
from app.actions.once import once
from app.actions.ticket import derived_secrets
from app.routers.deps import Config, Db, Now, RequiredKey, StaffCaller
from app.routers.problems import problems
from app.schemas.intake import DeskTicketIn
from app.schemas.ticket import SubmittedView

router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])


@router.post("", status_code=201, responses=problems(401, 403, 404, 410, 428))
def record(
    form: DeskTicketIn, caller: StaffCaller, key: RequiredKey, db: Db, now: Now, settings: Config
) -> SubmittedView:
    """代记: what somebody says on the telephone or face to face. Number and query code are theirs: read them out."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        view = once(
            session,
            f"POST desk tickets {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            SubmittedView,
            lambda: desk_intake.record(session, staff, form, now=now),
            derived=lambda answer: derived_secrets(session, answer),
        )
    return view.model_copy(update={"url": settings.origin + view.url})
