"""Choosing measures with their interaction, and by adding up what each averts alone as CLIMADA does.

    python benchmarks/adding_up.py [REGION]

The region is examples/meuse-rhine. Both ways get the same flood model, measures and costs, and run in
one process, in CLIMADA's own environment (see ``climada_env``). Amounts are a year: losses averted a
year against the level yearly cost of each measure, all measures in place, at the base values.

Ours tabulates the annual loss for every subset of the measures that touch a basin, folds in what each
member does for itself and the joint warning, and takes the best of all sets exactly.

CLIMADA's (6.1.0, its own ``Measure`` and ``CostBenefit``) takes each measure by itself:
``CostBenefit.calc`` gives its averted loss and ratio, ``combine_measures`` gives a set the sum of what
its measures avert alone, event by event, down to nothing left of the event. CLIMADA gets each flood of
our model as an event (one for each basin and frequency) and the loss it does to each member and class
as intensity at a place of value 1, so its losses are ours; a measure is a hazard of its own, kept in
memory. It doesn't choose; two ways of choosing from its figures are taken: all measures whose benefit
is above the cost, and one after another by ratio while the combined benefit rises by more than the cost.

What a set really averts is computed by our tables for every set. Single measures must agree.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
HAZARD = "RF"
REPEATS = 3
AGREE = 5e-3
"""Our yearly damage reads stages from a table of the valley; CLIMADA's events are computed one by one."""
WARNING = "joint warning"


# --- the input, made where the folder can be read -------------------------------------------------------


def prepare(region: Path, out: Path) -> None:
    """The flood model, the measures and their yearly costs at the base values of a region folder."""
    from bothbanks.analysis.measures.presentvalue import annuity_factor
    from bothbanks.app.cases import flood_run
    from bothbanks.region import harmonise, read_region

    model = harmonise(read_region(region))
    run = flood_run(model, next(c for c in model.cases.values() if c.kind == "flood"))
    if run.hazard.regional is None or run.hazard.model is not run.hazard.regional:
        raise SystemExit("this benchmark needs a region whose floods follow the regional method")
    draw = {p.id: p.value for p in model.parameters}
    case, rate = run.game, run.game.rate(draw)
    horizon = case.settings.horizon_years
    level = annuity_factor(rate, horizon)
    tables = case.tables(draw)
    options = []
    for measure, option in zip(case.own, tables.options, strict=True):
        works = annuity_factor(rate, horizon, measure.works_from) / level
        options.append(
            replace(
                option,
                cost=option.cost / level,
                loss_factor=1.0 - (1.0 - option.loss_factor) / works,  # as it is once it works
                people_factor=1.0 - (1.0 - option.people_factor) / works,
            )
        )
    w = tables.warning
    warning = w and replace(
        w,
        alone_cost=w.alone_cost / level,
        joint_cost=w.joint_cost / level,
        joint_fixed=w.joint_fixed / level,
    )
    kept = Input(
        run.hazard.regional, case.shared, case.members, case.basins, case.settings.classes, draw,
        tables.holders, tables.fixed, tables.cost / level, tuple(options), warning,
        f"{model.settings.currency} of {model.settings.price_year}",
    )  # fmt: skip
    out.write_bytes(pickle.dumps(kept))


@dataclass(frozen=True, eq=False)
class Input:
    """What both ways start from; costs are level yearly sums."""

    model: Any
    shared: tuple[Any, ...]
    members: tuple[str, ...]
    basins: tuple[str, ...]
    classes: tuple[str, ...]
    draw: dict[str, float]
    holders: tuple[int, ...]
    fixed: int
    cost: np.ndarray  # (shared measure, member)
    options: tuple[Any, ...]
    warning: Any
    unit: str


# --- ours -----------------------------------------------------------------------------------------------


def our_tables(given: Input) -> Any:
    """Annual loss of every subset of the measures that touch a basin."""
    from bothbanks.analysis.measures.blocks import (
        BasinTable,
        GameTables,
        damage_factors,
        subset_variants,
        touching_measures,
    )

    plain = given.model.floodplain(given.draw)
    basins = []
    for basin in given.basins:
        touching = touching_measures(basin, given.shared)
        variants = subset_variants(basin, given.shared, touching, given.members, given.draw)
        found = given.model.annual_damage(given.draw, basin, variants, plain=plain)
        money = found.money * damage_factors(
            basin, given.shared, touching, given.members, given.classes, given.draw
        )
        basins.append(BasinTable(basin, touching, money.sum(axis=2), found.people, money))
    return GameTables(
        given.members, tuple(m.id for m in given.shared), given.holders, given.cost, tuple(basins),
        given.options, given.warning, given.fixed, given.classes,
    )  # fmt: skip


@dataclass(frozen=True)
class Portfolio:
    """Shared measures, who takes which own option, and whether all share the joint warning."""

    shared: int = 0
    own: frozenset[tuple[int, int]] = frozenset()  # (option, member)
    warning: bool = False


def our_choice(tables: Any) -> tuple[Portfolio, float, tuple[str, ...]]:
    """The best of all sets, its yearly cost, and each member's warning in it."""
    from bothbanks.analysis.measures.equilibrium import PartitionGame

    found = PartitionGame(tables).together()
    ids = [o.id for o in tables.options]
    own = {(ids.index(o), i) for i, names in enumerate(found.own) for o in names.split("+") if o}
    return Portfolio(found.profile, frozenset(own), "joint" in found.warning), float(found.cost.sum()), (
        found.warning
    )  # fmt: skip


def warning_factor(tables: Any) -> np.ndarray:
    """(member, basin) what the joint warning leaves of the loss when everybody shares it."""
    from bothbanks.analysis.measures.folding import FoldedLosses

    n = len(tables.members)
    return FoldedLosses(tables).warning_factors(((1 << n) - 1,), ("joint",) * n)


def own_factor(tables: Any, own: frozenset[tuple[int, int]]) -> np.ndarray:
    """(member, basin, class) what the own options leave of the loss."""
    out = np.ones((len(tables.members), len(tables.basins), len(tables.classes)))
    for k, i in own:
        f = tables.options[k].loss_factor[i]
        out[i] *= f if f.ndim == 2 else f[:, None]
    return out


def true_loss(tables: Any, chosen: Portfolio) -> float:
    """Loss a year of everybody under a set, every interaction counted."""
    return float(true_losses(tables, chosen).sum())


def true_losses(tables: Any, chosen: Portfolio) -> np.ndarray:
    """The same by basin."""
    from bothbanks.analysis.measures.blocks import subset_index

    factor = own_factor(tables, chosen.own)
    if chosen.warning:
        factor = factor * warning_factor(tables)[:, :, None]
    profile = np.array([chosen.shared], dtype=np.int64)
    rows = [t.by_class[subset_index(t, profile)[0]] * factor[:, b] for b, t in enumerate(tables.basins)]
    return np.array([r.sum() for r in rows])


def yearly_cost(tables: Any, chosen: Portfolio) -> float:
    """What the measures of a set cost a year."""
    shared = sum(float(tables.cost[j].sum()) for j in range(len(tables.measures)) if chosen.shared >> j & 1)
    own = sum(float(tables.options[k].cost[i]) for k, i in chosen.own)
    w = tables.warning
    return shared + own + (w.joint_fixed + float(w.joint_cost.sum()) if chosen.warning else 0.0)


def single_measures(tables: Any) -> dict[str, Portfolio]:
    """Every measure by itself, by name."""
    out = {
        m: Portfolio(1 << j)
        for j, m in enumerate(tables.measures)
        if tables.holders[j] > 0 and not tables.fixed >> j & 1
    }
    for k, o in enumerate(tables.options):
        out |= {
            f"{o.id}, {m}": Portfolio(own=frozenset({(k, i)}))
            for i, m in enumerate(tables.members)
            if o.available[i] and not np.allclose(o.loss_factor[i], 1.0)
        }
    if tables.warning is not None:
        out[WARNING] = Portfolio(warning=True)
    return out


def joined(parts: list[Portfolio]) -> Portfolio:
    """All measures of some sets."""
    shared = 0
    for p in parts:
        shared |= p.shared
    own = frozenset(x for p in parts for x in p.own)
    return Portfolio(shared, own, any(p.warning for p in parts))


# --- CLIMADA --------------------------------------------------------------------------------------------


def event_losses(
    given: Input, tables: Any, shared: int = 0, base: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each flood (event, member x class) and its frequency (event,); a flood hits one basin.

    Where the losses without measures are at hand (``base``), only basins that a measure touches are computed.
    """
    from bothbanks.analysis.measures.blocks import damage_factors, subset_variants
    from bothbanks.analysis.risk.hazards.flood import frequency_nodes

    periods, chance = frequency_nodes()
    plain = given.model.floodplain(given.draw)
    rows = []
    for b, t in enumerate(tables.basins):
        touching = tuple(j for j in t.touching if shared >> j & 1)
        if base is not None and not touching:
            rows.append(base[b * periods.size : (b + 1) * periods.size])
            continue
        variants = subset_variants(t.basin, given.shared, touching, given.members, given.draw)
        last = type(variants)(
            variants.discharge_factor[-1:], variants.stage_shift_m[-1:], variants.protection_years[-1:],
            variants.damage_factor[-1:],
        )  # fmt: skip
        state = given.model.state(given.draw, t.basin, plain)
        money, _ = given.model.damage_at(state, state.growth.q(periods), last)
        factor = damage_factors(
            t.basin, given.shared, touching, given.members, given.classes, given.draw
        )[-1]  # fmt: skip
        rows.append((money * factor).reshape(periods.size, -1))
    return np.concatenate(rows), np.tile(chance, len(tables.basins))


def peer_hazards(given: Input, tables: Any, singles: dict[str, Portfolio]) -> dict[str, Any]:
    """A CLIMADA hazard without measures ('') and one for each measure by itself."""
    base, rate = event_losses(given, tables)
    nodes = rate.size // len(tables.basins)
    shape = (len(tables.basins), nodes, len(tables.members), len(tables.classes))
    out = {"": peer_hazard(base, rate)}
    for name, p in singles.items():
        if p.shared:
            loss = event_losses(given, tables, p.shared, base)[0]
        else:
            factor = own_factor(tables, p.own)
            if p.warning:
                factor = factor * warning_factor(tables)[:, :, None]
            loss = (base.reshape(shape) * factor.transpose(1, 0, 2)[:, None]).reshape(base.shape)
        out[name] = peer_hazard(loss, rate)
    return out


def peer_hazard(loss: np.ndarray, rate: np.ndarray) -> Any:
    """Losses as intensity at places of value 1."""
    from climada.hazard import Centroids, Hazard
    from scipy import sparse

    events, places = loss.shape
    return Hazard(
        HAZARD,
        units="",
        centroids=Centroids(lat=50.0 + 0.01 * np.arange(places), lon=np.full(places, 5.0)),
        event_id=np.arange(1, events + 1),
        event_name=[f"e{k}" for k in range(events)],
        frequency=rate,
        date=np.full(events, 730000),
        orig=np.ones(events, dtype=bool),
        intensity=sparse.csr_matrix(loss),
    )


def peer_entity(hazards: dict[str, Any], costs: dict[str, float]) -> Any:
    """CLIMADA's exposures, impact function and measures; each measure brings its hazard, from memory."""
    import pandas as pd
    from climada.entity import DiscRates, Entity, Exposures, ImpactFunc, ImpactFuncSet, Measure, MeasureSet

    class InMemory(Measure):  # type: ignore[misc]
        """A measure whose hazard is at hand, so that reading files is not counted against CLIMADA."""

        def _change_all_hazard(self, hazard: Any) -> Any:
            return hazards[self.name]

    base = hazards[""]
    places = base.centroids.size
    frame = pd.DataFrame({"value": np.ones(places), f"impf_{HAZARD}": 1, f"centr_{HAZARD}": range(places)})
    exposures = Exposures(
        data=frame, lat=base.centroids.lat, lon=base.centroids.lon, crs="EPSG:4326", ref_year=2023
    )
    top = 1.01 * max(float(h.intensity.max()) for h in hazards.values())
    ends = np.array([0.0, top])
    same = ImpactFunc(HAZARD, 1, intensity=ends, mdd=ends, paa=np.ones(2), name="loss is loss")
    measures = MeasureSet(
        [InMemory(name=m, haz_type=HAZARD, cost=c, hazard_set="in memory") for m, c in costs.items()]
    )
    rates = DiscRates(years=np.array([2023]), rates=np.array([0.0]))
    return Entity(exposures, rates, ImpactFuncSet([same]), measures)


@dataclass(frozen=True)
class PeerFigures:
    """What CLIMADA says: benefit and cost of each measure a year, and of sets as it combines them."""

    entity: Any
    result: Any
    costs: dict[str, float]

    @property
    def benefit(self) -> dict[str, float]:
        return {m: float(self.result.benefit[m]) for m in self.costs}

    def combined(self, names: list[str]) -> float:
        """Benefit of a set by ``CostBenefit.combine_measures``, a year."""
        return float(self._set(names).benefit["set"]) if names else 0.0

    def combined_by_basin(self, names: list[str], basins: int) -> np.ndarray:
        """The same by basin: its events follow one another."""
        made = self._set(names).imp_meas_future["set"]["impact"]
        saved = self.result.imp_meas_future["no measure"]["impact"].at_event - made.at_event
        return (saved * made.frequency).reshape(basins, -1).sum(axis=1)

    def _set(self, names: list[str]) -> Any:
        return self.result.combine_measures(names, "set", np.zeros(3), self.entity.disc_rates)

    def above_cost(self) -> list[str]:
        """Every measure that averts more than it costs."""
        return [m for m, c in self.costs.items() if self.benefit[m] > c]

    def one_after_another(self) -> list[str]:
        """By ratio, each kept while the combined benefit rises by more than its cost."""
        chosen: list[str] = []
        held = 0.0
        for m in sorted(self.costs, key=lambda m: (-self.benefit[m] / self.costs[m], m)):
            with_it = self.combined([*chosen, m])
            if with_it - held > self.costs[m]:
                chosen, held = [*chosen, m], with_it
        return chosen


def peer_figures(hazards: dict[str, Any], costs: dict[str, float]) -> PeerFigures:
    """CLIMADA's cost-benefit of every measure by itself."""
    from climada.engine import CostBenefit

    entity = peer_entity(hazards, costs)
    result = CostBenefit()
    result.calc(hazards[""], entity, save_imp=True, assign_centroids=False)
    return PeerFigures(entity, result, costs)


# --- comparing ------------------------------------------------------------------------------------------


def quiet(task: Any) -> Any:
    """CLIMADA prints its tables; they are not wanted here."""
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        return task()


def compare_singles(tables: Any, peer: PeerFigures, singles: dict[str, Portfolio]) -> bool:
    """Averted loss of each measure by itself, by both."""
    nothing = true_loss(tables, Portfolio())
    print(f"\n{'each measure by itself':<28}{'cost':>9}{'ours':>9}{'CLIMADA':>9}{'differ':>9}  ratio")
    worst = 0.0
    for m, p in singles.items():
        ours, theirs = nothing - true_loss(tables, p), peer.benefit[m]
        apart = abs(ours - theirs) / max(abs(ours), 1e-6 * nothing)
        worst = max(worst, apart)
        print(
            f"{m:<28}{peer.costs[m] / 1e6:>9.2f}{ours / 1e6:>9.2f}{theirs / 1e6:>9.2f}{apart:>9.2%}"
            f"{theirs / peer.costs[m]:>7.2f}"
        )
    print(f"largest difference {worst:.2%} (at most {AGREE:.1%} is taken as agreement)")
    return worst <= AGREE


def compare_sets(tables: Any, peer: PeerFigures, singles: dict[str, Portfolio], title: str) -> list[str]:
    """The best set and the two sets that adding up would choose: what is said of them, and what is so.

    Returns the names of the best set's measures.
    """
    nothing = true_loss(tables, Portfolio())
    best, least, _ = our_choice(tables)
    names = [m for m, p in singles.items() if joined([best, p]) == best]
    sets = {
        "best of all sets (ours)": names,
        "all above their cost": peer.above_cost(),
        "one after another by ratio": quiet(peer.one_after_another),
    }
    print(f"\n{title}; loss without measures {nothing / 1e6:,.2f}, best total {least / 1e6:,.2f} a year")
    heads = ("number", "cost", "really", "sum", "too high", "CLIMADA", "too high", "idle", "over best")
    print(f"{'set':<28}" + "".join(f"{h:>10}" for h in heads))
    for label, chosen in sets.items():
        portfolio = joined([singles[m] for m in chosen])
        cost, loss = yearly_cost(tables, portfolio), true_loss(tables, portfolio)
        real, added = nothing - loss, sum(peer.benefit[m] for m in chosen)
        said = quiet(lambda chosen=chosen: peer.combined(chosen))
        without = [joined([singles[x] for x in chosen if x != m]) for m in chosen]
        idle = sum(true_loss(tables, p) - loss < peer.costs[m] for p, m in zip(without, chosen, strict=True))
        above = round((loss + cost - least) / 1e6, 2) + 0.0
        print(
            f"{label:<28}{len(chosen):>10}{cost / 1e6:>10.2f}{real / 1e6:>10.2f}{added / 1e6:>10.2f}"
            f"{added / real - 1:>10.1%}{said / 1e6:>10.2f}{said / real - 1:>10.1%}{idle:>10}{above:>10.2f}"
        )
    return names


def compare_basins(tables: Any, peer: PeerFigures, singles: dict[str, Portfolio], names: list[str]) -> None:
    """What the best set averts in each basin, and what adding up says of it there."""
    best = joined([singles[m] for m in names])
    nothing = true_losses(tables, Portfolio())
    real = nothing - true_losses(tables, best)
    added = sum(nothing - true_losses(tables, singles[m]) for m in names)
    said = quiet(lambda: peer.combined_by_basin(names, len(tables.basins)))
    print("\nThe best set of all measures, by basin")
    heads = ("loss", "really", "sum", "too high", "CLIMADA", "too high")
    print(f"{'basin':<28}" + "".join(f"{h:>10}" for h in heads))
    for b, t in enumerate(tables.basins):
        if real[b] > 1e-6 * nothing.sum():
            print(
                f"{t.basin:<28}{nothing[b] / 1e6:>10.2f}{real[b] / 1e6:>10.2f}{added[b] / 1e6:>10.2f}"
                f"{added[b] / real[b] - 1:>10.1%}{said[b] / 1e6:>10.2f}{said[b] / real[b] - 1:>10.1%}"
            )


def only_shared(tables: Any, basin: str = "") -> Any:
    """The same tables without own options and warning, and with the measures of one basin only."""
    if not basin:
        return replace(tables, options=(), warning=None)
    kept = tuple(t for t in tables.basins if t.basin == basin)
    fixed_out = tuple(h if j in kept[0].touching else -1 for j, h in enumerate(tables.holders))
    return replace(tables, basins=kept, holders=fixed_out, options=(), warning=None)


def fastest(task: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of a few runs, and what the last one gave."""
    best, out = float("inf"), None
    for _ in range(REPEATS):
        start = time.perf_counter()
        out = task()
        best = min(best, time.perf_counter() - start)
    return best, out


def _ours(given: Input) -> tuple[Any, tuple[Portfolio, float, tuple[str, ...]]]:
    tables = our_tables(given)
    return tables, our_choice(tables)


def benchmark(given: Input) -> int:
    """Both ways on one input, and how far they are apart."""
    quiet(lambda: peer_figures(*_small()))  # what CLIMADA loads at its first use is not measured
    ours_s, (tables, (best, least, warning)) = fastest(lambda: _ours(given))
    if abs(true_loss(tables, best) + yearly_cost(tables, best) - least) > 1e-6 * least:
        raise SystemExit(f"the best set can't be stated as a list of measures: warnings are {warning}")
    singles = single_measures(tables)
    costs = {m: yearly_cost(tables, p) for m, p in singles.items()}
    made_s, hazards = fastest(lambda: peer_hazards(given, tables, singles))
    calc_s, peer = fastest(lambda: quiet(lambda: peer_figures(hazards, costs)))
    choose_s, _ = fastest(lambda: quiet(peer.one_after_another))
    events = hazards[""].intensity.shape[0]
    print(
        f"{len(given.basins)} basins, {events:,} floods, {len(singles)} measures; million {given.unit} a year"
    )
    agreed = compare_singles(tables, peer, singles)
    names = compare_sets(tables, peer, singles, "All measures of the region")
    compare_basins(tables, peer, singles, names)
    plain = only_shared(tables)
    compare_sets(plain, *_part(plain, peer, singles), "Shared measures of the region")
    for t in tables.basins:
        if len(t.touching) > 1:
            part = only_shared(tables, t.basin)
            compare_sets(part, *_part(part, peer, singles), f"Shared measures in basin {t.basin}")
    print(
        "\nreally: loss averted a year with every interaction. sum: what the measures avert alone, added."
        "\nCLIMADA: its combine_measures, added event by event down to nothing left. idle: measures of the"
        "\nset that avert less than they cost once the others stand. over best: what the set costs a year,"
        "\nlosses included, above the best set.\n"
        f"\nours: {1 << len(given.shared):,} sets of shared measures, own options and warning folded in,"
        f" exact: {ours_s:.3f} s, hazard model included"
        f"\nCLIMADA: {len(singles)} measures one by one {calc_s:.3f} s, choosing by ratio {choose_s:.3f} s;"
        f" its hazards, made by our model, {made_s:.3f} s"
        f"\nratio of times, CLIMADA / ours: {(calc_s + choose_s) / ours_s:.1f}, with its hazards"
        f" {(made_s + calc_s + choose_s) / ours_s:.1f} (fastest of {REPEATS} runs each)"
    )
    print("single measures agree" if agreed else "SINGLE MEASURES DISAGREE")
    return 0 if agreed else 1


def _part(
    tables: Any, peer: PeerFigures, singles: dict[str, Portfolio]
) -> tuple[PeerFigures, dict[str, Portfolio]]:
    """CLIMADA's figures of the measures that the tables know and that can be built."""
    ids = {m for j, m in enumerate(tables.measures) if tables.holders[j] > 0}
    kept = {m: p for m, p in singles.items() if m in ids}
    return PeerFigures(peer.entity, peer.result, {m: peer.costs[m] for m in kept}), kept


def _small() -> tuple[dict[str, Any], dict[str, float]]:
    loss, rate = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.1, 0.01])
    return {"": peer_hazard(loss, rate), "m": peer_hazard(loss / 2, rate)}, {"m": 1.0}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("region", nargs="?", type=Path, default=ROOT / "examples" / "meuse-rhine")
    parser.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.input is not None and "BOTHBANKS_BENCH" not in os.environ:
        prepare(options.region, options.input)
        return 0
    if "BOTHBANKS_BENCH" not in os.environ:
        sys.path.insert(0, str(HERE.parent))
        import climada_env

        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "input.pickle"  # written and read by this script alone
            subprocess.run([sys.executable, str(HERE), str(options.region), "--input", str(kept)], check=True)
            return climada_env.run(HERE, ["--input", str(kept)])
    import logging
    import warnings

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    # The input was written under this script's main module, so its class is found here.
    return benchmark(pickle.loads(options.input.read_bytes()))


if __name__ == "__main__":
    raise SystemExit(main())
