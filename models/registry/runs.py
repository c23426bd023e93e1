"""Runs: what a fit leaves behind in the registry, and what is read back from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from features.faults import Fault, Refusal


# The tag of a version that holds its model's hash.
MODEL_TAG = "model_sha256"


@dataclass(frozen=True)
class DatasetRecord:
    """What a run read, so that it can be found again.

    Attributes:
        name: Of the snapshot.
        sha256: Of its bytes.
        source: Where it is kept, as the warehouse names it.
        rows: How many it has.
        columns: Those that were read: `double` or `string` by name.
    """

    name: str
    sha256: str
    source: str
    rows: int
    columns: Mapping[str, str]


@dataclass(frozen=True)
class RunRecord:
    """What one fit leaves behind, apart from any person.

    Attributes:
        score: The score it is for.
        name: How the run is called in lists; the model's family, say.
        params: What was chosen before the fit.
        metrics: What was found; finite.
        tags: Where it comes from: place_sha256, links, git_commit, snapshot ...
        figures: Pictures by file name, as the bytes of an SVG or PNG.
        texts: Other files by name: JSON results, a card.
        model_json: The model's file; None for one that is never served.
        dataset: What it read.
        children: The runs within it, such as one a family; these have none themselves.
    """

    score: str
    name: str = "fit"
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    model_json: bytes | None = None
    dataset: DatasetRecord | None = None
    children: Sequence[RunRecord] = ()

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags, and the hash of each file that is read again."""
        hashes = {hash_tag(n): _sha256(t.encode()) for n, t in self.texts.items()}
        return {**self.tags, **hashes}


@dataclass(frozen=True)
class RegisteredModel:
    """One version of a score's model, whose bytes are those that its hash names.

    Attributes:
        number: 1, 2, 3 ... for this score.
        metrics: Those of the run.
        tags: Those of the version.
        read: Reads one of the run's files by its name.
    """

    number: int
    run_id: str
    model_json: bytes
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    read: Callable[[str], bytes] = field(repr=False, compare=False)

    def text(self, name: str) -> str:
        """Return one of the texts that the run was logged with.

        Raises:
            Refusal: Its bytes are not those that were logged, or it was not.
        """
        content = self.read(name)
        if _sha256(content) != self.tags.get(hash_tag(name)):
            what, do = "the file is the one logged", "restore it, or train again"
            raise Refusal([Fault(f"run {self.run_id}: {name}", what, "another", do)])
        return content.decode()


def refuse_unfinished(status: str, where: str) -> None:
    """Refuse a version that was left behind when its registry died.

    Raises:
        Refusal: The run's status is not "FINISHED".
    """
    if status != "FINISHED":
        what, do = "a version is registered whole", "train the score again"
        got = f"a run that is {status.lower()}"
        raise Refusal([Fault(where, what, got, do)])


def hash_tag(name: str) -> str:
    """Return the tag that holds a file's hash."""
    return f"sha256 {name}"


def _sha256(content: bytes) -> str:
    return sha256(content).hexdigest()
