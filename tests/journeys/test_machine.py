"""Random verbs by everybody: a little here, the same in every run; at length in the full suite."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.course_machine import Course

_QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


@pytest.fixture
def course(settings, sqlite_template, keys, time):
    """The machine with its parts: a settled class, so that each run starts on a fresh database."""
    return type("Here", (Course,), {"settings_": settings, "template": sqlite_template, "keys": keys, "clock": time})


def test_what_is_offered_is_accepted_and_what_is_not_is_refused(course):
    run_state_machine_as_test(course, settings=settings(max_examples=4, stateful_step_count=20, **_QUIET))
