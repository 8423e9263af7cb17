"""What a judgement does to a ticket, whether the reporter gave it or somebody wrote it down on the telephone."""

from datetime import datetime

from app import access
from app.actions import intake
from app.db import WriteSession
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules.vocabulary import RatingSource, Role, Solved, Status


def outcome(session: WriteSession, ticket: Ticket, solved: Solved | None, *, explained: bool = False) -> str:
    """What the judgement leads to: the first "not solved" is done again, the second goes to the secretary (§2.6).

    What is `explained` is outside anyone's power: it is counted apart, and nobody is sent out again for it.
    """
    if solved is not Solved.NO or explained:
        return "kept"
    return "again" if access.redone_before(session, ticket) else "redo"


def put_down(
    session: WriteSession,
    ticket: Ticket,
    solved: Solved,
    stars: int,
    text: str | None,
    now: datetime,
    *,
    source: RatingSource = RatingSource.RESIDENT,
    explained: bool = False,
) -> None:
    """Stores the judgement of a ticket that has taken its step, and sees to it that a redo begins anew."""
    session.add(
        Rating(
            ticket_id=ticket.id,
            round=ticket.round,
            solved=solved,
            stars=stars,
            source=source,
            explained=explained,
            text_sealed=access.seal_rating(session, ticket, text) if text else None,
            at=now,
        )
    )
    if ticket.status in {Status.REOPENED, Status.REVIEW}:
        role = Role.COMMITTEE_SECRETARY if ticket.status == Status.REVIEW else Role.GRID_HEAD
        intake.tell_role(session, ticket, role, "reopened", now)
    session.flush()
