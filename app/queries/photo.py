"""A photo's bytes, for whoever may see it."""

from datetime import datetime

from app import access
from app.access import Credentials
from app.db import ReadSession
from app.errors import NotFoundError
from app.storage import Storage


def jpeg(session: ReadSession, storage: Storage, key: str, who: Credentials, now: datetime) -> bytes:
    """The picture as JPEG. Raises NotFoundError where none of the credentials opens it."""
    photo = access.photo_for(session, key, who, now)
    try:
        return session.vault.open_bytes(storage.get(photo.key), f"photo {photo.key}")
    except FileNotFoundError as error:
        raise NotFoundError from error
