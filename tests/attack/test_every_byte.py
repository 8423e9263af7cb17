"""The matrix against every route that reads: each role, each kind of matter, each mark, in every byte that comes back.

The routes are those of the application, so that a new one is tried without being named here; one with a new name in its
path fails until somebody says what stands there.
"""

import io
import re
import zipfile
from urllib.parse import quote, unquote

import pytest
import structlog
from sqlalchemy import select

from app import main, worker
from app.models.message import Message
from app.routers import ALL
from app.routers.deps import DESK_COOKIE
from app.rules.privacy import Grade, Item, Shown, grade
from app.rules.vocabulary import Role
from app.senders.console import Console
from app.settings import Settings
from tests.attack.planting import KINDS, columns, go_through, looked_after, mark, report, spoken_for
from tests.builders import build_world

WORDS = {Grade.FULL, Grade.MASKED, Grade.SLIP}
ON_A_SLIP = {Item.REDACTED, Item.REPLY, Item.NOTES}
KEYS = {"token"}  # names in paths that are a credential of its own: pages of the reporter and of a link
FIGURES = ("n", "solved", "satisfied", "urged", "on_time")


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def planted(client, world):
    """Six kinds of matter, each fresh and each finished; a common issue, a proxy, somebody who is looked after."""
    found = []
    for place, kind in enumerate(KINDS):
        found.append(report(client, world, kind, 2 * place))
        found.append(report(client, world, kind, 2 * place + 1))
        go_through(client, world, found[-1], 2 * place + 1)
    return found


@pytest.fixture
def beside(client, world, planted):
    """What is told beside the tickets: words that only some may read, and persons whom nobody may."""
    public = next(one for one in planted if one.kind == "public" and one.slips)
    grid = world.as_("grid_head")
    issue = client.post("/api/v1/desk/issues", json={"tickets": [public.receipt["number"]]}, headers=grid).json()
    outcome = {"text": f"换了{mark(42, Item.NOTES)}"}
    assert client.post(f"/api/v1/desk/issues/{issue['id']}/close", json=outcome, headers=grid).status_code == 200
    persons = spoken_for(client, world)
    plan, visited = looked_after(client, world)
    readers = {
        mark(42, Item.NOTES): {*WATCHERS, Role.COMMITTEE_SECRETARY},
        mark(40, Item.PROXY): {Role.GRID_HEAD},
        mark(41, Item.VULNERABLE): {Role.GRID_HEAD, Role.STAIR_HEAD},
    }
    return {"issue_id": issue["id"], "plan_id": plan}, readers, [*persons, *visited]


WATCHERS = {Role.GRID_HEAD, Role.PROPERTY, Role.SELF_MGMT_HEAD, Role.SELF_MGMT_GROUP}


def paths(planted, ids, code):
    """Every address of every reading route: once per ticket, slip and photo where it names one."""
    fixed = {"compound": "LHQ", "batch_id": "1", "call_id": "1", "request_id": "1", "rest": "x", "verb": "x",
             "rest:path": "x", **{name: str(value) for name, value in ids.items()}}  # fmt: skip
    several = {
        "number": [one.receipt["number"] for one in planted],
        "slip_no": [slip for one in planted for slip in one.slips.values()],
        "key": [key for one in planted for key in one.photos],
        "figure": list(FIGURES),
    }
    for route in (route for router in ALL for route in router.routes if "GET" in route.methods):
        names = set(re.findall(r"{([\w:]+)}", route.path))
        if names & KEYS:
            continue
        path = route.path.replace("{code}", "LHQ" if "/compounds/" in route.path else code)
        for name in names & fixed.keys():
            path = path.replace(f"{{{name}}}", fixed[name])
        [many] = (names & several.keys()) or {""}
        for value in several.get(many, [""]):
            yield path.replace(f"{{{many}}}", value)


def searches(planted):
    """Questions whose answers must not tell either."""
    for one in planted:
        yield f"/api/v1/desk/tickets?q={one.receipt['number']}"
        yield f"/desk/print?number={one.receipt['number']}"
        yield from (f"/api/v1/desk/tickets?q={quote(mark)}" for marks in one.words.values() for mark in marks[:1])
    yield from (f"/api/v1/stats/{figure}/tickets?compound=LHQ&part=over&to=2027-03-20" for figure in FIGURES)
    yield from (f"/api/v1/slips?status={status}" for status in ("done", "cancelled", "returned"))
    yield "/api/v1/desk/issues?compound=LHQ&closed=true"
    yield "/desk/figures?compound=LHQ&to=2027-03-20"


def everything(answer) -> str:
    """Every byte of an answer, headers too; a workbook's parts unpacked."""
    body = answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return str(answer.headers) + body.decode(errors="replace")


def allowed(role, one):
    """The items whose words this role may read of this ticket."""
    kind = KINDS[one.kind]
    shown = Shown(shielded=kind.shielded, escalated_to=0)
    mine = {item for item in Item if grade(item, columns(role, kind), shown) in WORDS}
    return mine | (ON_A_SLIP if role.value in one.slips else set())


OFTEN = (Role.PROPERTY, Role.POLICE)
"""One of each sort in every run; everybody in the full one."""


@pytest.mark.parametrize(
    "roles", [OFTEN, pytest.param(tuple(role for role in Role if role not in OFTEN), marks=pytest.mark.full)]
)
def test_no_answer_to_anybody_holds_a_word_that_the_matrix_keeps_from_them(client, world, planted, beside, roles):
    leaks = [leak for role in roles for leak in leaks_to(client, world, planted, beside, role)]
    assert leaks == []


def leaks_to(client, world, planted, beside, role):
    """Where a role reads what: every address with every word that stands there against the matrix."""
    ids, readers, persons = beside
    forbidden = [*persons, *(private for one in planted for private in one.person)]
    for one in planted:
        mine = allowed(role, one)
        forbidden += [word for item, marks in one.words.items() if item not in mine for word in marks]
    forbidden += [word for word, may in readers.items() if role not in may]
    read = ""
    for path in (*paths(planted, ids, world.code), *searches(planted)):
        client.cookies.clear()
        client.cookies.set(DESK_COOKIE, world.tokens[role], path="/desk")
        headers = world.as_(role) if path.startswith("/api/") else {}
        params = None if "?" in path else {"compound": "LHQ"}
        answer = client.get(path, headers=headers, params=params, follow_redirects=False)
        assert answer.status_code < 500, (path, answer.text)
        text = everything(answer)
        asked = unquote(path)
        yield from ((role, path, word) for word in forbidden if word in text and word not in asked)
        read += text
    if role in WATCHERS | {Role.COMMITTEE_SECRETARY}:  # the marks are where they were put: silence proves something
        public = next(one for one in planted if one.kind == "public" and one.slips)
        shown = [marks[0] for item, marks in public.words.items() if item in allowed(role, public)]
        assert [word for word in shown if word not in read] == []


@pytest.mark.full
def test_nobody_without_a_key_reads_a_single_mark(client, world, planted, beside):
    ids, readers, persons = beside
    forbidden = [*persons, *readers, *(private for one in planted for private in one.person)]
    forbidden += [word for one in planted for marks in one.words.values() for word in marks]
    client.cookies.clear()
    for path in (*paths(planted, ids, world.code), *searches(planted)):
        answer = client.get(path, follow_redirects=False)
        assert [word for word in forbidden if word in everything(answer)] == [], path


@pytest.mark.full
def test_the_grid_head_of_another_compound_reads_a_single_mark_as_little(client, world, planted, beside, database):
    other = build_world(database, compound="QTY", name="清泰苑")
    ids, readers, persons = beside
    forbidden = [*persons, *readers, *(private for one in planted for private in one.person)]
    forbidden += [word for one in planted for marks in one.words.values() for word in marks]
    forbidden += [one.receipt["number"] for one in planted]
    for path in (*paths(planted, ids, world.code), *searches(planted)):
        client.cookies.clear()
        client.cookies.set(DESK_COOKIE, other.tokens["grid_head_QTY"], path="/desk")
        headers = other.as_("grid_head_QTY") if path.startswith("/api/") else {}
        text = everything(client.get(path, headers=headers, follow_redirects=False))
        asked = [number for number in forbidden if number in path]  # what was asked for may stand in the address
        assert [word for word in forbidden if word in text and word not in asked] == [], path


@pytest.mark.parametrize("who", [Role.GRID_HEAD, Role.PROPERTY, Role.COMMITTEE_SECRETARY])
def test_paper_holds_no_word_of_the_reporters_even_for_those_who_read_them_on_the_desk(client, world, who):
    one = report(client, world, "public", 0)
    go_through(client, world, one, 0)
    client.cookies.set(DESK_COOKIE, world.tokens[who], path="/desk")
    paper = client.get("/desk/print", params={"number": one.receipt["number"]})
    assert (paper.status_code, one.words[Item.REDACTED][0] in paper.text) == (200, True)
    assert [word for word in (*one.words[Item.RAW], *one.person) if word in paper.text] == []


class Everyone(Console):
    """A way out that keeps what went."""

    def __init__(self):
        self.sent = []

    def send(self, envelopes):
        self.sent += envelopes


def test_no_line_of_the_log_no_notice_and_no_row_of_the_outbox_holds_a_mark(client, world, database, capsys):
    main.configure_logs(Settings(log_level="DEBUG", log_format="json"))
    sender, planted = Everyone(), []
    try:
        for place, kind in enumerate(KINDS):
            planted.append(report(client, world, kind, place, emergency=True))
            assert worker.deliver(database, sender) > 0
            go_through(client, world, planted[-1], place)
            worker.deliver(database, sender)
        spoken_for(client, world)
        looked_after(client, world)
        worker.deliver(database, sender)
    finally:
        structlog.reset_defaults()
    with database.read() as session:
        rows = session.execute(select(Message).execution_options(scope="test")).scalars().all()
        kept = "".join(str(row.model_dump()) for row in rows)
    written = "".join(capsys.readouterr()) + repr(sender.sent) + kept
    forbidden = [private for one in planted for private in one.person]
    forbidden += [word for one in planted for marks in one.words.values() for word in marks]
    numbers = [one.receipt["number"] for one in planted]
    assert len(sender.sent) > len(planted)
    assert [word for word in forbidden if word in written] == []
    assert [number for number in numbers if number in repr(sender.sent) + kept] == []
