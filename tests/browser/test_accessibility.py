"""Every page in many states under axe (WCAG 2.2 AA and best practices), light and dark, normal and big letters."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, WIDE
from tests.builders import secret, slip_of, slip_verb, submit, triage, verb

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def pages(client, world, site):
    """The address of every page and state, by what it shows; `desk` pages are seen by the one who works there."""
    fresh = submit(client, world)
    asked = submit(client, world, category="BLD-05", text="厨房漏水")
    verb(client, world, "grid_head", asked, "need_info", question="几楼？")
    refused = submit(client, world, category="BLD-05", text="墙上有洞")
    verb(client, world, "grid_head", refused, "reject", reason="out_of_duty", text="请找开发商")
    lift = submit(client, world, category="BLD-02", text="电梯停了")
    triage(client, world, lift, redacted_text="电梯停了")
    handed = submit(client, world, category="BLD-10", text="门禁坏了")
    slip = next(
        item["slip_no"]
        for item in client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]
        if item["category"]["code"] == "BLD-10"
    )
    path = f"/api/v1/desk/tickets/{handed['number']}/slips/{slip}/link"
    link = client.post(path, headers=world.as_("grid_head")).json()["token"]
    answered = submit(client, world, category="BLD-11", text="地砖松了")
    triage(client, world, answered, redacted_text="地砖松了")
    mine = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", mine, "done", text="修好了")
    waiting = submit(client, world, category="BLD-13", text="秋千断了")
    triage(client, world, waiting, redacted_text="秋千断了")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="换好了")
    verb(client, world, "grid_head", answered, "confirm", text="修好了")
    shut = submit(client, world, category="BLD-10", text="门铃不响")
    client.post(f"/api/v1/tickets/{shut['number']}/withdrawal", json={}, headers=secret(shut))
    rated = client.get(f"/api/v1/tickets/{answered['number']}", headers=secret(answered)).json()
    assert rated["status"] == "answered"
    return {
        "scan": (None, f"/S/{world.code}"),
        "unknown code": (None, "/S/ZZZZZZZZ"),
        "receipt, new": (None, f"{fresh['url']}?new=1"),
        "receipt, question": (None, asked["url"]),
        "receipt, refused": (None, refused["url"]),
        "receipt, to rate": (None, answered["url"]),
        "receipt, withdrawn": (None, shut["url"]),
        "my data": (None, f"{asked['url']}/data"),
        "erase my data": (None, f"{asked['url']}/data/erase"),
        "board": (None, f"/board/{world.compound}"),
        "slip link": (None, f"/slip/{link}"),
        "login": (None, "/desk/login"),
        "queue": ("grid_head", "/desk"),
        "queue, empty": ("police", "/desk"),
        "ticket, new": ("grid_head", f"/desk/tickets/{fresh['number']}"),
        "ticket, at work": ("grid_head", f"/desk/tickets/{lift['number']}"),
        "ticket, to check": ("grid_head", f"/desk/tickets/{waiting['number']}"),
        "ticket, another side": ("property", f"/desk/tickets/{lift['number']}"),
        "ticket, secretary": ("committee_secretary", f"/desk/tickets/{refused['number']}"),
        "slips": ("property", "/desk/slips"),
        "slip": ("property", f"/desk/slips/{slip}"),
        "registry": ("admin", "/desk/registry"),
        "compound": ("committee_secretary", f"/desk/compounds/{world.compound}"),
        "codes": ("grid_head", "/desk/codes"),
        "codes of a compound": ("grid_head", f"/desk/codes?compound={world.compound}"),
        "map": ("grid_head", "/desk/map"),
        "checklist": ("admin", f"/desk/onboarding?compound={world.compound}"),
        "choosing several": ("grid_head", "/desk/select"),
        "several": ("grid_head", f"/desk/together?number={fresh['number']}&number={lift['number']}"),
        "ticket on paper": ("grid_head", f"/desk/print?number={lift['number']}"),
        "ticket, just triaged": ("grid_head", f"/desk/tickets/{waiting['number']}?ok=triage"),
        "card": (None, f"/card/{world.code}"),
    }


@pytest.mark.full
@pytest.mark.parametrize("size", ["normal", "big"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(visitor, pages, scheme, size):
    found = {}
    for viewport in (PHONE, WIDE) if (scheme, size) == ("light", "normal") else (PHONE,):
        for name, (who, path) in pages.items():
            page = visitor(who, size=viewport, color_scheme=scheme)
            page.goto(
                urlsplit(path)._replace(scheme="", netloc="").geturl() + f"{'&' if '?' in path else '?'}size={size}"
            )
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
            broken = Axe().run(page, options=RULES).response["violations"]
            if broken:
                found[f"{name}, {viewport['width']}"] = [
                    (rule["id"], [node["html"][:160] for node in rule["nodes"]][:3]) for rule in broken
                ]
            page.context.close()
    assert not found
