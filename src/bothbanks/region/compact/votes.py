"""``compact/votes.toml``: the rules that votes follow, each with its article, and proposals to start with.

A share or a number of days may be written as ``"{name}"``: then it is the agreement's own term of that name,
so that the text and the count can't drift apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bothbanks.civic.compact import votes_rules as rules
from bothbanks.civic.compact.votes_rules import Abstention, Measure, VoteRule
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, Settings, Words

Terms = Mapping[str, Fraction | int]
"""Fractions, percentages and days of the agreement, by name."""
LEAVES = ("at_least", "more_than", "number", "blocking", "veto", "consent", "unanimity", "all", "any")


def _term(value: str) -> str:
    return value[1:-1] if value.startswith("{") and value.endswith("}") else ""


def _share(value: str) -> str:
    if _term(value):
        return value
    try:
        Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(
            "a share in quotes such as '2/3' or '0.65', or a term such as '{majority}'"
        ) from error
    return value


def _days(value: int | str) -> int | str:
    if isinstance(value, str) and not _term(value):
        raise ValueError("a whole number of days, or a term such as '{written}'")
    return value


Share = Annotated[str, AfterValidator(_share)]
Days = Annotated[int | str, AfterValidator(_days)]


class ConditionSettings(Settings):
    """One condition: exactly one of its kinds, or others joined by ``all`` or ``any``."""

    counts: Measure = Field("members", description="what is counted: members, weight, population")
    of: Literal["all", "cast"] = Field("all", description="shares: of all, or of the votes cast")
    at_least: Share | None = Field(None, description="share of those in favour that is enough")
    more_than: Share | None = Field(None, description="share that those in favour must exceed")
    number: Annotated[str, AfterValidator(_share)] | None = Field(
        None, description="in favour: at least so many members, votes or people, in quotes"
    )
    blocking: int | None = Field(None, ge=1, description="members that it takes to block")
    veto: tuple[str, ...] | None = Field(None, description="members whose vote against blocks")
    consent: tuple[str, ...] | None = Field(
        None, description="members that must be in favour; [] for those that the proposal burdens"
    )
    unanimity: Literal["all", "cast"] | None = Field(
        None, description="'all': every member in favour; 'cast': nobody against"
    )
    all: tuple[ConditionSettings, ...] | None = Field(None, description="all of these")
    any: tuple[ConditionSettings, ...] | None = Field(None, description="at least one of these")

    @model_validator(mode="after")
    def _one_kind(self) -> ConditionSettings:
        given = [name for name in LEAVES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(LEAVES)} (found: {', '.join(given) or 'none'})")
        if (self.all is not None and not self.all) or (self.any is not None and not self.any):
            raise ValueError("at least one condition in 'all' or 'any'")
        return self

    def shares(self) -> Iterator[str]:
        """Every share and number written in it."""
        yield from (v for v in (self.at_least, self.more_than, self.number) if v is not None)
        for part in (*(self.all or ()), *(self.any or ())):
            yield from part.shares()

    def condition(self, terms: Terms) -> rules.Condition:
        """As votes count it. Raises KeyError for a term that is not there."""
        if self.all is not None:
            return rules.AllOf(tuple(p.condition(terms) for p in self.all))
        if self.any is not None:
            return rules.AnyOf(tuple(p.condition(terms) for p in self.any))
        if self.number is not None:
            return rules.Least(self.counts, fraction(self.number, terms))
        if self.blocking is not None:
            return rules.Blocking(self.blocking)
        if self.veto is not None:
            return rules.Veto(self.veto)
        if self.consent is not None:
            return rules.Consent(self.consent)
        if self.unanimity is not None:
            return rules.Unanimity(self.unanimity)
        share = self.more_than or self.at_least or "1"
        return rules.Share(self.counts, fraction(share, terms), self.more_than is not None, self.of)


class QuorumSettings(Settings):
    """Who must take part: a share of the members, the weights or the population."""

    counts: Measure = Field("members", description="what is counted")
    at_least: Share | None = Field(None, description="share that is enough")
    more_than: Share | None = Field(None, description="share that must be exceeded")

    @model_validator(mode="after")
    def _one_share(self) -> QuorumSettings:
        if (self.at_least is None) == (self.more_than is None):
            raise ValueError("exactly one of at_least and more_than")
        return self

    def quorum(self, terms: Terms) -> rules.Quorum:
        """As votes count it. Raises KeyError for a term that is not there."""
        return rules.Quorum(self.counts, fraction(self.share, terms), self.more_than is not None)

    @property
    def share(self) -> str:
        """The share as written."""
        return self.more_than or self.at_least or ""


class WrittenSettings(Settings):
    """A vote by writing."""

    days: Days = Field(description="least days for a reply")
    silence: bool = Field(False, description="true: who does not reply is in favour (the article says so)")
    objection_stops: bool = Field(
        False, description="true: one that asks for a meeting ends the written procedure"
    )


class RuleSettings(Settings):
    """How one kind of decision is taken."""

    id: Identifier = Field(description="id")
    article: str = Field(min_length=1, description="article of compact.toml that says so")
    name: Words = Field(description="name by language")
    organ: str = Field("", description="organ whose mandate is needed; default: any seat of the council")
    condition: ConditionSettings = Field(description="what must be met")
    quorum: tuple[QuorumSettings, ...] = Field((), description="who must take part")
    abstention: Abstention = Field(
        "not-cast", description="how one who abstains counts: 'not-cast', 'cast', 'against'"
    )
    weights: dict[str, Share] = Field(default_factory=dict, description="votes of a member, default 1")
    least_days: Days = Field(0, description="least days from opening to closing")
    early: bool = Field(False, description="true: closes as soon as all have voted")
    casting_vote: bool = Field(False, description="true: the presiding member's vote breaks a tie")
    secret: bool = Field(False, description="true: a secret ballot")
    excludes_interested: bool = Field(False, description="true: a member with an interest is left out")
    irreversible: bool = Field(False, description="true: two people open it")
    written: WrittenSettings | None = Field(None, description="a written procedure")

    def named(self) -> Iterator[str]:
        """Every term that it uses."""
        shares = (*self.condition.shares(), *(q.share for q in self.quorum), *self.weights.values())
        days = (self.least_days, self.written.days if self.written else 0)
        yield from (name for v in (*shares, *days) if isinstance(v, str) and (name := _term(v)))

    def rule(self, terms: Terms) -> VoteRule:
        """As votes follow it. Raises KeyError for a term that is not there."""
        written = None
        if self.written is not None:
            w = self.written
            written = rules.Written(_whole_days(w.days, terms), w.silence, w.objection_stops)
        return VoteRule(
            self.id, self.article, dict(self.name), self.condition.condition(terms),
            tuple(q.quorum(terms) for q in self.quorum), self.abstention,
            {m: fraction(w, terms) for m, w in self.weights.items()}, self.organ,
            _whole_days(self.least_days, terms), self.early, self.casting_vote, self.secret,
            self.excludes_interested, self.irreversible, written,
        )  # fmt: skip


class ProposalSettings(Settings):
    """A proposal to start with, made up for a demonstration."""

    id: Identifier = Field(description="id")
    rule: str = Field(description="id of the rule")
    member: str = Field(description="the member that proposes it")
    subject: str = Field(min_length=1, description="what is decided: '<kind>/<id>'")
    title: Words = Field(description="title by language")
    text: Words = Field(default_factory=dict, description="what is proposed, by language")
    burdened: tuple[str, ...] = Field((), description="members on which it lays a new cost or risk")
    open_days: int | None = Field(None, ge=1, description="days it is open from the first import on")
    made_up: Literal[True] = Field(description="true: nobody has proposed this")


class VotesSettings(CompactSettings):
    """The voting rules of the agreement."""

    rules: tuple[RuleSettings, ...] = Field(min_length=1, description="the rules")
    proposals: tuple[ProposalSettings, ...] = Field((), description="made-up proposals")

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note unknown members, organs, terms and rules, ids used twice, and rules no vote can follow."""
        terms = terms_of(known.others.get("agreement"))
        organs = {o.id for o in getattr(known.others.get("people"), "organs", ())}
        for table, ids in (
            ("rules", [r.id for r in self.rules]),
            ("proposals", [p.id for p in self.proposals]),
        ):
            for twice, times in Counter(ids).items():
                if times > 1:
                    problems.add(known.file, f"'{twice}' {times} times", "each id once", record=table,
                                 field="id", code="region.duplicate")  # fmt: skip
        for n, settings in enumerate(self.rules, 1):
            record = f"rules[{n}] {settings.id}"
            if settings.organ and organs and settings.organ not in organs:
                problems.add(known.file, short(settings.organ), f"an organ: {', '.join(sorted(organs))}",
                             record=record, field="organ")  # fmt: skip
            missing = sorted({name for name in settings.named() if name not in terms})
            for name in missing:
                wanted = (
                    f"a fraction, percentage or number of days of compact.toml ({', '.join(terms) or 'none'})"
                )
                problems.add(known.file, f"the term '{name}'", wanted, record=record, field="condition",
                             code="region.unknown-term")  # fmt: skip
            if not missing:
                self._check_rule(settings.rule(terms), record, known, problems)
        self._check_proposals(known, problems)

    def _check_rule(self, rule: VoteRule, record: str, known: KnownCompact, problems: Problems) -> None:
        everyone = rules.electors_of(rule, dict.fromkeys(known.settings.members, 1))
        for fault in rules.faults(rule, everyone):
            if fault.code != "votes.rule-number":  # people are counted only when the data is read
                problems.add(known.file, "a rule that no vote can follow", fault.words, record=record,
                             code="region.vote-rule")  # fmt: skip

    def _check_proposals(self, known: KnownCompact, problems: Problems) -> None:
        ids = [r.id for r in self.rules]
        for n, proposal in enumerate(self.proposals, 1):
            record = f"proposals[{n}] {proposal.id}"
            known.member(proposal.member, record, problems)
            for member in proposal.burdened:
                known.member(member, record, problems, "burdened")
            if proposal.rule not in ids:
                problems.add(known.file, short(proposal.rule), f"a rule: {', '.join(ids)}", record=record,
                             field="rule")  # fmt: skip


def terms_of(agreement: object) -> Terms:
    """Fractions, percentages (as fractions) and days of ``compact.toml``, by name; nothing without it."""
    out: dict[str, Fraction | int] = {}
    for name, term in getattr(agreement, "terms", {}).items():
        if term.fraction is not None:
            out[name] = Fraction(term.fraction)
        elif term.percent is not None:
            out[name] = Fraction(str(term.percent)) / 100
        elif term.days is not None:
            out[name] = term.days
    return out


def fraction(text: str, terms: Terms) -> Fraction:
    """A share as written, or the agreement's own.

    >>> fraction("0.65", {}), fraction("{weighty}", {"weighty": Fraction(2, 3)})
    (Fraction(13, 20), Fraction(2, 3))
    """
    name = _term(text)
    return Fraction(terms[name] if name else text)


def _whole_days(value: int | str, terms: Terms) -> int:
    return int(terms[_term(value)]) if isinstance(value, str) else value
