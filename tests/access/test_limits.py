"""Counting over all processes: exactly as many pass as the limit says, however many come at once."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access import limits
from app.db import Database
from app.models.limit import LimitCount
from app.rules.limits import LIMITS, Asker, Limited, Try
from app.vault import Vault, keyring_from
from tests.builders import MONDAY

SECRET = "203.0.113.0/24 and a name of somebody"


def taken(database, *tries, now=MONDAY):
    with database.write() as session:
        return limits.take(session, tries, now)


def try_in_another_process(url, keys, attempts):
    """How many of `attempts` passed, each in a transaction of its own."""
    database = Database(url, Vault(keyring_from(keys)), pool=2)
    try:
        return sum(taken(database, Try(Limited.LOGIN_NAME, "wang")) is None for _ in range(attempts))
    finally:
        database.close()


@pytest.mark.full
def test_of_eight_processes_that_try_at_once_exactly_as_many_pass_as_the_limit_says(database, keys):
    url = database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(8, mp_context=context) as pool:
        passed = sum(pool.map(try_in_another_process, [url] * 8, [keys] * 8, [4] * 8))
    assert passed == LIMITS[Limited.LOGIN_NAME][0].most == 10


def test_of_eight_threads_that_take_two_limits_in_different_orders_none_waits_for_ever(database):
    one, two = Try(Limited.LOGIN_NAME, "wang"), Try(Limited.LOGIN_NET, "203.0.113.0/24")

    def run(number):
        return [taken(database, *((one, two) if number % 2 else (two, one))) for _ in range(3)].count(None)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, range(8))) == 10


def test_where_one_of_two_is_full_neither_is_counted(database):
    full, other = Try(Limited.EMERGENCY_RING, "a"), Try(Limited.EMERGENCY_RING, "b")
    assert taken(database, full) is None
    assert taken(database, full, other) == MONDAY + timedelta(minutes=10)
    assert taken(database, other) is None


def test_what_is_given_back_may_be_taken_again_and_other_tries_stay(database):
    name = Try(Limited.LOGIN_NAME, "wang")
    for second in range(10):
        assert taken(database, name, now=MONDAY + timedelta(seconds=second)) is None
    assert taken(database, name, now=MONDAY + timedelta(seconds=10)) is not None
    with database.write() as session:
        limits.give_back(session, [name], MONDAY + timedelta(seconds=9))
    assert taken(database, name, now=MONDAY + timedelta(seconds=10)) is None
    assert taken(database, name, now=MONDAY + timedelta(seconds=11)) is not None


def test_a_transaction_that_fails_counts_nothing(database):
    ring = Try(Limited.EMERGENCY_RING, "a")
    with suppress(RuntimeError), database.write() as session:
        limits.take(session, [ring], MONDAY)
        raise RuntimeError
    assert taken(database, ring) is None


def test_a_row_tells_nobody_whose_it_is_and_when_it_may_go(database):
    taken(database, Try(Limited.EMERGENCY_RING, SECRET))
    with database.read() as session:
        row = session.execute(select(LimitCount)).scalar_one()
    assert len(row.key) == 64
    assert SECRET not in repr(row.model_dump())
    assert row.expires_at == MONDAY + timedelta(minutes=10)


def test_without_an_address_nobody_is_counted_by_network(database):
    asker = Asker("", "", MONDAY)
    assert limits.code_tries(asker) == limits.upload_tries(asker) == []
    assert [one.limit for one in limits.login_tries("wang", asker)] == [Limited.LOGIN_NAME]
    assert taken(database, *limits.code_tries(asker)) is None
