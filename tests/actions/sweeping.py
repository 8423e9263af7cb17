"""What the tests of it share."""

from datetime import timedelta

from sqlalchemy import select

from app.models.event import Event
from app.models.message import Message
from app.models.ticket import Ticket
from tests.builders import MONDAY, desk, slip_of, slip_verb, submit, triage, verb

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


MIDNIGHT = MONDAY + 15 * HOUR  # Monday 24:00 in Shanghai


def rows(database, model, **where):
    with database.read() as session:
        query = select(model).filter_by(**where).order_by(model.id)
        return list(session.scalars(query.execution_options(scope="test")))


def one(database, receipt):
    return rows(database, Ticket, number=receipt["number"])[0]


def said(database, receipt, *verbs):
    """(verb, clock or level) of the system's own events."""
    events = rows(database, Event, ticket_id=one(database, receipt).id)
    wanted = verbs or ("remind", "breach", "escalate", "lapse", "send_back", "resume")
    return [
        (event.verb, event.facts.get("level") or event.facts.get("clock"))
        for event in events
        if event.actor == "system" and event.verb in wanted
    ]


def told(database, world, since=0):
    """(role, template) of every message about a ticket, in order."""
    names = {seat: role for role, seat in world.seats.items()}
    return [(names.get(m.seat_id), m.template) for m in rows(database, Message) if m.id > since and m.ticket_id]


def digests(database):
    return [message for message in rows(database, Message) if message.template == "digest"]


def newest(database):
    return max((message.id for message in rows(database, Message)), default=0)


def taken(client, world, **over):
    """A ticket in the property's hands, and its slip."""
    receipt = submit(client, world, **over)
    if one_status(client, world, receipt) == "submitted":
        triage(client, world, receipt)
        verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip = slip_of(client, world, "property")["slip_no"]
    assert slip_verb(client, world, "property", slip, "accept").status_code == 200
    return receipt, slip


def one_status(client, world, receipt):
    return desk(client, world, "grid_head", receipt).json()["status"]
