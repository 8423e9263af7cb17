"""Text messages against a server on this machine that checks the signature as the service documents it."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from app.senders import aliyun_sms
from app.senders.aliyun_sms import Account, AliyunSms
from app.senders.base import Envelope, SendError

ACCOUNT = Account("testkeyid", "testkeysecret", "民情码", "SMS_1")
TEXT = Envelope(
    "message-9", "报事人", "", phone="13800001234", values={"number": "270301-7K3M9Q", "what": "已办结，请您评价"}
)


class Service(BaseHTTPRequestHandler):
    """Refuses what is not signed right; otherwise answers with the next code."""

    def do_POST(self):
        query = urlsplit(self.path).query
        self.server.calls.append(dict(parse_qsl(query)))
        answer = {"RequestId": "r-1", **self.server.answers.pop(0)} if self.server.answers else {"Code": "OK"}
        if not self.is_signed(query):
            answer = {"Code": "SignatureDoesNotMatch"}
        body = answer.get("raw", json.dumps(answer)).encode()
        self.send_response(200 if answer.get("Code") == "OK" else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_signed(self, query):
        scheme, _, rest = self.headers["Authorization"].partition(" ")
        given = dict(part.split("=", 1) for part in rest.split(","))
        names = given["SignedHeaders"].split(";")
        pairs = sorted(parse_qsl(query))
        text = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
        lines = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        nothing = hashlib.sha256(b"").hexdigest()
        request = f"POST\n/\n{text}\n{lines}\n{given['SignedHeaders']}\n{nothing}"
        told = f"{scheme}\n{hashlib.sha256(request.encode()).hexdigest()}"
        mark = hmac.new(ACCOUNT.key_secret.encode(), told.encode(), hashlib.sha256).hexdigest()
        required = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"}
        return given["Signature"] == mark and given["Credential"] == ACCOUNT.key_id and required <= set(names)

    def log_message(self, *_):
        """Silent."""


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.calls, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_text_message_is_a_template_with_two_values(service, time):
    AliyunSms(service.url, ACCOUNT).send([TEXT])
    (call,) = service.calls
    assert call["PhoneNumbers"] == "13800001234"
    assert (call["SignName"], call["TemplateCode"], call["OutId"]) == ("民情码", "SMS_1", "message-9")
    assert json.loads(call["TemplateParam"]) == {"number": "270301-7K3M9Q", "what": "已办结，请您评价"}


def test_a_wrong_secret_is_noticed(service, time):
    with pytest.raises(SendError, match="SignatureDoesNotMatch"):
        AliyunSms(service.url, ACCOUNT._replace(key_secret="other")).send([TEXT])


@pytest.mark.parametrize(
    ("code", "final", "holds"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", True, False),
        ("isv.SMS_TEMPLATE_ILLEGAL", True, False),
        ("isv.BUSINESS_LIMIT_CONTROL", False, False),
        ("isp.SYSTEM_ERROR", False, False),
        ("isv.AMOUNT_NOT_ENOUGH", False, True),
        ("Throttling.User", False, True),
    ],
)
def test_refusals_are_told_apart(service, time, code, final, holds):
    service.answers.append({"Code": code, "Message": "no"})
    with pytest.raises(SendError, match=code) as caught:
        AliyunSms(service.url, ACCOUNT).send([TEXT])
    assert (caught.value.final, caught.value.hold is not None) == (final, holds)


@pytest.mark.parametrize("raw", ["", "<html>", "[]", "{}"])
def test_an_answer_that_is_none_is_tried_again(service, time, raw):
    service.answers.append({"raw": raw})
    with pytest.raises(SendError) as caught:
        AliyunSms(service.url, ACCOUNT).send([TEXT])
    assert not caught.value.final


def test_nobody_is_called_without_a_number_and_no_error_quotes_one(service, time):
    with pytest.raises(SendError) as caught:
        AliyunSms(service.url, ACCOUNT).send([TEXT._replace(phone="")])
    assert caught.value.final
    service.server_close()
    with pytest.raises(SendError) as caught:
        AliyunSms("http://127.0.0.1:9/", ACCOUNT).send([TEXT])
    assert "138" not in str(caught.value)


def test_the_signature_depends_on_everything(time):
    at = datetime(2027, 3, 1, tzinfo=UTC)
    marks = {
        aliyun_sms.signed(account, host, query, when, nonce)["Authorization"]
        for account, host, query, when, nonce in [
            (ACCOUNT, "a", {"x": "1"}, at, "n"),
            (ACCOUNT._replace(key_secret="s"), "a", {"x": "1"}, at, "n"),
            (ACCOUNT, "b", {"x": "1"}, at, "n"),
            (ACCOUNT, "a", {"x": "2"}, at, "n"),
            (ACCOUNT, "a", {"x": "1"}, at.replace(hour=2), "n"),
            (ACCOUNT, "a", {"x": "1"}, at, "m"),
        ]
    }
    assert len(marks) == 6
