"""How often is too often? One table of numbers, and the arithmetic of when it is over (domain rules §5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

NET_BITS = {4: 24, 6: 48}


class Window(NamedTuple):
    """At most so many within so long, however one lays the window."""

    most: int
    within: timedelta


class Limited(StrEnum):
    """What is limited. An emergency never is, nor what staff take down for somebody."""

    SUBMIT_DEVICE = "submit_device"
    SUBMIT_NET = "submit_net"
    EMERGENCY_RING = "emergency_ring"
    EMERGENCY_ELSEWHERE = "emergency_elsewhere"
    CODE_DEVICE = "code_device"
    CODE_NET = "code_net"
    SECRET_HERE = "secret_here"  # noqa: S105 -- names of limits, here and below
    SECRET_NUMBER = "secret_number"  # noqa: S105
    SECRET_NET = "secret_net"  # noqa: S105
    LOGIN_NAME = "login_name"
    LOGIN_NET = "login_net"
    UPLOAD_DEVICE = "upload_device"
    UPLOAD_NET = "upload_net"
    SUGGEST_DEVICE = "suggest_device"
    SUGGEST_NET = "suggest_net"
    ME_TOO_NET = "me_too_net"


class Try(NamedTuple):
    """One thing that counts, and by what it is told from others: a device, a prefix, a number, a name."""

    limit: Limited
    key: str


class Asker(NamedTuple):
    """Who asks, as far as limits may know: this browser's mark and the network prefix ("" where unknown), and when."""

    device: str
    net: str
    at: datetime


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

LIMITS: Mapping[Limited, tuple[Window, ...]] = {
    # Per device and stairwell. One who goes through a whole building with a list is told when to go on.
    Limited.SUBMIT_DEVICE: (Window(2, 10 * _MINUTE), Window(5, _DAY)),
    # Per prefix, whatever the device, for a mark is thrown away fast. Beyond it no refusal: the slower lane.
    Limited.SUBMIT_NET: (Window(40, _HOUR),),
    # Per device, stairwell and leaf: what it allows rings, what is beyond it is taken in quietly.
    Limited.EMERGENCY_RING: (Window(1, 10 * _MINUTE),),
    # Per device and code, for places that are named instead of the code's: one code does not ring a whole compound.
    Limited.EMERGENCY_ELSEWHERE: (Window(3, 10 * _MINUTE),),
    # Codes that do not exist. The check symbol catches slips of the finger, so an honest device misses a few times.
    Limited.CODE_DEVICE: (Window(20, 10 * _MINUTE),),
    Limited.CODE_NET: (Window(100, 10 * _MINUTE),),
    # Wrong query codes: for one number from one prefix; for one number from anywhere; for any number from one prefix.
    Limited.SECRET_HERE: (Window(10, _HOUR),),
    Limited.SECRET_NUMBER: (Window(300, _DAY),),
    Limited.SECRET_NET: (Window(60, _HOUR),),
    # Wrong passwords. A prefix may be a whole street office.
    Limited.LOGIN_NAME: (Window(10, 15 * _MINUTE),),
    Limited.LOGIN_NET: (Window(60, 15 * _MINUTE),),
    Limited.UPLOAD_DEVICE: (Window(60, _HOUR),),
    Limited.UPLOAD_NET: (Window(120, _HOUR),),
    # A suggestion is asked for while somebody types.
    Limited.SUGGEST_DEVICE: (Window(120, 10 * _MINUTE),),
    Limited.SUGGEST_NET: (Window(600, 10 * _MINUTE),),
    # "Me too", per prefix: a mark is thrown away fast. Beyond it nothing is counted, and nobody is refused.
    Limited.ME_TOO_NET: (Window(30, _HOUR),),
}


def counting(limit: Limited, instants: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those of the instants that may still matter to some window, oldest first."""
    longest = max(window.within for window in LIMITS[limit])
    return sorted(at for at in instants if at > now - longest)


def opens_at(limit: Limited, instants: Sequence[datetime], now: datetime) -> datetime | None:
    """The first instant at which one more passes; None where it passes now. A window is half-open: (now - within, now].

    An instant ahead of `now`, from a clock that goes fast, counts as well.
    """
    waits = []
    for window in LIMITS[limit]:
        recent = sorted(at for at in instants if at > now - window.within)
        if len(recent) >= window.most:
            waits.append(recent[-window.most] + window.within)
    return max(waits, default=None)


def expires_at(limit: Limited, instants: Sequence[datetime]) -> datetime:
    """From when on none of the instants counts any more."""
    return max(instants) + max(window.within for window in LIMITS[limit])


def net_of(address: str) -> str:
    """The prefix by which neighbours are told from others (/24, /48); "" for what is no address of a network."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback or found.is_unspecified:
        return ""
    return str(ip_network((found, NET_BITS[found.version]), strict=False))


def is_loopback(address: str) -> bool:
    """Whether a peer is this very machine."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def client_of(peer: str, forwarded: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The address that a request comes from: the last one in X-Forwarded-For that no trusted proxy has written.

    `forwarded` is believed from a trusted peer only. "" where a trusted proxy does not say for whom it asks.
    """
    for address in [peer, *reversed(forwarded)]:
        try:
            found = ip_address(address.strip())
        except ValueError:
            return ""
        found = getattr(found, "ipv4_mapped", None) or found
        if not any(found.version == net.version and found in net for net in trusted):
            return str(found)
    return ""
