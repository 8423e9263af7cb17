"""Tables only. Importing this package registers every table."""

from app.models import (
    access_log,
    contact,
    event,
    idempotency,
    key_mark,
    message,
    photo,
    place,
    qr_code,
    rating,
    seat,
    slip,
    staff,
    ticket,
)

ALL = (
    access_log,
    contact,
    event,
    idempotency,
    key_mark,
    message,
    photo,
    place,
    qr_code,
    rating,
    seat,
    slip,
    staff,
    ticket,
)
