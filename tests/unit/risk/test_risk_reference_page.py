"""The reference page names every public name, and its example runs."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

from bothbanks.analysis import risk

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "risk-engine.md"


def test_every_public_name_is_on_the_reference_page() -> None:
    named = set(re.findall(r"`([A-Za-z_]+)", PAGE.read_text(encoding="utf-8")))
    assert sorted(set(risk.__all__) - named) == []


def test_public_names_are_sorted_and_exist() -> None:
    assert risk.__all__ == sorted(risk.__all__)
    assert all(hasattr(risk, name) for name in risk.__all__)


def test_example_of_the_page_runs() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert result.attempted >= 8
    assert result.failed == 0


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, bothbanks.analysis.risk; print(*{'numpy', 'scipy', 'numba', 'SALib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
