"""Who comes in, and what waits for them: on the desk's pages the tabs say so."""

from datetime import datetime

from app.access import actors
from app.access.actors import Staff, StaffKey
from app.access.notices import unread
from app.access.visits import has_visits
from app.db import ReadSession


def staff(session: ReadSession, key: StaffKey, now: datetime) -> Staff:
    """The account behind a token; behind the desk's cookie also how much is unread, and whether it has visits to make.

    Raises UnauthorisedError; VerbNotYoursError for an acting role it does not hold.
    """
    found = actors.staff(session, key, now)
    if not key.on_pages:
        return found
    return found._replace(unread=unread(session, found, now), visits=has_visits(session, found, now))
