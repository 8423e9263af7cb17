"""门牌授权 without scripts: given on the ticket's page, shown on the slip's, by account and by link."""

import pytest

from tests.builders import NOTICE, phoned, slip_of, submit, triage, verb
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import HTML, opened, sent

DOOR = "1987室"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def receipt(client, world):
    receipt = submit(
        client,
        world,
        category="BLD-05",
        text="楼上漏水",
        contact={"room": DOOR},
        consent={"notice_version": NOTICE, "contact": True, "address": True},
    )
    triage(client, world, receipt, redacted_text="楼上漏水")
    verb(client, world, "grid_head", receipt, "assign", lead="urban_mgmt")
    return receipt


def grant(client, world, receipt, **over):
    page = opened(as_(client, world, "grid_head"), at(receipt))
    action = f"{at(receipt)}/address_grant"
    return sent(client, page, action, **{"hours": "24", "basis": "consent", "reason": "看漏水"} | over)


def test_the_grid_head_grants_and_takes_back_on_the_tickets_page(client, world, receipt):
    page = opened(as_(client, world, "grid_head"), at(receipt))
    assert "可能要上门" in page.text
    assert DOOR not in page.text
    given = grant(client, world, receipt)
    assert given.headers["location"] == f"{at(receipt)}?ok=address_grant"
    after = opened(client, given.headers["location"])
    assert "已授权" in after.text
    assert "还没看" in after.text
    back = sent(client, after, f"{at(receipt)}/address_revoke")
    assert back.headers["location"] == f"{at(receipt)}?ok=address_revoke"
    assert "已收回" in opened(client, at(receipt)).text


def test_a_refused_grant_comes_back_in_its_form(client, world, receipt):
    wrong = grant(client, world, receipt, basis="emergency")
    assert (wrong.status, "只有紧急的事才能先授权、后告知" in wrong.text) == (422, True)
    assert 'value="看漏水"' in wrong.text


def test_the_holder_sees_the_door_only_by_asking_for_it(client, world, receipt):
    slip_no = slip_of(client, world, "urban_mgmt")["slip_no"]
    path = f"/desk/slips/{slip_no}"
    assert "看门牌号" not in opened(as_(client, world, "urban_mgmt"), path).text
    grant(client, world, receipt)
    page = opened(as_(client, world, "urban_mgmt"), path)
    assert "看门牌号" in page.text
    assert DOOR not in page.text
    shown = posted(client, f"{path}/address")
    assert (shown.status_code, DOOR in shown.text) == (200, True)
    refused = posted(as_(client, world, "grid_head"), f"{path}/address")
    assert (refused.status_code, DOOR in refused.text) == (403, False)


def test_by_link_opening_the_page_shows_nothing_and_the_tap_does(client, world, receipt):
    slip_no = slip_of(client, world, "urban_mgmt")["slip_no"]
    grant(client, world, receipt)
    token = client.post(
        f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link", headers=world.as_("grid_head")
    ).json()["token"]
    page = opened(client, f"/slip/{token}")
    assert "看门牌号" in page.text
    assert DOOR not in page.text
    shown = sent(client, page, f"/slip/{token}/address#door")
    assert (shown.status, DOOR in shown.text) == (200, True)
    assert DOOR not in opened(client, f"/slip/{token}").text
    client.delete(
        f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/address_grant", headers=world.as_("grid_head")
    )
    refused = client.post(f"/slip/{token}/address", headers=HTML)
    assert (refused.status_code, "门牌号现在看不了" in refused.text, DOOR in refused.text) == (403, True, False)


def test_for_somebody_who_was_spoken_for_the_form_asks_how_they_agreed_themselves(client, world):
    told = phoned(
        client,
        world,
        beneficiary={"name": "陈阿婆", "room": DOOR},
        proxy_consent={"kind": "voice", "note": "电话里本人同意代办"},
    )
    triage(client, world, told, redacted_text="楼上漏水")
    verb(client, world, "grid_head", told, "assign", lead="urban_mgmt")
    assert "代办人的同意不算" in opened(as_(client, world, "grid_head"), at(told)).text
    refused = grant(client, world, told)
    assert (refused.status, "要本人单独同意" in refused.text, "看漏水" in refused.text) == (422, True, True)
    given = grant(client, world, told, agreed="10 点打电话，本人说可以")
    assert given.headers["location"] == f"{at(told)}?ok=address_grant"
    assert "本人说可以" in opened(client, at(told)).text
