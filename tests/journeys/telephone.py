"""What the journeys of people without a smartphone have in common."""

from app.rules import calls
from tests.builders import phoned, slip_of, slip_verb, triage, verb

THEIR_PHONE = "13987654321"
ELDER = {
    "beneficiary": {"name": "陈阿婆", "phone": THEIR_PHONE, "room": "301"},
    "proxy_consent": {"kind": "voice", "note": "今天 9 点电话里，本人说让侄女代办"},
}


def post(client, world, path, who="grid_head", **body):
    return client.post(f"/api/v1/desk/{path}", json=body or None, headers=world.as_(who))


def asked(client, world, receipt, who="grid_head2", **body):
    return post(client, world, f"tickets/{receipt['number']}/callback", who, **body)


def answered(client, world, receipt):
    """Led by the property, confirmed by the grid head, who therefore does not ask how it went."""
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    view = verb(client, world, "grid_head", receipt, "confirm", text="水管换好了")
    assert view.json()["status"] == "answered", view.text
    return view.json()


def whom(view):
    return [(call["kind"], call["reason"], call["status"]) for call in view["calls"]]


def undrawn(client, world, database, **over):
    """A ticket of nobody's interest: not drawn, nothing special about it."""
    while True:
        receipt = phoned(client, world, **over)
        if calls.draw(database.vault.digest("callback draw", receipt["number"])) >= calls.SELF_CHECKED_PERCENT:
            return receipt
