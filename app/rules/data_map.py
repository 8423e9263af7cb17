"""What is known about people: where it lies, what for, on what basis, who may have it and how long it is kept.

One table for three readers: the reporter's own page (how long), docs/privacy.md (all of it), and the test that every
sealed or hashed column of the database has a line here.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from app.rules.privacy import MATRIX, Column, Grade, Item
from app.rules.rights import ANSWERED_WITHIN, APPROVAL_LIVES

DAY = timedelta(days=1)
YEAR = 365 * DAY


class Since(StrEnum):
    """From when a period counts."""

    CLOSED = "closed"  # of the ticket
    MADE = "made"  # of the line itself


class Period(NamedTuple):
    """How long a kind of data is kept (domain rules §3.1)."""

    name: str
    since: Since
    span: timedelta


CONTACT = Period("contact", Since.CLOSED, 180 * DAY)
PHOTOS = Period("photos", Since.CLOSED, 180 * DAY)
WORDS = Period("words", Since.CLOSED, YEAR)
PROOFS = Period("proofs", Since.MADE, 3 * YEAR)
TOLD_TO_REPORTERS = (CONTACT, PHOTOS, WORDS, PROOFS)


class Entry(NamedTuple):
    """One line of the map. `columns` are table.column; `item` is the matrix row that says who may have it."""

    what: str
    columns: tuple[str, ...]
    purpose: str
    basis: str
    item: Item | None
    period: Period | None
    kept: str
    enforced: str


_TASK = "PIPL 13(3): the handler's statutory task; the reporter asked for it"
_CONSENT = "PIPL 29: consent given with it, taken back at any time"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "reporter's name and phone",
        ("contact.name_sealed", "contact.phone_sealed", "contact.phone_hash"),
        "to ask back, to tell the answer, to call back",
        _CONSENT + " (`consent.contact`)",
        Item.PERSON,
        CONTACT,
        "or until erased, or the consent is taken back",
        "app/access/reveals.py, app/access/erasing.py",
    ),
    Entry(
        "reporter's door",
        ("contact.room_sealed",),
        "to find the place of a private matter",
        _CONSENT + " (`consent.contact`); to a slip's holder only by `consent.address` (PIPL 23) or in an emergency",
        Item.DOOR,
        CONTACT,
        "or until erased, or the consent is taken back",
        "app/access/reveals.py, app/access/grants.py",
    ),
    Entry(
        "for whom somebody reported, and by which consent",
        (
            "proxy.name_sealed",
            "proxy.phone_sealed",
            "proxy.room_sealed",
            "proxy.note_sealed",
            "proxy.household_hash",
            "proxy.by_hash",
        ),
        "help for people without a telephone of their own",
        "PIPL 13(1): that person's consent by voice, code, signature or mandate; 13(4) in an emergency",
        Item.PROXY,
        CONTACT,
        "or until erased",
        "app/access/proxies.py",
    ),
    Entry(
        "who is visited or rung up, why, and what the visitor wrote down",
        (
            "visit_plan.name_sealed",
            "visit_plan.phone_sealed",
            "visit_plan.room_sealed",
            "visit_plan.reason_sealed",
            "visit.note_sealed",
        ),
        "visits and greeting calls to people who asked for them",
        "PIPL 29: separate consent of the person, ended at one word",
        Item.VULNERABLE,
        CONTACT,
        "counted from the plan's end; the visitor and the grid head only",
        "app/access/visits.py",
    ),
    Entry(
        "what was said: text, spot, later words, the words of a judgement",
        ("ticket.text_sealed", "ticket.spot_sealed", "event.words_sealed", "rating.text_sealed"),
        "to do what was asked for",
        _TASK,
        Item.RAW,
        WORDS,
        "then only the redacted copy; or until erased",
        "app/access/sealed.py, app/access/desk_view.py",
    ),
    Entry(
        "photos as uploaded, without EXIF",
        ("photo.key",),
        "to see what is meant",
        _TASK,
        Item.RAW,
        PHOTOS,
        "unused uploads 24 hours; or until erased",
        "app/access/photos.py, app/actions/photo.py",
    ),
    Entry(
        "the redacted words and the photos that a person cleared",
        ("ticket.redacted_text", "photo.cleared"),
        "so that whoever does the work needs no person",
        _TASK,
        Item.REDACTED,
        None,
        "as long as the case: it names nobody",
        "app/actions/desk.py (triage)",
    ),
    Entry(
        "what handlers and callers wrote down",
        ("slip.draft_sealed", "call_task.note_sealed"),
        "to do the work and to hand it over",
        _TASK,
        Item.NOTES,
        WORDS,
        "call notes go with the contact",
        "app/access/slip_view.py, app/access/call_view.py",
    ),
    Entry(
        "mark of the device",
        ("ticket.device_hash", "sliplink.device_hash"),
        "我的诉求 on the same phone; limits; one link, one phone",
        _TASK,
        None,
        WORDS,
        "a keyed hash; or until erased",
        "app/routers/deps.py, app/access/rows.py",
    ),
    Entry(
        "query code and receipt link",
        ("ticket.secret_hash", "ticket.receipt_hash"),
        "the reporter's only key",
        _TASK,
        None,
        None,
        "hashes; as long as the case",
        "app/access/secrets.py",
    ),
    Entry(
        "consents, with the notice that was shown",
        ("consent.notice_hash", "consent.withdrawn"),
        "proof",
        "PIPL 13(2), 14, 15",
        Item.LOOKS,
        PROOFS,
        "",
        "app/access/consents.py",
    ),
    Entry(
        "who looked, and who was refused",
        ("access_log.account_id", "access_log.fields", "access_log.purpose", "access_log.result"),
        "so that looking has witnesses",
        "PIPL 51, 54",
        Item.LOOKS,
        PROOFS,
        "a chain of hashes per compound",
        "app/access/looks.py",
    ),
    Entry(
        "door grants",
        ("address_grant.reason_sealed", "address_grant.basis", "address_grant.until"),
        "proof of what was shared with whom",
        "PIPL 23 or 13(4) with 18(2)",
        Item.LOOKS,
        PROOFS,
        "",
        "app/access/grants.py",
    ),
    Entry(
        "requests by right, and looks that a secretary decided",
        ("rights_request.kind", "rights_request.facts", "reveal_request.fields", "reveal_request.status"),
        "proof",
        "PIPL 50; minors' regulation 36",
        Item.LOOKS,
        PROOFS,
        "",
        "app/access/rights_view.py, app/access/reveal_requests.py",
    ),
    Entry(
        "notes on filings with agencies and on common issues",
        ("filing.note_sealed", "common_issue.outcome_sealed"),
        "to follow up what others decide",
        _TASK,
        Item.NOTES,
        WORDS,
        "",
        "app/access/desk_view.py",
    ),
    Entry(
        "我也遇到: that a device counted itself in",
        ("me_too.device_hash",),
        "counted once",
        _TASK,
        None,
        WORDS,
        "a keyed hash",
        "app/access/rows.py",
    ),
    Entry(
        "staff: name, login, sessions",
        ("account.username", "account.name", "account.password_hash", "stafftoken.token_hash", "sliplink.token_hash"),
        "to act in one's own name",
        "the employer's or the committee's duty; PIPL 13(2)",
        Item.KEYS,
        None,
        "while in office; argon2 and hashes",
        "app/access/actors.py",
    ),
    Entry(
        "answers kept for a repeated request",
        ("idempotency_key.answer_sealed", "idempotency_key.body_hash", "idempotency_key.key_hash"),
        "pressing twice does it once",
        _TASK,
        None,
        None,
        "two days; or until erased",
        "app/actions/once.py",
    ),
    Entry(
        "mark of the keys",
        ("key_mark.sealed",),
        "a wrong key ring is noticed at the start",
        "PIPL 51",
        None,
        None,
        "no person in it",
        "app/access/upkeep.py",
    ),
)


_HEAD = """# Privacy: the data map

Written by `python -m app docs` from `app/rules/data_map.py`; change the table there, not this page. What is defended
against whom, and what is not, is in [threats.md](threats.md); how visibility is enforced in decision records 0004,
0009, 0027 and 0028.

Letters are those of the matrix in `app/rules/privacy.py`. Columns: OW reporter, OR other resident, GH grid head, PM
property, SM self-management group, HD another head with a slip, SEC committee secretary, COM community, STR street, ADM
administrator, AN anybody. Grades: F full, M masked and revealed for a purpose, S slip view, G under a grant, A figures
only. `*`: gone where the reporter is shielded or the side is complained about. `^`: once escalated to that level.

| what | columns | purpose | basis | who | kept | enforced in |
|---|---|---|---|---|---|---|
"""
_RIGHTS = """
## Rights, and what each of them does

| right | how | what happens |
|---|---|---|
| look, copy | `GET /api/v1/tickets/{number}/data`, page `/r/{token}/data`, file `copy.json` | everything \
above in plain, who looked and when, why it was routed as it was, how long each kind is kept |
| correct | `PATCH` the same | fields are replaced or taken away; words are added after the first ones |
| erase | `DELETE` the same | person, door, words, photos (rows and files), device mark and stored answers go at \
once; an open matter goes on with the confirmed redacted words, or with the \
masked ones; consents, looks and requests stay |
| restrict | `POST …/restriction` | no reveal, no door, no fresh photo pass until it is lifted; the matter goes on |
| take back a consent | `POST …/consent` | contact: erased; address: every door grant ends; publish: off the board |
| withdraw | `POST /api/v1/tickets/{number}/withdrawal` | a matter of public safety goes on as a new \
case: fresh number, no contact, no device, no photo, no owner, nothing that names the first ticket |

Every use is a row in `rights_request` (kind, time, outcome; never the data). Whoever spoke for somebody else sees that
person masked and nothing that was added later. What a page cannot do, a person answers within {days} days.

**Guardians.** The form asks for no birthday. A child of under 14 who ticks the box leaves no name and no telephone. A
guardian with the number and the query code may look, correct and erase like the reporter. Where the guardian may be the
one who does the harm (SVC-10), nobody hands number or query code to the household: the grid head and the police contact
alone see the matter, and the page names 110 and 12355. Staff see a minor's door, words or photos only after the
committee secretary agreed, for {hours} hours, for the one who asked.
"""


def document() -> str:
    """docs/privacy.md."""
    rows = (
        (entry.what, _code(entry.columns), entry.purpose, entry.basis, who(entry.item), kept(entry), entry.enforced)
        for entry in ENTRIES
    )
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    hours = int(APPROVAL_LIVES.total_seconds() // 3600)
    return _HEAD + table + _RIGHTS.replace("{days}", str(ANSWERED_WITHIN.days)).replace("{hours}", str(hours))


def _code(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def who(item: Item | None) -> str:
    """Who may have it, in the letters of the matrix; the columns that have none are left out."""
    if item is None:
        return "nobody reads it; the program compares it"
    cells = {column: MATRIX[item, column] for column in Column}
    letters = [
        f"{column} {cell.grade}{'*' if cell.unless_shielded else ''}{'^' if cell.if_escalated else ''}"
        for column, cell in cells.items()
        if cell.grade is not Grade.NONE
    ]
    return ", ".join(letters)


def kept(entry: Entry) -> str:
    """How long, in a short English line."""
    if entry.period is None:
        return entry.kept
    since = "after closing" if entry.period.since is Since.CLOSED else "from its day"
    return "; ".join(filter(None, [f"{entry.period.span.days} days {since}", entry.kept]))
