"""Photos: what is none is refused, what is one loses everything but its pixels, and only the right people see it."""

import io
import re
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from app.actions.photo import reencode
from tests.builders import key, secret, submit, ticket_form
from tests.problems import count, refused

TICKETS, UPLOADS = "/api/v1/tickets", "/api/v1/uploads"
MEGABYTE = 1024 * 1024


def jpeg(size=(60, 40), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "JPEG", **options)
    return out.getvalue()


def picture(form, size=(60, 40), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


def png_of(width, height):
    """A PNG whose header promises a huge picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 2000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def send(client, data, name="photo.jpg", media="image/jpeg"):
    return client.post(UPLOADS, files={"file": (name, data, media)})


FAKES = {
    "text": b"not a picture at all",
    "nothing": b"",
    "half a jpeg": jpeg((400, 300))[:900],
    "a jpeg without its end": jpeg((400, 300), quality=95)[:-200],
    "only a beginning": b"\xff\xd8\xff\xe0",
    "a bomb": png_of(60_000, 60_000),
    "a smaller bomb": png_of(10_000, 6_000),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html that begins like a gif": b"GIF89a/*<script>alert(1)</script>*/=1;",
    "a program": b"MZ" + bytes(500),
    "a pdf": b"%PDF-1.7\n" + bytes(200),
    "tiff": picture("TIFF"),
    "icon": picture("ICO", (16, 16), "RGBA"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
}


def test_what_is_no_photo_is_refused_whatever_it_calls_itself(database, client, subtests):
    for name, fake in FAKES.items():
        with subtests.test(name):
            refused(send(client, fake), 422, "PHOTO_UNREADABLE")
    assert count(database, "photo") == 0


def test_a_photo_that_is_missing_from_its_form_is_named(client):
    refused(client.post(UPLOADS), 422, "INVALID", "file")
    refused(client.post(UPLOADS, data={"file": "text"}), 422, "INVALID", "file")


def test_a_photo_over_the_limit_is_refused_by_its_size(client):
    for size in (10 * MEGABYTE + 1, 11 * MEGABYTE):
        refused(send(client, bytes(size)), 413, "TOO_LARGE")


def test_an_upload_that_does_not_say_how_long_it_is_is_cut_off_too(client):
    def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(12):
            yield bytes(MEGABYTE)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(client.post(UPLOADS, content=endless(), headers=headers), 413, "TOO_LARGE")


def test_every_common_kind_of_photo_is_taken(client, subtests):
    for form, mode in (
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode) for mode in ("RGB", "RGBA", "P", "L", "LA", "1", "I;16")),
        *(("WEBP", "RGBA"), ("GIF", "P"), ("BMP", "RGB")),
    ):
        with subtests.test(f"{form} {mode}"):
            assert send(client, picture(form, mode=mode), "照片.heic").status_code == 201


def stored(settings):
    return [path.read_bytes() for path in (settings.data_dir / "uploads").rglob("*") if path.is_file()]


def fetched(client, world, data):
    """Uploads a photo, attaches it, and fetches it again as its reporter."""
    photo = send(client, data)
    assert photo.status_code == 201, photo.text
    receipt = submit(client, world, photos=[photo.json()["id"]])
    answer = client.get(photo.json()["url"], headers=secret(receipt))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    return answer.content


def with_position(size=(80, 40), orientation=6):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x9003] = "SecretPhone", orientation, "2027:03:01 09:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 16.0, 12.0), 3: "E", 4: (120.0, 9.0, 36.0)})
    return jpeg(size, exif=exif, comment=b"SecretComment")


def test_a_photo_loses_its_position_and_its_phone_and_stands_upright(client, world, settings):
    original = with_position()
    assert b"SecretPhone" in original
    shown = fetched(client, world, original)
    assert not re.search(rb"Exif|Secret|GPS|http://ns\.adobe", shown)
    again = Image.open(io.BytesIO(shown))
    assert (again.size, dict(again.getexif()), "comment" in again.info) == ((40, 80), {}, False)
    for sealed in stored(settings):
        assert not re.search(rb"Exif|Secret|JFIF|\xff\xd8\xff", sealed)


def test_what_was_hidden_behind_a_photo_is_gone(client, world, settings):
    shown = fetched(client, world, jpeg() + b"PK\x03\x04<script>hidden</script>")
    assert b"hidden" not in shown
    assert not any(b"hidden" in sealed for sealed in stored(settings))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_photo_with_a_damaged_exif_is_still_a_photo(client, world):
    whole = with_position(orientation=1)
    at = whole.index(b"Exif\x00\x00")
    broken = whole[: at + 14] + b"\xff" * 20 + whole[at + 34 :]
    assert Image.open(io.BytesIO(fetched(client, world, broken))).size == (80, 40)


def test_a_large_photo_comes_back_in_a_useful_size(client, world):
    assert max(Image.open(io.BytesIO(fetched(client, world, jpeg((4000, 3000))))).size) == 2048


def test_a_photo_is_seen_by_its_reporter_and_by_nobody_who_merely_knows_its_address(client, world):
    photo = send(client, jpeg()).json()
    receipt, other = submit(client, world, photos=[photo["id"]]), submit(client, world)
    assert client.get(photo["url"], headers=secret(receipt)).status_code == 200
    for headers in ({}, secret(other), world.as_("grid_head"), world.as_("police"), world.as_("admin")):
        refused(client.get(photo["url"], headers=headers), 404, "NOT_FOUND")
    refused(client.get(photo["url"], params={"pass": "0" * 32}), 404, "NOT_FOUND")


def test_a_photo_is_attached_once_and_not_taken_by_another(client, world):
    photo = send(client, jpeg()).json()["id"]
    submit(client, world, photos=[photo])
    refused(client.post(TICKETS, json=ticket_form(world, photos=[photo]), headers=key()), 422, "INVALID", "photos")


def test_a_photo_sent_again_with_its_key_is_one_photo_and_another_picture_needs_another_key(client, settings):
    def again(data, headers):
        return client.post(UPLOADS, files={"file": ("photo.jpg", data, "image/jpeg")}, headers=headers)

    mine = key()
    first, second = (again(jpeg(), mine) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(stored(settings)) == 1
    refused(again(jpeg((80, 80)), mine), 422, "IDEMPOTENCY_KEY_REUSED")
    assert again(jpeg((80, 80)), key()).json()["id"] != first.json()["id"]


def test_a_photo_that_was_not_there_loses_nothing_of_the_words(client, world):
    header = key()
    wrong = client.post(TICKETS, json=ticket_form(world, photos=["0" * 32]), headers=header)
    refused(wrong, 422, "INVALID", "photos")
    assert client.post(TICKETS, json=ticket_form(world), headers=header).status_code == 201


def test_photos_in_many_threads_leave_the_process_as_it_was():
    """Warning filters belong to the whole process; a photo that changed them would change every other request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = list(warnings.filters)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(reencode, [jpeg((300, 200))] * 64))
        assert warnings.filters == before
