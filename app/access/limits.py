"""Counting what is limited, exactly, over all processes: one locked row per limit and key."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.errors import TooManyError
from app.models.limit import LimitCount
from app.rules import limits, wording
from app.rules.limits import Asker, Limited, Try

_TO_THE_MINUTE = timedelta(seconds=59)


def take(session: WriteSession, tries: Sequence[Try], now: datetime) -> datetime | None:
    """Counts one more of each. Where one of them is full, nothing is counted, and this is when it opens.

    The rows stay locked until the caller's transaction ends; always in the same order, so that nobody waits in a ring.
    """
    rows = {
        one: _locked(session, _key(session, one), one, now) for one in sorted(tries, key=lambda t: _key(session, t))
    }
    full = [limits.opens_at(one.limit, _instants(row), now) for one, row in rows.items()]
    opens = max(filter(None, full), default=None)
    if opens is not None:
        return opens
    for one, row in rows.items():
        counting = [*limits.counting(one.limit, _instants(row), now), now]
        row.instants = [at.timestamp() for at in counting]
        row.expires_at = limits.expires_at(one.limit, counting)
    session.flush()
    return None


def give_back(session: WriteSession, tries: Sequence[Try], at: datetime) -> None:
    """Uncounts what was taken at `at`: it was no wrong try after all."""
    for one in sorted(tries, key=lambda t: _key(session, t)):
        row = _locked(session, _key(session, one), one, at)
        if at.timestamp() in row.instants:
            kept = list(row.instants)
            kept.remove(at.timestamp())
            row.instants = kept
    session.flush()


def full_until(session: ReadSession, tries: Sequence[Try], now: datetime) -> datetime | None:
    """When the fullest of these opens; None where all would take one more. Locks nothing."""
    by_key = {_key(session, one): one for one in tries}
    rows = session.exec(select(LimitCount).where(col(LimitCount.key).in_(sorted(by_key))))
    full = [limits.opens_at(by_key[row.key].limit, _instants(row), now) for row in rows]
    return max(filter(None, full), default=None)


def refuse(what: str, opens: datetime, now: datetime) -> TooManyError:
    """The refusal, in words that say when to try again."""
    when = wording.moment(opens + _TO_THE_MINUTE, now)
    return TooManyError(
        wording.word("limits", what).format(when=when),
        retry_after=int((opens - now).total_seconds()) + 1,
        next_at=opens,
    )


def secret_tries(number: str, asker: Asker) -> list[Try]:
    """What a wrong query code counts for, whether or not there is a ticket of this number."""
    everywhere = [Try(Limited.SECRET_NUMBER, number), Try(Limited.SECRET_HERE, f"{number} {asker.net}")]
    return [*everywhere, Try(Limited.SECRET_NET, asker.net)] if asker.net else everywhere


def code_tries(asker: Asker) -> list[Try]:
    """What a code that does not exist counts for."""
    return _device_and_net(asker, Limited.CODE_DEVICE, Limited.CODE_NET)


def upload_tries(asker: Asker) -> list[Try]:
    """What a photo counts for: the device, or the network where there is no device."""
    return _device_and_net(asker, Limited.UPLOAD_DEVICE, Limited.UPLOAD_NET)[:1]


def suggestion_tries(asker: Asker) -> list[Try]:
    """What a suggestion while somebody types counts for."""
    return _device_and_net(asker, Limited.SUGGEST_DEVICE, Limited.SUGGEST_NET)


def login_tries(username: str, asker: Asker) -> list[Try]:
    """What a wrong password counts for, whether or not there is an account of this name."""
    by_name = [Try(Limited.LOGIN_NAME, username)]
    return [*by_name, Try(Limited.LOGIN_NET, asker.net)] if asker.net else by_name


def _device_and_net(asker: Asker, by_device: Limited, by_net: Limited) -> list[Try]:
    device = [Try(by_device, asker.device)] if asker.device else []
    return [*device, Try(by_net, asker.net)] if asker.net else device


def _key(session: ReadSession, one: Try) -> str:
    return session.vault.digest(f"limit {one.limit}", one.key)


def _instants(row: LimitCount) -> list[datetime]:
    return [datetime.fromtimestamp(at, UTC) for at in row.instants]


def _locked(session: WriteSession, key: str, one: Try, now: datetime) -> LimitCount:
    """The row, made on first use."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = {"key": key, "limit": one.limit, "instants": [], "expires_at": now}
    session.execute(dialect.insert(LimitCount).values(fresh).on_conflict_do_nothing())
    query = select(LimitCount).where(LimitCount.key == key).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()
