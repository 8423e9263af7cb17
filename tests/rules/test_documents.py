"""Pages that are made from tables say what the tables say now."""

from pathlib import Path

import pytest

from app.rules.documents import DOCUMENTS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_page_in_docs_is_what_the_command_would_write(name):
    assert (DOCS / name).read_text("utf-8") == DOCUMENTS[name](), "run `python -m app docs`"
