"""A ticket's clocks: what each verb does to them, and what they call for by themselves (domain rules §2.1–§2.6).

One table of effects for everybody: the actions apply it to the rows as things happen, `replay` to a whole history.
Instants go in aware and come out aware; a due instant is exclusive.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.rules import sla, urging
from app.rules.chains import passed
from app.rules.course import ClockState, Course, Happening, moment
from app.rules.sla import Window
from app.rules.terms import terms_in
from app.rules.vocabulary import Clock, Complexity, ReplyKind, Status, Verb
from app.rules.workdays import DAY

LONGEST_REST = {Clock.HANDLED: timedelta(hours=24), Clock.CLEAR_REPLY: timedelta(hours=48)}
KINDS = {
    Complexity.SIMPLE: (Clock.HANDLED,),
    Complexity.COMPLEX: (Clock.CLEAR_REPLY,),
    Complexity.EMERGENCY: (Clock.EMERGENCY, Clock.HANDLED),
}
BY_A_PERSON = (Clock.FIRST_RESPONSE, Clock.EMERGENCY)
BY_THE_WORK = (Clock.HANDLED, Clock.CLEAR_REPLY, Clock.PROMISE)
CALLED_FOR = frozenset({Verb.REMIND, Verb.BREACH, Verb.ESCALATE})
"""The steps of a clock's own chain: nothing about them depends on a compound's settings."""

Effect = Callable[[Course, Happening], Course]


def apply(course: Course, what: Happening) -> Course:
    """The course after one event."""
    if what.by_a_person:
        course = course.change(course.running(*BY_A_PERSON), stopped_at=what.instant)
    for effect in EFFECTS.get(what.verb, ()):
        course = effect(course, what)
    return course


def replay(events: Iterable[Happening], complexity: Complexity) -> Course:
    """The course that a whole history leads to; `complexity` stands in where the first event does not say it.

    Raises ValueError for a history without a beginning.
    """
    course = None
    for what in events:
        course = course or Course(what.at, Complexity(what.facts.get("complexity", complexity)))
        course = replace(course, terms=terms_in(what.facts))
        course = apply(course, what)
    if course is None:
        raise ValueError("a history begins with a submission")
    return course


def lapses_at(
    status: Status, since: datetime, facts: Mapping[str, Any], window: Window = sla.SERVICE_WINDOW
) -> datetime | None:
    """When a state ends by itself; None where it waits for a person (domain rules §2.1)."""
    match status:
        case Status.NEED_INFO:
            return since + SILENT_ON_A_QUESTION
        case Status.ANSWERED | Status.REJECTED:
            return since + SILENT_ON_AN_ANSWER
        case Status.ASSIGNED:
            return sla.add_service_hours(since, UNTAKEN_HOURS, window)
        case Status.PAUSED:
            return moment(facts["until"])
    return None


SILENT_ON_A_QUESTION = timedelta(hours=48)
SILENT_ON_AN_ANSWER = timedelta(days=7)
UNTAKEN_HOURS = 2


def _start(course: Course, what: Happening) -> Course:
    """Whoever is spoken to on the telephone or at the door has had a response; an emergency still waits for an act."""
    first = sla.first_response_due(what.at, course.terms.window)
    met = what.at if what.facts.get("recorded") else None
    course = course.add(ClockState(Clock.FIRST_RESPONSE, course.round, what.at, first, stopped_at=met), what.at)
    course = _start_kinds(course, what.at)
    return course.change(course.running(*BY_A_PERSON), stopped_at=what.at) if what.by_a_person else course


def _start_kinds(course: Course, at: datetime) -> Course:
    """The clocks of a class of difficulty, from this instant on."""
    for kind in KINDS[course.complexity]:
        course = course.add(_clock(course, kind, at), at)
    return course


def _clock(course: Course, kind: Clock, at: datetime) -> ClockState:
    complexity = next(c for c, kinds in KINDS.items() if kinds[0] is kind)
    due = course.terms.due(complexity, at)
    return ClockState(kind, course.round, at, due.at, course.terms.note(due))


def _redo(course: Course, what: Happening) -> Course:
    """Asked for again: clocks of a round of their own, from the moment of asking."""
    if what.after is not Status.REOPENED or what.before is Status.REOPENED:
        return course
    return _start_kinds(replace(course, round=course.round + 1), what.instant)


def _reclassified(course: Course, what: Happening) -> Course:
    """Another class, once: what has passed stays passed (§2.3). What was stopped or missed already stays so."""
    to = Complexity(what.facts["complexity"])
    if to is course.complexity:
        return course
    at, wanted = what.instant, KINDS[to]
    old = {kind: clock for kind in (Clock.HANDLED, Clock.CLEAR_REPLY) if (clock := course.clock(kind))}
    begun = min((clock.started_at for clock in old.values()), default=course.submitted)
    for kind in old.keys() - set(wanted):
        place = [course.current(kind) or 0]
        if old[kind].late(at):
            course = course.change(place, stopped_at=old[kind].stopped_at or at)
        else:
            course = course.change(place, void=True)
    course = replace(course, complexity=to)
    for kind in wanted:
        ended = _ended_at(course, kind)
        if kind not in old or (ended is None and not old[kind].runs):  # one that was missed before ended with its class
            course = course.add(_reclassified_clock(course, kind, begun, ended, what), at)
    return course


def _ended_at(course: Course, kind: Clock) -> datetime | None:
    """When the work of this round was replied to or done, as far as it ends a clock of this kind."""
    promise, check = course.clock(Clock.PROMISE), course.clock(Clock.CHECK)
    if promise is not None and kind is Clock.CLEAR_REPLY:
        return promise.started_at
    if promise is not None and promise.stopped_at is not None:
        return promise.stopped_at
    return check.started_at if check is not None and check.runs else None


def _reclassified_clock(
    course: Course, kind: Clock, begun: datetime, ended: datetime | None, what: Happening
) -> ClockState:
    if kind is Clock.EMERGENCY:
        return _clock(course, kind, what.instant)
    to = Complexity.SIMPLE if kind is Clock.HANDLED else Complexity.COMPLEX
    due = course.terms.reclassified_due(to, begun, what.instant)
    rests = what.after is Status.PAUSED and kind is Clock.HANDLED and course.complexity is Complexity.SIMPLE
    paused = what.instant if rests else None
    note = course.terms.note(due)
    return ClockState(kind, course.round, begun, due.at, note, stopped_at=ended, paused_at=paused)


def _question(course: Course, what: Happening) -> Course:
    """A question to the reporter rests the clocks, but never those of an emergency (§2.2)."""
    if course.complexity is Complexity.EMERGENCY:
        return course
    return course.change(course.running(Clock.HANDLED, Clock.CLEAR_REPLY), paused_at=what.instant)


def _rest(course: Course, what: Happening) -> Course:
    """A pause rests what is to be handled and what was promised, never the clear reply (§2.4)."""
    kinds = [Clock.PROMISE] if course.complexity is Complexity.EMERGENCY else [Clock.PROMISE, Clock.HANDLED]
    return course.change(course.running(*kinds), paused_at=what.instant)


def _go_on(course: Course, what: Happening) -> Course:
    """After a rest the due instant has moved by as much of it as the clock allows."""
    if what.before not in {Status.PAUSED, Status.NEED_INFO}:
        return course
    for place in course.running():
        clock = course.clocks[place]
        if clock.paused_at is None:
            continue
        rested = what.instant - clock.paused_at
        rested = min(rested, LONGEST_REST.get(clock.kind, rested))
        course = course.change([place], paused_at=None, due_at=sla.paused_due(clock.due_at, rested))
    return course


def _replied(course: Course, what: Happening) -> Course:
    """A reply stops the clear-reply clock and starts the promise: a plan's date, else the end of the next day.

    A promise that runs is not moved later by a second reply; that takes an extension (§2.4). A merged report has no
    clocks of its own: the ticket that goes on keeps the promise.
    """
    if what.after is Status.MERGED:
        return course
    course = course.change(course.running(Clock.CLEAR_REPLY), stopped_at=what.instant)
    calendar = course.terms.calendar
    if what.facts["kind"] == ReplyKind.PLAN:
        said = what.facts["promise_date"]
        due = sla.end_of(said if isinstance(said, date) else date.fromisoformat(said))
    else:
        due = sla.end_of(calendar.settle(sla.local_day(what.instant) + DAY))
        handled = [course.clocks[n].due_at for n in course.running(Clock.HANDLED)]
        due = min([due, *(at for at in handled if at > what.instant)])  # an answer puts nothing off
    made = course.current(Clock.PROMISE)
    if made is None:
        return course.add(ClockState(Clock.PROMISE, course.round, what.instant, due), what.instant)
    return _earlier(course, made, due, what.instant)


def _earlier(course: Course, place: int, due: datetime, at: datetime) -> Course:
    """A due instant may come nearer; it never goes away."""
    clock = replace(course.clocks[place], due_at=min(course.clocks[place].due_at, due))
    return course.change([place], due_at=clock.due_at, stage=max(clock.stage, passed(clock, at)))


def _worked(course: Course, what: Happening) -> Course:
    """All work is done: its clocks stop here, if it is later confirmed; and somebody has to look at it by tomorrow."""
    if what.after is what.before or what.after not in {Status.PENDING_CHECK, Status.ANSWERED}:
        return course
    course = course.change(course.running(*BY_THE_WORK, Clock.NOTE), stopped_at=what.instant)
    if what.after is Status.ANSWERED:
        return course
    tomorrow = course.terms.calendar.settle(sla.local_day(what.instant) + DAY)
    return course.add(ClockState(Clock.CHECK, course.round, what.instant, sla.end_of(tomorrow)), what.instant)


def _checked(course: Course, what: Happening) -> Course:
    return course.change(course.running(Clock.CHECK, Clock.REVIEW), stopped_at=what.instant)


def _undone(course: Course, _what: Happening) -> Course:
    """Work that was sent back was never done: its clocks go on as if they had not stopped."""
    replied = course.current(Clock.PROMISE) is not None
    for kind in BY_THE_WORK:
        place = course.current(kind)
        if place is not None and not (kind is Clock.CLEAR_REPLY and replied):
            course = course.change([place], stopped_at=None)
    return course


def _noted(course: Course, what: Happening) -> Course:
    return course.change(course.running(Clock.NOTE), stopped_at=what.instant)


def _void(course: Course, what: Happening) -> Course:
    """Rejected, withdrawn, handed over, merged: what still ran does not count."""
    if what.after is what.before:
        return course
    return course.change(course.running(), void=True, paused_at=None)


def _revived(course: Course, what: Happening) -> Course:
    """Wrongly rejected, or on its own again: the clocks go on from the original submission (§2.3)."""
    if what.after is not Status.ACCEPTED:
        return course
    for kind in (*KINDS[course.complexity], Clock.PROMISE):
        place = course.current(kind, void=True)
        if place is not None and course.current(kind) is None:
            course = course.change([place], void=False)
    return course


def _took_over(course: Course, what: Happening) -> Course:
    """The ticket that goes on takes the earlier due instant (§2.7)."""
    main = course.main()
    if what.after is not what.before or main is None or "due" not in what.facts:
        return course
    return _earlier(course, course.clocks.index(main), moment(what.facts["due"]), what.instant)


def _reviewed(course: Course, what: Happening) -> Course:
    """Whoever objected, or was not helped twice, gets a decision within the time of a clear reply."""
    if what.after is not Status.REVIEW or what.before is Status.REVIEW:
        return course
    due = sla.clear_reply_due(what.instant, course.terms.calendar, course.terms.days)
    return course.add(ClockState(Clock.REVIEW, course.round, what.instant, due), what.instant)


def _extended(course: Course, what: Happening) -> Course:
    """Only a promise can be extended. Its reminders come again."""
    place = course.current(Clock.PROMISE)
    if place is None:
        return course
    clock = replace(course.clocks[place], due_at=moment(what.facts["until"]))
    stage = clock.stage if clock.breached_at else passed(clock, what.instant)
    return course.change([place], due_at=clock.due_at, stage=stage)


def _urged(course: Course, what: Happening) -> Course:
    """From the second urge on a progress note is owed, one at a time (§2.6)."""
    due = urging.progress_note_due(int(what.facts["count"]), what.instant, course.terms.window)
    if due is None or course.running(Clock.NOTE):
        return course
    return course.add(ClockState(Clock.NOTE, course.round, what.instant, due), what.instant)


def _called_for(course: Course, what: Happening) -> Course:
    """A step of a clock's own chain."""
    if "clock" not in what.facts:
        return course
    kind, number = Clock(what.facts["clock"]), int(what.facts["round"])
    place = [n for n in course.running(kind) if course.clocks[n].round == number][-1:]
    course = course.change(place, stage=int(what.facts["step"]) + 1)
    return course.change(place, breached_at=what.instant) if what.verb is Verb.BREACH else course


EFFECTS: dict[Verb, tuple[Effect, ...]] = {
    Verb.SUBMIT: (_start,),
    Verb.INFO: (_go_on, _redo),
    Verb.LAPSE: (_go_on,),
    Verb.TRIAGE: (_reclassified,),
    Verb.CHOOSE: (_reclassified,),
    Verb.RECLASSIFY: (_reclassified,),
    Verb.NEED_INFO: (_question,),
    Verb.PAUSE: (_rest,),
    Verb.RESUME: (_go_on,),
    Verb.REPLY: (_replied, _noted),
    Verb.EXTEND: (_extended,),
    Verb.ANSWER: (_worked,),
    Verb.PROGRESS: (_noted,),
    Verb.DONE: (_noted, _worked),
    Verb.CANCEL_SLIP: (_worked,),
    Verb.CONFIRM: (_checked,),
    Verb.REJECT_WORK: (_checked, _undone),
    Verb.RATE: (_redo, _reviewed),
    Verb.CALLBACK: (_redo, _reviewed),
    Verb.OBJECT: (_reviewed,),
    Verb.DECIDE: (_checked, _revived, _redo),
    Verb.REJECT: (_void,),
    Verb.TRANSFER_OUT: (_void,),
    Verb.WITHDRAW: (_void,),
    Verb.MERGE: (_void, _took_over),
    Verb.UNMERGE: (_revived,),
    Verb.URGE: (_urged,),
    Verb.REMIND: (_called_for,),
    Verb.BREACH: (_called_for,),
    Verb.ESCALATE: (_called_for,),
}
"""What each verb does to the clocks, in this order. A verb that is not here leaves them alone."""
