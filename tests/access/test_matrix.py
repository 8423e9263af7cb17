"""Who sees which field of which ticket: every role on every kind of ticket, with canaries planted in every field."""

import io

import pytest
from PIL import Image

from app.rules.vocabulary import Role
from app.schemas.desk import DeskTicket, QueueItem
from tests.builders import NOTICE, build_world, desk, slip_of, submit, triage, verb

NAME, PHONE, DOOR, SAID_PHONE, SPOT_PHONE = "欧阳金丝雀", "13911112222", "1987室", "13855556666", "13777778888"
CANARIES = (NAME, PHONE, DOOR, SAID_PHONE, SPOT_PHONE)

STATE = {
    "number", "status", "kind", "channel", "category", "complexity", "promise", "submitted_at", "due_at", "triaged",
    "lead", "co", "escalated_to", "verbs",
}  # fmt: skip
PLACE = {"place"}
RAW = {"text", "findings", "spot", "suggestions"}
REDACTED = {"redacted_text", "photos"}
PERSON = {"contact"}
PROXY = {"proxy"}
INSIDE = {"lead_note", "slips", "draft_reply", "clocks", "events", "calls", "rights", "routing"}
JUDGED = {"urges", "rating"}

SIDE_FULL = STATE | PLACE | RAW | REDACTED | PERSON | INSIDE | JUDGED
GRID_FULL = SIDE_FULL | PROXY
SIDE_SHIELDED = STATE | REDACTED | INSIDE | JUDGED
SECRETARY = STATE | PLACE | REDACTED | INSIDE | JUDGED
COMMUNITY = STATE | PLACE | {"urges"}
SIDES = (Role.PROPERTY, Role.SELF_MGMT_HEAD, Role.SELF_MGMT_GROUP)

# What each role gets of each kind of ticket; a role that is not named gets the 404 of something that is not there.
EXPECTED = {
    "public": {
        Role.GRID_HEAD: GRID_FULL,
        **dict.fromkeys(SIDES, SIDE_FULL),
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
    "private and shielded": {
        Role.GRID_HEAD: GRID_FULL,
        **dict.fromkeys(SIDES, SIDE_SHIELDED),
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
    "about the property": {
        Role.GRID_HEAD: GRID_FULL,
        Role.SELF_MGMT_HEAD: SIDE_SHIELDED | PLACE,
        Role.SELF_MGMT_GROUP: SIDE_SHIELDED | PLACE,
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
    "about the self-management group": {
        Role.GRID_HEAD: GRID_FULL,
        Role.PROPERTY: SIDE_SHIELDED | PLACE,
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
    "about a handler": {
        Role.SELF_MGMT_HEAD: GRID_FULL,  # stands in for the grid head, who is taken out
        Role.SELF_MGMT_GROUP: SIDE_SHIELDED | PLACE,
        Role.PROPERTY: SIDE_SHIELDED | PLACE,
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
    "the property avoided": {
        Role.GRID_HEAD: GRID_FULL,
        Role.SELF_MGMT_HEAD: SIDE_FULL,
        Role.SELF_MGMT_GROUP: SIDE_FULL,
        Role.COMMITTEE_SECRETARY: SECRETARY,
        Role.COMMUNITY: COMMUNITY,
    },
}
FORMS = {
    "public": {"category": "BLD-02", "text": f"电梯停了，打{SAID_PHONE}找我"},
    "private and shielded": {"category": "NOI-01", "text": f"楼上半夜吵闹，打{SAID_PHONE}找我"},
    "about the property": {"category": "GOV-01", "text": f"报修没人管，打{SAID_PHONE}找我"},
    "about the self-management group": {"category": "GOV-05", "text": f"选举不公开，打{SAID_PHONE}找我"},
    "about a handler": {"category": "GOV-08", "text": f"推来推去，打{SAID_PHONE}找我"},
    "the property avoided": {"category": "BLD-02", "text": f"电梯停了，打{SAID_PHONE}找我", "avoid": ["property"]},
}


def plant(client, world, kind):
    photo = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(photo, "JPEG")
    uploaded = client.post("/api/v1/uploads", files={"file": ("a.jpg", photo.getvalue(), "image/jpeg")}).json()
    return submit(
        client,
        world,
        spot=f"门口，电话{SPOT_PHONE}",
        photos=[uploaded["id"]],
        contact={"name": NAME, "phone": PHONE, "room": DOOR},
        consent={"notice_version": NOTICE, "contact": True},
        **FORMS[kind],
    )


@pytest.fixture
def database(sqlite_database):
    """The matrix is the same code on both databases; journeys run on both."""
    return sqlite_database


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_role_gets_exactly_its_fields_and_no_canary(client, world, kind):
    receipt = plant(client, world, kind)
    for role in Role:
        answer = desk(client, world, role, receipt)
        expected = EXPECTED[kind].get(role)
        if expected is None:
            assert (role, answer.status_code, answer.json()["code"]) == (role, 404, "NOT_FOUND")
        else:
            assert (role, set(answer.json())) == (role, expected)
        assert not [canary for canary in CANARIES if canary in answer.text], role


def test_the_words_that_a_guess_was_made_from_are_for_readers_of_raw_text_only(client, world):
    receipt = submit(client, world, category="NOI-01", text="楼上半夜打麻将，还听到打老婆")
    assert "打老婆" in desk(client, world, "grid_head", receipt).text
    for role in (*SIDES, Role.COMMITTEE_SECRETARY, Role.COMMUNITY):
        shown = desk(client, world, role, receipt)
        assert (role, shown.status_code, "打老婆" in shown.text, "麻将" in shown.text) == (role, 200, False, False)


@pytest.mark.parametrize("kind", EXPECTED)
def test_lists_counts_and_searches_obey_the_same_rows(client, world, kind):
    receipt = plant(client, world, kind)
    triage_by = "self_mgmt_head" if kind == "about a handler" else "grid_head"
    assert triage(client, world, receipt, triage_by, redacted_text="请尽快处理蓝色的门").status_code == 200
    for role in Role:
        seen = role in EXPECTED[kind] and not (kind == "about the property" and role is Role.PROPERTY)
        for params in ({}, {"category": FORMS[kind]["category"]}, {"q": receipt["number"]}, {"overdue": "false"}):
            answer = client.get("/api/v1/desk/tickets", params=params, headers=world.as_(role))
            assert (role, params, len(answer.json()["items"])) == (role, params, int(seen))
            assert not [canary for canary in CANARIES if canary in answer.text], role
        by_text = client.get("/api/v1/desk/tickets", params={"q": "蓝色的门"}, headers=world.as_(role)).json()["items"]
        assert (role, len(by_text)) == (role, int(seen and role is not Role.COMMUNITY))


def test_what_was_guessed_before_triage_hides_until_a_person_decides(client, world):
    receipt = submit(client, world, category="BLD-09", text="路灯坏了，物业电话没人接，报修没人管，物业不管")
    assert desk(client, world, "property", receipt).status_code == 404
    triage(client, world, receipt, category="BLD-09", complexity="simple")
    assert desk(client, world, "property", receipt).status_code == 200


def test_a_change_of_category_takes_the_accused_side_out_at_once(client, world):
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收")
    assert desk(client, world, "property", receipt).status_code == 200
    triage(client, world, receipt, category="GOV-01", complexity="complex")
    assert desk(client, world, "property", receipt).status_code == 404
    assert client.get("/api/v1/desk/tickets", headers=world.as_("property")).json()["items"] == []


def test_another_compound_sees_nothing(client, world, database):
    other = build_world(database, compound="QTY", name="清泰苑")
    receipt = plant(client, world, "public")
    for username in other.tokens:
        assert desk(client, other, username, receipt).status_code == 404
        assert client.get("/api/v1/desk/tickets", headers=other.as_(username)).json()["items"] == []


def test_invisible_and_absent_are_the_same_answer_apart_from_the_request_id(client, world):
    receipt = plant(client, world, "about the property")
    hidden = desk(client, world, "property", receipt)
    absent = desk(client, world, "property", {"number": "270301-000000"})
    strip = lambda answer: {k: v for k, v in answer.json().items() if k != "request_id"}  # noqa: E731
    assert (hidden.status_code, strip(hidden)) == (absent.status_code, strip(absent))
    assert set(hidden.headers) == set(absent.headers)


def test_slips_carry_no_person_before_and_after_triage(client, world):
    receipt = plant(client, world, "public")
    slip = slip_of(client, world, "property")
    path = f"/api/v1/slips/{slip['slip_no']}"
    for _ in range(2):
        shown = client.get(path, headers=world.as_("property"))
        assert not [canary for canary in CANARIES if canary in shown.text]
        assert receipt["number"] not in shown.text
        triage(client, world, receipt, redacted_text="电梯停运")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_a_slip_is_seen_by_its_own_seat_and_the_grid_head_only(client, world, role):
    submit(client, world)
    slip = slip_of(client, world, "property")
    answer = client.get(f"/api/v1/slips/{slip['slip_no']}", headers=world.as_(role))
    assert answer.status_code == (200 if role in {Role.PROPERTY, Role.GRID_HEAD} else 404)


REVEALS = {
    "public": {Role.GRID_HEAD, Role.PROPERTY},  # the property leads it
    "private and shielded": {Role.GRID_HEAD},
    "about the property": {Role.GRID_HEAD},
    "about a handler": {Role.SELF_MGMT_HEAD},
}


@pytest.mark.parametrize("kind", REVEALS)
def test_plain_values_come_only_by_a_reveal_of_those_who_may_and_every_try_is_logged(client, world, kind):
    receipt = plant(client, world, kind)
    for role in Role:
        fields = ["name", "phone", "room", "text", "photos"]
        answer = verb(client, world, role, receipt, "reveal", fields=fields, purpose="contact")
        if role in REVEALS[kind]:
            assert (role, answer.json()["name"], answer.json()["phone"], answer.json()["room"]) == (
                role,
                NAME,
                PHONE,
                DOOR,
            )
            assert SAID_PHONE in answer.json()["text"]
            picture = client.get(answer.json()["photos"][0])
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
            assert client.get(answer.json()["photos"][0].split("?")[0]).status_code == 404
        else:
            assert (role, answer.status_code) == (role, 403 if role in EXPECTED[kind] else 404)
            assert not [canary for canary in CANARIES if canary in answer.text]
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers={"X-Ticket-Secret": receipt["secret"]}).json()
    assert {line["role"] for line in mine["seen_log"]} == set(REVEALS[kind])


def test_every_field_of_the_desks_views_has_a_row_here():
    """A new field fails this test until somebody has decided who may see it."""
    assert set(DeskTicket.model_fields) == GRID_FULL
    known = {
        "number",
        "status",
        "category",
        "complexity",
        "place",
        "due_at",
        "overdue",
        "submitted_at",
        "lead",
        "urges",
    }
    assert set(QueueItem.model_fields) == known | {"triaged", "summary"}


def test_a_term_that_ends_takes_access_away_that_minute(client, world, database, time):
    from datetime import timedelta

    from app.models.seat import Seat

    receipt = plant(client, world, "public")
    with database.write() as session:
        session.get(Seat, world.seats["grid_head"]).ends_at = time.at + timedelta(minutes=1)
    assert desk(client, world, "grid_head", receipt).status_code == 200
    time.set(time.at + timedelta(minutes=1))
    assert desk(client, world, "grid_head", receipt).status_code == 404
    assert client.get("/api/v1/auth/me", headers=world.as_("grid_head")).json()["grants"] == []
