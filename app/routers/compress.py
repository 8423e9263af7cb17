"""Fewer bytes on a bad lift-shaft network, where nothing secret shares the answer with what a stranger can choose."""

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

_PUBLIC = re.compile(r"^/(static/.+|s/[^/]+|board/[^/]+|card/[^/]+|openapi\.json|docs)$", re.IGNORECASE)


class CompressPublic(GZipMiddleware):
    """Gzip for static files and the pages of the wall. Private answers stay as they are: a compressed length tells
    something about the text beside what an attacker could put into it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET" and _PUBLIC.match(scope["path"]):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
