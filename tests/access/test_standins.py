"""Who triages while the grid head is away, silent or taken out: over HTTP, with the verbs that each one is offered."""

from datetime import timedelta

import pytest

from app.models.seat import Seat
from app.rules.vocabulary import Role
from tests.builders import MONDAY, build_world, desk, submit, triage, verb

HOUR = timedelta(hours=1)
SELF, PROPERTY = "self_mgmt_head", "property"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def away(client, world, who="grid_head", until=MONDAY + timedelta(days=2), **over):
    body = {"until": until and until.isoformat()} | over
    return client.post("/api/v1/compounds/LHQ/heads/absence", json=body, headers=world.as_(who))


def may_triage(client, world, receipt):
    """Who is offered the triage, among those who see the ticket."""
    answers = {role: desk(client, world, role, receipt) for role in Role}
    return {str(role) for role, answer in answers.items() if "triage" in answer.json().get("verbs", [])}


@pytest.fixture
def matter(client, world):
    """A public matter without a shield that waits for its triage: nobody could be given it at once."""
    return submit(client, world, category="BLD-06", text="下水道堵了，污水往外冒")


def test_after_two_silent_hours_the_self_management_head_may_triage_and_after_three_the_property(
    client, world, time, matter
):
    assert may_triage(client, world, matter) == {"grid_head"}
    time.set(MONDAY + 2 * HOUR)
    assert may_triage(client, world, matter) == {"grid_head", SELF}
    time.set(MONDAY + 3 * HOUR)
    assert may_triage(client, world, matter) == {"grid_head", SELF, PROPERTY}
    assert triage(client, world, matter, PROPERTY).json()["status"] == "accepted"
    events = desk(client, world, "grid_head", matter).json()["events"]
    assert [event["actor"] for event in events if event["verb"] == "triage"] == [PROPERTY]
    assert may_triage(client, world, matter) == set()


def test_the_backup_triages_and_does_nothing_else(client, world, time, matter):
    time.set(MONDAY + 3 * HOUR)
    verbs = set(desk(client, world, SELF, matter).json()["verbs"])
    assert verbs == {"triage"}
    assert verb(client, world, SELF, matter, "reject", reason="test_or_empty", text="不受理").status_code == 403
    triage(client, world, matter, SELF)
    assert verb(client, world, SELF, matter, "assign", lead="property").status_code == 403
    assert verb(client, world, "grid_head", matter, "assign", lead="property").status_code == 200


def test_any_act_of_a_grid_head_closes_the_door(client, world, time, matter):
    time.set(MONDAY + HOUR)
    verb(client, world, "grid_head2", matter, "escalate", reason="书记来看看")
    time.set(MONDAY + 3 * HOUR)
    assert may_triage(client, world, matter) == {"grid_head"}


def test_while_the_grid_head_is_away_the_door_is_open_at_once_and_shut_when_they_are_back(client, world, time, matter):
    assert away(client, world).json()["seats"][0]["absent_until"] == "2027-03-03T09:00:00+08:00"
    assert may_triage(client, world, matter) == {"grid_head", SELF}
    time.set(MONDAY + HOUR)
    assert may_triage(client, world, matter) == {"grid_head", SELF, PROPERTY}
    assert away(client, world, until=None).json()["seats"][0]["absent_until"] is None
    assert may_triage(client, world, matter) == {"grid_head"}


@pytest.mark.parametrize(
    "form",
    [
        {"category": "NOI-01", "text": "楼上半夜吵"},  # shielded
        {"category": "GOV-01", "text": "报修没人管"},  # about the property
        {"category": "GOV-05", "text": "选举不公开"},  # about the self-management group
        {"category": "SVC-06", "text": "想问低保"},  # sensitive
        {"category": "GOV-99", "text": "隔壁天天打孩子，哭得厉害"},  # a guess that must be reported
    ],
)
def test_what_is_shielded_or_about_a_side_is_triaged_by_no_side(client, world, time, form):
    receipt = submit(client, world, **form)
    away(client, world)
    time.set(MONDAY + 24 * HOUR)
    assert may_triage(client, world, receipt) == {"grid_head"}
    assert triage(client, world, receipt, SELF).status_code in {403, 404}


def test_a_side_that_the_reporter_avoids_stays_out_and_the_other_may(client, world, time):
    receipt = submit(client, world, category="BLD-06", text="下水道堵了", avoid=["property"])
    time.set(MONDAY + 24 * HOUR)
    assert may_triage(client, world, receipt) == {"grid_head", SELF}


@pytest.mark.parametrize(
    ("vacant", "triages"),
    [
        (set(), SELF),
        ({Role.SELF_MGMT_HEAD}, "committee_secretary"),
        ({Role.SELF_MGMT_HEAD, Role.COMMITTEE_SECRETARY}, "community"),
    ],
)
def test_a_complaint_about_the_grid_head_finds_somebody_who_triages(client, database, time, vacant, triages):
    world = build_world(database, without=frozenset(vacant))
    receipt = submit(client, world, category="GOV-08", text="网格长推来推去")
    assert may_triage(client, world, receipt) == {triages}
    answer = triage(client, world, receipt, triages, redacted_text="反映工作人员推诿")
    assert answer.json()["status"] == "accepted"


def test_without_a_grid_head_the_secretary_does_their_work_and_without_both_the_community(client, database, time):
    world = build_world(database, without=frozenset({Role.GRID_HEAD}))
    receipt = submit(client, world, category="BLD-06", text="下水道堵了")
    assert "committee_secretary" in may_triage(client, world, receipt)
    triage(client, world, receipt, "committee_secretary")
    given = verb(client, world, "committee_secretary", receipt, "assign", lead="property")
    assert given.json()["status"] == "assigned"
    with database.write() as session:
        session.get(Seat, world.seats[Role.COMMITTEE_SECRETARY]).ends_at = MONDAY
    another = submit(client, world, category="BLD-06", text="下水道又堵了")
    assert triage(client, world, another, "community").json()["status"] == "accepted"


def test_only_a_grid_head_and_the_secretary_mark_an_absence_and_only_a_coming_one(client, world, time):
    assert away(client, world, "committee_secretary", seat=world.seats["grid_head"]).status_code == 200
    for who in ("property", "community", "admin", "self_mgmt_head"):
        assert away(client, world, who).status_code == 403
    for until in (MONDAY, MONDAY + timedelta(days=61)):
        refused = away(client, world, until=until)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "until")
    other = away(client, world, "committee_secretary", seat=world.seats["property"])
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "seat")


def test_the_roster_may_say_it_too_and_a_roster_that_does_not_mention_it_leaves_it(client, world, time):
    head = {"role": "grid_head", "name": "周师傅"}

    def put(**over):
        body = {"heads": [head | over]}
        answer = client.put("/api/v1/compounds/LHQ/heads", json=body, headers=world.as_("committee_secretary"))
        return answer.json()["seats"][0]["absent_until"]

    assert put(absent_until="2027-03-05T00:00:00+08:00") == "2027-03-05T00:00:00+08:00"
    assert put() == "2027-03-05T00:00:00+08:00"
    assert put(absent_until=None) is None
