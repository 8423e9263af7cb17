"""Likeness and common issues: pointed at with a reason, decided by a person, and never a way to see more."""

from datetime import timedelta

import pytest

from app import retaining
from app.storage import Folder
from tests.builders import MONDAY, desk, key, secret, submit, triage, verb


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def related(client, world, receipt, who="grid_head"):
    return client.get(f"/api/v1/desk/tickets/{receipt['number']}/related", headers=world.as_(who)).json()


def similar(client, world, receipt, who="grid_head"):
    found = related(client, world, receipt, who)["similar"]
    return [(one["ticket"]["number"], one["why"], one["mergeable"]) for one in found]


def open_issue(client, world, *receipts, who="grid_head", **over):
    body = {"tickets": [receipt["number"] for receipt in receipts]} | over
    return client.post("/api/v1/desk/issues", json=body, headers=world.as_(who))


def on_issue(client, world, issue, verb, who="grid_head", **body):
    return client.post(f"/api/v1/desk/issues/{issue['id']}/{verb}", json=body, headers=world.as_(who))


def listed(client, world, who="grid_head", **params):
    answer = client.get("/api/v1/desk/issues", params={"compound": "LHQ"} | params, headers=world.as_(who))
    return [one["id"] for one in answer.json()["items"]]


def test_the_same_kind_and_nearly_the_same_words_are_pointed_at_with_their_reason(client, world, time):
    first = submit(client, world, category="BLD-04", text="屋顶漏水，下雨天六楼走廊全是水")
    time.set(MONDAY + timedelta(days=2))
    other = world.codes["2幢1单元"]
    same_place = submit(client, world, category="BLD-04", text="楼顶裂了一条缝")
    same_words = submit(client, world, code=other, category="BLD-11", text="下雨天六楼走廊全是水，屋顶在漏水")
    submit(client, world, code=other, category="BLD-04", text="外墙皮掉下来")
    assert sorted(similar(client, world, first)) == sorted(
        [(same_place["number"], ["place"], True), (same_words["number"], ["text"], True)]
    )
    merged = verb(client, world, "grid_head", same_place, "merge", into=first["number"])
    assert merged.status_code == 200
    assert [one[0] for one in similar(client, world, first)] == [same_words["number"]]


def test_after_a_fortnight_it_is_another_matter(client, world, time):
    first = submit(client, world)
    time.set(MONDAY + timedelta(days=15))
    submit(client, world)
    assert similar(client, world, first) == []


def test_homes_are_linked_and_never_merged(client, world):
    first = submit(client, world, category="NOI-01", text="楼上半夜十二点还在拖桌子")
    second = submit(client, world, category="NOI-01", text="楼上半夜十二点还在拖桌子")
    assert similar(client, world, first) == [(second["number"], ["place", "text"], False)]
    assert verb(client, world, "grid_head", first, "merge", into=second["number"]).status_code == 422
    assert open_issue(client, world, first, second).json()["building"] is None


def test_likeness_shows_nobody_a_ticket_or_words_that_they_may_not_see(client, world):
    first = submit(client, world, category="BLD-02", text="电梯停了三天没人修，老人下不了楼")
    hidden = submit(client, world, category="BLD-02", text="电梯停了三天没人修，老人下不了楼", avoid=["property"])
    assert [one[0] for one in similar(client, world, first)] == [hidden["number"]]
    assert similar(client, world, first, "property") == []
    for who in ("committee_secretary", "community"):  # they do not read raw words, so no words are compared for them
        assert {tuple(one[1]) for one in similar(client, world, first, who)} == {("place",)}


def test_three_of_a_kind_suggest_a_common_issue_that_can_be_opened_linked_and_closed(client, world, time):
    receipts = [submit(client, world, code=world.codes[place]) for place in ("1幢1单元", "1幢2单元")]
    assert related(client, world, receipts[0])["suggested"] is None
    receipts.append(submit(client, world))
    suggested = related(client, world, receipts[0])["suggested"]
    assert (suggested["building"], sorted(suggested["tickets"])) == ("1幢", sorted(r["number"] for r in receipts))
    opened = open_issue(client, world, *receipts)
    assert opened.status_code == 201
    issue = opened.json()
    assert (issue["building"], issue["open"], issue["category"]["code"]) == ("1幢", 3, "BLD-09")
    assert related(client, world, receipts[0])["suggested"] is None
    assert related(client, world, receipts[0])["issue"]["id"] == issue["id"]

    late = submit(client, world)
    assert on_issue(client, world, issue, "link", ticket=late["number"]).json()["open"] == 4
    assert on_issue(client, world, issue, "link", ticket=late["number"]).status_code == 422
    elsewhere = submit(client, world, code=world.codes["2幢1单元"])
    assert on_issue(client, world, issue, "link", ticket=elsewhere["number"]).status_code == 422
    assert on_issue(client, world, issue, "unlink", ticket=late["number"]).json()["open"] == 3
    assert on_issue(client, world, issue, "unlink", ticket=late["number"]).status_code == 422

    assert listed(client, world) == [issue["id"]]
    closed = on_issue(client, world, issue, "close", text="整幢楼换了灯，找13812345678")
    assert (closed.status_code, "13812345678" in closed.text, bool(closed.json()["closed_at"])) == (200, False, True)
    assert on_issue(client, world, issue, "close", text="再说一次").status_code == 409
    assert (listed(client, world), listed(client, world, closed=True)) == ([], [issue["id"]])
    month = {"compound": "LHQ", "month": "2027-03"}
    ledger = client.get("/api/v1/ledger", params=month, headers=world.as_("grid_head")).json()
    assert (ledger["totals"]["common"], sum(line["common"] for line in ledger["items"])) == (3, 3)


def test_a_ticket_of_an_issue_keeps_its_number_secret_reply_and_rating(client, world):
    receipts = [submit(client, world, category="SVC-09", text=f"老年证怎么办{n}") for n in range(3)]
    assert open_issue(client, world, *receipts).status_code == 201
    verb(client, world, "grid_head", receipts[0], "answer", text="带身份证来")
    rated = client.post(
        f"/api/v1/tickets/{receipts[0]['number']}/rating",
        json={"solved": "yes", "stars": 5},
        headers=secret(receipts[0]),
    )
    assert rated.status_code == 201
    states = [
        client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["status"]
        for receipt in receipts
    ]
    assert states == ["closed", "submitted", "submitted"]


def test_an_issue_is_of_one_kind_and_of_tickets_that_one_may_see(client, world):
    lamp, bin_ = submit(client, world), submit(client, world, category="ENV-02", text="垃圾没人收")
    assert open_issue(client, world, lamp, bin_).status_code == 422
    assert open_issue(client, world, lamp, {"number": "270301-000000"}).status_code == 404
    accusing = submit(client, world, category="GOV-08", text="推来推去")
    assert open_issue(client, world, accusing).status_code == 404
    assert open_issue(client, world, accusing, who="committee_secretary").status_code == 201
    assert listed(client, world, "grid_head") == []
    assert len(listed(client, world, "committee_secretary")) == 1


def test_an_issue_shows_each_side_only_the_tickets_it_may_see(client, world):
    shown = submit(client, world, category="BLD-02", text="电梯停了")
    hidden = submit(client, world, category="BLD-02", text="电梯又停了", avoid=["property"])
    issue = open_issue(client, world, shown, hidden).json()
    path = f"/api/v1/desk/issues/{issue['id']}"
    mine = client.get(path, headers=world.as_("property")).json()
    assert ([one["number"] for one in mine["tickets"]], mine["open"]) == ([shown["number"]], 1)
    only = open_issue(client, world, submit(client, world, category="BLD-02", text="三停", avoid=["property"])).json()
    for who in ("property", "police", "admin"):
        assert client.get(f"/api/v1/desk/issues/{only['id']}", headers=world.as_(who)).status_code == 404


def test_opening_twice_with_one_key_opens_one_issue(client, world):
    receipt, once = submit(client, world), key()
    body = {"tickets": [receipt["number"]]}
    answers = [client.post("/api/v1/desk/issues", json=body, headers=world.as_("grid_head") | once) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(listed(client, world)) == 1
    assert desk(client, world, "grid_head", receipt).json()["status"] == "assigned"
    triage(client, world, receipt)


def test_how_an_issue_ended_and_notes_on_filings_go_a_year_later(client, world, database, settings, time):
    receipt = submit(client, world, category="SVC-09", text="老年证怎么办")
    issue = open_issue(client, world, receipt).json()
    path = f"/api/v1/desk/tickets/{receipt['number']}"
    client.post(f"{path}/filings", json={"agency": "民政", "note": "窗口说带照片"}, headers=world.as_("grid_head"))
    verb(client, world, "grid_head", receipt, "answer", text="带身份证来")
    client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(receipt)
    )
    on_issue(client, world, issue, "close", text="统一贴了告示")
    for days, kept in ((364, True), (366, False)):
        retaining.retain(database, Folder(settings.data_dir / "uploads"), MONDAY + timedelta(days=days))
        outcome = client.get(f"/api/v1/desk/issues/{issue['id']}", headers=world.as_("grid_head")).json()["outcome"]
        note = client.get(f"{path}/filings", headers=world.as_("grid_head")).json()["items"][0]["note"]
        assert (days, outcome is not None, note is not None) == (days, kept, kept)
