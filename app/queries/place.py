"""Places: what a scanned code says, and the registry for those who look after it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlmodel import col, select

from app import access
from app.access import Staff, registry
from app.db import ReadSession
from app.models.place import Building, Compound, Stairwell
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.queries.desk import bad_cursor, pack, unpack
from app.rules import bands, catalogue, classify, place, routing, sla, wording
from app.rules.routing import Spot
from app.rules.vocabulary import CodeStatus, Flag, Role
from app.schemas.place import (
    BuildingNode,
    CategoryView,
    CompoundList,
    CompoundView,
    DangerView,
    DutyView,
    GuessesView,
    GuessView,
    HotlineView,
    LeafView,
    NoticeView,
    PlaceView,
    ScanView,
    StairwellNode,
    TreeView,
)


def scan(session: ReadSession, text: str, now: datetime) -> ScanView:
    """Everything behind a typed or scanned code. Raises CodeUnknownError, CodeRevokedError."""
    at = access.scanned(session, text)
    version, notice = wording.notice(at.compound.community or at.compound.name)
    label = at.building.name + at.stairwell.name
    own = access.settings_of(session, at.compound.id)
    return ScanView(
        code=at.code.code,
        status=CodeStatus(at.code.status),
        place=PlaceView(compound=at.compound.name, building=at.building.name, stairwell=at.stairwell.name, label=label),
        categories=list(categories()),
        contacts=contacts(session, at.compound, Spot(at.building.id, at.stairwell.id), now),
        hotlines=[HotlineView(**hotline) for hotline in wording.words()["hotlines"]],
        notice=NoticeView(version=version, text=notice),
        menu=_menu(own.menu),
        announcements=own.told(sla.local_day(now)),
    )


@cache
def categories() -> Sequence[CategoryView]:
    """The top classes with their leaves: `menu` ones may be tiles, `emergency` ones show the hotlines first."""
    known = catalogue.default()
    return tuple(
        CategoryView(
            code=top.code,
            name=top.name,
            children=[
                LeafView(code=leaf.code, name=leaf.name, menu=leaf.menu, emergency=Flag.HOTLINE_FIRST in leaf.flags)
                for leaf in known.children(top.code)
            ],
        )
        for top in known.tops
    )


def guesses(session: ReadSession, code: str, text: str) -> GuessesView:
    """What the words may mean, while they are typed; they are kept nowhere. Raises as `scan`."""
    access.scanned(session, code)
    known = catalogue.default()
    judged = classify.judge(known, text)
    likely = [(known.leaf(one.leaf), one) for one in judged.suggestions if one.probability >= classify.LIKELY]
    alarms = [known.leaf(one.leaf) for one in judged.emergencies]
    return GuessesView(
        items=[
            GuessView(code=leaf.code, name=leaf.name, top=leaf.parent, sureness=bands.sureness(one.probability))
            for leaf, one in likely
            if leaf.code != catalogue.OTHER
        ],
        danger=DangerView(
            name=alarms[0].name,
            hotlines=[HotlineView(**line) for line in wording.hotlines(alarms)],
            text=wording.words()["not_an_alarm"],
        )
        if alarms
        else None,
    )


def _menu(codes: Sequence[str]) -> list[LeafView]:
    """The compound's own tiles; 其他 is always the last."""
    known = catalogue.default()
    wanted = [*(code for code in codes if code != catalogue.OTHER), catalogue.OTHER] if codes else []
    leaves = [known.leaf(code) for code in wanted]
    return [
        LeafView(code=leaf.code, name=leaf.name, menu=True, emergency=Flag.HOTLINE_FIRST in leaf.flags)
        for leaf in leaves
    ]


def handler(session: ReadSession, staff: Staff, code: str) -> str:
    """Who handles a compound's data, as the notice names them. Raises NotFoundError."""
    compound = registry.compound(session, staff, code)
    return compound.community or compound.name


def compound_id(session: ReadSession, staff: Staff, code: str) -> int:
    """The id of a compound that this account may see. Raises NotFoundError."""
    return registry.compound(session, staff, code).id


def compounds(session: ReadSession, staff: Staff, *, cursor: str | None = None, limit: int = 200) -> CompoundList:
    """The compounds that this account may see, in the order of their codes."""
    after = str(unpack(cursor, 1)[0]) if cursor else ""
    if not after.isprintable():
        raise bad_cursor()
    rows = registry.compounds(session, staff, after, limit + 1)
    page, more = rows[:limit], len(rows) > limit
    return CompoundList(
        items=[
            CompoundView(
                code=row.code, name=row.name, community=row.community, street=row.street, duty_phone=row.duty_phone
            )
            for row in page
        ],
        next_cursor=pack(page[-1].code) if more else None,
    )


def tree(session: ReadSession, staff: Staff, code: str) -> TreeView:
    """A compound's buildings and stairwells in the order of a walk, with counts and active codes."""
    compound = registry.compound(session, staff, code)
    doors = access.household_counts(session, compound.id)
    hanging: dict[int, list[str]] = defaultdict(list)
    active = select(QrCode).where(QrCode.compound_id == compound.id, QrCode.status == CodeStatus.ACTIVE)
    for found in session.exec(active.order_by(col(QrCode.id))):
        hanging[found.stairwell_id].append(found.code)
    stairwells: dict[int, list[Stairwell]] = defaultdict(list)
    for stairwell in session.exec(select(Stairwell).where(Stairwell.compound_id == compound.id)):
        stairwells[stairwell.building_id].append(stairwell)
    buildings = session.exec(select(Building).where(Building.compound_id == compound.id))
    return TreeView(
        code=compound.code,
        name=compound.name,
        buildings=[
            BuildingNode(
                code=building.code,
                name=building.name,
                stairwells=[
                    StairwellNode(code=row.code, name=row.name, households=doors.get(row.id, 0), qr=hanging[row.id])
                    for row in sorted(stairwells[building.id], key=lambda row: place.in_order(row.name))
                ],
            )
            for building in sorted(buildings, key=lambda row: place.in_order(row.name))
        ],
    )


def contacts(session: ReadSession, compound: Compound, spot: Spot, now: datetime) -> list[DutyView]:
    """Whom to call: one seat per role that is in term here and has a duty phone; never a person's name."""
    rows = session.exec(select(Seat).where(Seat.compound_id == compound.id).order_by(col(Seat.id)))
    seats = {seat.id: seat for seat in rows if seat.duty_phone or seat.deputy_phone}
    facts = [access.seat_facts(seat) for seat in seats.values()]
    found_here = []
    for role in Role:
        found = routing.seat_for(role, spot, facts, now)
        if found:
            seat, deputy_acts = seats[found[0].id], bool(found[1])
            phone = (seat.deputy_phone if deputy_acts else "") or seat.duty_phone
            found_here += [DutyView(role=role, title=seat.title, duty_phone=phone)] if phone else []
    if compound.duty_phone and not any(contact.role == Role.GRID_HEAD for contact in found_here):
        title = catalogue.default().title(Role.GRID_HEAD)
        found_here.insert(0, DutyView(role=Role.GRID_HEAD, title=title, duty_phone=compound.duty_phone))
    return found_here
