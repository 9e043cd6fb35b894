"""The reference page names every public name, and its example runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from bothbanks.analysis import measures

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "measures.md"


def test_every_public_name_is_on_the_page_and_in_order() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert sorted(set(measures.__all__) - named) == []
    assert measures.__all__ == sorted(measures.__all__)
    assert all(hasattr(measures, name) for name in measures.__all__)


def test_the_example_on_the_page_runs() -> None:
    failed, tried = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert (failed, tried > 5) == (0, True)
