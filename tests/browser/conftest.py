"""One real Chromium per test process. Without it these tests fail and say what to install."""

import os
import shutil
import threading
import time as wall

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from app.main import attach, create_app
from app.settings import Settings
from tests.builders import slip_of, submit, triage

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
PHONE, SMALL_PHONE, WIDE = ({"width": w, "height": h} for w, h in ((390, 844), (360, 640), (1280, 800)))
with_and_without_scripts = pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.full)], ids=["with scripts", "without scripts"]
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
TWICE_AS_LARGE = "--blink-settings=defaultFontSize=32"  # what a phone does whose owner set its letters to 200 %


@pytest.fixture(scope="session")
def launched():
    """Starts a Chromium with more flags; each is started once."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("no Chromium: run scripts/system-packages, or name one in CHROMIUM")
    browsers = {}
    with sync_playwright() as driver:

        def launch(*flags):
            if flags not in browsers:
                browsers[flags] = driver.chromium.launch(executable_path=program, args=[*FLAGS.split(), *flags])
            return browsers[flags]

        yield launch
        for browser in browsers.values():
            browser.close()


@pytest.fixture(scope="session")
def chromium(launched):
    return launched()


@pytest.fixture(scope="session")
def server(tmp_path_factory, sqlite_engines):
    """One server per worker for a real browser: its address, and the application that tests attach to their rows."""
    config = uvicorn.Config(None, host="127.0.0.1", port=0, log_level="error", access_log=False, lifespan="off")
    socket = config.bind_socket()
    address = f"http://127.0.0.1:{socket.getsockname()[1]}"
    settings = Settings(data_dir=tmp_path_factory.mktemp("server"), base_url=address, worker="off", log_level="ERROR")
    config.app = create_app(settings, sqlite_engines[0])
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([socket],))
    thread.start()
    while not server.started:
        wall.sleep(0.01)
    yield address, config.app
    server.should_exit = True
    thread.join()


@pytest.fixture
def site(server, settings, database):
    """The address of a server for a real browser; it shares its clock and its rows with `client`."""
    address, app = server
    attach(app, Settings(**(settings.model_dump() | {"base_url": address})), database)
    return address


@pytest.fixture
def visitor(launched, site, world):
    """Opens a page in a browser of its own, logged in where a user name is given; `letters` is 100 or 200 per cent."""
    contexts = []

    def opened(username=None, *, size=PHONE, scripts=True, letters=100, **options):
        browser = launched(TWICE_AS_LARGE) if letters == 200 else launched()
        context = browser.new_context(
            viewport=size, java_script_enabled=scripts, base_url=site, locale="zh-CN", **options
        )
        contexts.append(context)
        if username:
            cookie = {"name": "mq_desk", "value": world.tokens[username], "domain": "127.0.0.1", "path": "/desk"}
            context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def small_photo(tmp_path):
    path = tmp_path / "small.jpg"
    Image.new("RGB", (640, 480), "green").save(path)
    return path


@pytest.fixture
def slip_path(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    slip = slip_of(client, world, "property")["slip_no"]
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip}/link"
    link = client.post(path, headers=world.as_("grid_head")).json()["url"]
    return link.removeprefix("http://testserver"), receipt
