"""What a compound decided for itself: its settings and its routing rules, read by whoever promises or routes."""

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from app.access.actors import Staff
from app.db import ReadSession
from app.errors import VerbNotYoursError
from app.models.compound_version import CompoundVersion, RoutingDraft
from app.models.place import Compound
from app.models.slip import Slip
from app.rules import compound_settings
from app.rules.compound_settings import CompoundSettings
from app.rules.routing_rules import Book, Rule
from app.rules.vocabulary import OPEN_SLIP, Role

_COMPOUND = select(Compound).where(Compound.id == bindparam("compound"))


def compound_of(session: ReadSession, compound_id: int) -> Compound:
    """A compound's row, for whatever it decides for everybody in it."""

    def read() -> Compound:
        return session.exec(_COMPOUND, params={"compound": compound_id}).one()

    return session.once("compound", compound_id, read)


def settings_of(session: ReadSession, compound_id: int) -> CompoundSettings:
    """A compound's settings."""
    return compound_settings.of(compound_of(session, compound_id).settings)


def overseeing(staff: Staff, compound: Compound, roles: frozenset[Role]) -> Role:
    """The first of these roles that the account holds in the compound, an administrator's included.

    Raises VerbNotYoursError for whoever sees the compound and holds none of them.
    """
    held = staff.roles_in(compound.id) | ({Role.ADMIN} if staff.is_admin else set())
    found = next((role for role in Role if role in roles & held), None)
    if found is None:
        raise VerbNotYoursError
    return found


def last_version(session: ReadSession, compound: Compound, part: str) -> CompoundVersion | None:
    """The change that is in force; None where the compound never decided anything."""
    query = select(CompoundVersion).where(CompoundVersion.compound_id == compound.id, CompoundVersion.part == part)
    return session.exec(query.order_by(col(CompoundVersion.version).desc()).limit(1)).first()


def rules_of(session: ReadSession, compound_id: int) -> tuple[Rule, ...]:
    """A compound's routing rules in their order."""
    return tuple(Rule.model_validate(row) for row in compound_of(session, compound_id).routing_rules)


def book_of(session: ReadSession, compound_id: int, rules: tuple[Rule, ...] | None = None) -> Book:
    """What routing needs beside the roster: the rules (or those that are tried out), and who has how much in hand."""
    most = settings_of(session, compound_id).most_open
    load = slip_loads(session, compound_id) if most is not None else {}
    return Book(rules_of(session, compound_id) if rules is None else rules, load, most)


def slip_loads(session: ReadSession, compound_id: int) -> dict[int, int]:
    """How many open slips every seat of a compound has in hand; a seat without any is not in it."""
    query = (
        select(Slip.seat_id, func.count())
        .where(Slip.compound_id == compound_id, col(Slip.status).in_(OPEN_SLIP))
        .group_by(col(Slip.seat_id))
    )
    return {row[0]: row[1] for row in session.execute(query.execution_options(scope="load"))}


def draft_of(session: ReadSession, staff: Staff, compound: Compound) -> RoutingDraft | None:
    """The rules that this account is working on; None where it has none."""
    query = select(RoutingDraft).where(
        RoutingDraft.compound_id == compound.id, RoutingDraft.account_id == staff.account_id
    )
    return session.exec(query).one_or_none()
