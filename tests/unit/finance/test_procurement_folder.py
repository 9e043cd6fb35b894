"""``finance/procurement.toml``: from the folder to the finding; every fault told with its place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import findings_fixture
import pytest
from region_folders import fresh

from bothbanks.analysis.findings import ProcurementFinding
from bothbanks.app import procurement
from bothbanks.app.procurement_processes import bands
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.procurement_terms import because_words, flag_words, law_words
from bothbanks.pages.views.procurement import entries, page
from bothbanks.region import read_region
from bothbanks.region.folder import check_folder
from bothbanks.standards.ocds import read_texts

PURCHASES = """
publisher = "Made up"
uri = "https://example.org/ocds"
ocid_prefix = "ocds-xxxxxx"
prefix_source = "assumed"

[regimes]
left = "NL"
right = "BE"

[law]
agreement = "article 7"
rule = "largest-share"

[[purchases]]
id = "boats"
title = "Two boats"
rationale = "To cross"
kind = "goods"
lead = "left"
shares = { left = "2/3", right = "1/3" }
estimate = 240000.01
planned = 2026-01-05T09:00:00Z

[[purchases.items]]
id = "1"
description = "Boat"
code = "34520000"
quantity = 2
unit = "boat"

[[purchases.steps]]
step = "tender"
when = 2026-02-02T09:00:00Z
method = "open"
criteria = "priceOnly"
closes = 2026-02-27T17:00:00Z

[[purchases.steps]]
step = "award"
when = 2026-03-27T09:00:00Z
tenderers = [{ id = "f1", name = "First" }]
winner = "f1"
amount = 250000.00

[[purchases.steps]]
step = "contract"
when = 2026-04-20T09:00:00Z
amount = 250000.00
starts = 2026-05-01
ends = 2026-12-31

[[purchases.steps]]
step = "pay"
when = 2026-06-01T09:00:00Z
amount = 100000.01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = fresh(tmp_path / "region")
    (path / "finance").mkdir()
    (path / "finance" / "procurement.toml").write_text(PURCHASES, "utf-8")
    return path


def found_of(folder: Path) -> ProcurementFinding:
    opened = read_region(folder)
    model = SimpleNamespace(settings=opened.settings, members=opened.members)
    prepared: Any = SimpleNamespace(finance=opened.finance, path=folder, model=model, base={})
    found = procurement.find(prepared)
    assert found is not None
    return found


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "finance" / "procurement.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_folder_without_purchases_has_no_finding(tmp_path: Path) -> None:
    opened = read_region(fresh(tmp_path / "region"))
    prepared: Any = SimpleNamespace(finance=opened.finance, path=tmp_path, model=None, base={})
    assert procurement.find(prepared) is None


def test_from_the_folder_to_the_finding(folder: Path) -> None:
    assert not check_folder(folder)
    found = found_of(folder)
    [p] = found.processes
    assert (p.law, p.basis, p.rule, p.agreement["en"]) == ("NL", "39(4)", "largest-share", "article 7")
    assert (p.asked, p.union_threshold, p.passes_only_together) == ("union-open", 216_000.0, True)
    assert [b.part for b in p.buyers] == [160_000.01, 80_000.0]
    assert [b.alone for b in p.buyers] == ["several-offers", "several-offers"]
    assert [b.paid for b in p.buyers] == [66_666.67, 33_333.34]
    assert [f.indicator for f in p.raised] == ["single-bid", "short-window"]
    assert p.stage == "contracted"
    assert p.shown == {"BE": "union-open"}
    assert (found.read, found.merged, found.repeated) == (5, 5, 0)


def test_the_files_to_publish_validate_and_say_the_flags(folder: Path) -> None:
    files = found_of(folder).files
    assert set(files) == {"releases.json", "records.json", "flags.json"}
    again = read_texts({name: text.encode() for name, text in files.items()})
    assert again.problems == ()
    flags = json.loads(files["flags.json"])
    raised = [f["indicator"] for f in flags["flags"] if f["state"] == "raised"]
    assert raised == ["single-bid", "short-window"]
    assert {"formula", "source", "limit_source"} <= set(flags["indicators"][0])
    assert found_of(folder).files == files


def test_files_of_others_join_in_and_what_contradicts_is_refused(folder: Path) -> None:
    ours = json.loads(found_of(folder).files["releases.json"])
    theirs = {**ours, "releases": [{**r, "ocid": "ocds-yyyyyy-1"} for r in ours["releases"]]}
    place = folder / "finance" / "procurement"
    place.mkdir()
    (place / "theirs.json").write_text(json.dumps(theirs), "utf-8")
    found = found_of(folder)
    assert [(p.ocid, p.own) for p in found.processes] == [
        ("ocds-xxxxxx-" + read_region(folder).settings.id + "-boats", True),
        ("ocds-yyyyyy-1", False),
    ]
    assert found.processes[1].paid == 100_000.01
    spoilt = {**theirs, "releases": [{**theirs["releases"][0], "language": "fr"}]}
    (place / "spoilt.json").write_text(json.dumps(spoilt), "utf-8")
    found = found_of(folder)
    assert [p.own for p in found.processes] == [True]
    assert {Path(r.file).name for r in found.refused} == {"spoilt.json", "theirs.json"}
    kept = json.loads(found.files["refused.json"])["refused"]
    assert [r["data"] for r in kept if "theirs" in r["file"]] == theirs["releases"]
    assert found.read == found.merged + found.repeated + len(found.refused)


def test_a_member_buying_alone_is_judged_by_its_own_regime(folder: Path) -> None:
    release = {
        "ocid": "o", "id": "r", "date": "2026-02-01T00:00:00Z", "tag": ["tender"], "initiationType": "tender",
        "parties": [{"id": "XY-1", "name": "Left", "roles": ["buyer"]}],
        "tender": {
            "id": "t", "mainProcurementCategory": "goods", "value": {"amount": 100, "currency": "EUR"},
            "tenderPeriod": {"startDate": "2026-02-01T00:00:00Z"},
            "items": [{"id": "1", "classification": {"scheme": "CPV", "id": "345"}}],
        },
    }  # fmt: skip
    (folder / "finance" / "procurement").mkdir()
    (folder / "finance" / "procurement" / "one.json").write_text(json.dumps(release), "utf-8")

    def split() -> str:
        flags = found_of(folder).processes[1].flags
        return next(f.because or f.state for f in flags if f.indicator == "split")

    assert split() == "no-law"
    change(folder, "[law]", '[parties]\n"XY-1" = "left"\n\n[law]')
    assert split() == "clear"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('lead = "left"', 'lead = "north"', "region.unknown-member", "shares"),
        ('left = "NL"', 'north = "NL"', "region.unknown-member", "regimes"),
        ('left = "NL"', 'left = "Netherlands"', "region.value", "regimes.left"),
        ('left = "2/3"', 'left = "1/3"', "procurement.shares", ""),
        ('left = "2/3"', 'left = "two"', "region.value", "shares.left"),
        ('rule = "largest-share"', 'rule = "fixed"', "procurement.foreign-law", ""),
        ('rule = "largest-share"', 'rule = "seat"', "procurement.law-rule", ""),
        ('[law]\nagreement = "article 7"\nrule = "largest-share"', "", "procurement.no-law", ""),
        ('method = "open"', 'method = "direct"', "procurement.method", "step"),
        ("amount = 100000.01", "amount = 300000.00", "procurement.overpaid", "step"),
        ("amount = 100000.01", "amount = -5", "region.value", "amount"),
        ("amount = 100000.01", "amount = 0.001", "region.value", "amount"),
        ('winner = "f1"', 'winner = "f2"', "procurement.winner", "step"),
        ('winner = "f1"\n', "", "region.value", ""),
        ("when = 2026-02-02T09:00:00Z", "when = 2026-02-02T09:00:00", "region.value", "when"),
        ("estimate = 240000.01", 'estimate = 240000.01\ncurrency = "CHF"', "procurement.currency", ""),
        ('ocid_prefix = "ocds-xxxxxx"', 'ocid_prefix = "mine"', "region.value", "ocid_prefix"),
        ('publisher = "Made up"', "", "region.missing-key", "publisher"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_place(folder: Path, old: str, new: str, code: str, field: str) -> None:
    change(folder, old, new)
    [problem] = check_folder(folder)
    assert (problem.code, problem.file) == (code, "finance/procurement.toml")
    assert problem.field == field
    assert problem.expected


def test_several_faults_are_told_at_once(folder: Path) -> None:
    other = """[[purchases]]
id = "boats"
title = "More boats"
rationale = "To cross again"
kind = "goods"
lead = "left"
shares = { left = "1/3" }
estimate = 1
planned = 2026-01-05T09:00:00Z

[[purchases]]"""
    change(folder, "[[purchases]]", other)
    assert {p.code for p in check_folder(folder)} == {"region.duplicate", "procurement.shares"}


def test_limits_of_the_flags_are_numbers_of_the_folder(folder: Path) -> None:
    text = '[limits.award_jump]\nvalue = 0.02\nunit = "1"\nsource = "assumed"\n\n[law]'
    change(folder, "[law]", text)
    numbers = [name for name, _, _ in read_region(folder).finance["procurement"].numbers()]
    assert numbers == ["flag.award_jump"]


# the page


def context(folder: Path, code: str = "en") -> Context:
    findings = replace(findings_fixture.findings(), procurement=found_of(folder))
    return Context(findings, Language.load(code, ("en", "de", "fr", "nl")))


def words(blocks: Any) -> str:
    out = []
    for block in blocks:
        for name in ("text", "caption", "rows", "empty"):
            out.append(str(getattr(block, name, "")))
    return " ".join(out)


def test_no_page_without_purchases() -> None:
    findings = findings_fixture.findings()
    assert entries(Context(findings, Language.load("en"))) == ()


@pytest.mark.parametrize("code", ["en", "de", "fr", "nl"])
def test_the_page_says_law_threshold_and_flags(folder: Path, code: str) -> None:
    ctx = context(folder, code)
    [entry] = entries(ctx)
    made = page(ctx)
    text = words(made.blocks)
    assert entry.slug == made.slug == "purchases"
    assert str(ctx.t("only one tender came")) in text
    assert "Article 39(4)" in text if code == "en" else "39(4)" in text
    assert ctx.exact(216_000) in text
    assert "releases.json" in text
    assert ctx.country("NL") in text


def test_the_page_shows_refused_files(folder: Path) -> None:
    (folder / "finance" / "procurement").mkdir()
    (folder / "finance" / "procurement" / "broken.json").write_text("{", "utf-8")
    text = words(page(context(folder)).blocks)
    assert "What was refused" in text
    assert "broken.json" in text
    assert "5 releases read = 5 merged + 0 repeated + 0 refused" in text


def test_every_code_has_words(folder: Path, root: Path) -> None:
    ctx = context(folder)
    process = found_of(folder).processes[0]
    flag = process.flags[0]
    source = (root / "src/bothbanks/civic/finance/red_flags.py").read_text("utf-8")
    codes = set(re.findall(r'"((?:no|not|other|too)-[a-z-]+)"', source))
    assert len(codes) > 12
    unknown = replace(flag, state="unknown")
    assert not {c for c in codes if str(because_words(ctx, replace(unknown, because=c))) == c}
    rules = ("lead-buyer", "largest-share", "fixed", "seat", "activity")
    assert len({str(law_words(ctx, replace(process, rule=rule))) for rule in rules}) == 5
    assert not [r for r in rules if f": {r}, as" in str(law_words(ctx, replace(process, rule=r)))]
    for f in process.flags:
        for state in ("raised", "clear"):
            shown = replace(f, state=state, value=2.0, limit=1.0, because="", about=("q",))
            assert str(flag_words(ctx, shown)).endswith(".")


def test_bands_show_unclear_rules_as_unused() -> None:
    rows = bands(("BE",), "goods", date(2025, 5, 5))
    assert [(b.used, b.mark) for b in rows] == [
        (True, "seen"), (True, "inferred"), (True, "seen"), (False, "unclear"),
    ]  # fmt: skip
