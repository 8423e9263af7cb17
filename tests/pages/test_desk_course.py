"""The further course of a ticket on the desk's pages: every verb has its form, and a refusal loses nothing typed."""

from datetime import timedelta

import pytest

from tests.builders import MONDAY, secret, slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import as_, at
from tests.pages.reading import opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def leak(client, world):
    return submit(client, world, category="BLD-05", text="楼上漏水到我家")


def at_work(client, world, receipt, lead="property", co=()):
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead=lead, co=list(co))
    slip = slip_of(client, world, lead)["slip_no"]
    slip_verb(client, world, lead, slip, "accept")
    return slip


def acted(client, receipt, name, **fields):
    """Sends one form of the ticket's page; the page that follows."""
    done = sent(client, opened(client, at(receipt)), f"{at(receipt)}/{name}", **fields)
    assert (done.status, done.headers.get("location")) == (303, f"{at(receipt)}?ok={name}"), done.text
    return opened(client, done.headers["location"])


def forms_of(page, receipt):
    """The verbs that the page has a form for."""
    return {action.rsplit("/", 1)[1] for action in page.forms if action.startswith(at(receipt))}


def test_every_legal_verb_has_its_form_and_the_seldom_ones_are_folded_away(client, world):
    receipt = submit(client, world, category="BLD-02", text="电梯停了")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    view = client.get(f"/api/v1{at(receipt)}", headers=world.as_("grid_head")).json()
    assert set(view["verbs"]) <= forms_of(page, receipt)
    first, others = page.text.split("其他办法")
    assert first.count('class="fold desk-act" id="triage" open') == 1
    for seldom in ("merge", "escalate"):
        assert f'id="{seldom}"' in others
        assert f'id="{seldom}"' not in first


def test_a_question_goes_to_the_resident_and_is_asked_only_once(client, world, leak):
    as_(client, world, "grid_head")
    page = acted(client, leak, "need_info", question="漏在哪个房间？")
    assert "等居民补充" in page.text
    assert "漏在哪个房间？" in page.text
    assert "need_info" not in forms_of(page, leak)
    client.post(f"/api/v1/tickets/{leak['number']}/info", json={"text": "卫生间"}, headers=secret(leak))
    page = opened(client, at(leak))
    assert "卫生间" in page.text
    assert "need_info" not in forms_of(page, leak)


@pytest.mark.parametrize("asked", ["objection", "redo"])
def test_the_secretary_is_offered_the_two_outcomes_that_fit(client, world, leak, asked):
    if asked == "objection":
        verb(client, world, "grid_head", leak, "reject", reason="out_of_duty", text="户内自理")
        client.post(f"/api/v1/tickets/{leak['number']}/objection", json={"text": "是公共管道"}, headers=secret(leak))
    else:
        triage(client, world, leak)
        for _ in range(2):
            verb(client, world, "grid_head", leak, "assign", lead="property")
            slip = slip_of(client, world, "property")["slip_no"]
            slip_verb(client, world, "property", slip, "done", text="修了", evidence="单 1")
            verb(client, world, "grid_head", leak, "confirm", text="修好了")
            rating = {"solved": "no", "stars": 1}
            client.post(f"/api/v1/tickets/{leak['number']}/rating", json=rating, headers=secret(leak))
    assert "decide" not in forms_of(opened(as_(client, world, "grid_head"), at(leak)), leak)
    page = opened(as_(client, world, "committee_secretary"), at(leak))
    fitting = {"objection": ("accepted", "closed_rejected"), "redo": ("reopened", "closed")}[asked]
    assert [
        code for code in ("accepted", "closed_rejected", "reopened", "closed") if f'value="{code}"' in page.text
    ] == [*fitting]
    unsaid = sent(client, page, f"{at(leak)}/decide", text="理由写好了")
    assert (unsaid.status, unsaid.forms[f"{at(leak)}/decide"]["text"]) == (422, ["理由写好了"])
    page = acted(client, leak, "decide", outcome=fitting[0], text="应当办")
    assert "应当办" in page.text


def test_reports_of_one_lift_are_merged_by_choosing_and_taken_apart_again(client, world):
    first, second = (submit(client, world, category="BLD-02", text=f"电梯停了 {n}") for n in (1, 2))
    lamp = submit(client, world)
    page = opened(as_(client, world, "grid_head"), at(second))
    assert f'value="{first["number"]}"' in page.text
    assert f'value="{second["number"]}"' not in page.text
    assert lamp["number"] not in page.text
    page = acted(client, second, "merge", into=first["number"])
    assert at(first) in page.links
    assert "已拆开" in acted(client, second, "unmerge").text


def test_a_number_that_does_not_exist_is_said_in_the_form_and_a_typed_one_wins(client, world):
    first, second = (submit(client, world, category="BLD-02", text="电梯停了") for _ in range(2))
    page = opened(as_(client, world, "grid_head"), at(second))
    wrong = sent(client, page, f"{at(second)}/merge", into=first["number"], other="270301-AAAAAA")
    assert wrong.status == 404
    assert wrong.forms[f"{at(second)}/merge"]["other"] == ["270301-AAAAAA"]
    assert 'id="others" open' in wrong.text
    own = sent(client, wrong, f"{at(second)}/merge", other=second["number"])
    assert (own.status, "请填同一小区的另一件诉求的编号" in own.text) == (422, True)
    assert sent(client, own, f"{at(second)}/merge", other=first["number"].lower()).status == 303


def test_private_matters_are_not_offered_for_merging(client, world, leak):
    submit(client, world, category="BLD-05", text="我家也漏")
    assert "merge" not in forms_of(opened(as_(client, world, "grid_head"), at(leak)), leak)


def test_what_is_handed_over_names_its_agency(client, world, leak):
    as_(client, world, "grid_head")
    page = acted(client, leak, "transfer_out", agency="12345热线", receipt_no="A-7")
    assert "已转给12345热线办理，受理编号 A-7" in page.text


def test_a_pause_is_taken_in_shanghai_time_and_ended(client, world, time, leak):
    at_work(client, world, leak)
    page = opened(as_(client, world, "grid_head"), at(leak))
    late = sent(client, page, f"{at(leak)}/pause", reason="waiting_reporter", until="2027-03-09T09:00")
    assert (late.status, "恢复时间要在 2 天以内" in late.text) == (422, True)
    assert late.forms[f"{at(leak)}/pause"]["until"] == ["2027-03-09T09:00"]
    assert sent(client, page, f"{at(leak)}/pause", reason="waiting_external", until="2027-03-09T09:00").status == 403
    page = acted(client, leak, "pause", reason="waiting_external", until="2027-03-02T09:00")
    assert "等审批、配件或天气" in page.text
    time.set(MONDAY + timedelta(hours=24))
    assert "已恢复办理" in acted(client, leak, "resume").text


def test_the_secretary_pauses_for_longer(client, world, leak):
    at_work(client, world, leak)
    as_(client, world, "committee_secretary")
    assert "暂停中" in acted(client, leak, "pause", reason="waiting_external", until="2027-03-11T09:00").text


def test_a_promise_is_put_off_within_what_the_form_offers(client, world, leak):
    at_work(client, world, leak)
    verb(client, world, "grid_head", leak, "reply", kind="plan", text="10日前修好", promise_date="2027-03-10")
    page = opened(as_(client, world, "grid_head"), at(leak))
    assert 'min="2027-03-11" max="2027-03-17"' in page.text
    too_far = sent(client, page, f"{at(leak)}/extend", until="2027-03-18", reason="等配件")
    assert (too_far.status, "这次最多延 7 天" in too_far.text) == (422, True)
    assert "等配件" in acted(client, leak, "extend", until="2027-03-17", reason="等配件").text
    assert "extend" not in forms_of(opened(client, at(leak)), leak)
    page = opened(as_(client, world, "committee_secretary"), at(leak))
    assert 'min="2027-03-18" max="2027-04-01"' in page.text


def test_how_hard_it_is_can_be_mended_once(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    as_(client, world, "grid_head")
    page = acted(client, receipt, "reclassify", complexity="complex", reason="要换整根线")
    assert "由“简单”改为“复杂”" in page.text
    assert "reclassify" not in forms_of(page, receipt)


def test_a_whistle_climbs_and_each_level_finds_its_own_form(client, world, leak):
    as_(client, world, "grid_head")
    for level in ("书记", "社区", "街道"):
        assert f"已升级到{level}" in acted(client, leak, "escalate", reason="几天没动").text
    for below in ("committee_secretary", "community"):
        assert "deescalate" not in forms_of(opened(as_(client, world, below), at(leak)), leak)
    page = opened(as_(client, world, "street"), at(leak))
    assert forms_of(page, leak) == {"deescalate"}
    gone = sent(client, page, f"{at(leak)}/deescalate", reason="已督办")
    assert (gone.status, gone.headers["location"]) == (303, "/desk?ok=gone")
    page = opened(as_(client, world, "community"), at(leak))
    assert forms_of(page, leak) == {"deescalate"}
    assert "楼上漏水到我家" not in page.text
    assert "督办已解除" in acted(client, leak, "deescalate", reason="已催办").text


def test_a_co_slip_is_called_off_beside_its_line(client, world, leak):
    at_work(client, world, leak, co=["police"])
    page = opened(as_(client, world, "grid_head"), at(leak))
    blank = sent(client, page, f"{at(leak)}/cancel_slip")
    assert (blank.status, 'class="desk-cancel" open' in blank.text) == (422, True)
    page = acted(client, leak, "cancel_slip", reason="不用到场了")
    assert "不用到场了" in page.text
    assert "cancel_slip" not in forms_of(page, leak)
    late = sent(client, blank, f"{at(leak)}/cancel_slip", reason="再取消一次")
    assert (late.status, "再取消一次" in late.text) == (404, True)


def test_a_handlers_question_is_shown_to_the_grid_head_on_top(client, world, leak):
    slip = at_work(client, world, leak)
    path = f"/desk/slips/{slip}"
    page = opened(as_(client, world, "property"), path)
    assert sent(client, page, f"{path}/ask", question=" ").status == 422
    done = sent(client, page, f"{path}/ask", question="周六在家吗？")
    assert done.headers["location"] == f"{path}?ok=ask"
    assert "问题已交给网格长" in opened(client, done.headers["location"]).text
    text = opened(as_(client, world, "grid_head"), at(leak)).text
    assert text.index("承办人想问") < text.index("周六在家吗？") < text.index("其他办法")


def test_a_ticket_that_is_not_there_stays_absent_whatever_the_form_says(client, world, leak):
    as_(client, world, "police")
    assert client.post(f"{at(leak)}/merge", data={"into": "270301-AAAAAA"}).status_code == 404
    assert client.post(f"{at(leak)}/escalate", data={"reason": "催"}).status_code == 404
