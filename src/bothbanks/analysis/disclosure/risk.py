"""What noise leaves open: how often somebody with two answers that differ by one person is right about them.

The attacker is granted everything but that person: the number of all others, the noise table, the rounding.
Before the answers, present and absent are equally likely. They see the answer for the group without the
person and the answer for the group that would hold the person.

With cell keys, both answers are one and the same when the person is absent (the same records are counted),
and two separate draws when the person is present: different answers give the presence away. That is the
price of answers that can't be averaged (compare Asghar and Kaafar 2020, doi 10.2478/popets-2020-0031, on the
attacks that remain). So noise alone is not what stops differences here: counts are served for fixed classes
and squares only, and this risk is what would remain if two of them did differ by one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.disclosure.coarse import rounded
from bothbanks.analysis.disclosure.noise import KEYS, NoiseTable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Risk:
    """How often the best attacker is right, and how often they know that they are."""

    right: float
    """Chance that the best guess is right; 0.5 is knowing nothing."""
    certain: float
    """Chance that the answers leave no doubt."""


def difference_risk(table: NoiseTable, others: int, step: int = 1) -> Risk:
    """The risk for a pair of answers, without and with one person, exactly from the noise table.

    Parameters
    ----------
    others : number of people in the group besides
    step : answers are rounded to multiples of this

    Examples
    --------
    Without rounding, cell keys alone protect badly against such a pair:

    >>> from bothbanks.analysis.disclosure.noise import noise_table
    >>> risk = difference_risk(noise_table(variance=2.0, reach=5), others=20)
    >>> round(risk.right, 2), round(risk.certain, 2)
    (0.91, 0.41)
    """
    without, with_person = _pair(table, others, step)
    absent = np.diag(without)
    present = np.outer(without, with_person)
    right = float(0.5 * np.maximum(absent, present).sum())
    only_one = (absent == 0.0) != (present == 0.0)
    return Risk(right, float(0.5 * (absent + present)[only_one].sum()))


def one_answer_risk(table: NoiseTable, others: int, step: int = 1) -> Risk:
    """The same for somebody who has a single answer and knows the number of all others."""
    absent, present = _pair(table, others, step)
    only_one = (absent == 0.0) != (present == 0.0)
    return Risk(
        float(0.5 * np.maximum(absent, present).sum()), float(0.5 * (absent + present)[only_one].sum())
    )


def worst_difference_risk(table: NoiseTable, step: int = 1) -> Risk:
    """The risk of such a pair for the group in which it is greatest: the bound that is stated to readers."""
    met = [difference_risk(table, n, step) for n in range(len(table.probability) + 2 * max(step, 1))]
    return Risk(max(r.right for r in met), max(r.certain for r in met))


def attacked(table: NoiseTable, others: int, step: int, trials: int, rng: np.random.Generator) -> Risk:
    """The same risk met by trying: keys drawn, answers looked up, the best guess made each time."""
    keys = rng.integers(0, KEYS, size=(2, trials), dtype=np.uint64)
    is_there = rng.random(trials) < 0.5
    group = np.full(trials, others)
    first = table.noisy(group, keys[0])
    second = table.noisy(group + is_there, np.where(is_there, (keys[0] + keys[1]) % np.uint64(KEYS), keys[0]))
    a = rounded(first.astype(float), step).astype(np.int64)
    b = rounded(second.astype(float), step).astype(np.int64)
    without, with_person = _pair(table, others, step)
    absent = np.where(a == b, without[a], 0.0)
    present = without[a] * with_person[b]
    even = absent == present
    guess = np.where(even, rng.random(trials) < 0.5, present > absent)
    certain = (absent == 0.0) != (present == 0.0)
    return Risk(float(np.mean(guess == is_there)), float(np.mean(certain)))


def _pair(table: NoiseTable, others: int, step: int) -> tuple[FloatArray, FloatArray]:
    """The chance of each answer from 0 up, for the others alone and with one person more."""
    size = others + 2 + table.reach + step
    out = np.zeros((2, size))
    for k, count in enumerate((others, others + 1)):
        row = table.probability[min(count, len(table.probability) - 1)]
        likely = row > 0.0
        answers = rounded((count + table.steps[likely]).astype(float), step).astype(np.int64)
        np.add.at(out[k], answers, row[likely])
    return out[0], out[1]
