"""Everything an appraisal leaves behind, written beside the old output and swapped in whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from bothbanks import __version__
from bothbanks.analysis.findings import CaseFinding, Findings
from bothbanks.app.appraise import Appraisal
from bothbanks.app.loss_curves import Catalogue
from bothbanks.app.output import whole_folder

Progress = Callable[[str, float], None]


def write_all(appraisal: Appraisal, out: Path, progress: Progress) -> None:
    """Write all outputs to ``out``.

    Raises
    ------
    InputError
        ``out`` holds something this program didn't write.
    """
    from bothbanks.app.office import write_office
    from bothbanks.pages.report import write_report
    from bothbanks.standards.layers import write_layers
    from bothbanks.standards.tables import write_csv, write_tables
    from bothbanks.standards.value_json import write_value
    from bothbanks.standards.workbook import write_workbook

    findings = appraisal.findings
    with whole_folder(out) as folder:
        progress("writing value.json, tables and layers", 0.93)
        write_value(findings, folder / "value.json")
        write_tables(findings, folder / "tables")
        write_csv(findings.conversions, folder / "conversions.csv")
        write_csv(findings.refused, folder / "refused.csv")
        write_layers(findings, folder / "layers.gpkg")
        progress("writing the workbook", 0.95)
        write_workbook(findings, folder / "workbook.xlsx")
        progress("writing the papers for the office", 0.955)
        write_office(findings, appraisal.model, folder / "office")
        _write_purchases(findings, folder / "ocds")
        progress("writing the event catalogues", 0.96)
        _write_catalogues(appraisal, folder)
        progress("writing the report", 0.97)
        write_report(findings, folder / "report")
        _write_provenance(appraisal, folder)


def _write_purchases(findings: Findings, folder: Path) -> None:
    """Contracting data to publish, as the page of purchases links to it."""
    for name, text in (findings.procurement.files if findings.procurement else {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _write_catalogues(appraisal: Appraisal, folder: Path) -> None:
    """Each case's events with their hits, and the event x member loss table that later work divides."""
    from bothbanks.standards.event_folder import write_event_folder

    settings, seed = appraisal.model.settings, appraisal.findings.region.seed
    for (case, variant), made in appraisal.catalogues.items():
        (folder / "events").mkdir(exist_ok=True)
        _write_event_losses(made, folder / "events" / f"{case}-loss-by-member-{variant}.parquet")
        if variant != "alone":
            continue
        places = {"place": np.arange(made.events.place_count)}
        target = folder / "events" / case
        write_event_folder(target, made.events, places, settings.crs, f"bothbanks {__version__}", seed)


def _write_event_losses(made: Catalogue, path: Path) -> None:
    import pandas as pd

    table = made.losses.table("member")
    frame = pd.DataFrame(table.loss, columns=list(table.keys))
    frame.insert(0, "rate_per_year", made.losses.events.rate)
    frame.insert(0, "event", list(made.losses.events.id))
    frame.to_parquet(path, index=False)


def _write_provenance(appraisal: Appraisal, folder: Path) -> None:
    from bothbanks.region import provenance

    region = appraisal.findings.region
    outputs = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".") and "report" not in file.relative_to(folder).parts
    }
    text = provenance(appraisal.model, outputs, version=region.version, seed=region.seed, draws=region.draws)
    (folder / "provenance.json").write_text(text, encoding="utf-8")


def matrix_text(findings: Findings) -> str:
    """The first page's matrix for a terminal: problems down, members across, alone -> together, and
    the payment.
    """
    language = findings.region.languages[0]
    r = findings.region
    lines = []
    for c in findings.cases:
        factor = 1e6 if c.money else 1.0
        per = "a year" if c.per == "year" else f"over {r.horizon_years} years"
        unit = f"{c.unit} million of {r.price_year} {per}" if c.money else c.unit
        lines += ["", f"{_words(c.name, language)} ({unit}), alone -> together"]
        for i, m in enumerate(findings.members):
            figures = f"{c.alone[i] / factor:10,.1f} -> {c.together[i] / factor:10,.1f}"
            lines.append(f"  {_words(m.name, language):<30} {figures}{_payment(c, i, factor)}")
        if c.game is not None:
            gain = c.game.views.total_gain
            lines.append(
                f"  gain together {gain.value / factor:,.1f} (nine in ten draws: {gain.low / factor:,.1f} to "
                f"{gain.high / factor:,.1f}), across the border "
                f"{c.game.views.cross_border_gain.value / factor:,.1f}"
            )
    assumed = f"{findings.assumed_count} of {len(findings.parameters)} numbers are assumed."
    return "\n".join([*lines[1:], "", assumed])


def _payment(case: CaseFinding, member: int, factor: float) -> str:
    """What a member pays or receives under the Shapley value, nothing where nothing is paid."""
    if case.game is None:
        return ""
    payment = case.game.rules[0].payments[member] / factor
    if abs(payment) < 0.05:
        return ""
    return f"   {'receives' if payment > 0 else 'pays':<8} {abs(payment):8,.1f}"


def _words(text: Mapping[str, str], language: str) -> str:
    return text.get(language) or text.get("") or next(iter(text.values()), "")
