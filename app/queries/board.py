"""公示栏: what was reported and done lately, for everybody; and what is under way behind one code."""

from collections import Counter
from datetime import datetime, timedelta

from app import access
from app.access import board as rows
from app.access import figures as counted
from app.access.figures import Slice
from app.db import ReadSession
from app.rules import board, catalogue, figures, ledger, sla
from app.rules.vocabulary import Status
from app.schemas.board import BoardLine, BoardReply, BoardView, MattersView, MatterView
from app.schemas.figures import FigureView

_ORDER = list(board.PHASES)


def view(session: ReadSession, code: str, now: datetime) -> BoardView:
    """A compound's board. Raises NotFoundError, for one whose board is off too."""
    compound, words, known = rows.compound_with_board(session, code), board.words(), catalogue.default()
    until = sla.local_day(now) - timedelta(days=1)
    since = until - timedelta(days=words["figures_days"] - 1)
    found: Counter[tuple[str, str | None, str]] = Counter()
    for told in rows.told(session, compound.id, now - timedelta(days=words["days"])):
        found[told.category, told.building, board.phase_of(told.status)] += told.many
    lines = sorted(found.items(), key=lambda item: (_ORDER.index(item[0][2]), -item[1], item[0][0], item[0][1] or ""))
    released = rows.replies(session, compound.id, counted.period(since, until)[0], words["most_replies"])
    return BoardView(
        compound=compound.code,
        name=compound.name,
        lines=[
            BoardLine(
                category=category,
                name=known.leaf(category).name,
                building=building,
                phase=phase,
                count=board.few(count),
            )
            for (category, building, phase), count in lines
        ],
        replies=[
            BoardReply(
                name=known.leaf(reply.category).name,
                building=reply.building if board.tells_building(known.leaf(reply.category)) else None,
                text=reply.text,
                month=ledger.month_of(sla.local_day(reply.at)),
            )
            for reply in released
        ],
        since=since,
        until=until,
        figures=_figures(session, Slice(compound.id, *counted.period(since, until)), now),
    )


def matters(session: ReadSession, code: str, device: str) -> MattersView:
    """What is under way in the shared space behind this code: kind and state only. CodeUnknownError, …Revoked."""
    at = access.scanned(session, code)
    found = rows.matters(session, at.stairwell.id, at.compound.id) if at.compound.has_board else []
    ids, known = [ticket.id for ticket in found], catalogue.default()
    counts = rows.others(session, ids)
    mine = rows.said_by(session, ids, device) if device else set()
    return MattersView(
        items=[
            MatterView(
                category=ticket.category,
                name=known.leaf(ticket.category).name,
                phase=board.phase_of(Status(ticket.status)),
                others=board.few(counts.get(ticket.id, 0)),
                mine=ticket.id in mine,
            )
            for ticket in sorted(found, key=lambda ticket: ticket.category)
        ]
    )


def _figures(session: ReadSession, wanted: Slice, now: datetime) -> list[FigureView]:
    """The published figures that have ten cases at least."""
    formulas = {one.key: one for one in figures.table().figures}
    found = counted.counts(session, rows.NOBODY, wanted, now)
    return [
        FigureView(
            key=key,
            name=formulas[key].name,
            group=formulas[key].group,
            unit=formulas[key].unit,
            numerator=found[key].over,
            denominator=found[key].base,
            share=figures.share(found[key].over, found[key].base),
            formula=formulas[key].words,
        )
        for key in board.words()["figures"]
        if found[key].base >= figures.table().smallest_base
    ]
