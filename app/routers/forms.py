"""What the HTML forms of residents and slip holders carry, turned into the same *In models as the JSON."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from app.actions import photo
from app.db import Database
from app.errors import AppError, InvalidError, PhotoUnreadableError, TooLargeError, TooManyError
from app.routers import guesses
from app.routers.problems import from_validation
from app.rules.limits import Asker
from app.schemas.base import Form
from app.schemas.desk import DoneIn, ProgressIn, QuestionIn, ReasonIn, ReplyIn
from app.schemas.ticket import CategoryIn, InfoIn, ObjectionIn, RatingIn, TicketIn, WithdrawalIn
from app.settings import Settings
from app.storage import Storage

MOST_FILES = 40
MOST_FIELDS = 60
READ_AT_MOST = 7  # one photo more than a form may have, so that its own check says so and none vanishes unsaid

_SEVERAL = frozenset({"avoid", "kept"})
_KEY = re.compile(r"[0-9a-f]{32}")
F = TypeVar("F", bound=Form)


class Sent(NamedTuple):
    """A form as it came: words as typed with plain line ends, the boxes ticked, the photos chosen, its submit key."""

    given: Mapping[str, str | list[str]]
    photos: list[UploadFile]
    key: str

    def said(self, *names: str) -> dict[str, str]:
        """The named fields that have something in them."""
        found = {name: self.given.get(name) for name in names}
        return {name: value for name, value in found.items() if isinstance(value, str) and value.strip()}

    def several(self, name: str) -> list[str]:
        """Every value of a field that may have more than one."""
        value = self.given.get(name)
        return value if isinstance(value, list) else []

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return name in self.given


class Kept(NamedTuple):
    """Photos in store, with what was wrong with the others. `digest` stays the same when a form is sent twice."""

    keys: list[str]
    digest: str
    wrong: dict[str, str]


def new_key() -> str:
    """A submit key for a fresh form: sent twice, the form does its thing once."""
    return secrets.token_hex(16)


async def _sent(request: Request) -> AsyncIterator[Sent]:
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        given: dict[str, str | list[str]] = {}
        for name in form:
            values = [value.replace("\r\n", "\n") for value in form.getlist(name) if isinstance(value, str)]
            if values:
                given[name] = values if name in _SEVERAL else values[-1]
        photos = [file for file in form.getlist("photos") if isinstance(file, UploadFile) and file.filename]
        key = given.get("key")
        yield Sent(given, photos, key if isinstance(key, str) and _KEY.fullmatch(key) else new_key())


Filled = Annotated[Sent, Depends(_sent)]


def keep_photos(
    sent: Sent, db: Database, files: Storage, now: datetime, settings: Settings, asker: Asker | None = None
) -> Kept:
    """Stores the photos of a form, each in a transaction of its own, so that none is lost when a field is wrong.

    With an `asker` they are counted; one too many is said beside the photos, like one that does not open.
    """
    keys, wrong = list(dict.fromkeys(key for key in sent.several("kept") if _KEY.fullmatch(key))), {}
    digest = hashlib.sha256("".join(keys).encode())
    for file in sent.photos[: READ_AT_MOST - len(keys)]:
        data = file.file.read(settings.max_upload_mb * 1024 * 1024 + 1)
        digest.update(hashlib.sha256(data).digest())
        if len(data) > settings.max_upload_mb * 1024 * 1024:
            wrong["photos"] = TooLargeError.title
            continue
        try:
            if asker is not None:
                guesses.take_upload(db, asker)
            with db.write() as session:
                keys.append(photo.upload(session, files, data, now=now).id)
        except (PhotoUnreadableError, TooManyError) as error:
            wrong["photos"] = error.detail
    return Kept(keys, digest.hexdigest(), wrong)


def body_of(form: Form, kept: Kept) -> str:
    """What a submit key is bound to: the words, and the photos by their content."""
    return form.model_dump_json(exclude={"photos"}) + kept.digest


def wrongs(error: AppError) -> dict[str, str]:
    """What is wrong beside which field; "" for what belongs to no single one."""
    listed = error.extra.get("errors")
    found = listed if isinstance(listed, list) else []
    return {"" if one["field"] == "body" else str(one["field"]): str(one["message"]) for one in found}


def ticket(sent: Sent, code: str, kept: Kept) -> TicketIn:
    """下单. Raises InvalidError, field by field, as all of these do."""
    contact = sent.said("name", "phone", "room")
    if "phone" in contact:
        contact["phone"] = unicodedata.normalize("NFKC", contact["phone"])
    consent = sent.said("notice_version")
    wanted = sent.said("text", "category", "spot", "elsewhere") | {
        "code": code,
        "emergency": sent.ticked("emergency"),
        "photos": kept.keys,
        "contact": contact or None,
        "avoid": sent.several("avoid"),
        "minor": sent.ticked("minor"),
        "consent": consent | {item: sent.ticked(f"consent_{item}") for item in ("contact", "address", "publish")}
        if consent
        else None,
    }
    return filled(TicketIn, wanted, kept)


def rating(sent: Sent) -> RatingIn:
    """评价."""
    return filled(RatingIn, sent.said("solved", "stars", "text"))


def info(sent: Sent, kept: Kept) -> InfoIn:
    """补充情况."""
    return filled(InfoIn, sent.said("text") | {"photos": kept.keys}, kept)


def category(sent: Sent) -> CategoryIn:
    """选类别."""
    return filled(CategoryIn, sent.said("category"))


def objection(sent: Sent) -> ObjectionIn:
    """有异议."""
    return filled(ObjectionIn, sent.said("text"))


def withdrawal(sent: Sent) -> WithdrawalIn:
    """撤回."""
    return filled(WithdrawalIn, sent.said("reason"))


def progress(sent: Sent, kept: Kept) -> ProgressIn:
    """记进展."""
    return filled(ProgressIn, sent.said("text") | {"photos": kept.keys}, kept)


def done(sent: Sent, kept: Kept) -> DoneIn:
    """办完了."""
    return filled(DoneIn, sent.said("text", "evidence") | {"photos": kept.keys}, kept)


def reply(sent: Sent) -> ReplyIn:
    """拟答复."""
    return filled(ReplyIn, sent.said("kind", "text", "promise_date"))


def question(sent: Sent) -> QuestionIn:
    """问一个问题."""
    return filled(QuestionIn, sent.said("question"))


def reason(sent: Sent) -> ReasonIn:
    """退单."""
    return filled(ReasonIn, sent.said("reason"))


def filled(model: type[F], values: Mapping[str, object], kept: Kept | None = None) -> F:
    """The form, unless a field or a photo is wrong; then every finding at once."""
    wrong = kept.wrong if kept else {}
    try:
        form = model.model_validate(values)
    except ValidationError as error:
        wrong = wrong | wrongs(from_validation(list(error.errors())))
    else:
        if not wrong:
            return form
    raise InvalidError(errors=[{"field": field, "message": message} for field, message in wrong.items()])
