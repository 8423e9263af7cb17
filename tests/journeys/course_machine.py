"""Residents, staff and slip holders who do anything at any time: what must hold whatever they do."""

import shutil
from datetime import datetime, timedelta

from fastapi.testclient import TestClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import col, select

from app import worker
from app.db import Database
from app.main import create_app
from app.models.event import Event
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import workflow
from app.rules.vocabulary import OPEN_SLIP, Status, Verb
from app.vault import Vault, keyring_from
from tests.builders import MONDAY, build_world, key, secret, submit

CATEGORIES = ("BLD-09", "BLD-04", "BLD-02", "SAF-01", "NOI-01", "GOV-01", "GOV-05", "GOV-08", "SVC-09", "GOV-99")
DESK = ("grid_head", "grid_head2", "committee_secretary", "self_mgmt_head", "property", "community", "street")
HOLDERS = ("property", "grid_head", "police", "security_captain", "stair_head", "self_mgmt_head", "self_mgmt_group")
LEADS = ("property", "police", "stair_head", "self_mgmt_group", "grid_head")
SILENT = frozenset({Verb.URGE, Verb.ESCALATE, Verb.DEESCALATE, Verb.INFO})  # they owe nobody anything
LONGEST_WAIT = 200
RESIDENT_PATHS = {"urge": "urges", "rate": "rating", "withdraw": "withdrawal", "info": "info", "object": "objection"}
SLIP_PATHS = {"take": "accept", "draft_reply": "reply"}
REFUSED = frozenset({403, 404, 409})
TOO_EARLY = 429
STEPS = {(source, row.verb): row.target for row in workflow.TABLE for source in row.sources}
EVERYBODY = frozenset(workflow.Hat)


class Course(RuleBasedStateMachine):
    """Tickets of one compound in the hands of everybody at once. `settings`, `template`, `keys`, `clock` are set by the
    test that runs it."""

    def __init__(self):
        super().__init__()
        self.runs = getattr(type(self), "runs_so_far", 0) + 1
        type(self).runs_so_far = self.runs
        path = self.settings_.data_dir / f"course-{self.runs}.db"
        shutil.copy(self.template, path)
        self.clock.set(MONDAY)
        self.database = Database(f"sqlite:///{path}", Vault(keyring_from(self.keys)))
        self.world = build_world(self.database)
        self.client = TestClient(create_app(self.settings_, self.database), raise_server_exceptions=False)
        self.receipts = []
        self.done = []

    def teardown(self):
        self.client.close()
        self.database.close()

    @rule(category=st.sampled_from(CATEGORIES), emergency=st.booleans())
    @precondition(lambda self: len(self.receipts) < 4)
    def somebody_reports(self, category, emergency):
        receipt = submit(self.client, self.world, category=category, emergency=emergency)
        self.receipts.append(receipt)

    @rule(hours=st.integers(1, LONGEST_WAIT))
    def time_passes(self, hours):
        self.clock.set(self.clock.at + timedelta(hours=hours))
        self.tick()

    @rule(data=st.data(), who=st.sampled_from(DESK))
    @precondition(lambda self: self.receipts)
    def the_desk_does_what_it_is_offered(self, data, who):
        receipt = data.draw(st.sampled_from(self.matters()))
        view = self.desk(receipt, who)
        if view and view["verbs"]:
            verb = data.draw(st.sampled_from(view["verbs"]))
            self.accepted(verb, self.at_the_desk(receipt, who, verb, data), fits=self.fits(verb))

    @rule(data=st.data(), who=st.sampled_from(DESK))
    @precondition(lambda self: self.receipts)
    def the_desk_tries_what_it_is_not_offered(self, data, who):
        receipt = data.draw(st.sampled_from(self.matters()))
        offered = (self.desk(receipt, who) or {"verbs": []})["verbs"]
        rows = sorted({row.verb for row in workflow.TABLE if row.door is workflow.Door.DESK} - set(offered))
        before = self.events()
        self.refused(self.at_the_desk(receipt, who, data.draw(st.sampled_from(rows)), data), before)

    @rule(data=st.data(), who=st.sampled_from(HOLDERS))
    def a_holder_does_what_the_slip_offers(self, data, who):
        slips = self.client.get("/api/v1/slips", headers=self.world.as_(who)).json()["items"]
        if slips:
            slip = self.slip(data.draw(st.sampled_from(slips))["slip_no"], who)
            if slip["verbs"]:
                verb = data.draw(st.sampled_from(slip["verbs"]))
                self.accepted(verb, self.on_the_slip(slip["slip_no"], who, verb))

    @rule(data=st.data(), who=st.sampled_from(HOLDERS))
    def a_holder_tries_what_the_slip_does_not_offer(self, data, who):
        slips = self.client.get("/api/v1/slips", headers=self.world.as_(who)).json()["items"]
        if slips:
            slip = self.slip(data.draw(st.sampled_from(slips))["slip_no"], who)
            rows = sorted({row.verb for row in workflow.TABLE if row.door is workflow.Door.SLIP} - set(slip["verbs"]))
            if rows:
                before = self.events()
                self.refused(self.on_the_slip(slip["slip_no"], who, data.draw(st.sampled_from(rows))), before)

    @rule(data=st.data())
    @precondition(lambda self: self.receipts)
    def the_reporter_does_what_the_receipt_offers(self, data):
        receipt = data.draw(st.sampled_from(self.receipts))
        verbs = self.own(receipt)["verbs"]
        if verbs:
            verb = data.draw(st.sampled_from(verbs))
            answer = self.as_reporter(receipt, verb, data)
            if not (verb == "urge" and answer.status_code == TOO_EARLY):
                self.accepted(verb, answer)

    @rule(data=st.data())
    @precondition(lambda self: self.receipts)
    def the_reporter_tries_what_the_receipt_does_not_offer(self, data):
        receipt = data.draw(st.sampled_from(self.receipts))
        verbs = sorted(set(RESIDENT_PATHS) - set(self.own(receipt)["verbs"]))
        if verbs:
            before = self.events()
            self.refused(self.as_reporter(receipt, data.draw(st.sampled_from(verbs)), data), before)

    @invariant()
    def no_ticket_is_without_a_next_owner(self):
        for ticket in self.tickets():
            if workflow.queue(Status(ticket.status)) == workflow.queue(Status.CLOSED):
                continue
            receipt = next((r for r in self.receipts if r["number"] == ticket.number), {"number": ticket.number})
            own = self.own(receipt)["verbs"] if "secret" in receipt else []  # a case has no reporter
            waits = {"info", "rate", "object"} & set(own)
            by_itself = ticket.status in {Status.NEED_INFO, Status.ANSWERED, Status.REJECTED, Status.PAUSED}
            owned = any(self.owes(self.desk(receipt, who)) for who in DESK)
            owned = owned or any(self.holds_a_part(who, ticket) for who in HOLDERS)
            assert owned or (waits and by_itself), (ticket.number, ticket.status)

    @invariant()
    def nothing_is_closed_out_over_an_open_slip(self):
        with self.database.read() as session:
            rows = session.execute(
                select(Ticket.status, Slip.status)
                .join(Slip, col(Slip.ticket_id) == col(Ticket.id))
                .execution_options(scope="test")
            )
            assert not [row for row in rows if Status(row[0]) in workflow.CLOSED_OUT and row[1] in OPEN_SLIP]

    @invariant()
    def no_merged_report_rests_in_one_that_is_over(self):
        tickets = {ticket.id: ticket for ticket in self.tickets()}
        resting = [ticket for ticket in tickets.values() if ticket.status == Status.MERGED]
        over = [(one.number, tickets[one.merged_into_id].status) for one in resting]
        assert not [one for one in over if Status(one[1]) not in workflow.OPEN]

    @invariant()
    def events_replay_to_the_state(self):
        """Every event is a row of the table from the state before it, and the last one left the ticket where it is."""
        with self.database.read() as session:
            query = select(Event).order_by(col(Event.id)).execution_options(scope="test")
            states = {}
            for event in session.exec(query):
                before, after = states.get(event.ticket_id), Status(event.status)
                if before is None:
                    assert event.verb == Verb.SUBMIT
                elif event.verb == Verb.MERGE and "from" in event.facts:
                    assert after is before  # the one that goes on takes another in
                else:
                    assert self.leads_to(before, Verb(event.verb), after), (before, event.verb, after)
                states[event.ticket_id] = after
        assert {ticket.id: Status(ticket.status) for ticket in self.tickets()} == states

    @staticmethod
    def leads_to(before, verb, after):
        if (before, verb) not in STEPS:  # progress and done take an untaken slip first: two events, one call
            return False
        rows = [row for row in workflow.TABLE if row.verb is verb and before in row.sources]
        targets = set()
        for row in rows:
            found = row.target.values() if hasattr(row.target, "values") else (row.target,)
            targets |= {target or before for target in found}
        return after in targets

    def tick(self):
        """What the system does by itself when time has passed."""
        worker.sweep(self.database)

    def matters(self):
        """What the desk may be asked about: every report, and the cases that went on without their reporter."""
        reported = {receipt["number"] for receipt in self.receipts}
        return self.receipts + [{"number": t.number} for t in self.tickets() if t.number not in reported]

    def tickets(self):
        with self.database.read() as session:
            return list(session.exec(select(Ticket).execution_options(scope="test")))

    def events(self):
        with self.database.read() as session:
            return len(list(session.exec(select(Event.id).execution_options(scope="test"))))

    def desk(self, receipt, who):
        answer = self.client.get(f"/api/v1/desk/tickets/{receipt['number']}", headers=self.world.as_(who))
        return answer.json() if answer.is_success else None

    def own(self, receipt):
        return self.client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()

    def slip(self, slip_no, who):
        return self.client.get(f"/api/v1/slips/{slip_no}", headers=self.world.as_(who)).json()

    @staticmethod
    def owes(view):
        return bool(view and set(view["verbs"]) - SILENT)

    def holds_a_part(self, who, ticket):
        slips = self.client.get("/api/v1/slips", headers=self.world.as_(who)).json()["items"]
        with self.database.read() as session:
            numbers = set(
                session.exec(select(Slip.slip_no).where(Slip.ticket_id == ticket.id).execution_options(scope="test"))
            )
        return any(item["slip_no"] in numbers and item["status"] in OPEN_SLIP for item in slips)

    def at_the_desk(self, receipt, who, verb, data):
        view = self.desk(receipt, "grid_head") or self.desk(receipt, "committee_secretary") or {}
        body = self.body(receipt, verb, view, data)
        path = f"/api/v1/desk/tickets/{receipt['number']}/{verb}"
        if verb == "cancel_slip":
            parts = [s for s in (self.desk(receipt, who) or {}).get("slips") or [] if s["part"] == "co"]
            still = [s["slip_no"] for s in parts if s["status"] in OPEN_SLIP] or ["00000000"]
            path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{still[0]}/cancel"
        return self.client.post(path, json=body, headers=self.world.as_(who) | key())

    def on_the_slip(self, slip_no, who, verb):
        body = {
            "progress": {"text": "在路上"},
            "done": {"text": "好了"},
            "ask": {"question": "几楼？"},
            "draft_reply": {"kind": "plan", "text": "要等配件", "promise_date": self.day(2)},
            "return": {"reason": "不归我管"},
        }.get(verb)
        path = f"/api/v1/slips/{slip_no}/{SLIP_PATHS.get(verb, verb)}"
        return self.client.post(path, json=body, headers=self.world.as_(who) | key())

    def as_reporter(self, receipt, verb, data):
        body = {
            "rate": {"solved": data.draw(st.sampled_from(["yes", "no", "partly"])), "stars": 2},
            "info": {"text": "还有一件事"},
            "object": {"text": "应当受理"},
            "withdraw": {"reason": "不用了"},
        }.get(verb)
        path = f"/api/v1/tickets/{receipt['number']}/{RESIDENT_PATHS[verb]}"
        return self.client.post(path, json=body, headers=secret(receipt) | key())

    def day(self, ahead):
        return (self.clock.at + timedelta(days=ahead, hours=8)).date().isoformat()

    def body(self, receipt, verb, view, data):
        reason = {"reason": "情况有变"}
        due = datetime.fromisoformat(view["due_at"]) if view.get("due_at") else self.clock.at
        others = [r["number"] for r in self.receipts if r is not receipt] or [receipt["number"]]
        complexity = "complex" if view.get("complexity") == "simple" else "simple"
        bodies = {
            "triage": {
                "category": view.get("category", {}).get("code", "BLD-09"),
                "complexity": view.get("complexity", "simple"),
                "redacted_text": "灯不亮",
            },
            "need_info": {"question": "几楼？"},
            "assign": {"lead": data.draw(st.sampled_from(LEADS)), "co": data.draw(st.sampled_from([[], ["police"]]))},
            "answer": {"text": "好"},
            "reply": {"kind": "plan", "text": "要等配件", "promise_date": self.day(3)},
            "confirm": {"text": "好了"},
            "reject": {"reason": "out_of_duty", "text": "请找水务"},
            "transfer_out": {"agency": "12345"},
            "merge": {"into": data.draw(st.sampled_from(others))},
            "decide": {"outcome": self.outcome(receipt), "text": "想过了"},
            "pause": {
                "reason": "waiting_external",
                "until": (self.clock.at + timedelta(hours=20)).isoformat(),
            },
            "extend": {"until": (due + timedelta(days=3)).date().isoformat(), **reason},
            "reclassify": {"complexity": complexity, **reason},
            "callback": {"result": "reached", "solved": data.draw(st.sampled_from(["yes", "no"])), "stars": 3},
        }
        return bodies.get(verb, None if verb in {"unmerge", "resume", "undo"} else reason)

    def outcome(self, receipt):
        """What a review may end in: on an objection accepted, on a redo reopened."""
        with self.database.read() as session:
            verbs = session.exec(
                select(Event.verb)
                .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
                .where(Ticket.number == receipt["number"], col(Event.verb).in_([Verb.OBJECT, Verb.RATE, "callback"]))
                .order_by(col(Event.id))
                .execution_options(scope="test")
            )
            return "accepted" if list(verbs)[-1:] == [Verb.OBJECT] else "reopened"

    @staticmethod
    def fits(verb):
        """The partner may not suit (another kind of matter, closed, itself: 422) or not be theirs to see (404)."""
        return frozenset({404, 422}) if verb == "merge" else frozenset()

    def accepted(self, verb, answer, fits=frozenset()):
        assert answer.is_success or answer.status_code in fits, (verb, answer.status_code, answer.text)

    def refused(self, answer, before):
        assert answer.status_code in REFUSED, (str(answer.request.url), answer.status_code, answer.text)
        assert self.events() == before
