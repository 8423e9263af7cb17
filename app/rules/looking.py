"""Which looks at personal data are out of the ordinary (domain rules §3.5)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.rules import notices

MOST_A_DAY = 30
SAME_PERSON = 3


class Alert(StrEnum):
    """Why the secretary is told of a look."""

    MANY = "many"
    NIGHT = "night"
    NOT_LEAD = "not_lead"
    SAME_PERSON = "same_person"


ABOUT_A_TICKET = frozenset({Alert.NOT_LEAD, Alert.SAME_PERSON})
"""Counted per ticket: two tickets on one day are two alerts. The others are one alert a day, whatever the ticket."""


class Look(NamedTuple):
    """One look as it stands in the log, with what came before it. Counts include this one and only what was given."""

    given: bool
    on_person: bool  # name, phone or door, not only the words
    leads: bool  # the looker's side leads or triages the matter, or is asked to call back
    today: int  # by this account, in this compound, since midnight in Shanghai
    same_ticket: int  # at the person of this ticket by this account, ever


def alerts(look: Look, now: datetime) -> frozenset[Alert]:
    """What is out of the ordinary about a look; a refused one only where it was at somebody else's matter."""
    found = set() if look.leads else {Alert.NOT_LEAD}
    if look.given:
        found |= {Alert.NIGHT} if notices.is_quiet(now) else set()
        found |= {Alert.MANY} if look.today > MOST_A_DAY else set()
        found |= {Alert.SAME_PERSON} if look.on_person and look.same_ticket >= SAME_PERSON else set()
    return frozenset(found)
