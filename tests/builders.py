"""A small compound with every office filled, and the calls that a test makes on it. Tests name only what matters."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from app.db import Database
from app.models.place import Building, Compound, Household, Stairwell
from app.models.qr_code import QrBatch, QrCode
from app.models.seat import Seat
from app.models.staff import Account, Grant, StaffToken
from app.rules import catalogue, wording
from app.rules.vocabulary import CodeStatus, PlaceKind, Role
from app.vault import fingerprint
from qr import codes

MONDAY = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
NOTICE = wording.words()["notice"]["version"]
_keys = itertools.count(1)


def key() -> dict[str, str]:
    """A fresh Idempotency-Key header."""
    return {"Idempotency-Key": f"test-key-{next(_keys):012d}"}


@dataclass
class World:
    """One compound: codes by stairwell name, a bearer token per username."""

    compound: str
    compound_id: int
    codes: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.codes["1幢1单元"]

    def as_(self, username: str, **headers: str) -> dict[str, str]:
        """Headers of a logged-in account."""
        return {"Authorization": f"Bearer {self.tokens[username]}", **headers}


def build_world(
    database: Database, *, compound: str = "LHQ", name: str = "绿荷苑", without: frozenset[Role] = frozenset()
) -> World:
    """Two buildings of two stairwells, every seat held by an account named after its role, and a second grid head."""
    start = MONDAY - timedelta(days=400)
    with database.write() as session:
        place = Compound(
            code=compound,
            name=name,
            community="荷花社区",
            street="示范街道",
            duty_phone="0571-00000000",
            created_at=start,
        )
        session.add(place)
        session.flush()
        world = World(compound, place.id)
        batch = QrBatch(compound_id=place.id, created_at=start)
        session.add(batch)
        session.flush()
        _stairwells(session, world, batch.id, start)
        _staff(session, world, frozenset(Role) - without, start)
    return world


def _stairwells(session, world, batch_id, start):
    """Rows of a kind go in together: this runs before nearly every test."""
    compound = world.compound
    buildings = [Building(compound_id=world.compound_id, code=f"{compound}-{b}-1", name=f"{b}幢") for b in (1, 2)]
    session.add_all(buildings)
    session.flush()
    stairwells = [
        Stairwell(compound_id=world.compound_id, building_id=building.id, code=f"{compound}-{b}-{s}-s", name=f"{s}单元")
        for b, building in enumerate(buildings, 1)
        for s in (1, 2)
    ]
    session.add_all(stairwells)
    session.flush()
    names = {building.id: building.name for building in buildings}
    for stairwell in stairwells:
        session.add(Household(compound_id=world.compound_id, stairwell_id=stairwell.id, door="1201"))
        code = codes.new_code()
        session.add(
            QrCode(
                code=code,
                compound_id=world.compound_id,
                stairwell_id=stairwell.id,
                batch_id=batch_id,
                version=1,
                status=CodeStatus.ACTIVE,
                created_at=start,
            )
        )
        world.codes[f"{names[stairwell.building_id]}{stairwell.name}"] = code


def _staff(session, world, seated, start):
    """An account for every role and a second grid head; a seat for those that are held here."""
    roles = {_username(world, role): role for role in Role} | {_username(world, "grid_head2"): Role.GRID_HEAD}
    if Role.GRID_HEAD not in seated:
        del roles[_username(world, "grid_head2")]
    accounts = {
        name: Account(
            username=name, name=f"测试{name}", password_hash="-", is_admin=role is Role.ADMIN, created_at=start
        )
        for name, role in roles.items()
    }
    seats = {
        role: Seat(
            compound_id=world.compound_id,
            role=role,
            scope=PlaceKind.COMPOUND,
            scope_key=world.compound,
            title=catalogue.default().title(role),
            duty_phone="0571-11112222" if role in {Role.GRID_HEAD, Role.PROPERTY, Role.POLICE} else "",
            starts_at=start,
        )
        for role in Role
        if role in seated - {Role.ADMIN}
    }
    session.add_all([*accounts.values(), *seats.values()])
    session.flush()
    world.accounts = {name: account.id for name, account in accounts.items()}
    world.tokens = {name: f"token-of-{name}" for name in accounts}
    world.seats = {role: seat.id for role, seat in seats.items()}
    later = start + timedelta(days=4000)
    for name, role in roles.items():
        token = fingerprint(world.tokens[name])
        who = world.accounts[name]
        session.add(StaffToken(token_hash=token, account_id=who, created_at=start, expires_at=later))
        if role in seats:
            sees = role is not Role.SECURITY_CAPTAIN
            session.add(Grant(account_id=who, seat_id=seats[role].id, views_persons=sees))


def _username(world, name):
    """Accounts of the first compound are named plainly, those of another one carry its code."""
    return f"{name}" if world.compound == "LHQ" else f"{name}_{world.compound}"


def ticket_form(world: World, **over) -> dict:
    """A public simple matter, unless told otherwise."""
    return {"code": world.code, "text": "楼道灯坏了，晚上看不见", "category": "BLD-09"} | over


def submit(client, world: World, **over) -> dict:
    """Submits over HTTP and returns the receipt."""
    answer = client.post("/api/v1/tickets", json=ticket_form(world, **over), headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def phoned(client, world: World, who: str = "grid_head", **over) -> dict:
    """What somebody says on the telephone, typed by an account; the answer as it is read out to them."""
    body = {
        "compound": world.compound,
        "stairwell": f"{world.compound}-1-1-s",
        "channel": "phone",
        "text": "楼上漏水到厨房",
        "category": "BLD-05",
        "contact": {"name": "李梅", "phone": "13812345678"},
        "consent": {"notice_version": NOTICE, "contact": True},
    } | over
    answer = client.post("/api/v1/desk/tickets", json=body, headers=world.as_(who) | key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def calls_for(client, world: World, who: str = "grid_head") -> list[dict]:
    """The calls that wait for an account."""
    return client.get("/api/v1/desk/calls", headers=world.as_(who)).json()["items"]


def secret(receipt: dict) -> dict[str, str]:
    """The reporter's header."""
    return {"X-Ticket-Secret": receipt["secret"]}


def page_of(receipt: dict) -> str:
    """Where the reporter's page of a ticket is, whichever server made the receipt."""
    return urlsplit(receipt["url"]).path


def verb(client, world: World, who: str, receipt: dict, name: str, **body):
    """One desk verb by an account."""
    return client.post(f"/api/v1/desk/tickets/{receipt['number']}/{name}", json=body, headers=world.as_(who))


def triage(client, world: World, receipt: dict, who: str = "grid_head", **over):
    """Triage with sensible values."""
    body = {
        "category": receipt["category"]["code"],
        "complexity": receipt["complexity"],
        "redacted_text": "楼道灯不亮",
    } | over
    return verb(client, world, who, receipt, "triage", **body)


def desk(client, world: World, who: str, receipt: dict):
    """The desk's view of a ticket."""
    return client.get(f"/api/v1/desk/tickets/{receipt['number']}", headers=world.as_(who))


def slip_of(client, world: World, who: str) -> dict:
    """The newest open slip of an account."""
    items = client.get("/api/v1/slips", headers=world.as_(who)).json()["items"]
    assert items, f"{who} has no slip"
    return items[-1]


def slip_verb(client, world: World, who: str, slip_no: str, name: str, **body):
    """One slip verb by an account."""
    return client.post(f"/api/v1/slips/{slip_no}/{name}", json=body or None, headers=world.as_(who))
