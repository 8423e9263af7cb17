"""Several tickets at once: each through its own verb, each with its own answer; and tickets on paper."""

import pytest

from tests.builders import desk, phoned, slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import CONTACT, as_, at, posted
from tests.pages.reading import HTML, opened, sent

LAMPS = ("楼道灯坏了", "楼道灯不亮", "二楼灯也坏了")


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def lamps(client, world):
    """Three tickets of one thing, triaged, with no slip out."""
    found = [submit(client, world, text=text, category="BLD-07") for text in LAMPS]
    for one in found:
        assert triage(client, world, one, redacted_text="楼道灯不亮").status_code == 200
    return found


def status(client, world, receipt):
    return desk(client, world, "grid_head", receipt).json()["status"]


def numbers(*receipts):
    return [receipt["number"] for receipt in receipts]


def test_the_queue_leads_to_boxes_with_the_same_filter_and_on_to_what_can_be_done(client, world, lamps):
    other = submit(client, world, category="ENV-02", text="垃圾满了")
    queue = opened(as_(client, world, "grid_head"), "/desk?category=BLD")
    boxes = opened(client, next(link for link in queue.links if link.startswith("/desk/select")))
    assert all(number in boxes.text for number in numbers(*lamps))
    assert other["number"] not in boxes.text
    chosen = opened(client, f"/desk/together?number={'&number='.join(numbers(*lamps))}")
    assert "3 件都可以派单。" in chosen.text
    assert set(chosen.forms) >= {"/desk/together/assign", "/desk/together/merge"}


def test_assigning_several_gives_each_its_slip_and_says_why_one_could_not(client, world, lamps):
    page = opened(as_(client, world, "grid_head"), f"/desk/together?number={'&number='.join(numbers(*lamps))}")
    assert (
        verb(client, world, "grid_head", lamps[1], "reject", reason="out_of_duty", text="不归小区").status_code == 200
    )
    done = sent(client, page, "/desk/together/assign", lead="property")
    assert done.status == 200
    assert "已派单 2 件，1 件没办成" in done.text
    assert "现在不能这样操作" in done.text
    assert [status(client, world, one) for one in lamps] == ["assigned", "rejected", "assigned"]
    slips = client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]
    assert len(slips) == 2


def test_the_same_form_again_gives_out_no_second_slip(client, world, lamps):
    page = opened(as_(client, world, "grid_head"), f"/desk/together?number={'&number='.join(numbers(*lamps))}")
    first, again = (sent(client, page, "/desk/together/assign", lead="property") for _ in range(2))
    assert first.text == again.text
    assert len(client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]) == 3
    events = desk(client, world, "grid_head", lamps[0]).json()["events"]
    assert [event["verb"] for event in events].count("assign") == 1


def test_several_are_merged_into_the_one_that_was_chosen(client, world, lamps):
    page = opened(as_(client, world, "grid_head"), f"/desk/together?number={'&number='.join(numbers(*lamps))}")
    done = sent(client, page, "/desk/together/merge", into=lamps[2]["number"])
    assert "已并单 2 件" in done.text
    assert [status(client, world, one) for one in lamps] == ["merged", "merged", "accepted"]


def test_a_private_matter_is_refused_and_the_others_are_merged_all_the_same(client, world, lamps):
    private = submit(client, world, category="NOI-01", text="楼上太吵")
    as_(client, world, "grid_head")
    chosen = numbers(private, *lamps[:2])
    done = posted(client, "/desk/together/merge", number=chosen, into=lamps[2]["number"], key="0" * 32)
    assert "已并单 2 件，1 件没办成" in done.text
    assert status(client, world, private) == "submitted"


def test_no_power_comes_from_doing_several_at_once(client, world, lamps):
    as_(client, world, "property")
    chosen = opened(client, f"/desk/together?number={'&number='.join(numbers(*lamps))}")
    assert "/desk/together/assign" not in chosen.forms
    done = posted(client, "/desk/together/assign", number=numbers(*lamps), lead="property", key="0" * 32)
    assert "已派单 0 件，3 件没办成" in done.text
    assert {status(client, world, one) for one in lamps} == {"accepted"}


def test_a_hidden_ticket_is_as_absent_among_several_as_it_is_alone(client, world, lamps):
    about_them = submit(client, world, category="GOV-01", text="物业不管事")
    triage(client, world, about_them, category="GOV-01", redacted_text="物业不管事")
    chosen = opened(
        as_(client, world, "property"), f"/desk/together?number={'&number='.join(numbers(about_them, lamps[0]))}"
    )
    assert "选中 1 件" in chosen.text
    assert about_them["number"] not in chosen.text
    hidden = posted(client, "/desk/together/assign", number=[about_them["number"]], lead="property", key="0" * 32)
    absent = posted(client, "/desk/together/assign", number=["270301-ZZZZZZ"], lead="property", key="1" * 32)
    assert hidden.text.replace(about_them["number"], "270301-ZZZZZZ") == absent.text


def test_nothing_chosen_is_said_kindly(client, world):
    as_(client, world, "grid_head")
    assert "还没有选" in opened(client, "/desk/together").text
    assert posted(client, "/desk/together/assign", lead="property", key="0" * 32).status_code == 422
    assert client.get("/desk/print", headers=HTML).status_code == 404


def test_a_ticket_on_paper_has_its_course_and_nothing_of_its_reporter(client, world):
    receipt = submit(client, world, text="李梅家门口的灯坏了，电话13812345678", spot="1402门口", **CONTACT)
    triage(client, world, receipt, redacted_text="门口的灯坏了")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="换了灯")
    verb(client, world, "grid_head", receipt, "confirm", text="修好了")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    paper = opened(client, next(link for link in page.links if link.startswith("/desk/print")))
    assert all(
        words in paper.text for words in (receipt["number"], "门口的灯坏了", "换了灯", "修好了", "2027-03-01 09:00")
    )
    assert not [word for word in ("李", "1381", "5678", "1402", receipt["secret"]) if word in paper.text]


def test_words_that_nobody_has_checked_yet_stay_off_the_paper(client, world):
    fresh, told = submit(client, world, text="楼道灯坏了没人管"), phoned(client, world, text="厨房漏水很久了")
    as_(client, world, "grid_head")
    paper = opened(client, f"/desk/print?number={fresh['number']}&number={told['number']}")
    assert paper.text.count("文字还在核对，原话不上纸。") == 2
    assert not [word for word in ("没人管", "漏水很久", "13812345678") if word in paper.text]


def test_on_paper_too_everybody_has_only_what_is_theirs(client, world, lamps):
    path = f"/desk/print?number={lamps[0]['number']}"
    assert opened(as_(client, world, "property"), path).status == 200
    assert opened(as_(client, world, "police"), path).status == 404
