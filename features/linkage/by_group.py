"""Link quality by group: whose records are torn apart or mixed up more than others'.

It works on any links, any truth and any attributes: a benchmark's, a place's own, a
simulated town's. People are the cases, each counted once, so that whoever has many
records does not weigh more.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.linkage.quality import Share, excess, share
from features.linkage.tallies import Ints, Tallies, numbered, tallies_of


# Of a whole report: how often it may call any group worse where none is.
LEVEL = 0.05
# A smaller group is never judged, and its counts are not to be published.
LEAST_PEOPLE = 8
NOT_KNOWN = "not known"
PARTNER = "partner"
_DRAWS = 200
_ENDS = (2.5, 97.5)
# A rate twice that of the others is worth knowing of; so is a hundredth where theirs
# is near nothing. "No difference found" is said only if that much would have shown.
_LEAST_DIFFERENCE = 0.01


class Verdict(StrEnum):
    """What is to be said of a group, against all others of the same attribute."""

    WORSE = "worse"
    NO_DIFFERENCE = "no difference found"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class GroupShare:
    """One kind of wrong, missed or false links, in one group.

    Attributes:
        people: The share of people to whom it happened, with Wilson's interval.
        links: Of the links concerned, the share that is missed or false. Its ends come
            from resampling people with all their records (95 %).
        verdict: From `people`, against all others.
    """

    people: Share
    links: Share
    verdict: Verdict


@dataclass(frozen=True)
class GroupQuality:
    """How well the records of one group are linked.

    Attributes:
        attribute: "ethnicity"; `PARTNER` for who holds the records.
        people: All of whom there is any record.
        missed: Records of one person that stand apart from the rest of them.
        wrong: Records of two people under one entity; both suffer it.
    """

    attribute: str
    group: str
    people: int
    missed: GroupShare
    wrong: GroupShare

    @property
    def is_few(self) -> bool:
        """Whether the group is too small to be judged, or to be shown in numbers."""
        return self.people < LEAST_PEOPLE

    @property
    def is_worse(self) -> bool:
        """Whether either kind is more common than among all others."""
        return Verdict.WORSE in (self.missed.verdict, self.wrong.verdict)


def judge_groups(
    entities: Mapping[int, int],
    truth: Mapping[int, Hashable],
    groups: Mapping[str, Mapping[Hashable, str]],
    *,
    partners: Mapping[int, str] | None = None,
    seed: int = 1,
    draws: int = _DRAWS,
) -> list[GroupQuality]:
    """Judge links by group, each group against all others of its attribute.

    With equal faults, the chance that any group at all is called worse is at most
    `LEVEL` (Holm's procedure over the whole report).

    Args:
        entities: Record -> entity; a record without a link is absent.
        truth: Record -> its true person; records of unknown truth are left out.
        groups: Attribute -> true person -> group; who is absent is `NOT_KNOWN`.
        partners: Record -> who holds it; None leaves the attribute out.
        seed: Of the resampling.
        draws: How often people are resampled; with 0 `links` has no ends.
    """
    people = list(dict.fromkeys(truth.values()))
    records = numbered(entities, truth, partners or {})
    rng = np.random.default_rng(seed)
    cases: list[_Cases] = []
    whole = tallies_of(records, records.person)
    for attribute, members in groups.items():
        told = [members.get(person, NOT_KNOWN) for person in people]
        cases += _split(attribute, np.array(told, dtype=object), whole)
    if partners:
        names = np.array(sorted(set(partners.values())) or [NOT_KNOWN], dtype=object)
        unit = records.person * len(names) + records.partner
        held = tallies_of(records, unit)
        cases += _split(PARTNER, names[np.unique(unit) % len(names)], held)
    return _judged(cases, rng, draws)


@dataclass(frozen=True)
class _Cases:
    """One group's units, and those of all other groups of the attribute."""

    attribute: str
    group: str
    own: Tallies
    others: Tallies


def _split(
    attribute: str, group: NDArray[np.object_], tallies: Tallies
) -> Iterator[_Cases]:
    for name in sorted(set(group.tolist())):
        own = group == name
        yield _Cases(attribute, name, tallies.only(own), tallies.only(~own))


def _judged(
    cases: Sequence[_Cases], rng: np.random.Generator, draws: int
) -> list[GroupQuality]:
    missed = [(_missed(c.own), _missed(c.others)) for c in cases]
    wrong = [(_wrong(c.own), _wrong(c.others)) for c in cases]
    verdicts = _verdicts([*missed, *wrong])
    found = []
    for n, case in enumerate(cases):
        own = case.own
        torn = _resampled(own.missed, own.true, rng, draws)
        false = _resampled(own.wrong, own.made, rng, draws)
        found.append(
            GroupQuality(
                case.attribute,
                case.group,
                len(own.apart),
                GroupShare(missed[n][0], torn, verdicts[n]),
                GroupShare(wrong[n][0], false, verdicts[len(cases) + n]),
            )
        )
    return found


def _missed(tallies: Tallies) -> Share:
    part = int((tallies.apart & tallies.judged).sum())
    return share(part, int(tallies.judged.sum()))


def _wrong(tallies: Tallies) -> Share:
    return share(int(tallies.mixed.sum()), len(tallies.mixed))


def _verdicts(pairs: Iterable[tuple[Share, Share]]) -> list[Verdict]:
    """Return a verdict on each share against the others', by Holm's procedure."""
    compared = [(own, others, excess(own, others)) for own, others in pairs]
    tested = [
        n
        for n, (own, others, found) in enumerate(compared)
        if found and min(own.whole, others.whole) >= LEAST_PEOPLE
    ]
    chance = {n: found.chance for n in tested if (found := compared[n][2])}
    verdicts = [Verdict.CANNOT_TELL] * len(compared)
    still_worse = True
    for rank, n in enumerate(sorted(tested, key=chance.__getitem__)):
        still_worse = still_worse and chance[n] <= LEVEL / (len(tested) - rank)
        _, others, found = compared[n]
        worth_knowing = max(others.value or 0, _LEAST_DIFFERENCE)
        if still_worse:
            verdicts[n] = Verdict.WORSE
        elif found and found.most < worth_knowing:
            verdicts[n] = Verdict.NO_DIFFERENCE
    return verdicts


def _resampled(part: Ints, whole: Ints, rng: np.random.Generator, draws: int) -> Share:
    """Return a share of links with its ends, people being drawn with replacement."""
    if not whole.sum():
        return Share(0, 0, None, None, None)
    value = float(part.sum() / whole.sum())
    if not draws:
        return Share(int(part.sum()), int(whole.sum()), value, None, None)
    # Who has nothing to count changes nothing, however often drawn.
    held = whole > 0
    times = rng.poisson(1.0, (draws, int(held.sum()))).astype(np.float64)
    wholes = times @ whole[held]
    shares = (times @ part[held])[wholes > 0] / wholes[wholes > 0]
    low, high = np.percentile(shares, _ENDS) if len(shares) else (0.0, 1.0)
    ends = min(float(low), value), max(float(high), value)
    return Share(int(part.sum()), int(whole.sum()), value, *ends)
