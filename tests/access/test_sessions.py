"""Logins of staff: how long they live, what ends them, and how seldom their use is written down."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app import access
from app.access import StaffKey
from app.actions import staff as actions
from app.errors import UnauthorisedError
from app.models.staff import Account, StaffToken
from tests.builders import MONDAY

PASSWORD = "a long enough password"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def wang(database, world):
    with database.write() as session:
        return actions.create(session, "wang", "王芳", PASSWORD, now=MONDAY).id


def logged_in(database, account, *, now=MONDAY, lives=None):
    """A token; with `lives`, one that would be good for longer than ours are."""
    with database.write() as session:
        token = actions.log_in(session, account, now=now).access_token
        if lives:
            session.flush()
            row = session.execute(select(StaffToken).order_by(StaffToken.id.desc()).limit(1)).scalar_one()
            row.expires_at = now + lives
    return token


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def opens(database, token, now):
    with database.read() as session:
        try:
            access.staff(session, StaffKey(token), now)
        except UnauthorisedError:
            return False
    return True


def last_used(database, account):
    with database.read() as session:
        rows = session.execute(select(StaffToken).where(StaffToken.account_id == account).order_by(StaffToken.id))
        return [row.last_used_at for row in rows.scalars()]


def test_a_login_ends_twelve_hours_after_its_last_use(database, wang, client, time):
    token = logged_in(database, wang, lives=timedelta(days=9))
    for hours in (11, 22, 33):  # used again in time, it goes on
        time.set(MONDAY + HOUR * hours)
        assert client.get("/api/v1/auth/me", headers=bearer(token)).status_code == 200
    assert opens(database, token, MONDAY + HOUR * 45 - MINUTE)
    assert not opens(database, token, MONDAY + HOUR * 45)


def test_a_login_ends_twelve_hours_after_it_began_however_much_it_is_used(database, wang, client, time):
    token = logged_in(database, wang)
    time.set(MONDAY + HOUR * 11)
    assert client.get("/api/v1/auth/me", headers=bearer(token)).status_code == 200
    time.set(MONDAY + HOUR * 12)
    assert client.get("/api/v1/auth/me", headers=bearer(token)).status_code == 401


def test_looking_at_pages_is_written_down_at_most_once_a_minute(database, wang, client, time):
    token, begun = logged_in(database, wang), []

    @event.listens_for(database.engine, "before_cursor_execute")
    def statement(_connection, _cursor, text, *_):
        begun.extend([text] if text.startswith("UPDATE stafftoken") else [])

    for seconds in range(0, 180, 10):
        time.set(MONDAY + timedelta(seconds=seconds))
        assert client.get("/api/v1/auth/me", headers=bearer(token)).status_code == 200
    assert last_used(database, wang) == [MONDAY + 2 * MINUTE]
    assert len(begun) == 2


def test_a_wrong_token_writes_nothing(database, wang, client, time):
    logged_in(database, wang)
    time.set(MONDAY + 5 * MINUTE)
    assert client.get("/api/v1/auth/me", headers=bearer("not a token")).status_code == 401
    assert last_used(database, wang) == [MONDAY]


def test_use_on_the_desk_and_by_slips_counts_too(database, wang, client, time):
    token = logged_in(database, wang)
    time.set(MONDAY + 2 * MINUTE)
    client.get("/desk/account", headers={"Cookie": f"mq_desk={token}"})
    assert last_used(database, wang) == [MONDAY + 2 * MINUTE]
    time.set(MONDAY + 4 * MINUTE)
    client.get("/api/v1/slips/AAAA", headers=bearer(token))
    assert last_used(database, wang) == [MONDAY + 2 * MINUTE]  # what was refused was no use
    client.get("/api/v1/slips", headers=bearer(token))
    assert last_used(database, wang) == [MONDAY + 4 * MINUTE]


def test_one_sees_where_one_is_logged_in_and_logs_out_everywhere(database, wang, client):
    tokens = [logged_in(database, wang) for _ in range(3)]
    listed = client.get("/api/v1/auth/sessions", headers=bearer(tokens[1])).json()["items"]
    assert [one["current"] for one in listed] == [False, True, False]
    assert client.delete("/api/v1/auth/sessions", headers=bearer(tokens[1])).status_code == 204
    assert {client.get("/api/v1/auth/me", headers=bearer(token)).status_code for token in tokens} == {401}


def test_a_new_password_needs_the_old_one_and_ends_every_other_login(database, wang, client):
    here, there = logged_in(database, wang), logged_in(database, wang)

    def change(old, new):
        return client.put("/api/v1/auth/password", json={"old": old, "new": new}, headers=bearer(here))

    wrong = change("not this one", "another long password")
    assert (wrong.status_code, [one["field"] for one in wrong.json()["errors"]]) == (422, ["old"])
    short = change(PASSWORD, "short")
    assert (short.status_code, [one["field"] for one in short.json()["errors"]]) == (422, ["new"])
    assert change(PASSWORD, "another long password").status_code == 204
    assert client.get("/api/v1/auth/me", headers=bearer(here)).status_code == 200
    assert client.get("/api/v1/auth/me", headers=bearer(there)).status_code == 401
    form = {"username": "wang", "password": PASSWORD}
    assert client.post("/api/v1/auth/token", data=form).status_code == 401
    assert client.post("/api/v1/auth/token", data=form | {"password": "another long password"}).status_code == 200


def test_the_old_password_cannot_be_guessed_in_a_stolen_session(database, wang, client):
    token = logged_in(database, wang)
    body = {"old": "a guess", "new": "another long password"}
    answers = [client.put("/api/v1/auth/password", json=body, headers=bearer(token)).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_disabled_account_is_out_at_once_and_stays_in_the_history(database, wang, client):
    token = logged_in(database, wang)
    with database.write() as session:
        assert actions.disable(session, wang, now=MONDAY) == 1
    assert client.get("/api/v1/auth/me", headers=bearer(token)).status_code == 401
    assert client.post("/api/v1/auth/token", data={"username": "wang", "password": PASSWORD}).status_code == 401
    with database.read() as session:
        assert session.get(Account, wang).name == "王芳"
