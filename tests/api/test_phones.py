"""A resident's telephone: understood however it is typed, refused where nobody would answer, kept in one form."""

import pytest

from tests.builders import NOTICE, calls_for, key, phoned, secret, submit, ticket_form, verb
from tests.problems import refused

AGREED = {"notice_version": NOTICE, "contact": True}
HOME = {"beneficiary": {"name": "陈阿婆", "phone": "13987654321"}, "proxy_consent": {"kind": "voice", "note": "同意"}}
WRITTEN = ("13812345678", "+86 138 1234 5678", "138-1234-5678", "１３８１２３４５６７８", "86 13812345678")
OFFICE = ("0571-11112222", "0571 1111 2222", "+86 571 1111 2222", "０５７１－１１１１２２２２", "0571-11112222转8001")
SHORT = "1381234567"


def reveal(client, world, receipt):
    return verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").json()["phone"]


def record(client, world, **over):
    body = {
        "compound": "LHQ", "stairwell": "LHQ-1-1-s", "channel": "phone", "text": "灯坏了", "category": "BLD-09",
        "contact": {"name": "李梅", "phone": "13812345678"}, "consent": AGREED,
    } | over  # fmt: skip
    return client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head") | key())


def plan(client, world, phone):
    body = {
        "compound": "LHQ", "stairwell": "LHQ-1-1-s", "kind": "greeting_call", "reason": "living_alone",
        "person": {"name": "陈阿婆", "phone": phone}, "consent": "voice", "every_days": 7, "visitor": "grid_head",
    }  # fmt: skip
    return client.post("/api/v1/desk/visits", json=body, headers=world.as_("grid_head") | key())


@pytest.mark.parametrize("typed", WRITTEN)
def test_a_number_is_kept_in_one_form_however_it_is_typed(client, world, typed):
    receipt = submit(client, world, category="BLD-05", text="漏水", contact={"phone": typed}, consent=AGREED)
    assert reveal(client, world, receipt) == "13812345678"


def test_half_a_number_is_refused_wherever_one_is_typed_and_the_answer_says_what_to_do(client, world):
    with_it = submit(client, world, category="BLD-05", text="漏水", contact={"phone": "13812345678"}, consent=AGREED)
    tries = {
        "contact.phone": lambda phone: client.post(
            "/api/v1/tickets", json=ticket_form(world, contact={"phone": phone}, consent=AGREED), headers=key()
        ),
        "contact.phone at the desk": lambda phone: record(client, world, contact={"phone": phone}),
        "beneficiary.phone": lambda phone: record(client, world, **HOME | {"beneficiary": {"phone": phone}}),
        "person.phone": lambda phone: plan(client, world, phone),
        "phone": lambda phone: client.patch(
            f"/api/v1/tickets/{with_it['number']}/data", json={"phone": phone}, headers=secret(with_it)
        ),
    }
    for field, send in tries.items():
        for phone in (SHORT, "95598", "88886666"):
            answer = send(phone)
            refused(answer, 422, "INVALID", field.split()[0])
            assert answer.json()["errors"][0]["message"].startswith("手机号应是 11 位"), answer.text
        assert send("139 8765 4321" if field != "contact.phone" else "0571-88886666").status_code in {200, 201}, field


@pytest.mark.parametrize("field", ["contact", "beneficiary"])
@pytest.mark.parametrize("typed", OFFICE)
def test_an_office_telephone_is_neither_the_proxys_nor_the_elders_however_it_is_typed(client, world, typed, field):
    forms = {
        "contact": HOME | {"contact": {"name": "张三", "phone": typed}},
        "beneficiary": HOME | {"beneficiary": {"name": "陈阿婆", "phone": typed}},
    }
    refused(record(client, world, **forms[field]), 422, "INVALID", f"{field}.phone")
    assert record(client, world, contact={"name": "张三", "phone": typed}).status_code == 201, "speaks for themselves"


@pytest.mark.parametrize("typed", WRITTEN)
def test_the_elder_is_not_called_back_on_the_telephone_of_whoever_spoke_for_them(client, world, typed):
    same = record(client, world, **HOME | {"beneficiary": {"name": "陈阿婆", "phone": typed}})
    refused(same, 422, "INVALID", "beneficiary.phone")
    assert record(client, world, **HOME | {"beneficiary": {"name": "陈阿婆"}}).status_code == 201


def test_whoever_speaks_for_many_households_is_known_again_however_their_number_is_typed(client, world, database):
    for flat, typed in enumerate((*WRITTEN, WRITTEN[0])):
        phoned(client, world, contact={"phone": typed}, **HOME | {"beneficiary": {"room": f"{flat + 1}01"}})
    notices = client.get("/api/v1/desk/inbox", headers=world.as_("committee_secretary")).json()["items"]
    assert len(notices) == 1, notices
    assert calls_for(client, world) == []
