"""Slips by account: two taps to accept and finish, on the same small browser."""

import io
import re

import pytest
from PIL import Image

from tests.builders import slip_of, submit, triage, verb
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import opened, sent


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_slip_is_accepted_and_finished_with_a_photo(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    page = opened(as_(client, world, "property"), "/desk/slips")
    path = next(link for link in page.links if link.startswith("/desk/slips/"))
    page = opened(client, path)
    assert "楼道灯不亮" in page.text
    done = sent(client, page, f"{path}/accept")
    assert (done.status, done.headers["location"]) == (303, f"{path}?ok=accept")
    page = opened(client, path)
    done = sent(client, page, f"{path}/done", text="灯泡换好了", photos=[("a.jpg", photo())])
    assert done.headers["location"] == f"{path}?ok=done"
    page = opened(client, path)
    assert "灯泡换好了" in page.text
    key = re.search(r"/desk/photos/([0-9a-f]{32})", page.text)[1]
    assert client.get(f"/desk/photos/{key}").headers["content-type"] == "image/jpeg"
    assert path in opened(client, "/desk/slips?which=closed").links


def test_a_slip_form_that_is_wrong_keeps_words_and_photos(client, world):
    submit(client, world)
    path = f"/desk/slips/{slip_of(client, world, 'property')['slip_no']}"
    page = opened(as_(client, world, "property"), path)
    answer = sent(client, page, f"{path}/done", text=" ", evidence="维修单 12", photos=[("a.jpg", photo())])
    assert answer.status == 422
    assert answer.forms[f"{path}/done"]["evidence"] == ["维修单 12"]
    assert "已经传好" in answer.text
    done = sent(client, answer, f"{path}/done", text="换好了")
    assert done.status == 303
    assert "/desk/photos/" in opened(client, path).text


def test_a_slip_is_given_back_with_a_reason_and_a_draft_reaches_the_desk(client, world):
    receipt = submit(client, world, category="BLD-05")
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    path = f"/desk/slips/{slip_of(client, world, 'property')['slip_no']}"
    as_(client, world, "property")
    sent(client, opened(client, path), f"{path}/accept")
    sent(client, opened(client, path), f"{path}/reply", kind="plan", text="周五修", promise_date="2027-03-05")
    as_(client, world, "grid_head")
    drafted = opened(client, at(receipt)).forms[f"{at(receipt)}/reply"]
    assert (drafted["kind"], drafted["text"], drafted["promise_date"]) == (["plan"], ["周五修"], ["2027-03-05"])
    as_(client, world, "property")
    assert sent(client, opened(client, path), f"{path}/return", reason="不是公共管道").status == 303
    assert "不是公共管道" in opened(as_(client, world, "grid_head"), at(receipt)).text


def test_a_slip_of_another_seat_is_not_there(client, world):
    submit(client, world)
    path = f"/desk/slips/{slip_of(client, world, 'property')['slip_no']}"
    assert opened(as_(client, world, "police"), path).status == 404
    assert posted(client, f"{path}/accept").status_code == 404
