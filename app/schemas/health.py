"""What the health routes say."""

from typing import Literal

from app.schemas.base import View


class HealthView(View):
    status: Literal["ok"]
