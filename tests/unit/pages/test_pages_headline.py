"""The headline: the finding and its catch, and no promise that the findings do not hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import findings_fixture as made
import numpy as np
import pytest

from bothbanks.analysis.findings import Findings, GameFinding, Interval
from bothbanks.pages.context import Context
from bothbanks.pages.headline import headline
from bothbanks.pages.language import Language, available
from bothbanks.pages.matrix import matrix, state_of


def say(findings: Findings, code: str = "en") -> tuple[str, str]:
    found = headline(Context(findings, Language.load(code, ("en", "de"))))
    return _plain(found.sentence), _plain(" ".join(str(s) for s in found.lede))


def _plain(text: Any) -> str:
    import re
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", str(text))).replace("\u00a0", " ")


def with_game(**changes: Any) -> Findings:
    f = made.findings()
    game = f.cases[0].game
    assert game is not None
    return replace(f, cases=(replace(f.cases[0], game=replace(game, **changes)), *f.cases[1:]))


def rules(**changes: Any) -> tuple[Any, ...]:
    first, *rest = made.game().rules
    return (replace(first, **changes), *rest)


def test_gain_and_the_member_that_loses_stand_in_one_breath() -> None:
    sentence, lede = say(made.findings())
    assert (
        sentence == "Acting together saves the three members €90 million over 50 years. Upper Brook loses "
        "unless the others pay."
    )
    assert "Between €42 million and €170 million" in lede
    assert "€78 million of it (87%) crosses a national border; the other €12 million" in lede


def test_nobody_does_better_by_leaving_only_when_both_conventions_hold() -> None:
    assert "Nobody does better by leaving" in say(made.findings())[1]
    gamma_only = say(with_game(rules=rules(in_core_delta=False)))[1]
    assert "Nobody" not in gamma_only
    assert "if the others then fall apart" in gamma_only
    assert "But if the others carry on without it, Lower Brook would do better" in gamma_only
    neither = say(with_game(rules=rules(in_core_gamma=False, in_core_delta=False)))[1]
    assert "Nobody" not in neither
    assert "Upper Brook and Lower Brook would do better by leaving together" in neither
    assert "Nobody" not in say(with_game(core_empty=True, least_core_epsilon=5e6))[1]


@pytest.mark.parametrize("code", available())
@pytest.mark.parametrize(
    "changes", [{"in_core_delta": False}, {"in_core_gamma": False, "in_core_delta": False}]
)
def test_no_language_promises_more(code: str, changes: dict[str, bool]) -> None:
    promise = {"en": "Nobody", "de": "Niemand", "fr": "Personne", "nl": "Niemand"}[code]
    assert promise in say(made.findings(), code)[1]
    assert promise not in say(with_game(rules=rules(**changes)), code)[1]


def test_no_failure_is_not_called_never() -> None:
    lede = say(with_game(rules=rules(draws_in_core_gamma=1.0, draws_in_core_delta=1.0)))[1]
    assert "64 of 64 draws (so failure is under 5% at 95% confidence)" in lede


def test_many_losers_are_counted_and_none_is_said() -> None:
    loses = with_game(no_transfer_gain=np.array([-1.0, -2.0, -3.0]) * 1e6)
    assert say(loses)[0].endswith("Three of them lose unless the others pay them.")
    two = with_game(no_transfer_gain=np.array([-1.0, -2.0, 93.0]) * 1e6)
    assert say(two)[0].endswith("Lower Brook and Upper Brook lose unless the others pay them.")
    none = with_game(no_transfer_gain=np.array([30.0, 30.0, 30.0]) * 1e6)
    assert say(none)[0].endswith("No member loses by it, even if nobody pays anybody.")


def test_border_sentence_in_its_extremes() -> None:
    views = made.game().views
    assert (
        "None of it crosses" in say(with_game(views=replace(views, cross_border_gain=Interval(0, 0, 0))))[1]
    )
    assert "All of it crosses" in say(with_game(views=replace(views, cross_border_gain=views.total_gain)))[1]
    f = made.findings()
    one = replace(f, members=tuple(replace(m, country="BE") for m in f.members))
    assert "one country" in say(one)[1]


def test_no_gain_is_a_finding() -> None:
    f = made.findings()
    sentence, lede = say(replace(f, cases=(f.cases[1],)))
    assert sentence.startswith("Acting together saves the three members no money that our figures can show.")
    assert "nothing was invented" in lede


def test_one_hazard_that_can_not_be_paid_over() -> None:
    f = made.findings()
    sentence, lede = say(replace(f, cases=(f.cases[2],)))
    assert sentence == "Heat: acting together spares 2.7 of 38 deaths a year. No member is worse off."
    assert "no gain to divide" in lede
    assert say(made.bare())[0].startswith("Heat: acting together changes nothing")
    assert say(replace(f, cases=()))[0] == "This appraisal holds no shared problem yet."


def test_range_below_nought_is_said_as_a_loss() -> None:
    views = replace(made.game().views, total_gain=Interval(90e6, -5e6, 170e6))
    assert "Between a loss of €5 million and a gain of €170 million" in say(with_game(views=views))[1]


def test_matrix_rows_say_what_the_findings_say() -> None:
    m = matrix(Context(made.findings(), Language.load("en")))
    assert list(m.groups) == [("Belgium", 1), ("Netherlands", 2)]
    floods, paid, share = m.rows[0], m.rows[1], m.rows[2]
    assert [(c.alone, c.together, c.state) for c in floods.cells] == [
        ("36", "67", "worse"),
        ("220", "130", "better"),
        ("61", "38", "better"),
    ]
    assert [str(c.word) for c in paid.cells] == ["receives 62", "pays 57", "pays 6"]
    assert [c.together for c in share.cells] == ["32", "41", "18"]
    storm = next(r for r in m.rows if "Windstorm" in r.title)
    assert {c.state for c in storm.cells} == {"same"}


def test_not_modelled_is_never_nought() -> None:
    f = made.findings()
    alone = f.cases[0].alone.copy()
    alone[2] = np.nan
    m = matrix(Context(replace(f, cases=(replace(f.cases[0], alone=alone),)), Language.load("de")))
    assert str(m.rows[0].cells[2].word) == "nicht modelliert"
    assert not m.rows[0].cells[2].alone


def test_states() -> None:
    assert [state_of(100, 99.8), state_of(100, 90), state_of(100, 110), state_of(0, 0), state_of(5, -5)] == [
        "same",
        "better",
        "worse",
        "same",
        "better",
    ]


def test_game_type_is_what_the_fixture_gives() -> None:
    assert isinstance(made.game(), GameFinding)
