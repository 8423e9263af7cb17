"""How long what is kept: one rule a line, from the privacy notice and the law (domain rules §3.1 "Retention").

Each line has its executor of the same name in app/access/expiry.py; a new kind of data gets a line here and one there.
"""

from datetime import timedelta
from typing import NamedTuple

from app.rules.data_map import CONTACT, PHOTOS, PROOFS, WORDS

_DAY = timedelta(days=1)


class Rule(NamedTuple):
    """`what` goes `span` after `since`, `how` it goes, and `why` then."""

    name: str
    what: str
    since: str
    span: timedelta
    how: str
    why: str


_LAW = "PIPL 19, 47; the notice says so"
_PROOF = "PIPL 23, 55, 56: three years"
_USE = "no use any more"

RULES: tuple[Rule, ...] = (
    Rule(
        "contact", "name, phone, door; of beneficiaries too; notes of calls", "closing", CONTACT.span, "deleted", _LAW
    ),
    Rule("photos", "photos of the reporter, cleared ones too", "closing", PHOTOS.span, "deleted, files too", _LAW),
    Rule(
        "words",
        "text, spot, later words, judgements, drafts, notes on filings, evidence of guesses, the device's mark",
        "closing",
        WORDS.span,
        "emptied; the confirmed redacted text stays",
        _LAW,
    ),
    Rule("issue_outcomes", "how common issues ended", "their end", WORDS.span, "emptied; the issue stays", _LAW),
    Rule(
        "visit_plans", "plans of visits with persons, and the visits", "the plan's end", CONTACT.span, "deleted", _LAW
    ),
    Rule("me_too", "devices that said 我也遇到", "the day", WORDS.span, "deleted", _LAW),
    Rule("door_grants", "door grants with their reasons", "the day given", PROOFS.span, "deleted", _PROOF),
    Rule("consents", "consents and the notices that were shown", "the day given", PROOFS.span, "deleted", _PROOF),
    Rule("rights_requests", "requests by right", "the day made", PROOFS.span, "deleted", _PROOF),
    Rule("reveal_requests", "looks that a secretary decided", "the day asked", PROOFS.span, "deleted", _PROOF),
    Rule("look_alerts", "looks that were out of the ordinary", "the day noticed", PROOFS.span, "deleted", _PROOF),
    Rule(
        "access_log",
        "who looked and who was refused",
        "the day of the line",
        PROOFS.span,
        "the oldest lines are deleted, so that the chain begins later and has no hole; the newest one stays",
        _PROOF,
    ),
    Rule("uploads", "photos that were never attached", "the upload", _DAY, "deleted, files too", _USE),
    Rule("stray_files", "files that no row names", "the last write", _DAY, "deleted", _USE),
    Rule("idempotency", "answers kept for a repeated request", "the request", 2 * _DAY, "deleted", _USE),
    Rule("sessions", "logins of staff", "expiry", _DAY, "deleted", _USE),
    Rule("slip_links", "links to slips", "expiry", 30 * _DAY, "deleted", _USE),
    Rule("messages", "notices that were sent", "sending", 90 * _DAY, "deleted", _USE),
    Rule("limits", "counts of who did what how often", "the last that counts", timedelta(), "deleted", _USE),
    Rule("runs", "runs of these rules", "the run", PROOFS.span, "deleted", _PROOF),
)
