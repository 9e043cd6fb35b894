"""Name the one procurement law of a joint purchase, or say why none can be named.

Article 39 of Directive 2014/24/EU lets authorities of several countries buy together under one national law:
paragraph 4 where they agree on responsibilities, on the national provisions that apply, and on how the
purchase is run, divided and contracted; paragraph 5 where a joint entity (an EGTC among them) buys, under
the law of its seat or of the place where it acts. Laws are never merged. What the article says was read in
the texts that take it over: regulation 39 of SI 2015/102, Article 43 of the Italian code, and a commentary
of 2016 (howtocrackanut.com); nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bothbanks.civic.changes import Refusal

ONE_COUNTRY = "one-country"  # all buyers are of one country: Article 39 is not needed
BY_AGREEMENT = "39(4)"
BY_ENTITY = "39(5)"
BASES = (BY_AGREEMENT, BY_ENTITY)

LEAD, LARGEST, FIXED, SEAT, ACTIVITY = "lead-buyer", "largest-share", "fixed", "seat", "activity"
RULES: Mapping[str, tuple[str, ...]] = {
    BY_AGREEMENT: (LEAD, LARGEST, FIXED),
    BY_ENTITY: (SEAT, ACTIVITY),
}
"""How an agreement may name the law, by paragraph."""


@dataclass(frozen=True)
class Buyer:
    """One that pays: its id in the region, its name, country, and the code of its procurement regime."""

    id: str
    name: str
    country: str  # ISO 3166-1 alpha-2
    regime: str  # ISO 3166: the country, or the part of it whose rules it follows (DE-NW)


@dataclass(frozen=True)
class Entity:
    """A joint body with a seat, which buys for its members under Article 39(5)."""

    id: str
    name: str
    seat: str  # regime of its seat
    activity: tuple[str, ...]  # regimes of the places where it acts


@dataclass(frozen=True)
class LawRule:
    """What the agreement says about the law of joint purchases.

    ``agreement`` identifies the text (an article of the compact), without which nothing is named. ``law`` is
    used by the rules 'fixed' and 'activity' only.
    """

    agreement: str
    basis: str = BY_AGREEMENT
    rule: str = LEAD
    law: str = ""
    entity: Entity | None = None


@dataclass(frozen=True)
class ApplicableLaw:
    """The one law, and why: the paragraph, the rule of the agreement and the agreement itself."""

    law: str
    basis: str
    rule: str
    agreement: str
    others: tuple[str, ...]  # regimes of the other buyers, shown for information


def applicable_law(
    rule: LawRule | None, buyers: Sequence[Buyer], lead: str, shares: Mapping[str, Fraction]
) -> ApplicableLaw | Refusal:
    """The law that the agreement's rule names for these buyers.

    Parameters
    ----------
    rule : None where the agreement has none
    buyers : all that pay
    lead : id of the lead buyer, which runs the purchase
    shares : buyer -> share of the cost, adding up to 1

    Returns
    -------
    The law, or a refusal: no rule, a rule of another paragraph, a law that is none of the buyers', a tie.

    Examples
    --------
    >>> a, b = Buyer("a", "A", "BE", "BE"), Buyer("b", "B", "NL", "NL")
    >>> half = {"a": Fraction(1, 2), "b": Fraction(1, 2)}
    >>> applicable_law(LawRule("article 7", rule="lead-buyer"), (a, b), "b", half).law
    'NL'
    >>> print(applicable_law(LawRule("article 7", rule="largest-share"), (a, b), "b", half))
    [procurement.law-tie] a and b pay the same largest share; name the law in the agreement (rule 'fixed').
    """
    own = list(dict.fromkeys(b.regime for b in buyers))
    if len(own) == 1 and (rule is None or rule.basis == BY_AGREEMENT):
        found: str | Refusal = own[0]
        if rule is not None and rule.rule == FIXED:
            found = _fixed(rule, own)
        basis, how, text = ONE_COUNTRY, ONE_COUNTRY, rule.agreement if rule else ""
    else:
        if rule is None or not rule.agreement.strip():
            return Refusal(
                "procurement.no-law",
                f"buyers of {' and '.join(own)} buy together and no agreement names the law; Article 39(4) "
                "of Directive 2014/24/EU asks for one that does, before the purchase starts.",
            )
        if rule.rule not in RULES.get(rule.basis, ()):
            wanted = "; ".join(f"{basis}: {', '.join(names)}" for basis, names in RULES.items())
            return Refusal(
                "procurement.law-rule",
                f"rule '{rule.rule}' under Article {rule.basis} names no law; possible are {wanted}.",
            )
        found = _named(rule, buyers, own, lead, shares)
        basis, how, text = rule.basis, rule.rule, rule.agreement
    if isinstance(found, Refusal):
        return found
    return ApplicableLaw(found, basis, how, text, tuple(r for r in own if r != found))


def _named(
    rule: LawRule, buyers: Sequence[Buyer], own: Sequence[str], lead: str, shares: Mapping[str, Fraction]
) -> str | Refusal:
    regime = {b.id: b.regime for b in buyers}
    if rule.basis == BY_ENTITY:
        return _of_entity(rule)
    if rule.rule == FIXED:
        return _fixed(rule, own)
    if rule.rule == LEAD:
        return regime[lead]
    most = max(shares.values())
    largest = [b for b, share in shares.items() if share == most]
    if len({regime[b] for b in largest}) > 1:
        return Refusal(
            "procurement.law-tie",
            f"{' and '.join(largest)} pay the same largest share; name the law in the agreement "
            "(rule 'fixed').",
        )
    return regime[largest[0]]


def _fixed(rule: LawRule, own: Sequence[str]) -> str | Refusal:
    if rule.law in own:
        return rule.law
    return Refusal(
        "procurement.foreign-law",
        f"the agreement names the law of '{rule.law}', which is no buyer's ({', '.join(own)}); name the law "
        "of one of them.",
    )


def _of_entity(rule: LawRule) -> str | Refusal:
    if rule.entity is None:
        return Refusal(
            "procurement.no-entity",
            "Article 39(5) is for a joint entity, and none is named; give its id, seat and places of "
            "activity.",
        )
    if rule.rule == SEAT:
        return rule.entity.seat
    if rule.law in rule.entity.activity:
        return rule.law
    return Refusal(
        "procurement.foreign-law",
        f"{rule.entity.name} is not active under the law of '{rule.law}' "
        f"(it is in {', '.join(rule.entity.activity) or 'no place stated'}); name the seat or such a place.",
    )
