"""One phone in a household: what its list does not tell whoever picks it up next."""

import pytest

from tests.attack.test_what_it_became import becomes_a_complaint
from tests.builders import slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import as_
from tests.pages.reading import HTML


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def on_the_page(client, world, **fields):
    """Reported on the page behind the code, as a phone does; the page as the next person opens it."""
    client.get(f"/s/{world.code}")
    sent = client.post(f"/s/{world.code}", data=fields, headers=HTML, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"], client.get(f"/s/{world.code}").text


def test_a_usual_matter_is_in_the_list_of_the_phone(client, world):
    receipt, page = on_the_page(client, world, text="楼道灯坏了", category="BLD-09")
    assert receipt.split("?")[0] in page


@pytest.mark.parametrize(
    "said",
    [
        {"text": "他又动手了", "category": "SVC-10"},
        {"text": "楼上打老婆，孩子在哭", "category": "SVC-10"},
        {"text": "楼上打老婆，孩子在哭"},
    ],
)
def test_violence_at_home_is_in_no_list_of_a_phone_that_others_may_pick_up(client, world, said):
    receipt, page = on_the_page(client, world, **said)
    assert receipt.split("?")[0] not in page
    assert client.get(receipt, headers=HTML).status_code == 200, "whoever has the link follows it as ever"


def test_a_guess_that_a_person_has_put_right_is_listed_again(client, world):
    receipt, _ = on_the_page(client, world, text="楼上打老婆，孩子在哭")
    number = client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"][0]["number"]
    changed = verb(client, world, "grid_head", {"number": number}, "triage", category="NOI-01", complexity="complex",
                   redacted_text="噪声")  # fmt: skip
    assert changed.status_code == 200
    assert receipt.split("?")[0] in client.get(f"/s/{world.code}").text


def test_a_slip_that_was_called_off_says_nothing_of_what_the_matter_has_become(client, world):
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收")
    slip = slip_of(client, world, "property")
    path = f"/api/v1/slips/{slip['slip_no']}"
    assert slip_verb(client, world, "property", slip["slip_no"], "accept").status_code == 200
    assert verb(client, world, "grid_head", receipt, "reply", kind="result", text="今天").status_code == 200
    before = client.get(path, headers=world.as_("property")).json()
    assert (before["lead"]["role"], before["priority"]) == ("property", "simple")
    becomes_a_complaint(client, world, receipt)
    over = client.get(path, headers=world.as_("property")).json()
    assert over["status"] == "cancelled"
    assert {name for name in over if over[name] != before[name]} <= {"status", "category", "redacted_text",
                                                                     "text_pending", "verbs", "lead"}  # fmt: skip
    assert over["lead"]["role"] == "property"
    listed = client.get("/api/v1/slips?status=cancelled", headers=world.as_("property")).json()["items"]
    assert [(one["due_at"], one["priority"], one["place"]) for one in listed] == [
        (before["due_at"], before["priority"], before["place"])
    ]


def test_a_matter_that_turns_out_to_be_inside_a_home_does_not_say_so_on_the_old_slip(client, world):
    receipt = submit(client, world, category="SAF-03", text="楼道堆物")
    slip = slip_of(client, world, "stair_head")
    assert triage(client, world, receipt, category="NOI-01", complexity="complex", redacted_text="噪声").is_success
    over = client.get(f"/api/v1/slips/{slip['slip_no']}", headers=world.as_("stair_head")).json()
    assert (over["status"], "室内" in over["place"]["label"]) == ("cancelled", False)


def test_the_page_of_a_slip_that_is_over_says_that_it_is_over(client, world):
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收")
    slip = slip_of(client, world, "property")
    becomes_a_complaint(client, world, receipt)
    page = as_(client, world, "property").get(f"/desk/slips/{slip['slip_no']}").text
    assert "内容不再显示" in page
    assert [word for word in ("None", "投诉", "自管", "室内") if word in page] == []
