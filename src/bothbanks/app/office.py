"""The office pack: papers of the steering committee and Interreg tables, in every language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bothbanks.analysis.findings import Findings
from bothbanks.app.appraise import appraise
from bothbanks.app.output import refuse_foreign, whole_folder
from bothbanks.civic.finance.ledger import Journal
from bothbanks.pages.papers.interreg import Project, Reported
from bothbanks.region.finance.journal import has_journal, read_journal
from bothbanks.region.folder import RegionModel
from bothbanks.region.money import MoneyTable

Progress = Callable[[str, float], None]
SPENT = "expenses:measures:"


def office_pack(region: Path, out: Path, draws: int | None, progress: Progress) -> list[Path]:
    """Appraise a region and write only the office pack to ``out``, which is replaced as a whole.

    Raises
    ------
    RegionError, InputError
        As ``appraise``; ``out`` holds something this program didn't write.
    """
    refuse_foreign(out.absolute())
    appraisal = appraise(region, draws, None, progress)
    progress("writing the papers", 0.95)
    with whole_folder(out) as folder:
        written = write_office(appraisal.findings, appraisal.model, folder)
        names = [path.relative_to(folder) for path in written]
    progress("done", 1.0)
    return [out / name for name in names]


def write_office(findings: Findings, model: RegionModel, folder: Path) -> list[Path]:
    """``steering-committee-<language>.docx`` and, for each Interreg-like source that pays something,
    ``<source>-<language>.xlsx``.
    """
    from bothbanks.pages.papers.interreg import projects_of, write_interreg
    from bothbanks.pages.papers.steering import write_steering_papers
    from bothbanks.pages.report import languages_of

    folder.mkdir(parents=True, exist_ok=True)
    languages = languages_of(findings)
    written = write_steering_papers(findings, languages, folder)
    for project in projects_of(findings):
        reported = _reported(model, project)
        for language in languages:
            path = folder / f"{project.source}-{language.code}.xlsx"
            written.append(write_interreg(findings, language, project, reported, path))
    return written


def _reported(model: RegionModel, project: Project) -> tuple[Reported, ...]:
    """What the journal paid for the project's measures, at face value as a cash book counts it; a measure
    of several partners by their budgets.
    """
    if not has_journal(model.path):
        return ()
    journal = read_journal(model.path, tuple(m.id for m in model.members))
    return tuple(_spent(journal, model, project))


def _spent(journal: Journal, model: RegionModel, project: Project) -> Iterator[Reported]:
    table = MoneyTable(model.settings)
    for entry in journal.entries:
        for posting in entry.postings:
            measure = posting.account.removeprefix(SPENT)
            if measure == posting.account or measure not in project.measures:
                continue
            money = posting.money
            amount = money.amount * table.factor(money.currency, model.settings.price_year).factor
            for member in project.members:
                part = project.total(measure=measure, member=member) / project.total(measure=measure)
                if part:
                    yield Reported(member, measure, entry.day.isoformat(), amount * part)
