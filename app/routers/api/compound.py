"""What a compound decides for itself, as JSON: settings, thresholds and routing rules."""

from fastapi import APIRouter

from app import access
from app.actions import compound as actions
from app.actions import routing_rule as rule_actions
from app.queries import compound as queries
from app.queries import routing_rule as rule_queries
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.compound import SettingsIn, SettingsView, ThresholdsIn, ThresholdsView
from app.schemas.routing_rule import DryRunView, RulesIn, RulesView

router = APIRouter(prefix="/api/v1/compounds/{code}", tags=["registry"])


@router.get("/settings", responses=problems(401, 403, 404))
def settings(code: str, caller: StaffCaller, db: Db, now: Now) -> SettingsView:
    """A compound's settings, and which version of them is in force."""
    with db.read() as session:
        return queries.settings(session, access.staff(session, caller, now), code, now)


@router.put("/settings", responses=problems(401, 403, 404))
def set_settings(code: str, form: SettingsIn, caller: StaffCaller, db: Db, now: Now) -> SettingsView:
    """Sets them as a whole; what is left out is as usual. Committee secretary or administrator."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.set_settings(session, staff, code, form, now=now)
        return queries.settings(session, staff, code, now)


@router.post("/settings/undo", responses=problems(401, 403, 404, 409))
def undo_settings(code: str, caller: StaffCaller, db: Db, now: Now) -> SettingsView:
    """Brings back what was in force before the last change."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.undo_settings(session, staff, code, now=now)
        return queries.settings(session, staff, code, now)


@router.get("/rules", responses=problems(401, 403, 404))
def rules(code: str, caller: StaffCaller, db: Db, now: Now) -> RulesView:
    """A compound's routing rules in their order, each with what it says and whether it can ever be reached."""
    with db.read() as session:
        return rule_queries.rules(session, access.staff(session, caller, now), code, now)


@router.put("/rules", responses=problems(401, 403, 404))
def set_rules(code: str, form: RulesIn, caller: StaffCaller, db: Db, now: Now) -> RulesView:
    """Sets all rows; tickets that are assigned already stay where they are. Grid head or committee secretary."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        rule_actions.set_rules(session, staff, code, form, now=now)
        return rule_queries.rules(session, staff, code, now)


@router.post("/rules/undo", responses=problems(401, 403, 404, 409))
def undo_rules(code: str, caller: StaffCaller, db: Db, now: Now) -> RulesView:
    """Brings back the rows from before the last change."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        rule_actions.undo_rules(session, staff, code, now=now)
        return rule_queries.rules(session, staff, code, now)


@router.post("/rules/dry-run", responses=problems(401, 403, 404))
def dry_run(code: str, form: RulesIn, caller: StaffCaller, db: Db, now: Now) -> DryRunView:
    """What these rows would have done with the last tickets; nothing is stored."""
    with db.read() as session:
        return rule_queries.dry_run(session, access.staff(session, caller, now), code, form, now)


@router.get("/thresholds", responses=problems(401, 403, 404))
def thresholds(code: str, caller: StaffCaller, db: Db, now: Now) -> ThresholdsView:
    """Thresholds that the compound's own confirmed tickets support; a person accepts them by setting them."""
    with db.read() as session:
        return queries.thresholds(session, access.staff(session, caller, now), code)


@router.put("/thresholds", responses=problems(401, 403, 404))
def accept_thresholds(code: str, form: ThresholdsIn, caller: StaffCaller, db: Db, now: Now) -> SettingsView:
    """Takes over thresholds; every other setting stays. Committee secretary or administrator."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.accept_thresholds(session, staff, code, form, now=now)
        return queries.settings(session, staff, code, now)
