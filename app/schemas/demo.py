"""What the demo compound offers to people who try the product out."""

from app.rules.vocabulary import Role
from app.schemas.base import View


class DemoGrant(View):
    """`compound` is null for the system administrator."""

    compound: str | None
    role: Role


class DemoAccount(View):
    """A demo login. Its password is derived from the seed and shown to the operator only."""

    username: str
    password: str
    name: str
    grants: list[DemoGrant]


class DemoCode(View):
    """A code to scan and the address that it opens."""

    code: str
    url: str
    label: str


class DemoView(View):
    """`python -m app demo --json`."""

    base_url: str
    codes: list[DemoCode]
    accounts: list[DemoAccount]
