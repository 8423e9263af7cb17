"""The WeCom (企业微信) group robot: text into one group chat, at a pace that the robot bears."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx2

from app.senders.base import Envelope, SendError

MOST_BYTES = 2048
MOST_LINES = 20
# Twenty calls a minute are allowed, which is one in three seconds. The margin absorbs calls that arrive unevenly late.
PAUSE = timedelta(seconds=3.15)
REST = timedelta(minutes=1)
PATIENCE = 10.0  # seconds for a connection, and for every piece of an answer
_OVER_THE_LIMIT = 45009
# Bad type, bad parameter, empty, too long: the same words would be refused again.
_FINAL = frozenset({40008, 40058, 44004, 45002})
_MORE = "…"

for _chatty in ("httpx2", "httpcore2"):  # their own lines quote the address, and the key is part of it
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class WeCom:
    """One robot. Its key is a bearer secret: it is in the query of every call, and in no message of ours."""

    name = "wecom"
    way = "group"

    def __init__(
        self, url: str, key: str, heading: str, *, pause: timedelta = PAUSE, patience: float = PATIENCE
    ) -> None:
        """`heading` stands above several notices in one, with a {count}."""
        self.pause = pause
        self._url, self._key, self._heading = url, key, heading
        self._client = httpx2.Client(timeout=patience)

    def fits(self, envelopes: Sequence[Envelope]) -> int:
        """As many as 2,048 bytes hold; alarms do not share a message with what can wait."""
        count = 1
        while (
            count < min(len(envelopes), MOST_LINES)
            and envelopes[count].alarm == envelopes[0].alarm
            and len(self._words(envelopes[: count + 1]).encode()) <= MOST_BYTES
        ):
            count += 1
        return count

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """One text message; one that is too long alone is cut on a character's border."""
        text: dict[str, Any] = {"content": clamp(self._words(envelopes))}
        if envelopes[0].alarm:
            text["mentioned_list"] = ["@all"]
        code = self._call({"msgtype": "text", "text": text})
        if code == _OVER_THE_LIMIT:
            raise SendError(f"errcode {code}", hold=REST)
        if code:
            raise SendError(f"errcode {code}", final=code in _FINAL)

    def _words(self, envelopes: Sequence[Envelope]) -> str:
        if len(envelopes) == 1:
            return envelopes[0].text
        return "\n".join([self._heading.format(count=len(envelopes)), *(envelope.text for envelope in envelopes)])

    def _call(self, body: dict[str, Any]) -> int:
        """The robot's error code, 0 for delivered. What the library says is dropped: it may quote the address."""
        try:
            answer = self._client.post(self._url, params={"key": self._key}, json=body)
        except httpx2.TimeoutException:
            raise SendError("no answer in time") from None
        except httpx2.HTTPError as error:
            raise SendError(type(error).__name__) from None
        if answer.status_code != httpx2.codes.OK:
            raise SendError(f"HTTP {answer.status_code}")
        try:
            return int(answer.json()["errcode"])
        except (ValueError, KeyError, TypeError):
            raise SendError("an answer that is none") from None


def clamp(text: str, most: int = MOST_BYTES) -> str:
    """At most so many bytes of UTF-8, cut on a character's border, with an ellipsis where anything is missing."""
    whole = text.encode()
    if len(whole) <= most:
        return text
    return whole[: most - len(_MORE.encode())].decode(errors="ignore") + _MORE
