"""Layers in a live partnership: a new one is its owner's alone, and a changed file is never served."""

from __future__ import annotations

from pathlib import Path

import pytest
from layers_fixture import make_appraisal
from partnerships import Live, people

from bothbanks.app.partnership.appraisals import folder_of, latest, take_appraisal
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.layers import FILE, shown_layer, shown_layers
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, ENGINEER, MONITOR, SECRETARIAT, Actor
from bothbanks.words.errors import InputError


def sees(live: Live, actor: Actor, layer: str) -> bool:
    with live.reading() as reader:
        listed = {s.layer.id for s in shown_layers(reader, actor, live.data)}
        found = shown_layer(reader, actor, live.data, layer) is not None
    assert (layer in listed) == found
    return found


def test_a_layer_that_is_opened_is_its_owners_alone_until_a_rule_opens_it(partnership: Live) -> None:
    live = partnership
    form = {
        "member": "uferau", "layer": "uferau-pumps", "title": "Pumpen", "geometry": "Point",
        "fields": ["name:string"], "licence": "CC BY 4.0",
    }  # fmt: skip
    assert isinstance(live.act("layers.open", form, people(live, ENGINEER, "uferau")), Done)
    assert sees(live, people(live, ENGINEER, "uferau"), "uferau-pumps")
    others = (
        ANYONE, people(live, ENGINEER, "steinach"), people(live, COUNCIL, "steinach"),
        people(live, SECRETARIAT), people(live, MONITOR),
    )  # fmt: skip
    for other in others:
        assert not sees(live, other, "uferau-pumps")
    rule = {
        "rule": "pumps", "datasets": ["layer:uferau-pumps"], "readers": ["member:steinach"], "level": "full",
        "article": "art-data",
    }  # fmt: skip
    assert isinstance(live.act("sharing.set-rule", rule, people(live, COUNCIL, "uferau")), Done)
    assert sees(live, people(live, ENGINEER, "steinach"), "uferau-pumps")
    assert not sees(live, ANYONE, "uferau-pumps")


def test_a_layers_file_changed_after_the_appraisal_is_not_served_from_memory(
    partnership: Live, tmp_path: Path
) -> None:
    live = partnership
    take_appraisal(live, make_appraisal(tmp_path / "one", live.region.id))
    with live.reading() as reader:
        taken = latest(reader)
        assert taken is not None
        known = next(iter(shown_layers(reader, ANYONE, live.data))).layer.id
        assert shown_layer(reader, ANYONE, live.data, known) is not None
    file = folder_of(live.data, taken) / FILE
    file.write_bytes(file.read_bytes() + b"\0")
    with live.reading() as reader, pytest.raises(InputError, match="was changed"):
        shown_layer(reader, ANYONE, live.data, known)
