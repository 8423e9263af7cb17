"""One key, one deed: whatever comes twice, at once, or again after a failure."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.actions import ticket as actions
from app.actions.once import KEPT, once
from app.errors import InvalidError, KeyReusedError
from app.models.idempotency import IdempotencyKey
from app.models.message import Message
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.schemas.ticket import SubmittedView, TicketIn
from tests.builders import MONDAY, key, secret, submit, ticket_form

TOGETHER = 8


def rows(database, model):
    with database.read() as session:
        return session.execute(select(func.count()).select_from(model).execution_options(scope="test")).scalar_one()


def sent_once(session, form, header="k" * 20, now=MONDAY):
    return once(
        session,
        "POST tickets",
        header,
        form.model_dump_json(),
        now,
        SubmittedView,
        lambda: actions.submit(session, form, device=None, now=now),
        derived=lambda answer: actions.derived_secrets(session, answer),
    )


def together(call):
    """What eight threads get that start at the same moment; errors are answers too."""
    answers, gate = [], threading.Barrier(TOGETHER)

    def run():
        gate.wait()
        try:
            answers.append(call())
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is the finding
            answers.append(error)

    threads = [threading.Thread(target=run) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_eight_sends_at_the_same_moment_make_one_ticket_and_get_one_answer(database, client, world):
    form, header = ticket_form(world), key()
    answers = together(lambda: client.post("/api/v1/tickets", json=form, headers=header))
    assert [answer.status_code for answer in answers] == [201] * TOGETHER
    assert len({answer.text for answer in answers}) == 1
    assert [rows(database, model) for model in (Ticket, Slip, Message, IdempotencyKey)] == [1, 1, 2, 1]
    receipt = answers[0].json()
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).status_code == 200


def test_eight_keys_at_the_same_moment_make_eight_tickets(database, client, world):
    form = ticket_form(world)
    answers = together(lambda: client.post("/api/v1/tickets", json=form, headers=key()))
    assert [answer.status_code for answer in answers] == [201] * TOGETHER
    assert len({answer.json()["number"] for answer in answers}) == TOGETHER
    assert len({answer.json()["secret"] for answer in answers}) == TOGETHER
    assert rows(database, Ticket) == TOGETHER


def test_eight_presses_of_a_button_without_a_key_count_once(database, client, world, time):
    receipt = submit(client, world)
    time.set(MONDAY + timedelta(hours=2))
    where = f"/api/v1/tickets/{receipt['number']}/urges"
    answers = together(lambda: client.post(where, headers=secret(receipt)))
    assert sorted(answer.status_code for answer in answers) == [201] + [429] * (TOGETHER - 1)


def test_two_people_who_triage_at_the_same_moment_do_not_both_succeed(client, world):
    receipt = submit(client, world)
    body = {"category": "BLD-09", "complexity": "simple", "redacted_text": "楼道灯不亮"}
    where = f"/api/v1/desk/tickets/{receipt['number']}/triage"
    answers = together(lambda: client.post(where, json=body, headers=world.as_("grid_head")))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (TOGETHER - 1)


def test_a_failed_action_leaves_no_key_behind_and_the_corrected_form_goes_through(database, client, world):
    header = key()
    refused = client.post("/api/v1/tickets", json=ticket_form(world, category="XXX-01"), headers=header)
    assert refused.status_code == 422
    assert rows(database, IdempotencyKey) == rows(database, Ticket) == 0
    assert client.post("/api/v1/tickets", json=ticket_form(world), headers=header).status_code == 201


def test_a_refused_verb_leaves_no_key_behind_either(database, client, world, time):
    receipt = submit(client, world)
    where, header = f"/api/v1/tickets/{receipt['number']}/urges", secret(receipt) | key()
    assert client.post(where, headers=header).status_code == 429
    time.set(MONDAY + timedelta(hours=2))
    first, second = (client.post(where, headers=header) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.json()["count"] == 1


def test_an_error_after_the_deed_takes_deed_and_key_back(database, world):
    form = TicketIn(**ticket_form(world))
    with pytest.raises(RuntimeError), database.write() as session:  # noqa: PT012 -- the unit of work is what is tested
        sent_once(session, form)
        raise RuntimeError
    assert rows(database, IdempotencyKey) == rows(database, Ticket) == 0


def test_the_stored_answer_holds_no_secret_and_nothing_readable(database, world):
    with database.write() as session:
        view = sent_once(session, TicketIn(**ticket_form(world)))
    with database.read() as session:
        row = session.execute(select(IdempotencyKey)).scalar_one()
        kept = session.vault.open(row.answer_sealed, "answer POST tickets")
    assert view.number in kept
    assert view.secret not in kept
    assert not {"secret", "url"} & set(json.loads(kept))
    assert view.number.encode() not in row.answer_sealed
    assert row.key_hash != "k" * 20


def test_a_replay_is_the_first_answer_even_when_the_ticket_has_moved_on(client, world):
    form, header = ticket_form(world), key()
    first = client.post("/api/v1/tickets", json=form, headers=header).json()
    client.post(f"/api/v1/tickets/{first['number']}/withdrawal", json={}, headers=secret(first))
    again = client.post("/api/v1/tickets", json=form, headers=header)
    assert (again.status_code, again.json()) == (201, first)


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(database, world):
    with database.write() as session:
        sent_once(session, TicketIn(**ticket_form(world)))
    with pytest.raises(KeyReusedError), database.write() as session:
        sent_once(session, TicketIn(**ticket_form(world, text="电梯坏了")))
    assert rows(database, Ticket) == 1


def test_the_same_key_under_another_scope_is_another_key(client, world):
    header = key()
    codes = list(world.codes.values())
    made = [client.post("/api/v1/tickets", json=ticket_form(world, code=code), headers=header).json() for code in codes]
    assert len({receipt["number"] for receipt in made}) == len(codes)


def test_a_key_is_forgotten_after_a_day_and_not_before(database, world):
    form = TicketIn(**ticket_form(world))

    def send(now):
        with database.write() as session:
            return sent_once(session, form, now=now).number

    first = send(MONDAY)
    assert send(MONDAY + KEPT) == first
    later = send(MONDAY + KEPT + timedelta(seconds=1))
    assert later != first
    assert rows(database, IdempotencyKey) == 1


def test_without_a_key_every_call_is_a_deed(database):
    calls = []
    with database.write() as session:
        for _ in range(2):
            once(session, "x", None, "", MONDAY, SubmittedView, lambda: calls.append(1))
    assert len(calls) == 2


def test_an_action_that_refuses_passes_its_own_error_on(database):
    def refuse():
        raise InvalidError("不行")

    with pytest.raises(InvalidError, match="不行"), database.write() as session:
        once(session, "x", "k" * 16, "", MONDAY, SubmittedView, refuse)


def test_a_replay_needs_the_right_to_do_the_deed(client, world):
    """Knowing a key and a slip's number is not enough: the answer holds what only the link's holder may read."""
    receipt = submit(client, world)
    slip = client.get("/api/v1/slips", headers=world.as_("property")).json()["items"][0]["slip_no"]
    hand_out = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip}/link"
    token = client.post(hand_out, headers=world.as_("grid_head")).json()["token"]
    header, where, body = key(), f"/api/v1/slips/{slip}/progress", {"text": "在路上"}
    first = client.post(where, json=body, headers=header | {"X-Slip-Token": token})
    assert first.status_code == 200
    assert client.post(where, json=body, headers=header | {"X-Slip-Token": token}).json() == first.json()
    assert client.post(where, json=body, headers=header | {"X-Slip-Token": "x" * 22}).status_code == 401
    client.post(hand_out, headers=world.as_("grid_head"))
    assert client.post(where, json=body, headers=header | {"X-Slip-Token": token}).status_code == 410
