"""Canaries in everything that is known about somebody for whom another person spoke: they may turn up nowhere else."""

import io

import pytest
from sqlalchemy import inspect, text

from app import worker
from app.rules.vocabulary import Role
from app.senders.console import Console
from tests.builders import calls_for, desk, phoned, secret, slip_of, slip_verb, triage, verb

NAME, PHONE, DOOR, NOTE = "欧阳金丝雀", "13911112222", "1987室", "13866667777"
CANARIES = (NAME, PHONE, DOOR, NOTE)
FOR_HER = {
    "beneficiary": {"name": NAME, "phone": PHONE, "room": DOOR},
    "proxy_consent": {"kind": "voice", "note": f"打{NOTE}问过，本人同意"},
}


@pytest.fixture
def led(client, world):
    """A matter of hers all the way to the judgement on the telephone."""
    told = phoned(client, world, "community", **FOR_HER)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property", co=["police"])
    for who in ("police", "property"):
        slip = slip_of(client, world, who)["slip_no"]
        slip_verb(client, world, who, slip, "done", text="修好了", evidence="维修单")
    verb(client, world, "grid_head", told, "confirm", text="修好了")
    verb(client, world, "grid_head2", told, "callback", result="reached", solved="yes", stars=4, text=f"谢谢，{PHONE}")
    return told


def found(answer_text):
    return [canary for canary in CANARIES if canary in answer_text]


def test_no_role_reads_her_without_a_reveal(client, world, led):
    for role in (*Role, "grid_head2"):
        assert (role, found(desk(client, world, role, led).text)) == (role, [])
        assert (role, found(str(calls_for(client, world, role)))) == (role, [])
        queue = client.get("/api/v1/desk/tickets", params={"status": "answered"}, headers=world.as_(role))
        assert (role, found(queue.text)) == (role, [])


def test_only_the_grid_head_reads_that_somebody_spoke_for_her(client, world, led):
    readers = {role for role in Role if "proxy" in desk(client, world, role, led).json()}
    assert readers == {Role.GRID_HEAD}
    for role in set(Role) - readers:
        shown = desk(client, world, role, led).json()
        assert not {"proxy", "consent_afterwards"} & {call["reason"] for call in shown.get("calls", [])}, role


def test_nobody_but_the_grid_head_is_asked_to_call_her_or_gets_the_proxys_number_for_it(client, world):
    told = phoned(client, world, "community", **FOR_HER)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    verb(client, world, "grid_head2", told, "confirm", text="修好了")
    kinds = {role: [call["kind"] for call in calls_for(client, world, role)] for role in Role}
    assert {role for role, found in kinds.items() if "callback" in found} == {Role.GRID_HEAD}
    asked = {"fields": ["phone"], "purpose": "callback"}
    assert verb(client, world, "self_mgmt_head", told, "reveal", **asked).status_code == 403


def test_no_slip_and_no_receipt_shows_her(client, world, led):
    for who in ("property", "police"):
        slips = client.get("/api/v1/slips", params={"status": "done"}, headers=world.as_(who)).json()["items"]
        for slip in slips:
            shown = client.get(f"/api/v1/slips/{slip['slip_no']}", headers=world.as_(who))
            assert (shown.status_code, found(shown.text)) == (200, [])
    assert found(client.get(f"/api/v1/tickets/{led['number']}", headers=secret(led)).text) == []
    receipt = led["url"].replace("http://testserver", "")
    page = client.get(receipt, headers={"accept": "text/html"})
    assert (page.status_code, found(page.text)) == (200, [])


def test_a_search_does_not_find_her(client, world, led):
    for canary in CANARIES:
        items = client.get("/api/v1/desk/tickets", params={"q": canary}, headers=world.as_("grid_head")).json()["items"]
        assert (canary, items) == (canary, [])


def test_no_notice_and_no_line_of_the_log_names_her(client, world, led, database, capsys):
    worker.deliver(database, Console())
    said = capsys.readouterr()
    assert found(said.out + said.err) == []


def test_nothing_of_her_lies_in_plain_in_the_database(client, world, led, database):
    """Every column of every table, as whoever steals a copy reads it."""
    copied = io.StringIO()
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                copied.write(" ".join(str(cell) for cell in row))
    assert "1幢" in copied.getvalue()
    assert found(copied.getvalue()) == []


def test_her_household_is_counted_by_a_keyed_hash_that_differs_between_stairwells(client, world, database):
    for stairwell in ("LHQ-1-1-s", "LHQ-1-2-s", "LHQ-1-1-s"):
        phoned(client, world, stairwell=stairwell, **FOR_HER)
    with database.engine.connect() as connection:
        hashes = connection.execute(text("SELECT household_hash FROM proxy ORDER BY id")).scalars().all()
    assert hashes[0] == hashes[2] != hashes[1]


def test_who_is_taken_out_of_a_matter_does_not_call_about_it(client, world):
    told = phoned(client, world, "community", category="GOV-08", text="网格长推来推去", **FOR_HER)
    verb(client, world, "self_mgmt_head", told, "reject", reason="legal_channel", text="请到街道纪工委")
    assert calls_for(client, world, "grid_head") == []
    assert [call["number"] for call in calls_for(client, world, "self_mgmt_head")] == [told["number"]]
    assert client.post("/api/v1/desk/calls/1/done", headers=world.as_("grid_head")).status_code == 404


def test_the_accused_property_does_not_read_who_rang_up_about_it_though_it_may_record_calls(client, world):
    told = phoned(client, world, "property", category="GOV-01", text="保洁三个月没来", **FOR_HER)
    assert desk(client, world, "property", told).status_code == 404
    assert desk(client, world, "grid_head", told).json()["proxy"]["name"] == "欧**"
