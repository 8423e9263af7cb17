"""From a guess to a slip and back: how sure it must be, who may take it back, and what the reporter may still say."""

import pytest

from tests.builders import desk, secret, slip_of, slip_verb, submit, triage, verb

SETTINGS = "/api/v1/compounds/LHQ/settings"
SURE, VAGUE = "楼道灯坏了，晚上看不见", "希望多搞点活动"


def settings(client, world, **values):
    answer = client.put(SETTINGS, json=values, headers=world.as_("committee_secretary"))
    assert answer.status_code == 200, answer.text


def choose(client, receipt, category):
    path = f"/api/v1/tickets/{receipt['number']}/category"
    return client.post(path, json={"category": category}, headers=secret(receipt))


def test_a_sure_guess_goes_out_by_itself_and_says_how_sure_it_was_and_who_guessed(client, world):
    receipt = submit(client, world, category=None, text=SURE)
    assert (receipt["status"], receipt["category"]["code"]) == ("assigned", "BLD-09")
    view = desk(client, world, "grid_head", receipt).json()
    assert (view["routing"]["band"], view["routing"]["sureness"], view["routing"]["auto"]) == ("auto", "likely", True)
    assert view["routing"]["probability"] > 0.8
    assert view["routing"]["model"] == view["events"][0]["facts"]["model"]
    best = view["suggestions"][0]
    assert (best["code"], best["sureness"], best["evidence"][0]) == ("BLD-09", "likely", "楼道灯")


def test_below_the_compounds_own_threshold_a_person_looks_first(client, world):
    settings(client, world, auto=1.0, choose=0.5)
    receipt = submit(client, world, category=None, text=SURE)
    assert receipt["status"] == "submitted"
    assert desk(client, world, "grid_head", receipt).json()["routing"]["band"] in {"choose", "auto"}
    vague = submit(client, world, category=None, text=VAGUE)
    assert desk(client, world, "grid_head", vague).json()["routing"]["band"] == "queue"


def test_what_the_reporter_picked_needs_no_probability(client, world):
    settings(client, world, auto=1.0)
    receipt = submit(client, world)
    assert receipt["status"] == "assigned"
    assert desk(client, world, "grid_head", receipt).json()["routing"]["probability"] is None


def test_an_emergency_never_waits_for_anybody_to_be_sure(client, world):
    settings(client, world, auto=1.0, choose=1.0)
    receipt = submit(client, world, category=None, text="电梯往下坠了好几层，吓死人")
    assert (receipt["category"]["code"], receipt["complexity"], receipt["status"]) == (
        "BLD-15",
        "emergency",
        "assigned",
    )


def test_the_grid_head_takes_the_slip_back_with_one_tap_and_it_waits_for_triage(client, world):
    receipt = submit(client, world, category=None, text=SURE)
    slip = slip_of(client, world, "property")
    assert "take_back" in desk(client, world, "grid_head", receipt).json()["verbs"]
    assert verb(client, world, "property", receipt, "take_back").status_code == 403
    view = verb(client, world, "grid_head", receipt, "take_back").json()
    assert (view["status"], view["slips"][0]["status"], view["triaged"]) == ("submitted", "cancelled", False)
    assert [event["verb"] for event in view["events"]] == ["submit", "auto_assign", "take_back"]
    assert view["routing"]["auto"] is False
    assert client.get(f"/api/v1/slips/{slip['slip_no']}", headers=world.as_("property")).json()["verbs"] == []
    assert triage(client, world, receipt, category="BLD-13").json()["status"] == "accepted"
    assert verb(client, world, "grid_head", receipt, "assign", lead="stair_head").json()["status"] == "assigned"


def test_nobody_takes_back_what_somebody_has_taken_or_a_person_has_triaged(client, world):
    taken = submit(client, world)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "accept")
    answer = verb(client, world, "grid_head", taken, "take_back")
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_NOW")
    seen = submit(client, world)
    triage(client, world, seen)
    assert verb(client, world, "grid_head", seen, "take_back").status_code == 409


def test_taking_back_counts_as_the_first_human_response(client, world):
    receipt = submit(client, world)
    view = verb(client, world, "grid_head", receipt, "take_back").json()
    assert {clock["kind"]: clock["state"] for clock in view["clocks"]}["first_response"] == "stopped"


def test_a_class_without_a_fitting_leaf_stays_as_the_class_for_whoever_triages(client, world):
    settings(client, world, auto=0.99, choose=0.99)
    receipt = submit(client, world, category="TRF", text="就是那个")
    view = desk(client, world, "grid_head", receipt).json()
    assert (receipt["category"]["code"], receipt["status"]) == ("GOV-99", "submitted")
    assert view["routing"]["top"]["code"] == "TRF"


def test_the_reporter_says_once_what_they_meant_and_it_goes_where_it_belongs(client, world):
    receipt = submit(client, world, category=None, text=VAGUE)
    assert receipt["status"] == "submitted"
    before = receipt["promise"]["due_at"]
    told = choose(client, receipt, "BLD-13").json()
    assert (told["status"], told["category"]["code"], told["category"]["source"]) == ("assigned", "BLD-13", "reporter")
    assert told["promise"]["due_at"] == before
    assert told["timeline"][1]["verb"] == "choose"
    assert choose(client, receipt, "BLD-09").status_code == 409
    assert slip_of(client, world, "property")["category"]["code"] == "BLD-13"


def test_the_reporters_pick_of_something_shielded_hides_it_and_sends_nothing_out(client, world):
    receipt = submit(client, world, category=None, text=VAGUE)
    told = choose(client, receipt, "GOV-01").json()
    assert told["status"] == "submitted"
    assert told["seen_by"] == ["grid_head"]
    assert desk(client, world, "property", receipt).status_code == 404


def test_the_reporters_pick_of_an_emergency_calls_people_at_once(client, world):
    receipt = submit(client, world, category=None, text=VAGUE)
    told = choose(client, receipt, "SAF-12").json()
    assert (told["complexity"], told["promise"]["kind"]) == ("emergency", "contact")


@pytest.mark.parametrize("category", ["BLD", "XXX-01"])
def test_only_a_leaf_that_exists_may_be_picked(client, world, category):
    receipt = submit(client, world, category=None, text=VAGUE)
    assert choose(client, receipt, category).status_code == 422


def test_after_triage_or_a_pick_at_the_beginning_there_is_nothing_to_choose(client, world):
    picked = submit(client, world, category="BLD-05", text="楼上漏水")
    assert choose(client, picked, "BLD-09").status_code == 409
    vague = submit(client, world, category=None, text=VAGUE)
    triage(client, world, vague, category="CUL-02", complexity="simple")
    assert choose(client, vague, "BLD-09").status_code == 409
    stranger = dict(vague, secret="00000000")
    assert choose(client, stranger, "BLD-09").status_code == 404


def test_guesses_tell_of_the_words_so_only_their_readers_get_them(client, world):
    receipt = submit(client, world, category="NOI-01", text="楼上半夜打麻将，还听到打老婆")
    for who, reads in (("grid_head", True), ("committee_secretary", False)):
        facts = desk(client, world, who, receipt).json()["events"][0]["facts"]
        assert ({"evidence", "guesses", "alarms"} <= set(facts)) is reads


def test_thresholds_are_proposed_from_confirmed_tickets_and_a_person_accepts_them(client, world, database):
    path = "/api/v1/compounds/LHQ/thresholds"
    empty = client.get(path, headers=world.as_("grid_head")).json()
    assert (empty["samples"], empty["enough"], empty["auto"]) == (0, False, None)
    for code in world.codes.values():
        for _ in range(10):
            receipt = submit(client, world, code=code, category=None, text=SURE)
            triage(client, world, receipt)
    found = client.get(path, headers=world.as_("grid_head")).json()
    assert (found["samples"], found["enough"], found["auto"]["above"], found["auto"]["right"]) == (40, True, 40, 40)
    assert client.put(path, json={"auto": 0.7, "choose": 0.4}, headers=world.as_("grid_head")).status_code == 403
    view = client.put(path, json={"auto": 0.7, "choose": 0.4}, headers=world.as_("committee_secretary")).json()
    assert (view["settings"]["auto"], view["settings"]["choose"], view["version"]) == (0.7, 0.4, 1)
    wrong = client.put(path, json={"auto": 0.2, "choose": 0.4}, headers=world.as_("committee_secretary"))
    assert wrong.status_code == 422
