import doctest
import re
from pathlib import Path

from bothbanks.analysis import cooperation

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cooperation.md"


def test_every_public_name_is_on_the_reference_page() -> None:
    named = set(re.findall(r"`(?:CoalitionGame\.)?([A-Za-z_]+)", PAGE.read_text(encoding="utf-8")))
    assert sorted(set(cooperation.__all__) - named) == []


def test_public_names_are_sorted_and_exist() -> None:
    capitals_first = sorted(
        cooperation.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert cooperation.__all__ == capitals_first
    assert all(hasattr(cooperation, name) for name in cooperation.__all__)


def test_example_of_the_page_runs() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted >= 8
    assert result.failed == 0
