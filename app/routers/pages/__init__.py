"""The pages of residents and slip holders: server-rendered, complete without JavaScript."""

from app.routers.pages import board, card, receipt, rights, scan, slip

PAGES = (scan.router, board.router, card.router, receipt.router, rights.router, slip.router)
