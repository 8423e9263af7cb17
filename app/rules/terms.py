"""What a compound's own settings say about time: the terms that a ticket's clocks run on (domain rules §2.2, §2.3)."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, NamedTuple

from app.rules import sla
from app.rules.sla import Due, Window
from app.rules.vocabulary import Complexity
from app.rules.workdays import NATURAL, Calendar, CalendarKind


class Terms(NamedTuple):
    """Calendar, cut-off, service window, days of a clear reply, and whether somebody is there around the clock."""

    calendar: Calendar = NATURAL
    staffed: bool = False
    cut_off: time = sla.CUT_OFF
    window: Window = sla.SERVICE_WINDOW
    days: int = sla.CLEAR_REPLY_DAYS

    def kept(self) -> dict[str, Any]:
        """What an event has to keep so that its history can be replayed: nothing where all is as usual."""
        if self == USUAL:
            return {}
        said = {
            "calendar": self.calendar.kind,
            "rollover": self.calendar.rollover,
            "staffed": self.staffed,
            "cut_off": self.cut_off.isoformat("minutes"),
            "window": [edge.isoformat("minutes") for edge in self.window],
            "days": self.days,
        }
        return {"terms": said}

    def due(self, complexity: Complexity, submitted: datetime) -> Due:
        """The promise of a new matter; raises MissingYearError."""
        return sla.due(
            complexity,
            submitted,
            self.calendar,
            cut_off=self.cut_off,
            days=self.days,
            service_window=self.window,
            staffed_around_the_clock=self.staffed,
        )

    def reclassified_due(self, to: Complexity, submitted: datetime, changed: datetime) -> Due:
        """The promise after a change of complexity; raises MissingYearError."""
        return sla.reclassified_due(
            to,
            submitted,
            changed,
            self.calendar,
            days=self.days,
            service_window=self.window,
            staffed_around_the_clock=self.staffed,
        )

    def note(self, due: Due) -> str:
        """Why it is due later than one would think, with the compound's own hours where they are its own."""
        if due.note == "after_cut_off" and self.cut_off != sla.CUT_OFF:
            return f"{due.note}@{self.cut_off:%H:%M} "
        if due.note == "service_hours" and self.window != sla.SERVICE_WINDOW:
            opens, closes = self.window
            return f"{due.note}@{opens:%H:%M}–{'24:00' if closes == sla.MIDNIGHT else f'{closes:%H:%M}'}"
        return due.note or ""


USUAL = Terms()


def terms_in(facts: Mapping[str, Any]) -> Terms:
    """The terms that an event kept."""
    said = facts.get("terms")
    if not said:
        return USUAL
    calendar = Calendar(CalendarKind(said["calendar"]), rollover=said["rollover"])
    opens, closes = (time.fromisoformat(edge) for edge in said["window"]) if "window" in said else USUAL.window
    cut_off = time.fromisoformat(said["cut_off"]) if "cut_off" in said else USUAL.cut_off
    return Terms(calendar, said["staffed"], cut_off, (opens, closes), int(said.get("days", USUAL.days)))
