"""One real Chromium per test process. Without it these tests fail and say what to install."""

import os
import shutil
import threading
import time as wall

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from app.main import create_app

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
PHONE, SMALL_PHONE, WIDE = ({"width": w, "height": h} for w, h in ((390, 844), (360, 640), (1280, 800)))
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("no Chromium: run scripts/system-packages, or name one in CHROMIUM")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def site(app, settings, database):
    """The address of a server for a real browser; it shares its clock and its rows with `client`."""
    config = uvicorn.Config(None, host="127.0.0.1", port=0, log_level="error", access_log=False, lifespan="off")
    socket = config.bind_socket()
    address = f"http://127.0.0.1:{socket.getsockname()[1]}"
    config.app = create_app(settings.model_copy(update={"base_url": address}), database)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([socket],))
    thread.start()
    while not server.started:
        wall.sleep(0.01)
    yield address
    server.should_exit = True
    thread.join()


@pytest.fixture
def visitor(chromium, site, world):
    """Opens a page in a browser of its own, logged in where a user name is given."""
    contexts = []

    def opened(username=None, *, size=PHONE, scripts=True, **options):
        context = chromium.new_context(
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
