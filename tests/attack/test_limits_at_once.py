"""Flooding and guessing on both databases, many at once: exactly as many pass as the limit says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from app.actions import staff as staff_actions
from app.models.message import Message
from app.models.ticket import Ticket
from tests.attack.flooding import ELSEWHERE, HERE, PASSWORD, count, posted, token, with_mark
from tests.builders import MONDAY, submit


def test_a_device_submits_twice_in_ten_minutes_and_is_told_when_it_may_go_on(client, world, time):
    with_mark(client, world)
    assert [posted(client, world).status_code for _ in range(2)] == [201, 201]
    third = posted(client, world)
    assert (third.status_code, third.json()["code"], third.headers["retry-after"]) == (429, "TOO_MANY", "601")
    assert "今天 09:10" in third.json()["detail"]
    assert third.json()["next_at"] == "2027-03-01T09:10:00+08:00"
    assert posted(client, world, code=world.codes["2幢1单元"]).status_code == 201  # another stairwell
    time.set(MONDAY + timedelta(minutes=10))
    assert posted(client, world).status_code == 201


def test_of_eight_submissions_at_once_exactly_two_pass(client, world, database):
    with_mark(client, world)
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda _: posted(client, world).status_code, range(8)))
    assert codes == [201, 201] + [429] * 6
    assert count(database, Ticket) == 2


def test_an_emergency_is_never_refused_and_rings_once_in_ten_minutes(client, world, database, time):
    with_mark(client, world)
    ringing = Message.template == "emergency"
    for _ in range(8):
        assert posted(client, world, text="电梯里关了人", category="BLD-01").status_code == 201
    once = count(database, Message, ringing)
    assert once >= 2  # the grid head, and the leaf's own owners
    assert count(database, Ticket) == 8
    assert count(database, Message, Message.template == "submitted") == 7  # the grid head still hears of each
    posted(client, world, text="着火了", category="SAF-07")
    assert count(database, Message, ringing) > once  # something else rings
    before = count(database, Message, ringing)
    time.set(MONDAY + timedelta(minutes=10))
    posted(client, world, text="电梯里关了人", category="BLD-01")
    assert count(database, Message, ringing) == before + once


def test_wrong_query_codes_stop_alike_whether_or_not_there_is_such_a_ticket(client, world, time):
    receipt = submit(client, world)
    seen = {}
    for number in (receipt["number"], "270301-AAAAAA"):
        answers = [
            client.get(f"/api/v1/tickets/{number}", headers=HERE | {"X-Ticket-Secret": f"AAAAAA{n:02d}"})
            for n in range(12)
        ]
        seen[number] = [(a.status_code, a.headers.get("retry-after"), {**a.json(), "request_id": ""}) for a in answers]
    real, made_up = seen.values()
    assert [status for status, *_ in real] == [404] * 10 + [429, 429]
    assert real == made_up
    right = {"X-Ticket-Secret": receipt["secret"]}
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=HERE | right).status_code == 429
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=ELSEWHERE | right).status_code == 200
    assert client.get(receipt["url"].removeprefix("http://testserver"), headers=HERE).status_code == 200
    time.set(MONDAY + timedelta(hours=1))
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=HERE | right).status_code == 200


def test_of_thirty_wrong_query_codes_at_once_ten_are_answered(client, world):
    receipt = submit(client, world)

    def guess(n):
        headers = HERE | {"X-Ticket-Secret": f"AAAAAA{n:02d}"}
        return client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(guess, range(30)))
    assert codes == [404] * 10 + [429] * 20


def test_wrong_passwords_stop_alike_whether_or_not_there_is_such_a_name(client, world, wang, quick, time):
    seen = {}
    for name in ("wang", "nobody"):
        answers = [token(client, name, "wrong") for _ in range(11)]
        seen[name] = [
            (a.status_code, a.json()["code"], a.json()["detail"], a.headers.get("retry-after")) for a in answers
        ]
    assert seen["wang"] == seen["nobody"]
    assert [status for status, *_ in seen["wang"]] == [401] * 10 + [429]
    assert token(client, "wang", PASSWORD).status_code == 429
    assert token(client, "wang", PASSWORD, ELSEWHERE).status_code == 429  # the name is what is guessed at
    time.set(MONDAY + timedelta(minutes=15))
    assert token(client, "wang", PASSWORD).status_code == 200


def test_of_thirty_wrong_passwords_at_once_ten_are_tried(client, world, wang, monkeypatch):
    tried = []

    class Counting:
        def verify(self, password, _hash):
            tried.append(password)
            return False

    monkeypatch.setattr(staff_actions, "_hasher", Counting())
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda n: token(client, "wang", f"wrong {n}").status_code, range(30)))
    assert codes == [401] * 10 + [429] * 20
    assert len(tried) == 10
