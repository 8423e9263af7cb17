"""Uploads: every picture is decoded and encoded anew, so that nothing but pixels survives."""

import io
import secrets
import threading
from datetime import datetime

from PIL import Image, ImageOps

from app.db import WriteSession
from app.errors import PhotoUnreadableError
from app.models.photo import Photo
from app.rules import refusals
from app.schemas.ticket import PhotoView
from app.storage import Storage

LONGEST_SIDE = 2048
MOST_PIXELS = 50_000_000
MOST_PIXELS_UNSHRUNK = 20_000_000  # other formats are decoded whole before they can be made smaller
_DECODING = threading.BoundedSemaphore(2)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
QUALITY = 82


def upload(session: WriteSession, storage: Storage, data: bytes, *, now: datetime) -> PhotoView:
    """Stores one photo sealed. EXIF, GPS and anything hidden behind the picture are gone.

    Raises PhotoUnreadableError for what is not a picture, pretends to be one, or is absurdly large.
    """
    jpeg, width, height = reencode(data)
    key = secrets.token_hex(16)
    storage.put(key, session.vault.seal_bytes(jpeg, f"photo {key}"))
    session.add(Photo(key=key, width=width, height=height, size=len(jpeg), created_at=now))
    return PhotoView(id=key, url=f"/api/v1/uploads/{key}")


def reencode(data: bytes) -> tuple[bytes, int, int]:
    """A fresh JPEG of at most 2048 pixels a side, upright, with its width and height."""
    try:
        with _DECODING:
            flat = _flat(Image.open(io.BytesIO(data), formats=FORMATS))
    except PhotoUnreadableError:
        raise
    except Exception as error:  # decoders raise almost anything on hostile input
        raise PhotoUnreadableError from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), flat.width, flat.height


def _flat(picture: Image.Image) -> Image.Image:
    """The picture's pixels alone: upright, small enough, on white where it was transparent."""
    if picture.width * picture.height > (MOST_PIXELS if picture.format == "JPEG" else MOST_PIXELS_UNSHRUNK):
        raise PhotoUnreadableError(refusals.say("photo_too_many_pixels"))
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat = Image.new("RGB", upright.size, "white")
    layers = upright.convert("RGBA")
    flat.paste(layers, mask=layers.getchannel("A"))
    return flat
