"""A resident's phone on a bad network: what is done with it, and what lies on it afterwards."""

import pytest
from playwright.sync_api import expect

UPLOADS = "**/api/v1/uploads"
ON_THE_SHELF = """() => new Promise((done) => {
  const call = indexedDB.open("mq", 1);
  call.onupgradeneeded = () => call.result.createObjectStore("photos", { keyPath: "key" });
  call.onsuccess = () => {
    const all = call.result.transaction("photos").objectStore("photos").getAll();
    all.onsuccess = () => { call.result.close(); done(all.result.map((one) => one.draft)); };
  };
})"""


def scan(visitor, world, **options):
    page = visitor(**options)
    page.goto(f"/s/{world.code}")
    return page


def submitted(page):
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*")
    return page.locator(".number").first.inner_text()


def tickets(client, world):
    return client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]


def chosen_without_a_network(page, *photos):
    page.context.set_offline(True)
    page.set_input_files("[data-photos] >> nth=0", photos)
    for n in range(len(photos)):
        expect(page.get_by_text(f"第 {n + 1} 张，没有网络，有网会再传")).to_be_visible()
    wait_for_the_shelf(page, len(photos))


def wait_for_the_shelf(page, photos):
    for _ in range(50):
        if len(page.evaluate(ON_THE_SHELF)) == photos:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not {photos} photos are kept")
