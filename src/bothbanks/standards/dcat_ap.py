"""The catalogue of data sets as DCAT-AP 3 (SEMIC, release 3.0.1), in Turtle, RDF/XML and JSON-LD.

Titles and descriptions stand in every language they exist in. What the profile calls a controlled vocabulary
is named by its published address and typed here, so that the catalogue can be checked without the
network; the vocabularies' own files are not copied in. JSON-LD carries its context inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Words = Mapping[str, str]
Box = tuple[float, float, float, float]
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
FORMATS = {"ttl": ("text/turtle", "turtle"), "rdf": ("application/rdf+xml", "pretty-xml"),
           "jsonld": ("application/ld+json", "json-ld")}  # fmt: skip
"""Ending -> (media type, rdflib's name of it)."""
LICENCES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-BY 1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "dl-de/by-2-0": "https://www.govdata.de/dl-de/by-2-0",
    "dl-de/zero-2-0": "https://www.govdata.de/dl-de/zero-2-0",
}
"""Addresses of licences by the short names that region folders use."""
_LANGUAGES = {
    "en": "ENG", "de": "DEU", "fr": "FRA", "nl": "NLD", "it": "ITA", "es": "SPA", "pl": "POL", "cs": "CES",
    "da": "DAN", "sl": "SLV", "hu": "HUN", "pt": "POR", "sv": "SWE", "fi": "FIN",
}  # fmt: skip
_FILE_TYPES = {
    "application/geopackage+sqlite3": "GPKG",
    "application/geo+json": "GEOJSON",
    "text/csv": "CSV",
    "application/json": "JSON",
    "application/vnd.apache.parquet": "PARQUET",
    "text/html": "HTML",
}


@dataclass(frozen=True)
class Distribution:
    """One form in which a data set can be had."""

    id: str  # last part of its address
    access: str
    media_type: str
    title: str
    download: str = ""
    service: bool = False  # served by the catalogue's data service


@dataclass(frozen=True)
class Dataset:
    """One data set."""

    id: str
    title: Words
    description: Words
    page: str
    distributions: tuple[Distribution, ...]
    licence: str = ""
    licence_link: str = ""
    rights: str = ""
    publisher: Words = field(default_factory=dict)  # '' : the catalogue's
    keywords: Words = field(default_factory=dict)
    box: Box | None = None
    time: tuple[datetime | None, datetime | None] | None = None
    modified: datetime | None = None
    provenance: Words = field(default_factory=dict)
    standards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """The catalogue: what it is called, whose it is, what it holds."""

    base: str
    title: Words
    description: Words
    publisher: Words
    languages: tuple[str, ...]
    datasets: tuple[Dataset, ...]
    modified: datetime
    licence_link: str = LICENCES["CC0 1.0"]
    box: Box | None = None


def graph(catalogue: Catalogue) -> Graph:
    """The catalogue as RDF."""
    return _Writer(catalogue).all()


def write(catalogue: Catalogue, form: str) -> bytes:
    """The catalogue in one of FORMATS.

    Raises
    ------
    KeyError
        The form is not one of them.
    """
    found = graph(catalogue)
    name = FORMATS[form][1]
    if name == "json-ld":
        context = {prefix: str(uri) for prefix, uri in found.namespaces() if prefix in _PREFIXES}
        return found.serialize(format=name, context=context, sort_keys=True).encode()
    return found.serialize(format=name).encode()


_PREFIXES = ("dcat", "dcterms", "foaf", "prov", "rdfs", "skos", "vcard", "xsd", "geosparql")


class _Writer:
    def __init__(self, catalogue: Catalogue) -> None:
        from rdflib import Graph, Namespace
        from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD

        self.c = catalogue
        self.g = Graph(bind_namespaces="none")
        self.dcat, self.dct, self.foaf, self.rdf = DCAT, DCTERMS, FOAF, RDF
        self.rdfs, self.skos, self.xsd = RDFS, SKOS, XSD
        self.vcard = Namespace("http://www.w3.org/2006/vcard/ns#")
        self.geo = Namespace("http://www.opengis.net/ont/geosparql#")
        for prefix, uri in (
            ("dcat", DCAT), ("dcterms", DCTERMS), ("foaf", FOAF), ("prov", PROV), ("rdf", RDF),
            ("rdfs", RDFS), ("skos", SKOS), ("xsd", XSD), ("geosparql", self.geo), ("vcard", self.vcard),
            ("xml", "http://www.w3.org/XML/1998/namespace"),
        ):  # fmt: skip
            self.g.bind(prefix, uri)

    def all(self) -> Graph:
        here = self.catalogue()
        service = self.service(here)
        for dataset in self.c.datasets:
            self.dataset(dataset, here, service)
        return self.g

    # --- parts ----------------------------------------------------------------------------------------
    def catalogue(self) -> Node:
        c = self.c
        here = self.uri(f"{c.base}/catalogue")
        self.add(here, self.rdf.type, self.dcat.Catalog)
        self.words(here, self.dct.title, c.title)
        self.words(here, self.dct.description, c.description)
        self.add(here, self.dct.publisher, self.agent(f"{c.base}/catalogue#publisher", c.publisher))
        for code in c.languages:
            if code in _LANGUAGES:
                self.add(
                    here,
                    self.dct.language,
                    self.typed(f"{EU}language/{_LANGUAGES[code]}", self.dct.LinguisticSystem),
                )
        self.add(here, self.foaf.homepage, self.typed(f"{c.base}/", self.foaf.Document))
        self.add(here, self.dct.license, self.typed(c.licence_link, self.dct.LicenseDocument))
        self.add(here, self.dct.modified, self.moment(c.modified))
        self.add(here, self.dcat.themeTaxonomy, self.theme_taxonomy())
        if c.box is not None:
            self.add(here, self.dct.spatial, self.place(f"{c.base}/catalogue#area", c.box))
        return here

    def service(self, here: Node) -> Node:
        """The OGC API that serves every layer."""
        base = self.c.base
        service = self.uri(f"{base}/catalogue#features")
        self.add(service, self.rdf.type, self.dcat.DataService)
        self.words(service, self.dct.title, {"en": "OGC API Features"})
        self.add(service, self.dcat.endpointURL, self.typed(f"{base}/", self.rdfs.Resource))
        self.add(
            service, self.dcat.endpointDescription, self.typed(f"{base}/openapi.json", self.rdfs.Resource)
        )
        self.add(
            service,
            self.dct.conformsTo,
            self.typed("http://www.opengis.net/doc/IS/ogcapi-features-1/1.0", self.dct.Standard),
        )
        self.add(here, self.dcat.service, service)
        return service

    def dataset(self, d: Dataset, here: Node, service: Node) -> None:
        address = f"{self.c.base}/catalogue#dataset-{d.id}"
        node = self.uri(address)
        self.add(here, self.dcat.dataset, node)
        self.add(node, self.rdf.type, self.dcat.Dataset)
        self.add(node, self.dct.identifier, self.text(f"{self.c.base}/catalogue#dataset-{d.id}"))
        self.words(node, self.dct.title, d.title)
        self.words(node, self.dct.description, d.description)
        self.words(node, self.dcat.keyword, d.keywords)
        self.add(node, self.dcat.theme, self.theme())
        self.contact(node)
        self.add(node, self.dcat.landingPage, self.typed(d.page, self.foaf.Document))
        publisher = d.publisher or self.c.publisher
        whose = f"{address}-publisher" if d.publisher else f"{self.c.base}/catalogue#publisher"
        self.add(node, self.dct.publisher, self.agent(whose, publisher))
        for code in self.c.languages:
            if code in _LANGUAGES:
                self.add(node, self.dct.language, self.uri(f"{EU}language/{_LANGUAGES[code]}"))
        if d.modified is not None:
            self.add(node, self.dct.modified, self.moment(d.modified))
        if d.box is not None:
            self.add(node, self.dct.spatial, self.place(f"{address}-area", d.box))
        if d.time is not None:
            self.add(node, self.dct.temporal, self.period(f"{address}-time", d.time))
        if d.provenance:
            statement = self.typed(f"{address}-provenance", self.dct.ProvenanceStatement)
            self.words(statement, self.rdfs.label, d.provenance)
            self.add(node, self.dct.provenance, statement)
        for standard in d.standards:
            self.add(node, self.dct.conformsTo, self.typed(standard, self.dct.Standard))
        for one in d.distributions:
            self.add(node, self.dcat.distribution, self.distribution(d, one, address, service))
        if any(one.service for one in d.distributions):
            self.add(service, self.dcat.servesDataset, node)

    def distribution(self, d: Dataset, one: Distribution, address: str, service: Node) -> Node:
        node = self.uri(f"{address}-{one.id}")
        self.add(node, self.rdf.type, self.dcat.Distribution)
        self.words(node, self.dct.title, {"": one.title})
        self.add(node, self.dcat.accessURL, self.typed(one.access, self.rdfs.Resource))
        if one.download:
            self.add(node, self.dcat.downloadURL, self.typed(one.download, self.rdfs.Resource))
        self.add(node, self.dcat.mediaType, self.typed(f"{IANA}{one.media_type}", self.dct.MediaType))
        if one.media_type in _FILE_TYPES:
            kind = self.typed(f"{EU}file-type/{_FILE_TYPES[one.media_type]}", self.dct.MediaTypeOrExtent)
            self.add(node, self.dct["format"], kind)
        if one.service:
            self.add(node, self.dcat.accessService, service)
        if d.licence_link:
            licence = self.typed(d.licence_link, self.dct.LicenseDocument)
            self.add(node, self.dct.license, licence)
        if d.rights:
            rights = self.typed(f"{address}-rights", self.dct.RightsStatement)
            self.words(rights, self.rdfs.label, {"": d.rights})
            self.add(node, self.dct.rights, rights)
        return node

    # --- small things ---------------------------------------------------------------------------------
    def add(self, subject: Node, predicate: Node, value: Node) -> None:
        self.g.add((subject, predicate, value))

    def uri(self, text: str) -> Node:
        from rdflib import URIRef

        return URIRef(text)

    def text(self, text: str, language: str = "") -> Node:
        from rdflib import Literal

        return Literal(text, lang=language or None)

    def moment(self, at: datetime) -> Node:
        from rdflib import Literal

        return Literal(at.isoformat(timespec="seconds").replace("+00:00", "Z"), datatype=self.xsd.dateTime)

    def words(self, subject: Node, predicate: Node, words: Words) -> None:
        for language, text in words.items():
            if text:
                self.add(subject, predicate, self.text(text, language))

    def typed(self, address: str, kind: Node) -> Node:
        node = self.uri(address)
        self.add(node, self.rdf.type, kind)
        return node

    def agent(self, address: str, name: Words) -> Node:
        node = self.typed(address, self.foaf.Agent)
        self.words(node, self.foaf.name, name)
        return node

    def contact(self, subject: Node) -> None:
        """Whom to ask: the publisher, by the site; a name and an address, no person."""
        node = self.typed(f"{self.c.base}/catalogue#contact", self.vcard.Kind)
        self.words(node, self.vcard.fn, self.c.publisher)
        self.add(node, self.vcard.hasURL, self.uri(f"{self.c.base}/"))
        self.add(subject, self.dcat.contactPoint, node)

    def theme_taxonomy(self) -> Node:
        node = self.typed(f"{EU}data-theme", self.skos.ConceptScheme)
        self.words(node, self.dct.title, {"en": "Data theme"})
        return node

    def theme(self) -> Node:
        """Environment: the one theme of the Publications Office's list that fits all layers."""
        node = self.typed(f"{EU}data-theme/ENVI", self.skos.Concept)
        self.words(node, self.skos.prefLabel, {"en": "Environment"})
        self.add(node, self.skos.inScheme, self.uri(f"{EU}data-theme"))
        return node

    def place(self, address: str, box: Box) -> Node:
        from rdflib import Literal

        node = self.typed(address, self.dct.Location)
        x0, y0, x1, y1 = (f"{v:.5f}" for v in box)
        ring = f"POLYGON(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))"
        self.add(node, self.dcat.bbox, Literal(ring, datatype=self.geo.wktLiteral))
        middle = f"POINT({(box[0] + box[2]) / 2:.5f} {(box[1] + box[3]) / 2:.5f})"
        self.add(node, self.dcat.centroid, Literal(middle, datatype=self.geo.wktLiteral))
        return node

    def period(self, address: str, time: tuple[datetime | None, datetime | None]) -> Node:
        node = self.typed(address, self.dct.PeriodOfTime)
        for predicate, at in ((self.dcat.startDate, time[0]), (self.dcat.endDate, time[1])):
            if at is not None:
                self.add(node, predicate, self.moment(at))
        return node
