"""What an entry of the record is called in the reader's language, by its kind."""

from __future__ import annotations

from markupsafe import Markup, escape

from bothbanks.site.visit import Visit

UUID = 36  # characters; its beginning is a time and alike for many, its end tells them apart


def t(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


KINDS = {
    "agreement.adopted": t("the agreement adopted"),
    "agreement.carried": t("the agreement carried by vote"),
    "agreement.comment-answered": t("a comment answered"),
    "agreement.commented": t("a comment made"),
    "agreement.in-force": t("the agreement in force"),
    "agreement.proposed": t("an agreement proposed"),
    "agreement.put-to-vote": t("the agreement put to the vote"),
    "agreement.rejected": t("the agreement rejected by vote"),
    "agreement.repealed": t("the agreement repealed"),
    "agreement.revised": t("the draft revised"),
    "agreement.signed": t("the agreement signed"),
    "agreement.withdrawn": t("the draft withdrawn"),
    "appraisal.taken": t("an appraisal taken in"),
    "claims.awarded": t("a claim awarded"),
    "claims.clock-ended": t("the clock of a claim ran out"),
    "claims.evidence": t("evidence for a claim"),
    "claims.filed": t("a claim filed"),
    "claims.paid": t("a claim paid"),
    "claims.panel": t("the panel of a claim seated"),
    "claims.refused": t("a claim refused"),
    "claims.withdrawn": t("a claim withdrawn"),
    "decisions.taken-over": t("an earlier decision taken over"),
    "disputes.decided": t("a dispute decided"),
    "disputes.moved-on": t("a dispute moved to its next stage"),
    "disputes.opened": t("a dispute opened"),
    "disputes.overdue": t("a dispute overdue"),
    "disputes.panel-seated": t("the panel of a dispute seated"),
    "disputes.paper-added": t("a paper added to a dispute"),
    "disputes.procedure": t("the way of disputes set"),
    "disputes.seat-challenged": t("a seat of the panel challenged"),
    "disputes.seat-taken": t("a seat of the panel taken anew"),
    "disputes.settled": t("a dispute settled"),
    "disputes.settlement-agreed": t("a settlement agreed to"),
    "disputes.withdrawn": t("a dispute withdrawn"),
    "duties.added": t("a duty added"),
    "duties.arbitration-begun": t("arbitration begun over a duty"),
    "duties.begun": t("a duty begun"),
    "duties.done": t("a duty done"),
    "duties.ended": t("a duty ended"),
    "duties.escalated": t("reasons asked for a late duty"),
    "duties.evidence-given": t("evidence given for a duty"),
    "duties.evidence-sent-back": t("evidence sent back"),
    "duties.extended": t("a duty given more time"),
    "duties.mediation-begun": t("a late duty before the organs"),
    "duties.opened": t("a duty due on a day"),
    "duties.reminded": t("a reminder of a duty"),
    "duties.right-returned": t("a right returned"),
    "duties.right-suspended": t("a right suspended"),
    "duties.waived": t("a duty waived"),
    "layers.feature-added": t("something added to a map layer"),
    "layers.feature-dropped": t("something taken out of a map layer"),
    "layers.feature-put": t("something changed in a map layer"),
    "layers.opened": t("a map layer opened"),
    "legal.law-named": t("the law of joint purchases named"),
    "legal.recognition-ended": t("a recognition ended"),
    "legal.recognition-recorded": t("a recognition recorded"),
    "legal.rule-added": t("a rule of law added"),
    "legal.rule-amended": t("a rule of law amended"),
    "legal.rule-retired": t("a rule of law retired"),
    "legal.subject-added": t("a subject of law added"),
    "money.booked": t("an entry booked"),
    "money.buying-rules": t("the rules of buying set"),
    "money.file-registered": t("a file of the accounts registered"),
    "money.stated": t("a payout stated"),
    "money.terms": t("the terms of a payout set"),
    "obstacles.answer": t("an obstacle clarified"),
    "obstacles.ask": t("asked to clarify an obstacle"),
    "obstacles.clock-ended": t("the clock of an obstacle file ran out"),
    "obstacles.close-incomplete": t("an obstacle file closed: incomplete"),
    "obstacles.close-no-obstacle": t("an obstacle file closed: no obstacle"),
    "obstacles.contact-body": t("the competent body contacted"),
    "obstacles.inform": t("informed of the obstacle and next steps"),
    "obstacles.other-procedure": t("a procedure for legislation begun"),
    "obstacles.outcome": t("the outcome of an obstacle file"),
    "obstacles.redress": t("redress sought"),
    "obstacles.submitted": t("an obstacle handed in"),
    "obstacles.tell-neighbour": t("an obstacle shared with the neighbour’s point"),
    "obstacles.use-tool": t("the facilitation tool used"),
    "people.added": t("a person added"),
    "people.asked": t("a second person asked for"),
    "people.away": t("away, deputy acts"),
    "people.back": t("back from absence"),
    "people.confirmed": t("confirmed by a second person"),
    "people.declined": t("declined by a second person"),
    "people.erased": t("a person erased"),
    "people.invited": t("a person invited"),
    "people.mandate-ended": t("a mandate ended"),
    "people.mandate-given": t("a mandate given"),
    "people.organ": t("an organ set up"),
    "people.reset": t("a person’s ways to sign in taken away"),
    "people.seat": t("a seat set up"),
    "plans.activated": t("a contingency plan activated"),
    "plans.added": t("a contingency plan added"),
    "plans.drilled": t("a contingency plan drilled"),
    "plans.reviewed": t("a contingency plan reviewed"),
    "plans.step-done": t("a step of a plan done"),
    "plans.stood-down": t("a contingency plan stood down"),
    "presidency.begun": t("the presidency begun"),
    "presidency.swapped": t("terms of the presidency swapped"),
    "purchases.award": t("a purchase awarded"),
    "purchases.contract": t("a contract signed"),
    "purchases.contractAmendment": t("a contract amended"),
    "purchases.contractTermination": t("a contract ended"),
    "purchases.implementation": t("a contract carried out or paid"),
    "purchases.planning": t("a purchase planned"),
    "purchases.tender": t("a purchase out to tender"),
    "purchases.tenderAmendment": t("a tender amended"),
    "purchases.tenderCancellation": t("a tender cancelled"),
    "record.erased": t("a personal part erased"),
    "record.key-asked": t("a new key of the host asked for"),
    "record.key": t("a new key of the host"),
    "record.opened": t("the record opened"),
    "record.witness": t("a witness registered"),
    "record.witness-withdrawn": t("a witness’s key withdrawn"),
    "region.folder-proposed": t("a changed region folder proposed"),
    "region.opened": t("the region opened"),
    "sharing.access-asked": t("access asked for"),
    "sharing.access-granted": t("access granted"),
    "sharing.access-refused": t("access refused"),
    "sharing.access-withdrawn": t("a request for access taken back"),
    "sharing.dataset-added": t("a dataset added"),
    "sharing.emergency-opened": t("data opened in an emergency"),
    "sharing.opened": t("the sharing rules opened"),
    "sharing.opening-asked": t("an emergency opening asked for"),
    "sharing.opening-closed": t("an emergency opening closed"),
    "sharing.opening-reviewed": t("an emergency opening reviewed"),
    "sharing.opening-withdrawn": t("an emergency opening withdrawn"),
    "sharing.purpose-stated": t("a purpose stated"),
    "sharing.review-late": t("the review of an opening is late"),
    "sharing.rule-ended": t("a sharing rule ended"),
    "sharing.rule-set": t("a sharing rule set"),
    "votes.ballot-cast": t("a ballot cast"),
    "votes.closed": t("a vote closed"),
    "votes.member-excluded": t("a member excluded from a vote"),
    "votes.opened": t("a vote opened"),
    "votes.proposed": t("a vote proposed"),
    "votes.rule-set": t("a voting rule set"),
    "votes.withdrawn": t("a vote withdrawn"),
}
"""Kind of an entry -> its words in English; what an appendix leaves out shows its kind as it is kept."""


AREAS = {
    "agreement": t("Agreement"),
    "appraisal": t("Appraisal"),
    "claims": t("Claims"),
    "decisions": t("Earlier decisions"),
    "disputes": t("Disputes"),
    "duties": t("Duties"),
    "layers": t("Map layers"),
    "legal": t("Legal matrix"),
    "money": t("Money"),
    "obstacles": t("Obstacles"),
    "people": t("People and offices"),
    "plans": t("Contingency plans"),
    "presidency": t("Presidency"),
    "purchases": t("Purchases"),
    "record": t("Record"),
    "region": t("Region"),
    "sharing": t("Sharing rules"),
    "votes": t("Votes"),
}
"""First half of a kind -> its area in words."""

SUBJECTS = {
    "agreement": (t("agreement"), "/agreement"),
    "appraisal": (t("appraisal"), ""),
    "buying-rules": (t("rules of buying"), ""),
    "claim": (t("claim"), "/money/claims/{id}"),
    "confirmation": (t("question to a second person"), ""),
    "dispute": (t("dispute"), "/disputes/{id}"),
    "dispute-procedure": (t("way of disputes"), "/disputes"),
    "duty": (t("duty"), "/duties/{id}"),
    "earlier-decision": (t("earlier decision"), ""),
    "grant": (t("terms of a payout"), ""),
    "layer": (t("map layer"), "/data/{id}"),
    "ledger-entry": (t("ledger entry"), "/money"),
    "legal-law": (t("law of purchases"), "/legal"),
    "legal-recognition": (t("recognition"), "/legal"),
    "legal-rule": (t("rule of law"), "/legal"),
    "legal-subject": (t("subject of law"), "/legal/{id}"),
    "mandate": (t("mandate"), "/people"),
    "money-file": (t("file of the accounts"), ""),
    "obstacle": (t("obstacle file"), "/obstacles/{id}"),
    "organ": (t("organ"), "/people"),
    "person": (t("person"), ""),
    "plan": (t("contingency plan"), "/duties/plans/{id}"),
    "presidency": (t("presidency"), "/duties/presidency"),
    "purchase": (t("purchase"), "/money/purchases/{id}"),
    "record": (t("record"), "/record"),
    "region": (t("region"), ""),
    "seat": (t("seat"), "/people"),
    "sharing": (t("dataset"), "/sharing/dataset/{id}"),
    "sharing-opening": (t("emergency opening"), "/sharing/openings"),
    "sharing-request": (t("request for access"), "/sharing/requests"),
    "sharing-rule": (t("sharing rule"), "/sharing"),
    "statement": (t("statement of a payout"), "/money"),
    "vote": (t("vote"), "/votes/{id}"),
    "vote-rule": (t("voting rule"), "/votes"),
}
"""What an entry is about: kind of object -> its word, and the page that shows it."""


def kind_words(visit: Visit, kind: str) -> Markup:
    """A kind of entry in words.

    >>> KINDS["votes.opened"]
    'a vote opened'
    """
    known = KINDS.get(kind)
    return visit.t(known) if known else escape(kind)


def area_words(visit: Visit, area: str) -> Markup:
    """An area of the record in words.

    >>> AREAS["votes"]
    'Votes'
    """
    known = AREAS.get(area)
    return visit.t(known) if known else escape(area)


def subject_words(visit: Visit, subject: str) -> Markup:
    """What an entry is about, in words: 'duty: Yearly report'; its id where it has no name.

    >>> SUBJECTS["duty"]
    ('duty', '/duties/{id}')
    """
    kind, _, id = subject.partition("/")
    if kind not in SUBJECTS:
        return escape(subject)
    short = f"…{id[-6:]}" if len(id) == UUID else id
    return Markup("{}: {}").format(visit.t(SUBJECTS[kind][0]), visit.title_of(kind, id) or short)


def subject_page(visit: Visit, subject: str) -> str:
    """The page that shows what an entry is about; empty where there is none."""
    kind, _, id = subject.partition("/")
    path = SUBJECTS.get(kind, ("", ""))[1]
    return visit.link(path.format(id=id)) if path else ""
