"""Editing the agreement: a whole text, an article, its place, a figure; each edit makes a revised draft."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from bothbanks.app.partnership.agreement_reading import kept_agreement, pointers
from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import agreement_edit as edit
from bothbanks.civic.compact import agreement_steps as steps
from bothbanks.civic.compact.agreement import AgreementText, Term
from bothbanks.civic.compact.agreement_state import ASIDE, DRAFT, Agreement, Comment
from bothbanks.store.interface import Kept

if TYPE_CHECKING:
    from bothbanks.region.compact.agreement import AgreementSettings

Editing = Callable[[AgreementText], AgreementText | Refusal]
NOTHING = Refusal("agreement.none", "there is no agreement yet.", cause="missing")


def save(desk: Desk, change: Change[Agreement], was: Kept[Agreement] | None) -> None:
    """Keep the agreement; versions set aside move to objects of their own, so that it stays small."""
    state = change.state
    aside = [v for v in state.versions if v.status in ASIDE]
    for version in aside:
        desk.keep(f"{state.id}@{version.number}", Change(version, ()), None)
    last = state.next_number - 1
    rest = tuple(v for v in state.versions if v.status not in ASIDE)
    desk.keep(state.id, Change(replace(state, versions=rest, last=last), change.entries), was)


def done(agreement: str, number: int) -> Done:
    """What the one who took a step is told."""
    return Done(f"agreement/{agreement}", {"version": number})


def take(desk: Desk, step: Callable[[Agreement], steps.Step], number: int) -> Done | Refusal:
    """Take one step on the agreement and keep it."""
    kept = kept_agreement(desk)
    if kept is None:
        return NOTHING
    change = step(kept.state)
    if isinstance(change, Refusal):
        return change
    save(desk, change, kept)
    return done(kept.state.id, number)


def _revise(desk: Desk, number: int, editing: Editing, reason: str) -> Done | Refusal:
    """Edit the draft of that number; where it names the version adopted last, begin an amendment of it."""
    kept = kept_agreement(desk)
    if kept is None:
        return NOTHING
    state = kept.state
    base = next((v for v in state.versions if v.number == number), None)
    if base is None:
        return Refusal("agreement.no-version", "there is no version {number}.", {"number": number}, "missing")
    text = editing(base.text)
    if isinstance(text, Refusal):
        return text
    fresh = state.next_number
    if base.status == DRAFT:
        change = steps.revise(state, number, text, desk.at, reason)
    elif base is state.binding:
        change = steps.propose(state, state.id, text, desk.at, reason)
    else:
        return Refusal(
            "agreement.status",
            "version {number} is '{found}'; this step needs it to be '{wanted}'.",
            {"number": number, "found": base.status, "wanted": DRAFT},
            "conflict",
        )
    if isinstance(change, Refusal):
        return change
    save(desk, change, kept)
    _carry_comments(desk, state.id, number, fresh)
    return done(state.id, fresh)


def _carry_comments(desk: Desk, agreement: str, before: int, after: int) -> None:
    """Comments without an answer go on to the revised draft."""
    for kept in desk.all(Comment, parent=f"{agreement}@{before}", status="open"):
        desk.keep(kept.id, Change(replace(kept.state, version=after), ()), kept)


@dataclass(frozen=True)
class ProposeText:
    """Propose a whole text, as compact.toml holds it; it becomes a draft."""

    toml: str
    reason: str = ""


def propose_text(desk: Desk, command: ProposeText) -> Done | Refusal:
    """Every problem of the text is named at once; nothing is kept then."""
    from pydantic import ValidationError

    from bothbanks.region.compact.agreement import AgreementSettings

    context = {"languages": desk.region.languages}
    try:
        settings = AgreementSettings.model_validate(tomllib.loads(command.toml), context=context)
    except tomllib.TOMLDecodeError as error:
        return Refusal("agreement.toml", "this is not TOML: {fault}", {"fault": str(error)})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, f['loc']))}: {f['msg']}"
            for f in error.errors(include_url=False, include_input=False, include_context=False)
        )
        return Refusal("agreement.text", "Please correct: {faults}", {"faults": faults})
    return propose_settings(desk, settings, command.reason)


def propose_settings(desk: Desk, settings: AgreementSettings, reason: str = "") -> Done | Refusal:
    """The text of a folder as a draft: revised where a draft is open, else proposed.

    Never touches an adopted text. Refused as unchanged where the folder says what is there already.
    """
    text = settings.agreement(desk.region.languages, tuple(desk.region.members))
    for article in text.articles:
        for code, words in article.text.items():
            wrong = edit.words_fault(text, code, article.title.get(code, article.id), words)
            if wrong is not None:
                return wrong
    kept = kept_agreement(desk)
    if kept is None:
        change = steps.propose(None, text.id, text, desk.at, reason)
        if isinstance(change, Refusal):
            return change
        save(desk, change, None)
        return done(text.id, 1)
    text = replace(text, id=kept.state.id)
    open_ = kept.state.open
    if open_ is not None:
        return _revise(desk, open_.number, lambda _: text, reason)
    binding = kept.state.binding
    if binding is not None:
        return _revise(desk, binding.number, lambda _: text, reason)
    fresh = kept.state.next_number
    return take(desk, lambda state: steps.propose(state, state.id, text, desk.at, reason), fresh)


@dataclass(frozen=True)
class WordArticle:
    """Write an article's words in a language."""

    version: int
    article: str
    language: str
    title: str
    text: str
    checked: bool = False
    reason: str = ""


def word_article(desk: Desk, command: WordArticle) -> Done | Refusal:
    """Other languages become pending where the words changed; ``checked`` settles this one."""
    return _revise(
        desk,
        command.version,
        lambda text: edit.word_article(
            text, command.article, command.language, command.title, _lines(command.text), command.checked
        ),
        command.reason,
    )


@dataclass(frozen=True)
class AddArticle:
    """Add an article behind another."""

    version: int
    article: str
    after: str
    language: str
    title: str
    text: str
    covers: tuple[str, ...] = ()
    reason: str = ""


def add_article(desk: Desk, command: AddArticle) -> Done | Refusal:
    """The other languages are pending until they are written."""
    return _revise(
        desk,
        command.version,
        lambda text: edit.add_article(
            text,
            command.article,
            command.after,
            command.language,
            command.title,
            _lines(command.text),
            command.covers,
        ),
        command.reason,
    )


@dataclass(frozen=True)
class DropArticle:
    """Take an article out of the text."""

    version: int
    article: str
    reason: str = ""


def drop_article(desk: Desk, command: DropArticle) -> Done | Refusal:
    """Refused while another article, a duty, a rule or a vote points to it."""
    resting = pointers(desk).get(command.article, ())
    if resting:
        return Refusal(
            "agreement.rested-on",
            "{article} can't go while these rest on it: {others}.",
            {"article": command.article, "others": ", ".join(f"{p.area}:{p.id}" for p in resting)},
        )
    return _revise(
        desk, command.version, lambda text: edit.drop_article(text, command.article), command.reason
    )


@dataclass(frozen=True)
class MoveArticle:
    """Put an article behind another."""

    version: int
    article: str
    after: str = ""
    reason: str = ""


def move_article(desk: Desk, command: MoveArticle) -> Done | Refusal:
    """Its identifier stays, so nothing that points to it breaks."""
    return _revise(
        desk,
        command.version,
        lambda text: edit.move_article(text, command.article, command.after),
        command.reason,
    )


@dataclass(frozen=True)
class SetTerm:
    """Change a figure, date or amount of the agreement in every language at once."""

    version: int
    term: str
    value: str
    reason: str = ""


def set_term(desk: Desk, command: SetTerm) -> Done | Refusal:
    """A fraction as 'a/b', a day as YYYY-MM-DD, a percentage as 50."""

    def editing(text: AgreementText) -> AgreementText | Refusal:
        old = text.terms.get(command.term)
        if old is None:
            return edit.set_term(text, command.term, Term("number"))
        fresh = _value(old, command.value.strip())
        return fresh if isinstance(fresh, Refusal) else edit.set_term(text, command.term, fresh)

    return _revise(desk, command.version, editing, command.reason)


def _value(old: Term, value: str) -> Term | Refusal:
    try:
        if old.kind == "date":
            return replace(old, day=date.fromisoformat(value))
        if old.kind == "text":
            return replace(old, words=dict.fromkeys(old.words, value))
        amount = Fraction(value)
    except (ValueError, ZeroDivisionError):
        return Refusal(
            "agreement.term-value", "'{value}' is no {kind}.", {"value": value, "kind": old.unit or old.kind}
        )
    if amount < 0 or (old.kind == "duration" and amount.denominator != 1):
        return Refusal(
            "agreement.term-value", "'{value}' is no {kind}.", {"value": value, "kind": old.unit or old.kind}
        )
    return replace(old, amount=amount / 100 if old.kind == "percent" else amount)


def _lines(text: str) -> str:
    """Text of a form, its line ends as everywhere else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
