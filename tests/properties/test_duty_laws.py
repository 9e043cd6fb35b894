"""Laws of duties, disputes and the ledger that hold for any history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.civic.changes import Change
from bothbanks.civic.compact import disputes, duties
from bothbanks.civic.compact.disputes_state import Procedure, Stage
from bothbanks.civic.compact.duties_calendar import Every, Once, WorkCalendar, add_months
from bothbanks.civic.compact.duties_state import Duty, Evidence, Step
from bothbanks.civic.compact.presidency import Presidency, numbered, swap, term
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.civic.finance.ledger import Entry, Journal, Posting, faults_of
from bothbanks.civic.finance.ledger_balances import balances, branch, trial_balance
from bothbanks.words.money import Money

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2029, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(["Europe/Brussels", "Europe/London", "America/St_Johns", "Pacific/Auckland", "UTC"])
READER = Actor("r", (Mandate("secretariat", "", START),))


@st.composite
def taken_up(draw: st.DrawFn) -> Duty:
    days = sorted(draw(st.lists(st.integers(0, 120), min_size=1, max_size=5)))
    early = (Step("remind", -draw(st.integers(1, 30))),) if draw(st.booleans()) else ()
    actions = ("remind", "escalate", "mediate", "arbitrate", "escalate")
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(-60, 500)))
    rule = Every(first, draw(st.integers(1, 14))) if draw(st.booleans()) else Once(first)
    ladder = early + tuple(Step(a, d) for a, d in zip(actions, days, strict=False))  # type: ignore[arg-type]
    last = draw(st.sampled_from(["as-it-falls", "next-working-day"]))
    calendar = WorkCalendar(draw(ZONES), last)
    return duties.add(
        Duty("d", "a", "art-x", {}, {}, rule, ladder, "secretariat", calendar, START)  # type: ignore[arg-type]
    ).state


@settings(max_examples=60, deadline=None)
@given(taken_up(), st.lists(st.integers(0, 3 * 366 * 24), max_size=8))
def test_whatever_the_gaps_of_the_ticks_the_entries_are_the_same(duty: Duty, hours: list[int]) -> None:
    whole = duties.catch_up(duty, END)
    state, entries = duty, []
    for hour in [*sorted(hours), 3 * 366 * 24]:
        change = duties.catch_up(state, min(START + timedelta(hours=hour), END))
        state, entries = change.state, [*entries, *change.entries]
    assert tuple(entries) == whole.entries
    assert state == whole.state
    instants = [str(e.body["at"]) for e in entries]
    assert instants == sorted(instants)


@settings(max_examples=60, deadline=None)
@given(taken_up(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), max_size=14))
def test_nothing_closes_without_evidence_and_every_instant_is_in_its_time(
    duty: Duty, steps: list[tuple[int, int]]
) -> None:
    at, kinds = START, []
    for days, which in steps:
        at += timedelta(days=days)
        number = duty.open[0].number if duty.open else 1
        outcome: object = duties.catch_up(duty, at)
        if which == 1:
            outcome = duties.submit(duty, number, Evidence("document", "ab" * 32, "done", "a", at))
        elif which == 2:
            outcome = duties.accept(duty, number, at, READER)
        elif which == 3:
            outcome = duties.send_back(duty, number, at, READER, "unsigned")
        elif which == 4:
            outcome = duties.extend(duty, number, at, (at + timedelta(days=60)).date(), "v", "why")
        if isinstance(outcome, Change):
            duty = outcome.state
            kinds += [(e.kind, e.body.get("number")) for e in outcome.entries]
            assert all(str(e.body["at"]) <= duties.told(at) for e in outcome.entries if "at" in e.body)
    for occurrence in duty.occurrences:
        if occurrence.closed_as == "done":
            assert occurrence.evidence
            mine = [k for k, n in kinds if n == occurrence.number]
            assert mine.index("duties.evidence-given") < mine.index("duties.done")
            assert mine[-1] == "duties.done"  # the clock does nothing more about what is closed


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6), st.lists(st.integers(1, 90), min_size=4, max_size=4))
def test_stages_of_a_dispute_do_not_depend_on_the_ticks(days: list[int], length: list[int]) -> None:
    names = ("talks", "mediation", "panel", "arbitration")
    stages = tuple(Stage(n, d) for n, d in zip(names, length, strict=True))  # type: ignore[arg-type]
    begun = disputes.begin(
        "x",
        Procedure("art-x", stages),
        WorkCalendar("Europe/Brussels"),
        "a",
        ("b",),
        ("duty", "d"),
        "w",
        START,
    )
    assert isinstance(begun, Change)
    whole = disputes.catch_up(begun.state, END)
    state, entries = begun.state, []
    for day in [*sorted(days), 3 * 366]:
        change = disputes.catch_up(state, min(START + timedelta(days=day), END))
        state, entries = change.state, [*entries, *change.entries]
    assert tuple(entries) == whole.entries
    assert state.next_deadline is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_months_later_is_the_same_date_or_the_end_of_that_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(st.integers(1, 6), st.integers(1, 24), st.integers(0, 4000), st.lists(st.tuples(
    st.integers(1, 12), st.integers(1, 12)), max_size=4))  # fmt: skip
def test_each_day_has_one_term_and_swaps_only_change_places(
    count: int, months: int, offset: int, swaps: list[tuple[int, int]]
) -> None:
    order = tuple("abcdef"[:count])
    turn = Presidency("art-x", order, date(2026, 1, 1), months, dict.fromkeys(order, "de"))
    plain = sorted(numbered(turn, n).member for n in range(1, 25))
    for first, second in swaps:
        changed = swap(turn, first, second, "vote", date(2025, 1, 1), START)
        turn = changed.state if isinstance(changed, Change) else turn
    assert sorted(numbered(turn, n).member for n in range(1, 25)) == plain
    day = date(2026, 1, 1) + timedelta(days=offset)
    found = term(turn, day)
    assert found.begins <= day <= found.ends


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from("ab"), st.booleans()), max_size=12))
def test_balances_of_a_ledger_add_up_to_nought(lines: list[tuple[int, str, bool]]) -> None:
    entries: list[Entry] = []
    for k, (minor, member, pay) in enumerate(lines):
        due = f"assets:due:{member}"
        debit, credit = ("assets:bank", due) if pay else (due, f"income:contributions:{member}")
        postings = (Posting(debit, Money(minor, "EUR", 2026)), Posting(credit, Money(-minor, "EUR", 2026)))
        entries.append(Entry(f"e-{k}", date(2026, 1, 1), "vote-1", "art-x", "made up", postings))
    assert faults_of(entries, ("a", "b")) == ()
    journal = Journal(tuple(entries), ("a", "b"))
    found = balances(journal)
    assert sum(b.minor for b in found) == 0
    assert sum(r.debit for r in trial_balance(journal)) == sum(r.credit for r in trial_balance(journal))
    called = -branch(found, "income:contributions", "EUR")
    assert branch(found, "assets:bank", "EUR") + branch(found, "assets:due", "EUR") == called
