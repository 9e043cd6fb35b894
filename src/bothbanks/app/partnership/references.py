"""What identifiers point to: articles of the agreement, decisions, entries of the record."""

from __future__ import annotations

from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.references_articles import articles
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.duties_decisions import EarlierDecision
from bothbanks.civic.compact.votes import Vote
from bothbanks.store.interface import MissingError


def is_decision(reader: Reader, decision: str) -> bool:
    """A vote that was carried, or a decision taken before the service."""
    try:
        found = reader.load(Vote, decision).state
        return found.result is not None and found.result.carried
    except MissingError:
        pass
    try:
        reader.load(EarlierDecision, decision)
    except MissingError:
        return False
    return True


def no_decision(reader: Reader, decision: str, *about: str) -> Refusal | None:
    """A refusal where a decision is named that there is not, or that is about something else.

    ``about`` are the subjects of a vote that decide the matter ('duty/levee-permit'). A decision taken
    before the service has no subject: its words say what it is about, and everybody can read them. None
    where no decision is named.
    """
    if not decision.strip():
        return None
    if is_decision(reader, decision):
        return _about_something_else(reader, decision, about)
    return Refusal(
        "references.decision", "'{given}' is no decision; name a vote that was carried, or an earlier one.",
        {"given": decision}, "missing",
    )  # fmt: skip


def _about_something_else(reader: Reader, decision: str, about: tuple[str, ...]) -> Refusal | None:
    try:
        subject = reader.load(Vote, decision).state.subject
    except MissingError:
        return None
    if not about or subject in about:
        return None
    return Refusal(
        "references.other-matter",
        "vote '{given}' decided about '{found}'; this needs a vote about {wanted}.",
        {"given": decision, "found": subject, "wanted": ", ".join(f"'{s}'" for s in about)},
    )


def no_article(reader: Reader, article: str) -> Refusal | None:
    """A refusal where an article is named that the agreement does not have."""
    if article in articles(reader):
        return None
    return Refusal(
        "references.article", "'{given}' is no article of the agreement; name one by its identifier.",
        {"given": article}, "missing",
    )  # fmt: skip


def no_entry(reader: Reader, reference: str) -> Refusal | None:
    """A refusal where a reference is neither a number nor a subject of the record."""
    known = (
        int(reference) < reader.store.record_size()
        if reference.isdecimal()
        else bool(reference.strip() and reader.entries_about(reference))
    )
    if known:
        return None
    return Refusal(
        "references.entry", "the record holds nothing under '{given}'; give the number of an entry.",
        {"given": reference}, "missing",
    )  # fmt: skip
