"""Who may submit how often (domain rules §5): refused, taken in slowly, or taken in quietly. Nobody in danger waits."""

from enum import StrEnum

from app.access import limits
from app.db import WriteSession
from app.rules.limits import Asker, Limited, Try


class Lane(StrEnum):
    """How a matter is taken in."""

    NORMAL = "normal"
    SLOW = "slow"  # a person looks before anybody is sent: too much came from this network
    REPEATED = "repeated"  # an emergency that has rung already: stored, and nobody is rung up again


def lane(
    session: WriteSession, asker: Asker | None, hangs_at: int, stairwell_id: int, leaf: str, *, emergency: bool
) -> Lane:
    """Counts a submission. Raises TooManyError for the third within ten minutes and the sixth within a day.

    Without an `asker` it was taken down by staff and nothing is counted. An emergency never counts and is never
    refused; the same one from the same device (or network, where there is no device) within ten minutes is REPEATED,
    and so is the fourth that the device says to be elsewhere than where the code hangs, whatever it is.
    """
    if asker is None:
        return Lane.NORMAL
    if emergency:
        who = asker.device or asker.net
        ring = [Try(Limited.EMERGENCY_RING, f"{who} {stairwell_id} {leaf}")] if who else []
        if who and stairwell_id != hangs_at:
            ring.append(Try(Limited.EMERGENCY_ELSEWHERE, f"{who} {hangs_at}"))
        return Lane.NORMAL if limits.take(session, ring, asker.at) is None else Lane.REPEATED
    if asker.device:
        device = [Try(Limited.SUBMIT_DEVICE, f"{asker.device} {hangs_at}")]
        opens = limits.take(session, device, asker.at)
        if opens is not None:
            raise limits.refuse("submit", opens, asker.at)
    net = [Try(Limited.SUBMIT_NET, asker.net)] if asker.net else []
    return Lane.NORMAL if limits.take(session, net, asker.at) is None else Lane.SLOW
