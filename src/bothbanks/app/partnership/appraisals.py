"""The appraisal that the live partnership shows: a finished folder, known by its hash."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from bothbanks.app.partnership.desk import Desk, Reader
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.appraised import Appraised
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept
from bothbanks.words.errors import InputError

ADDRESS = "/appraisal"
"""Where the site shows the report."""


def take_appraisal(partnership: Partnership, folder: Path) -> Appraised:
    """Copy a finished appraisal into the service's data and record its hash; the same one twice is one.

    Raises
    ------
    InputError
        The folder is no finished appraisal, or of another region.
    """
    value = folder / "value.json"
    if not value.is_file():
        raise InputError(
            "appraisal.missing",
            f"{folder} has no value.json; run: bothbanks appraise REGION --out {folder}",
        )
    said = json.loads(value.read_text(encoding="utf-8"))
    region = str(said.get("region", ""))
    if region != partnership.region.id:
        raise InputError(
            "appraisal.region", f"{folder} is about '{region}', but this is '{partnership.region.id}'."
        )
    digest = hashlib.sha256(value.read_bytes()).hexdigest()
    with partnership.desk(CLOCK) as desk:
        known = {k.state.value_sha256: k.state for k in desk.all(Appraised)}
        if digest in known and folder_of(partnership.data, known[digest]).is_dir():
            return known[digest]
        taken = known.get(digest) or Appraised(digest, str(said["inputs_sha256"]), desk.at)
        _copy(folder, folder_of(partnership.data, taken))
        if digest not in known:
            body = {"value_sha256": digest, "inputs_sha256": taken.inputs_sha256}
            change = Change(taken, (Entry("appraisal.taken", f"appraisal/{digest[:16]}", body),))
            desk.keep(desk.new_id(), change, None)
    return taken


def folder_of(data: Path, taken: Appraised) -> Path:
    """Where the files of an appraisal lie."""
    return data / "appraisals" / taken.value_sha256[:16]


def latest(reader: Reader | Desk) -> Appraised | None:
    """The appraisal taken last."""
    found: list[Kept[Appraised]] = reader.all(Appraised)
    return found[-1].state if found else None


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all: copied beside, then renamed."""
    beside = target.with_name(target.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, beside)
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)


def first_page(data: Path, taken: Appraised, language: str) -> str | None:
    """What the report's first page says in a language, as HTML, its links leading into the report.

    None where the report has no such language.
    """
    from lxml import html

    page = folder_of(data, taken) / "report" / language / "index.html"
    if not page.is_file():
        return None
    whole: Any = html.document_fromstring(page.read_text(encoding="utf-8"))
    whole.make_links_absolute(f"{ADDRESS}/{language}/index.html", resolve_base_href=False)
    main = whole.find(".//main")
    return None if main is None else "".join(html.tostring(child, encoding="unicode") for child in main)


def report_file(data: Path, taken: Appraised, path: str) -> Path | None:
    """A file of the report by its address; None where there is none, or it lies outside the report."""
    root = (folder_of(data, taken) / "report").resolve()
    found = (root / path).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None
