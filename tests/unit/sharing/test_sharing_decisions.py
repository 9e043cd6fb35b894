"""Who may see what: precedence, posts, purposes, areas, derivation, openings, and default closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bothbanks.civic.compact.roles import ANYONE, CLOCK, Actor, Mandate
from bothbanks.civic.compact.sharing import (
    COARSE,
    EVERYBODY,
    FULL,
    NOTHING,
    OWNER,
    SUPPRESSED,
    Coarsening,
    Dataset,
    Decision,
    Opened,
    Reader,
    Rules,
    SharingRule,
    covers,
    reader_of,
    who_within,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FINE, ROUGH = Coarsening(750, 10, 5, 24, "day"), Coarsening(500, 20, 3, 0, "month")


def rule(id_: str, datasets: str, readers: str, level: str, **more: object) -> SharingRule:
    values: dict[str, object] = {"article": "art-data", "since": START, **more}
    return SharingRule(id_, tuple(datasets.split()), tuple(readers.split()), level, **values)  # type: ignore[arg-type]


def reader(*posts: str) -> Reader:
    return Reader(frozenset((p.partition("@")[0], p.partition("@")[2]) for p in posts))


def decide(
    rules: Rules, dataset: str, who: Reader = EVERYBODY, purpose: str = "", area: str = ""
) -> Decision:
    return rules.decide(dataset, who, purpose, area, at=NOON)


def test_without_a_rule_only_the_owner_sees() -> None:
    rules = Rules((Dataset("beds", "south"), Dataset("plans")), ())
    assert not decide(rules, "beds").allowed
    assert not decide(rules, "beds", reader("engineer@north", "secretariat@")).allowed
    assert not decide(rules, "beds", reader("resident@south", "monitor@south")).allowed
    assert decide(rules, "beds", reader("engineer@south")) == Decision("beds", FULL, OWNER, because=(OWNER,))
    assert decide(rules, "plans", reader("secretariat@")).full
    assert not decide(rules, "plans", reader("secretariat@south")).allowed


def test_an_unknown_dataset_is_shown_to_nobody() -> None:
    rules = Rules((Dataset("plans"),), (rule("all", "*", "public", FULL),))
    assert decide(rules, "plans").full
    assert decide(rules, "secret", reader("secretariat@")) == Decision("secret")


def test_the_most_specific_rule_wins_whatever_it_says() -> None:
    rules = Rules(
        (Dataset("layer:cells", "south"), Dataset("layer:seams", "south")),
        (
            rule("layers", "layer:*", "members", COARSE, detail=Coarsening(grid_m=1000)),
            rule("cells", "layer:cells", "members", FULL),
            rule("engineers", "layer:seams", "role:engineer", FULL),
            rule("north", "layer:cells", "member:north", NOTHING, article="art-refused"),
        ),
    )
    assert decide(rules, "layer:cells", reader("council@east")).rule == "cells"
    refused = decide(rules, "layer:cells", reader("engineer@north"))
    assert (refused.level, refused.rule, refused.article) == (NOTHING, "north", "art-refused")
    assert decide(rules, "layer:seams", reader("council@north")).detail == Coarsening(grid_m=1000)


def test_of_rules_that_do_not_hold_each_other_the_strictest_counts_in_each_respect() -> None:
    rules = Rules(
        (Dataset("cells"),),
        (
            rule("members", "cells", "members", COARSE, detail=FINE, hidden=("a",)),
            rule(
                "engineers", "cells", "role:engineer", COARSE, detail=ROUGH, until=NOON + HOUR,
            ),
            rule("public", "cells", "public", SUPPRESSED, hidden=("b",)),
        ),
    )  # fmt: skip
    got = decide(rules, "cells", reader("engineer@north"))
    # 'role:engineer' is inside 'members': it wins alone
    assert got.detail == ROUGH
    both = Rules(
        rules.datasets,
        (rules.rules[0], rule("engineers", "cells", "role:monitor", COARSE), *rules.rules[2:]),
    )
    assert decide(both, "cells", reader("council@north")).hidden == {"a"}
    crossing = Rules(
        (Dataset("cells"),),
        (
            rule("flood", "cells", "members", COARSE, purposes=("flood",), detail=FINE),
            rule("east", "cells", "members", COARSE, areas=("east",), detail=ROUGH),
        ),
    )  # fmt: skip
    got = decide(crossing, "cells", reader("council@north"), "flood", "east")
    assert got.detail == Coarsening(1500, 20, 15, 24, "month")
    assert set(got.because) == {"flood", "east"}


def test_more_posts_never_show_less() -> None:
    rules = Rules(
        (Dataset("cells"),),
        (
            rule("members", "cells", "members", FULL),
            rule("residents", "cells", "role:resident", NOTHING),
            rule("public", "cells", "public", COARSE, detail=Coarsening(1000)),
        ),
    )
    assert decide(rules, "cells", reader("resident@south")).level == COARSE  # by signing out
    assert decide(rules, "cells", reader("resident@south", "council@south")).level == FULL


def test_a_purpose_must_be_stated_where_a_rule_asks_for_one() -> None:
    rules = Rules(
        (Dataset("beds", "south"),),
        (
            rule("beds-aid", "beds", "role:duty-officer", FULL, purposes=("mutual-aid", "drill")),
            rule("beds-members", "beds", "members", SUPPRESSED, detail=Coarsening(group=10)),
        ),
    )
    officer = reader("duty-officer@north")
    assert decide(rules, "beds", officer).level == SUPPRESSED
    assert decide(rules, "beds", officer, "mutual-aid").full
    assert decide(rules, "beds", officer, "marketing").level == SUPPRESSED
    assert rules.purposes_that_help("beds", officer, at=NOON) == ("drill", "mutual-aid")
    assert rules.purposes_that_help("beds", EVERYBODY, at=NOON) == ()


def test_without_an_area_a_dataset_is_as_closed_as_its_most_closed_area() -> None:
    rules = Rules(
        (Dataset("cells"),),
        (
            rule("all", "cells", "public", FULL),
            rule("island", "cells", "public", NOTHING, areas=("island",)),
        ),
    )
    assert decide(rules, "cells", area="mainland").full
    assert not decide(rules, "cells", area="island").allowed
    assert not decide(rules, "cells").allowed
    by_area = rules.decide_by_area("cells", EVERYBODY, ("mainland", "island"), at=NOON)
    assert [d.level for d in by_area.values()] == [FULL, NOTHING]


def test_derived_datasets_inherit_the_strictest_input_unless_released() -> None:
    data = (Dataset("a", "south"), Dataset("b", "north"), Dataset("sum", "", ("a", "b")))
    rules = (
        rule("a-open", "a", "public", COARSE, detail=Coarsening(group=10)),
        rule("b-members", "b", "members", FULL),
        rule("sum-open", "sum", "public", FULL),
    )
    assert not decide(Rules(data, rules), "sum").allowed
    member = decide(Rules(data, rules), "sum", reader("council@north"))
    assert (member.level, member.detail) == (COARSE, Coarsening(group=10))
    assert not decide(Rules(data, rules[:1]), "sum", reader("secretariat@")).allowed  # not even its owner
    freed = (*data[:2], Dataset("sum", "", ("a", "b"), "art-indicators"))
    assert decide(Rules(freed, rules), "sum").full
    assert decide(Rules(data, rules[:2]), "sum", reader("council@east")).level == COARSE  # no rule of its own


def test_datasets_made_from_each_other_are_closed() -> None:
    rules = Rules(
        (Dataset("a", inputs=("b",)), Dataset("b", inputs=("a",))), (rule("all", "a b", "public", FULL),)
    )
    assert not decide(rules, "a").allowed


def test_an_opening_shows_its_dataset_in_its_area_until_its_end() -> None:
    opening = Opened("o1", ("beds",), ("south",), ("role:duty-officer",), "art-emergency", NOON, NOON + HOUR)
    rules = Rules((Dataset("beds", "south"),), (), (opening,))
    officer = reader("duty-officer@north")
    got = rules.decide("beds", officer, area="south", at=NOON)
    assert (got.level, got.article, got.emergency, got.until) == (FULL, "art-emergency", True, NOON + HOUR)
    assert not rules.decide("beds", officer, area="south", at=NOON - timedelta(seconds=1)).allowed
    assert not rules.decide("beds", officer, area="south", at=NOON + HOUR).allowed
    assert not rules.decide("beds", officer, area="north", at=NOON).allowed
    assert not rules.decide("beds", officer, at=NOON).allowed
    assert not rules.decide("beds", reader("council@north"), area="south", at=NOON).allowed


def test_rules_begin_and_end() -> None:
    rules = Rules((Dataset("a"),), (rule("spring", "a", "public", FULL, since=NOON, until=NOON + HOUR),))
    at = [NOON - HOUR, NOON, NOON + HOUR / 2, NOON + HOUR]
    assert [rules.decide("a", EVERYBODY, at=m).allowed for m in at] == [False, True, True, False]


@pytest.mark.parametrize(
    ("narrow", "wide", "holds"),
    [
        ("member:south", "members", True),
        ("partnership", "members", True),
        ("role:council", "members", True),
        ("role:monitor", "members", False),
        ("role:engineer@south", "role:engineer", True),
        ("role:engineer", "role:engineer@south", False),
        ("role:monitor@south", "member:south", False),
        ("public", "members", False),
        ("members", "public", True),
        ("member:south", "partnership", False),
        ("role:council@", "partnership", False),
    ],
)
def test_whose_readers_lie_within_whose(narrow: str, wide: str, holds: bool) -> None:
    assert who_within(narrow, wide) is holds


def test_readers_are_told_by_posts_only() -> None:
    seat = Mandate("council", "south", START)
    assert reader_of(Actor("p1", (seat,))) == reader_of(Actor("p2", (seat,))) == reader("council@south")
    assert reader_of(Actor("p1", (seat,))).members == {"south"}
    assert reader_of(ANYONE).public
    assert reader_of(CLOCK).public
    assert covers("member:south", ("council", "south"))
    assert not covers("member:south", ("council", ""))
