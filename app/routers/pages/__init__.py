"""The pages of residents and slip holders: server-rendered, complete without JavaScript."""

from app.routers.pages import board, receipt, rights, scan, slip

PAGES = (scan.router, board.router, receipt.router, rights.router, slip.router)
