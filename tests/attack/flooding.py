"""What the tests of limits share: where somebody asks from, and how often."""

from sqlalchemy import func, select

from tests.builders import key, ticket_form

HERE = {"X-Forwarded-For": "203.0.113.7"}
ELSEWHERE = {"X-Forwarded-For": "198.51.100.7"}
PASSWORD = "a long enough password"


def posted(client, world, headers=None, **over):
    return client.post("/api/v1/tickets", json=ticket_form(world, **over), headers=key() | (headers or {}))


def token(client, username, password, headers=HERE):
    return client.post("/api/v1/auth/token", data={"username": username, "password": password}, headers=headers)


def count(database, table, *conditions):
    with database.read() as session:
        query = select(func.count()).select_from(table).where(*conditions)
        return session.execute(query.execution_options(scope="test")).scalar_one()


def with_mark(client, world):
    """The same browser after it has opened the scan page."""
    client.get(f"/s/{world.code}")
    assert "mq_device" in client.cookies
    return client
