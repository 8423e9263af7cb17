"""Messages by several ways: the group, a city's webhook, and text messages to reporters who want them."""

import pytest
from sqlmodel import select

from app import main, worker
from app.db import Database
from app.errors import MisconfiguredError
from app.models.message import Message
from app.settings import Settings
from tests.builders import NOTICE, build_world, secret, submit, verb
from tests.senders.post import Post

PHONE, NAME = "13800001234", "李梅"
PERSON = {
    "contact": {"name": NAME, "phone": PHONE, "room": "1201"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


class Texts(Post):
    name = way = "sms"


class Hook(Post):
    name = way = "webhook"


@pytest.fixture
def database(database):
    several = Database(database.engine.url.render_as_string(hide_password=False), database.vault, ways=WAYS)
    yield several
    several.close()


WAYS = frozenset({"webhook", "sms"})


def sent(database, *senders):
    for sender in senders:
        while worker.deliver(database, sender):
            pass
    return [list(sender.sent) for sender in senders]


def test_staff_hear_by_the_group_and_the_webhook_and_the_reporter_by_text(client, world, database):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水", **PERSON)
    verb(client, world, "grid_head", receipt, "need_info", question="几楼？")
    group, hook, texts = sent(database, Post(), Hook(), Texts())
    assert [e.text.split("〔")[0] for e in group] == [e.text.split("〔")[0] for e in hook]
    assert group
    assert [(e.phone, dict(e.values)) for e in texts] == [
        (PHONE, {"number": receipt["number"], "what": "需要您补充情况"})
    ]
    said = " ".join(e.text + e.to + str(dict(e.values)) for e in [*group, *hook, *texts])
    assert PHONE not in said
    assert NAME not in said


def test_nobody_is_texted_who_did_not_agree_or_left_no_phone(client, world, database):
    for over in ({}, {"contact": {"room": "1201"}, "consent": {"notice_version": NOTICE, "contact": True}}):
        receipt = submit(client, world, category="BLD-05", text="厨房漏水", **over)
        verb(client, world, "grid_head", receipt, "need_info", question="几楼？")
    assert sent(database, Texts()) == [[]]


def test_whoever_takes_the_consent_back_is_not_texted_any_more(client, world, database):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水", **PERSON)
    verb(client, world, "grid_head", receipt, "need_info", question="几楼？")
    path = f"/api/v1/tickets/{receipt['number']}/data/consent"
    answer = client.post(path, json={"withdraw": ["contact"]}, headers=secret(receipt))
    assert answer.status_code == 201, answer.text
    (texts,) = sent(database, Texts())
    assert [envelope.phone for envelope in texts] == [""]


def test_the_inbox_shows_each_notice_once(client, world, database):
    submit(client, world, category="BLD-05", text="厨房漏水")
    with database.read() as session:
        ways = session.exec(select(Message.way).execution_options(scope="test")).all()
    assert sorted(ways) == ["group", "webhook"]
    items = client.get("/api/v1/desk/inbox", headers=world.as_("grid_head")).json()["items"]
    assert len(items) == 1


def test_without_credentials_there_is_the_group_alone(sqlite_database):
    build_world(sqlite_database)
    assert Settings().ways == frozenset()
    assert [sender.way for sender in main.senders_of(Settings())] == ["group"]


def test_a_weak_signing_secret_stops_the_start():
    with pytest.raises(MisconfiguredError, match="WEBHOOK_SECRET"):
        main.senders_of(Settings(webhook_url="https://city.example.cn/hook", webhook_secret="short"))
