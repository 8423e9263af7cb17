"""The signed webhook against a real server on this machine."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.senders.base import Envelope, SendError
from app.senders.webhook import Webhook, signing_key

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NOTICE = Envelope("message-7", "绿荷苑·物业", "【绿荷苑·物业】新任务单〔通知7〕")


@pytest.fixture
def endpoint():
    """Notes every call; answers with the next status, 204 when none is left; 0 hangs up."""
    calls, statuses = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = statuses.pop(0) if statuses else 204
            if status:
                self.send_response(status)
                if status in {301, 302}:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    server.calls, server.statuses = calls, statuses
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_receiver_can_check_who_sent_it_and_when(endpoint, time):
    Webhook(endpoint.url, SECRET).send([NOTICE])
    (headers, body) = endpoint.calls[0]
    assert headers["webhook-id"] == "message-7"
    assert int(headers["webhook-timestamp"]) == int(time.at.timestamp())
    told = f"message-7.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(bytes(range(32)), told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert json.loads(body) == {
        "type": "notice",
        "timestamp": time.at.isoformat(),
        "data": {"to": NOTICE.to, "text": NOTICE.text, "alarm": False},
    }


def test_a_repetition_keeps_its_id_and_gets_a_new_time(endpoint, time):
    hook = Webhook(endpoint.url, SECRET)
    endpoint.statuses.append(503)
    with pytest.raises(SendError, match="HTTP 503"):
        hook.send([NOTICE])
    time.set(time.at.replace(minute=1))
    hook.send([NOTICE])
    (first, _), (second, _) = endpoint.calls
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "final"), [(500, False), (429, False), (400, False), (410, True), (302, False), (301, False), (0, False)]
)
def test_only_a_success_is_delivered_and_only_gone_is_final(endpoint, time, status, final):
    endpoint.statuses.append(status)
    with pytest.raises(SendError) as caught:
        Webhook(endpoint.url, SECRET).send([NOTICE])
    assert caught.value.final is final
    assert len(endpoint.calls) == 1


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", base64.b64encode(bytes(32)).decode(), "whsec_!!!!"])
def test_a_weak_or_broken_secret_is_refused(secret):
    with pytest.raises(ValueError, match="whsec_"):
        signing_key(secret)
