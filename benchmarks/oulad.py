"""Students' early warning: who fails or leaves a module, as seen on day 28.

The Open University's records go the whole way: extract, contract, load, link, snapshot,
fit on the presentations that began before the judged one, and judge on that. No student
is on both sides. Beside the score stand the same without clicks, the same fitted only
on what had ended in time, and what the mere absence of clicks gives away.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.by_family import FAMILIES, FamilyStudy, group_figures, whole_figures
from benchmarks.presentations import Files, read_files, scored_on, write_extracts
from benchmarks.report import Report, data_folder, progress
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from features.linkage.linking import link_place
from features.snapshots.snapshot import build_snapshot
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from training.cohort import days, read_cases
from training.fit import fit_all


PLACE = Path(__file__).resolve().parents[1] / "places" / "oulad"
SCORE = "fail_or_withdraw"
CLICKS = "activity"
HAS_CLICKS = "clicked_last"
MARKS = "marks"

DEFAULT_JUDGED = "2014B"
# Of the default presentation; of others nothing was said beforehand.
TARGETS = {"auc_additive": (">=", 0.765)}
# Of the pseudonyms: all is open, so nothing is kept secret by it.
KEY = b"open data has nothing to hide..."


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        data: The folder that holds the files.
        judged: The code of the presentation that is judged.
        marks_after: Days from handing in to the mark; None as declared.
    """

    data: Path
    judged: str
    marks_after: int | None


def run(arguments: Sequence[str]) -> Report:
    """Return what was found; what is being done is told on stderr.

    Raises:
        Misuse: An argument cannot be meant, or a file that is needed is not there.
        Refusal: An extract is not as its contract says, or nothing can be judged.
    """
    options = read_options(arguments)
    return judge(read_files(options.data), options)


def judge(files: Files, options: Options) -> Report:
    """Load the files, fit on the earlier presentations and judge on the one named."""
    if wrong := list(misuses(files, options)):
        raise Misuse(wrong)
    place, score = definitions(options)
    with tempfile.TemporaryDirectory() as folder:
        warehouse, entry = built(place, score, files, Path(folder))
        found = {
            name: study(name, warehouse, place, entry, each, in_time=in_time)
            for name, each, in_time in studied(place, score)
        }
    figures = whole_figures(found) | dict(group_figures(found[""]))
    targets = TARGETS if options.judged == DEFAULT_JUDGED else {}
    return Report("oulad", figures, targets)


def read_options(arguments: Sequence[str]) -> Options:
    """Return the options; `--data` may name the folder of files or the one above."""
    parser = argparse.ArgumentParser("python -m benchmarks oulad")
    parser.add_argument("--data", type=Path, help="folder of the university's files")
    parser.add_argument("--judge", default=DEFAULT_JUDGED, metavar="PRESENTATION")
    parser.add_argument("--marks-after", type=int, metavar="DAYS")
    read = parser.parse_args(arguments)
    folder = data_folder(read.data)
    inside = folder / "oulad"
    data = inside if inside.is_dir() else folder
    return Options(data, read.judge, read.marks_after)


def misuses(files: Files, options: Options) -> Iterator[Fault]:
    """Yield why a presentation cannot be judged."""
    known = files.presentations
    where, got = "--judge", repr(options.judged)
    if options.judged not in known:
        do = f"use one of: {', '.join(known)}"
        yield Fault(where, "the presentation must be in the files", got, do)
    elif options.judged == known[0]:
        what = "an earlier presentation must be there to fit on"
        yield Fault(where, what, got, f"use one of: {', '.join(known[1:])}")


def definitions(options: Options) -> tuple[Place, ScoreDefinition]:
    """Return the place and its score, to be judged on the presentation asked for."""
    place, faults = read_place(PLACE)
    if place is None:
        raise Refusal(faults)
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    if options.marks_after is not None:
        place = marked_after(place, options.marks_after)
    day = scored_on(options.judged)
    score = scores[SCORE]
    judgement = score.judgement.model_copy(update={"first": day, "last": day})
    return place, score.model_copy(update={"judgement": judgement})


def marked_after(place: Place, lag_days: int) -> Place:
    """Return the place with marks known so many days after handing in."""
    contract = place.contracts[MARKS]
    if contract.history is None or lag_days < 0:
        what, do = "marks come on the day or later", "use 0 or more"
        raise Misuse([Fault("--marks-after", what, str(lag_days), do)])
    history = contract.history.model_copy(update={"lag_days": lag_days})
    later = contract.model_copy(update={"history": history})
    return replace(place, contracts={**place.contracts, MARKS: later})


def built(
    place: Place, score: ScoreDefinition, files: Files, folder: Path
) -> tuple[Warehouse, SnapshotEntry]:
    """Return a warehouse in a folder, loaded and linked, and the score's snapshot."""
    warehouse = Warehouse(folder / "store")
    load_all(warehouse, place, files, folder)
    link_place(warehouse, place, KEY, progress=progress)
    progress(f"computing the indicators as of {score.judgement.first} and before")
    return warehouse, snapshot(warehouse, place, score)


def load_all(warehouse: Warehouse, place: Place, files: Files, folder: Path) -> None:
    """Load every source; the extracts are histories, dated as their contracts say."""
    for source, path in write_extracts(files, folder).items():
        delivery = Delivery(received=today(), history=True)
        load = load_extract(warehouse, place.contracts[source], path, delivery)
        progress(f"loaded {source}: {load.rows:,} rows")


def snapshot(
    warehouse: Warehouse, place: Place, score: ScoreDefinition
) -> SnapshotEntry:
    """Build the snapshot: every enrolment up to the judged presentation, on day 28."""
    wider = score.model_copy(update={"indicators": [*score.indicators, HAS_CLICKS]})
    events = score.cohort.at_events
    last = score.judgement.first
    first = events.first if events else last
    return build_snapshot(warehouse, place, wider.plan(), [first, last], on=today())


def studied(
    place: Place, score: ScoreDefinition
) -> Iterator[tuple[str, ScoreDefinition, bool]]:
    """Yield what is compared: a name, the score, and whether to fit in time only."""
    sources = {name: place.indicators[name].family.source for name in score.indicators}
    without = [name for name, source in sources.items() if source != CLICKS]
    yield "", score, False
    yield "without_clicks", score.model_copy(update={"indicators": without}), False
    only = {"indicators": [*without, HAS_CLICKS]}
    yield "whether_clicks", score.model_copy(update=only), False
    yield "in_time", score, True


def study(
    name: str,
    warehouse: Warehouse,
    place: Place,
    entry: SnapshotEntry,
    score: ScoreDefinition,
    *,
    in_time: bool,
) -> FamilyStudy:
    """Fit on earlier presentations, without the judged students, and score these.

    Args:
        name: Told in the progress.
        warehouse: Holds the snapshot.
        place: Says where log-odds may go.
        entry: The snapshot.
        score: The indicators, and the day that is judged.
        in_time: Fit only on what had ended when the judged presentation was scored.
    """
    cases = read_cases(warehouse, entry, score)
    day = days(score.judgement.first)
    judged = cases.as_of == day
    wait = score.outcome.horizon_days + score.outcome.recording_lag_days
    known = cases.as_of + np.timedelta64(wait if in_time else 1, "D") <= day
    fitted = known & ~np.isin(cases.linked_group, cases.linked_group[judged])
    told = name or "with clicks"
    progress(f"{told}: {fitted.sum():,} fitted on, {judged.sum():,} judged")
    models = fit_all(cases, fitted, score, place)
    found = models.log_odds(cases.only(judged))
    log_odds = {name: found[family] for name, family in FAMILIES.items()}
    return FamilyStudy(cases.only(judged), int(fitted.sum()), log_odds, score)


def today() -> dt.date:
    """Return the day of the run: the files are taken as received on it."""
    return dt.datetime.now(tz=dt.UTC).date()
