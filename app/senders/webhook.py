"""A signed webhook for a city's own systems, as Standard Webhooks describes it (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx2

from app import clock
from app.senders.base import Envelope, SendError

PATIENCE = 15.0  # seconds for a connection, and for every piece of an answer
SECRET_PREFIX = "whsec_"  # noqa: S105 -- how a signing secret begins, not a secret
_FEWEST, _MOST = 24, 64  # bytes of a signing secret
_GONE = 410
_SUCCESS = range(200, 300)

for _chatty in ("httpx2", "httpcore2"):  # their own lines quote the address, which may carry a token
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Webhook:
    """One endpoint. Whoever receives can tell ours by the signature, and a repetition by `webhook-id`."""

    name = "webhook"
    way = "webhook"
    pause = timedelta()

    def __init__(self, url: str, secret: str, *, patience: float = PATIENCE) -> None:
        """`secret`: `whsec_` and 24 to 64 bytes in base64. Raises ValueError for anything else."""
        self._url, self._key = url, signing_key(secret)
        self._client = httpx2.Client(timeout=patience, follow_redirects=False)

    def fits(self, _envelopes: Sequence[Envelope]) -> int:
        """One call each."""
        return 1

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """POSTs each notice as JSON; any 2xx is delivered, 410 is final, everything else is tried again."""
        for envelope in envelopes:
            self._post(envelope, clock.now())

    def _post(self, envelope: Envelope, now: datetime) -> None:
        data = {"to": envelope.to, "text": envelope.text, "alarm": envelope.alarm}
        told = {"type": "notice", "timestamp": now.isoformat(), "data": data}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", **signed(self._key, envelope.id, now, body)}
        try:
            status = self._client.post(self._url, content=body, headers=headers).status_code
        except httpx2.TimeoutException:
            raise SendError("no answer in time") from None
        except httpx2.HTTPError as error:
            raise SendError(type(error).__name__) from None
        if status not in _SUCCESS:
            raise SendError(f"HTTP {status}", final=status == _GONE)


def signed(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers: id, seconds since 1970, and `v1,` with the HMAC-SHA256 of id, time and body in base64."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(key, b".".join([message_id.encode(), seconds.encode(), body]), hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def signing_key(secret: str) -> bytes:
    """The bytes of a signing secret. Raises ValueError where it is not one."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not _FEWEST <= len(key) <= _MOST:
        raise ValueError("a signing secret is whsec_ and 24 to 64 bytes in base64")
    return key
