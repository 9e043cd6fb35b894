"""Steps on the agreement: propose, edit, comment, put to the vote, sign, adopt, repeal; and its clock.

The rules are in ``civic/compact/agreement_*.py``. A text adopted is never changed: whoever edits one makes a
draft, and so does a folder whose text differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from bothbanks.app.partnership.agreement_editing import (
    NOTHING,
    AddArticle,
    DropArticle,
    MoveArticle,
    ProposeText,
    SetTerm,
    WordArticle,
    add_article,
    drop_article,
    move_article,
    propose_text,
    save,
    set_term,
    take,
    word_article,
)
from bothbanks.app.partnership.agreement_reading import (
    current_text,
    kept_agreement,
    local_day,
    names,
)
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.search import Text
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import agreement_steps as steps
from bothbanks.civic.compact.agreement_state import VOTING, Agreement, Comment, Version
from bothbanks.civic.compact.agreement_text import rendered
from bothbanks.civic.compact.deadlines import Deadline
from bothbanks.civic.compact.roles import (
    AUDITOR,
    COUNCIL,
    DUTY_OFFICER,
    ENGINEER,
    MONITOR,
    RESIDENT,
    SECRETARIAT,
    Right,
)
from bothbanks.civic.compact.votes import CLOSED, WITHDRAWN, Vote

if TYPE_CHECKING:
    from bothbanks.app.partnership.opening import Opening


def vote_subject(agreement: str, number: int) -> str:
    """What a vote on a version names as its subject."""
    return f"agreement/{agreement}@{number}"


@dataclass(frozen=True)
class WithdrawDraft:
    """Give up a draft."""

    version: int


def withdraw(desk: Desk, command: WithdrawDraft) -> Done | Refusal:
    """It stays readable among the versions."""
    return take(desk, lambda state: steps.withdraw(state, command.version), command.version)


@dataclass(frozen=True)
class CommentOn:
    """Comment on an article of a draft, in a language."""

    version: int
    words: str
    article: str = ""
    language: str = ""
    member: str = ""


def comment(desk: Desk, command: CommentOn) -> Done | Refusal:
    """The words are kept apart from the record and can be deleted."""
    kept = kept_agreement(desk)
    if kept is None:
        return NOTHING
    held = next(iter(desk.actor.mandates), None)
    identifier = desk.new_id()
    change = steps.comment(
        kept.state,
        command.version,
        command.article,
        command.language or desk.region.languages[0],
        command.words,
        held.role if held else "",
        command.member or (held.member if held else ""),
        desk.at,
        identifier,
    )
    if isinstance(change, Refusal):
        return change
    desk.keep(identifier, change, None)
    return Done(f"agreement-comment/{identifier}", {"comment": identifier})


@dataclass(frozen=True)
class AnswerComment:
    """Answer a comment, which settles it."""

    comment: str
    words: str


def answer(desk: Desk, command: AnswerComment) -> Done | Refusal:
    """The answer is public for ever."""
    kept = desk.load(Comment, command.comment)
    change = steps.answer(kept.state, kept.id, command.words, desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"agreement-comment/{kept.id}")


@dataclass(frozen=True)
class PutToVote:
    """Put a draft to the vote under a rule of the agreement."""

    member: str
    version: int
    rule: str


def put_to_vote(desk: Desk, command: PutToVote) -> Done | Refusal:
    """Proposes the vote and sends the draft to it; the vote is then opened like any other."""
    from bothbanks.app.partnership import votes

    kept = kept_agreement(desk)
    if kept is None:
        return NOTHING
    version = next((v for v in kept.state.versions if v.number == command.version), None)
    if version is None:
        number = command.version
        return Refusal("agreement.no-version", "there is no version {number}.", {"number": number}, "missing")
    title = {code: f"{words} ({command.version})" for code, words in version.text.title.items()}
    subject = vote_subject(kept.state.id, command.version)
    proposed = votes.propose(desk, votes.ProposeVote(command.member, command.rule, subject, title))
    if isinstance(proposed, Refusal):
        return proposed
    vote = proposed.subject.partition("/")[2]
    open_comments = len(desk.all(Comment, parent=f"{kept.state.id}@{command.version}", status="open"))
    change = steps.put_to_vote(kept.state, command.version, vote, open_comments)
    if isinstance(change, Refusal):
        return change
    save(desk, change, kept)
    return Done(f"agreement/{kept.state.id}", {"version": command.version, "vote": vote})


def settle_votes(desk: Desk) -> int:
    """Take over the result of a vote on a version that has closed or was withdrawn; 1 where there was one."""
    kept = kept_agreement(desk)
    version = kept.state.open if kept is not None else None
    if kept is None or version is None or version.status != VOTING:
        return 0
    vote = desk.load(Vote, version.vote).state
    if vote.status not in (CLOSED, WITHDRAWN):
        return 0
    change = steps.settle(kept.state, version.number, version.vote, _carried(vote, kept.state, version))
    if isinstance(change, Refusal):
        return 0
    save(desk, change, kept)
    return 1


def _carried(vote: Vote, agreement: Agreement, version: Version) -> bool:
    right = vote.subject == vote_subject(agreement.id, version.number)
    return right and vote.result is not None and vote.result.carried


@dataclass(frozen=True)
class SignVersion:
    """Sign or ratify a version that was carried, for a member."""

    member: str
    version: int
    day: date
    how: Literal["signature", "ratification"] = "signature"


def sign(desk: Desk, command: SignVersion) -> Done | Refusal:
    """The member's own act by which it is bound."""
    settle_votes(desk)
    return take(
        desk,
        lambda state: steps.sign(
            state, command.version, command.member, command.day, command.how, local_day(desk, state)
        ),
        command.version,
    )


@dataclass(frozen=True)
class AdoptVersion:
    """Adopt a version that every member has signed, from a day."""

    version: int
    in_force: date
    later: dict[str, date] = field(default_factory=dict)
    later_article: str = ""
    later_day: date | None = None


def adopt(desk: Desk, command: AdoptVersion) -> Done | Refusal:
    """``later`` names articles whose change applies from a later day."""
    settle_votes(desk)
    apart = dict(command.later)
    if command.later_article and command.later_day is not None:
        apart[command.later_article] = command.later_day
    return take(
        desk,
        lambda state: steps.adopt(state, command.version, command.in_force, local_day(desk, state), apart),
        command.version,
    )


@dataclass(frozen=True)
class RepealAgreement:
    """End the agreement from a day, by a vote that was carried."""

    vote: str
    day: date


def repeal(desk: Desk, command: RepealAgreement) -> Done | Refusal:
    """The vote's subject must be the agreement as a whole."""
    kept = kept_agreement(desk)
    if kept is None:
        return NOTHING
    vote = desk.load(Vote, command.vote).state
    right = vote.subject == f"agreement/{kept.state.id}"
    carried = right and vote.result is not None and vote.result.carried
    number = kept.state.binding.number if kept.state.binding else 0
    return take(
        desk,
        lambda state: steps.repeal(state, command.day, local_day(desk, state), command.vote, carried),
        number,
    )


def enter_into_force(desk: Desk) -> int:
    """Note that the day of an adopted version has come."""
    kept = kept_agreement(desk)
    change = steps.enter_into_force(kept.state, local_day(desk, kept.state)) if kept else None
    if kept is None or change is None:
        return 0
    save(desk, change, kept)
    return len(change.entries)


def opening(desk: Desk, opened: Opening) -> None:
    """The folder's ``compact.toml``: a draft, or an agreement that is in force already."""
    from bothbanks.region.compact.agreement import AgreementSettings

    settings = opened.region.compact.get("agreement")
    if not isinstance(settings, AgreementSettings):
        return
    text = settings.agreement(opened.facts.languages, tuple(opened.facts.members))
    if settings.status == "in-force" and settings.in_force is not None:
        save(
            desk,
            steps.already_in_force(text.id, text, desk.at, settings.signed, settings.in_force),
            None,
        )
        return
    change = steps.propose(None, text.id, text, desk.at)
    if isinstance(change, Change):
        save(desk, change, None)


def texts(reader: Reader) -> Iterable[Text]:
    """Every article of the text that a reader is shown first."""
    text = current_text(reader)
    for article in text.articles if text else ():
        assert text is not None
        words = {
            code: " ".join(rendered(text, article, code, names(reader.region)).lines)
            for code in text.languages
        }
        yield Text("agreement", f"/agreement/articles/{article.id}", article.title, words)


def say(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


def deadlines(reader: Reader) -> Iterable[Deadline]:
    """Days on which the text changes, is reviewed, or ends."""
    kept = kept_agreement(reader)
    if kept is None:
        return
    from bothbanks.civic.compact.agreement_history import turns

    for turn in turns(kept.state):
        ends = turn.articles == ("",)
        message = say("The agreement ends") if ends else say("Version {version} of the agreement applies")
        yield Deadline(
            f"agreement-{turn.day.isoformat()}-{turn.version}",
            turn.day,
            message,
            f"/agreement?day={turn.day.isoformat()}",
            values={"version": str(turn.version)},
        )
    binding = kept.state.binding
    if binding is None or binding.in_force is None:
        return
    for name, article, message in (
        ("review", "art-review", say("Legal review of the agreement is due")),
        ("duration", "art-duration", say("The agreement's term ends, unless it is renewed")),
    ):
        term = binding.text.terms.get(name)
        if term is None or term.unit != "years" or term.amount is None or article not in binding.text.ids:
            continue
        first = next(v for v in kept.state.versions if v.adopted is not None).in_force
        assert first is not None
        day = _after(first, int(term.amount))
        while name == "review" and term.amount and day < local_day(reader, kept.state):
            day = _after(day, int(term.amount))
        yield Deadline(f"agreement-{name}", day, message, f"/agreement/articles/{article}", article=article)


def _after(day: date, years: int) -> date:
    """The same day some years on; 28 February for 29 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


_DRAFTERS = Right(frozenset({SECRETARIAT, COUNCIL}))
_OWN_DRAFTERS = Right(frozenset({SECRETARIAT, COUNCIL}), own_member=True)
_READERS = Right(frozenset({SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER, AUDITOR, MONITOR, RESIDENT}))
_OFFICE = Right(frozenset({SECRETARIAT}))
_COUNCIL = Right(frozenset({COUNCIL}), own_member=True)
COMMANDS = (
    Command("agreement.propose", ProposeText, propose_text, _DRAFTERS),
    Command("agreement.word-article", WordArticle, word_article, _DRAFTERS),
    Command("agreement.add-article", AddArticle, add_article, _DRAFTERS),
    Command("agreement.drop-article", DropArticle, drop_article, _DRAFTERS),
    Command("agreement.move-article", MoveArticle, move_article, _DRAFTERS),
    Command("agreement.set-term", SetTerm, set_term, _DRAFTERS),
    Command("agreement.withdraw", WithdrawDraft, withdraw, _DRAFTERS),
    Command("agreement.comment", CommentOn, comment, _READERS),
    Command("agreement.answer", AnswerComment, answer, _OFFICE),
    Command("agreement.put-to-vote", PutToVote, put_to_vote, _OWN_DRAFTERS, rests="propose"),
    Command("agreement.sign", SignVersion, sign, _COUNCIL),
    Command("agreement.adopt", AdoptVersion, adopt, _OFFICE, two_people=True),
    Command("agreement.repeal", RepealAgreement, repeal, _OFFICE, two_people=True),
)
TICKS = (settle_votes, enter_into_force)
SEARCHED: Mapping[str, Callable[[Reader], Iterable[Text]]] = {"agreement": texts}
DEADLINES: Mapping[str, Callable[[Reader], Iterable[Deadline]]] = {"agreement": deadlines}
