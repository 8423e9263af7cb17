"""Random histories as rows, and the figures counted again over them, one ticket after the other, in plain Python."""

import math
import random
from collections import defaultdict
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import text

from app.models.base import Instant
from app.models.clock import Clock
from app.models.event import Event
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules import sla
from app.rules.vocabulary import Complexity, Status
from tests.builders import MONDAY

CATEGORIES = ("BLD-02", "BLD-09", "ENV-02", "NOI-01", "GOV-01", "GOV-08")
LEADS = ("property", "grid_head", "police")
HOUR = timedelta(hours=1)


def plant(database, world, count, seed):
    """`count` tickets of the last 60 days, with clocks, events and ratings that may or may not make sense together."""
    dice = random.Random(seed)
    places = places_of(database, world)
    with database.write() as session:
        for number in range(count):
            ticket = _ticket(dice, world, places, number)
            session.add(ticket)
            session.flush()
            session.add_all([*_clocks(dice, ticket), *_events(dice, ticket), *_ratings(dice, ticket)])
            session.flush()


def places_of(database, world):
    with database.engine.begin() as connection:
        query = text("select id, building_id from stairwell where compound_id = :c order by id")
        return connection.execute(query, {"c": world.compound_id}).all()


def _ticket(dice, world, places, number):
    submitted = MONDAY - timedelta(days=dice.randrange(60), seconds=dice.randrange(86400))
    status = dice.choice([*Status, Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.CLOSED_UNRATED, Status.ANSWERED])
    stairwell, building = dice.choice(places[:2])
    category = dice.choice(CATEGORIES)
    ended = status in {Status.CLOSED, Status.CLOSED_UNRATED, Status.CLOSED_REJECTED}
    return Ticket(
        number=f"270201-{number:06d}",
        secret_hash="-",
        receipt_hash=f"{world.compound}-{number}",
        compound_id=world.compound_id,
        building_id=building,
        stairwell_id=stairwell,
        channel=dice.choice(["scan", "scan", "phone", "visit"]),
        kind="help",
        category=category,
        category_source="reporter",
        complexity=dice.choice(list(Complexity)),
        suggestions=[],
        avoid=[],
        hidden_property=category == "GOV-01" or dice.random() < 0.1,
        hidden_grid=category == "GOV-08",
        text_sealed=b"",
        status=status,
        lead_role=dice.choice(LEADS),
        round=dice.choice([1, 1, 1, 2]),
        self_checked=dice.random() < 0.2,
        submitted_at=submitted,
        promise_kind="handled",
        due_at=submitted + HOUR * dice.randrange(1, 100),
        answered_at=submitted + HOUR * 30 if dice.random() < 0.6 else None,
        closed_at=submitted + HOUR * dice.randrange(1, 900) if ended else None,
    )


def bare_ticket(world, place, number, at):
    """A ticket without a history, for tables that have to be large."""
    return Ticket(
        number=f"270301-{number:06d}",
        secret_hash="-",
        receipt_hash=f"{world.compound}-{number}",
        compound_id=world.compound_id,
        stairwell_id=place[0],
        building_id=place[1],
        channel="scan",
        kind="help",
        category="BLD-09",
        category_source="reporter",
        complexity="simple",
        suggestions=[],
        avoid=[],
        text_sealed=b"",
        status="submitted",
        lead_role="property",
        submitted_at=at,
        promise_kind="handled",
        due_at=at,
    )


def _clock(dice, ticket, kind, started, round_=1, *, void=None):
    due = sla.end_of(sla.local_day(started) + timedelta(days=dice.randrange(4)))
    offset = dice.choice([None, -HOUR * 5, -timedelta(seconds=1), timedelta(0), timedelta(seconds=1), HOUR * 30])
    stopped = None if offset is None else max(due + offset, started)
    return Clock(
        ticket_id=ticket.id,
        compound_id=ticket.compound_id,
        kind=kind,
        round=round_,
        started_at=started,
        due_at=due,
        stopped_at=stopped,
        void=dice.random() < 0.15 if void is None else void,
        breached_at=due if dice.random() < 0.1 else None,
    )


def _clocks(dice, ticket):
    start = ticket.submitted_at
    yield _clock(dice, ticket, "first_response", start)
    own = "clear_reply" if ticket.complexity == Complexity.COMPLEX else "handled"
    if dice.random() < 0.2:  # another class before
        yield _clock(dice, ticket, "handled" if own == "clear_reply" else "clear_reply", start)
    if ticket.complexity == Complexity.EMERGENCY:
        yield _clock(dice, ticket, "emergency", start)
    yield _clock(dice, ticket, own, start)
    if dice.random() < 0.4:
        yield _clock(dice, ticket, "promise", start + HOUR * dice.randrange(1, 50))
    if dice.random() < 0.2:
        yield _clock(dice, ticket, own, start + HOUR * 100, 2)


def _events(dice, ticket):
    verbs = ["submit", "triage", *dice.sample(["assign", "auto_assign", "urge", "urge", "return", "reject"], 3)]
    if ticket.status == Status.REVIEW and dice.random() < 0.7:
        verbs.append("object")
    elif "reject" in verbs and dice.random() < 0.5:
        verbs += ["object", "decide"]
    for hours, verb in enumerate(verbs):
        after = dice.choice(["accepted", "closed_rejected"]) if verb == "decide" else "accepted"
        yield Event(
            ticket_id=ticket.id,
            at=ticket.submitted_at + HOUR * hours,
            verb=verb,
            status=after,
            actor="grid_head",
            facts={},
            photos=[],
        )


def _ratings(dice, ticket):
    for _ in range(dice.choice([0, 1, 1, 2])):
        solved = dice.choice(["yes", "yes", "no", "partly"])
        yield Rating(
            ticket_id=ticket.id,
            round=dice.choice([1, 1, 1, 2]),
            solved=solved,
            stars=dice.randrange(1, 6),
            source=dice.choice(["resident", "callback"]),
            explained=solved != "yes" and dice.random() < 0.4,
            at=ticket.submitted_at + HOUR * 40,
        )


def rows(database):
    """Every row of the tables concerned, as it lies in the database."""
    found = {}
    with database.engine.begin() as connection:
        for model in (Ticket, Clock, Event, Rating):
            table = model.__table__
            instants = [column.name for column in table.columns if isinstance(column.type, Instant)]
            lines = [SimpleNamespace(**row._mapping) for row in connection.execute(table.select().order_by(table.c.id))]
            assert all(getattr(line, name) is None or getattr(line, name).tzinfo for line in lines for name in instants)
            found[model.__tablename__] = lines
    return found


def recount(found, start, end, now, may_see=bool, wanted=bool):  # noqa: PLR0915 -- one formula after the other
    """{figure: (numerator, denominator)} and the sorted seconds to done: docs/figures.md, read aloud."""
    counts, seconds = {}, []

    def add(key, base, over):
        old = counts.get(key, (0, 0))
        counts[key] = (old[0] + bool(base and over), old[1] + bool(base))

    clocks_of, verbs_of, ratings_of = (by(found[table], "ticket_id") for table in ("clock", "event", "rating"))
    visible = [ticket for ticket in found["ticket"] if may_see(ticket)]
    alike = by(visible, "stairwell_id", "category")
    for t in visible:
        if not wanted(t):
            continue
        clocks, verbs = clocks_of[t.id,], verbs_of[t.id,]
        first_round = [c for c in clocks if c.round == 1]
        own = "clear_reply" if t.complexity == "complex" else "handled"
        judged_by = [c for c in first_round if c.kind in {"handled", "clear_reply"} and (not c.void or c.kind == own)]
        if not judged_by:
            continue
        main = judged_by[0]
        response = next(c for c in first_round if c.kind == "first_response")
        promise = next((c for c in first_round if c.kind == "promise"), None)
        happened = {e.verb for e in verbs}
        objections = [e.id for e in verbs if e.verb == "object"]
        decisions = [e for e in verbs if e.verb == "decide" and objections and e.id > objections[0]]
        assigned = bool(happened & {"assign", "auto_assign"})
        taken_on = t.status not in {"transferred", "merged", "rejected", "closed_rejected"}
        taken_on &= t.merged_into_id is None  # answered together with the one that went on
        taken_on &= t.status != "withdrawn" or assigned
        taken_on &= not (t.status == "review" and objections and not decisions)
        due = start < main.due_at <= end
        n = due and taken_on
        simple = n and main.kind == "handled" and t.complexity != "emergency"
        complicated = n and main.kind == "clear_reply"
        promised = promise is not None and not promise.void and start < promise.due_at <= end and taken_on
        judgements = [r for r in ratings_of[t.id,] if r.round == 1]
        rating = judgements[-1] if judgements else None
        closed = t.status in {"closed", "closed_unrated"}
        done_at = promise.stopped_at if promise else main.stopped_at
        counted_apart = rating is not None and rating.explained
        add("n", due, n)
        add("not_due", n, main.due_at > now and main.stopped_at is None and not main.void)
        add("response", n, _in_time(response))
        add("same_day", simple, _in_time(main))
        add("strict_same_day", simple, main.stopped_at and sla.strict_same_day(t.submitted_at, main.stopped_at))
        add("clear_reply", complicated, _in_time(main))
        add("promise_kept", promised, promise and _in_time(promise))
        add("on_time", simple, _in_time(main))
        add("on_time", promised, promise and _in_time(promise))
        add("solved", n and rating and not counted_apart, rating and rating.solved == "yes")
        add("satisfied", n and rating and not counted_apart, rating and rating.stars >= 4)
        add("coverage", n and (rating or closed), rating)
        add("explained", n and rating, counted_apart)
        add("redone", n, any(c.round > 1 for c in clocks))
        add("urged", n, "urge" in happened)
        add("returned", n and assigned, "return" in happened)
        add("recurred", n and closed, t.closed_at and any(_again(t, o) for o in alike[t.stairwell_id, t.category]))
        add("accessible", n, t.channel in {"phone", "visit"})
        add("rejected", due, "reject" in happened)
        add("overturned", due and "reject" in happened, any(d.status == "accepted" for d in decisions))
        add("self_checked", n and t.answered_at, t.self_checked)
        if n and done_at:
            seconds.append(math.floor(done_at.timestamp()) - math.floor(t.submitted_at.timestamp()))
    return counts, sorted(seconds)


def by(lines, *names):
    """Rows by the values of some columns."""
    found = defaultdict(list)
    for line in lines:
        found[tuple(getattr(line, name) for name in names)].append(line)
    return found


def _in_time(clock):
    return clock.stopped_at is not None and clock.stopped_at < clock.due_at and clock.breached_at is None


def _again(ticket, other):
    out = {"transferred", "merged", "rejected", "closed_rejected", "withdrawn"}
    same = (other.stairwell_id, other.category) == (ticket.stairwell_id, ticket.category) and other.id != ticket.id
    after = other.submitted_at - ticket.closed_at
    return same and other.status not in out and timedelta(0) < after <= timedelta(days=30)
