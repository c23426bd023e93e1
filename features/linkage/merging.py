"""Merging: which identities are one entity, by exact keys, then by probability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from features.definitions.linking_rules import KindRules
from features.linkage.bridges import Strong
from features.linkage.clusters import Clusters, Link, holds
from features.linkage.decisions import Decision
from features.linkage.identities import Identities, exact_method
from features.linkage.merged import (
    BRIDGE,
    DECIDED_SAME,
    EXACT,
    MERGED,
    PROBABLE,
    STEWARD,
    Merged,
)
from features.linkage.pairs import Pair
from features.linkage.settled import Settled, Weighed, entity_names, nothing_settled
from features.linkage.signatures import Signatures
from features.linkage.ties import tied


# What so many people share is a placeholder that nobody declared.
_MOST_CENTRES = 20
_TWO = 2


def merge(
    identities: Identities,
    rules: KindRules,
    pairs: Sequence[Pair],
    decisions: Sequence[Decision] = (),
    settled: Settled | None = None,
) -> Merged:
    """Unite identities: exact keys, then decisions, then pairs by falling probability.

    A link that only a bridge would make is flagged instead: one below
    `rules.bridge_below` between two strong groups, and any between two settled
    entities.

    Args:
        identities: Of one kind.
        rules: The kind's.
        pairs: The heaviest first.
        decisions: What stewards said. Two records that they told apart stay apart
            throughout.
        settled: What an earlier linking settled; None: nothing.
    """
    merging = _Merging(identities, rules, settled or nothing_settled(identities))
    merging.keep_apart([d for d in decisions if not d.same])
    for names in rules.exact:
        merging.by_exact_key(names)
    merging.by_decision([d for d in decisions if d.same])
    merging.leave_out_ties(pairs)
    merging.by_probability(pairs)
    return merging.result()


class _Merging:
    """Identities on their way into clusters."""

    def __init__(
        self, identities: Identities, rules: KindRules, settled: Settled
    ) -> None:
        self._signatures = Signatures(identities, rules)
        self._clusters = Clusters(
            self._signatures.of, self._signatures.veto, identities.only_in
        )
        for link in settled.links:
            self._clusters.join(link)
        self._settled = settled
        self._any_settled = any(entity is not None for entity in settled.entity)
        self._identities = identities
        self._rules = rules
        self._weighed = list(settled.weighed)
        self._tied: set[int] = set()
        self._decided: set[tuple[int, int]] = set()
        self._strong: Strong | None = None
        self._notes: list[str] = []
        # What no exact key places for certain; only these can be tied.
        self._unsettled = {
            n
            for n, key in enumerate(identities.exact)
            if key is None and settled.entity[n] is None
        }

    def keep_apart(self, decisions: Sequence[Decision]) -> None:
        """Forbid that what a steward told apart ever comes together."""
        for left, right in self._ends(decisions):
            self._clusters.keep_apart(left, right)

    def by_decision(self, decisions: Sequence[Decision]) -> None:
        """Unite what a steward said is one, unless valid numbers say otherwise."""
        for left, right in self._ends(decisions):
            link = Link(left, right, 1.0, STEWARD)
            veto = self._clusters.unite_against(link, self._signatures.final_veto)
            if veto is None:
                self._decided.add((left, right))
            else:
                self._notes.append("a steward's decision contradicts valid numbers")
            outcome = f"contradicted: {veto}" if veto else DECIDED_SAME
            self._weighed.append(Weighed(left, right, 1.0, None, outcome))

    def by_exact_key(self, names: Sequence[str]) -> None:
        """Unite what is equal in all of `names`."""
        gaps, entity = self._identities.gaps, self._settled.entity
        groups = [
            # The fullest first: what says little fits everything.
            sorted(group, key=gaps.__getitem__)
            for group in self._identities.alike(names)
            if any(entity[identity] is None for identity in group)
        ]
        self._foresee((group[0], other) for group in groups for other in group[1:])
        method = exact_method(names)
        for group in groups:
            if len(group) > _TWO:
                self._unite_group(group, method)
            elif not self._is_with(group[1], group[:1]):
                self._unite_with_centre(group[1], group[:1], method)

    def leave_out_ties(self, pairs: Sequence[Pair]) -> None:
        """Find what two entities claim alike which cannot be one."""
        self._foresee(
            (pair.left, pair.right)
            for pair in pairs
            if pair.probability >= self._rules.threshold
        )
        self._tied = tied(pairs, self._rules, self._clusters, self._unsettled)

    def by_probability(self, pairs: Sequence[Pair]) -> None:
        """Unite pairs, the most probable first."""
        for pair in pairs:
            if (pair.left, pair.right) in self._decided:
                outcome = DECIDED_SAME
            elif pair.probability < self._rules.threshold:
                outcome = "below threshold"
            elif pair.left in self._tied or pair.right in self._tied:
                outcome = "tie"
            else:
                link = Link(pair.left, pair.right, pair.probability, PROBABLE)
                outcome = self._unite(link, pairs)
            self._weighed.append(
                Weighed(pair.left, pair.right, pair.probability, pair.weight, outcome)
            )

    def result(self) -> Merged:
        """Return what came of it."""
        nodes = (self._clusters.nodes(cluster) for cluster in self._clusters)
        whole = [
            sorted(some) if len(some) > 1 else some
            for some in nodes
            if some[0] not in self._tied
        ]
        first = self._identities.first_record
        starts = [min(some, key=first) for some in whole if len(some) > 1]
        weighed = [
            self._as_it_is_now(w) if w.outcome == BRIDGE else w for w in self._weighed
        ]
        weighed += self._exact_beside()
        if self._settled.weighed:  # of which some may have come again
            weighed = list(dict.fromkeys(weighed))
        return Merged(
            clusters=whole,
            entities=entity_names(self._identities, whole, self._settled),
            hold=holds(self._clusters.links, starts),
            weighed=weighed,
            bridges=[w for w in weighed if w.outcome == BRIDGE],
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _as_it_is_now(self, weighed: Weighed) -> Weighed:
        """A bridge is none once a steward has decided on it."""
        left, right = (self._clusters.of(n) for n in (weighed.left, weighed.right))
        if left == right:
            return weighed._replace(outcome=DECIDED_SAME)
        veto = self._clusters.veto(left, right)
        return weighed._replace(outcome=f"vetoed: {veto}") if veto else weighed

    def _unite(self, link: Link, pairs: Sequence[Pair]) -> str:
        """Unite the clusters of a link's ends, if it may be, and return the outcome."""
        left, right = self._clusters.of(link.left), self._clusters.of(link.right)
        if left == right:
            return MERGED
        if veto := self._clusters.veto(left, right):
            return f"vetoed: {veto}"
        if self._is_settled(left) and self._is_settled(right):
            return BRIDGE
        if link.probability < self._rules.bridge_below:
            # By falling probability: all strong links were looked at before.
            self._strong = self._strong or self._strong_groups(pairs)
            sides = [self._clusters.nodes(one) for one in (left, right)]
            if self._strong.is_bridge(*sides):
                return BRIDGE
        self._clusters.join(link)
        return MERGED

    def _foresee(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Find the vetoes between pairs of identities together, for later."""
        of = self._clusters.of
        apart = [pair for pair in pairs if of(pair[0]) != of(pair[1])]
        self._clusters.know(self._signatures.vetoes_of(apart))

    def _is_settled(self, cluster: int) -> bool:
        if not self._any_settled:
            return False
        nodes = self._clusters.nodes(cluster)
        return any(self._settled.entity[node] is not None for node in nodes)

    def _strong_groups(self, pairs: Sequence[Pair]) -> Strong:
        sure = [p for p in pairs if p.probability >= self._rules.threshold]
        return Strong(
            self._identities,
            self._clusters.links,
            sure,
            bridge_below=self._rules.bridge_below,
        )

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
        if not decisions:
            return
        records = enumerate(self._identities.records)
        at = {record: number for number, some in records for record in some}
        for decision in decisions:
            ends = (decision.left_record, decision.right_record)
            found = sorted({at[record] for record in ends if record in at})
            if len(found) == 2:
                yield found[0], found[1]

    def _unite_group(self, group: list[int], method: str) -> None:
        """Unite a group, around two or more centres if vetoes tear it apart.

        One that fits two centres is united with neither, but left to weighing.
        """
        of = self._clusters.of
        centres, others = group[:1], []
        clusters = {of(group[0])}
        for identity in group[1:]:
            if of(identity) in clusters:
                continue
            if not all(self._vetoes(identity, centres)):
                others.append(identity)
            elif len(centres) < _MOST_CENTRES:
                centres.append(identity)
                clusters.add(of(identity))
            else:
                self._leave_to_weighing(group)
                self._notes.append(f"{method}: a value that too many share was ignored")
                return
        for identity in others:
            if not self._is_with(identity, centres):
                self._unite_with_centre(identity, centres, method)

    def _unite_with_centre(
        self, identity: int, centres: Sequence[int], method: str
    ) -> None:
        vetoes = self._vetoes(identity, centres) if len(centres) > 1 else [None]
        if vetoes.count(None) == 1:
            centre = centres[vetoes.index(None)]
            outcome = self._unite(Link(centre, identity, 1.0, method), ())
            if outcome != MERGED:
                left, right = sorted((centre, identity))
                self._weighed.append(Weighed(left, right, 1.0, None, outcome))
        elif None in vetoes:
            self._leave_to_weighing([identity])

    def _is_with(self, identity: int, centres: Iterable[int]) -> bool:
        own = self._clusters.of(identity)
        return any(self._clusters.of(centre) == own for centre in centres)

    def _leave_to_weighing(self, group: Iterable[int]) -> None:
        entity = self._settled.entity
        self._unsettled.update(n for n in group if entity[n] is None)

    def _vetoes(self, identity: int, centres: Sequence[int]) -> list[str | None]:
        """Return the vetoes between an identity and centres, and keep them."""
        vetoes = [self._clusters.veto(centre, identity) for centre in centres]
        for centre, veto in zip(centres, vetoes, strict=True):
            if veto:
                left, right = sorted((centre, identity))
                outcome = f"vetoed: {veto}"
                self._weighed.append(Weighed(left, right, 1.0, None, outcome))
        return vetoes
