"""Codes and print runs, for those who hang them up."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from app.access import Staff, registry
from app.access.registry import Hung
from app.db import ReadSession
from app.errors import CodeRevokedError, InvalidError, NotFoundError
from app.models.place import Compound
from app.models.qr_code import QrBatch
from app.models.seat import Seat
from app.rules import codes as scans
from app.rules import place, refusals
from app.rules.vocabulary import CodeStatus, Role
from app.schemas.qr_code import BatchView, CodeLine, CodeList, CodeView
from qr import codes, sheets
from qr.poster import MOST_CONTACTS, Poster

_MAY_PRINT = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
_PUBLIC_HOTLINE = "12345"  # on a poster of a compound that has no duty phone yet
_ON_CARDS = (Role.GRID_HEAD, Role.PROPERTY, Role.POLICE, Role.COMMITTEE_SECRETARY)  # whom residents may call, in order
_SMALL = frozenset({"A6", "card"})  # office printers take A4: these go on it together, to be cut
_INDEX_FROM = 10  # fewer posters are found by leafing


class Sheet(NamedTuple):
    """What a print file is made of, and how it is called."""

    posters: list[Poster]
    file_name: str
    emblem: bytes | None


def batch(session: ReadSession, staff: Staff, number: int, origin: str) -> BatchView:
    """A print run with every code of it, whatever has become of them. Raises NotFoundError."""
    run, compound = _run(session, staff, number)
    return registry.batch_view(run, compound, registry.batch_codes(session, run), origin)


def posters(session: ReadSession, staff: Staff, number: int, origin: str) -> Sheet:
    """One poster for each code of a run that is still active. Raises NotFoundError; InvalidError where none is."""
    run, compound = _run(session, staff, number)
    active = [hung for hung in registry.batch_codes(session, run) if hung.code.status == CodeStatus.ACTIVE]
    return _sheet(session, compound, active, origin, "batch_file", batch=run.id)


def compound_posters(
    session: ReadSession, staff: Staff, compound_code: str, origin: str, *, building: str = ""
) -> Sheet:
    """One poster for each active code of a compound, or of one building with this code.

    Raises NotFoundError; InvalidError where there is none.
    """
    compound = _printable(session, staff, compound_code)
    active = registry.active_codes(session, compound)
    if building:
        active = [hung for hung in active if hung.building.code == building]
    return _sheet(session, compound, active, origin, "compound_file")


def all_codes(session: ReadSession, staff: Staff, compound_code: str, origin: str, now: datetime) -> CodeList:
    """Every code of a compound with its last scan, and what is worth a look. Raises NotFoundError."""
    compound = _printable(session, staff, compound_code)
    lines = [registry.code_line(hung, origin, now) for hung in registry.all_codes(session, compound)]
    return CodeList(compound=compound.code, items=lines)


def emblem(session: ReadSession, staff: Staff, compound_code: str) -> bytes | None:
    """The compound's emblem as PNG, if it has one. Raises NotFoundError for whoever may not print."""
    return registry.emblem(session, _printable(session, staff, compound_code).id)


def is_scan_news(session: ReadSession, text: str, now: datetime) -> bool:
    """Whether the scan of a code has to be written down; not for a code that we do not know. Takes no lock."""
    try:
        found = registry.one_code(session, codes.from_url(text))
    except codes.CodeError:
        return False
    if found is None:
        return False
    code = found.code
    return scans.is_to_note(CodeStatus(code.status), code.last_scanned_at, code.old_scanned_at, now)


def printed(found: Sheet, size: str) -> bytes:
    """The print file. Slow: call it with no session open. Raises InvalidError for a text that cannot be printed."""
    words = place.words()["codes"]
    try:
        paper = "A4" if size in _SMALL else None
        index = len(found.posters) >= _INDEX_FROM
        return sheets.sheet(found.posters, size=size, paper=paper, index=index, emblem=found.emblem)
    except sheets.GlyphError as error:
        label = error.poster.compound + error.poster.place_label
        raise InvalidError(words["glyph"].format(place=label, characters=error.characters)) from error
    except sheets.SheetError as error:
        raise InvalidError(words["unprintable"]) from error


def symbol(session: ReadSession, staff: Staff, text: str, origin: str) -> str:
    """The text inside a code's symbol. Raises NotFoundError, and CodeRevokedError: such a code is not printed again."""
    view = code(session, staff, text, origin)
    if view.status is CodeStatus.REVOKED:
        raise CodeRevokedError
    return codes.url(origin, view.code)


def code(session: ReadSession, staff: Staff, text: str, origin: str) -> CodeView:
    """One code, however it is typed. Raises NotFoundError for whoever may not print it."""
    return registry.code_view(_code(session, staff, text), origin)


def line(session: ReadSession, staff: Staff, text: str, origin: str, now: datetime) -> CodeLine:
    """One code with its scans. Raises NotFoundError as `code` does."""
    return registry.code_line(_code(session, staff, text), origin, now)


def _code(session: ReadSession, staff: Staff, text: str) -> Hung:
    found = registry.one_code(session, codes.normalise(text))
    if found is None or not _may_print(staff, found.code.compound_id):
        raise NotFoundError(refusals.say("code_unknown"))
    return found


def _printable(session: ReadSession, staff: Staff, compound_code: str) -> Compound:
    compound = registry.compound(session, staff, compound_code)
    if not _may_print(staff, compound.id):
        raise NotFoundError
    return compound


def _run(session: ReadSession, staff: Staff, number: int) -> tuple[QrBatch, Compound]:
    query = select(QrBatch, Compound).join(Compound, col(Compound.id) == col(QrBatch.compound_id))
    row = session.exec(query.where(QrBatch.id == number)).one_or_none()
    if row is None or not _may_print(staff, row[1].id):
        raise NotFoundError(refusals.say("batch_unknown"))
    return row[0], row[1]


def _may_print(staff: Staff, compound_id: int) -> bool:
    return staff.is_admin or bool(staff.roles_in(compound_id) & _MAY_PRINT)


def _sheet(
    session: ReadSession, compound: Compound, hung: Sequence[Hung], origin: str, name: str, **values: int
) -> Sheet:
    words = place.words()["codes"]
    if not hung:
        raise InvalidError(words["nothing_to_print"])
    phone = compound.duty_phone or _grid_phone(session, compound) or _PUBLIC_HOTLINE
    contacts = tuple(each for each in _contacts(session, compound) if each[1] != phone)[:MOST_CONTACTS]
    posters = [
        Poster(
            code=one.code.code,
            origin=origin,
            compound=compound.name,
            place_label=one.label,
            duty_phone=phone,
            serial=f"{one.stairwell.code} v{one.code.version}",
            contacts=contacts,
        )
        for one in hung
    ]
    return Sheet(posters, words[name].format(compound=compound.name, **values), registry.emblem(session, compound.id))


def _grid_phone(session: ReadSession, compound: Compound) -> str | None:
    query = select(Seat.duty_phone).where(
        Seat.compound_id == compound.id, Seat.role == Role.GRID_HEAD, Seat.duty_phone != ""
    )
    return session.exec(query.order_by(col(Seat.id))).first()


def _contacts(session: ReadSession, compound: Compound) -> list[tuple[str, str]]:
    """Title and duty phone of the seats for the whole compound that a card names."""
    query = select(Seat.role, Seat.title, Seat.duty_phone).where(
        Seat.compound_id == compound.id,
        col(Seat.role).in_(_ON_CARDS),
        col(Seat.building_id).is_(None),
        col(Seat.stairwell_id).is_(None),
        Seat.duty_phone != "",
    )
    found = sorted(session.exec(query.order_by(col(Seat.id))), key=lambda seat: _ON_CARDS.index(Role(seat[0])))
    return [(title, phone) for _, title, phone in found]
