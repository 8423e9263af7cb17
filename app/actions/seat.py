"""The roster: who holds which seat of a compound, for how long, and whose account may act for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from app.access import Staff, registry
from app.db import WriteSession
from app.errors import InvalidError, VerbNotYoursError
from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.staff import Account, Grant
from app.rules import catalogue, place, refusals
from app.rules.vocabulary import SEATED, SIDE_OF, PlaceKind, Role
from app.schemas.staff import DeputyIn, HeadIn, HeadsIn, RosterView

_LONGEST_TITLE = 40
_NO_DEPUTY = DeputyIn()


class _Scope(NamedTuple):
    """What a seat answers for: the compound, one building, or one stairwell."""

    kind: PlaceKind
    key: str
    building_id: int | None = None
    stairwell_id: int | None = None
    label: str = ""


class _Wrong(Exception):  # noqa: N818 -- it never leaves this file
    """A head that cannot be seated: the field, and the catalogue's words for why."""

    def __init__(self, field: str, reason: str, **values: str) -> None:
        super().__init__(field)
        self.field = field
        self.message: str = place.words()["heads"][reason].format(**values)


def set_heads(session: WriteSession, staff: Staff, compound_code: str, form: HeadsIn, *, now: datetime) -> RosterView:
    """Sets the named seats as they are given, all or none; the compound's other seats stay (domain rules §2.1 "Seats").

    Listed accounts are then the seat's, and others lose it this very minute; no list leaves the accounts as they are.
    Raises NotFoundError, VerbNotYoursError, InvalidError naming each field that does not fit.
    """
    compound = registry.compound(session, staff, compound_code, lock=True)
    if not (staff.is_admin or Role.COMMITTEE_SECRETARY in staff.roles_in(compound.id)):
        raise VerbNotYoursError
    where = _Places(session, compound)
    accounts = _accounts(session, form.heads)
    wanted = _resolved(form.heads, where, accounts)
    _check_grants(session, staff, form.heads)
    seats = _seats(session, compound, [(head.role, scope) for head, scope in wanted])
    for (head, scope), seat in zip(wanted, seats, strict=True):
        _fill(seat, head, scope)
    session.flush()
    granted = {
        seat.id: [accounts[name] for name in head.accounts] for (head, _), seat in zip(wanted, seats, strict=True)
    }
    _grant(session, {seat.id: Role(seat.role) for seat in seats}, granted, now)
    session.flush()
    return registry.roster_view(session, compound, now)


class _Places:
    """A compound's buildings and stairwells by whatever people call them."""

    def __init__(self, session: WriteSession, compound: Compound) -> None:
        self._compound = _Scope(PlaceKind.COMPOUND, compound.code)
        buildings = list(session.exec(select(Building).where(Building.compound_id == compound.id)))
        names = {building.id: building.name for building in buildings}
        self._buildings: dict[str, _Scope] = {}
        for building in buildings:
            scope = _Scope(PlaceKind.BUILDING, building.code, building.id, None, building.name)
            self._buildings |= {building.code: scope, building.name: scope}
        self._stairwells: dict[str, _Scope] = {}
        self._inside: dict[tuple[int, str], _Scope] = {}
        for stairwell in session.exec(select(Stairwell).where(Stairwell.compound_id == compound.id)):
            label = names[stairwell.building_id] + stairwell.name
            scope = _Scope(PlaceKind.STAIRWELL, stairwell.code, stairwell.building_id, stairwell.id, label)
            self._stairwells |= {stairwell.code: scope, label: scope}
            self._inside[stairwell.building_id, stairwell.name] = scope

    def scope(self, head: HeadIn) -> _Scope:
        """By code or by name; a stairwell implies its building, and must lie in the one that is named beside it."""
        building = None
        if head.building:
            typed = place.mark(head.building)
            building = self._buildings.get(typed) or self._buildings.get(place.building_name(typed))
            if building is None:
                raise _Wrong("building", "building", name=head.building)
        if not head.stairwell:
            return building or self._compound
        typed = place.mark(head.stairwell)
        stairwell = self._stairwells.get(typed)
        if building is not None and building.building_id is not None:
            inside = self._inside.get((building.building_id, place.stairwell_name(typed)))
            stairwell = inside or stairwell
        if stairwell is None or (building and stairwell.building_id != building.building_id):
            raise _Wrong("stairwell", "stairwell", name=head.stairwell)
        return stairwell


def _resolved(heads: Sequence[HeadIn], where: _Places, accounts: Mapping[str, int]) -> list[tuple[HeadIn, _Scope]]:
    """Every head with its scope; raises InvalidError with everything that does not fit."""
    errors, wanted, taken = [], [], set()
    for at, head in enumerate(heads):
        try:
            scope = where.scope(head)
            _check(head, accounts, again=(head.role, scope.key) in taken)
            taken.add((head.role, scope.key))
            wanted.append((head, scope))
        except _Wrong as wrong:
            errors.append({"field": f"heads.{at}.{wrong.field}", "message": wrong.message})
    if errors:
        raise InvalidError(errors=errors)
    return wanted


def _check(head: HeadIn, accounts: Mapping[str, int], *, again: bool) -> None:
    if head.role not in SEATED:
        raise _Wrong("role", "role")
    if again:
        raise _Wrong("role", "twice")
    if head.valid_from and head.valid_to and head.valid_to <= head.valid_from:
        raise _Wrong("valid_to", "term")
    deputy = head.deputy or _NO_DEPUTY
    if deputy.valid_from and deputy.valid_to and deputy.valid_to <= deputy.valid_from:
        raise _Wrong("deputy.valid_to", "term")
    if not deputy.name and (deputy.duty_phone or deputy.valid_from or deputy.valid_to):
        raise _Wrong("deputy.name", "deputy")
    for at, name in enumerate(head.accounts):
        if name not in accounts:
            raise _Wrong(f"accounts.{at}", "account", name=name)


def _check_grants(session: WriteSession, staff: Staff, heads: Sequence[HeadIn]) -> None:
    """Nobody seats themselves, and no administrator sits where persons are seen: the keeper of keys stays outside."""
    named = {name for head in heads for name in head.accounts}
    query = select(Account.username).where(col(Account.username).in_(named), col(Account.is_admin).is_(True))
    administrators = set(session.exec(query))
    errors = []
    for at, head in enumerate(heads):
        for place_, name in enumerate(head.accounts):
            if name == staff.username:
                errors.append({"field": f"heads.{at}.accounts.{place_}", "message": refusals.say("grant_to_oneself")})
            elif head.role in SIDE_OF and name in administrators:
                errors.append({"field": f"heads.{at}.accounts.{place_}", "message": refusals.say("admin_views_nobody")})
    if errors:
        raise InvalidError(errors=errors)


def _accounts(session: WriteSession, heads: Iterable[HeadIn]) -> dict[str, int]:
    """The ids of the named accounts that may log in."""
    names = sorted({name for head in heads for name in head.accounts if name.isprintable()})
    query = select(Account.username, Account.id).where(
        col(Account.username).in_(names), col(Account.disabled_at).is_(None)
    )
    return dict(session.exec(query).all()) if names else {}


def _seats(session: WriteSession, compound: Compound, wanted: Iterable[tuple[Role, _Scope]]) -> list[Seat]:
    """The seats of these roles and scopes; new ones where there are none yet."""
    known = {
        (seat.role, seat.scope_key): seat for seat in session.exec(select(Seat).where(Seat.compound_id == compound.id))
    }
    seats = []
    for role, scope in wanted:
        seat = known.get((role, scope.key))
        if seat is None:
            seat = Seat(compound_id=compound.id, role=role, scope=scope.kind, scope_key=scope.key, title="")
            session.add(seat)
        seats.append(seat)
    return seats


def _fill(seat: Seat, head: HeadIn, scope: _Scope) -> None:
    deputy = head.deputy or _NO_DEPUTY
    seat.building_id, seat.stairwell_id = scope.building_id, scope.stairwell_id
    seat.title = head.title or (scope.label + catalogue.default().title(head.role))[-_LONGEST_TITLE:]
    seat.holder, seat.duty_phone = head.name, head.duty_phone
    seat.starts_at, seat.ends_at = head.valid_from, head.valid_to
    seat.deputy, seat.deputy_phone = deputy.name, deputy.duty_phone
    seat.deputy_starts_at, seat.deputy_ends_at = deputy.valid_from, deputy.valid_to
    if "absent_until" in head.model_fields_set:
        seat.absent_until = head.absent_until


def _grant(
    session: WriteSession, roles: Mapping[int, Role], granted: Mapping[int, Sequence[int]], now: datetime
) -> None:
    """Grants are ended, not deleted: the history names who acted under them. Deputies' grants are not touched."""
    listed = {seat: accounts for seat, accounts in granted.items() if accounts}
    known: dict[int, dict[int, Grant]] = {seat: {} for seat in listed}
    if listed:
        for grant in session.exec(select(Grant).where(col(Grant.seat_id).in_(sorted(listed)))):
            known[grant.seat_id][grant.account_id] = grant
    for seat, accounts in listed.items():
        for account, grant in known[seat].items():
            if account not in accounts and not grant.deputy and (grant.ends_at is None or grant.ends_at > now):
                grant.ends_at = now
        for account in dict.fromkeys(accounts):
            held = known[seat].get(account)
            if held is None:
                # The security captain sees persons only where that is granted by name (domain rules §3.3).
                views = roles[seat] is not Role.SECURITY_CAPTAIN
                session.add(Grant(account_id=account, seat_id=seat, views_persons=views))
            elif held.deputy or (held.ends_at is not None and held.ends_at <= now):
                held.deputy, held.starts_at, held.ends_at = False, None, None
