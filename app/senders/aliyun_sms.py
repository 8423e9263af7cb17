"""Text messages by Aliyun's short message service (Dysmsapi 2017-05-25, action SendSms, signature ACS3-HMAC-SHA256).

In China a text message is an approved template with a few values filled in: ours takes `number`, the ticket's number,
and `what`, what happened to it. No name and nothing that anybody wrote goes out.
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import httpx2

from app import clock
from app.senders.base import Envelope, SendError

ACTION, VERSION, ALGORITHM = "SendSms", "2017-05-25", "ACS3-HMAC-SHA256"
PATIENCE = 10.0
REST = timedelta(minutes=1)
_NO_BODY = hashlib.sha256(b"").hexdigest()
# The same message would be refused again: a bad number, a black-listed one, a bad template or signature name.
_FINAL = frozenset(
    {
        "isv.MOBILE_NUMBER_ILLEGAL",
        "isv.BLACK_KEY_CONTROL_LIMIT",
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.TEMPLATE_MISSING_PARAMETERS",
        "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.INVALID_PARAMETERS",
        "isv.PARAM_LENGTH_LIMIT",
    }
)
# The way out is blocked for everybody: the account is in arrears or over its pace.
_BLOCKED = frozenset({"isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "Throttling", "Throttling.User"})

for _chatty in ("httpx2", "httpcore2"):  # their own lines quote the address, and the number is part of it
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Account(NamedTuple):
    """The access key, and the approved signature name and template code."""

    key_id: str
    key_secret: str
    sign_name: str
    template: str


class AliyunSms:
    """One account. A number is handed over for the call and kept nowhere."""

    name = "sms"
    way = "sms"
    pause = timedelta()

    def __init__(self, url: str, account: Account, *, patience: float = PATIENCE) -> None:
        self._url, self._account = url, account
        self._client = httpx2.Client(timeout=patience)

    def fits(self, _envelopes: Sequence[Envelope]) -> int:
        """One call for each: every number gets its own ticket's words."""
        return 1

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """One text message for each. A message without a phone is final: there is nobody to send it to."""
        for envelope in envelopes:
            if not envelope.phone:
                raise SendError("no phone", final=True)
            code = self._call(envelope, clock.now())
            if code != "OK":
                raise SendError(code, final=code in _FINAL, hold=REST if code in _BLOCKED else None)

    def _call(self, envelope: Envelope, now: datetime) -> str:
        """The service's code, `OK` for taken over."""
        query = {
            "OutId": envelope.id,
            "PhoneNumbers": envelope.phone,
            "SignName": self._account.sign_name,
            "TemplateCode": self._account.template,
            "TemplateParam": json.dumps(dict(envelope.values), ensure_ascii=False, separators=(",", ":")),
        }
        headers = signed(self._account, urlsplit(self._url).netloc, query, now, secrets.token_hex(16))
        address = f"{self._url}?{canonical(query)}"
        try:
            answer = self._client.post(address, headers=headers)
        except httpx2.TimeoutException:
            raise SendError("no answer in time") from None
        except httpx2.HTTPError as error:
            raise SendError(type(error).__name__) from None
        try:
            return str(answer.json()["Code"])
        except (ValueError, KeyError, TypeError):
            raise SendError(f"HTTP {answer.status_code}, an answer that is none") from None


def canonical(query: dict[str, str]) -> str:
    """The query as it is signed and sent: sorted, percent-encoded as RFC 3986 says."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))


def signed(account: Account, host: str, query: dict[str, str], at: datetime, nonce: str) -> dict[str, str]:
    """The headers of a call, `Authorization` among them."""
    headers = {
        "host": host,
        "x-acs-action": ACTION,
        "x-acs-content-sha256": _NO_BODY,
        "x-acs-date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(["POST", "/", canonical(query), lines, names, _NO_BODY])
    told = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    mark = hmac.new(account.key_secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    return headers | {
        "Authorization": f"{ALGORITHM} Credential={account.key_id},SignedHeaders={names},Signature={mark}"
    }
