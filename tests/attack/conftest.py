"""Who logs in while the limits are counted."""

import pytest

from app.actions import staff as staff_actions
from tests.attack.flooding import PASSWORD
from tests.builders import MONDAY


@pytest.fixture
def wang(database, world):
    with database.write() as session:
        staff_actions.create(session, "wang", "王芳", PASSWORD, now=MONDAY)


@pytest.fixture
def quick(monkeypatch):
    """Passwords in no time: these tests count, they do not measure."""

    class Quick:
        def verify(self, password, _hash):
            return password == PASSWORD

    monkeypatch.setattr(staff_actions, "_hasher", Quick())
