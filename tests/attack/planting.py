"""A compound in which every kind of matter has been through everything, and a mark for every item in each of them."""

import io
from typing import NamedTuple

from PIL import Image

from app.rules.privacy import Column, Item
from app.rules.vocabulary import Role
from tests.builders import NOTICE, phoned, secret, slip_verb, submit, triage, verb

NAMES = ("欧阳金丝雀", "司徒画眉鸟", "上官白鹭鸶", "诸葛黑水鸡", "慕容红嘴鸥", "令狐绿头鸭", "尉迟灰椋鸟", "东方白腹鸫")
SIDES = {Role.PROPERTY: "property", Role.SELF_MGMT_HEAD: "self_mgmt", Role.SELF_MGMT_GROUP: "self_mgmt"}
COLUMN = {
    Role.GRID_HEAD: Column.GRID,
    Role.PROPERTY: Column.PROPERTY,
    Role.SELF_MGMT_HEAD: Column.SELF_MGMT,
    Role.SELF_MGMT_GROUP: Column.SELF_MGMT,
    Role.COMMITTEE_SECRETARY: Column.SECRETARY,
    Role.COMMUNITY: Column.COMMUNITY,
}
"""Who has tickets on the desk at all while nothing is escalated to the street; domain rules §3.4."""


class Kind(NamedTuple):
    """A kind of matter: the leaf, whether it is shielded, which side is out, who triages and who leads."""

    category: str
    shielded: bool = False
    out: str = ""
    triager: str = "grid_head"
    chief: str = "grid_head"
    lead: str = "urban_mgmt"
    form: tuple[tuple[str, object], ...] = ()


KINDS = {
    "public": Kind("BLD-02", lead="property"),
    "private and shielded": Kind("NOI-01", shielded=True, lead="stair_head"),
    "about the property": Kind("GOV-01", shielded=True, out="property"),
    "about the self-management group": Kind("GOV-05", shielded=True, out="self_mgmt"),
    "about a handler": Kind(
        "GOV-08", shielded=True, out="grid", triager="self_mgmt_head", chief="committee_secretary", lead="police"
    ),
    "the property avoided": Kind("BLD-02", out="property", form=(("avoid", ["property"]),)),
}


class Planted(NamedTuple):
    """A ticket with what was planted in it: marks of words by item, and what names a person."""

    kind: str
    receipt: dict
    words: dict[Item, list[str]]
    person: list[str]
    slips: dict[str, str]
    photos: list[str]


def mark(ticket: int, item: Item, place: int = 0) -> str:
    """Letters that no other text has, one set per ticket, item and place."""
    return f"鹮{chr(0x9F00 + ticket)}{chr(0x9E20 + list(Item).index(item) * 4 + place)}"


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG")
    return stream.getvalue()


def columns(role: Role, kind: Kind) -> frozenset[Column]:
    """What a role is on a matter of this kind, by the rules and not by the program."""
    if role is Role.GRID_HEAD and kind.out == "grid":
        return frozenset()
    if role in SIDES and kind.out == SIDES[role]:
        return frozenset()
    stands_in = role is Role.SELF_MGMT_HEAD and kind.out == "grid"
    found = {COLUMN[role]} if role in COLUMN else set()
    return frozenset(found | ({Column.GRID} if stands_in else set()))


def report(client, world, kind: str, place: int, **over) -> Planted:
    """A matter with a mark in everything that its reporter leaves."""
    name, phone, said = NAMES[place % len(NAMES)], f"139111122{place:02d}", f"138555566{place:02d}"
    door, raw = f"{1900 + place}室", [mark(place, Item.RAW, n) for n in range(3)]
    key = client.post("/api/v1/uploads", files={"file": ("a.jpg", picture(), "image/jpeg")}).json()["id"]
    receipt = submit(
        client,
        world,
        category=KINDS[kind].category,
        text=f"{raw[0]}一直没人管，打{said}找我",
        spot=f"{raw[1]}门口",
        photos=[key],
        contact={"name": name, "phone": phone, "room": door},
        consent={"notice_version": NOTICE, "contact": True, "address": True},
        **(dict(KINDS[kind].form) | over),
    )
    return Planted(kind, receipt, {Item.RAW: raw}, [name, phone, said, door, receipt["secret"]], {}, [key])


def go_through(client, world, one: Planted, place: int) -> None:
    """Triage, slips, notes, reply, judgement: everything that leaves words behind."""
    kind, receipt = KINDS[one.kind], one.receipt
    words = {
        item: [mark(place, item, n) for n in range(4)] for item in (Item.REDACTED, Item.REPLY, Item.NOTES, Item.RATING)
    }
    one.words.update(words)

    def ok(answer):
        assert answer.status_code in {200, 201}, (one.kind, answer.request.url, answer.text)
        return answer.json()

    ok(triage(client, world, receipt, kind.triager, category=kind.category, complexity="complex",
              redacted_text=f"请处理{words[Item.REDACTED][0]}"))  # fmt: skip
    ask = f"先看{words[Item.NOTES][0]}"
    view = ok(verb(client, world, kind.chief, receipt, "assign", lead=kind.lead, ask=ask))
    slip_no = next(slip["slip_no"] for slip in view["slips"] if slip["status"] not in {"cancelled", "returned"})
    one.slips[kind.lead] = slip_no
    ok(client.post(f"/api/v1/tickets/{receipt['number']}/info", json={"text": f"还有{one.words[Item.RAW][2]}"},
                   headers=secret(receipt)))  # fmt: skip
    ok(slip_verb(client, world, kind.lead, slip_no, "accept"))
    ok(slip_verb(client, world, kind.lead, slip_no, "reply", kind="result", text=f"拟{words[Item.NOTES][1]}"))
    ok(verb(client, world, kind.chief, receipt, "filings", agency="城管", note=f"记{words[Item.NOTES][2]}"))
    ok(verb(client, world, kind.chief, receipt, "reply", kind="result", text=f"回复{words[Item.REPLY][0]}"))
    ok(slip_verb(client, world, kind.lead, slip_no, "done", text=f"办了{words[Item.REPLY][1]}", evidence="1"))
    ok(verb(client, world, kind.chief, receipt, "confirm", text=f"办结{words[Item.REPLY][2]}"))
    rating = {"solved": "yes", "stars": 5, "text": f"谢谢{words[Item.RATING][0]}"}
    ok(client.post(f"/api/v1/tickets/{receipt['number']}/rating", json=rating, headers=secret(receipt)))


def spoken_for(client, world) -> list[str]:
    """A matter that was told for somebody else; everything about that person."""
    person = {"name": "夏侯夜莺", "phone": "13622223333", "room": "2077室"}
    phoned(
        client,
        world,
        category="SVC-04",
        text="帮她买药",
        beneficiary=person,
        proxy_consent={"kind": "voice", "note": f"今天{mark(40, Item.PROXY)}说可以"},
        contact={"name": "公孙鹧鸪", "phone": "13622224444"},
    )
    return [*person.values(), "公孙鹧鸪", "13622224444"]


def looked_after(client, world) -> tuple[int, list[str]]:
    """Somebody who is visited, by the stairwell's head: the plan's id, and the person."""
    person = {"name": "钟离布谷", "phone": "13733334444", "room": "2088室"}
    plan = client.post(
        "/api/v1/desk/visits",
        json={"compound": "LHQ", "stairwell": "LHQ-1-1-s", "kind": "visit", "person": person, "reason": "living_alone",
              "consent": "voice", "every_days": 7, "visitor": "stair_head"},
        headers=world.as_("grid_head"),
    ).json()  # fmt: skip
    result = {"result": "fine", "note": f"{mark(41, Item.VULNERABLE)}都好"}
    told = client.post(f"/api/v1/desk/visits/{plan['id']}/result", json=result, headers=world.as_("stair_head"))
    assert told.status_code in {200, 201}, told.text
    return plan["id"], list(person.values())
