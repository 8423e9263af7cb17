"""Logging in to the desk: the cookie, where it leads, and what it never does."""

import pytest

from app.actions import staff as accounts
from app.routers.deps import DESK_COOKIE
from tests.builders import MONDAY, submit
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import HTML, opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_whoever_is_not_logged_in_is_asked_to_and_comes_back_to_the_page_they_wanted(client, world):
    answer = client.get("/desk/tickets/270301-AAAAAA", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login?next=/desk/tickets/270301-AAAAAA")
    assert 'value="/desk/tickets/270301-AAAAAA"' in opened(client, answer.headers["location"]).text


def test_a_login_sets_a_cookie_that_scripts_cannot_read_and_goes_on_to_the_page_wanted(client, database, world):
    with database.write() as session:
        accounts.create(session, "wangfang", "王芳", "a long enough password", now=MONDAY)
    answer = posted(client, "/desk/login", username="wangfang", password="a long enough password", next="/desk/slips")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/slips")
    cookie = answer.headers["set-cookie"].lower()
    assert DESK_COOKIE in cookie
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/desk", "max-age=43200"))
    assert "王芳" in opened(client, "/desk/slips").text


def test_a_wrong_password_says_so_once_and_keeps_the_user_name(client, database, world):
    with database.write() as session:
        accounts.create(session, "wangfang", "王芳", "a long enough password", now=MONDAY)
    answer = posted(client, "/desk/login", username="wangfang", password="wrong")
    assert answer.status_code == 401
    assert answer.text.count("用户名或密码不对") == 1
    assert 'value="wangfang"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/desk", "//evil.example", "/desk\\@evil.example", "/desktop", "/s/1", "/desk/\r\nx", ""],
)
def test_a_login_never_leads_away_from_the_desk(client, database, world, wanted):
    with database.write() as session:
        accounts.create(session, "wangfang", "王芳", "a long enough password", now=MONDAY)
    answer = posted(client, "/desk/login", username="wangfang", password="a long enough password", next=wanted)
    assert answer.headers["location"] == "/desk"


def test_after_logging_out_the_old_cookie_opens_nothing(client, world):
    as_(client, world, "grid_head")
    answer = posted(client, "/desk/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login?ok=bye")
    as_(client, world, "grid_head")
    assert client.get("/desk", headers=HTML, follow_redirects=False).headers["location"].startswith("/desk/login")


def test_a_form_of_another_site_is_refused(client, world):
    receipt = submit(client, world)
    as_(client, world, "grid_head")
    answer = client.post(
        f"{at(receipt)}/reject",
        data={"reason": "test_or_empty", "text": "x"},
        headers=HTML | {"sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403
