"""Free text on the desk is read with what looks personal masked, whoever typed it; a reveal opens the plain words."""

import pytest

from tests.builders import desk, secret, slip_of, slip_verb, submit, triage, verb

VIEWERS = ["grid_head", "grid_head2", "property", "self_mgmt_head", "self_mgmt_group", "committee_secretary"]
PERSONAL = "我叫王小明，电话13812345678"


@pytest.fixture
def told(client, world):
    """A closed ticket on which everybody has named a person in every free text there is."""
    receipt = submit(client, world, text=PERSONAL, spot=PERSONAL)
    mine, header = f"/api/v1/tickets/{receipt['number']}", secret(receipt)
    client.post(f"{mine}/info", json={"text": PERSONAL}, headers=header)
    assert triage(client, world, receipt, redacted_text="楼道灯不亮").status_code == 200
    slip = slip_of(client, world, "property")["slip_no"]
    for name, body in (
        ("progress", {"text": PERSONAL}),
        ("reply", {"kind": "result", "text": PERSONAL}),
        ("done", {"text": PERSONAL, "evidence": PERSONAL}),
    ):
        assert slip_verb(client, world, "property", slip, name, **body).status_code == 200
    assert verb(client, world, "grid_head", receipt, "reject_work", reason=PERSONAL).status_code == 200
    assert slip_verb(client, world, "property", slip, "done", text=PERSONAL).status_code == 200
    assert verb(client, world, "grid_head", receipt, "confirm", text="灯修好了").status_code == 200
    rating = {"solved": "yes", "stars": 5, "text": PERSONAL}
    assert client.post(f"{mine}/rating", json=rating, headers=header).status_code == 201
    return receipt


def test_no_viewer_on_the_desk_reads_a_name_or_a_phone(client, world, told, subtests):
    queue = "/api/v1/desk/tickets?status=closed"
    for who in VIEWERS:
        with subtests.test(who):
            seen = desk(client, world, who, told)
            assert seen.status_code == 200
            shown = {entry["verb"]: entry.get("text") for entry in seen.json()["events"]}
            assert {"rate", "done", "progress"} <= set(shown)
            assert shown["triage"] == "楼道灯不亮"
            for text in (seen.text, client.get(queue, headers=world.as_(who)).text):
                assert "13812345678" not in text
                assert "王小明" not in text


def test_the_reporter_reads_their_own_words_in_plain_and_those_of_handlers_masked(client, world, told):
    mine = client.get(f"/api/v1/tickets/{told['number']}", headers=secret(told)).json()
    assert (mine["text"], mine["spot"], mine["rating"]["text"]) == (PERSONAL, PERSONAL, PERSONAL)
    said = {entry["verb"]: entry["text"] for entry in mine["timeline"]}
    assert (said["info"], said["rate"]) == (PERSONAL, PERSONAL)
    for from_handlers in ("progress", "done"):
        assert "13812345678" not in said[from_handlers]
        assert said[from_handlers]
