"""What moves by itself, set going."""

import pytest

from app import worker


@pytest.fixture
def look(database, time):
    """Sets the clock and sweeps once, as the worker does."""

    def at(when):
        time.set(when)
        return worker.sweep(database)

    return at
