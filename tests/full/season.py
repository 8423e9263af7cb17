"""The people of one compound for a season: some quick, some lazy, some who press. Seeded, so that it repeats."""

import random
from collections import Counter
from datetime import timedelta

from sqlmodel import col, select

from app import access, worker
from app.access import ReporterKey, StaffKey
from app.actions import desk, desk_course, desk_review, slip, ticket
from app.errors import AppError
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import catalogue, sla
from app.rules.vocabulary import OPEN_SLIP, Part, Role, Status
from app.schemas.desk import (
    AssignIn,
    ConfirmIn,
    DecideIn,
    DoneIn,
    ExtendIn,
    PauseIn,
    ProgressIn,
    QuestionIn,
    ReasonIn,
    RejectIn,
    ReplyIn,
    TextIn,
    TriageIn,
)
from app.schemas.ticket import InfoIn, ObjectionIn, RatingIn, TicketIn, WithdrawalIn

STEP = timedelta(hours=3)
LEAVES = [leaf.code for leaf in catalogue.default().leaves if leaf.code != "GOV-99"]
OPENS, CLOSES = 8, 20
DILIGENCE = dict.fromkeys(Role, 0.15) | {Role.PROPERTY: 0.5, Role.STAIR_HEAD: 0.04, Role.POLICE: 0.3}


class Season:
    """`live(days)` lets time pass; afterwards `submitted`, `done` and `refused` tell what happened."""

    def __init__(self, database, world, time, sender, *, seed, a_day):
        self.database, self.world, self.time, self.sender = database, world, time, sender
        self.chance, self.a_day = random.Random(seed), a_day
        self.secrets, self.done, self.refused = {}, Counter(), Counter()
        self.known = (None, {})

    def live(self, days, outages=()):
        """Lets so many days pass; while an outage (first day, days) lasts, no worker runs."""
        begun = self.time.at
        end = begun + timedelta(days=days)
        while self.time.at < end:
            self.time.set(self.time.at + STEP)
            day = (self.time.at - begun).days
            self._people()
            if not any(first <= day < first + length for first, length in outages):
                worker.sweep(self.database)
                while worker.deliver(self.database, self.sender):
                    pass

    def _people(self):
        now = self.time.at
        hour = now.astimezone(sla.SHANGHAI).hour
        with self.database.write() as session:
            if self.chance.random() < self.a_day * STEP / timedelta(days=1) * (1.5 if 6 <= hour < 23 else 0.2):
                self._submit(session, now)
            query = select(Ticket).where(col(Ticket.queue) < 2).execution_options(scope="test")
            for number, status, ticket_id in [(t.number, Status(t.status), t.id) for t in session.exec(query)]:
                self._touch(session, number, status, ticket_id, now, working=OPENS <= hour < CLOSES)

    def _submit(self, session, now):
        leaf = self.chance.choice(LEAVES)
        form = TicketIn(
            code=self.chance.choice(sorted(self.world.codes.values())),
            text=f"第 {len(self.secrets)} 件事，请看看",
            category=leaf,
            emergency=self.chance.random() < 0.02,
        )
        view = ticket.submit(session, form, device=None, now=now)
        self.secrets[view.number] = view.secret
        session.flush()

    def _touch(self, session, number, status, ticket_id, now, *, working):
        moves = self._moves(session, number, status, ticket_id, now, working=working)
        for name, share, act in moves:
            if self.chance.random() < share:
                try:
                    with session.begin_nested():
                        act()
                except AppError as refusal:
                    self.refused[name, refusal.code] += 1
                else:
                    self.done[name] += 1
                return

    def _moves(self, session, number, status, ticket_id, now, *, working):
        """What may happen to a ticket now: a name, how likely it is within a step, and the act."""
        found = [*self._reporter(session, number, status, now)]
        if working:
            found += self._desk(session, number, status, ticket_id, now)
            found += self._holders(session, status, ticket_id, now)
        return found

    def _reporter(self, session, number, status, now):
        if number not in self.secrets:  # a withdrawn matter that goes on as a case has no reporter any more
            return
        key = ReporterKey(number, self.secrets[number])
        pick = self.chance.choices(["yes", "partly", "no"], [8, 1, 1.5])[0]
        yield "urge", 0.015, lambda: ticket.urge(session, key, now=now)
        if status is Status.NEED_INFO:
            yield "info", 0.05, lambda: ticket.info(session, key, InfoIn(text="在三楼"), now=now)
        if status is Status.ANSWERED:
            judged = RatingIn(solved=pick, stars=self.chance.randint(1, 5))
            yield "rate", 0.02, lambda: ticket.rate(session, key, judged, now=now)
        if status is Status.REJECTED:
            yield "object", 0.01, lambda: ticket.object_to(session, key, ObjectionIn(text="应当受理"), now=now)
        yield "withdraw", 0.0005, lambda: ticket.withdraw(session, key, WithdrawalIn(reason="好了"), now=now)

    def _desk(self, session, number, status, ticket_id, now):
        head = self._staff(session, self.chance.choice(["grid_head", "grid_head2"]), now)
        deputy = self._staff(session, "self_mgmt_head", now)
        secretary = self._staff(session, "committee_secretary", now)
        today = sla.local_day(now)
        row = session.exec(select(Ticket).where(Ticket.id == ticket_id).execution_options(scope="test")).one()
        triage = TriageIn(category=row.category, complexity=row.complexity, redacted_text="请处理", assign=True)
        chief = secretary if row.hidden_grid else head
        triager = deputy if row.hidden_grid and not row.hidden_self_mgmt else chief
        if status in {Status.SUBMITTED, Status.ASSIGNED} and row.triaged_at is None:
            yield "triage", 0.4, lambda: desk.triage(session, triager, number, triage, now=now)
        if status in {Status.SUBMITTED, Status.ACCEPTED}:
            asked, said = QuestionIn(question="几楼？"), RejectIn(reason="out_of_duty", text="请找开发商")
            yield "need_info", 0.03, lambda: desk_review.need_info(session, triager, number, asked, now=now)
            yield "reject", 0.03, lambda: desk.reject(session, triager, number, said, now=now)
        if status in {Status.ACCEPTED, Status.REOPENED}:
            lead = AssignIn(lead=row.lead_role)
            yield "assign", 0.5, lambda: desk.assign(session, chief, number, lead, now=now)
            yield "answer", 0.2, lambda: desk.answer(session, chief, number, TextIn(text="是这样的"), now=now)
        if status is Status.IN_PROGRESS:
            plan = ReplyIn(
                kind="plan", text="要等配件", promise_date=today + timedelta(days=self.chance.randint(1, 20))
            )
            yield "reply", 0.1, lambda: desk.reply(session, chief, number, plan, now=now)
        if status in {Status.IN_PROGRESS, Status.REPLIED}:
            rest = PauseIn(reason="waiting_external", until=now + timedelta(hours=self.chance.randint(2, 47)))
            longer = ExtendIn(until=today + timedelta(days=6), reason="等审批")
            yield "pause", 0.01, lambda: desk_course.pause(session, chief, number, rest, now=now)
            yield "extend", 0.01, lambda: desk_course.extend(session, chief, number, longer, now=now)
        if status is Status.PENDING_CHECK:
            no = ReasonIn(reason="还没干净")
            yield "reject_work", 0.05, lambda: desk.reject_work(session, chief, number, no, now=now)
            yield "confirm", 0.4, lambda: desk.confirm(session, chief, number, ConfirmIn(text="办好了"), now=now)
        if status is Status.REVIEW:
            outcome = self.chance.choice(["accepted", "reopened", "closed"])
            ruled = DecideIn(outcome=outcome, text="看过了")
            yield "decide", 0.1, lambda: desk_review.decide(session, secretary, number, ruled, now=now)
        if row.escalated_to:
            level = self._staff(session, ["committee_secretary", "community", "street"][row.escalated_to - 1], now)
            why = ReasonIn(reason="已督办")
            yield "deescalate", 0.03, lambda: desk_course.deescalate(session, level, number, why, now=now)

    def _holders(self, session, status, ticket_id, now):
        query = select(Slip).where(Slip.ticket_id == ticket_id, col(Slip.status).in_(OPEN_SLIP))
        for held in session.exec(query.execution_options(scope="test")):
            yield from self._holder(session, status, held, now)

    def _holder(self, session, status, held, now):
        zeal, holder = DILIGENCE[Role(held.role)], self._staff(session, held.role, now)
        no, part = held.slip_no, Part(held.part)
        if status is Status.ASSIGNED and part is Part.LEAD:
            yield "return", 0.01, lambda: slip.give_back(session, holder, no, ReasonIn(reason="不归我"), now=now)
            yield "accept", zeal, lambda: slip.accept(session, holder, no, now=now)
        elif status in {Status.IN_PROGRESS, Status.REPLIED}:
            step = ProgressIn(text="在办")
            yield "progress", zeal / 5, lambda: slip.progress(session, holder, no, step, now=now)
            yield "done", zeal / 3, lambda: slip.done(session, holder, no, DoneIn(text="好了"), now=now)

    def _staff(self, session, username, now):
        if self.known[0] != now:
            self.known = (now, {})
        found = self.known[1]
        if username not in found:
            found[username] = access.staff(session, StaffKey(self.world.tokens[username]), now)
        return found[username]
