"""Who sees what: the matrix of domain rules §3.4, written down once. Applied only in app.access."""

from enum import StrEnum
from typing import NamedTuple

from app.rules.catalogue import Leaf
from app.rules.vocabulary import Flag, Role, Scope, Side, Verb


class Column(StrEnum):
    """The kinds of viewer the matrix knows."""

    OWNER = "OW"
    OTHER = "OR"
    GRID = "GH"
    PROPERTY = "PM"
    SELF_MGMT = "SM"
    HEAD = "HD"
    SECRETARY = "SEC"
    COMMUNITY = "COM"
    STREET = "STR"
    ADMIN = "ADM"
    ANYONE = "AN"


class Grade(StrEnum):
    """How much: full, masked (revealed with a purpose), the slip's view, only under a grant, aggregate, none."""

    FULL = "F"
    MASKED = "M"
    SLIP = "S"
    GRANT = "G"
    AGGREGATE = "A"
    NONE = "-"


class Item(StrEnum):
    """The rows of the matrix."""

    PERSON = "reporter name, phone"
    DOOR = "door number"
    PUBLIC_PLACE = "public place, leaf, state, due"
    PRIVATE_PLACE = "private-leaf place"
    RAW = "raw text, raw photos"
    REDACTED = "redacted text, cleared photos"
    REPLY = "reply to resident"
    NOTES = "internal notes"
    RATING = "rating, text"
    URGES = "urges"
    PROXY = "proxy, beneficiary"
    VULNERABLE = "elder, disability, hardship mark"
    PARTY_MARK = "party-member mark"
    LOOKS = "who looked at my data"
    HOUSEHOLDS = "households, owners roll"
    FIGURES = "statistics n >= 10"
    KEYS = "keys, config, accounts"


_COLUMNS = (
    Column.OWNER,
    Column.OTHER,
    Column.GRID,
    Column.PROPERTY,
    Column.SELF_MGMT,
    Column.HEAD,
    Column.SECRETARY,
    Column.COMMUNITY,
    Column.STREET,
    Column.ADMIN,
    Column.ANYONE,
)

# One row per item, one letter per column in the order above. `*` after a letter: gone on shielded tickets.
# `^` after a letter: only once the ticket is escalated to that level.
_TABLE: dict[Item, str] = {
    #                      OW OR GH PM SM HD SEC COM STR ADM AN
    Item.PERSON: "         F  -  M  M* M* -  -   -   -   -   - ",
    Item.DOOR: "           F  -  M  M* M* G  -   -   -   -   - ",
    Item.PUBLIC_PLACE: "   F  A  F  F  F  S  F   S   S^  -   A ",
    Item.PRIVATE_PLACE: "  F  -  F  F* F* S  S   S   -   -   - ",
    Item.RAW: "            F  -  M  M* M* -  -   -   -   -   - ",
    Item.REDACTED: "       F  -  F  F  F  S  F   S^  S^  -   - ",
    Item.REPLY: "          F  A  F  F  F  S  F   S^  S^  -   - ",
    Item.NOTES: "          -  -  F  F  F  S  F   -   -   -   - ",
    Item.RATING: "         F  A  F  F  F  S  F   A   A   -   A ",
    Item.URGES: "          F  -  F  F  F  A  F   S   S   -   - ",
    Item.PROXY: "          F  -  M  -  -  -  -   -   -   -   - ",
    Item.VULNERABLE: "     F  -  M  -  -  -  A   A   A   -   - ",
    Item.PARTY_MARK: "     F  -  A  -  -  -  A   A   A   -   - ",
    Item.LOOKS: "          F  -  S  S  S  S  F   F   A   F   - ",
    Item.HOUSEHOLDS: "     S  -  M  M  M  -  A   A   A   -   - ",
    Item.FIGURES: "        F  F  F  F  F  F  F   F   F   -   F ",
    Item.KEYS: "           -  -  -  -  -  -  S   -   -   F   - ",
}

COLUMN_OF = {
    Role.GRID_HEAD: Column.GRID,
    Role.PROPERTY: Column.PROPERTY,
    Role.SELF_MGMT_HEAD: Column.SELF_MGMT,
    Role.SELF_MGMT_GROUP: Column.SELF_MGMT,
    Role.COMMITTEE_SECRETARY: Column.SECRETARY,
    Role.COMMUNITY: Column.COMMUNITY,
    Role.STREET: Column.STREET,
    Role.ADMIN: Column.ADMIN,
}
"""Roles not named here are heads with a slip (HD); the security captain is PM only by a named grant."""

SEES_TICKETS = frozenset(
    {Column.GRID, Column.PROPERTY, Column.SELF_MGMT, Column.SECRETARY, Column.COMMUNITY, Column.STREET}
)
"""Columns that may have tickets of their own to look at, and not only slips."""

ESCALATION_LEVEL = {Column.SECRETARY: 1, Column.COMMUNITY: 2, Column.STREET: 3}
_STRENGTH = {grade: strength for strength, grade in enumerate("-AGSMF")}


class Cell(NamedTuple):
    """One letter of the table with its footnotes."""

    grade: Grade
    unless_shielded: bool
    if_escalated: bool


MATRIX: dict[tuple[Item, Column], Cell] = {
    (item, column): Cell(Grade(mark[0]), "*" in mark, "^" in mark)
    for item, marks in _TABLE.items()
    for column, mark in zip(_COLUMNS, marks.split(), strict=True)
}


class Shown(NamedTuple):
    """What about a ticket decides the footnotes."""

    shielded: bool
    escalated_to: int


def column_of(role: Role, *, views_persons: bool) -> Column:
    """The matrix column of a role; the security captain is PM only where a grant names them."""
    if role is Role.SECURITY_CAPTAIN:
        return Column.PROPERTY if views_persons else Column.HEAD
    return COLUMN_OF.get(role, Column.HEAD)


def grade(item: Item, columns: frozenset[Column], shown: Shown) -> Grade:
    """The most that any of the viewer's columns may have of one item on one ticket."""
    best = Grade.NONE
    for column in columns:
        cell = MATRIX[item, column]
        if cell.unless_shielded and shown.shielded:
            continue
        if cell.if_escalated and shown.escalated_to < ESCALATION_LEVEL[column]:
            continue
        best = max(best, cell.grade, key=lambda g: _STRENGTH[g])
    return best


def place_item(*, private: bool) -> Item:
    """Which row speaks about a ticket's place."""
    return Item.PRIVATE_PLACE if private else Item.PUBLIC_PLACE


class Exclusion(NamedTuple):
    """Which sides are taken out of the viewers, and whether persons and words are for the grid head only."""

    grid: bool
    property: bool
    self_mgmt: bool
    shielded: bool


def exclusion(leaf: Leaf, suggested: list[Leaf], avoid: frozenset[Side]) -> Exclusion:
    """Until a person has triaged, the flags of every top-3 suggestion count too, pessimistically; then pass none.

    The grid head leaves only for a chosen leaf about a handler, or at the reporter's wish: no guess empties the queue.
    """
    flags = leaf.flags.union(*(guess.flags for guess in suggested))
    return Exclusion(
        grid=Side.GRID_HEAD in avoid or Flag.CONFLICT_TARGET in leaf.flags,
        property=Side.PROPERTY in avoid or Flag.CONFLICT_PROPERTY in flags,
        self_mgmt=Side.SELF_MGMT_GROUP in avoid or Flag.CONFLICT_SELF_MGMT in flags,
        shielded=bool(flags & {Flag.IDENTITY_SHIELD, Flag.SENSITIVE_PI, Flag.MANDATORY_REPORT}),
    )


def is_private(leaf: Leaf) -> bool:
    """Whether the place of such a matter is somebody's home."""
    return leaf.scope is Scope.PRIVATE


EVENT_ITEM: dict[Verb, Item] = {
    Verb.SUBMIT: Item.RAW,
    Verb.INFO: Item.RAW,
    Verb.RATE: Item.RATING,
    Verb.CALLBACK: Item.RATING,
    Verb.WITHDRAW: Item.RAW,
    Verb.URGE: Item.URGES,
    Verb.ANSWER: Item.REPLY,
    Verb.REPLY: Item.REPLY,
    Verb.CONFIRM: Item.REPLY,
    Verb.REJECT: Item.REPLY,
    Verb.AUTO_ASSIGN: Item.NOTES,
    Verb.TRIAGE: Item.NOTES,
    Verb.TAKE_BACK: Item.NOTES,
    Verb.CHOOSE: Item.RAW,
    Verb.ASSIGN: Item.NOTES,
    Verb.TAKE: Item.NOTES,
    Verb.RETURN: Item.NOTES,
    Verb.DRAFT_REPLY: Item.NOTES,
    Verb.REJECT_WORK: Item.NOTES,
    Verb.PROGRESS: Item.REPLY,
    Verb.DONE: Item.REPLY,
    Verb.NEED_INFO: Item.REPLY,
    Verb.OBJECT: Item.RATING,
    Verb.DECIDE: Item.REPLY,
    Verb.MERGE: Item.NOTES,
    Verb.UNMERGE: Item.NOTES,
    Verb.TRANSFER_OUT: Item.REPLY,
    Verb.ASK: Item.NOTES,
    Verb.PAUSE: Item.REPLY,
    Verb.RESUME: Item.NOTES,
    Verb.EXTEND: Item.REPLY,
    Verb.CANCEL_SLIP: Item.NOTES,
    Verb.ESCALATE: Item.NOTES,
    Verb.DEESCALATE: Item.NOTES,
    Verb.RECLASSIFY: Item.REPLY,
    Verb.LAPSE: Item.NOTES,
    Verb.REMIND: Item.NOTES,
    Verb.BREACH: Item.NOTES,
    Verb.SEND_BACK: Item.NOTES,
    Verb.UNDO: Item.NOTES,
}
"""Which row of the matrix the words of an event belong to. Progress and completion are told to the resident, masked."""


def masked_name(name: str) -> str:
    """First character and two stars, whatever the length (domain rules §3.2)."""
    return name[:1] + "**" if name else ""


def masked_phone(phone: str) -> str:
    """138****5678; shorter numbers keep their last two digits only."""
    digits = "".join(ch for ch in phone if ch.isdigit())
    digits = digits.removeprefix("86") if len(digits) == 13 else digits  # noqa: PLR2004 -- with the country code
    if len(digits) == 11 and digits.startswith("1"):  # noqa: PLR2004 -- a mobile number
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:]
