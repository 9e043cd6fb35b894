"""Where every output comes from, as W3C PROV in JSON: inputs by SHA-256, version, settings, seed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from bothbanks.analysis.findings import FileCount
from bothbanks.region.folder import RegionModel

NAMESPACE = "https://bothbanks.example/prov#"


def provenance(
    model: RegionModel,
    outputs: Mapping[str, str],
    *,
    version: str,
    seed: int,
    draws: int,
    ended: datetime.datetime | None = None,
) -> str:
    """PROV-JSON text of one appraisal.

    Parameters
    ----------
    outputs : path inside the output folder -> SHA-256
    ended : time of the run; None leaves every clock time out, so that equal inputs give equal bytes

    Source: W3C, PROV-DM (30 April 2013) and The PROV-JSON Serialization (24 April 2013).
    """
    from prov.model import ProvDocument

    document: Any = ProvDocument()
    document.add_namespace("bb", NAMESPACE)
    document.add_namespace("in", NAMESPACE + "input/")
    document.add_namespace("out", NAMESPACE + "output/")
    software = document.agent(
        "bb:software", {"prov:type": "prov:SoftwareAgent", "prov:label": "bothbanks", "bb:version": version}
    )
    run = document.activity(f"bb:appraisal-{model.settings.id}", None, ended, _run_facts(model, seed, draws))
    document.wasAssociatedWith(run, software)
    for file in model.files:
        document.used(run, document.entity(f"in:{_local(file.file)}", _file_facts(file)))
    for name, digest in model.settings_sha256.items():
        facts = {"prov:label": name, "bb:sha256": digest, "bb:kind": "settings"}
        document.used(run, document.entity(f"in:{_local(name)}", facts))
    for name in sorted(outputs):
        made = document.entity(f"out:{_local(name)}", {"prov:label": name, "bb:sha256": outputs[name]})
        document.wasGeneratedBy(made, run)
    text = document.serialize(format="json")
    return json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _run_facts(model: RegionModel, seed: int, draws: int) -> dict[str, Any]:
    settings = model.settings
    return {
        "bb:region": settings.id,
        "bb:seed": seed,
        "bb:draws": draws,
        "bb:currency": settings.currency,
        "bb:price_year": settings.price_year,
        "bb:horizon_years": settings.horizon_years,
        "bb:crs": settings.crs,
        "bb:height_datum": settings.height_datum,
        "bb:inputs_sha256": model.inputs_sha256,
    }


def _file_facts(file: FileCount) -> dict[str, Any]:
    return {
        "prov:label": file.file,
        "bb:sha256": file.sha256,
        "bb:kind": file.kind,
        "bb:member": file.member,
        "bb:licence": file.licence,
        "bb:attribution": file.attribution,
        "bb:records_read": file.read,
        "bb:records_used": file.used,
        "bb:records_refused": file.refused,
    }


def _local(path: str) -> str:
    """A path as the local part of a qualified name; other signs are written as code points."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else f"~{ord(c):x}~" for c in path)
