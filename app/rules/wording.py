"""Chinese words for codes, read from the catalogue; the only Python that puts sentences together."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from app.rules import sla
from app.rules.catalogue import Leaf
from app.rules.data_map import YEAR, Period
from app.rules.vocabulary import PromiseKind, RejectReason

_NUMBER = re.compile(r"[0-9]{3,}")


@cache
def words() -> Mapping[str, Any]:
    """The whole catalogue of words."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "wording.yaml").read_text("utf-8"))
    return loaded


def word(group: str, code: str) -> str:
    """The word for a code of a group; KeyError for one without a word."""
    return str(words()[group][code])


def day(at: date, today: date) -> str:
    """今天, 明天, or 11月24日 (with the year where it is another one)."""
    if at == today:
        return "今天"
    if at == today + timedelta(days=1):
        return "明天"
    year = f"{at.year}年" if at.year != today.year else ""
    return f"{year}{at.month}月{at.day}日"


def deadline(due: datetime, now: datetime) -> str:
    """An exclusive instant as people say it: 今天 24:00, 11月24日 24:00, 今天 10:40."""
    on, clock = sla.shown_deadline(due)
    return f"{day(on, now.astimezone(sla.SHANGHAI).date())} {clock}"


def moment(at: datetime, now: datetime) -> str:
    """An instant in the past or the future as people say it: 今天 09:41, 11月20日 18:05."""
    local = at.astimezone(sla.SHANGHAI)
    return f"{day(local.date(), now.astimezone(sla.SHANGHAI).date())} {local:%H:%M}"


def stamp(at: datetime) -> str:
    """An instant as it stands on paper, which is read on any day: 2027-03-01 09:41."""
    return f"{at.astimezone(sla.SHANGHAI):%Y-%m-%d %H:%M}"


def stamp_due(due: datetime) -> str:
    """An exclusive instant on paper: 2027-03-01 24:00."""
    on, clock = sla.shown_deadline(due)
    return f"{on} {clock}"


def promise(kind: PromiseKind, due: datetime, now: datetime, note: str = "") -> str:
    """The promise in one sentence, with the reason where it is later than one would think."""
    sentence = word("promise", kind).format(when=deadline(due, now))
    return f"{sentence}（{_why_later(note)}）" if note else sentence


def _why_later(note: str) -> str:
    """A note's words; the hours in them are the compound's own where the note carries them behind an @."""
    code, _, own = note.partition("@")
    return word("promise_note", code).format(value=own or words()["promise_hours"].get(code, ""))


def weekdays(days: Sequence[int]) -> str:
    """周六、周日; days in a row are drawn together: 周一至周五."""
    names = words()["weekdays"]
    if len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1)):  # noqa: PLR2004 -- two are no row
        return f"{names[str(days[0])]}至{names[str(days[-1])]}"
    return "、".join(names[str(day)] for day in days)


def hotlines(leaves: Iterable[Leaf]) -> list[dict[str, str]]:
    """Whom to call: the numbers of these leaves first, then the four that everybody knows, each once."""
    usual = {line["number"]: line["name"] for line in words()["hotlines"]}
    own: dict[str, str] = {}
    for text in (one for leaf in leaves for one in leaf.external):
        for number in _NUMBER.findall(text):
            own.setdefault(number, usual.get(number) or words()["numbers"].get(number) or text.split(number)[0])
    return [{"name": name, "number": number} for number, name in (own | usual).items()]


def rejection(reason: RejectReason) -> tuple[str, str]:
    """What the reason is called, and what the resident can do next."""
    entry = words()["reject"][reason]
    return entry["name"], entry["next"]


def transferred(agency: str, receipt_no: str) -> str:
    """What the resident reads when a matter goes to somebody else."""
    said = words()["transferred"]
    return str(said["with_receipt" if receipt_no else "plain"]).format(agency=agency, receipt_no=receipt_no)


def door_reason(reason: str, agreed: str) -> str:
    """Why a door is shown, with how the person behind it agreed."""
    return str(words()["door_reason"]).format(reason=reason, agreed=agreed)


def kept(period: Period) -> str:
    """How long something is kept, as a reporter reads it."""
    days = period.span.days
    span = f"{days} 天" if days % YEAR.days else f"{days // YEAR.days} 年"
    return word("kept_rule", period.since).format(span=span)


def routing(code: str, **said: str) -> str:
    """One sentence of why a matter went where it went."""
    return word("routing", code).format(**said)


def notice(handler: str) -> tuple[str, str]:
    """The one-screen privacy notice: version and text, naming who handles the data."""
    entry = words()["notice"]
    return entry["version"], entry["text"].format(handler=handler)
