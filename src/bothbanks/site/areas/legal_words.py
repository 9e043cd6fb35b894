"""The legal matrix in words of the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup

from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.legal import Subject, Version
from bothbanks.civic.compact.legal_demands import AtLeast, AtMost, Clash, Common, Demand, OneOf, Requires
from bothbanks.civic.compact.legal_matrix import Pair
from bothbanks.civic.finance.applicable_law import ApplicableLaw
from bothbanks.site.visit import Visit

STATES = {
    "same": "same", "together": "better", "recognised": "better", "one-law": "same", "one-way": "worse",
    "conflict": "worse", "not-known": "assumed",
}  # fmt: skip
"""The class under which each standing is drawn; the word beside it says the same."""


def names(visit: Visit, members: Sequence[str]) -> Markup:
    """Members in a row: 'A, B and C'."""
    return visit.language.join(visit.member(m) for m in members)


def area_words(visit: Visit, area: str) -> Markup:
    """The name of an area of law."""
    t = visit.t
    return {
        "procurement": t("Procurement"),
        "environment": t("Environmental assessment"),
        "land-use": t("Land use and zoning"),
        "qualifications": t("Recognition of qualifications"),
        "driving": t("Driving licences"),
        "equipment": t("Equipment"),
        "insurance": t("Insurance"),
        "radio": t("Radio"),
        "data-protection": t("Data protection"),
    }[area]


def value_words(visit: Visit, value: Fraction | None, unit: str) -> str:
    """A value with its unit, as the language writes numbers."""
    if value is None:
        return ""
    number = visit.number(int(value)) if value.denominator == 1 else visit.number(float(value))
    return f"{number} {unit}".strip()


def item_words(visit: Visit, subject: Subject, items: Sequence[str]) -> Markup:
    """Things that a rule names, in words."""
    return visit.language.join(visit.pick(subject.labels.get(i, {}), i) for i in items)


def demand_words(visit: Visit, subject: Subject, demand: Demand) -> Markup:
    """One thing that a rule asks."""
    t = visit.t
    if isinstance(demand, AtLeast):
        return t("at least {value}", value=value_words(visit, demand.value, subject.unit))
    if isinstance(demand, AtMost):
        return t("at most {value}", value=value_words(visit, demand.value, subject.unit))
    if isinstance(demand, OneOf):
        things = item_words(visit, subject, demand.options)
        return t("only: {things}", things=things)
    things = item_words(visit, subject, demand.items)
    if isinstance(demand, Requires):
        return t("required: {things}", things=things)
    return t("not allowed: {things}", things=things)


def cell_words(visit: Visit, subject: Subject, version: Version | None) -> Markup:
    """What a member's law asks, short; 'not known' where it is."""
    if version is None:
        return visit.t("nothing on file")
    if not version.known:
        return visit.t("not known, to be asked")
    return Markup("; ").join(demand_words(visit, subject, d) for d in version.demands)


def certainty_words(visit: Visit, version: Version) -> Markup:
    """How sure a rule is."""
    t = visit.t
    return {
        "seen": t("read at the source"),
        "inferred": t("inferred from the source"),
        "unclear": t("sources disagree"),
        "made-up": t("made up"),
    }[version.certainty]


def span_words(visit: Visit, version: Version) -> Markup:
    """From when to when a version holds."""
    t, first, last = visit.t, version.valid_from, version.valid_to
    if first and last:
        return t("{first} to {last}", first=visit.day(first), last=visit.day(last))
    if first:
        return t("since {first}", first=visit.day(first))
    if last:
        return t("until {last}", last=visit.day(last))
    return t("start and end not known")


def standing_words(visit: Visit, standing: str) -> Markup:
    """How members stand, in a few words."""
    t = visit.t
    return {
        "same": t("the same everywhere"),
        "together": t("different, can be met together"),
        "one-law": t("different, one law is named"),
        "conflict": t("conflict"),
        "recognised": t("conflict closed by recognition"),
        "one-way": t("recognised one way only"),
        "not-known": t("not all known"),
    }[standing]


def clash_words(visit: Visit, subject: Subject, clash: Clash) -> Markup:
    """Who can't meet whose rule, and why."""
    t = visit.t
    if clash.kind == "range":
        least = value_words(visit, clash.least, subject.unit)
        most = value_words(visit, clash.most, subject.unit)
        return t(
            "{first} asks for at least {least}, {second} allows at most {most}", least=least, most=most,
            first=visit.member(clash.members[0]), second=visit.member(clash.members[-1]),
        )  # fmt: skip
    if clash.kind == "options":
        return t("nothing is permitted by all of {members}", members=names(visit, clash.members))
    item = item_words(visit, subject, (clash.item,))
    return t("{members} disagree on {thing}: required by one, not allowed by another",
             members=names(visit, clash.members), thing=item)  # fmt: skip


def pair_words(visit: Visit, subject: Subject, pair: Pair) -> Markup:
    """How two members stand, in a sentence."""
    t = visit.t
    first, second = visit.member(pair.first), visit.member(pair.second)
    if pair.standing == "one-way":
        giver, taker = (first, second) if pair.there else (second, first)
        return t("{taker} accepts what is lawful in {giver}, and not the other way round",
                 taker=taker, giver=giver)  # fmt: skip
    if pair.standing == "recognised":
        return t("{first} and {second} accept each other’s rule", first=first, second=second)
    why = Markup("; ").join(clash_words(visit, subject, c) for c in pair.clashes)
    return why or Markup("{} – {}").format(first, second)


def common_words(visit: Visit, subject: Subject, common: Common) -> list[Markup]:
    """The strictest rule that meets all that are known, each part with the members that set it."""
    t, out = visit.t, []

    def by(words: Markup, key: str) -> Markup:
        who = common.by.get(key, ())
        return Markup("{} ({})").format(words, names(visit, who)) if who else words

    if common.least is not None:
        least = value_words(visit, common.least, subject.unit)
        out.append(by(t("at least {value}", value=least), "least"))
    if common.most is not None:
        most = value_words(visit, common.most, subject.unit)
        out.append(by(t("at most {value}", value=most), "most"))
    if common.options:
        out.append(t("only: {things}", things=item_words(visit, subject, common.options)))
    if common.required:
        out.append(t("required: {things}", things=item_words(visit, subject, common.required)))
    if common.forbidden:
        out.append(t("not allowed: {things}", things=item_words(visit, subject, common.forbidden)))
    return out


def law_words(visit: Visit, law: ApplicableLaw | Refusal) -> Markup:
    """The law that is named, or why none is."""
    if isinstance(law, Refusal):
        return Markup('<span class="worse">{}</span>').format(law.words)
    return visit.t("the law of {regime}", regime=_regime(visit, law.law))


def _regime(visit: Visit, code: str) -> str:
    country, _, part = code.partition("-")
    name = visit.language.country(country)
    return f"{name} ({code})" if part else name
