"""The words of ``bothbanks ask``: answers as text, and the session that reads lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.app.ask import Answer, Change, FullAnswer, Outcome, Session
from bothbanks.words.errors import BothbanksError, InputError
from bothbanks.words.money import to_cents
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
Say = Callable[[str], None]
Step = Callable[[str, float], None]

MILLION = 1e6
FROM = 1e7
"""From this amount on figures are given in millions."""
HELP = """PARAMETER = VALUE   change a number and see the answer
show PARAMETER      a number with its range and source; the beginning of an id lists all that begin so
full                every coalition under both conventions, Shapley value, core
undo                take the last change back
quit                leave (so does the end of the input)"""
IMPOSSIBLE = (BothbanksError, ArithmeticError, ValueError, IndexError)
"""What a number far outside its range may bring about in a model."""


def set_all(session: Session, settings: Sequence[str]) -> tuple[Change, ...]:
    """Changes written as PARAMETER=VALUE; every one that can't be used is told at once.

    Raises
    ------
    InputError
        One or more can't be used.
    """
    changes, wrong = [], []
    for text in settings:
        name, sign, value = text.partition("=")
        try:
            if not sign:
                raise InputError("ask.form", f"'{text}' has no '='; write PARAMETER=VALUE")
            changes.append(session.change(name.strip(), value))
        except InputError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        lines = "\n".join(f"  {e}" for e in wrong)
        raise InputError("ask.settings", f"{len(wrong)} settings can't be used:\n{lines}")
    return tuple(changes)


def converse(
    session: Session, lines: Iterable[str], say: Say, complain: Say, progress: Step | None = None
) -> int:
    """Read lines until 'quit' or their end; returns how many could not be used."""
    refused = 0
    for line in lines:
        text = line.strip()
        if text in ("quit", "exit"):
            break
        if not text or text.startswith("#"):
            continue
        try:
            say(_reply(session, text, progress))
        except InputError as error:
            refused += 1
            complain(f"bothbanks: {error}")
    return refused


def _reply(session: Session, text: str, progress: Step | None) -> str:
    """What one line of a session brings."""
    word, _, rest = text.partition(" ")
    if text in ("help", "?"):
        return HELP
    if text == "full":
        return full_text(session, session.full(progress))
    if text == "undo":
        change = session.undo()
        return "Nothing to undo." if change is None else _told(session, change)
    if word in ("show", "list"):
        return shown(session, rest.strip())
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError("ask.line", f"'{text}' is not understood; write PARAMETER = VALUE, or 'help'")
    change = session.change(name.strip(), value)
    try:
        return _told(session, change)
    except InputError:
        session.undo()
        raise


def _told(session: Session, change: Change) -> str:
    """A change and the answer to it, where it can have one."""
    return f"{change_text(change)}\n{answer(session)}" if change.read else change_text(change)


def answer(session: Session) -> str:
    """The answer as text.

    Raises
    ------
    InputError [ask.impossible]
        The game can't be played with the changed numbers.
    """
    try:
        return answer_text(session)
    except IMPOSSIBLE as error:
        changed = ", ".join(f"{n} = {v:.10g}" for n, v in session.changed.items())
        why = getattr(error, "message", str(error)).rstrip(".")
        raise InputError(
            "ask.impossible", f"with {changed} the game can't be played: {why}. Try a number within its range"
        ) from error


def shown(session: Session, prefix: str) -> str:
    """One number in full, or a line for each whose id begins so. Raises InputError where none does."""
    if prefix in session.parameters:
        p = session.parameters[prefix]
        now = session.now[prefix]
        changed = "" if now == p.value else f", now {now:.10g}"
        lines = [f"{p.id} = {p.value:.10g} {p.unit}{changed}", f"  {_range(p)}", f"  source: {p.source}"]
        return "\n".join([*lines, f"  {p.note}"] if p.note else lines)
    found = session.starting_with(prefix)
    if not found:
        session.parameter(prefix)  # raises, with the nearest
    return "\n".join(f"{p.id} = {session.now[p.id]:.10g} {p.unit} ({_range(p)})" for p in found)


def change_text(change: Change) -> str:
    """A change in one line, with what there is to know about it."""
    p = change.parameter
    text = f"{p.id}: {change.before:.10g} -> {change.after:.10g} {p.unit} ({_range(p)})"
    if change.outside:
        text += "; outside that range"
    if not change.read:
        text += "; no game counted in money reads it, so no answer changes"
    return text


def answer_text(session: Session) -> str:
    """All cases that read a changed number, with the folder's numbers and with the changed ones."""
    return "\n\n".join(case_text(session, answer) for answer in session.answer())


def case_text(session: Session, answer: Answer) -> str:
    """One case: costs, gain and payments of all and of each member, and what is built."""
    base, now = answer.base, answer.now
    same = not session.changed
    scale, unit, digits = _scale(session, np.concatenate([base.alone, now.alone]))
    who = ("all", *session.members)
    columns = [
        ("alone", base.alone, now.alone),
        ("together", base.together, now.together),
        ("gain", base.gain, now.gain),
        (f"payment, {now.rule}", base.payments, now.payments),
    ]
    rows = [["", *(name for name, _, _ in columns)]]
    cells = [
        [_both(b, n, digits, same) for b, n in zip(_column(was, scale, digits), _column(is_, scale, digits),
                                                   strict=True)]
        for _, was, is_ in columns
    ]  # fmt: skip
    rows += [[name, *(column[k] for column in cells)] for k, name in enumerate(who)]
    years = session.model.settings.horizon_years
    head = (
        f"{answer.case.id}: {unit} of {session.model.settings.price_year}, present value over {years} years"
    )
    if not same:
        head += "; as in the folder -> as changed"
    return "\n".join(
        [head, *_table(rows), *_built(session, base, now), *_budgets(session, answer), *_hazard(answer, same)]
    )


def _budgets(session: Session, answer: Answer) -> list[str]:
    """The programme under yearly budgets: costs of all and of each member, and what begins when."""
    if answer.budgets is None:
        return []
    (was, now), same = answer.budgets, not session.changed
    scale, unit, digits = _scale(session, np.concatenate([was.alone, now.alone]))
    rows = [["", "alone", "together"]]
    columns = []
    for before, after in ((was.alone, now.alone), (was.together, now.together)):
        pairs = zip(_column(before, scale, digits), _column(after, scale, digits), strict=True)
        columns.append([_both(b, n, digits, same) for b, n in pairs])
    rows += [[name, *(c[k] for c in columns)] for k, name in enumerate(("all", *session.members))]
    begins = [tuple(f"{name} {year}" for name, year in sorted(o.starts.items())) for o in (was, now)]
    lines = [f"  Under the councils' yearly budgets ({unit}, before payments):", *_table(rows)]
    lines.append(f"  together begins {_diff(*begins)}")
    if now.gap > 0:
        lines.append(f"  Not proven best: it may lie {now.gap / scale:,.{digits}f} above the best.")
    return lines


def full_text(session: Session, answers: Sequence[FullAnswer]) -> str:
    """The full game of each case."""
    return "\n\n".join(_full_case(session, a) for a in answers)


def _full_case(session: Session, a: FullAnswer) -> str:
    scale, unit, digits = _scale(session, a.worths["gamma"])
    shares, payments = _column(a.shares, scale, digits), _column(a.payments, scale, digits)
    rows = [["", "share of the gain", "payment"]]
    rows += [
        [m, f"{shares[k]:,.{digits}f}", f"{payments[k]:+,.{digits}f}"]
        for k, m in enumerate(("all", *a.members))
    ]
    lines = [f"{a.case.id}, all {1 << len(a.members)} coalitions, Shapley value: {unit}", *_table(rows)]
    for convention, stable in a.stable.items():
        group, gain = a.objection[convention]
        core = "the core is empty" if a.core_empty[convention] else "the core is not empty"
        if stable:
            told = f"no member and no group does better by leaving ({core})"
        else:
            told = f"{', '.join(group)} would do better by {gain / scale:,.{digits}f} by leaving ({core})"
        rest = "the rest fall apart" if convention == "gamma" else "the rest carry on together"
        lines.append(f"  If {rest} ({convention}): {told}.")
    return "\n".join(lines)


def _built(session: Session, base: Outcome, now: Outcome) -> list[str]:
    lines = [f"  together builds {_diff(base.built_together, now.built_together)}"]
    if now.fixed:
        lines.append(f"  in every case, by others' plan: {', '.join(now.fixed)}")
    width = max(len(m) for m in session.members)
    for k, m in enumerate(session.members):
        if not any((base.built_alone[k], now.built_alone[k], base.own_together[k], now.own_together[k])):
            lines.append(f"  {m:<{width}} builds nothing by itself, alone or together")
            continue
        lines.append(f"  {m:<{width}} alone:    {_diff(base.built_alone[k], now.built_alone[k])}")
        lines.append(f"  {'':<{width}} together: {_diff(base.own_together[k], now.own_together[k])}")
    if now.equilibria != "unique":
        lines.append(f"  Alone, the members' replies have {_STATUS[now.equilibria]}.")
    return lines


_STATUS = {
    "several": "several equilibria; the one reached from nothing built is shown",
    "none": "no equilibrium; the mean over their cycle is shown",
    "searched": "an equilibrium that was searched for, not listed",
}


def _hazard(answer: Answer, same: bool) -> list[str]:
    if same or not answer.basins:
        return []
    if not answer.asked_again:
        return ["  Losses by basin were kept: the hazard model was not called."]
    return [f"  The hazard model was called for {len(answer.asked_again)} of {answer.basins} basins: "
            f"{', '.join(answer.asked_again)}."]  # fmt: skip


def _diff(before: Sequence[str], after: Sequence[str]) -> str:
    """What is built, then what came and went.

    >>> _diff(("a", "b"), ("b", "c"))
    'b, c  (new: c; gone: a)'
    """
    text = ", ".join(after) or "nothing"
    new, gone = [x for x in after if x not in before], [x for x in before if x not in after]
    parts = [f"{word}: {', '.join(names)}" for word, names in (("new", new), ("gone", gone)) if names]
    return f"{text}  ({'; '.join(parts)})" if parts else text


def _scale(session: Session, amounts: FloatArray) -> tuple[float, str, int]:
    """Divisor, its words, and decimals, by the largest amount."""
    currency = session.model.settings.currency
    large = float(np.abs(amounts).sum()) >= FROM
    return (MILLION, f"{currency} million", 2) if large else (1.0, currency, 0)


def _column(values: FloatArray, scale: float, digits: int) -> list[float]:
    """Sum and members, rounded so that they add up."""
    parts = to_cents({k: float(v) / scale for k, v in enumerate(values)}, digits)
    return [x / 10**digits for x in (sum(parts.values()), *parts.values())]


def _both(before: float, after: float, digits: int, same: bool) -> str:
    if same or before == after:
        return f"{after:,.{digits}f}"
    return f"{before:,.{digits}f} -> {after:,.{digits}f}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text with their columns set to the right, the first to the left."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    return [
        "  " + "  ".join(f"{x:<{w}}" if c == 0 else f"{x:>{w}}"
                         for c, (x, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]  # fmt: skip


def _range(p: Parameter) -> str:
    return f"range {p.low:.10g} to {p.high:.10g}" if p.varies else "no range stated"
