"""Everybody tries everything, and looks everywhere: no answer shows a person whom the matrix does not show."""

import shutil
from datetime import timedelta

from fastapi.testclient import TestClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import select

from app.access import upkeep
from app.db import Database
from app.main import create_app
from app.models.access_log import AccessLog
from app.models.slip import Slip
from app.routers.deps import DESK_COOKIE
from app.rules.vocabulary import Role
from app.vault import Vault, keyring_from
from tests.builders import MONDAY, NOTICE, build_world, key, phoned, secret, submit

CATEGORIES = ("BLD-05", "BLD-09", "NOI-01", "GOV-01", "GOV-05", "GOV-08", "SAF-01", "ILL-02", "SVC-03")
FIELDS = ("name", "phone", "room", "text", "photos", "beneficiary_name", "beneficiary_phone", "beneficiary_room")
PURPOSES = ("contact", "visit", "verify", "callback", "rights", "supervise")
LEADS = ("property", "police", "urban_mgmt", "stair_head", "self_mgmt_group", "grid_head")
STAFF = tuple(role.value for role in Role)
LIKELY = ("grid_head", "grid_head", "grid_head2", "property", "self_mgmt_head", *STAFF)
"""Everybody, and those more often to whom something is given at all."""
WATCHED = ("grid_head", "property", "self_mgmt_group", "police", "committee_secretary", "community", "street", "admin")
FIRST = (
    {"category": "BLD-05", "address": True, "minor": False, "avoid": [], "by_phone": False},
    {"category": "NOI-01", "address": False, "minor": False, "avoid": [], "by_phone": True},
    {"category": "SAF-01", "address": False, "minor": True, "avoid": ["property"], "by_phone": False},
)
EVERYWHERE = (
    "/api/v1/desk/tickets",
    "/api/v1/slips",
    "/api/v1/access-log",
    "/api/v1/desk/reveal_requests",
    "/api/v1/desk/calls",
    "/desk",
    "/desk/slips",
    "/desk/log",
    "/desk/calls",
    "/api/v1/desk/inbox",
    "/desk/inbox",
)
BODIES = {
    "triage": {"complexity": "complex", "redacted_text": "请尽快处理"},
    "reply": {"kind": "result", "text": "好了"},
    "confirm": {"text": "好了"},
    "reject": {"reason": "test_or_empty", "text": "请写清楚"},
    "need_info": {"question": "几楼？"},
    "escalate": {"reason": "没人管"},
    "answer": {"text": "好"},
}


class Canaries:
    """What one reporter left and said; none of it may be read where it does not belong."""

    def __init__(self, number: int) -> None:
        self.name = f"欧阳金丝雀{chr(0x4E10 + number)}"
        self.phone = f"139{number:04d}7531"
        self.room = f"{8200 + number}室"
        self.said = f"158{number:04d}8642"

    def all(self):
        return {"name": self.name, "phone": self.phone, "room": self.room, "text": self.said}


class Everybody(RuleBasedStateMachine):
    """Tickets of one compound; `settings_`, `template`, `keys`, `clock` are set by the test that runs it."""

    def __init__(self):
        super().__init__()
        self.runs = getattr(type(self), "runs_so_far", 0) + 1
        type(self).runs_so_far = self.runs
        self.path = self.settings_.data_dir / f"canaries-{self.runs}.db"
        shutil.copy(self.template, self.path)
        self.clock.set(MONDAY)
        self.database = Database(f"sqlite:///{self.path}", Vault(keyring_from(self.keys)))
        self.world = build_world(self.database)
        build_world(self.database, compound="QTY", name="清泰苑")
        self.client = TestClient(create_app(self.settings_, self.database), raise_server_exceptions=False)
        self.tickets = []  # (receipt, canaries)
        self.given = self.refused = 0
        self.turn = 0

    def teardown(self):
        for who in WATCHED:
            self.looks_around(who, len(self.tickets))
        with self.database.read() as session:
            assert list(upkeep.broken_links(session)) == []
        self.client.close()
        self.database.close()
        raw = self.path.read_bytes()
        for canary in self.canaries():
            assert canary.encode() not in raw

    # What happens

    @initialize()
    def three_matters_are_under_way(self):
        for form, lead in zip(FIRST, ("urban_mgmt", "stair_head", "police"), strict=True):
            self.reports(**form)
            path = f"/api/v1/desk/tickets/{self.tickets[-1][0]['number']}"
            category = {"category": form["category"]}
            self.clean(self.post(f"{path}/triage", "grid_head", BODIES["triage"] | category))
            self.clean(self.post(f"{path}/assign", "grid_head", {"lead": lead}))
        first, _, third = self.tickets
        assert self.look(*first, "grid_head", ["name", "phone", "room", "text"]) == 200
        [slip] = [slip for slip in self.slips() if slip.role == "urban_mgmt"]
        assert self.grant(*first, slip, "grid_head", "consent") == 201
        assert self.ask_for_the_door(first[1], slip, "urban_mgmt") == 200
        assert self.look(*third, "grid_head", ["room"]) == 403
        [asked] = self.get("/api/v1/desk/reveal_requests", "committee_secretary").json()["items"]
        self.clean(self.post(f"/api/v1/desk/reveal_requests/{asked['id']}/approve", "committee_secretary", None))
        assert self.look(*third, "grid_head", ["room"]) == 200

    @rule(
        category=st.sampled_from(CATEGORIES),
        address=st.booleans(),
        minor=st.booleans(),
        avoid=st.sampled_from([[], ["property"], ["grid_head"]]),
        by_phone=st.booleans(),
    )
    def somebody_reports(self, category, address, minor, avoid, by_phone):
        if len(self.tickets) < 5:
            self.reports(category, address, minor, avoid, by_phone)

    def reports(self, category, address, minor, avoid, by_phone):
        canaries = Canaries(len(self.tickets))
        contact = {"room": canaries.room} | ({} if minor else {"name": canaries.name, "phone": canaries.phone})
        form = {
            "category": category,
            "text": f"出了点事，电话{canaries.said}",
            "spot": f"{canaries.room}门口",
            "contact": contact,
            "avoid": avoid,
            "consent": {"notice_version": NOTICE, "contact": True, "address": address},
            "minor": minor,
        }
        receipt = phoned(self.client, self.world, **form) if by_phone else submit(self.client, self.world, **form)
        self.tickets.append((receipt, canaries))

    @rule(data=st.data(), who=st.sampled_from(STAFF), verb=st.sampled_from(sorted(BODIES)))
    def somebody_does_something_at_the_desk(self, data, who, verb):
        receipt, _ = data.draw(st.sampled_from(self.tickets))
        body = BODIES[verb] | ({"category": receipt["category"]["code"]} if verb == "triage" else {})
        self.clean(self.post(f"/api/v1/desk/tickets/{receipt['number']}/{verb}", who, body))

    @rule(data=st.data(), who=st.sampled_from(("grid_head", "committee_secretary")), lead=st.sampled_from(LEADS))
    def somebody_assigns(self, data, who, lead):
        receipt, canaries = data.draw(st.sampled_from(self.tickets))
        body = {"lead": lead, "ask": f"先打{canaries.phone}"}
        self.clean(self.post(f"/api/v1/desk/tickets/{receipt['number']}/assign", who, body))

    @rule(
        data=st.data(),
        who=st.sampled_from(LIKELY),
        fields=st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True),
        purpose=st.sampled_from(PURPOSES),
    )
    def somebody_looks(self, data, who, fields, purpose):
        receipt, canaries = data.draw(st.sampled_from(self.tickets))
        self.look(receipt, canaries, who, fields, purpose)

    def look(self, receipt, canaries, who, fields, purpose="verify"):
        form = {"fields": fields, "purpose": purpose}
        answer = self.post(f"/api/v1/desk/tickets/{receipt['number']}/reveal", who, form)
        self.given += answer.status_code == 200
        self.refused += answer.status_code == 403
        asked = {canary for field, canary in canaries.all().items() if field in fields}
        self.clean(answer, besides=asked if answer.status_code == 200 else set())
        assert answer.status_code != 200 or set(answer.json()) <= set(fields)
        return answer.status_code

    @rule(
        data=st.data(),
        who=st.sampled_from(("grid_head", "grid_head", "committee_secretary", "property")),
        basis=st.sampled_from(("consent", "emergency")),
    )
    def somebody_grants_a_door(self, data, who, basis):
        slip, receipt, canaries = self.some_slip(data)
        if slip:
            self.grant(receipt, canaries, slip, who, basis)

    def grant(self, receipt, canaries, slip, who, basis):
        path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip.slip_no}/address_grant"
        answer = self.post(path, who, {"hours": 24, "reason": f"找{canaries.phone}", "basis": basis})
        self.clean(answer)
        return answer.status_code

    @rule(data=st.data(), who=st.sampled_from(("", "", *STAFF)))
    def somebody_asks_for_the_door(self, data, who):
        slip, _, canaries = self.some_slip(data)
        if slip:
            self.ask_for_the_door(canaries, slip, who or slip.role)

    def ask_for_the_door(self, canaries, slip, who):
        answer = self.post(f"/api/v1/slips/{slip.slip_no}/address", who, None)
        self.given += answer.status_code == 200
        self.refused += answer.status_code == 403 and who == slip.role
        self.clean(answer, besides={canaries.room} if answer.status_code == 200 else set())
        return answer.status_code

    @rule(
        data=st.data(),
        outcome=st.sampled_from(("approve", "refuse")),
        who=st.sampled_from(("committee_secretary", "committee_secretary", *STAFF)),
    )
    def somebody_decides_about_a_minor(self, data, outcome, who):
        listed = self.get("/api/v1/desk/reveal_requests", "committee_secretary").json()["items"]
        if listed:
            asked = data.draw(st.sampled_from(listed))
            self.clean(self.post(f"/api/v1/desk/reveal_requests/{asked['id']}/{outcome}", who, None))

    @rule(data=st.data(), what=st.sampled_from(("erase", "restrict", "lift", "no contact", "no address", "withdraw")))
    def the_reporter_uses_a_right(self, data, what):
        receipt, _ = data.draw(st.sampled_from(self.tickets))
        path = f"/api/v1/tickets/{receipt['number']}"
        call = {
            "erase": ("DELETE", f"{path}/data", None),
            "restrict": ("POST", f"{path}/data/restriction", {"on": True}),
            "lift": ("POST", f"{path}/data/restriction", {"on": False}),
            "no contact": ("POST", f"{path}/data/consent", {"withdraw": ["contact"]}),
            "no address": ("POST", f"{path}/data/consent", {"withdraw": ["address"]}),
            "withdraw": ("POST", f"{path}/withdrawal", None),
        }[what]
        answer = self.client.request(call[0], call[1], json=call[2], headers=secret(receipt))
        assert answer.status_code in {200, 201, 409}, answer.text

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.clock.set(self.clock.at + timedelta(hours=hours))

    # What must hold

    @invariant()
    def the_next_role_looks_around_and_sees_no_person(self):
        self.turn += 1
        self.looks_around(STAFF[self.turn % len(STAFF)], 1)

    @invariant()
    def every_look_that_was_given_or_refused_is_a_line(self):
        with self.database.read() as session:
            lines = session.exec(select(AccessLog.result).execution_options(scope="test")).all()
        assert (lines.count("given"), lines.count("refused")) == (self.given, self.refused)

    def looks_around(self, who, most):
        """Every list, and in turn some of the tickets and slips."""
        several = self.turn % max(1, len(self.tickets))
        slips = [f"/api/v1/slips/{slip.slip_no}" for slip in self.slips()][-2 * most :]
        numbers = [receipt["number"] for receipt, _ in self.tickets][several:][:most]
        pages = [path for number in numbers for path in (f"/api/v1/desk/tickets/{number}", f"/desk/tickets/{number}")]
        guessed = [f"/api/v1/tickets/{number}{more}" for number in numbers for more in ("", "/data")]
        for path in (*EVERYWHERE, *pages, *slips, *guessed):
            self.clean(self.get(path, who))
        self.clean(self.get("/api/v1/desk/tickets", "grid_head_QTY"))

    # Means

    def clean(self, answer, besides=frozenset()):
        assert answer.status_code < 500, answer.text
        found = [canary for canary in self.canaries() if canary in answer.text and canary not in besides]
        assert found == [], (answer.request.method, answer.request.url, found)

    def canaries(self):
        return [canary for _, canaries in self.tickets for canary in canaries.all().values()]

    def slips(self):
        with self.database.read() as session:
            return list(session.exec(select(Slip).order_by(Slip.id).execution_options(scope="test")))

    def some_slip(self, data):
        """A slip of one of the tickets, with its ticket; or nothing, while there is none."""
        listed = {}
        for receipt, canaries in self.tickets:
            seen = self.get(f"/api/v1/desk/tickets/{receipt['number']}", "committee_secretary").json()
            listed |= {slip["slip_no"]: (receipt, canaries) for slip in seen.get("slips", [])}
        known = [slip for slip in self.slips() if slip.slip_no in listed]
        if not known:
            return None, None, None
        slip = data.draw(st.sampled_from(known), label="slip")
        return slip, *listed[slip.slip_no]

    def get(self, path, who):
        self.client.cookies.set(DESK_COOKIE, self.world.tokens.get(who, f"token-of-{who}"), path="/desk")
        headers = {"Authorization": f"Bearer token-of-{who}"} if path.startswith("/api/") else {}
        answer = self.client.get(path, headers=headers | {"accept": "*/*"})
        self.client.cookies.clear()
        return answer

    def post(self, path, who, body):
        return self.client.post(path, json=body, headers=self.world.as_(who) | key())
