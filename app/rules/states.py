"""The transition table and the chains of the clocks as a page: docs/states.md is made from them, never by hand."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from app.rules import chains, wording, workflow
from app.rules.chains import CHAINS, Step
from app.rules.vocabulary import Status, Verb
from app.rules.workflow import TABLE, Row

_HEAD = """# States and verbs

Made from the transition table (`app/rules/workflow.py`) and the chains of the clocks (`app/rules/chains.py`) by
`python -m app docs`; a test compares. What is not a row here is refused with 409 and the verbs that are legal now.
Conditions beyond state and person, such as "once" or "before it is due", stand beside each row in the source.
"""
_PEOPLE = """
Who: `reporter` holds the ticket's secret · `triager` the grid head or who stands in · `chief` the grid head, or the
secretary where the grid head is taken out · `backup` a side while the grid head is away or silent · `secretary` ·
`level` who holds the level that the ticket is escalated to · `lead` and `co` hold a slip · `caller` asks how it went ·
`system` the sweep.
"""


def document() -> str:
    """The whole page."""
    parts = [_HEAD, "## States\n", *_states(), "\n## Diagram\n", *_diagram(), "\n## Verbs\n", _PEOPLE, *_verbs()]
    return "\n".join([*parts, "\n## What clocks call for\n", *_chains()]) + "\n"


def _states() -> Iterator[str]:
    yield "| state | in Chinese | whose turn |"
    yield "|---|---|---|"
    turns = ("somebody of ours", "the resident", "nobody: closed out")
    for status in Status:
        yield f"| `{status}` | {wording.word('status', status)} | {turns[workflow.queue(status)]} |"


def _diagram() -> Iterator[str]:
    """Every change of state once, with the verbs that make it; what keeps the state is in the table only."""
    edges: dict[tuple[Status, Status], list[Verb]] = {}
    for row in TABLE:
        for source in Status:
            for target in _targets(row):
                if source in row.sources and target not in {None, source}:
                    edges.setdefault((source, target or source), []).append(row.verb)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    direction LR"
    yield f"    [*] --> {Status.SUBMITTED}: submit"
    for (source, target), verbs in edges.items():
        yield f"    {source} --> {target}: {', '.join(dict.fromkeys(verbs))}"
    for status in Status:
        if status in workflow.CLOSED_OUT:
            yield f"    {status} --> [*]"
    yield "```"


def _verbs() -> Iterator[str]:
    yield "| verb | in Chinese | through | from | to | who |"
    yield "|---|---|---|---|---|---|"
    for row in TABLE:
        sources = " ".join(f"`{status}`" for status in Status if status in row.sources)
        who = ", ".join(sorted(row.hats))
        yield f"| `{row.verb}` | {_said(row.verb)} | {row.door} | {sources} | {_to(row)} | {who} |"


def _to(row: Row) -> str:
    if isinstance(row.target, Mapping):
        return "; ".join(f"{outcome}: {_state(target)}" for outcome, target in row.target.items())
    return _state(row.target)


def _state(target: Status | None) -> str:
    return f"`{target}`" if target else "same"


def _targets(row: Row) -> list[Status | None]:
    return list(row.target.values()) if isinstance(row.target, Mapping) else [row.target]


def _said(verb: Verb) -> str:
    """What a button says; for what has no button, what the reporter reads."""
    return str(wording.words()["verbs"].get(verb) or wording.word("timeline", verb))


def _chains() -> Iterator[str]:
    yield "| clock | when | what | who is told | notice |"
    yield "|---|---|---|---|---|"
    for kind, chain in CHAINS.items():
        for step in chain:
            level = f" {step.level}: {chains.LEVELS[step.level - 1]}" if step.level else ""
            yield f"| `{kind}` | {_when(step)} | {step.verb} | {step.ear}{level} | {step.template} |"
    yield ""
    yield f"Past its last step a chain that goes up reminds its highest level every {chains.AGAIN.days} days."


def _when(step: Step) -> str:
    if step.share is not None:
        return f"{step.share:.0%} of its time"
    return "due" if not step.after else f"due + {_span(step.after)}"


def _span(span: timedelta) -> str:
    return f"{span.days} d" if span.days > 1 else f"{int(span.total_seconds() // 3600)} h"
