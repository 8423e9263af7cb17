"""Who stands in where the grid head is away, silent or taken out of a ticket (domain rules §2.1, §3.3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.rules import sla
from app.rules.sla import Window
from app.rules.vocabulary import SIDE_OF, Role, Side

SILENT_HOURS = 2
NEXT_AFTER_HOURS = 1
BACKUPS = (Role.SELF_MGMT_HEAD, Role.PROPERTY)
"""Who may triage in the grid head's stead, in this order."""
ALL_FILLED = frozenset(Role)


class Cover(NamedTuple):
    """Which offices are filled at a ticket's place, and which backups may triage it now."""

    filled: frozenset[Role] = ALL_FILLED
    backups: frozenset[Role] = frozenset()


class Waiting(NamedTuple):
    """A ticket that waits for its triage. `barred`: a matter that no side but the grid head may triage."""

    submitted: datetime
    grid_acted: bool
    barred: bool
    avoid: frozenset[Side] = frozenset()
    window: Window = sla.SERVICE_WINDOW


def opens_at(submitted: datetime, *, absent: bool, window: Window = sla.SERVICE_WINDOW) -> Mapping[Role, datetime]:
    """From when on each backup may triage: after two silent service hours, at once while the grid head is away.

    The property comes one service hour after the head of the self-management group.
    """
    first = submitted if absent else sla.add_service_hours(submitted, SILENT_HOURS, window)
    second = sla.add_service_hours(first, NEXT_AFTER_HOURS, window)
    return dict(zip(BACKUPS, (first, second), strict=True))


def backups(ticket: Waiting, now: datetime, *, absent: bool) -> frozenset[Role]:
    """The sides that may triage now. An absent grid head's own act closes the door to them all the same."""
    if ticket.barred or ticket.grid_acted:
        return frozenset()
    opened = opens_at(ticket.submitted, absent=absent, window=ticket.window)
    return frozenset(role for role, at in opened.items() if at <= now and SIDE_OF[role] not in ticket.avoid)


def chief(cover: Cover, *, grid_recused: bool) -> Role | None:
    """Who has the last word: the grid head; else the secretary; else the community. None where all are vacant."""
    order = (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY)
    return next((role for role in order[grid_recused:] if role in cover.filled), None)


def triager(cover: Cover, *, grid_recused: bool, self_mgmt_recused: bool) -> Role | None:
    """Who triages: where the grid head is taken out, the head of the self-management group comes before the chief."""
    if grid_recused and not self_mgmt_recused and Role.SELF_MGMT_HEAD in cover.filled:
        return Role.SELF_MGMT_HEAD
    return chief(cover, grid_recused=grid_recused)
