"""A compound's routing rules over HTTP: who sets them, what they do to tickets, and what they would have done."""

from datetime import UTC, datetime

import pytest

from app.models.seat import Seat
from tests.builders import MONDAY, desk, slip_of, submit, triage, verb

PATH = "/api/v1/compounds/LHQ/rules"


def put(client, world, *rows, who="grid_head"):
    return client.put(PATH, json={"rules": list(rows)}, headers=world.as_(who))


def dry_run(client, world, *rows, who="grid_head"):
    return client.post(f"{PATH}/dry-run", json={"rules": list(rows)}, headers=world.as_(who))


def test_a_fresh_compound_has_no_rules_of_its_own(client, world):
    view = client.get(PATH, headers=world.as_("grid_head")).json()
    assert (view["version"], view["rules"], view["may_set"]) == (0, [], True)


def test_a_rule_sends_the_next_ticket_elsewhere_and_the_ticket_says_why(client, world):
    row = {"building": "1幢", "category": "BLD-09", "lead": "stair_head", "co": ["security_captain"]}
    saved = put(client, world, row)
    assert saved.status_code == 200, saved.text
    assert saved.json()["rules"][0]["says"] == "1幢、路灯/楼道灯不亮"
    assert saved.json()["rules"][0]["leads"] == "楼道长，协办 物业保安队长"
    receipt = submit(client, world)
    assert (receipt["lead"]["role"], receipt["lead"]["assigned"]) == ("stair_head", True)
    routing = desk(client, world, "grid_head", receipt).json()["routing"]
    assert routing["reason"] == "按第 1 条规则：1幢、路灯/楼道灯不亮 → 楼道长，协办 物业保安队长"
    assert (routing["rule"], routing["co"], routing["auto"]) == (1, [str(world.seats["security_captain"])], True)
    assert slip_of(client, world, "stair_head")["part"] == "lead"
    assert slip_of(client, world, "security_captain")["part"] == "co"
    elsewhere = submit(client, world, code=world.codes["2幢1单元"])
    assert elsewhere["lead"]["role"] == "property"
    assert desk(client, world, "grid_head", elsewhere).json()["routing"]["reason"] == "这类事一般由物业主办"


def test_a_rule_decides_after_triage_too_by_the_hour_at_which_the_matter_came_in(client, world, time):
    put(client, world, {"opens": "20:00", "closes": "08:00", "category": "BLD-05", "lead": "security_captain"})
    time.set(datetime(2027, 3, 1, 14, 0, tzinfo=UTC))  # 22:00 in Shanghai
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    time.set(datetime(2027, 3, 2, 2, 0, tzinfo=UTC))  # 10:00 the next day
    view = triage(client, world, receipt).json()
    assert view["lead"]["role"] == "security_captain"
    assert (
        view["routing"]["reason"] == "按第 1 条规则：户内漏水（楼上漏水）、20:00–08:00 → 物业保安队长"
        or view["routing"]["rule"] == 1
    )
    assigned = verb(client, world, "grid_head", receipt, "assign", lead="property").json()
    assert assigned["routing"]["reason"] == "人工派单"


def test_a_rule_that_cannot_be_followed_is_named_on_the_ticket(client, world, database):
    put(client, world, {"category": "BLD", "lead": "stair_head"})
    with database.write() as session:
        session.get(Seat, world.seats["stair_head"]).ends_at = MONDAY
    receipt = submit(client, world)
    assert receipt["lead"]["role"] == "property"
    assert desk(client, world, "grid_head", receipt).json()["routing"]["passed"].startswith("第 1 条规则没有用上")
    assert client.get(PATH, headers=world.as_("grid_head")).json()["rules"][0]["vacant"] is True


def test_a_row_that_can_never_be_reached_says_which_one_stands_in_front(client, world):
    view = put(client, world, {"category": "BLD", "lead": "property"}, {"category": "BLD-09", "lead": "stair_head"})
    assert [row["shadowed_by"] for row in view.json()["rules"]] == [None, 1]


def test_what_does_not_fit_is_refused_row_by_row_and_nothing_is_saved(client, world):
    answer = put(
        client,
        world,
        {"lead": "property"},
        {"building": "99幢", "lead": "property"},
        {"category": "GOV-01", "lead": "property"},
        {"category": "SAF-01", "lead": "property"},
        {"lead": "street"},
    )
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["rules.1.building"]
    answer = put(client, world, {"category": "GOV-01", "lead": "property"}, {"category": "SAF-01", "lead": "property"})
    assert [one["field"] for one in answer.json()["errors"]] == ["rules.0.lead", "rules.1.lead"]
    assert "执法权" in answer.json()["errors"][1]["message"]
    assert put(client, world, {"lead": "property", "opens": "08:00"}).status_code == 422
    assert client.get(PATH, headers=world.as_("grid_head")).json()["version"] == 0


def test_undoing_brings_back_the_rows_from_before(client, world):
    put(client, world, {"category": "BLD", "lead": "stair_head"})
    put(client, world)
    assert submit(client, world)["lead"]["role"] == "property"
    undone = client.post(f"{PATH}/undo", headers=world.as_("committee_secretary")).json()
    assert (undone["version"], len(undone["rules"]), undone["changed_by"]) == (3, 1, "committee_secretary")
    assert submit(client, world)["lead"]["role"] == "stair_head"


@pytest.mark.parametrize(
    ("who", "read", "write"),
    [
        ("grid_head", 200, 200),
        ("committee_secretary", 200, 200),
        ("community", 200, 403),
        ("admin", 200, 403),
        ("property", 403, 403),
        ("police", 403, 403),
    ],
)
def test_the_grid_head_and_the_secretary_set_rules(client, world, who, read, write):
    assert client.get(PATH, headers=world.as_(who)).status_code == read
    assert put(client, world, {"lead": "property"}, who=who).status_code == write


def test_a_dry_run_lists_what_would_have_gone_elsewhere_and_changes_nothing(client, world):
    lamps = [submit(client, world, code=code)["number"] for code in world.codes.values()]
    submit(client, world, category="ENV-02", text="垃圾满了")
    found = dry_run(client, world, {"building": "1幢", "category": "BLD", "lead": "stair_head"}).json()
    assert (found["tried"], found["changed"]) == (5, 2)
    assert {item["number"] for item in found["items"]} == set(lamps[:2])
    assert {(item["before"], item["after"], item["rule_after"]) for item in found["items"]} == {("物业", "楼道长", 1)}
    assert client.get(PATH, headers=world.as_("grid_head")).json()["version"] == 0
    assert dry_run(client, world, {"building": "9幢", "lead": "stair_head"}).status_code == 422


def test_a_dry_run_tells_nobody_of_a_ticket_that_they_may_not_see(client, world):
    receipt = submit(client, world, category="GOV-08", text="网格长推来推去")
    rows = [{"category": "GOV-08", "lead": "police"}]
    assert dry_run(client, world, *rows).json()["tried"] == 0
    found = dry_run(client, world, *rows, who="committee_secretary").json()
    assert [item["number"] for item in found["items"]] == [receipt["number"]]


def test_a_seat_with_too_much_in_hand_is_passed_over(client, world):
    second = {"role": "property", "building": "2幢", "title": "物业二组"}
    secretary = world.as_("committee_secretary")
    assert client.put("/api/v1/compounds/LHQ/heads", json={"heads": [second]}, headers=secretary).status_code == 200
    client.put("/api/v1/compounds/LHQ/settings", json={"most_open": 1}, headers=world.as_("committee_secretary"))
    leads = [submit(client, world)["lead"]["title"] for _ in range(4)]
    assert leads == ["物业", "物业", "物业二组", "物业二组"]


def test_whatever_a_rule_says_a_complaint_never_goes_to_the_side_it_is_about(client, world):
    put(client, world, {"lead": "property"})
    receipt = submit(client, world, category="GOV-01", text="物业态度不好")
    assert receipt["lead"]["role"] == "self_mgmt_head"
    assert client.get(f"/api/v1/desk/tickets/{receipt['number']}", headers=world.as_("property")).status_code == 404
