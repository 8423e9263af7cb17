"""A fault that nobody foresaw: its answer has the armour of every other, and no log holds what it was about."""

import logging

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.responses import StreamingResponse

from app.main import create_app

SAID = "我是司徒金丝雀，电话13912345678"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def crashing(settings, database, time):
    """The application with two routes that fail with a person's words in the error, before and while they answer."""
    router = APIRouter()

    @router.get("/api/v1/fails")
    def fails() -> None:
        raise ValueError(SAID)

    def half():
        yield "half"
        raise ValueError(SAID)

    @router.get("/api/v1/breaks")
    def breaks() -> StreamingResponse:
        return StreamingResponse(half())

    app = create_app(settings, database)
    app.include_router(router)
    return app


def test_an_unforeseen_fault_is_answered_like_every_refusal(crashing):
    with TestClient(crashing, raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/fails")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert SAID not in answer.text


def test_nothing_of_it_reaches_the_server_that_would_print_it(crashing):
    """Whatever leaves the application is written to the log by the server, with the error's own words."""
    with TestClient(crashing, raise_server_exceptions=True) as client:
        assert client.get("/api/v1/fails").status_code == 500


def test_an_answer_that_breaks_off_says_no_more_than_that(crashing, caplog):
    caplog.set_level(logging.DEBUG)
    with TestClient(crashing, raise_server_exceptions=True) as client, pytest.raises(Exception) as broken:
        client.get("/api/v1/breaks")
    error: BaseException | None = broken.value
    while error is not None:
        assert SAID not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert SAID not in caplog.text
