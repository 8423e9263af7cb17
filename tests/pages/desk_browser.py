"""The desk in a browser without scripts: who is logged in, and where a ticket is."""

from app.routers.deps import DESK_COOKIE
from tests.builders import NOTICE
from tests.pages.reading import HTML

CONTACT = {
    "contact": {"name": "李梅", "phone": "13812345678", "room": "1402"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


def as_(client, world, username):
    """The browser of a logged-in account."""
    if DESK_COOKIE in client.cookies:
        client.cookies.delete(DESK_COOKIE)
    client.cookies.set(DESK_COOKIE, world.tokens[username], path="/desk")
    return client


def at(receipt) -> str:
    """The address of a ticket on the desk."""
    return f"/desk/tickets/{receipt['number']}"


def posted(client, path, **fields):
    """What a form answers; nothing is followed."""
    return client.post(path, data=fields, headers=HTML, follow_redirects=False)
