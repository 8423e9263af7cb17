"""The random course at length: the same histories in every run, so that a failure is a change's own."""

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.course_machine import Course

pytestmark = pytest.mark.full
AT_LENGTH = how(
    max_examples=30,
    stateful_step_count=50,
    derandomize=True,
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def test_whatever_anybody_does_for_long_what_is_offered_is_accepted_and_nobody_is_left_behind(
    settings, sqlite_template, keys, time
):
    parts = {"settings_": settings, "template": sqlite_template, "keys": keys, "clock": time}
    run_state_machine_as_test(type("AtLength", (Course,), parts), settings=AT_LENGTH)
