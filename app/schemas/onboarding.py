"""开通清单: what a compound still needs before its residents can scan."""

from app.rules.onboarding import Progress, Step
from app.rules.vocabulary import Role
from app.schemas.base import View


class StepView(View):
    """How far a step is: `done` of `whole`. `roles`: the offices that nobody holds, or nobody can log in as."""

    step: Step
    progress: Progress
    done: int
    whole: int
    roles: list[Role] = []


class OnboardingView(View):
    """The five steps in their order, and how many are left."""

    compound: str
    name: str
    left: int
    steps: list[StepView]
