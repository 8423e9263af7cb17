"""When is what due? The one place that knows the local calendar (domain rules §2.2, §2.3).

Instants go in aware (a naive one is a ValueError) and come out aware, in UTC. A due instant is exclusive: done before
it is in time, and the end of a day is 00:00 of the next.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from app.rules.vocabulary import Complexity, PromiseKind
from app.rules.workdays import DAY, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = time(0)
CUT_OFF = time(18)
CLEAR_REPLY_DAYS = 3
FIRST_RESPONSE_HOURS = 2
EMERGENCY_CONTACT = timedelta(minutes=10)

Note = Literal["after_cut_off", "rest_day", "service_hours"]
# From when to when the desk is staffed, every day; an end at 00:00 is the end of the day.
Window = tuple[time, time]
SERVICE_WINDOW: Window = (time(8), time(20))


@dataclass(frozen=True)
class Due:
    """What is promised until when. `effective_day` is the local day from which the promise counts.

    `note` says why that is later than people may expect: handed in after the cut-off, or on a day of rest; or, for an
    emergency, that nobody is there around the clock, so service hours count.
    """

    kind: PromiseKind
    at: datetime
    effective_day: date
    note: Note | None = None


def due(
    complexity: Complexity,
    submitted: datetime,
    calendar: Calendar,
    *,
    cut_off: time = CUT_OFF,
    days: int = CLEAR_REPLY_DAYS,
    service_window: Window = SERVICE_WINDOW,
    hours: float = FIRST_RESPONSE_HOURS,
    staffed_around_the_clock: bool = False,
) -> Due:
    """The promise that the receipt states; raises MissingYearError where the calendar needs a table it lacks."""
    own_day = local_day(submitted)
    match complexity:
        case Complexity.SIMPLE:
            counted_from = _after_cut_off(submitted, cut_off)
            effective = calendar.settle(counted_from)
            note: Note | None = None
            if effective != counted_from:
                note = "rest_day"
            elif effective != own_day:
                note = "after_cut_off"
            return Due(PromiseKind.HANDLED, end_of(effective), effective, note)
        case Complexity.COMPLEX:
            return Due(PromiseKind.CLEAR_REPLY, clear_reply_due(submitted, calendar, days), own_day)
        case Complexity.EMERGENCY:
            at = emergency_contact_due(
                submitted,
                staffed_around_the_clock=staffed_around_the_clock,
                service_window=service_window,
                hours=hours,
            )
            return Due(PromiseKind.CONTACT, at, own_day, None if staffed_around_the_clock else "service_hours")


def reclassified_due(
    to: Complexity,
    submitted: datetime,
    changed: datetime,
    calendar: Calendar,
    *,
    days: int = CLEAR_REPLY_DAYS,
    service_window: Window = SERVICE_WINDOW,
    hours: float = FIRST_RESPONSE_HOURS,
    staffed_around_the_clock: bool = False,
) -> Due:
    """The promise after a change of complexity, whatever it was before.

    Complex counts from the submission, so that nobody gains time by waiting. Simple is due at the end of the day of
    the change, whatever the hour. An emergency that is recognised late counts from the moment it is recognised.
    """
    if to is Complexity.SIMPLE:
        changed_on = local_day(changed)
        effective = calendar.settle(changed_on)
        return Due(PromiseKind.HANDLED, end_of(effective), effective, "rest_day" if effective != changed_on else None)
    return due(
        to,
        changed if to is Complexity.EMERGENCY else submitted,
        calendar,
        days=days,
        service_window=service_window,
        hours=hours,
        staffed_around_the_clock=staffed_around_the_clock,
    )


def handled_due(submitted: datetime, calendar: Calendar, cut_off: time = CUT_OFF) -> datetime:
    """Simple: the end of the effective day, which is the next day from the cut-off on; raises MissingYearError."""
    return end_of(calendar.settle(_after_cut_off(submitted, cut_off)))


def clear_reply_due(submitted: datetime, calendar: Calendar, days: int = CLEAR_REPLY_DAYS) -> datetime:
    """Complex: the end of the third day after the day of submission; no cut-off; raises MissingYearError."""
    return end_of(calendar.after(local_day(submitted), days))


def first_response_due(
    submitted: datetime, service_window: Window = SERVICE_WINDOW, hours: float = FIRST_RESPONSE_HOURS
) -> datetime:
    """A person has looked: two hours inside the service window."""
    return add_service_hours(submitted, hours, service_window)


def emergency_contact_due(
    submitted: datetime,
    *,
    staffed_around_the_clock: bool,
    service_window: Window = SERVICE_WINDOW,
    hours: float = FIRST_RESPONSE_HOURS,
) -> datetime:
    """Ten minutes, day and night, but only where somebody is really there; elsewhere the first-response clock."""
    if staffed_around_the_clock:
        return _aware(submitted).astimezone(UTC) + EMERGENCY_CONTACT
    return first_response_due(submitted, service_window, hours)


def add_service_hours(start: datetime, hours: float, window: Window = SERVICE_WINDOW) -> datetime:
    """The instant at which so many service hours have passed; full hours end at closing time, not at next opening."""
    if hours <= 0:
        raise ValueError("a period of service hours is longer than nothing")
    length = _length(window)
    whole_days, rest = divmod(_served_until(start, window) + timedelta(hours=hours), length)
    if not rest:
        whole_days, rest = whole_days - 1, length
    return _opening(date.fromordinal(whole_days), window) + rest


def service_hours_between(start: datetime, end: datetime, window: Window = SERVICE_WINDOW) -> timedelta:
    """How much service time lies between two instants; negative where the end comes first."""
    return _served_until(end, window) - _served_until(start, window)


def strict_same_day(submitted: datetime, done: datetime) -> bool:
    """Whether it was done on the calendar day of its submission, cut-off or not: the figure nobody can flatter."""
    return local_day(done) == local_day(submitted)


def shown_deadline(at: datetime) -> tuple[date, str]:
    """A due instant as people say it: the local day and the hour, where 00:00 is 24:00 of the day before."""
    local = _local(at)
    if local.time() == MIDNIGHT:
        return local.date() - DAY, "24:00"
    return local.date(), f"{local:%H:%M}"


def local_day(at: datetime) -> date:
    """The calendar day in Shanghai."""
    return _local(at).date()


def end_of(day: date) -> datetime:
    """24:00 of a local day, which is 00:00 of the next."""
    return datetime.combine(day + DAY, MIDNIGHT, SHANGHAI).astimezone(UTC)


def _after_cut_off(submitted: datetime, cut_off: time) -> date:
    local = _local(submitted)
    return local.date() + DAY if local.time() >= cut_off else local.date()


def _served_until(at: datetime, window: Window) -> timedelta:
    """All service time since the first day of the calendar: a difference of two is the time between."""
    length = _length(window)
    day = local_day(at)
    today = min(max(_aware(at) - _opening(day, window), timedelta()), length)
    return day.toordinal() * length + today


def _opening(day: date, window: Window) -> datetime:
    return datetime.combine(day, window[0], SHANGHAI).astimezone(UTC)


def _length(window: Window) -> timedelta:
    opens, closes = (timedelta(hours=edge.hour, minutes=edge.minute, seconds=edge.second) for edge in window)
    length = (closes or DAY) - opens
    if length <= timedelta():
        raise ValueError("a service window closes after it opens")
    return length


def _local(at: datetime) -> datetime:
    return _aware(at).astimezone(SHANGHAI)


def _aware(at: datetime) -> datetime:
    """A naive instant would be read in the zone of the machine; refuse it instead."""
    if at.utcoffset() is None:
        raise ValueError("an instant without a time zone says nothing")
    return at


def paused_due(due: datetime, rested: timedelta) -> datetime:
    """A due instant after a pause: the end of the local day of due plus pause; a pause never shortens (§2.3)."""
    return end_of(local_day(due + rested - timedelta(microseconds=1)))
