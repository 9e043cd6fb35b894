"""The catalogue against the official DCAT-AP 3.0.1 shapes, and re-read from every form it is written in.

Left out, because they fetch vocabularies from the network: ``mdr_imports.ttl`` and ``imports.ttl`` (they only
import) and ``mdr-vocabularies.shape.ttl`` (asks that each concept's scheme is stated by the vocabulary's own
file).
"""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH

from bothbanks.standards.dcat_ap import FORMATS, LICENCES, Catalogue, Dataset, Distribution, graph, write

AT = datetime(2026, 11, 24, 20, tzinfo=UTC)
LANGUAGES = ("en", "de", "fr", "nl")


def catalogue() -> Catalogue:
    base = "http://127.0.0.1:8000"
    cells = Dataset(
        id="cells",
        title={"en": "Cells", "de": "Zellen", "fr": "Mailles", "nl": "Cellen"},
        description={"en": "One square a cell.", "de": "Ein Quadrat je Zelle."},
        page=f"{base}/en/data/cells",
        distributions=(
            Distribution(
                "api", f"{base}/collections/cells/items", "application/geo+json", "OGC API", service=True
            ),
            Distribution(
                "gpkg",
                f"{base}/collections/cells",
                "application/geopackage+sqlite3",
                "GeoPackage",
                f"{base}/collections/cells/download.gpkg",
            ),
            Distribution(
                "csv",
                f"{base}/collections/cells",
                "text/csv",
                "CSV",
                f"{base}/collections/cells/download.csv",
            ),
        ),
        licence="CC BY 4.0",
        licence_link=LICENCES["CC BY 4.0"],
        rights="Contains data of Example Office",
        keywords={"en": "flood", "de": "Hochwasser"},
        box=(5.4, 50.3, 6.9, 51.2),
        time=(datetime(2021, 7, 14, tzinfo=UTC), None),
        modified=AT,
        provenance={"en": "Made by an appraisal."},
        publisher={"nl": "Oever", "de": "Ufer"},
        standards=("http://www.opengis.net/doc/IS/ogcapi-features-1/1.0",),
    )
    return Catalogue(
        base,
        {"en": "Open data", "de": "Offene Daten", "fr": "Données ouvertes", "nl": "Open data"},
        {"en": "All data sets."},
        {"": "Two banks"},
        LANGUAGES,
        (cells, Dataset("bare", {"en": "Bare"}, {"en": "The least."}, f"{base}/en/data/bare", ())),
        AT,
        box=(5.4, 50.3, 6.9, 51.2),
    )


# The two files of shacl/ name each other's property shapes: they only make sense together.
SHAPES = (
    ("shacl/dcat-ap-SHACL.ttl", "shacl/ranges.ttl"),
    ("html/shacl/shapes.ttl",),
    ("html/shacl/range.ttl",),
    ("html/shacl/deprecateduris.ttl",),
)


@pytest.mark.parametrize("shapes", SHAPES)
def test_the_catalogue_passes_the_official_shapes(shapes: tuple[str, ...], outside_data: Path) -> None:
    conforms, _, words = _check(graph(catalogue()), outside_data, *shapes)
    assert conforms, words


def test_what_is_recommended_is_there_but_for_what_we_do_not_have(outside_data: Path) -> None:
    """Of a catalogue and a data set only the day a catalogue was first issued is not known."""
    _, report, _ = _check(graph(catalogue()), outside_data, "html/shacl/shapes_recommended.ttl")
    assert isinstance(report, Graph)
    missing = {
        (str(node).rsplit("#", 1)[-1], str(report.value(result, SH.resultPath)).rsplit("#", 1)[-1])
        for result in report.subjects(RDF.type, SH.ValidationResult)
        for node in report.objects(result, SH.focusNode)
    }
    assert {m for m in missing if m[0].endswith(("dataset-cells", "/catalogue"))} == {
        ("http://127.0.0.1:8000/catalogue", "http://purl.org/dc/terms/issued")
    }


def test_the_shapes_see_what_is_wrong(outside_data: Path) -> None:
    """The same check finds a catalogue without a title and distributions without an address."""
    broken = graph(catalogue())
    here = URIRef("http://127.0.0.1:8000/catalogue")
    broken.remove((here, DCTERMS.title, None))
    for distribution in list(broken.subjects(RDF.type, DCAT.Distribution)):
        broken.remove((distribution, DCAT.accessURL, None))
    conforms, _, words = _check(broken, outside_data, *SHAPES[0])
    assert not conforms
    assert words.count("Constraint Violation in MinCount") == 4


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_says_the_same(form: str) -> None:
    wanted = graph(catalogue())
    read = Graph()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own reader of JSON-LD
        read.parse(data=write(catalogue(), form), format=FORMATS[form][1].replace("pretty-", ""))
    assert isomorphic(read, wanted)


def test_json_ld_needs_no_context_from_elsewhere() -> None:
    read = json.loads(write(catalogue(), "jsonld"))
    assert isinstance(read["@context"], dict)
    assert {"dcat", "dcterms", "foaf"} <= set(read["@context"])


def test_titles_stand_in_every_language() -> None:
    found = graph(catalogue())
    here = URIRef("http://127.0.0.1:8000/catalogue")
    assert {title.language for title in found.objects(here, DCTERMS.title)} == set(LANGUAGES)


def _check(data: Graph, folder: Path, *shapes: str) -> tuple[bool, object, str]:
    from pyshacl import validate

    rules = Graph()
    for name in shapes:
        rules.parse(folder / "dcat_ap" / "3.0.1" / name)
    # ranges.ttl names five property shapes that no official file holds: a checker can't read them.
    nowhere = {p for p in rules.objects(None, SH.property) if (p, SH.path, None) not in rules}
    assert len(nowhere) == (5 if len(shapes) == 2 else 0)
    for shape in nowhere:
        rules.remove((None, SH.property, shape))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        conforms, report, words = validate(data, shacl_graph=rules, advanced=False, inplace=False)
    return bool(conforms), report, str(words)
