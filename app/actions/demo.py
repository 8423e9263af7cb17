"""The demo compound: its places, offices, accounts and codes, made once and found again ever after."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col, select

from app.access import Staff
from app.actions import place, qr_code, seat
from app.actions.workbook import Entry
from app.db import WriteSession
from app.models.place import Compound
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.models.staff import Account
from app.rules import catalogue
from app.rules import place as rules
from app.rules.vocabulary import SEATED, Role
from app.schemas.demo import DemoAccount, DemoGrant
from app.schemas.qr_code import BatchIn
from app.schemas.staff import HeadIn, HeadsIn
from qr.codes import ALPHABET

SECOND_GRID_HEAD = "grid_head2"
_GROUPS, _GROUP = 4, 4
# The passwords are 80 random bits: a slow hash protects weak ones, and these need none.
_hasher = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1)


@cache
def _settings() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "demo.yaml").read_text("utf-8"))
    return loaded


def build(session: WriteSession, seed: bytes, *, now: datetime) -> list[DemoAccount]:
    """Adds what is missing of the demo compound and gives its logins. What exists is left as people changed it."""
    accounts = _accounts(seed)
    admin = _missing_accounts(session, accounts, now)
    code = _settings()["compound"]["code"]
    compound = session.exec(select(Compound).where(Compound.code == code)).one_or_none()
    if compound is None:
        place.register(session, list(_entries()), now=now)
        compound = session.exec(select(Compound).where(Compound.code == code)).one()
    if session.exec(select(Seat.id).where(Seat.compound_id == compound.id).limit(1)).first() is None:
        seat.set_heads(session, admin, code, HeadsIn(heads=list(_heads())), now=now)
    if session.exec(select(QrCode.id).where(QrCode.compound_id == compound.id).limit(1)).first() is None:
        qr_code.make_batch(session, admin, BatchIn(compound=code), now=now)
    return accounts


def password(seed: bytes, username: str) -> str:
    """A demo account's password: 16 symbols that only this seed gives, in groups that can be read out."""
    bits = int.from_bytes(hmac.digest(seed, f"demo password {username}".encode(), hashlib.sha256))
    symbols = "".join(ALPHABET[bits >> 5 * at & 31] for at in range(_GROUPS * _GROUP)).lower()
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))


def _accounts(seed: bytes) -> list[DemoAccount]:
    """One login per role code, and a second grid head: somebody else has to check what the first one did."""
    code, words = _settings()["compound"]["code"], _settings()
    names = {str(role): words["holder"].format(title=catalogue.default().title(role)) for role in Role}
    roles = {str(role): role for role in Role} | {SECOND_GRID_HEAD: Role.GRID_HEAD}
    names[SECOND_GRID_HEAD] = words["second_grid_head"]
    return [
        DemoAccount(
            username=username,
            password=password(seed, username),
            name=names[username],
            grants=[DemoGrant(compound=None if role is Role.ADMIN else code, role=role)],
        )
        for username, role in roles.items()
    ]


def _missing_accounts(session: WriteSession, accounts: list[DemoAccount], now: datetime) -> Staff:
    """Adds the accounts that are not there, and gives the administrator in whose name the rest is done."""
    names = [account.username for account in accounts]
    there = set(session.exec(select(Account.username).where(col(Account.username).in_(names))))
    for account in accounts:
        if account.username not in there:
            session.add(
                Account(
                    username=account.username,
                    name=account.name,
                    password_hash=_hasher.hash(account.password),
                    is_admin=account.username == Role.ADMIN,
                    created_at=now,
                )
            )
    session.flush()
    admin = session.exec(select(Account).where(Account.username == Role.ADMIN)).one()
    return Staff(admin.id, admin.username, admin.name, is_admin=True, seats=())


def _entries() -> Iterator[Entry]:
    words = _settings()
    about = words["compound"]
    shared = (about["code"], about["name"], about["street"], about["community"], about["duty_phone"])
    numbers = range(1, words["doors_per_floor"] + 1)
    doors = [f"{floor}{number:02d}" for floor in range(1, words["floors"] + 1) for number in numbers]
    for building, stairwell in _walk():
        last = building == words["buildings"] and stairwell == words["stairwells"]
        for door in doors + (words["extra_doors"] if last else []):
            yield Entry(0, *shared, *_names(building, stairwell), door)


def _heads() -> Iterator[HeadIn]:
    """Every office once for the whole compound, and a stair head for every stairwell."""
    words, known = _settings(), catalogue.default()
    for number, role in enumerate((role for role in Role if role in SEATED), start=1):
        common = {"role": role, "name": words["holder"].format(title=known.title(role))}
        phone = words["phone"].format(number=number)
        if role is Role.STAIR_HEAD:
            for building, stairwell in _walk():
                label = "".join(_names(building, stairwell))
                yield HeadIn(**common, stairwell=label, duty_phone=phone, accounts=[role])
        else:
            accounts = [str(role), SECOND_GRID_HEAD] if role is Role.GRID_HEAD else [str(role)]
            yield HeadIn(**common, title=known.title(role), duty_phone=phone, accounts=accounts)


def _walk() -> Iterator[tuple[int, int]]:
    words = _settings()
    for building in range(1, words["buildings"] + 1):
        for stairwell in range(1, words["stairwells"] + 1):
            yield building, stairwell


def _names(building: int, stairwell: int) -> tuple[str, str]:
    return rules.building_name(str(building)), rules.stairwell_name(str(stairwell))
