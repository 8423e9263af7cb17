"""Finds what could identify a person in free text (domain rules §3.2).

The result is a draft: a person confirms the words before anybody reads them on a slip.
"""

from collections.abc import Iterable

from app.rules.redaction import accounts, doors, names, numbers
from app.rules.redaction.text import Private, Span, read

__all__ = ["MASK", "Private", "Span", "draft", "find", "masked"]

MASK = "▇▇"

_RANK = {kind: rank for rank, kind in enumerate(Private)}
_ROUNDS = 6  # masking one thing may bare another; a text in which it goes on for longer was written to do so


def find(text: str) -> list[Span]:
    """Everything that looks personal, in order and apart; what overlaps is one span, of the first one's kind."""
    return draft(text)[0]


def masked(text: str) -> str:
    """The text with every span replaced by a mark of one length: how the three sides read it before a reveal."""
    return draft(text)[1]


def draft(text: str) -> tuple[list[Span], str]:
    """The spans and the masked text, searched again with the marks in place until nothing more is found."""
    found: list[Span] = []
    shown, origin = _with_marks(text, found)
    for _ in range(_ROUNDS):
        fresh = _once(shown)
        if not fresh:
            break
        moved = [Span(origin[span.start][0], origin[span.end - 1][1], span.kind) for span in fresh]
        found = _joined([*found, *moved])
        shown, origin = _with_marks(text, found)
    return found, shown


def _once(text: str) -> list[Span]:
    reading = read(text)
    sure = _joined([*numbers.find(reading), *accounts.find(reading), *doors.find(reading)])
    spans = _joined([*sure, *names.find(reading, sure)])
    return [span for span in spans if text[span.start : span.end].strip(MASK)]


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, _RANK[span.kind])):
        if joined and span.start < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _with_marks(text: str, spans: list[Span]) -> tuple[str, list[tuple[int, int]]]:
    """The masked text, and for each of its symbols the part of the original that it stands for."""
    parts: list[str] = []
    origin: list[tuple[int, int]] = []
    at = 0
    for span in [*spans, None]:
        upto = span.start if span else len(text)
        parts.append(text[at:upto])
        origin += [(place, place + 1) for place in range(at, upto)]
        if span:
            parts.append(MASK)
            origin += [(span.start, span.end)] * len(MASK)
            at = span.end
    return "".join(parts), origin
