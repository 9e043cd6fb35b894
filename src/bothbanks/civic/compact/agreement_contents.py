"""What an agreement must hold, as a checklist: which article covers what, and what is missing.

Three lists. The contents of an EGTC's convention and statutes follow Articles 8 and 9 of Regulation (EC)
1082/2006 as amended by Regulation (EU) 1302/2013. What a public authority's summary of both articles
(Bavarian State Chancellery, eap.bayern.de) names is marked as seen there; the rest, and the lettering of all,
is to be checked in the Official Journal by a lawyer. Mutual aid follows the process of the Emergency
Management Assistance Compact (Public Law 104-321; emacweb.org): packages priced beforehand, request, offer,
binding support agreement, order, reimbursement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bothbanks.civic.compact.agreement import MUTUAL_AID, AgreementText

Listing = Literal["convention", "statutes", "aid"]
CONVENTION: Listing = "convention"
STATUTES: Listing = "statutes"
AID: Listing = "aid"


@dataclass(frozen=True)
class Content:
    """One thing an agreement must hold: its id (list and letter), and what it is."""

    id: str
    listing: Listing
    words: str  # English; the other languages are found under it
    seen: bool  # named in the public summary; otherwise to be checked in the law's own words

    @property
    def letter(self) -> str:
        """Its letter or name in the list."""
        return self.id.partition(".")[2]


@dataclass(frozen=True)
class Checked:
    """A content with the articles that say they cover it."""

    content: Content
    articles: tuple[str, ...]
    required: bool  # by law for this form of agreement; otherwise good practice

    @property
    def missing(self) -> bool:
        """Nothing covers it."""
        return not self.articles


def say(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


CONTENTS: tuple[Content, ...] = (
    Content("convention.a", CONVENTION, say("name and registered office"), True),
    Content("convention.b", CONVENTION, say("territory in which tasks may be carried out"), True),
    Content("convention.c", CONVENTION, say("objective and tasks"), True),
    Content("convention.d", CONVENTION, say("duration, and how it is dissolved"), False),
    Content("convention.e", CONVENTION, say("list of members"), True),
    Content("convention.f", CONVENTION, say("list of organs and their competences"), True),
    Content("convention.g", CONVENTION, say("law by which it is interpreted and enforced"), True),
    Content("convention.h", CONVENTION, say("law of the state in which the organs act"), False),
    Content("convention.i", CONVENTION, say("part taken by members from third countries"), False),
    Content("convention.j", CONVENTION, say("law that bears directly on the tasks"), False),
    Content("convention.k", CONVENTION, say("rules for staff"), False),
    Content("convention.l", CONVENTION, say("liability of the grouping and its members"), True),
    Content(
        "convention.m", CONVENTION, say("mutual recognition, also in the control of public funds"), False
    ),
    Content("convention.n", CONVENTION, say("how statutes are adopted and the convention is amended"), False),
    Content("statutes.a", STATUTES, say("how the organs work, and how many represent each member"), True),
    Content("statutes.b", STATUTES, say("how decisions are taken"), True),
    Content("statutes.c", STATUTES, say("working language or languages"), True),
    Content("statutes.d", STATUTES, say("how it functions day to day"), False),
    Content("statutes.e", STATUTES, say("management and recruitment of staff"), False),
    Content("statutes.f", STATUTES, say("members' financial contributions"), True),
    Content("statutes.g", STATUTES, say("accounting and budget rules"), True),
    Content("statutes.h", STATUTES, say("an independent external auditor"), False),
    Content("statutes.i", STATUTES, say("how the statutes are amended"), False),
    Content("aid.packages", AID, say("mission packages described and priced beforehand"), True),
    Content("aid.request", AID, say("who may request aid, and how"), True),
    Content("aid.offer", AID, say("offer, with its cost and its limits"), True),
    Content("aid.support", AID, say("support agreement, binding once accepted"), True),
    Content("aid.order", AID, say("mission order before crews leave, and who commands them"), True),
    Content("aid.reimbursement", AID, say("which costs are reimbursed, with what proof, by when"), True),
    Content("aid.recognition", AID, say("recognition of qualifications, licences and equipment"), False),
    Content("aid.liability", AID, say("liability and insurance on missions"), False),
)
CONTENT_IDS = frozenset(c.id for c in CONTENTS)
"""What an article may say it covers."""


def checklist(text: AgreementText) -> tuple[Checked, ...]:
    """Every content that applies to the agreement, with the articles that cover it.

    The lists of Articles 8 and 9 are required of an EGTC and good practice for any other agreement; the list
    of mutual aid applies where the agreement is about it.
    """
    out = []
    for content in CONTENTS:
        if content.listing == AID and MUTUAL_AID not in text.subjects:
            continue
        articles = tuple(a.id for a in text.articles if content.id in a.covers)
        required = text.form == "egtc" and content.listing != AID
        out.append(Checked(content, articles, required))
    return tuple(out)


def missing(text: AgreementText) -> tuple[Content, ...]:
    """What nothing covers."""
    return tuple(c.content for c in checklist(text) if c.missing)
