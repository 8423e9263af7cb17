"""Attacks on who sees what: the accused, the curious administrator, the holder of a slip that is over."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, text

from app.models.idempotency import IdempotencyKey
from app.models.message import Message
from app.models.seat import Seat
from app.models.staff import Grant
from app.rules.vocabulary import Role
from tests.builders import MONDAY, NOTICE, desk, key, secret, slip_of, slip_verb, submit, triage, verb

PHONE = "13812345678"
CONTACT = {
    "contact": {"name": "王小明", "phone": PHONE, "room": "1201"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


def jpeg():
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG")
    return stream.getvalue()


def upload(client):
    return client.post("/api/v1/uploads", files={"file": ("a.jpg", jpeg(), "image/jpeg")}).json()["id"]


def link(client, world, receipt, slip_no):
    made = client.post(f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link", headers=world.as_("grid_head"))
    return made.json()["token"]


def view(client, world, who, slip_no):
    return client.get(f"/api/v1/slips/{slip_no}", headers=world.as_(who))


# --- slips that are over, and slips of the accused ------------------------------------------------------------------


def test_a_returned_slip_does_not_show_words_that_were_confirmed_afterwards(client, world):
    """The property returns an auto-assigned slip; triage then turns the matter into a complaint about the property."""
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    assert slip_verb(client, world, "property", slip_no, "return", reason="不归我").status_code == 200
    done = triage(client, world, receipt, category="GOV-01", complexity="complex", redacted_text="物业经理辱骂住户")
    assert done.status_code == 200, done.text
    assert desk(client, world, "property", receipt).status_code == 404
    shown = view(client, world, "property", slip_no)
    assert not {word for word in ("辱骂", "GOV-01") if word in shown.text}, shown.text


def test_a_cancelled_slip_stops_showing_the_matter(client, world):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    triage(client, world, receipt, category="GOV-01", complexity="complex", redacted_text="物业经理辱骂住户")
    assert verb(client, world, "grid_head", receipt, "assign", lead="self_mgmt_head").status_code == 200
    shown = view(client, world, "property", slip_no)
    assert not {word for word in ("辱骂", "GOV-01") if word in shown.text}, shown.text


def test_a_slip_of_a_withdrawn_matter_stops_showing_it(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt, redacted_text="楼道灯不亮")
    slip_no = slip_of(client, world, "property")["slip_no"]
    client.post(f"/api/v1/tickets/{receipt['number']}/withdrawal", headers=secret(receipt))
    assert "楼道灯不亮" not in view(client, world, "property", slip_no).text


def test_an_untaken_automatic_slip_is_called_off_when_triage_finds_a_complaint_about_its_holder(client, world):
    """No person gave the property this slip, and now it carries the complaint about them."""
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    triage(client, world, receipt, category="GOV-01", complexity="complex", redacted_text="物业经理辱骂住户")
    shown = view(client, world, "property", slip_no)
    assert "辱骂" not in shown.text, shown.text


def test_a_link_dies_with_its_slip(client, world):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    token = link(client, world, receipt, slip_no)
    slip_verb(client, world, "property", slip_no, "return", reason="不归我")
    triage(client, world, receipt, category="GOV-01", complexity="complex", redacted_text="物业经理辱骂住户")
    page = client.get(f"/slip/{token}")
    assert "辱骂" not in page.text


def test_photos_that_are_cleared_later_do_not_open_for_a_slip_that_is_over(client, world):
    photo = upload(client)
    receipt = submit(client, world, photos=[photo])
    slip_no = slip_of(client, world, "property")["slip_no"]
    token = link(client, world, receipt, slip_no)
    slip_verb(client, world, "property", slip_no, "return", reason="不归我")
    triage(client, world, receipt, category="GOV-01", complexity="complex", cleared_photos=[photo])
    assert client.get(f"/api/v1/uploads/{photo}", headers={"X-Slip-Token": token}).status_code in {404, 410}


def test_a_link_does_not_outlive_the_term_of_its_seat(client, world, database, time):
    """A term that ends takes access away that minute; the link, good for 72 hours, goes with it."""
    receipt = submit(client, world)
    triage(client, world, receipt)
    token = link(client, world, receipt, slip_of(client, world, "property")["slip_no"])
    with database.write() as session:
        session.get(Seat, world.seats[Role.PROPERTY]).ends_at = MONDAY + timedelta(hours=1)
    time.set(MONDAY + timedelta(hours=2))
    assert client.get(f"/slip/{token}").status_code == 410


def test_a_slip_of_a_shielded_emergency_does_not_give_away_the_minute_of_the_report(client, world):
    """Time on identity_shield slips: date only (§3.2)."""
    receipt = submit(client, world, category="SAF-08", text="有可疑人员在楼道")
    triage(client, world, receipt, redacted_text="有可疑人员")
    assert verb(client, world, "grid_head", receipt, "assign", lead="police").status_code == 200
    due = slip_of(client, world, "police")["due_at"]
    assert due[11:16] == "00:00", due


# --- two hats on one head -------------------------------------------------------------------------------------------


def also(database, world, username, role):
    with database.write() as session:
        session.add(Grant(account_id=world.accounts[username], seat_id=world.seats[role]))


def test_the_property_manager_who_also_sits_in_the_self_management_group_is_out_of_a_complaint_about_the_property(
    client, world, database
):
    also(database, world, "property", Role.SELF_MGMT_GROUP)
    receipt = submit(client, world, category="GOV-02", text="物业乱收停车费", **CONTACT)
    assert desk(client, world, "property", receipt).status_code == 404


def test_the_grid_head_whom_the_reporter_avoids_does_not_come_back_as_head_of_the_self_management_group(
    client, world, database
):
    also(database, world, "grid_head", Role.SELF_MGMT_HEAD)
    receipt = submit(client, world, avoid=["grid_head"], **CONTACT)
    assert desk(client, world, "grid_head", receipt).status_code == 404


def test_the_log_names_the_role_that_allowed_the_look(client, world, database):
    """Who looked, as the reporter reads it: the first role by alphabet is not the one that opened the field."""
    also(database, world, "grid_head", Role.COMMITTEE_SECRETARY)
    receipt = submit(client, world, **CONTACT)
    assert verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").status_code == 200
    looks = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["seen_log"]
    assert [look["role"] for look in looks] == ["grid_head"]


# --- the curious administrator and the curious secretary ------------------------------------------------------------


def test_an_administrator_cannot_seat_themselves_as_grid_head_and_read_tickets(client, world):
    receipt = submit(client, world, category="SVC-10", text="丈夫打老婆", **CONTACT)
    heads = {"heads": [{"role": "grid_head", "accounts": ["admin", "grid_head"]}]}
    client.put(f"/api/v1/compounds/{world.compound}/heads", json=heads, headers=world.as_("admin"))
    assert desk(client, world, "admin", receipt).status_code == 404
    told = verb(client, world, "admin", receipt, "reveal", fields=["phone"], purpose="contact")
    assert PHONE not in told.text


def test_a_secretary_cannot_seat_themselves_as_grid_head_and_read_who_reported(client, world):
    receipt = submit(client, world, **CONTACT)
    heads = {"heads": [{"role": "grid_head", "accounts": ["committee_secretary", "grid_head"]}]}
    client.put(f"/api/v1/compounds/{world.compound}/heads", json=heads, headers=world.as_("committee_secretary"))
    told = verb(client, world, "committee_secretary", receipt, "reveal", fields=["phone"], purpose="contact")
    assert PHONE not in told.text


# --- reveals before anybody gave the matter away --------------------------------------------------------------------


def test_the_property_does_not_read_a_phone_before_a_person_gave_it_the_matter(client, world):
    """BLD-05 waits for triage. Its lead is only a proposal by the leaf that the reporter tapped."""
    receipt = submit(client, world, category="BLD-05", text="楼上漏水", **CONTACT)
    assert receipt["lead"]["assigned"] is False
    told = verb(client, world, "property", receipt, "reveal", fields=["name", "phone", "room"], purpose="contact")
    assert told.status_code == 403, told.text


# --- notices --------------------------------------------------------------------------------------------------------


def told_seats(database):
    with database.read() as session:
        rows = session.execute(
            select(Message.template, Seat.role).join(Seat, Seat.id == Message.seat_id).execution_options(scope="test")
        )
        return [tuple(row) for row in rows]


def test_an_urge_does_not_tell_the_accused_side_of_a_matter_that_is_hidden_from_it(client, world, database, time):
    receipt = submit(client, world, category="GOV-02", text="物业乱收停车费")
    assert desk(client, world, "property", receipt).status_code == 404
    time.set(MONDAY + timedelta(hours=3))
    assert client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt)).status_code == 201
    assert ("urged", "property") not in told_seats(database)


def test_an_urge_does_not_tell_a_side_that_the_reporter_avoids(client, world, database, time):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水", avoid=["property"])
    time.set(MONDAY + timedelta(hours=3))
    client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt))
    assert ("urged", "property") not in told_seats(database)


def test_an_emergency_about_the_property_does_not_alert_the_property(client, world, database):
    submit(client, world, category="SAF-13", emergency=True, text="投诉物业，保安打人")
    assert not {role for template, role in told_seats(database) if template == "emergency"} & {
        "property",
        "security_captain",
    }


def test_whoever_must_triage_a_complaint_about_the_grid_head_is_told_of_it(client, world, database):
    submit(client, world, category="GOV-08", text="网格长收红包")
    assert "self_mgmt_head" in {role for _, role in told_seats(database)}


# --- pessimism ------------------------------------------------------------------------------------------------------


def test_words_added_before_triage_count_pessimistically_too(client, world):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水", **CONTACT)
    assert desk(client, world, "property", receipt).status_code == 200
    more = client.post(
        f"/api/v1/tickets/{receipt['number']}/info",
        json={"text": "我要投诉物业，物业经理骂人"},
        headers=secret(receipt),
    )
    assert more.status_code == 201
    assert desk(client, world, "property", receipt).status_code == 404


# --- redaction ------------------------------------------------------------------------------------------------------


def test_the_words_of_a_rating_are_masked_in_the_history_too(client, world):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", slip_no, "done", text="办好了")
    verb(client, world, "grid_head", receipt, "confirm", text="已核实")
    client.post(
        f"/api/v1/tickets/{receipt['number']}/rating",
        json={"solved": "yes", "stars": 5, "text": f"谢谢，我电话{PHONE}"},
        headers=secret(receipt),
    )
    for who in ("grid_head", "property", "self_mgmt_group", "committee_secretary"):
        assert PHONE not in desk(client, world, who, receipt).text, who


def test_what_is_asked_on_a_slip_shows_no_phone(client, world, database):
    """`ask` is staff-typed text: the detector masks it (§3.2), and it does not lie in plain in the database."""
    receipt = submit(client, world)
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="police", ask=f"请联系王小明{PHONE}，住1201室")
    shown = view(client, world, "police", slip_of(client, world, "police")["slip_no"])
    assert PHONE not in shown.text, shown.json()["ask"]
    with database.read() as session:
        plain = session.execute(text("SELECT ask FROM slip").execution_options(scope="test")).scalars().all()
    assert not [words for words in plain if PHONE in words]


def test_what_the_grid_head_writes_to_the_resident_is_masked_for_others_on_the_desk(client, world):
    """On a shielded matter the property sees no person, except in the confirmation."""
    receipt = submit(client, world, category="NOI-01", text="楼上太吵", kind="consult")
    triage(client, world, receipt, redacted_text="噪声")
    verb(client, world, "grid_head", receipt, "answer", text=f"已联系王小明{PHONE}")
    for who in ("property", "committee_secretary"):
        assert PHONE not in desk(client, world, who, receipt).text, who


# --- at rest --------------------------------------------------------------------------------------------------------


def test_a_copy_of_the_database_does_not_give_away_a_query_code(client, world, database, time):
    """Forty bits under a plain SHA-256 are guessed in minutes; every other secret is keyed."""
    import hashlib

    receipt = submit(client, world)
    time.set(MONDAY + timedelta(hours=3))
    assert client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt) | key()).status_code == 201
    with database.read() as session:
        kept = session.execute(select(IdempotencyKey.body_hash).execution_options(scope="test")).scalars().all()
    assert hashlib.sha256(receipt["secret"].encode()).hexdigest() not in kept


def test_the_log_of_notices_does_not_name_a_shielded_matter_and_its_stairwell(client, world, database, time, capsys):
    from app import worker
    from app.senders.console import Console

    submit(client, world, category="SVC-10", text="丈夫打老婆")
    capsys.readouterr()
    worker.deliver(database, Console())
    said = capsys.readouterr()
    assert "家暴" not in said.out + said.err, said.out


# --- nobody left ----------------------------------------------------------------------------------------------------


def test_a_second_no_leads_to_a_state_with_a_way_out(client, world):
    receipt = submit(client, world)
    for lap in range(2):
        if lap:
            verb(client, world, "grid_head", receipt, "assign", lead="property")
        slip_no = slip_of(client, world, "property")["slip_no"]
        slip_verb(client, world, "property", slip_no, "done", text="办好了")
        assert verb(client, world, "grid_head", receipt, "confirm", text="已核实").status_code == 200
        client.post(
            f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "no", "stars": 1}, headers=secret(receipt)
        )
    offered = [
        offered
        for who in ("grid_head", "self_mgmt_head", "committee_secretary", "community")
        for offered in desk(client, world, who, receipt).json().get("verbs", [])
    ]
    offered += client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["verbs"]
    assert offered


@pytest.mark.parametrize("role", ["police", "security_captain"])
def test_a_head_sees_no_ticket(client, world, role):
    receipt = submit(client, world)
    assert desk(client, world, role, receipt).status_code == 404
