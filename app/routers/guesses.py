"""Guessing is counted: a wrong try in a transaction of its own, so that it counts although nothing came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from app import access
from app.access import ReporterKey, StaffKey, limits
from app.actions import staff as actions
from app.db import Database
from app.errors import AppError, BadLoginError, CodeUnknownError, InvalidError, NotFoundError
from app.rules import refusals
from app.rules.limits import Asker, Try
from app.schemas.staff import PasswordIn


def wrong_secret(db: Database, key: ReporterKey) -> None:
    """Counts a query code that opened nothing. Raises TooManyError for one too many."""
    if key.secret and key.asker is not None:
        _count(db, "secret", limits.secret_tries(access.canonical_number(key.number), key.asker), key.asker)


@contextmanager
def secrets(db: Database, number: str, asker: Asker) -> Iterator[None]:
    """Around whatever opens by a query code without a ReporterKey that says who asks. Raises TooManyError."""
    with _wrong_ones_counted(db, "secret", limits.secret_tries(number, asker), asker, NotFoundError):
        yield


@contextmanager
def codes(db: Database, asker: Asker, *, emergency: bool = False) -> Iterator[None]:
    """Around whatever looks a code up. Raises TooManyError, but not to somebody who reports an emergency."""
    with _wrong_ones_counted(db, "code", limits.code_tries(asker), asker, CodeUnknownError, open_door=emergency):
        yield


@contextmanager
def passwords(db: Database, username: str, asker: Asker, *, known: str = "") -> Iterator[None]:
    """Around the checking of a password: takes a try before it, and gives it back where the password was right.

    `known` is a device on which this very name has logged in before. It has tries of its own, so that a stranger who
    guesses at a name does not shut its owner out.
    """
    tries = limits.login_tries(f"{username} {known}" if known else username, asker)
    _count(db, "login", tries, asker)
    yield
    with db.write() as session:
        limits.give_back(session, tries, asker.at)


def change_password(db: Database, caller: StaffKey, form: PasswordIn, asker: Asker) -> None:
    """A new password for whoever is logged in and knows the old one. Raises InvalidError(old, password)."""
    with db.read() as session:
        staff = access.staff(session, caller, asker.at)
    hashed = actions.hash_password(form.new, field="new")
    try:
        with passwords(db, staff.username, asker, known=str(staff.account_id)), db.read() as session:
            actions.verify(session, staff.username, form.old)
    except BadLoginError as error:
        raise InvalidError(errors=[{"field": "old", "message": refusals.say("old_password_wrong")}]) from error
    with db.write() as session:
        staff = access.staff(session, caller, asker.at)
        current = actions.session_id(session, caller.token)
        actions.set_password(session, staff.account_id, hashed, now=asker.at, but=current)


def take_upload(db: Database, asker: Asker) -> None:
    """Counts a photo before it is decoded. Raises TooManyError."""
    _count(db, "upload", limits.upload_tries(asker), asker)


def take_suggestion(db: Database, asker: Asker) -> None:
    """Counts a suggestion while somebody types. Raises TooManyError."""
    _count(db, "suggest", limits.suggestion_tries(asker), asker)


@contextmanager
def _wrong_ones_counted(
    db: Database,
    what: str,
    tries: Sequence[Try],
    asker: Asker,
    wrong: type[AppError],
    *,
    open_door: bool = False,
) -> Iterator[None]:
    """Lets nobody in who has no try left, unless the door is open, and counts a try that came out `wrong`."""
    if not open_door:
        with db.read() as session:
            opens = limits.full_until(session, tries, asker.at)
        if opens is not None:
            raise limits.refuse(what, opens, asker.at)
    try:
        yield
    except wrong:
        _count(db, what, tries, asker)
        raise


def _count(db: Database, what: str, tries: Sequence[Try], asker: Asker) -> None:
    if not tries:
        return
    with db.write() as session:
        opens = limits.take(session, tries, asker.at)
    if opens is not None:
        raise limits.refuse(what, opens, asker.at)
