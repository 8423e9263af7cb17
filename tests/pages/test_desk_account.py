"""我的账号: changing one's password and logging out everywhere, without scripts."""

from datetime import timedelta

import pytest

from app.actions import staff as actions
from app.routers.deps import DESK_COOKIE
from tests.builders import MONDAY
from tests.pages.desk_browser import posted
from tests.pages.reading import HTML, opened, sent

PASSWORD = "a long enough password"
PAGE = "/desk/account"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def wang(database, world, client):
    """Logged in on this browser, and once by a program."""
    with database.write() as session:
        account = actions.create(session, "wang", "王芳", PASSWORD, now=MONDAY).id
        actions.log_in(session, account, now=MONDAY - timedelta(hours=2))
    posted(client, "/desk/login", username="wang", password=PASSWORD)


def test_the_name_in_the_head_leads_to_the_account_with_every_login(client, wang):
    assert PAGE in opened(client, "/desk").links
    page = opened(client, PAGE)
    assert "就是这里" in page.text
    assert "程序接口" in page.text
    assert "今天 07:00 登录" in page.text
    assert page.text.count("退出这一个") == 1


def test_one_login_is_ended_and_the_others_stay(client, wang):
    page = opened(client, PAGE)
    end = next(action for action in page.forms if action.endswith("/end") and action != f"{PAGE}/sessions/end")
    assert sent(client, page, end).headers["location"] == f"{PAGE}?ok=ended"
    after = opened(client, f"{PAGE}?ok=ended")
    assert ("已经退出" in after.text, "程序接口" in after.text) == (True, False)
    assert client.post(end, headers=HTML, follow_redirects=False).status_code == 404


def test_logging_out_everywhere_ends_this_one_too(client, wang):
    kept = client.cookies[DESK_COOKIE]
    page = opened(client, PAGE)
    assert sent(client, page, f"{PAGE}/sessions/end").headers["location"] == "/desk/login?ok=bye"
    client.cookies.set(DESK_COOKIE, kept, path="/desk")
    assert client.get(PAGE, headers=HTML, follow_redirects=False).headers["location"].startswith("/desk/login")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"new": "short", "again": "short"}, "密码至少 10 位"),
        ({"again": "something else"}, "两次输入的新密码不一样"),
        ({"new": "", "again": ""}, "这一项必须填"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_no_password_comes_back(client, wang, typed, said):
    page = opened(client, PAGE)
    fields = {"old": PASSWORD, "new": "another long password", "again": "another long password"} | typed
    answer = sent(client, page, f"{PAGE}/password", **fields)
    assert (answer.status, said in answer.text) == (422, True)
    assert not [value for value in fields.values() if value and value in answer.text]


def test_a_changed_password_is_the_one_that_counts(client, wang):
    page = opened(client, PAGE)
    done = sent(
        client, page, f"{PAGE}/password", old=PASSWORD, new="另一个足够长的密码吧", again="另一个足够长的密码吧"
    )
    assert done.headers["location"] == f"{PAGE}?ok=password"
    after = opened(client, f"{PAGE}?ok=password")
    assert ("密码改好了" in after.text, "程序接口" in after.text) == (True, False)
    posted(client, "/desk/logout")
    assert posted(client, "/desk/login", username="wang", password=PASSWORD).status_code == 401
    assert posted(client, "/desk/login", username="wang", password="另一个足够长的密码吧").status_code == 303
