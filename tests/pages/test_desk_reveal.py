"""Plain values: shown once, logged, and to nobody else."""

import io
import re

import pytest
from PIL import Image

from tests.builders import submit
from tests.pages.desk_browser import CONTACT, as_, at, posted
from tests.pages.reading import HTML, Page, opened, sent


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG")
    return out.getvalue()


def reveal_of(page) -> str:
    return next(action for action in page.forms if action.endswith("/reveal#reveal"))


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_plain_values_are_shown_on_one_answer_and_the_reporter_can_read_who_looked(client, world):
    receipt = submit(client, world, category="BLD-05", text="我叫李梅，厨房漏水", **CONTACT)
    page = opened(as_(client, world, "grid_head"), at(receipt))
    assert "138****5678" in page.text
    assert "每次查看都会记下" in page.text
    answer = sent(client, page, reveal_of(page), fields=["name", "phone", "room", "text"], purpose="contact")
    assert answer.status == 200
    assert all(word in answer.text for word in ("李梅", "13812345678", "1402", "我叫李梅，厨房漏水"))
    assert answer.headers["cache-control"] == "no-store"
    again = re.sub(r"[0-9a-f]{12,}", "", opened(client, at(receipt)).text)  # keys and digests may hold any digits
    assert not any(word in again for word in ("李梅", "13812345678", "1402"))
    seen = client.get(f"/api/v1/tickets/{receipt['number']}", headers={"X-Ticket-Secret": receipt["secret"]}).json()
    assert [look["role"] for look in seen["seen_log"]] == ["grid_head"]


def test_a_look_without_a_purpose_is_refused_and_shows_nothing(client, world):
    receipt = submit(client, world, category="BLD-05", **CONTACT)
    page = opened(as_(client, world, "grid_head"), at(receipt))
    answer = sent(client, page, reveal_of(page), fields=["phone"])
    assert answer.status == 422
    assert "13812345678" not in answer.text


def test_a_side_that_does_not_lead_may_not_look_and_is_told_why(client, world):
    receipt = submit(client, world, category="BLD-05", **CONTACT)
    answer = posted(as_(client, world, "self_mgmt_head"), f"{at(receipt)}/reveal", fields="phone", purpose="contact")
    assert answer.status_code == 403
    assert "可以查看明文" in answer.text
    assert "13812345678" not in answer.text


def test_photos_opened_while_triaging_leave_what_was_typed(client, world):
    key = client.post("/api/v1/uploads", files={"file": ("a.jpg", photo(), "image/jpeg")}).json()["id"]
    receipt = submit(client, world, category="BLD-05", photos=[key])
    page = opened(as_(client, world, "grid_head"), at(receipt))
    assert f"/api/v1/uploads/{key}" not in page.text
    typed = page.forms[f"{at(receipt)}/triage"] | {"fields": ["photos"], "redacted_text": ["写到一半"]}
    answer = Page(posted(client, f"{at(receipt)}/reveal", **typed))
    assert answer.status == 200
    assert answer.forms[f"{at(receipt)}/triage"]["redacted_text"] == ["写到一半"]
    address = re.search(rf'src="(/api/v1/uploads/{key}\?pass=\w+)"', answer.text)[1]
    assert client.get(address).headers["content-type"] == "image/jpeg"
    assert client.get(f"/desk/photos/{key}", headers=HTML).status_code == 404
    assert sent(client, answer, f"{at(receipt)}/triage", cleared_photos=[key]).status == 303
    assert client.get(f"/desk/photos/{key}", headers=HTML).headers["content-type"] == "image/jpeg"


def test_a_viewer_who_may_not_have_a_field_finds_nothing_of_it_on_the_page(client, world):
    receipt = submit(client, world, category="NOI-01", text="楼上拖椅子很吵", **CONTACT)
    page = opened(as_(client, world, "community"), at(receipt))
    assert page.status == 200
    assert not any(word in page.text for word in ("拖椅子", "138****5678", "联系居民"))
    assert set(page.forms) == {"/desk/logout"}


def test_a_ticket_about_the_property_is_not_there_for_the_property(client, world):
    receipt = submit(client, world, category="GOV-01", text="物业态度差")
    assert opened(as_(client, world, "property"), at(receipt)).status == 404
