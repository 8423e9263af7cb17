"""How often is too often: windows that are half-open, and whose address it is."""

from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import limits
from app.rules.limits import LIMITS, Limited
from tests.builders import MONDAY

MINUTES = timedelta(minutes=1)
TRUSTED = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1"))


def at(*minutes):
    return [MONDAY + MINUTES * minute for minute in minutes]


@pytest.mark.parametrize(
    ("before", "now", "opens"),
    [
        ([], 0, None),
        ([0], 0, None),
        ([0, 0], 0, 10),
        ([0, 3], 9.99, 10),
        ([0, 3], 10, None),  # the first one is ten minutes old and no longer counts
        ([0, 3, 10], 12, 13),
        ([0, 60, 120, 180], 240, None),
        ([0, 60, 120, 180, 240], 300, 24 * 60),
        ([0, 60, 120, 180, 240], 24 * 60, None),
        ([0, 60, 120, 235, 240], 241, 24 * 60),  # both windows are full: the later one decides
        ([15], 10, None),  # another process's clock goes fast: it counts as well
        ([15, 16], 10, 25),
    ],
)
def test_two_in_ten_minutes_and_five_in_a_day(before, now, opens):
    found = limits.opens_at(Limited.SUBMIT_DEVICE, at(*before), MONDAY + MINUTES * now)
    assert found == (None if opens is None else MONDAY + MINUTES * opens)


@given(st.lists(st.integers(0, 3 * 24 * 60), max_size=40), st.sampled_from(sorted(LIMITS)))
def test_whoever_always_waits_as_told_never_breaks_a_window(wishes, limit):
    taken = []
    for wish in sorted(wishes):
        now = MONDAY + MINUTES * wish
        while opens := limits.opens_at(limit, taken, now):
            assert opens > now
            now = opens
        taken = [*taken, now] if not taken or now >= taken[-1] else taken
    for window in LIMITS[limit]:
        for first, last in zip(taken, taken[window.most :], strict=False):
            assert last - first >= window.within


def test_what_counts_no_longer_is_forgotten_and_the_row_expires_with_the_last():
    kept = limits.counting(Limited.SUBMIT_DEVICE, at(20, 0, 10), MONDAY + timedelta(days=1, minutes=10))
    assert kept == at(20)
    assert limits.expires_at(Limited.SUBMIT_DEVICE, at(0, 20)) == MONDAY + timedelta(days=1, minutes=20)


def test_every_limit_has_numbers_and_a_longer_window_allows_more():
    assert set(LIMITS) == set(Limited)
    for windows in LIMITS.values():
        assert all(a.within < b.within and a.most < b.most for a, b in pairwise(windows))


@pytest.mark.parametrize(
    ("address", "net"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.1", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("0.0.0.0", ""),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_neighbours_are_one_prefix_and_what_is_no_network_is_none(address, net):
    assert limits.net_of(address) == net


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["1.2.3.4"], "203.0.113.7"),  # a stranger's header is not believed
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["1.2.3.4", "203.0.113.7"], "203.0.113.7"),  # what the client wrote stands further left
        ("127.0.0.1", ["1.2.3.4", "203.0.113.7", " 10.1.1.1"], "203.0.113.7"),  # two proxies of ours
        ("::ffff:127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", [], ""),  # a proxy that does not say for whom: nobody is limited by it
        ("127.0.0.1", ["unknown"], ""),
        ("127.0.0.1", ["203.0.113.7:4711"], ""),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_x_forwarded_for_is_read_from_the_right_and_from_trusted_peers_only(peer, forwarded, client):
    assert limits.client_of(peer, forwarded, TRUSTED) == client
