"""Is this process fit to answer, and what would whoever runs it like to know?"""

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app import migrating
from app.access import upkeep
from app.access.upkeep import Figures
from app.db import Database


def unfit(database: Database) -> list[str]:
    """Why requests should go elsewhere: `database`, `revision`, `keys`; empty where all is well. Writes nothing."""
    try:
        if not migrating.is_current(database):
            return ["revision"]
        with database.read() as session:
            return [] if upkeep.keys_fit(session) else ["keys"]
    except SQLAlchemyError:
        return ["database"]


def figures(database: Database, now: datetime) -> Figures | None:
    """Counts over all compounds; None where the database does not answer, so that the other metrics still do."""
    try:
        with database.read() as session:
            return upkeep.figures(session, now)
    except SQLAlchemyError:
        return None
