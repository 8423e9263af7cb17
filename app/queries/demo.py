"""The demo compound as the operator's terminal and outside checks want it."""

from collections.abc import Sequence

from sqlmodel import col, select

from app.access import registry
from app.db import ReadSession
from app.models.place import Compound
from app.schemas.demo import DemoAccount, DemoCode, DemoView


def listing(session: ReadSession, accounts: Sequence[DemoAccount], base_url: str) -> DemoView:
    """Every active code of the demo accounts' compounds, and the accounts with their passwords."""
    ours = sorted({grant.compound for account in accounts for grant in account.grants if grant.compound})
    codes = [
        DemoCode(code=hung.code.code, url=f"{base_url}/s/{hung.code.code}", label=compound.name + hung.label)
        for compound in session.exec(select(Compound).where(col(Compound.code).in_(ours)))
        for hung in registry.active_codes(session, compound)
    ]
    return DemoView(base_url=base_url, codes=codes, accounts=list(accounts))
