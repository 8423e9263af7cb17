"""What the log may say: that something happened, where and how it went; never what was said or by whom."""

import structlog

from app import main, worker
from app.senders.console import Console
from app.settings import Settings
from tests.builders import NOTICE, secret, slip_of, slip_verb, submit, triage, verb

WORDS, NAME, PHONE = "金丝雀的话", "司徒金丝雀", "13912345678"


def test_secrets_tokens_and_words_stay_out_of_the_log(client, world, database, capsys):
    main.configure_logs(Settings(log_level="DEBUG", log_format="json"))
    try:
        receipt = submit(
            client,
            world,
            text=WORDS,
            contact={"name": NAME, "phone": PHONE},
            consent={"notice_version": NOTICE, "contact": True},
        )
        triage(client, world, receipt, redacted_text=WORDS)
        link = client.post(
            f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_of(client, world, 'property')['slip_no']}/link",
            headers=world.as_("grid_head"),
        ).json()
        slip_verb(client, world, "property", link["slip_no"], "done", text=WORDS)
        verb(client, world, "grid_head", receipt, "confirm", text=WORDS)
        verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact")
        client.get(receipt["url"])
        client.get(link["url"])
        client.get(f"/api/v1/tickets/{receipt['number']}?note={WORDS}", headers=secret(receipt))
        client.post("/api/v1/auth/token", data={"username": "grid_head", "password": WORDS})
        client.post("/api/v1/tickets", json={"text": WORDS})
        assert worker.deliver(database, Console()) > 0
    finally:
        structlog.reset_defaults()
    written = "".join(capsys.readouterr())
    assert written.count('"request_id"') >= 10
    assert "console only" in written
    token = world.tokens["grid_head"]
    kept_out = (WORDS, NAME, PHONE, receipt["secret"], receipt["url"].rsplit("/", 1)[1], link["token"], token)
    assert [word for word in kept_out if word in written] == []
