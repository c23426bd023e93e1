"""A card's sections on what was found: every figure with its interval, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.families.pairs import AnyTerm, Pair
from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import (
    figure_at,
    is_figure,
    name_of,
    of_100,
    short,
    told,
    words_for,
)
from models.shown.points_card import heights
from models.tables.terms import Line, Log
from training.cards.subject import Subject


_SIDE_BY_SIDE = ("auc", "average_precision", "precision", "recall", "observed_expected")


def kept_apart(subject: Subject) -> Section:
    """Return what was judged on what, and which leaks were looked for."""
    found, leaks = subject.found, subject.found.get("leaks")
    fitted = _counts(subject, found.get("fitted_rows"), found.get("fitted_events"))
    judged = _counts(subject, found.get("judged_rows"), found.get("judged_events"))
    parts: tuple[Part, ...] = (
        f"Fitted on {fitted}, all known before {_before(subject)}; judged on "
        f"{judged}. Whatever was judged was judged by a model fitted only on what was "
        "known before that date.",
        _sealed(subject),
        Grid(
            ("judged from", "to", "fitted rows", "judged rows", "AUC"),
            tuple(_dates(subject)),
        ),
        "Later: on those dates; the same people may have been fitted on. Later and "
        "new: nobody of the same linked group was.",
        Bullets(
            tuple(_leaks(subject, leaks)) if leaks else ("Leaks: not looked for.",)
        ),
    )
    return Section("What was kept apart", parts, "TRIPOD+AI 16")


def performance(subject: Subject) -> Section:
    """Return how the served model did, and the others beside it."""
    verdicts = subject.found.get("verdicts", {})
    served = verdicts.get(subject.model.family, {})
    parts: tuple[Part, ...] = (
        f"Of 100 who were judged, {of_100(subject.figure('base_rate'))} had the "
        f"outcome. Capacity: {subject.places}.".replace(" of 100 (", " ("),
        f"The model that is served ({subject.model.family}):",
        Grid(("figure", "later", "later and new"), tuple(_served(served))),
        Grid(
            ("had visits been in its order", ""), tuple(_figures(served, "reordering"))
        ),
        Grid(("from date to date", ""), tuple(_figures(served, "stability"))),
        *_opened(subject),
        "All models, later:",
        Grid(
            ("model", *(name_of(n) for n in _SIDE_BY_SIDE)),
            tuple(_all(verdicts)),
        ),
    )
    return Section("How well it does", parts, "TRIPOD+AI 23")


def calibration(subject: Subject) -> Section:
    """Return what came true, by probability."""
    rows = tuple(
        (
            f"{100 * each['from_probability']:.3g} of 100",
            f"{100 * each['mean_probability']:.1f}",
            f"{100 * each['share']:.0f} ({100 * each['low']:.0f} to "
            f"{100 * each['high']:.0f})",
        )
        for each in subject.found.get("observed", ())
    )
    parts: tuple[Part, ...] = (
        "Of 100 people like this, how many had it; the interval is about the group."
        if rows
        else "Cannot tell: it was not measured.",
        Grid(("probability from", "the model said, of 100", "had it, of 100"), rows),
    )
    return Section("Calibration", parts)


def specification(subject: Subject) -> Section:
    """Return where the model is, whole, and how far each part can move a score."""
    model = subject.model
    rows = tuple((subject.label(term.name), _reach(term)) for term in model.terms)
    parts: tuple[Part, ...] = (
        f"The model is one file, model/model.json of its run, sha256 {model.sha256}. "
        "Whoever has it can work out every score by hand.",
        f"Base: log-odds {model.base:.4f}. Then, for each indicator, from the least "
        "that it adds to the most:",
        Grid(("indicator", "log-odds"), rows),
    )
    return Section("The model", parts, "TRIPOD+AI 21, 22")


def updating(subject: Subject) -> Section:
    """Return how the model changes once it is used."""
    parts = (
        "It does not learn while it is used. Fitted or calibrated again, it is another "
        "version with a card and an approval of its own.",
    )
    return Section("How it changes", parts, "TRIPOD+AI 24")


def _counts(subject: Subject, rows: int | None, events: int | None) -> str:
    if rows is None or events is None:
        return "rows that were not counted"
    every, had, _ = subject.counts([rows, events, rows - events])
    return f"{every} rows, with the outcome {had}"


def _before(subject: Subject) -> str:
    known = subject.model.facts.get("fitted_before")
    return str(known or subject.score.judgement.first)


def _sealed(subject: Subject) -> str:
    sealed = subject.found.get("sealed")
    if not sealed:
        return "No judged date was kept sealed until promotion."
    return (
        f"Sealed until promotion, and opened once: {sealed['first']} to "
        f"{sealed['last']}. No figure here, no choice and no calibration is from it."
    )


def _dates(subject: Subject) -> Iterator[tuple[str, ...]]:
    for each in subject.found.get("dates", ()):
        sizes = subject.counts([each["fitted_rows"], each["judged_rows"]])
        auc = figure_at(each, "figures", subject.model.family, "auc")
        yield (str(each["first"]), str(each["last"]), *sizes, told(auc))


def _leaks(subject: Subject, leaks: Mapping[str, Any]) -> Iterator[str]:
    yield "Every indicator is from before its as-of date: " + (
        f"{leaks['rows_known']} rows came out the same without what was known later."
        if leaks["rows_known"]
        else "cannot tell, no row was looked at."
    )
    yield (
        f"Labels shuffled {leaks['shuffles']} times: mean AUC "
        f"{short(leaks['shuffled_auc'])}, where .5 is right."
    )
    if leaks.get("strongest"):
        yield (
            f"Tells most alone: {subject.label(leaks['strongest'])}, AUC "
            f"{short(leaks['auc_alone'])}."
        )
    yield "No kin on both sides; selection and encoding learnt from fitted rows alone."


def _served(verdict: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    later, new = verdict.get("later", {}), verdict.get("later_and_new", {})
    for name in dict.fromkeys([*later, *new]):
        both = (told(figure_at(each, name)) for each in (later, new))
        yield (words_for(name), *both)


def _opened(subject: Subject) -> Iterator[Part]:
    """Yield what was found on the date that was sealed until promotion."""
    found = subject.opened
    if found is None:
        return
    days = " to ".join(dict.fromkeys([str(found["first"]), str(found["last"])]))
    yield f"On {days}, sealed until its promotion and opened once:"
    rows = tuple((words_for(n), told(figure_at(f))) for n, f in found["later"].items())
    yield Grid(("figure", "on that date"), rows)


def _figures(verdict: Mapping[str, Any], key: str) -> Iterator[tuple[str, str]]:
    """Yield each figure that stands under a key, in words; or the one that does."""
    found = verdict.get(key)
    if is_figure(found):
        yield words_for(key), told(figure_at(found))
        return
    for name, each in found.items() if isinstance(found, Mapping) else ():
        if is_figure(each):
            yield words_for(name), told(figure_at(each))


def _all(verdicts: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for family, verdict in verdicts.items():
        later = verdict.get("later", {})
        yield (family, *(told(figure_at(later, name)) for name in _SIDE_BY_SIDE))


def _reach(term: AnyTerm) -> str:
    if isinstance(term, Line):
        return f"{term.weight:+.4g} for each unit"
    if isinstance(term, Log):
        return "in proportion to it"
    values = term.table.ravel().tolist() if isinstance(term, Pair) else heights(term)
    if not any(values):
        return "nothing"
    return f"{min(values):+.3f} to {max(values):+.3f}"
