"""Flooding and guessing over HTTP: exactly so many pass, the others are told when, and nobody in danger waits."""

import io
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.actions import staff as staff_actions
from app.routers.deps import DESK_COOKIE
from tests.attack.flooding import ELSEWHERE, HERE, PASSWORD, posted, token, with_mark
from tests.builders import MONDAY, key, submit, ticket_form
from tests.pages.reading import HTML, opened, sent

NEXT_DOOR = {"X-Forwarded-For": "203.0.113.99"}


def png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


# Submitting
def test_a_device_submits_five_times_a_day(client, world, time):
    with_mark(client, world)
    for hour in range(5):
        time.set(MONDAY + timedelta(hours=hour))
        assert posted(client, world).status_code == 201
    time.set(MONDAY + timedelta(hours=10))
    sixth = posted(client, world)
    assert (sixth.status_code, "明天 09:00" in sixth.json()["detail"]) == (429, True)
    time.set(MONDAY + timedelta(hours=24))
    assert posted(client, world).status_code == 201


def test_sending_the_same_thing_again_is_not_another_submission(client, world):
    with_mark(client, world)
    same = key()
    answers = [client.post("/api/v1/tickets", json=ticket_form(world), headers=same) for _ in range(4)]
    assert {answer.json()["number"] for answer in answers} == {answers[0].json()["number"]}
    assert posted(client, world).status_code == 201


def test_the_page_says_when_to_try_again_and_loses_nothing(client, world):
    page = opened(client, f"/s/{world.code}")
    for _ in range(2):
        posted(client, world)
    again = sent(client, page, f"/s/{world.code}", text="电梯里的灯坏了", spot="三楼拐角")
    assert (again.status, again.headers["retry-after"]) == (429, "601")
    assert "今天 09:10" in again.text
    form = again.forms[f"/s/{world.code}"]
    assert (form["text"], form["spot"], form["key"]) == (
        ["电梯里的灯坏了"],
        ["三楼拐角"],
        page.forms[f"/s/{world.code}"]["key"],
    )


def test_what_staff_take_down_is_never_limited(client, world):
    with_mark(client, world)
    body = ticket_form(world) | {"channel": "phone"}
    answers = [client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head") | key()) for _ in range(7)]
    assert {answer.status_code for answer in answers} == {201}


def test_the_red_button_is_not_limited_either_and_counts_for_nothing_else(client, world):
    with_mark(client, world)
    assert {posted(client, world, emergency=True).status_code for _ in range(5)} == {201}
    assert [posted(client, world).status_code for _ in range(3)] == [201, 201, 429]


def test_too_much_from_one_network_goes_through_a_slower_lane_and_is_never_refused(client, world, time):
    first = [posted(client, world, HERE) for _ in range(40)]
    assert {(answer.status_code, answer.json()["status"]) for answer in first} == {(201, "assigned")}
    slow = posted(client, world, NEXT_DOOR)
    assert (slow.status_code, slow.json()["status"]) == (201, "submitted")
    told = client.get(f"/api/v1/tickets/{slow.json()['number']}", headers={"X-Ticket-Secret": slow.json()["secret"]})
    assert told.json()["lead_note"] == "先由网格长看过，再派给负责人"
    assert posted(client, world, ELSEWHERE).json()["status"] == "assigned"
    assert posted(client, world, HERE, text="着火了", category="SAF-07").status_code == 201
    time.set(MONDAY + timedelta(hours=1))
    assert posted(client, world, HERE).json()["status"] == "assigned"


def test_a_header_of_a_stranger_does_not_change_whose_network_it_is(app, world, time):
    with TestClient(app, client=("203.0.113.7", 4711)) as stranger:
        for number in range(40):
            posted(stranger, world, {"X-Forwarded-For": f"198.51.{number}.1"})
        assert posted(stranger, world, ELSEWHERE).json()["status"] == "submitted"


# Guessing


def wrong_code(client, headers, number):
    return client.get(f"/api/v1/codes/{number:08d}", headers=headers)


def test_guessing_codes_stops_for_the_network_and_the_next_one_goes_on(client, world, time):
    assert {wrong_code(client, HERE, n).status_code for n in range(100)} == {404}
    stopped = wrong_code(client, NEXT_DOOR, 1)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "TOO_MANY")
    for path in (f"/api/v1/codes/{world.code}", f"/s/{world.code}"):  # a right one looks no different now
        assert client.get(path, headers=HERE).status_code == 429
        assert client.get(path, headers=ELSEWHERE).status_code == 200
    assert posted(client, world, HERE).status_code == 429
    assert posted(client, world, HERE, emergency=True).status_code == 201  # nobody in danger waits
    time.set(MONDAY + timedelta(minutes=10))
    assert client.get(f"/api/v1/codes/{world.code}", headers=HERE).status_code == 200


def test_guessing_codes_stops_for_the_device_wherever_it_is(client, world):
    with_mark(client, world)
    answers = [wrong_code(client, {}, n).status_code for n in range(21)]
    assert answers == [404] * 20 + [429]
    page = client.get(f"/s/{world.code}", headers=HTML)
    assert (page.status_code, "今天 09:10" in page.text) == (429, True)


def test_many_numbers_with_one_guess_each_stop_for_the_network(client, world):
    answers = [
        client.get(f"/api/v1/tickets/270301-A{n:05d}", headers=HERE | {"X-Ticket-Secret": "AAAAAAAA"}).status_code
        for n in range(61)
    ]
    assert answers == [404] * 60 + [429]


def test_a_right_query_code_is_no_guess(client, world):
    receipt = submit(client, world)
    path, right = f"/api/v1/tickets/{receipt['number']}", HERE | {"X-Ticket-Secret": receipt["secret"]}
    assert {client.get(path, headers=right).status_code for _ in range(30)} == {200}


def test_the_page_that_finds_a_matter_counts_the_same_guesses(client, world):
    receipt = submit(client, world)
    find = f"/s/{world.code}/find"
    page = opened(client, f"/s/{world.code}")
    answers = [sent(client, page, find, number=receipt["number"], secret=f"AAAAAA{n:02d}") for n in range(11)]
    assert [answer.status for answer in answers] == [422] * 10 + [429]
    assert "今天 10:00" in answers[-1].text
    assert answers[-1].forms[find]["number"] == [receipt["number"]]
    right = sent(client, page, find, number=receipt["number"], secret=receipt["secret"])
    assert right.status == 429


def test_a_photo_is_no_way_round_the_limit_on_query_codes(client, world):
    photo = client.post("/api/v1/uploads", files={"file": ("a.png", png(), "image/png")}).json()["id"]
    receipt = submit(client, world, photos=[photo])
    wrong = [
        client.get(f"/api/v1/uploads/{photo}", headers={"X-Ticket-Secret": f"AAAAAA{n:02d}"}).status_code
        for n in range(11)
    ]
    assert wrong == [404] * 10 + [429]
    right = client.get(f"/api/v1/uploads/{photo}", headers={"X-Ticket-Secret": receipt["secret"]})
    assert right.status_code == 429


# Logging in


def test_right_passwords_are_not_counted(client, world, wang, quick):
    assert {token(client, "wang", PASSWORD).status_code for _ in range(15)} == {200}


def test_one_network_that_tries_many_names_is_stopped(client, world, quick):
    answers = [token(client, f"name{n}", "wrong").status_code for n in range(61)]
    assert answers == [401] * 60 + [429]
    assert token(client, "name99", "wrong", ELSEWHERE).status_code == 401


def test_a_stranger_who_guesses_at_a_name_does_not_shut_its_owner_out(client, world, wang, quick):
    right = {"username": "wang", "password": PASSWORD}
    first = client.post("/desk/login", data=right, headers=HTML | HERE, follow_redirects=False)
    assert first.status_code == 303
    for _ in range(11):
        token(client, "wang", "wrong", ELSEWHERE)
    del client.cookies[DESK_COOKIE]
    again = client.post("/desk/login", data=right, headers=HTML | HERE, follow_redirects=False)
    assert again.status_code == 303
    client.cookies.clear()
    refused = client.post("/desk/login", data=right, headers=HTML | HERE, follow_redirects=False)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "901")
    assert "今天 09:15" in refused.text
    assert 'value="wang"' in refused.text


@pytest.mark.parametrize("name", ["wang", "nobody", "grid_head"])  # the last one has never been given a password
def test_a_wrong_name_takes_as_long_as_a_wrong_password(client, world, wang, monkeypatch, name):
    hashed, verify = [], staff_actions._hasher.verify

    class Watched:
        def verify(self, password, stored):
            outcome = verify(password, stored)  # raises where there is nothing to compare with
            hashed.append(stored)
            return outcome

    monkeypatch.setattr(staff_actions, "_hasher", Watched())
    assert token(client, name, "wrong").status_code == 401
    assert len(hashed) == 1
    assert hashed[0].startswith("$argon2")


# Photos


def test_a_device_uploads_sixty_photos_an_hour(client, world, time, monkeypatch):
    from app.actions import photo as photo_actions

    monkeypatch.setattr(photo_actions, "reencode", lambda _: (b"jpeg", 8, 8))
    with_mark(client, world)
    files = {"file": ("a.png", b"-", "image/png")}
    answers = [client.post("/api/v1/uploads", files=files) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [201] * 60 + [429]
    assert "今天 10:00" in answers[-1].json()["detail"]


def test_a_form_with_one_photo_too_many_keeps_its_words_and_can_be_sent_without(client, world, monkeypatch):
    from app.rules import limits

    monkeypatch.setitem(limits.LIMITS, limits.Limited.UPLOAD_DEVICE, (limits.Window(1, timedelta(hours=1)),))
    page = opened(client, f"/s/{world.code}")
    again = sent(client, page, f"/s/{world.code}", [("a.png", png()), ("b.png", png())], text="灯坏了")
    assert again.status == 422
    assert "照片传得太多了，今天 10:00 后可以再传" in again.text
    form = again.forms[f"/s/{world.code}"]
    assert (form["text"], len(form["kept"])) == (["灯坏了"], 1)
    assert sent(client, again, f"/s/{world.code}").status == 303
