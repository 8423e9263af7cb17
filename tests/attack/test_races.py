# ruff: noqa: B023 -- each round calls its own closures before the next begins
"""Attacks by doing two things at the same moment, on PostgreSQL, where transactions really overlap."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app import access
from app.access import SlipKey
from app.actions import desk as desk_actions
from app.actions import slip as slip_actions
from app.errors import LinkBoundError
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.queries import slip as slip_queries
from app.rules.vocabulary import OPEN_SLIP
from app.schemas.desk import AssignIn, DoneIn, ProgressIn, RevealIn
from tests.builders import MONDAY, desk, phoned, slip_of, slip_verb, submit, triage, verb

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_database):
    return postgres_database


def link(client, world, receipt, slip_no):
    made = client.post(f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link", headers=world.as_("grid_head"))
    assert made.status_code == 201, made.text
    return made.json()["token"]


def two_slips(client, world):
    """A ticket in work with a lead and a co slip, both taken, and a link for each."""
    receipt = submit(client, world)
    triage(client, world, receipt)
    assert verb(client, world, "grid_head", receipt, "assign", lead="property", co=["stair_head"]).status_code == 200
    lead, co = slip_of(client, world, "property")["slip_no"], slip_of(client, world, "stair_head")["slip_no"]
    assert slip_verb(client, world, "property", lead, "accept").status_code == 200
    assert slip_verb(client, world, "stair_head", co, "accept").status_code == 200
    return receipt, link(client, world, receipt, lead), link(client, world, receipt, co)


def state(database, receipt):
    with database.read() as session:
        found = session.execute(
            select(Ticket.id, Ticket.status).where(Ticket.number == receipt["number"]).execution_options(scope="test")
        ).one()
        slips = session.execute(
            select(Slip.status).where(Slip.ticket_id == found.id).execution_options(scope="test")
        ).scalars()
        return found.status, sorted(slip for slip in slips if slip != "cancelled")


def at_once(*calls):
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is the finding
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_links_that_finish_at_the_same_moment_leave_a_ticket_that_waits_for_its_check(database, client, world):
    """The slip page reads every slip of the ticket before it takes the lock, and then trusts what it read."""
    receipt, lead, co = two_slips(client, world)
    form = DoneIn(text="办好了")
    with database.write() as first:
        slip_queries.slip(first, SlipKey(lead, "a" * 22), None, MONDAY)  # as routers/pages/slip.py _verb does
        with database.write() as second:
            slip_actions.done(second, SlipKey(co, "b" * 22), None, form, now=MONDAY)
        slip_actions.done(first, SlipKey(lead, "a" * 22), None, form, now=MONDAY)
    status, slips = state(database, receipt)
    assert slips == ["done", "done"]
    assert status == "pending_check", f"{status}: nobody can move this ticket any more"


@pytest.mark.parametrize("attempt", range(6))
def test_two_pages_that_finish_at_the_same_moment_never_strand_a_ticket(database, app, client, world, attempt):
    """The same over HTTP, without any help."""
    receipt, lead, co = two_slips(client, world)
    answers = at_once(
        *(
            lambda token=token: client.post(f"/slip/{token}/done", data={"text": "办好了"}, follow_redirects=False)
            for token in (lead, co)
        )
    )
    assert [answer.status_code for answer in answers] == [303, 303]
    status, slips = state(database, receipt)
    assert (status, slips) == ("pending_check", ["done", "done"])
    assert desk(client, world, "grid_head2", receipt).json()["verbs"]


def test_a_return_does_not_overwrite_a_slip_that_was_finished_meanwhile(database, client, world):
    receipt, lead, co = two_slips(client, world)
    from app.schemas.desk import ReasonIn

    with database.write() as first:
        slip_queries.slip(first, SlipKey(lead, "a" * 22), None, MONDAY)
        with database.write() as second:
            slip_actions.done(second, SlipKey(co, "b" * 22), None, DoneIn(text="办好了"), now=MONDAY)
        slip_actions.give_back(first, SlipKey(lead, "a" * 22), None, ReasonIn(reason="不归我"), now=MONDAY)
    assert state(database, receipt)[1] == ["done", "returned"]  # a finished slip is not called off


def test_a_link_is_bound_to_one_device_even_when_two_tap_at_the_same_moment(database, client, world):
    receipt, lead, _ = two_slips(client, world)
    del receipt
    with database.write() as first:
        access.slip(first, SlipKey(lead, "a" * 22), None, MONDAY)  # every route looks before it locks
        with database.write() as second:
            slip_actions.progress(second, SlipKey(lead, "b" * 22), None, ProgressIn(text="我先"), now=MONDAY)
        with pytest.raises(LinkBoundError):
            slip_actions.progress(first, SlipKey(lead, "a" * 22), None, ProgressIn(text="我也"), now=MONDAY)


def test_a_link_that_was_just_taken_back_does_nothing(database, client, world):
    receipt, lead, _ = two_slips(client, world)
    with database.write() as first:
        access.slip(first, SlipKey(lead, "a" * 22), None, MONDAY)
        with database.read() as reading:
            slip_no = slip_queries.slip(reading, SlipKey(lead, "a" * 22), None, MONDAY).slip_no
        link(client, world, receipt, slip_no)  # 请网格长重发: the old one must stop working
        with pytest.raises(LinkBoundError):
            slip_actions.progress(first, SlipKey(lead, "a" * 22), None, ProgressIn(text="旧链接"), now=MONDAY)


def test_a_tap_on_a_link_and_a_new_link_do_not_lock_each_other_out(client, world, database):
    """One locks link then ticket, the other ticket then link."""
    receipt, lead, _ = two_slips(client, world)
    with database.read() as reading:
        slip_no = slip_queries.slip(reading, SlipKey(lead, "a" * 22), None, MONDAY).slip_no
    statuses = []
    for _ in range(15):
        token = link(client, world, receipt, slip_no)
        answers = at_once(
            lambda: client.post(
                f"/api/v1/slips/{slip_no}/progress", json={"text": "在办"}, headers={"X-Slip-Token": token}
            ),
            lambda: client.post(
                f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link", headers=world.as_("grid_head")
            ),
        )
        statuses += [answer.status_code for answer in answers]
    assert not [status for status in statuses if status >= 500], statuses


def test_a_reveal_and_an_assignment_do_not_lock_each_other_out(client, world, database):
    """Reveal: compound FOR UPDATE, then the log's key on the ticket. Assign: ticket FOR UPDATE, then the slip's key on
    the compound."""
    statuses = []
    receipt = submit(
        client,
        world,
        contact={"name": "王小明", "phone": "13811112222"},
        consent={"notice_version": _notice(), "contact": True},
    )
    triage(client, world, receipt)
    for _ in range(15):
        answers = at_once(
            lambda: verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact"),
            lambda: verb(client, world, "grid_head2", receipt, "assign", lead="property", co=["police", "urban_mgmt"]),
        )
        statuses += [answer.status_code for answer in answers]
    assert not [status for status in statuses if status >= 500], statuses


def test_reveal_and_assign_interleaved_by_hand(client, world, database):
    """The same deadlock, without luck: each holds what the other needs."""
    receipt = submit(client, world)
    triage(client, world, receipt)
    staff = {}
    with database.read() as session:
        for name in ("grid_head", "grid_head2"):
            staff[name] = access.staff(session, access.StaffKey(world.tokens[name]), MONDAY)
    assigned_ticket_locked, revealed = threading.Event(), threading.Event()
    errors = []

    def assign():
        try:
            with database.write() as session:
                access.desk_ticket(session, staff["grid_head2"], receipt["number"], lock=True)
                assigned_ticket_locked.set()
                revealed.wait(5)
                desk_actions.assign(
                    session, staff["grid_head2"], receipt["number"], AssignIn(lead="property"), now=MONDAY
                )
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    def reveal():
        try:
            assigned_ticket_locked.wait(5)
            with database.write() as session:
                desk_actions.reveal(
                    session,
                    staff["grid_head"],
                    receipt["number"],
                    RevealIn(fields=["text"], purpose="contact"),
                    now=MONDAY,
                )
                revealed.set()
                session.flush()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=target) for target in (assign, reveal)]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert not errors, [str(error)[:120] for error in errors]


def test_two_grid_heads_assign_at_once_and_one_lead_slip_stays_open(database, client, world):
    for _ in range(5):
        receipt = submit(client, world)
        triage(client, world, receipt)
        answers = at_once(
            *(
                lambda who=who, lead=lead: verb(client, world, who, receipt, "assign", lead=lead)
                for who, lead in (("grid_head", "property"), ("grid_head2", "police")) * 4
            )
        )
        assert {answer.status_code for answer in answers} == {200}
        status, slips = state(database, receipt)
        assert status == "assigned"
        assert sum(slip in OPEN_SLIP for slip in slips) == 1


def test_accept_return_and_withdraw_at_once_leave_no_open_slip_under_a_closed_ticket(database, client, world):
    for _ in range(8):
        receipt = submit(client, world)
        slip_no = slip_of(client, world, "property")["slip_no"]
        answers = at_once(
            lambda: slip_verb(client, world, "property", slip_no, "accept"),
            lambda: slip_verb(client, world, "property", slip_no, "return", reason="不归我"),
            lambda: slip_verb(client, world, "property", slip_no, "done", text="办好了"),
            lambda: client.post(
                f"/api/v1/tickets/{receipt['number']}/withdrawal", headers={"X-Ticket-Secret": receipt["secret"]}
            ),
        )
        codes = [answer.status_code for answer in answers]
        assert all(code < 500 for code in codes), codes
        status, slips = state(database, receipt)
        open_slips = sum(slip in OPEN_SLIP for slip in slips)
        assert not (status in {"withdrawn", "accepted", "pending_check"} and open_slips), (status, slips)
        assert not (status in {"assigned", "in_progress"} and not open_slips), (status, slips)
        if status == "accepted":
            continue
        for other in list(client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]):
            slip_verb(client, world, "property", other["slip_no"], "done", text="清理")


def test_done_confirm_and_reject_work_at_once_keep_ticket_and_slips_in_step(database, client, world):
    for _ in range(6):
        receipt = submit(client, world)
        slip_no = slip_of(client, world, "property")["slip_no"]
        assert slip_verb(client, world, "property", slip_no, "done", text="办好了").status_code == 200
        at_once(
            lambda: verb(client, world, "grid_head", receipt, "confirm", text="已核实"),
            lambda: verb(client, world, "grid_head2", receipt, "reject_work", reason="没办好"),
            lambda: slip_verb(client, world, "property", slip_no, "done", text="再办"),
        )
        status, slips = state(database, receipt)
        open_slips = sum(slip in OPEN_SLIP for slip in slips)
        assert (status == "in_progress") == bool(open_slips), (status, slips)
        if open_slips:
            slip_verb(client, world, "property", slip_no, "done", text="清理")


def test_eight_ratings_at_once_are_a_judgement_and_one_change(database, client, world):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", slip_no, "done", text="办好了")
    verb(client, world, "grid_head", receipt, "confirm", text="已核实")
    answers = at_once(
        *(
            lambda stars=stars: client.post(
                f"/api/v1/tickets/{receipt['number']}/rating",
                json={"solved": "yes", "stars": stars},
                headers={"X-Ticket-Secret": receipt["secret"]},
            )
            for stars in (1, 2, 3, 4, 5, 1, 2, 3)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201] + [409] * 6


def _notice():
    from tests.builders import NOTICE

    return NOTICE


def test_two_callers_at_the_same_moment_put_one_judgement_down(client, world):
    """Both have the number in front of them; the second one learns that somebody was faster."""
    told = phoned(client, world, "community", text="电梯困人", category="BLD-01", emergency=True)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="放出来了")
    verb(client, world, "grid_head", told, "confirm", text="已放出")

    def ask(who):
        return lambda: verb(client, world, who, told, "callback", result="reached", solved="no", stars=1).status_code

    assert sorted(at_once(ask("grid_head2"), ask("self_mgmt_head"), ask("committee_secretary"))) == [200, 409, 409]
    view = desk(client, world, "grid_head", told).json()
    assert (view["status"], sum(event["verb"] == "callback" for event in view["events"])) == ("reopened", 1)
