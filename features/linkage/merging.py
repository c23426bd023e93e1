"""Merging: which identities are one entity, by exact keys, then by probability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import Value, VetoRules
from features.linkage.clusters import Clusters, Link, holds
from features.linkage.decisions import Decision
from features.linkage.identities import Identities, exact_method
from features.linkage.pairs import Pair


PROBABLE = "splink"
STEWARD = "steward"
DECIDED_SAME = "decided same"
ALONE = "alone"
EXACT = "exact"
# What so many people share is a placeholder that nobody declared.
_MOST_CENTRES = 20


@dataclass(frozen=True)
class Weighed:
    """Two identities that were compared, and what became of it.

    Attributes:
        weight: None for an exact key, which is not weighed.
        outcome: "merged", "vetoed: <name>", "below threshold", "tie", "decided same",
            "exact" inside an entity that is not held by exact keys alone, or
            "contradicted: <name>" for a decision that a final veto overcomes.
    """

    left: int
    right: int
    probability: float
    weight: float | None
    outcome: str


@dataclass(frozen=True)
class Merged:
    """Identities in clusters, each one entity.

    Attributes:
        clusters: The identities of each entity; a tied one is in none.
        hold: What ties an identity to its entity's earliest record; none if alone.
        weighed: What was compared.
        notes: What a reader of the links should know.
    """

    clusters: list[list[int]]
    hold: dict[int, Link]
    weighed: list[Weighed]
    notes: tuple[str, ...]


def merge(
    identities: Identities,
    rules: KindRules,
    pairs: Sequence[Pair],
    decisions: Sequence[Decision] = (),
) -> Merged:
    """Unite identities: exact keys, then decisions, then pairs by falling probability.

    Args:
        identities: Of one kind.
        rules: The kind's.
        pairs: The heaviest first.
        decisions: What stewards said. Two records that they told apart stay apart
            throughout.
    """
    merging = _Merging(identities, rules)
    merging.keep_apart([d for d in decisions if not d.same])
    for names in rules.exact:
        merging.by_exact_key(names)
    merging.by_decision([d for d in decisions if d.same])
    merging.leave_out_ties(pairs)
    merging.by_probability(pairs)
    return merging.result()


class _Merging:
    """Identities on their way into clusters."""

    def __init__(self, identities: Identities, rules: KindRules) -> None:
        vetoes = VetoRules(rules.vetoes, rules.final_vetoes)
        signatures = identities.values(vetoes.attributes)
        self._clusters = Clusters(signatures, vetoes.between)
        self._final_veto = vetoes.final_between
        self._identities = identities
        self._at = {r: n for n, some in enumerate(identities.records) for r in some}
        self._rules = rules
        self._weighed: list[Weighed] = []
        self._tied: set[int] = set()
        self._decided: set[tuple[int, int]] = set()
        self._notes: list[str] = []
        # What no exact key places for certain; only these can be tied.
        self._unsettled = {n for n, key in enumerate(identities.exact) if key is None}

    def keep_apart(self, decisions: Sequence[Decision]) -> None:
        """Forbid that what a steward told apart ever comes together."""
        for left, right in self._ends(decisions):
            self._clusters.keep_apart(left, right)

    def by_decision(self, decisions: Sequence[Decision]) -> None:
        """Unite what a steward said is one, unless valid numbers say otherwise."""
        for left, right in self._ends(decisions):
            link = Link(left, right, 1.0, STEWARD)
            veto = self._clusters.unite_against(link, self._final_veto)
            if veto is None:
                self._decided.add((left, right))
            else:
                self._notes.append("a steward's decision contradicts valid numbers")
            outcome = f"contradicted: {veto}" if veto else DECIDED_SAME
            self._weighed.append(Weighed(left, right, 1.0, None, outcome))

    def by_exact_key(self, names: Sequence[str]) -> None:
        """Unite what is equal in all of `names`."""
        says = self._identities.values(self._rules.used)
        groups: dict[tuple[Value, ...], list[int]] = defaultdict(list)
        for identity, key in enumerate(self._identities.values(names)):
            if all(value is not None for value in key):
                groups[key].append(identity)
        for group in groups.values():
            # The fullest first: what says little fits everything.
            group.sort(key=lambda identity: (says[identity].count(None), identity))
            self._unite_group(group, exact_method(names))

    def leave_out_ties(self, pairs: Sequence[Pair]) -> None:
        """Find what two entities claim alike which cannot be one."""
        margin = self._rules.tie_margin_bits
        if margin is None:
            return
        claims: dict[int, dict[int, float]] = defaultdict(dict)
        for pair in pairs:
            if pair.probability < self._rules.threshold:
                break
            self._claim(claims[pair.left], pair.left, pair.right, pair.weight)
            self._claim(claims[pair.right], pair.right, pair.left, pair.weight)
        self._tied = {n for n, claim in claims.items() if self._is_tied(claim, margin)}

    def by_probability(self, pairs: Sequence[Pair]) -> None:
        """Unite pairs, the most probable first."""
        for pair in pairs:
            outcome = "merged"
            if (pair.left, pair.right) in self._decided:
                outcome = DECIDED_SAME
            elif pair.probability < self._rules.threshold:
                outcome = "below threshold"
            elif pair.left in self._tied or pair.right in self._tied:
                outcome = "tie"
            else:
                link = Link(pair.left, pair.right, pair.probability, PROBABLE)
                if veto := self._clusters.unite(link):
                    outcome = f"vetoed: {veto}"
            self._weighed.append(
                Weighed(pair.left, pair.right, pair.probability, pair.weight, outcome)
            )

    def result(self) -> Merged:
        """Return what came of it."""
        nodes = (self._clusters.nodes(cluster) for cluster in self._clusters)
        whole = [sorted(some) for some in nodes if some[0] not in self._tied]
        starts = [min(some, key=self._identities.first_record) for some in whole]
        hold = holds(self._clusters.links, starts)
        notes = tuple(dict.fromkeys(self._notes))
        return Merged(whole, hold, [*self._weighed, *self._exact_beside()], notes)

    def _exact_beside(self) -> Iterator[Weighed]:
        """Yield the exact keys inside entities that probabilities hold together too.

        If such an entity were to fall apart, they say what would stay together.
        """
        of, links = self._clusters.of, self._clusters.links
        probable = {of(link.left) for link in links if link.method == PROBABLE}
        for link in links:
            if link.method not in (PROBABLE, STEWARD) and of(link.left) in probable:
                left, right = sorted((link.left, link.right))
                yield Weighed(left, right, 1.0, None, EXACT)

    def _ends(self, decisions: Sequence[Decision]) -> Iterator[tuple[int, int]]:
        """Yield the two identities that each decision is about."""
        for decision in decisions:
            ends = (decision.left_record, decision.right_record)
            found = sorted({self._at[r] for r in ends if r in self._at})
            if len(found) == 2:
                yield found[0], found[1]

    def _unite_group(self, group: list[int], method: str) -> None:
        """Unite a group, around two or more centres if vetoes tear it apart.

        One that fits two centres is united with neither, but left to weighing.
        """
        centres: list[int] = []
        for identity in group:
            if all(self._vetoes(identity, centres)):
                centres.append(identity)
            if len(centres) > _MOST_CENTRES:
                self._unsettled.update(group)
                self._notes.append(f"{method}: a value that too many share was ignored")
                return
        for identity in (one for one in group if one not in centres):
            vetoes = self._vetoes(identity, centres)
            if vetoes.count(None) == 1:
                centre = centres[vetoes.index(None)]
                self._clusters.unite(Link(centre, identity, 1.0, method))
            elif None in vetoes:
                self._unsettled.add(identity)

    def _vetoes(self, identity: int, centres: Sequence[int]) -> list[str | None]:
        """Return the vetoes between an identity and centres, and keep them."""
        vetoes = [self._clusters.veto(centre, identity) for centre in centres]
        for centre, veto in zip(centres, vetoes, strict=True):
            if veto:
                left, right = sorted((centre, identity))
                outcome = f"vetoed: {veto}"
                self._weighed.append(Weighed(left, right, 1.0, None, outcome))
        return vetoes

    def _claim(
        self, claim: dict[int, float], own: int, other: int, weight: float
    ) -> None:
        """Note with what weight the entity of `other` claims `own`, if it may."""
        cluster = self._clusters.of(other)
        is_open = own in self._unsettled and len(self._clusters.nodes(own)) == 1
        if is_open and cluster not in claim and not self._clusters.veto(own, cluster):
            claim[cluster] = weight

    def _is_tied(self, claim: dict[int, float], margin: float) -> bool:
        if not claim:
            return False
        # Pairs came heaviest first, and so do the claims.
        (best, weight), *others = claim.items()
        return any(
            weight - less <= margin and self._clusters.veto(best, other)
            for other, less in others
        )
