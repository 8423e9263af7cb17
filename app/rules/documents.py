"""The pages of docs/ that are made from tables of the rules: one line each, written by `python -m app docs`."""

from collections.abc import Callable, Mapping

from app.rules import data_map, figures, states

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "figures.md": figures.document,
    "privacy.md": data_map.document,
    "states.md": states.document,
}
