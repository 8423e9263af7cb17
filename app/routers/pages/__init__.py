"""The pages of residents and slip holders: server-rendered, complete without JavaScript."""

from app.routers.pages import receipt, scan, slip

PAGES = (scan.router, receipt.router, slip.router)
