"""Who may check, ask and tell: nobody judges their own work behind a link, and nobody's answer stays untold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models.event import Event
from app.models.seat import Seat
from app.models.staff import Account
from app.rules.vocabulary import Role
from tests.builders import (
    MONDAY,
    calls_for,
    desk,
    phoned,
    slip_of,
    slip_verb,
    submit,
    triage,
    verb,
)
from tests.journeys.telephone import ELDER, THEIR_PHONE, answered, asked, post
from tests.problems import refused


def by_link(client, world, receipt, slip_no, name, **body):
    """A slip's verb from a phone without an account, on a fresh link."""
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link"
    token = client.post(path, headers=world.as_("grid_head")).json()["token"]
    answer = client.post(f"/api/v1/slips/{slip_no}/{name}", json=body or None, headers={"X-Slip-Token": token})
    client.cookies.clear()
    assert answer.status_code == 200, answer.text
    return answer.json()


def led(client, world, lead, **over):
    """A matter in the hands of one lead, and its slip."""
    receipt = phoned(client, world, "community", **over)
    triage(client, world, receipt)
    assert verb(client, world, "grid_head", receipt, "assign", lead=lead).status_code == 200
    return receipt, slip_of(client, world, lead)["slip_no"]


def newest(database, verb, fact):
    """A fact of the newest event of its kind."""
    with database.read() as session:
        query = select(Event.facts).where(Event.verb == verb).order_by(Event.id.desc())
        return session.execute(query.execution_options(scope="test")).scalars().first().get(fact)


# --- checking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lead", ["grid_head", "police"])
def test_work_by_a_link_counts_for_everybody_who_sits_on_the_slips_seat(client, world, database, lead):
    receipt, slip_no = led(client, world, lead)
    by_link(client, world, receipt, slip_no, "done", text="好了", evidence="照片")
    checked = verb(client, world, "grid_head2", receipt, "confirm", text="好了")
    assert checked.status_code == 200, checked.text
    own = lead == "grid_head"  # then nobody else is there to check it, and it is marked
    assert newest(database, "confirm", "self_checked") is own


def test_whoever_reported_on_a_slip_does_not_check_what_its_link_then_called_done(client, world, database):
    receipt, slip_no = led(client, world, "police")
    slip_verb(client, world, "grid_head", slip_no, "progress", text="我替民警记")
    by_link(client, world, receipt, slip_no, "done", text="好了", evidence="照片")
    assert verb(client, world, "grid_head", receipt, "confirm", text="好了").status_code == 409
    assert verb(client, world, "grid_head2", receipt, "confirm", text="好了").status_code == 200
    assert newest(database, "confirm", "self_checked") is False


# --- asking how it went -----------------------------------------------------------------------------------------------


def test_work_by_a_link_keeps_whoever_sits_on_the_seat_from_asking_how_it_went(client, world):
    receipt, slip_no = led(client, world, "self_mgmt_head", emergency=True, text="电梯困人", category="BLD-01")
    by_link(client, world, receipt, slip_no, "accept")
    slip_verb(client, world, "grid_head", slip_no, "done", text="好了")
    verb(client, world, "grid_head2", receipt, "confirm", text="好了")
    assert calls_for(client, world, "self_mgmt_head") == []
    refused(asked(client, world, receipt, "self_mgmt_head", result="reached"), 409, "OTHER_CALLER_NEEDED")
    assert asked(client, world, receipt, "committee_secretary", result="reached").status_code == 200


def test_whoever_confirmed_or_replied_leaves_the_question_to_somebody_else(client, world):
    told = phoned(client, world, "community", emergency=True, text="电梯困人", category="BLD-01")
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    assert verb(client, world, "grid_head2", told, "reply", kind="result", text="在修").status_code == 200
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    verb(client, world, "grid_head", told, "confirm", text="修好了")
    for who in ("grid_head", "grid_head2"):
        refused(asked(client, world, told, who, result="reached"), 409, "OTHER_CALLER_NEEDED")
        assert [call["kind"] for call in calls_for(client, world, who)] == ["tell"]
    for who in ("self_mgmt_head", "committee_secretary"):
        assert [call["kind"] for call in calls_for(client, world, who)] == ["callback"], who
    assert asked(client, world, told, "self_mgmt_head", result="reached", solved="yes", stars=5).status_code == 200


@pytest.mark.parametrize("alone", [False, True])
def test_for_an_elder_the_one_grid_head_asks_only_where_there_is_no_second(client, world, database, alone):
    told = phoned(client, world, "community", **ELDER)
    answered(client, world, told)
    if alone:
        with database.write() as session:
            session.get(Account, world.accounts["grid_head2"]).disabled_at = MONDAY
    answer = asked(client, world, told, "grid_head", result="reached", solved="yes", stars=5)
    assert answer.status_code == (200 if alone else 409), answer.text
    assert not alone or newest(database, "callback", "own_work") is True


# --- telling ----------------------------------------------------------------------------------------------------------

OUT = {Role.GRID_HEAD: "grid_head", Role.PROPERTY: "property", Role.SELF_MGMT_HEAD: "self_mgmt_group"}
TABLE = {
    # what is out → who tells it
    ("BLD-05", ()): {"grid_head", "grid_head2"},
    ("BLD-05", ("property",)): {"grid_head", "grid_head2"},
    ("BLD-05", ("grid_head",)): {"self_mgmt_head"},
    ("BLD-05", ("grid_head", "property")): {"self_mgmt_head"},
    ("BLD-05", ("grid_head", "self_mgmt_group")): {"property"},
    ("BLD-05", ("grid_head", "self_mgmt_group", "property")): {"committee_secretary"},
    ("GOV-08", ()): {"self_mgmt_head"},
    ("GOV-08", ("self_mgmt_group",)): {"committee_secretary"},
    ("GOV-05", ("grid_head",)): {"committee_secretary"},
}


@pytest.mark.parametrize(("category", "avoid"), TABLE, ids=str)
def test_an_answer_falls_to_the_next_in_line_whoever_is_kept_out(client, world, category, avoid):
    told = phoned(client, world, "community", category=category, text="楼上漏水到厨房", avoid=list(avoid))
    chief = "committee_secretary" if "grid_head" in avoid or category == "GOV-08" else "grid_head"
    triager = next(who for who in (chief, "self_mgmt_head") if "reject" in verbs(client, world, who, told))
    done = verb(client, world, triager, told, "reject", reason="out_of_duty", text="请找住建部门")
    assert done.status_code == 200, done.text
    everybody = (*Role, "grid_head2")
    tellers = {who for who in everybody if calls_for(client, world, who)}
    assert tellers == TABLE[category, avoid]
    for who in everybody:
        look = verb(client, world, who, told, "reveal", fields=["phone"], purpose="contact")
        assert (look.status_code == 200) is (who in tellers), who
    who = min(tellers)
    [call] = calls_for(client, world, who)
    assert (call["phone"], call["say"]) == ("138****5678", "请找住建部门")
    assert post(client, world, f"calls/{call['id']}/done", who).status_code == 200
    assert {who for who in everybody if calls_for(client, world, who)} == set()
    after = verb(client, world, who, told, "reveal", fields=["phone"], purpose="contact")
    assert (after.status_code == 200) is (who.startswith("grid_head") or (who, avoid) == ("self_mgmt_head", avoid))


def verbs(client, world, who, told):
    return desk(client, world, who, told).json().get("verbs", [])


def test_the_secretary_tells_an_elder_whom_nobody_else_may_know(client, world):
    told = phoned(client, world, "community", category="GOV-08", text="请回电话", avoid=["self_mgmt_group"], **ELDER)
    verb(client, world, "committee_secretary", told, "reject", reason="out_of_duty", text="请找街道")
    [call] = calls_for(client, world, "committee_secretary")
    assert (call["ask"], call["phone"]) == ("beneficiary_phone", "139****4321")
    look = {"fields": ["beneficiary_phone"], "purpose": "contact"}
    assert verb(client, world, "committee_secretary", told, "reveal", **look).json() == {
        "beneficiary_phone": THEIR_PHONE
    }
    more = {"fields": ["beneficiary_phone", "text"], "purpose": "contact"}
    assert verb(client, world, "committee_secretary", told, "reveal", **more).status_code == 403


def test_where_no_grid_head_is_in_office_the_answer_still_has_somebody_to_tell_it(client, world, database, time):
    told = phoned(client, world, "community")
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找别家")
    assert calls_for(client, world, "property") == []
    with database.write() as session:
        session.get(Seat, world.seats[Role.GRID_HEAD]).ends_at = MONDAY + timedelta(hours=1)
    time.set(MONDAY + timedelta(hours=2))
    assert [call["number"] for call in calls_for(client, world, "property")] == [told["number"]]


def test_a_scan_is_told_by_nobody(client, world):
    receipt = submit(client, world)
    verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="请找别家")
    assert [calls_for(client, world, who) for who in ("grid_head", "property", "committee_secretary")] == [[], [], []]
