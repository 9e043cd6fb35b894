"""The strictest common rule, and why there is none, on rules small enough to combine by hand."""

from __future__ import annotations

import json
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.civic.compact.legal_demands import (
    AtLeast,
    AtMost,
    Clash,
    Demands,
    Forbids,
    OneOf,
    Requires,
    plain,
    same,
    strictest,
)


def test_least_and_greatest_values() -> None:
    found = strictest({"a": (AtLeast(F(2)), AtMost(F(9))), "b": (AtLeast(F(3)),), "c": (AtMost(F(9)),)})
    assert (found.least, found.most, found.possible) == (3, 9, True)
    assert found.by == {"least": ("b",), "most": ("a", "c")}


def test_a_least_value_above_anothers_greatest() -> None:
    found = strictest({"a": (AtLeast(F(5)),), "b": (AtMost(F(4)),), "c": (AtMost(F(6)),)})
    assert found.clashes == (Clash("range", ("a", "b"), F(5), F(4)),)


def test_what_all_permit() -> None:
    found = strictest({"a": (OneOf(("x", "y", "z")),), "b": (OneOf(("z", "y")),), "c": ()})
    assert (found.options, found.possible) == (("y", "z"), True)


def test_nothing_that_all_permit_names_the_smallest_groups() -> None:
    found = strictest({"a": (OneOf(("x", "y")),), "b": (OneOf(("y", "z")),), "c": (OneOf(("z", "x")),)})
    assert found.options == ()
    assert found.clashes == (Clash("options", ("a", "b", "c")),)  # each two still share one
    pair = strictest({"a": (OneOf(("x",)),), "b": (OneOf(("y",)),), "c": (OneOf(("x", "y")),)})
    assert pair.clashes == (Clash("options", ("a", "b")),)


def test_what_one_permits_another_forbids() -> None:
    found = strictest({"a": (OneOf(("x",)),), "b": (Forbids(("x",)),)})
    assert found.clashes == (Clash("options", ("a", "b")),)


def test_requirements_add_up() -> None:
    found = strictest({"a": (Requires(("x",)),), "b": (Requires(("y", "x")),)})
    assert (found.required, found.possible) == (("x", "y"), True)


def test_required_here_and_forbidden_there() -> None:
    found = strictest({"a": (Requires(("x",)),), "b": (Forbids(("x",)),), "c": (Requires(("y",)),)})
    assert found.clashes == (Clash("item", ("a", "b"), item="x"),)


def test_the_order_of_writing_makes_no_difference() -> None:
    assert same((Requires(("x", "y")), AtMost(F(2))), (AtMost(F(2)), Requires(("y", "x"))))
    assert not same((AtMost(F(2)),), (AtLeast(F(2)),))


def test_plain_is_exact_json() -> None:
    assert json.loads(json.dumps(plain((AtMost(F(1, 3)), OneOf(("x",)), Requires(("y",)))))) == [
        {"kind": "at-most", "value": "1/3"},
        {"kind": "one-of", "options": ["x"]},
        {"kind": "requires", "items": ["y"]},
    ]


LETTERS = st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True).map(tuple)
DEMANDS = st.lists(
    st.one_of(
        st.integers(0, 9).map(lambda v: AtLeast(F(v))),
        st.integers(0, 9).map(lambda v: AtMost(F(v))),
        LETTERS.map(OneOf),
        LETTERS.map(Requires),
        LETTERS.map(Forbids),
    ),
    max_size=3,
).map(tuple)


def meets(value: int, option: str, items: frozenset[str], demands: Demands) -> bool:
    for d in demands:
        if isinstance(d, AtLeast) and value < d.value:
            return False
        if isinstance(d, AtMost) and value > d.value:
            return False
        if isinstance(d, OneOf) and option not in d.options:
            return False
        if isinstance(d, Requires) and not set(d.items) <= items:
            return False
        if isinstance(d, Forbids) and (set(d.items) & items or option in d.items):
            return False
    return True


@given(st.dictionaries(st.sampled_from("abc"), DEMANDS, min_size=2, max_size=3))
def test_possible_exactly_if_some_act_meets_every_rule(rules: dict[str, Demands]) -> None:
    """Compare with trying every act: a value, a thing used ('-': none of the named ones), things brought."""
    sets = any(isinstance(d, OneOf) for demands in rules.values() for d in demands)
    acts = [
        (value, option, frozenset(items))
        for value in range(-1, 11)
        for option in ("x", "y", "z") if sets
        or option == "x"
        for items in ("", "x", "y", "z", "xy", "xz", "yz", "xyz")
    ]  # fmt: skip
    lone = "-" if not sets else None
    found = any(all(meets(v, lone or o, i, demands) for demands in rules.values()) for v, o, i in acts)
    assert strictest(rules).possible == found


@pytest.mark.parametrize("name", ["a", "b"])
def test_every_clash_names_members_that_are_there(name: str) -> None:
    found = strictest({name: (AtLeast(F(2)), AtMost(F(1)))})
    assert found.clashes == (Clash("range", (name,), F(2), F(1)),)
