"""门牌授权, as JSON: given and taken back on the desk, used from a slip."""

from fastapi import APIRouter

from app import access
from app.access import SlipKey
from app.actions import grant as actions
from app.errors import VerbNotYoursError
from app.routers.deps import Db, Now, SlipHolder, StaffCaller
from app.routers.problems import problems
from app.schemas.rights import AddressGrantIn, AddressGrantView, AddressView

router = APIRouter(prefix="/api/v1")
_ON_A_SLIP = "/desk/tickets/{number}/slips/{slip_no}/address_grant"
_VERB = problems(401, 403, 404, 409)


@router.post(_ON_A_SLIP, status_code=201, tags=["desk"], responses=_VERB)
def give(number: str, slip_no: str, form: AddressGrantIn, caller: StaffCaller, db: Db, now: Now) -> AddressGrantView:
    """门牌授权: one slip, one person, the door number only, for 24 to 72 hours; replaces what was granted before."""
    with db.write() as session:
        return actions.give(session, access.staff(session, caller, now), number, slip_no, form, now=now)


@router.delete(_ON_A_SLIP, tags=["desk"], responses=_VERB)
def take_back(number: str, slip_no: str, caller: StaffCaller, db: Db, now: Now) -> AddressGrantView:
    """收回授权, at once."""
    with db.write() as session:
        return actions.take_back(session, access.staff(session, caller, now), number, slip_no, now=now)


@router.post("/slips/{slip_no}/address", tags=["slips"], responses=problems(401, 403, 404, 410))
def show(slip_no: str, holder: SlipHolder, db: Db, now: Now) -> AddressView:
    """看门牌号, while the grant holds; every showing is in the access log, and its reporter reads it."""
    with db.write() as session:
        who = holder if isinstance(holder, SlipKey) else access.staff(session, holder, now)
        shown = actions.show(session, who, slip_no, now=now)
    if shown.view is None:
        raise VerbNotYoursError(shown.why_not)
    return shown.view
