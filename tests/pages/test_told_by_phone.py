"""After an answer the desk says how the resident gets to know it: by itself, or because somebody rings up."""

import pytest

from tests.builders import phoned, submit, triage, verb
from tests.pages.desk_browser import as_
from tests.pages.reading import opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.mark.parametrize(
    ("by_phone", "said", "unsaid"),
    [
        (True, "明确答复已存好。对方不用手机看，请打电话告知。", "已发给居民"),
        (False, "明确答复已发给居民。", "请打电话告知"),
    ],
)
def test_whoever_reported_by_telephone_is_rung_up_and_the_desk_says_so(client, world, by_phone, said, unsaid):
    make = phoned if by_phone else submit
    receipt = make(client, world, category="BLD-05", text="楼上漏水到厨房") | {
        "category": {"code": "BLD-05"},
        "complexity": "complex",
    }
    triage(client, world, receipt, redacted_text="楼上漏水到厨房")
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    done = verb(client, world, "grid_head", receipt, "reply", kind="result", text="水管换好了，请您看看")
    assert done.status_code == 200, done.text
    page = opened(as_(client, world, "grid_head"), f"/desk/tickets/{receipt['number']}?ok=reply")
    assert said in page.text
    assert unsaid not in page.text
    assert ("/desk/calls" in page.text.split("请打电话告知")[-1][:60]) == by_phone
