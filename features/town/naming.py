"""Who is called what: names drawn home by home, by the pattern of each community."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from features.town.names import COMMUNITIES, PATTERNS, Pattern


_Ints = npt.NDArray[np.int64]
_Strings = npt.NDArray[Any]

# Women who wrote their own name before their husband's when they married. Assumed.
DOUBLE_BARRELLED: Final = 0.02
# How much more common the first names of a list are than the last. Assumed.
_SKEW: Final = 1.5

_PATTERN_OF: Final = {
    (group, forename): pattern
    for group, shares in COMMUNITIES.items()
    for pattern in shares
    for forename in (*PATTERNS[pattern].women, *PATTERNS[pattern].men)
}


def name_people(
    ethnicity: _Strings, sex: _Strings, home: _Ints, rng: np.random.Generator
) -> tuple[_Strings, _Strings, _Strings]:
    """Return forenames, surnames, and the surnames that women had before.

    Args:
        ethnicity: Of each person; those of one home are of one group.
        sex: F or M.
        home: A number each; the first person of a home gives it its name.
        rng: The source of chance.
    """
    _, first, place = np.unique(home, return_index=True, return_inverse=True)
    pattern = _patterns(ethnicity[first], rng)[place]
    forename, own = (np.full(len(home), "", dtype="U24") for _ in range(2))
    shares = np.zeros(len(home))
    for name, chosen in ((n, pattern == n) for n in PATTERNS):
        for gender in ("F", "M"):
            who = np.flatnonzero(chosen & (sex == gender))
            forename[who] = _forenames(PATTERNS[name], gender, len(who), rng)
            own[who] = _surnames(PATTERNS[name], gender, len(who), rng)
        shares[chosen] = PATTERNS[name].shares
    with_first = np.arange(len(home)) != first[place]
    shared = with_first & (rng.random(len(home)) < shares)
    surname = np.where(shared, own[first[place]], own)
    maiden = np.where(sex == "F", _shuffled_within(own, pattern, rng), "")
    both = (sex == "F") & (pattern == "British")
    both &= rng.random(len(home)) < DOUBLE_BARRELLED
    surname = np.where(both, _joined(maiden, surname), surname)
    return forename, _as_a_woman_says(surname, sex, pattern), maiden


def pattern_of(ethnicity: _Strings, forename: _Strings) -> _Strings:
    """Return by which pattern each person was named."""
    pairs = zip(ethnicity.tolist(), forename.tolist(), strict=True)
    return np.array([_PATTERN_OF[pair] for pair in pairs], dtype=object)


def _patterns(ethnicity: _Strings, rng: np.random.Generator) -> _Strings:
    drawn = np.full(len(ethnicity), "", dtype=object)
    for group, shares in COMMUNITIES.items():
        who = np.flatnonzero(ethnicity == group)
        drawn[who] = rng.choice(list(shares), len(who), p=list(shares.values()))
    return drawn


def _forenames(
    pattern: Pattern, sex: str, count: int, rng: np.random.Generator
) -> _Strings:
    pool = np.array(pattern.women if sex == "F" else pattern.men)
    chosen: _Strings = pool[(len(pool) * rng.random(count) ** _SKEW).astype(np.int64)]
    return chosen


def _surnames(
    pattern: Pattern, sex: str, count: int, rng: np.random.Generator
) -> _Strings:
    """Half of all have one of the few common ones; a title is drawn as it is."""
    if sex == "F" and pattern.women_end:
        return rng.choice(np.array(pattern.women_end), count)
    common = rng.choice(np.array(pattern.common), count)
    rare = rng.choice(np.array(pattern.surnames), count)
    return np.where(rng.random(count) < 0.5, common, rare)


def _shuffled_within(
    own: _Strings, pattern: _Strings, rng: np.random.Generator
) -> _Strings:
    other = own.copy()
    for name in PATTERNS:
        who = np.flatnonzero(pattern == name)
        other[who] = own[rng.permutation(who)]
    return other


def _joined(maiden: _Strings, surname: _Strings) -> _Strings:
    return np.char.add(np.char.add(maiden.astype(str), "-"), surname.astype(str))


def _as_a_woman_says(surname: _Strings, sex: _Strings, pattern: _Strings) -> _Strings:
    """Polish adjectives end in -ska for a woman; all else is left as it is."""
    said = surname.astype(object)
    for who in np.flatnonzero((sex == "F") & (pattern == "Polish")):
        if said[who].endswith("ski"):
            said[who] = f"{said[who][:-1]}a"
    return said.astype(str)
