"""The queue: pairs that linking left apart in doubt, and which nobody has decided."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.place import Place
from features.definitions.vetoes import VetoRules
from features.linkage.clusters import DECIDED
from features.linkage.contradictions import changed_since
from features.linkage.decisions_store import Decided, decisions_of, in_force
from features.linkage.writings import Readable, values_of
from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse


BRIDGE = "bridge"
_TIE = "tie"
_BELOW = "below threshold"
_VETOED = "vetoed: "
_TWO_RECORDS = "two records of "
_HELD_ONCE = "vetoed: two records of one source"
_ID_LENGTH = 16
# Two who share a number and little else are hardly ever one: it was reused or mistyped.
_NUMBER_ALONE = 0.1

Records = tuple[int, int]


@dataclass(frozen=True)
class UncertainPair:
    """Two groups of records that may be one person's, and which linking left apart.

    Attributes:
        id: Opaque, and the same for the same two records as long as the key is.
        why: Why it is asked: a bridge, a tie, a veto's name, or "uncertain".
        usefulness: What a decision would change: the identities (ways of writing) on
            the smaller side, times how open the matter is (4 p (1 - p); 1 where a rule
            stands against the probability; little where only an equal number speaks for
            it). Records are not counted: many records mean much use of services.
        records: The first record of either side.
        holds_scores_back: A bridge: neither side is scored until somebody decides.
    """

    id: str
    kind: str
    why: str
    usefulness: float
    records: Records
    holds_scores_back: bool
    sides: tuple[tuple[int, ...], tuple[int, ...]] = field(repr=False)


@dataclass(frozen=True)
class Queue:
    """The queue of one kind at one manifest version."""

    warehouse: Warehouse
    manifest: Manifest
    place: Place
    kind: str
    key: bytes

    @property
    def _readable(self) -> Readable:
        rules = self.place.linkage[self.kind]
        return Readable(self.warehouse, self.manifest, self.place, rules)

    def waiting(self) -> list[UncertainPair]:
        """Return the pairs that wait, the most useful first."""
        version = self.manifest.links_of(self.kind)
        if version is None or self.kind not in self.place.linkage:
            return []
        decided = self._decided()
        open_again = self._said_something_new(decided)
        settled = [one.records for one in decided if one.records not in open_again]
        asked = list(self._candidates(version, settled))
        return sorted(self._unless_final(asked), key=_by_usefulness)

    def find(self, pair_id: str) -> UncertainPair | None:
        """Return a pair that waits or was decided, or None."""
        waiting = {pair.id: pair for pair in self.waiting()}
        before = {self._id(one.records): one.records for one in self._decided()}
        if pair_id in waiting or pair_id not in before:
            return waiting.get(pair_id)
        records = before[pair_id]
        sides = ((records[0],), (records[1],))
        return UncertainPair(
            pair_id, self.kind, "decided before", 0.0, records, False, sides
        )

    def _decided(self) -> list[Decided]:
        return in_force(decisions_of(self.warehouse, self.manifest, self.kind))

    def _said_something_new(self, decided: Iterable[Decided]) -> set[Records]:
        """Return those on which nobody could tell, and whose records changed since."""
        unsure = [one for one in decided if one.verdict == "cannot tell"]
        return {one.records for one in changed_since(self._readable, unsure)}

    def _candidates(
        self, version: LinkVersion, settled: list[Records]
    ) -> Iterator[UncertainPair]:
        """Yield the best pair of every two sides that linking left apart in doubt."""
        pairs = pq.read_table(self.warehouse.path(version.pairs))
        pairs = pairs.filter(pc.not_equal(pairs["outcome"], "merged"))
        members = _Members(self.warehouse, version, pairs, settled)
        asked = {members.sides(records) for records in settled}
        never = {DECIDED, *self.place.linkage[self.kind].final_vetoes}
        order = [("probability", "descending"), ("record_id_l", "ascending")]
        rows = pairs.sort_by([*order, ("record_id_r", "ascending")]).to_pylist()
        weighed = {
            (row["record_id_l"], row["record_id_r"]): row["probability"]
            for row in rows
            if row["weight"] is not None
        }
        for row in sorted(rows, key=_bridges_first):
            records = (row["record_id_l"], row["record_id_r"])
            why = _why(row["outcome"], never)
            sides = members.sides(records)
            if why is None or sides in asked or sides[0] == sides[1]:
                continue
            asked.add(sides)
            yield self._pair(records, why, weighed.get(records), members)

    def _pair(
        self, records: Records, why: str, probability: float | None, members: _Members
    ) -> UncertainPair:
        left, right = (members.writings(record) for record in records)
        doubt = _doubt(probability, self.place.linkage[self.kind].threshold)
        return UncertainPair(
            id=self._id(records),
            kind=self.kind,
            why=why,
            usefulness=round(doubt * min(len(left), len(right)), 6),
            records=records,
            holds_scores_back=why == BRIDGE,
            sides=(left, right),
        )

    def _id(self, records: Records) -> str:
        name = f"pair:{self.kind}:{records[0]}:{records[1]}".encode()
        return hmac.new(self.key, name, hashlib.sha256).hexdigest()[:_ID_LENGTH]

    def _unless_final(self, pairs: list[UncertainPair]) -> Iterator[UncertainPair]:
        """Leave out what no decision can unite, as valid numbers conflict."""
        rules = self.place.linkage[self.kind]
        final = [veto for veto in rules.vetoes if veto.name in rules.final_vetoes]
        vetoes = VetoRules(final)
        records = {r for pair in pairs for side in pair.sides for r in side}
        says = values_of(self._readable, records, vetoes.attributes)
        for pair in pairs:
            left, right = ([says[r] for r in s if r in says] for s in pair.sides)
            if not any(vetoes.between(one, other) for one in left for other in right):
                yield pair


class _Members:
    """The identities that are with a record of some pairs, each by its first record."""

    def __init__(
        self,
        warehouse: Warehouse,
        version: LinkVersion,
        pairs: pa.Table,
        settled: list[Records],
    ) -> None:
        columns = ["record_id", "entity", "identity"]
        links = pq.read_table(warehouse.path(version.links), columns=columns)
        ends = pa.chunked_array(
            [
                *pairs["record_id_l"].chunks,
                *pairs["record_id_r"].chunks,
                pa.array([r for records in settled for r in records], pa.int64()),
            ],
            pa.int64(),
        )
        own = links.filter(pc.is_in(links["record_id"], value_set=ends))
        record_ids, entities = own["record_id"].to_pylist(), own["entity"].to_pylist()
        self._entities = dict(zip(record_ids, entities, strict=True))
        near = links.filter(pc.is_in(links["entity"], value_set=own["entity"]))
        near = near.group_by(["entity", "identity"]).aggregate([])
        self._identities: dict[int, list[int]] = defaultdict(list)
        for row in near.sort_by("identity").to_pylist():
            self._identities[row["entity"]].append(row["identity"])

    def sides(self, records: Records) -> tuple[int, int]:
        """Return the entities of two records; the record itself if it has none."""
        left, right = (self._entities.get(r, -1 - r) for r in records)
        return min(left, right), max(left, right)

    def writings(self, record: int) -> tuple[int, ...]:
        """Return the identities of a record's entity, the record itself first."""
        entity = self._entities.get(record)
        others = self._identities[entity] if entity is not None else []
        return record, *(identity for identity in others if identity != record)


def _why(outcome: str, never: set[str]) -> str | None:
    """Return why a pair is asked about; None if it is not."""
    if outcome in (BRIDGE, _TIE):
        return outcome
    if outcome == _BELOW:
        return "uncertain"
    veto = outcome.removeprefix(_VETOED)
    if veto == outcome or veto in never:
        return None
    # Which source it is would tell a steward of services that are used.
    return _HELD_ONCE if veto.startswith(_TWO_RECORDS) else outcome


def _doubt(probability: float | None, threshold: float) -> float:
    """Return how open a matter is, 0 to 1.

    Args:
        probability: None if an equal number is all that speaks for it.
        threshold: From here on a rule stands against the probability.
    """
    if probability is None:
        return _NUMBER_ALONE
    return 1.0 if probability >= threshold else 4 * probability * (1 - probability)


def _bridges_first(row: Mapping[str, object]) -> bool:
    return row["outcome"] != BRIDGE


def _by_usefulness(pair: UncertainPair) -> tuple[bool, float, str]:
    return not pair.holds_scores_back, -pair.usefulness, pair.id
