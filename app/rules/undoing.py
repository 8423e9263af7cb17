"""撤销: the step that was just taken is taken back by whoever took it, as long as nobody has been told of it."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from app.rules.vocabulary import Verb

WITHIN = timedelta(seconds=10)
"""So long the notices of such a step wait, and so long it may be taken back."""

UNDOABLE = frozenset({Verb.TRIAGE, Verb.ASSIGN, Verb.PAUSE})
"""Steps of which nobody outside the desk knows anything before their notices go out."""

T = TypeVar("T")


def effective(events: Iterable[T], verb_of: Callable[[T], str]) -> list[T]:
    """The events that count, oldest first: each undo takes the newest of those before it with it."""
    counted: list[T] = []
    for event in events:
        if verb_of(event) != Verb.UNDO:
            counted.append(event)
        elif counted:
            counted.pop()
    return counted
