"""Every page and state as an eye and a thumb meet it: phone and desk, light and dark, letters of 100 % and 200 %.

`make screenshots` keeps the pictures in ./screenshots, for people to look at.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, SMALL_PHONE, WIDE
from tests.browser.seeing import findings, unfold
from tests.browser.test_accessibility import pages  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.browser, pytest.mark.full]
PICTURES = os.environ.get("SCREENSHOTS")
NORMAL_TARGET, ELDER_TARGET, ELDER_LETTERS = 44, 60, 18
LOOKS = {
    "phone": {"size": PHONE},
    "phone, dark": {"size": PHONE, "color_scheme": "dark"},
    "phone, elder": {"size": PHONE, "elder": True},
    "phone, elder, dark": {"size": PHONE, "elder": True, "color_scheme": "dark"},
    "small phone": {"size": SMALL_PHONE},
    "small phone, letters of 200 %": {"size": SMALL_PHONE, "letters": 200},
    "wide": {"size": WIDE},
    "wide, dark, letters of 200 %": {"size": WIDE, "letters": 200, "color_scheme": "dark"},
    "phone, without scripts": {"size": PHONE, "scripts": False},
}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def local(address, **query):
    asked = "".join(
        f"{'&' if '?' in address or n else '?'}{name}={value}" for n, (name, value) in enumerate(query.items())
    )
    return urlsplit(address)._replace(scheme="", netloc="").geturl() + asked


def keep_picture(page, look, name):
    folder = Path(PICTURES) / re.sub(r"\W+", "-", look)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_cut_off_too_small_or_in_the_way(visitor, pages, look):  # noqa: F811
    options = dict(LOOKS[look])
    elder = options.pop("elder", False)
    found = {}
    for name, (who, path) in pages.items():
        page = visitor(who, **options)
        page.goto(local(path, size="big" if elder else "normal"))
        if PICTURES:
            keep_picture(page, look, name)
        unfold(page)
        resident = who is None
        least = ELDER_TARGET if elder and resident else NORMAL_TARGET if resident else 40
        wrong = findings(page, least_target=least, least_letters=ELDER_LETTERS if elder and resident else 0)
        if elder and resident:
            rules = {"runOnly": ["color-contrast-enhanced"]}
            wrong += [
                f"faint: {node['html'][:100]} {node['any'][0]['message'][:120]}"
                for rule in Axe().run(page, options=rules).response["violations"]
                for node in rule["nodes"]
            ]
        if wrong:
            found[name] = wrong[:8]
        page.context.close()
    assert not found, "\n".join(f"{name}: {one}" for name, several in found.items() for one in several)
