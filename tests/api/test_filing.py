"""报备: an agency was told; the ticket carries on as before."""

import pytest

from tests.builders import MONDAY, desk, key, submit, triage


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def file(client, world, receipt, who="grid_head", headers=None, **over):
    body = {"agency": "城管中队", "receipt_no": "CG-2027-118"} | over
    path = f"/api/v1/desk/tickets/{receipt['number']}/filings"
    return client.post(path, json=body, headers=world.as_(who) | (headers or {}))


def listed(client, world, receipt, who="grid_head"):
    return client.get(f"/api/v1/desk/tickets/{receipt['number']}/filings", headers=world.as_(who))


def test_filings_stand_beside_the_ticket_and_change_nothing_about_it(client, world):
    receipt = submit(client, world, category="TRF-01", text="门口天天堵")
    triage(client, world, receipt)
    before = desk(client, world, "grid_head", receipt).json()
    made = file(client, world, receipt, note="王师傅 13812345678 接的电话", filed_at="2027-02-28T10:00:00+08:00")
    assert made.status_code == 201, made.text
    file(client, world, receipt, agency="交警中队", receipt_no="")
    items = listed(client, world, receipt).json()["items"]
    assert [(one["agency"], one["receipt_no"], one["role"]) for one in items] == [
        ("城管中队", "CG-2027-118", "grid_head"),
        ("交警中队", "", "grid_head"),
    ]
    assert items[0]["filed_at"] == "2027-02-28T10:00:00+08:00"
    assert "13812345678" not in items[0]["note"]
    assert desk(client, world, "grid_head", receipt).json() == before


def test_the_same_filing_is_kept_once(client, world):
    receipt = submit(client, world)
    once = key()
    first = file(client, world, receipt, headers=once)
    assert file(client, world, receipt, headers=once).json() == first.json()
    assert file(client, world, receipt).status_code == 422
    assert len(listed(client, world, receipt).json()["items"]) == 1


def test_a_filing_is_not_made_in_the_future(client, world):
    receipt = submit(client, world)
    refused = file(client, world, receipt, filed_at="2027-03-01T09:00:01+08:00")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "filed_at")
    assert file(client, world, receipt, filed_at=MONDAY.isoformat()).status_code == 201


def test_who_reads_the_desks_notes_reads_filings_and_nobody_else(client, world):
    receipt = submit(client, world, category="GOV-01", text="报修没人管")
    assert file(client, world, receipt, "committee_secretary").status_code == 201
    counts = {}
    for who in ("grid_head", "committee_secretary", "self_mgmt_head", "community"):
        counts[who] = len(listed(client, world, receipt, who).json()["items"])
    assert counts == {"grid_head": 1, "committee_secretary": 1, "self_mgmt_head": 1, "community": 0}
    for who in ("property", "police", "admin"):
        assert listed(client, world, receipt, who).status_code == 404
        assert file(client, world, receipt, who).status_code == 404
    assert file(client, world, receipt, "self_mgmt_head").status_code == 403
