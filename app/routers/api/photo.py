"""Photos: anybody may add one to what they are about to say; who may see it is decided by the ticket."""

import hashlib
from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response, UploadFile

from app import access
from app.access import Credentials, SlipKey, StaffKey
from app.actions import photo as actions
from app.actions.once import once
from app.errors import NotFoundError, TooLargeError
from app.queries import photo as queries
from app.routers import guesses
from app.routers.deps import Anyone, Asking, Config, Db, Files, Key, Now
from app.routers.problems import problems
from app.rules.vocabulary import Role
from app.schemas.ticket import PhotoView

router = APIRouter(prefix="/api/v1/uploads", tags=["resident"])


@router.post("", status_code=201, dependencies=[Anyone], responses=problems(429))
def upload(file: UploadFile, db: Db, files: Files, now: Now, settings: Config, asker: Asking, key: Key) -> PhotoView:
    """One photo (JPEG, PNG, WebP); it is encoded anew, without EXIF and position. Unused ones expire after a day.

    Sent again with its Idempotency-Key, as on a network that drops answers, it is still one photo with one id.
    """
    data = file.file.read(settings.max_upload_mb * 1024 * 1024 + 1)
    if len(data) > settings.max_upload_mb * 1024 * 1024:
        raise TooLargeError
    guesses.take_upload(db, asker)
    same = hashlib.sha256(data).hexdigest()
    with db.write() as session:
        return once(
            session,
            "POST uploads",
            key,
            same,
            now,
            PhotoView,
            lambda: actions.upload(session, files, data, now=now),
        )


@router.get(
    "/{key}",
    dependencies=[Anyone],
    response_class=Response,
    responses=problems(403, 404, 429) | {200: {"content": {"image/jpeg": {}}}},
)
def photo(
    key: str,
    asker: Asking,
    db: Db,
    files: Files,
    now: Now,
    x_ticket_secret: Annotated[str | None, Header(max_length=64)] = None,
    x_slip_token: Annotated[str | None, Header(max_length=64)] = None,
    authorization: Annotated[str | None, Header(max_length=200)] = None,
    x_acting_role: Annotated[Role | None, Header()] = None,
    revealed: Annotated[str | None, Query(alias="pass", max_length=64)] = None,
) -> Response:
    """The picture, for whoever may see it: the ticket's secret, a slip's token, a staff token, or a fresh reveal."""
    scheme, _, token = (authorization or "").partition(" ")
    bearer = StaffKey(token, x_acting_role) if scheme.lower() == "bearer" and token else None
    slip = SlipKey(x_slip_token, asker.device) if x_slip_token else None
    counted = guesses.secrets(db, key, asker) if x_ticket_secret else nullcontext()
    with counted, db.read() as session:
        staff = access.staff(session, bearer, now) if bearer else None
        who = Credentials(secret=x_ticket_secret, slip=slip, staff=staff, revealed=revealed)
        if not any(who):
            raise NotFoundError
        return Response(queries.jpeg(session, files, key, who, now), media_type="image/jpeg")
