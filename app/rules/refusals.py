"""What is said when something cannot be done, out of app/catalogue/refusals.yaml."""

from functools import cache
from importlib.resources import files

import yaml


@cache
def sentences() -> dict[str, str]:
    """Every sentence by its key."""
    text = files("app").joinpath("catalogue", "refusals.yaml").read_text("utf-8")
    return {str(key): str(sentence) for key, sentence in yaml.safe_load(text).items()}


def say(key: str, **values: object) -> str:
    """The sentence with its {names} filled in. Raises KeyError for a key that has none."""
    return sentences()[key].format(**values)
