"""An error raised in a worker process arrives whole."""

from __future__ import annotations

import pickle

from bothbanks.words.errors import MissingValueError, Problem, RegionError


def test_code_and_message_arrive() -> None:
    error = pickle.loads(pickle.dumps(MissingValueError("hazard.parameter", "no stage_exponent; add it.")))
    assert (error.code, error.message) == ("hazard.parameter", "no stage_exponent; add it.")
    assert str(error) == "[hazard.parameter] no stage_exponent; add it."


def test_all_problems_arrive() -> None:
    problem = Problem("cells.csv", "line 5", "population", "'many'", "a number", "region.not-a-number")
    error = pickle.loads(pickle.dumps(RegionError([problem])))
    assert error.problems == (problem,)
    assert "line 5" in str(error)
