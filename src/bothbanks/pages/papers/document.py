"""Blocks as a word-processor document (Office Open XML), the same bytes for the same blocks.

Headings are real headings, tables real tables with a repeated head row, so that a secretariat can
edit them and a screen reader can find its way. Drawings are left to the report: their tables say the same.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from bothbanks.pages.blocks import Block, Figure, Grid, Heading, Items, MapPicture, Para, Source
from bothbanks.pages.plain import plain_words

if TYPE_CHECKING:
    from docx.document import Document

FIXED = (1980, 1, 1, 0, 0, 0)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 can't hold these
WIDE = 6  # columns beyond which a table is set in small type


@dataclass(frozen=True)
class Part:
    """One numbered part of a paper: its title and its blocks."""

    title: str
    blocks: Sequence[Block]


def write_document(path: Path, title: str, language: str, parts: Sequence[Part], foot: str) -> Path:
    """Write title, parts and a foot line on every page."""
    document = _empty(language, foot)
    document.core_properties.title = plain_words(title)
    document.core_properties.language = language
    document.add_heading(plain_words(title), 0)
    for number, part in enumerate(parts, 1):
        document.add_heading(f"{number}. {plain_words(part.title)}", 1)
        for block in part.blocks:
            _add(document, block)
    raw = io.BytesIO()
    document.save(raw)
    path.write_bytes(_same_bytes(raw.getvalue()))
    return path


def _empty(language: str, foot: str) -> Document:
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Liberation Sans", Pt(10)
    properties = style.element.get_or_add_rPr()
    lang = properties.makeelement(qn("w:lang"), {qn("w:val"): language})
    properties.append(lang)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(18))
    section.footer.paragraphs[0].text = plain_words(foot)
    return document


def _add(document: Document, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(plain_words(block.text), 2)
    elif isinstance(block, Para):
        document.add_paragraph(plain_words(block.text))
    elif isinstance(block, Items):
        for item in block.items:
            document.add_paragraph(plain_words(item), style="List Bullet")
    elif isinstance(block, Grid):
        _add_table(document, block)
    elif isinstance(block, (Figure, MapPicture)):
        document.add_paragraph(plain_words(block.caption), style="Caption")
    else:
        assert isinstance(block, Source)  # links lead nowhere on paper; the foot names the inputs


def _add_table(document: Document, grid: Grid) -> None:
    """Caption and table. The rows are written as text and parsed at once: a run at a time is far slower."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    caption = grid.caption if grid.rows else grid.empty or grid.caption
    document.add_paragraph(plain_words(caption), style="Caption")
    if not grid.rows:
        return
    numeric = [head.numeric for head in grid.heads]
    size = 18 if len(numeric) <= WIDE else 15  # half points
    rows = [_row([head.text for head in grid.heads], numeric, size, True)]
    rows += [_row(row, numeric, size, False) for row in grid.rows]
    table = document.add_table(rows=0, cols=len(numeric), style="Table Grid")
    parsed: Any = parse_xml(f"<w:tbl {nsdecls('w')}>{''.join(rows)}</w:tbl>")
    table._tbl.extend([*parsed])
    document.add_paragraph()


def _row(texts: Sequence[object], numeric: Sequence[bool], size: int, head: bool) -> str:
    """One row in WordprocessingML (ECMA-376, part 1, section 17.4); a head row is repeated on each page."""
    bold = "<w:b/>" if head else ""
    cells = []
    for text, right in zip(texts, numeric, strict=True):
        side = '<w:pPr><w:jc w:val="right"/></w:pPr>' if right else ""
        run = f'<w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>'
        words = escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", plain_words(text)))
        said = f'<w:t xml:space="preserve">{words}</w:t>'
        cells.append(f"<w:tc><w:p>{side}<w:r>{run}{said}</w:r></w:p></w:tc>")
    first = "<w:trPr><w:tblHeader/></w:trPr>" if head else ""
    return f"<w:tr>{first}{''.join(cells)}</w:tr>"


def _same_bytes(raw: bytes) -> bytes:
    """The archive with fixed times and parts in order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        first = "[Content_Types].xml"  # readers expect it at the head
        for name in [first, *sorted(n for n in names if n != first)]:
            new.writestr(zipfile.ZipInfo(name, FIXED), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
