"""Who is told what, when and where: quiet hours, and words without a person in them (domain rules §2.1, §3.2).

From 22:00 to 07:00 in Shanghai nothing rings but alarms, and an alarm only for a leaf that shows a hotline first or for
a reporter who pressed the red button. Instants go in aware (a naive one is a ValueError) and come out aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ConfigDict, TypeAdapter

from app.rules import sla, wording
from app.rules.catalogue import Leaf
from app.rules.compound_settings import NightAlarms
from app.rules.routing import NEVER_AUTO
from app.rules.vocabulary import Complexity, Flag, Role, Scope
from app.rules.workdays import DAY

QUIET_FROM = time(22)
QUIET_UNTIL = time(7)
DIGEST_AT = time(8, 30)

ABOUT_NO_TICKET = frozenset({"digest", "visit_missed", "visit_help"})
"""Events that name neither a subject nor a place: what is on a seat's desk, and visits."""

_CHIEFS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.STREET})
_STRICT = ConfigDict(extra="forbid")


class Urgency(StrEnum):
    """How soon an event must be heard of."""

    ALARM = "alarm"
    PROMPT = "prompt"
    ROUTINE = "routine"


class Audience(StrEnum):
    """On which side of the work the one who is told stands."""

    CHIEF = "chief"
    HANDLER = "handler"
    REPORTER = "reporter"


class Way(StrEnum):
    """How a message leaves the house: into the staff's group, to a city's own systems, to the reporter's phone."""

    GROUP = "group"
    WEBHOOK = "webhook"
    SMS = "sms"


class Outlet(StrEnum):
    """Where the words appear: in one's own inbox, or where a whole group reads along (a robot, the log)."""

    INBOX = "inbox"
    GROUP = "group"


@dataclass(frozen=True)
class Event:
    """One line of the message catalogue."""

    __pydantic_config__ = _STRICT

    urgency: Urgency
    guarded: str
    words: Mapping[Audience, Mapping[Outlet, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """How one notice is set, and what stands above several."""

    __pydantic_config__ = _STRICT

    line: str
    heading: str


@dataclass(frozen=True)
class Messages:
    """The message catalogue."""

    __pydantic_config__ = _STRICT

    events: Mapping[str, Event]
    unlisted: Event
    layout: Layout

    def event(self, name: str) -> Event:
        """The line of an event, or the one for events without a line of their own."""
        return self.events.get(name, self.unlisted)


@cache
def messages() -> Messages:
    """The catalogue that ships with the product."""
    text = files("app").joinpath("catalogue", "notices.yaml").read_text("utf-8")
    return TypeAdapter(Messages).validate_python(yaml.safe_load(text))


def is_quiet(at: datetime) -> bool:
    """Whether people sleep: from 22:00 until just before 07:00."""
    clock = _clock(at)
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def is_alarm(event: str) -> bool:
    """Whether the event asks for everybody's attention."""
    return messages().event(event).urgency is Urgency.ALARM


def rings_at_night(
    event: str,
    leaf: Leaf,
    complexity: Complexity,
    *,
    pressed: bool = False,
    alarms: NightAlarms = NightAlarms.DANGER,
) -> bool:
    """Whether this alarm may wake people: a hotline-first leaf, or the red button.

    A leaf that is no emergency by itself became one because somebody pressed the button, `pressed` or not. A compound
    may let every emergency ring, or none where nobody would answer.
    """
    if not is_alarm(event) or alarms is NightAlarms.NONE:
        return False
    if alarms is NightAlarms.EVERY and complexity is Complexity.EMERGENCY:
        return True
    by_button = complexity is Complexity.EMERGENCY and leaf.complexity is not Complexity.EMERGENCY
    return pressed or by_button or Flag.HOTLINE_FIRST in leaf.flags


def send_at(event: str, now: datetime, *, rings: bool = False) -> datetime:
    """When to tell: at once; in the quiet hours at 07:00, or with the digest at 08:30 where it is routine."""
    if rings or not is_quiet(now):
        return now
    today = sla.local_day(now)
    day = today + DAY if _clock(now) >= QUIET_FROM else today
    at = DIGEST_AT if messages().event(event).urgency is Urgency.ROUTINE else QUIET_UNTIL
    return datetime.combine(day, at, sla.SHANGHAI).astimezone(UTC)


def is_digest_time(at: datetime) -> bool:
    """Whether the day's digest may go: from 08:30 until the desk closes, so that a late start still sends it."""
    return DIGEST_AT <= _clock(at) < sla.SERVICE_WINDOW[1]


def audience(role: Role | None) -> Audience:
    """The audience that a seat's role belongs to; None is the reporter."""
    if role is None:
        return Audience.REPORTER
    return Audience.CHIEF if role in _CHIEFS else Audience.HANDLER


def guarded(leaf: Leaf, *, closed_to_a_side: bool, minor: bool) -> bool:
    """Whether a group must not read what and where it is: somebody in that group may be the one complained about."""
    return closed_to_a_side or minor or leaf.scope is Scope.PRIVATE or bool(leaf.flags & NEVER_AUTO)


def words(event: str, to: Audience, outlet: Outlet, *, guarded: bool) -> str:
    """The words with their {fields}; KeyError for an event that has none."""
    known = messages().event(event)
    open_words = known.words.get(to, {}).get(outlet) or wording.word("messages", event)
    return known.guarded if guarded and outlet is Outlet.GROUP else open_words


def line(to: str, text: str, number: int) -> str:
    """One notice as a group reads it; the number stays the same when it is sent again."""
    return messages().layout.line.format(to=to, text=text, number=number)


def heading() -> str:
    """What stands above several notices in one, with a {count}."""
    return messages().layout.heading


def _clock(at: datetime) -> time:
    if at.utcoffset() is None:
        raise ValueError("an instant without a time zone says nothing")
    return at.astimezone(sla.SHANGHAI).time()
