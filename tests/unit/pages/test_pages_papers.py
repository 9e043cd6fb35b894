"""Papers for the steering committee: what a secretariat opens, with the figures of the report."""

from __future__ import annotations

from pathlib import Path

import docx
import findings_fixture

from bothbanks.pages.blocks import Grid, Head, Heading, Items, Para
from bothbanks.pages.papers.document import Part, write_document
from bothbanks.pages.papers.steering import write_steering_papers
from bothbanks.pages.report import languages_of


def test_a_table_is_a_table_with_its_head_row_and_figures_to_the_right(tmp_path: Path) -> None:
    grid = Grid("Costs", (Head("who"), Head("EUR", True)), [("Aa & Bee", "1,200"), ("C", "<7>")])
    parts = [Part("First", [Heading("Below"), Para("Text"), Items(["one", "two"]), grid])]
    path = write_document(tmp_path / "a.docx", "Title", "en", parts, "foot")
    read = docx.Document(str(path))
    (table,) = read.tables
    assert [[c.text for c in r.cells] for r in table.rows] == [
        ["who", "EUR"],
        ["Aa & Bee", "1,200"],
        ["C", "<7>"],
    ]
    assert table.rows[0]._tr.trPr.xpath("w:tblHeader")
    assert table.rows[1].cells[1].paragraphs[0].alignment == 2
    headings = [p.text for p in read.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert headings == ["1. First", "Below"]
    assert read.sections[0].footer.paragraphs[0].text == "foot"


def test_papers_exist_in_every_language_with_the_figures_of_the_first_page(tmp_path: Path) -> None:
    findings = findings_fixture.findings()
    languages = languages_of(findings)
    files = write_steering_papers(findings, languages, tmp_path)
    assert [f.name for f in files] == [f"steering-committee-{x.code}.docx" for x in languages]
    for path, language in zip(files, languages, strict=True):
        read = docx.Document(str(path))
        assert language.plain(findings.region.name, "") in read.paragraphs[0].text
        text = " ".join(c.text for table in read.tables for row in table.rows for c in row.cells)
        assert "D01" in text
        assert "→" in text
        assert "<" not in text
        assert findings.region.inputs_sha256[:16] in read.sections[0].footer.paragraphs[0].text


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    findings = findings_fixture.findings()
    languages = languages_of(findings)[:1]
    a = write_steering_papers(findings, languages, tmp_path / "a")[0]
    b = write_steering_papers(findings, languages, tmp_path / "b")[0]
    assert a.read_bytes() == b.read_bytes()
