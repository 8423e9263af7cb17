"""Who may have a judgement as an aggregate only gets no judgement of one: not in a list, a slice or a file."""

import pytest

from tests.api.test_figures import ask, done_simple, figure
from tests.builders import secret
from tests.pages.desk_browser import as_

JUDGED = ("solved", "satisfied", "coverage", "explained")


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def judged(client, world):
    receipt = done_simple(client, world)
    rating = {"solved": "partly", "stars": 1, "text": "没有修好"}
    answer = client.post(f"/api/v1/tickets/{receipt['number']}/rating", json=rating, headers=secret(receipt))
    assert answer.status_code == 201
    return receipt


@pytest.mark.parametrize("key", JUDGED)
def test_the_community_does_not_open_the_tickets_behind_a_judgement(client, world, judged, key):
    path = f"/api/v1/stats/{key}/tickets"
    assert ask(client, world, "committee_secretary", path).status_code == 200
    assert ask(client, world, "community", path).status_code == 403
    for part in ("over", "rest"):
        assert ask(client, world, "community", path, part=part).status_code == 403


def test_the_community_reads_no_judgement_out_of_fewer_than_ten(client, world, judged):
    read = ask(client, world, "committee_secretary", category="BLD-09")
    assert (figure(read, "solved")["numerator"], figure(read, "solved")["denominator"]) == (0, 1)
    kept = ask(client, world, "community", category="BLD-09")
    for key in JUDGED:
        assert (figure(kept, key)["numerator"], figure(kept, key)["denominator"], figure(kept, key)["tickets"]) == (
            None,
            None,
            None,
        )
    assert figure(kept, "n")["denominator"] == 1  # the matter itself is theirs to see


def test_the_pages_of_figures_keep_to_the_same(client, world, judged):
    asked = {"compound": "LHQ", "from": "2027-03-01", "to": "2027-03-02", "part": "base"}
    for who, status in (("committee_secretary", 200), ("community", 403)):
        page = as_(client, world, who).get("/desk/figures/solved", params=asked)
        assert (who, page.status_code, judged["number"] in page.text) == (who, status, status == 200)
        assert as_(client, world, who).get("/desk/figures", params={"compound": "LHQ"}).status_code == 200


@pytest.mark.parametrize("who", ["community", "street"])
def test_a_ledger_for_totals_holds_no_line_and_no_judgement(client, world, judged, who):
    for path in ("/api/v1/ledger", "/api/v1/ledger.csv"):
        taken = client.get(path, params={"compound": "LHQ", "month": "2027-03"}, headers=world.as_(who))
        assert taken.status_code == 200
        assert judged["number"] not in taken.content.decode()
