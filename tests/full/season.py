"""The people of a compound for a year: some quick, some lazy, some who press. Seeded, so that it repeats.

Nothing happens between what is planned: reports and touches stand in one queue of instants, and the worker comes by
every few hours unless it is down. Each act is one transaction of the product's own actions, as behind a request.
"""

import heapq
import itertools
import random
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import bindparam
from sqlmodel import col, select

from app import access, worker
from app.access import ReporterKey, StaffKey
from app.actions import call, desk, desk_course, desk_intake, desk_review, slip, ticket
from app.errors import AppError
from app.models.ticket import Ticket
from app.rules import catalogue, sla, workflow
from app.rules.vocabulary import OPEN_SLIP, Complexity, Part, Status
from app.schemas.call import CallbackIn
from app.schemas.desk import (
    AssignIn,
    ConfirmIn,
    DecideIn,
    DoneIn,
    ExtendIn,
    MergeIn,
    PauseIn,
    ProgressIn,
    QuestionIn,
    ReasonIn,
    ReclassifyIn,
    RejectIn,
    ReplyIn,
    TextIn,
    TransferIn,
    TriageIn,
)
from app.schemas.intake import DeskTicketIn
from app.schemas.ticket import InfoIn, ObjectionIn, RatingIn, TicketIn, WithdrawalIn
from tests.builders import NOTICE

HOUR = timedelta(hours=1)
ROUND = 6 * HOUR  # how often the worker comes by
LEAVES = [leaf.code for leaf in catalogue.default().leaves if leaf.code != "GOV-99"]
OFTEN = ["BLD-09", "ENV-02", "SAF-03", "BLD-04", "SVC-09", "NOI-01"]
OPENS, CLOSES = 8, 20
LEVELS = ("committee_secretary", "community", "street")
REST = {  # hours until somebody comes back to a ticket in this state, on average
    Status.SUBMITTED: 4,
    Status.ACCEPTED: 4,
    Status.ASSIGNED: 1,
    Status.PENDING_CHECK: 8,
    Status.ANSWERED: 60,
}
AT_WORK = {Status.ASSIGNED, Status.IN_PROGRESS, Status.REPLIED}
OVER = workflow.queue(Status.CLOSED)
TICKET = select(Ticket).where(Ticket.number == bindparam("number")).execution_options(scope="test")
LAZY = 10  # how much longer whoever is lazy takes


class Season:
    """`live(days)` lets time pass; `done` and `refused` tell what happened, `unseen` what a sweep left over."""

    def __init__(self, database, world, time, sender, *, seed, a_day):
        self.database, self.world, self.time, self.sender = database, world, time, sender
        self.chance, self.a_day = random.Random(seed), a_day
        self.secrets, self.done, self.refused = {}, Counter(), Counter()
        self.unseen = []
        self.queue, self.order, self.staff = [], itertools.count(), {}

    def live(self, days, outages=()):
        """Lets so many days pass; while an outage (first day, days) lasts, no worker comes by."""
        begun = self.time.at
        end = begun + timedelta(days=days)
        self.plan(begun, self.report)
        self.plan(begun + ROUND, self.work_round)
        while self.queue[0][0] < end:
            at, _, act, arguments = heapq.heappop(self.queue)
            self.time.set(at)
            down = any(first <= (at - begun).days < first + length for first, length in outages)
            if act == self.work_round and down:
                self.plan(at + ROUND, self.work_round)
            else:
                act(at, *arguments)
        self.time.set(end)
        self.work_round(end)

    def plan(self, at, act, *arguments):
        heapq.heappush(self.queue, (at, next(self.order), act, arguments))

    def work_round(self, now):
        """What the worker does by itself."""
        worker.sweep(self.database)
        with self.database.read() as session:
            waits = col(Ticket.look_at).is_(None) | (col(Ticket.look_at) <= now)
            query = select(Ticket.number, Ticket.status).where(Ticket.queue < OVER, waits)
            self.unseen += session.exec(query.execution_options(scope="test"))
        while worker.deliver(self.database, self.sender):
            pass
        self.plan(now + ROUND, self.work_round)

    def report(self, now):
        """Somebody reports something, mostly by day; the next one is planned."""
        leaf = self.chance.choice(OFTEN if self.chance.random() < 0.5 else LEAVES)
        words = {"text": f"第 {len(self.secrets)} 件事", "category": leaf, "emergency": self.chance.random() < 0.02}
        if self.chance.random() < 0.3:
            words["consent"] = {"notice_version": NOTICE, "contact": True}
            words["contact"] = {"name": "李梅", "phone": "13812345678"}
        code = self.chance.choice(sorted(self.world.codes.values()))
        with self.database.write() as session:
            if self.chance.random() < 0.08:
                head = self.who(session, "grid_head", now)
                form = DeskTicketIn(code=code, channel="phone", **words)
                made = desk_intake.record(session, head, form, now=now)
            else:
                made = ticket.submit(session, TicketIn(code=code, **words), device=None, now=now)
        self.secrets[made.number] = made.secret
        lazy, presses = self.chance.random() < 0.04, self.chance.random() < 0.04
        self.plan(self.back(now, made.status, lazy=lazy), self.touch, made.number, lazy)
        for hours in (3, 16, 29, 42) if presses else ():
            self.plan(now + hours * HOUR, self.press, made.number)
        gap = self.chance.expovariate(self.a_day / 24)
        self.plan(now + gap * HOUR * (1 if 6 <= local_hour(now) < 23 else 3), self.report)

    def press(self, now, number):
        """A reporter who presses, however things stand."""
        with self.counted() as done, self.database.write() as session:
            done.name = "urge"
            ticket.urge(session, ReporterKey(number, self.secrets[number]), now=now)

    def touch(self, now, number, lazy):
        """Somebody looks at a ticket and does one thing about it, or nothing; then somebody comes back to it."""
        with self.counted() as done, self.database.write() as session:
            row = session.exec(TICKET, params={"number": number}).one()
            moves = [*self.reporter(row, now), *self.holders(session, row, now), *self.desk(row, now)]
            status, over = Status(row.status), row.queue == OVER
            if moves:
                done.name, _, act = self.chance.choices(moves, [weight for _, weight, _ in moves])[0]
                act(session)
        silent = status is Status.ANSWERED and not lazy and self.chance.random() < 0.5  # nobody says how it went
        if not (over or silent) or self.chance.random() < 0.1:
            self.plan(self.back(now, status, lazy=lazy), self.touch, number, lazy)
        if done.name == "withdraw" and done.well:
            self.adopt(now)

    def adopt(self, now):
        """Where a matter goes on without its reporter, people come to that one instead."""
        with self.database.read() as session:
            query = select(Ticket.number).order_by(col(Ticket.id).desc()).limit(1).execution_options(scope="test")
            number = session.exec(query).one()
        if number not in self.secrets:
            self.plan(now + HOUR, self.touch, number, False)

    @contextmanager
    def counted(self):
        """Counts an act by its name, and what was refused by its code; what was refused has changed nothing."""
        act = SimpleNamespace(name="nothing", well=False)
        try:
            yield act
        except AppError as refusal:
            self.refused[act.name, refusal.code] += 1
        else:
            act.well = True
            self.done[act.name] += 1

    def back(self, now, status, *, lazy):
        """When somebody comes back; staff come in service hours only."""
        rest = REST.get(status, 14) * (LAZY if lazy else 1)
        at = now + timedelta(hours=self.chance.expovariate(1 / rest), minutes=5)
        hour = local_hour(at)
        late = (OPENS - hour) % 24 if hour < OPENS or hour >= CLOSES else 0
        return at + late * HOUR

    def who(self, session, role, now):
        """An account of the compound; their offices do not change in this year."""
        if role not in self.staff:
            self.staff[role] = access.staff(session, StaffKey(self.world.tokens[role]), now)
        return self.staff[role]

    def by(self, role, act, *arguments, now):
        """An act of somebody in office, for later."""
        return lambda session: act(session, self.who(session, role, now), *arguments, now=now)

    def reporter(self, row, now):
        """What the reporter may do: a name, how likely it is, and the act. Where a case goes on, nobody reported it."""
        if row.number not in self.secrets:
            return
        key, status = ReporterKey(row.number, self.secrets[row.number]), Status(row.status)

        def own(act, *form):
            return lambda session: act(session, key, *form, now=now)

        pick = self.chance.choices(["yes", "partly", "no"], [8, 1, 1.5])[0]
        if status is Status.NEED_INFO:
            yield "info", 3, own(ticket.info, InfoIn(text="在三楼"))
        if status is Status.ANSWERED:
            yield "rate", 4, own(ticket.rate, RatingIn(solved=pick, stars=self.chance.randint(1, 5)))
        if status is Status.REJECTED:
            yield "object", 3, own(ticket.object_to, ObjectionIn(text="应当受理"))
        if row.queue < OVER:
            yield "withdraw", 0.04, own(ticket.withdraw, WithdrawalIn(reason="好了"))
        if status in {Status.CLOSED, Status.CLOSED_UNRATED}:
            yield "info", 0.3, own(ticket.info, InfoIn(text="又坏了"))

    def desk(self, row, now):  # noqa: C901 -- one line after the other of what a desk may do
        """What the three sides, the secretary and the levels above may do."""
        head, status = self.chance.choice(["grid_head", "grid_head2"]), Status(row.status)
        chief = "committee_secretary" if row.hidden_grid else head
        triager = "self_mgmt_head" if row.hidden_grid and not row.hidden_self_mgmt else chief
        today, number = sla.local_day(now), row.number

        def does(role, act, *form):
            return self.by(role, act, number, *form, now=now)

        if row.triaged_at is None and status in {Status.SUBMITTED, Status.ASSIGNED, Status.IN_PROGRESS}:
            form = TriageIn(category=row.category, complexity=row.complexity, redacted_text="请处理", assign=True)
            yield "triage", 6, does(triager, desk.triage, form)
        if status in {Status.SUBMITTED, Status.ACCEPTED}:
            yield "need_info", 0.4, does(triager, desk_review.need_info, QuestionIn(question="几楼？"))
            yield "reject", 0.4, does(triager, desk.reject, RejectIn(reason="out_of_duty", text="请找开发商"))
            yield "transfer_out", 0.1, does(triager, desk_review.transfer_out, TransferIn(agency="12345"))
            into = self.chance.choice(list(self.secrets))
            yield "merge", 0.1, does(triager, desk_review.merge, MergeIn(into=into))
        if status in {Status.ACCEPTED, Status.REOPENED}:
            yield "assign", 6, does(chief, desk.assign, AssignIn(lead=row.lead_role))
            likely = 6 if row.category in workflow.ANSWERED_WITHOUT_SLIP else 0.1
            yield "answer", likely, does(chief, desk.answer, TextIn(text="是这样的"))
        if status is Status.IN_PROGRESS:
            plan = ReplyIn(kind="plan", text="要等配件", promise_date=today + self.chance.randint(1, 20) * 24 * HOUR)
            likely = 3 if row.complexity == Complexity.COMPLEX else 0.3
            yield "reply", likely, does(chief, desk.reply, plan)
        if status in {Status.IN_PROGRESS, Status.REPLIED}:
            until = now + timedelta(hours=self.chance.randint(2, 47))
            rest = PauseIn(reason=self.chance.choice(["waiting_external", "waiting_reporter"]), until=until)
            yield "pause", 0.2, does(chief, desk_course.pause, rest)
            promised = sla.local_day(row.promised_until or row.due_at)
            longer = ExtendIn(until=promised + timedelta(days=self.chance.randint(0, 5)), reason="等审批")
            yield "extend", 2 if row.promised_until else 0.1, does(chief, desk_course.extend, longer)
            harder = ReclassifyIn(complexity="complex", reason="要会商")
            yield "reclassify", 0.1, does(triager, desk_course.reclassify, harder)
            yield "escalate", 0.05, does(chief, desk_course.escalate, ReasonIn(reason="吹哨"))
        if status is Status.PAUSED:
            yield "resume", 0.3, does(chief, desk_course.resume)
        if status is Status.PENDING_CHECK:
            yield "reject_work", 0.3, does(chief, desk.reject_work, ReasonIn(reason="还没干净"))
            yield "confirm", 6, does(chief, desk.confirm, ConfirmIn(text="办好了"))
        if status is Status.REVIEW:
            outcome = self.chance.choice(["accepted", "closed_rejected", "reopened", "closed"])
            yield "decide", 4, does("committee_secretary", desk_review.decide, DecideIn(outcome=outcome, text="看过了"))
        if status in {Status.CLOSED, Status.CLOSED_UNRATED}:
            pick, stars = self.chance.choice(["yes", "yes", "partly"]), self.chance.randint(1, 5)
            judged = CallbackIn(result="reached", solved=pick, stars=stars, explained=pick != "yes")
            yield "callback", 0.5, does("self_mgmt_head", call.callback, judged)
        if row.escalated_to and row.queue < OVER:
            why = ReasonIn(reason="已督办")
            yield "deescalate", 0.5, does(LEVELS[row.escalated_to - 1], desk_course.deescalate, why)
        yield "nothing", 0.5 if row.queue < OVER else 2, lambda _: None

    def holders(self, session, row, now):
        """What whoever has a slip may do."""
        if row.status not in AT_WORK:
            return
        for held in [its for its in access.slips_of(session, row) if its.status in OPEN_SLIP]:

            def does(act, *form, held=held):
                return self.by(held.role, act, held.slip_no, *form, now=now)

            if row.status == Status.ASSIGNED and held.part == Part.LEAD:
                yield "return", 0.3, does(slip.give_back, ReasonIn(reason="不归我"))
                yield "accept", 2, does(slip.accept)
                yield "done", 3, does(slip.done, DoneIn(text="好了"))  # whoever does it has taken it
            elif row.status != Status.ASSIGNED:
                yield "progress", 0.6, does(slip.progress, ProgressIn(text="在办"))
                yield "done", 5, does(slip.done, DoneIn(text="好了"))


def local_hour(at):
    return at.astimezone(sla.SHANGHAI).hour
