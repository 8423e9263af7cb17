"""A sender for tests."""

from datetime import timedelta


class Post:
    """A sender that keeps what it got, and fails as often as it is told to. It takes `most` messages in one call."""

    name = "post"
    way = "group"

    def __init__(self, *, error=None, only=None, pause=timedelta(), most=1):
        self.sent, self.calls, self.error, self.only = [], [], error, only
        self.pause, self.most = pause, most

    def fits(self, envelopes):
        return min(len(envelopes), self.most)

    def send(self, envelopes):
        if self.error and (self.only is None or any(self.only in envelope.text for envelope in envelopes)):
            raise self.error
        self.calls.append([envelope.id for envelope in envelopes])
        self.sent += envelopes
