"""A card's sections on who is in it, what is predicted and how the model was fitted."""

from __future__ import annotations

from collections.abc import Iterator

from features.definitions.outcomes import EVENT, NO_EVENT
from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import figure_at, told
from models.shown.wording import window_words
from models.tables.terms import Steps
from training.cards.subject import Subject


_ENDED = {EVENT: "the outcome came", NO_EVENT: "none of these"}
_EXPECTED = {"up": "may only rise", "down": "may only fall", "none": "free"}


def cohort(subject: Subject) -> Section:
    """Return who is in it, when, and who is left out."""
    whom, found = subject.score.cohort, subject.found
    untold = found.get("untold", {})
    counts = subject.counts(untold.values())
    source = subject.place.contracts.get(whom.source)
    parts: list[Part] = [
        f"{subject.people[:1].upper()}{subject.people[1:]} in "
        f"{source.title if source else whom.source}{_where(subject)}.",
        _when(subject),
        Bullets(
            tuple(
                f"{name}: {count} rows left out"
                for name, count in zip(untold, counts, strict=True)
            )
        ),
        Bullets(tuple(f"{e.state}: where {_one_line(e.when)}" for e in whom.exits)),
        "Who objected, or may not be traced, is in no row.",
    ]
    if subject.score.linked_group:
        parts.append(
            f"Rows of one group ({subject.score.linked_group}) are kept on one side of "
            "the split where it says later and new."
        )
    return Section("Who is in it", tuple(parts), "TRIPOD+AI 6")


def preparation(subject: Subject) -> Section:
    """Return how records became values."""
    parts: tuple[Part, ...] = (
        "Partners' files were held against their contracts and taken whole or not at "
        "all. Records were linked to those they are about, and a link between two is a "
        "claim with a probability. One row was made for each of them on each date.",
        f"Links, by version: {subject.fact('links')}. Snapshot: "
        f"{subject.fact('snapshot')}, sha256 {subject.fact('snapshot_sha256')}.",
    )
    return Section("How the records were prepared", parts, "TRIPOD+AI 7")


def outcome(subject: Subject) -> Section:
    """Return what is predicted, what may come first, and how often each came."""
    what, lag = subject.score.outcome, subject.found.get("recording_lag", {})
    days = lag.get("days", what.recording_lag_days)
    parts: list[Part] = [
        f"{what.label}, within {what.horizon_days} days of the as-of date"
        + (", and before any other end." if what.ends else "."),
        f"Outcomes were waited for {days} days more, as they are written down late "
        f"({subject.fact('recording_lag_measured_on')}).",
    ]
    if subject.score.caveat:
        parts.append(f"{subject.score.caveat.rstrip('.')}.")
    rows = tuple(_ends(subject))
    columns = ("ended", "kind", "fitted", "judged", "share of the judged")
    return Section("What it predicts", (*parts, Grid(columns, rows)), "TRIPOD+AI 8, 20")


def predictors(subject: Subject) -> Section:
    """Return what the model looks at, indicator by indicator."""
    rows = tuple(_predictor(subject, name) for name in subject.model.names)
    columns = ("indicator", "unit", "looks back", "score", "source", "in words")
    return Section(
        "What it looks at",
        (
            "No protected attribute is among them. `Score` says which way it may move "
            "as the value rises; a missing value is free.".replace("`", '"'),
            Grid(columns, rows),
        ),
        "TRIPOD+AI 9",
    )


def sample(subject: Subject) -> Section:
    """Return how much there was to learn from, beside Riley's least sample."""
    found = subject.found.get("sample")
    if not found:
        parts: tuple[Part, ...] = ("Cannot tell: it was not counted.",)
        return Section("How many", parts, "TRIPOD+AI 10")
    had = ("groups", "groups_with_outcome")
    counts = list(subject.counts([found[name] for name in had]))
    rows = (
        ("linked groups (or people)", counts[0], f"{found['needed']:,}"),
        ("of these with the outcome", counts[1], f"{found['needed_with_outcome']:,}"),
    )
    short = found["groups"] < found["needed"]
    short |= found["groups_with_outcome"] < found["needed_with_outcome"]
    verdict = "Too few events." if short else "Enough."
    parts = (
        f"{verdict} {found['parameters']} parameters, by Riley and others, BMJ "
        "2020;368:m441.",
        Grid(("", "there are", "least"), rows),
    )
    return Section("How many", parts, "TRIPOD+AI 10")


def missing(subject: Subject) -> Section:
    """Return what is made of missing values, and where none were seen."""
    never = [
        subject.label(term.name)
        for term in subject.model.terms
        if isinstance(term, Steps) and term.missing is None
    ]
    left = subject.found.get("verdicts", {}).get(subject.model.family, {})
    unscored = next(subject.counts([left.get("unscored", 0)]))
    parts: tuple[Part, ...] = (
        "No value is guessed. That a value is missing is a bin of its own where at "
        "least 50 rows, and 8 of each outcome, show what it means; else it adds "
        "nothing, or there is no score.",
        Bullets(tuple(f"hardly ever missing in training: {name}" for name in never)),
        f"Judged rows without a score, as a category was new: {unscored}.",
    )
    return Section("What is missing", parts, "TRIPOD+AI 11")


def fairness(subject: Subject) -> Section:
    """Return what was done so that groups are not treated unlike."""
    groups = ", ".join(subject.score.groups) or "none is declared"
    gaps = subject.score.gates.greatest_gaps if subject.score.gates else {}
    limits = ", ".join(f"{name} {gap:g}" for name, gap in gaps.items())
    parts: tuple[Part, ...] = (
        f"Judged by: {groups}. The model never sees them.",
        f"Greatest gap in the share of outcomes found: {limits or 'none is declared'}.",
    )
    return Section("Groups", parts, "TRIPOD+AI 14")


def output(subject: Subject) -> Section:
    """Return what the model gives out, and how bands are made of it."""
    bands = sorted(subject.score.bands, key=lambda band: -band.from_rank)
    rows = tuple((each.label, f"{100 * each.from_rank:g} of 100") for each in bands)
    parts: tuple[Part, ...] = (
        "A probability, the rank on the list, a band by that rank, and what each "
        "indicator adds. Base and parts add up to the log-odds before calibration.",
        Grid(("band", "from the rank above"), rows),
    )
    return Section("What it gives", parts, "TRIPOD+AI 15")


def _where(subject: Subject) -> str:
    cohort = subject.score.cohort
    conditions = [_one_line(each) for each in (cohort.filter, cohort.where) if each]
    return f", where {' and '.join(conditions)}" if conditions else ""


def _when(subject: Subject) -> str:
    calendar, at = subject.score.cohort.calendar, subject.score.cohort.at_events
    if calendar:
        every = calendar.every_months
        often = "every month" if every == 1 else f"every {every} months"
        return f"One row for each of them {often} from {calendar.first}."
    return f"One row for each {at.kind if at else 'event'}, on its day."


def _ends(subject: Subject) -> Iterator[tuple[str, ...]]:
    fitted = subject.found.get("fitted_ends", ())
    judged = subject.found.get("judged_ends", ())
    columns = [list(subject.counts(e["cases"] for e in p)) for p in (fitted, judged)]
    for number, each in enumerate(judged):
        small = "too few" in columns[1][number]
        share = "too few to tell" if small else told(figure_at(each, "incidence"))
        counts = (column[number] for column in columns)
        yield (_ENDED.get(each["end"], each["end"]), each["kind"], *counts, share)


def _predictor(subject: Subject, name: str) -> tuple[str, ...]:
    indicator = subject.place.indicators.get(name)
    if indicator is None:
        return (name, "", "", "", "", "no longer declared")
    family = indicator.family
    source = subject.place.contracts.get(family.source)
    known = "" if family.available_when_deciding else "; not known when deciding"
    return (
        f"{family.label} ({name})",
        family.unit,
        window_words(indicator.window_days),
        _EXPECTED[family.expected],
        f"{source.title if source else family.source}{known}",
        family.wording,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
