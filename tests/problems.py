"""What every refusal must look like, and how to see that nothing was stored."""

import re

from sqlalchemy import func, select
from sqlmodel import SQLModel

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refused(answer, status, code, *fields):
    """Checks a refusal's whole shape and returns its body. `fields` are exactly those that must be named."""
    body = answer.json()
    assert (answer.status_code, body.get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id"} <= set(body)
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"] != ""
    assert CHINESE.search(body["title"])
    assert CHINESE.search(body["detail"])
    assert "Traceback" not in answer.text
    for problem in body.get("errors", []):
        assert CHINESE.search(problem["message"]), problem
    if fields:
        assert [problem["field"] for problem in body["errors"]] == list(fields)
    return body


def count(database, table):
    """How many rows a table holds."""
    with database.read() as session:
        query = select(func.count()).select_from(SQLModel.metadata.tables[table]).execution_options(scope="test")
        return session.execute(query).scalar_one()
