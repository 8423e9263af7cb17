"""What running the system may know of the tables: counts, an unbroken log, and whether the keys fit."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from sqlalchemy import Select, case, func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.access import sealed
from app.access.looks import is_keyed, is_proven
from app.db import ReadSession, WriteSession
from app.models.access_log import AccessLog
from app.models.key_mark import KeyMark
from app.models.message import Message
from app.models.photo import Photo
from app.models.place import Compound
from app.models.ticket import Ticket
from app.rules import notices

_CONTEXT = "key mark"


class Figures(NamedTuple):
    """How much is open and how much waits, over all compounds."""

    open_tickets: int
    overdue_tickets: int
    waiting_messages: int
    dead_messages: int
    oldest_due_message: datetime | None


class Link(NamedTuple):
    """The newest line of a compound's access log."""

    seq: int
    hash: str


class LogEnd(NamedTuple):
    """A compound's access log: how many lines, from which to which, the hash of the last, and how many have no key."""

    compound: str
    lines: int
    first: int
    last: int
    hash: str
    unkeyed: int


def figures(session: ReadSession, now: datetime) -> Figures:
    """Counts only. Naming the compounds lets the queue's index answer, however many tickets are closed."""
    everywhere = col(Ticket.compound_id).in_(select(Compound.id))
    unfinished = select(func.count()).select_from(Ticket).where(everywhere, col(Ticket.queue).in_((0, 1)))
    overdue = select(func.count()).select_from(Ticket).where(everywhere, Ticket.queue == 0, Ticket.due_at <= now)
    messages = select(Message.status, func.count()).where(col(Message.status).in_(("waiting", "dead")))
    by_status = {
        row[0]: row[1]
        for row in session.execute(messages.group_by(col(Message.status)).execution_options(scope="figures"))
    }
    oldest = select(func.min(Message.next_at)).where(Message.status == "waiting", Message.next_at <= now)
    if notices.is_quiet(now):  # whatever does not ring waits for the morning, and nobody is late
        oldest = oldest.where(col(Message.rings).is_(True))
    return Figures(
        open_tickets=session.exec(unfinished.execution_options(scope="figures")).one(),
        overdue_tickets=session.exec(overdue.execution_options(scope="figures")).one(),
        waiting_messages=by_status.get("waiting", 0),
        dead_messages=by_status.get("dead", 0),
        oldest_due_message=session.exec(oldest.execution_options(scope="figures")).one(),
    )


def keys_fit(session: ReadSession) -> bool:
    """Whether this process holds the keys of this database: the first start's mark and the newest ticket open."""
    mark = session.exec(select(KeyMark)).first()
    newest = select(Ticket).order_by(col(Ticket.id).desc()).limit(1)
    ticket = session.exec(newest.execution_options(scope="keys")).first()
    try:
        if ticket is not None:
            sealed.text_of(session, ticket)
        return mark is None or session.vault.open(mark.sealed, _CONTEXT) == session.vault.digest(_CONTEXT, "")
    except (KeyError, InvalidTag):
        return False


def leave_mark(session: WriteSession, now: datetime) -> None:
    """Seals a digest, once, by which later starts tell that their keys are the same."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    mark = {"id": 1, "sealed": session.vault.seal(session.vault.digest(_CONTEXT, ""), _CONTEXT), "created_at": now}
    session.execute(dialect.insert(KeyMark).values(mark).on_conflict_do_nothing())


def photo_keys(session: ReadSession) -> list[str]:
    """The storage keys of every photo that the database names."""
    return list(session.exec(select(Photo.key).execution_options(scope="backup")))


def chain_heads(session: ReadSession) -> dict[int, Link]:
    """Where each compound's access log ends."""
    last = select(func.max(AccessLog.id)).group_by(col(AccessLog.compound_id))
    query = select(AccessLog).where(col(AccessLog.id).in_(last))
    return {line.compound_id: Link(line.seq, line.hash) for line in session.exec(query.execution_options(scope="log"))}


def log_ends(session: ReadSession) -> list[LogEnd]:
    """How long each compound's access log is, and where it begins and ends."""
    heads = chain_heads(session)
    first = func.min(AccessLog.seq)
    unkeyed = func.sum(case((col(AccessLog.hash).startswith("k"), 0), else_=1))
    query = select_columns(col(Compound.id), col(Compound.code), first, func.count(), unkeyed).join(
        AccessLog, col(AccessLog.compound_id) == col(Compound.id)
    )
    query = query.group_by(col(Compound.id), col(Compound.code)).order_by(col(Compound.code))
    rows = session.execute(query.execution_options(scope="log"))
    return [LogEnd(code, lines, begins, *heads[compound], bare) for compound, code, begins, lines, bare in rows]


def lost_ends(session: ReadSession, ends: Mapping[int, tuple[int, str]]) -> Iterator[str]:
    """Ends that the log once had (`seq` and hash by compound) and that are not in it now: a tail was cut off.

    What has been deleted after its time is not missed.
    """
    first = {row[0]: row[1] for row in session.execute(_first_lines().execution_options(scope="log"))}
    for compound, (seq, digest) in sorted(ends.items()):
        query = select(AccessLog.hash).where(AccessLog.compound_id == compound, AccessLog.seq == seq)
        found = session.exec(query.execution_options(scope="log")).one_or_none()
        if found != digest and (found is not None or first.get(compound, 0) <= seq):
            yield f"compound {compound}, line {seq}: it once ended here, and otherwise"


def _first_lines() -> Select[int, int]:
    return select_columns(col(AccessLog.compound_id), func.min(AccessLog.seq)).group_by(col(AccessLog.compound_id))


def broken_links(session: ReadSession, *, keyed: bool = True) -> Iterator[str]:
    """Lines of the access log that were changed, or before which some are missing, as `compound 1, line 7`.

    The log may begin late, where the oldest lines have been deleted after their time; it may not have holes, and no
    line without a key after one that has it. Where the keys are not at hand, not `keyed`, marks are checked by halves.
    """
    vault = session.vault if keyed else None
    query = select(AccessLog).order_by(col(AccessLog.compound_id), col(AccessLog.seq))
    before: AccessLog | None = None
    for line in session.exec(query.execution_options(scope="log", yield_per=1000)):
        follows = before is None or before.compound_id != line.compound_id
        if before is not None and not follows:
            follows = line.seq == before.seq + 1 and line.previous == before.hash
            follows = follows and is_keyed(line) >= is_keyed(before)
        if not follows or not is_proven(line, vault):
            yield f"compound {line.compound_id}, line {line.seq}"
        before = line
