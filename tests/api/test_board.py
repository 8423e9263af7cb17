"""公示栏 and 我也遇到: what everybody may read, and nothing beside it."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app.models.place import Compound
from app.rules import board
from app.rules.catalogue import default
from app.rules.vocabulary import Flag
from tests.access.histories import plant
from tests.builders import MONDAY, NOTICE, build_world, desk, secret, slip_of, slip_verb, submit, triage, verb


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


AGREED = {"consent": {"notice_version": NOTICE, "publish": True}}


def read(client, code="LHQ"):
    return client.get(f"/api/v1/board/{code}")


def lines(client):
    return [(one["category"], one["building"], one["phase"], one["count"]) for one in read(client).json()["lines"]]


def finish(client, world, receipt, **over):
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    return verb(client, world, "grid_head", receipt, "confirm", **({"text": "修好了"} | over))


def test_a_matter_is_on_the_board_once_a_person_has_looked_at_it(client, world):
    receipt = submit(client, world, text="三楼灯坏了，找13955556666")
    assert lines(client) == []
    triage(client, world, receipt)
    assert lines(client) == [("BLD-09", "1幢", "working", None)], "one is told as fewer than three"
    assert finish(client, world, receipt).status_code == 200
    assert lines(client) == [("BLD-09", "1幢", "done", None)]
    page = client.get("/board/LHQ")
    assert (page.status_code, "&lt;3 件" in page.text) == (200, True)
    for word in ("13955556666", receipt["number"], receipt["secret"], "三楼", "1单元"):
        assert word not in page.text + read(client).text


def test_counts_from_three_on_are_told_and_summed_over_states_of_one_phase(client, world):
    for _ in range(3):
        triage(client, world, submit(client, world))
    assert lines(client) == [("BLD-09", "1幢", "working", 3)]
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "accept")
    assert lines(client) == [("BLD-09", "1幢", "working", 3)]


@pytest.mark.parametrize("leaf", [leaf.code for leaf in default().leaves if leaf.flags], ids=str)
def test_what_points_at_somebody_is_never_on_the_board(leaf):
    delicate = {flag for flag in Flag if flag in {Flag.IDENTITY_SHIELD, Flag.SENSITIVE_PI, Flag.MANDATORY_REPORT}}
    delicate |= {flag for flag in Flag if flag.startswith("conflict_")}
    assert board.shows(default().leaf(leaf)) == (not default().leaf(leaf).flags & delicate)


def test_private_shielded_avoided_and_accusing_matters_stay_off_or_without_a_building(client, world):
    for over in (
        {"category": "NOI-01", "text": "楼上半夜吵闹"},
        {"category": "GOV-01", "text": "报修没人管"},
        {"category": "SVC-05", "text": "需要轮椅"},
        {"category": "BLD-02", "text": "电梯停了", "avoid": ["property"]},
    ):
        triage(client, world, submit(client, world, **over))
    assert lines(client) == []
    triage(client, world, submit(client, world, category="UTL-01", text="家里停水"))
    triage(client, world, submit(client, world, category="BLD-05", text="楼上漏水"))
    assert lines(client) == [("BLD-05", None, "waiting", None), ("UTL-01", None, "waiting", None)]


def test_rejected_withdrawn_and_merged_matters_leave_the_board(client, world):
    first, second, third = (submit(client, world, category="BLD-04", text="屋顶漏水") for _ in range(3))
    for receipt in (first, second, third):
        triage(client, world, receipt)
    assert lines(client)[0][3] == 3
    verb(client, world, "grid_head", second, "merge", into=first["number"])
    client.post(f"/api/v1/tickets/{third['number']}/withdrawal", json={}, headers=secret(third))
    assert lines(client) == [("BLD-04", "1幢", "working", None)]
    outside = submit(client, world, category="UTL-01", text="家里停水")
    triage(client, world, outside)
    refused = verb(client, world, "grid_head", outside, "reject", reason="out_of_duty", text="不归小区管")
    assert refused.status_code == 200
    assert [one[0] for one in lines(client)] == ["BLD-04"]


def test_a_reply_is_public_only_where_the_resident_agreed_and_only_in_its_own_words(client, world):
    agreed, silent = submit(client, world, **AGREED), submit(client, world, category="ENV-02", text="垃圾没人收")
    for receipt in (agreed, silent):
        triage(client, world, receipt)
    refused = finish(client, world, silent, public_text="已清运")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "public_text")
    assert desk(client, world, "grid_head", silent).json()["status"] == "pending_check", "nothing has happened"
    verb(client, world, "grid_head", silent, "confirm", text="已清运")
    assert finish(client, world, agreed, text="张三家门口的灯换了", public_text="换了两盏灯").status_code == 200
    replies = read(client).json()["replies"]
    assert [(one["name"], one["building"], one["text"]) for one in replies] == [
        ("路灯/楼道灯不亮", "1幢", "换了两盏灯")
    ]
    assert "张三" not in client.get("/board/LHQ").text
    back = client.post(
        f"/api/v1/tickets/{agreed['number']}/data/consent", json={"withdraw": ["publish"]}, headers=secret(agreed)
    )
    assert back.status_code == 201, back.text
    assert read(client).json()["replies"] == []


def test_a_public_reply_with_a_telephone_in_it_is_refused(client, world):
    receipt = submit(client, world, **AGREED)
    triage(client, world, receipt)
    refused = finish(client, world, receipt, public_text="有事打13812345678找我")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "public_text")


def test_a_reopened_matter_takes_its_public_reply_off(client, world):
    receipt = submit(client, world, **AGREED)
    triage(client, world, receipt)
    finish(client, world, receipt, public_text="换了两盏灯")
    client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "no", "stars": 1}, headers=secret(receipt)
    )
    assert read(client).json()["replies"] == []


def test_figures_are_there_from_ten_cases_on(client, world, database, time):
    assert read(client).json()["figures"] == []
    plant(database, world, 90, 31)
    found = read(client).json()["figures"]
    assert found
    assert all(one["denominator"] >= 10 and one["tickets"] is None for one in found)


def test_a_compound_without_a_board_looks_like_one_that_does_not_exist(client, world, database):
    with database.write() as session:
        session.get(Compound, world.compound_id).has_board = False
    off, absent = read(client), read(client, "XXX")
    assert (
        (off.status_code, off.json()["detail"])
        == (absent.status_code, absent.json()["detail"])
        == (404, "没有这个公示栏，请核对网址")
    )
    assert client.get("/board/LHQ").status_code == 404
    triage(client, world, submit(client, world))
    assert client.get(f"/api/v1/codes/{world.code}/matters").json()["items"] == []


def test_nothing_old_and_nothing_of_other_compounds(client, world, database, time):
    other = build_world(database, compound="QTY", name="清泰苑")
    receipt = submit(client, world)
    triage(client, world, receipt)
    finish(client, world, receipt)
    assert read(client, other.compound).json()["lines"] == []
    time.set(MONDAY + timedelta(days=31))
    assert lines(client) == []


# --- 我也遇到 ---------------------------------------------------------------------------------------------------------


def matters(client, code):
    return client.get(f"/api/v1/codes/{code}/matters").json()["items"]


def too(client, code, category="BLD-09"):
    return client.post(f"/api/v1/codes/{code}/me_too", json={"category": category})


def others(client, world, receipt, who="grid_head"):
    return client.get(f"/api/v1/desk/tickets/{receipt['number']}/related", headers=world.as_(who)).json()["me_too"]


def test_me_too_counts_each_device_once_gives_no_access_and_is_no_urge(client, app, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    assert matters(client, world.code) == [
        {"category": "BLD-09", "name": "路灯/楼道灯不亮", "phase": "working", "others": 0, "mine": False}
    ]
    for count in (1, 2, 3):
        neighbour = TestClient(app)
        for _ in range(2):
            answer = too(neighbour, world.code)
            assert answer.status_code == 200
            assert answer.json()["items"][0]["mine"] is True
            assert receipt["number"] not in answer.text
        assert answer.json()["items"][0]["others"] == (count if count >= 3 else None)
        assert others(client, world, receipt) == count
    assert desk(client, world, "grid_head", receipt).json()["urges"] == 0
    assert others(client, world, receipt, "community") == 3


def test_only_shared_matters_of_this_very_stairwell_are_listed(client, world):
    triage(client, world, submit(client, world))
    triage(client, world, submit(client, world, category="UTL-01", text="家里停水"))
    triage(client, world, submit(client, world, category="NOI-01", text="楼上半夜吵闹"))
    submit(client, world, category="ENV-02", text="垃圾没人收")
    assert [one["category"] for one in matters(client, world.code)] == ["BLD-09"]
    assert matters(client, world.codes["1幢2单元"]) == []
    for category in ("UTL-01", "NOI-01", "ENV-02", "BLD-02"):
        assert too(client, world.code, category).status_code == 404


def test_the_scan_page_offers_it_with_one_button_and_no_script(client, world):
    triage(client, world, submit(client, world))
    page = client.get(f"/s/{world.code}")
    assert "我也遇到" in page.text
    answer = client.post(f"/s/{world.code}/me-too", data={"category": "BLD-09"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/s/{world.code}#matters")
    assert "记下了，您也遇到" in client.get(f"/s/{world.code}").text
    gone = client.post(f"/s/{world.code}/me-too", data={"category": "NOI-01"}, follow_redirects=False)
    assert gone.status_code == 303
