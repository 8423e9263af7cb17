"""A desk ticket under lock, with everything that a verb needs to know about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app import access, outbox
from app.access import Seen, Staff, undoing
from app.actions import case
from app.actions.stepping import advance, by_staff
from app.db import WriteSession
from app.errors import NotFoundError
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import workflow
from app.rules.undoing import UNDOABLE, WITHIN
from app.rules.vocabulary import OPEN_SLIP, Complexity, Role, SlipStatus, Verb
from app.rules.workflow import Door, Facts, Hat
from app.schemas.desk import DeskTicket

TRIAGERS = (Role.GRID_HEAD, Role.SELF_MGMT_HEAD, Role.PROPERTY, Role.COMMITTEE_SECRETARY, Role.COMMUNITY)
CHIEFS = (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY)
SECRETARY = (Role.COMMITTEE_SECRETARY,)


class Work:
    """Fetched through the gate and locked, for a verb that these hats may do; `step` moves it, `view` answers."""

    def __init__(self, session: WriteSession, staff: Staff, number: str, verb: Verb, now: datetime) -> None:
        self.session, self.staff, self.now = session, staff, now
        self.seen: Seen = access.desk_ticket(session, staff, number, lock=True)
        self.ticket: Ticket = self.seen.ticket
        self.facts: Facts = access.standing(session, self.ticket, now, account_id=staff.account_id)
        self.hats: frozenset[Hat] = access.hats_of(session, self.seen, now)
        workflow.check_hats(verb, self.hats)
        self._back = self._snapshot() if verb in UNDOABLE and self.ticket.complexity != Complexity.EMERGENCY else None

    def step(
        self,
        verb: Verb,
        roles: Sequence[Role],
        *,
        outcome: str = "",
        words: str | None = None,
        said: Mapping[str, object] | None = None,
        slip: Slip | None = None,
    ) -> None:
        """One step of the table, said in the role that allows it, and to whoever's report was merged into this one."""
        if self._back is not None and (said or {}).get("complexity") != Complexity.EMERGENCY:
            said = dict(said or {}) | {undoing.BACK: self._back}
        by = by_staff(self.staff, self.seen, roles)
        advance(
            self.session,
            self.ticket,
            verb,
            self.facts,
            self.hats,
            by,
            self.now,
            outcome=outcome,
            words=words,
            said=said,
            slip=slip,
        )
        if verb in workflow.PASSED_ON:
            case.pass_on(self.session, self.ticket, verb, by, self.now, words=words, said=said)

    def legal(self) -> list[Verb]:
        """The verbs of the desk that would be accepted now."""
        return workflow.legal(self.facts, self.hats, Door.DESK)

    def _snapshot(self) -> dict[str, Any]:
        return undoing.snapshot(self.session, self.ticket, outbox.newest(self.session))

    def call_off_slips(self) -> None:
        """No slip stays open over a ticket that goes elsewhere."""
        for slip in access.slips_of(self.session, self.ticket):
            if slip.status in OPEN_SLIP:
                slip.status = SlipStatus.CANCELLED

    def view(self) -> DeskTicket:
        """The ticket as it now stands for this viewer; the verb may have changed what they may see."""
        self.session.flush()
        if self._back is not None:
            after = self._back["message"]
            outbox.delay(self.session, self.ticket.id, after=after, until=self.now + WITHIN)
        try:
            seen = access.desk_ticket(self.session, self.staff, self.ticket.number)
        except NotFoundError:
            return DeskTicket(number=self.ticket.number)
        return access.desk_ticket_view(self.session, seen, self.staff, self.now)
