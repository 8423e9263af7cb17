"""How much the page on the wall weighs on the way to a phone; private answers are never compressed."""

import gzip
import re

import pytest

from tests.builders import submit

FIRST_VISIT, SECOND_VISIT = 30_000, 6_000
HEADERS = 700  # of one answer, generously


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def wire(client, path):
    """Bytes on the wire, headers included."""
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return len(b"".join(answer.iter_raw())) + HEADERS


def test_the_scan_page_is_light(client, world):
    path = f"/s/{world.code}"
    page = wire(client, path)
    parts = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get(path).text))
    assert {"app.css", "photos.js", "icons/kinds.svg"} <= {re.sub(r"^/static/|\?.*", "", part) for part in parts}
    assert page < SECOND_VISIT
    assert page + sum(wire(client, part) for part in parts) < FIRST_VISIT
    assert all("immutable" in client.get(part).headers["cache-control"] for part in parts)


def test_private_answers_are_not_compressed(client, world):
    receipt = submit(client, world)
    for path in (receipt["url"].removeprefix("http://testserver"), f"/api/v1/codes/{world.code}"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers


def test_what_is_compressed_reads_the_same(client, world):
    plain = client.get("/static/app.css", headers={"Accept-Encoding": "identity"}).content
    with client.stream("GET", "/static/app.css", headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())) == plain
