"""The router learns from what a compound's own people decide: an undo and a retrain change the next decision."""

from collections import Counter
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from app import __main__ as program
from app import caretaking
from app.queries import lesson
from app.rules import router_model
from app.training import sentences, shelf
from tests.builders import MONDAY, desk, secret, slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import as_
from tests.pages.reading import opened

EACH = 8  # sentences of a leaf: enough to know its words, few enough to learn in seconds
WORDS = "红房子又不亮了"  # what people here call the kiosk of the entry phone
WAYS = ("红房子{}", "{}那个红房子", "门口红房子{}", "红房子今天{}", "我们的红房子{}")
SAID = ("又不亮了", "黑着呢", "没反应", "按了不响", "坏了三天", "进不去")


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def follow(app):
    yield
    router_model.use(None)


@pytest.fixture
def few(monkeypatch):
    rows, seen = [], Counter()
    for row in sentences.shipped():
        seen[row.leaf] += 1
        rows += [row] if seen[row.leaf] <= EACH else []
    monkeypatch.setattr(sentences, "shipped", lambda: rows)


def train(monkeypatch, settings, database, *arguments):
    for module in (program, caretaking):
        monkeypatch.setattr(module, "load", lambda: settings)
    monkeypatch.setattr(program.main, "database_of", lambda _settings: database)
    monkeypatch.setattr(database, "close", lambda: None)
    return CliRunner().invoke(program.cli, ["train-router", *arguments])


def closed(client, world, text, leaf, lead="stair_head"):
    """One matter from the words to the judgement, with the class that a person confirms."""
    receipt = submit(client, world, text=text, category=None)
    if receipt["status"] == "assigned":
        assert verb(client, world, "grid_head", receipt, "take_back").status_code == 200
    assert triage(client, world, receipt, category=leaf, redacted_text=text).status_code == 200
    assert verb(client, world, "grid_head", receipt, "assign", lead=lead).status_code == 200
    slip_verb(client, world, lead, slip_of(client, world, lead)["slip_no"], "done", text="修好了")
    assert verb(client, world, "grid_head2", receipt, "confirm", text="修好了").status_code == 200
    rating = {"solved": "yes", "stars": 5}
    path = f"/api/v1/tickets/{receipt['number']}/rating"
    assert client.post(path, json=rating, headers=secret(receipt)).status_code == 201


def test_an_undo_and_a_retrain_change_the_next_decision(
    client, world, time, monkeypatch, settings, database, follow, few
):
    before = submit(client, world, text=WORDS, category=None)
    assert before["category"]["code"] != "BLD-10"
    for number, text in enumerate(way.format(said) for way in WAYS for said in SAID):
        time.set(MONDAY + timedelta(hours=number))
        closed(client, world, text, "BLD-10")
    told = train(monkeypatch, settings, database)
    assert told.exit_code == 0, told.output
    after = submit(client, world, text=WORDS, category=None)
    assert (after["category"]["code"], after["status"]) == ("BLD-10", "assigned")
    routing = desk(client, world, "grid_head", after).json()["routing"]
    assert routing["model"] in told.output.splitlines()[-1]
    assert routing["model"] != desk(client, world, "grid_head", before).json()["routing"]["model"]
    page = opened(as_(client, world, "grid_head"), "/desk/rules").text
    assert "最近办结的 30 件里，30 件最后由楼道长主办" in page
    assert train(monkeypatch, settings, database, "--rollback").exit_code == 0
    assert submit(client, world, text=WORDS, category=None)["category"]["code"] != "BLD-10"


def test_too_few_closed_tickets_teach_nothing(client, world, monkeypatch, settings, database, follow, few):
    closed(client, world, "红房子黑着呢", "BLD-10")
    told = train(monkeypatch, settings, database)
    assert told.exit_code != 0
    assert "1 closed tickets to learn from, 20 are needed" in str(told.exception)
    assert shelf.look(settings.data_dir / "router").files == []


def test_lessons_are_redacted_confirmed_and_closed_and_never_a_childs(client, world, database):
    closed(client, world, "红房子黑着呢", "BLD-10")
    open_ = submit(client, world, text="红房子黑着呢，电话13812345678", category="BLD-10")
    triage(client, world, open_, redacted_text="红房子黑着呢")
    child = submit(client, world, text="滑梯断了", category="BLD-13", minor=True)
    triage(client, world, child, redacted_text="滑梯断了")
    verb(client, world, "grid_head", child, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    verb(client, world, "grid_head2", child, "confirm", text="修好了")
    client.post(f"/api/v1/tickets/{child['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(child))
    with database.read() as session:
        rows = lesson.examples(session)
    assert [(row.leaf, row.text) for row in rows] == [("BLD-10", "红房子黑着呢")]
    assert rows[0].at is not None
