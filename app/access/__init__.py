"""THE gate: which rows, which fields, for this actor; every reveal logged. Other rooms import only from here."""

from app.access.actors import ReceiptKey, ReporterKey, Seated, SlipKey, Staff, StaffKey, staff
from app.access.desk_view import desk_ticket_view, queue_items
from app.access.names import load as names_for
from app.access.names import seen_by
from app.access.owner_view import next_urge_of, promise_view, ticket_view
from app.access.photos import Credentials, clear_photos, photo_for, take_photos
from app.access.reveals import Revealed, reveal
from app.access.rows import (
    Held,
    QueueFilter,
    Seen,
    canonical_number,
    desk_queue,
    desk_ticket,
    device_tickets,
    doors,
    household_counts,
    number_taken,
    open_links,
    own_slips,
    own_ticket,
    secret_digest,
    slip,
    slips_of,
)
from app.access.scans import Scanned, roster, scanned, seat_facts, staffed_around_the_clock
from app.access.sealed import (
    Person,
    open_answer,
    put_person,
    seal_answer,
    seal_draft,
    seal_rating,
    seal_words,
)
from app.access.secrets import receipt_path, secrets_of
from app.access.slip_view import slip_line, slip_view
from app.access.standing import chief_roles, hats_of, latest_rating, redone_before, standing

__all__ = [
    "Credentials",
    "Held",
    "Person",
    "QueueFilter",
    "ReceiptKey",
    "ReporterKey",
    "Revealed",
    "Scanned",
    "Seated",
    "Seen",
    "SlipKey",
    "Staff",
    "StaffKey",
    "canonical_number",
    "chief_roles",
    "clear_photos",
    "desk_queue",
    "desk_ticket",
    "desk_ticket_view",
    "device_tickets",
    "doors",
    "hats_of",
    "household_counts",
    "latest_rating",
    "names_for",
    "next_urge_of",
    "number_taken",
    "open_answer",
    "open_links",
    "own_slips",
    "own_ticket",
    "photo_for",
    "promise_view",
    "put_person",
    "queue_items",
    "receipt_path",
    "redone_before",
    "reveal",
    "roster",
    "scanned",
    "seal_answer",
    "seal_draft",
    "seal_rating",
    "seal_words",
    "seat_facts",
    "secret_digest",
    "secrets_of",
    "seen_by",
    "slip",
    "slip_line",
    "slip_view",
    "slips_of",
    "staff",
    "staffed_around_the_clock",
    "standing",
    "take_photos",
    "ticket_view",
]
