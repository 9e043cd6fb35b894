"""What can be found of each area beside the agreement: titles and texts that its dataset shows in full.

Papers that a dispute keeps for its parties or its panel, names of people, and the layers of single members
are left out: an index is shared by all who see the same datasets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.search import Text
from bothbanks.app.partnership.sharing import book_of
from bothbanks.civic.compact.disputes_state import Dispute
from bothbanks.civic.compact.duties_state import Duty
from bothbanks.civic.compact.legal import LegalRule, Subject
from bothbanks.civic.compact.obstacles import Obstacle
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.votes import Vote
from bothbanks.civic.finance.ledger import Entry
from bothbanks.civic.finance.procurement_taken import KeptPurchase

Words = Mapping[str, str]
AS_WRITTEN = "und"
"""Language of words that somebody typed without saying which it is (BCP 47: undetermined)."""


def votes(reader: Reader) -> Iterable[Text]:
    """Votes by what they decide."""
    for kept in reader.all(Vote):
        yield Text("votes", f"/votes/{kept.id}", kept.state.title, kept.state.text)


def duties(reader: Reader) -> Iterable[Text]:
    """Duties by what they ask for, and contingency plans by their steps."""
    for kept in reader.all(Duty):
        yield Text("duties", f"/duties/{kept.id}", kept.state.title, kept.state.asks)
    for plan in reader.all(Plan):
        steps = joined(step.words for step in plan.state.steps)
        yield Text("duties", f"/duties/plans/{plan.id}", plan.state.title, steps)


def disputes(reader: Reader) -> Iterable[Text]:
    """Disputes by what they are about, what was found, and the papers that everybody may read."""
    for kept in reader.all(Dispute):
        dispute, judged = kept.state, kept.state.judgement
        said = [p.words for p in dispute.papers if p.access == "public"]
        said += [judged.reasons, judged.remedy] if judged else []
        title = {AS_WRITTEN: dispute.words}
        yield Text("disputes", f"/disputes/{kept.id}", title, {AS_WRITTEN: " ".join(said)})


def obstacles(reader: Reader) -> Iterable[Text]:
    """Obstacle files by their words and steps."""
    for kept in reader.all(Obstacle):
        said = " ".join((kept.state.words, *(step.words for step in kept.state.steps)))
        yield Text("obstacles", f"/obstacles/{kept.id}", {AS_WRITTEN: kept.state.title}, {AS_WRITTEN: said})


def legal(reader: Reader) -> Iterable[Text]:
    """Subjects of the legal matrix by their question and what the members' laws say on them."""
    for kept in reader.all(Subject):
        rules = [r.state.versions[-1] for r in reader.all(LegalRule, parent=kept.id)]
        sources = " ".join(version.source for version in rules)
        asked = joined((kept.state.question, *(version.text for version in rules)))
        words = {code: f"{said} {sources}" for code, said in asked.items()}
        yield Text("legal", f"/legal/{kept.id}", kept.state.name, words)


def members(reader: Reader) -> Iterable[Text]:
    """Members by their names in every language."""
    for member in reader.region.members.values():
        names = {AS_WRITTEN: " ".join((member.id, *dict.fromkeys(member.name.values())))}
        yield Text("members", "/members", member.name, names)


def money(reader: Reader) -> Iterable[Text]:
    """Joint purchases, and entries of the ledger by their text."""
    for kept in reader.all(KeptPurchase):
        bought = kept.state.purchase
        yield Text("money", f"/money/purchases/{kept.id}", bought.title, bought.rationale)
    for entry in reader.all(Entry):
        yield Text("money", "/money", {AS_WRITTEN: entry.state.text}, {AS_WRITTEN: entry.id})


def sharing(reader: Reader) -> Iterable[Text]:
    """Datasets by name, as the page of the sharing rules lists them for everybody who sees it."""
    for dataset in book_of(reader).state.datasets:
        name = dataset.name or {AS_WRITTEN: dataset.id}
        yield Text("sharing", f"/sharing/dataset/{dataset.id}", name, {AS_WRITTEN: dataset.id})


def joined(parts: Iterable[Words]) -> dict[str, str]:
    """Words of several texts, by language.

    >>> joined([{"de": "Eins", "fr": "Un"}, {"de": "Zwei"}])
    {'de': 'Eins Zwei', 'fr': 'Un'}
    """
    found: dict[str, list[str]] = {}
    for words in parts:
        for code, said in words.items():
            found.setdefault(code, []).append(said)
    return {code: " ".join(said) for code, said in found.items()}


SEARCHED: Mapping[str, Callable[[Reader], Iterable[Text]]] = {
    "votes": votes,
    "duties": duties,
    "disputes": disputes,
    "obstacles": obstacles,
    "legal": legal,
    "members": members,
    "money": money,
    "sharing": sharing,
}
