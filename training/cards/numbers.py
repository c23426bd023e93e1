"""A card's sections where they differ for a forecast, which is a count or a sum."""

from __future__ import annotations

from collections.abc import Iterator

from models.judging.intervals import Figure
from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import figure_at, of_100, short, told
from training.cards.subject import Subject
from training.demand.gates import failed_number_gates


_WORDS = {
    "mae": "mean error, in what is counted",
    "mase": "scaled error: over the naive forecast's usual error",
    "mase_naive": "the same of the naive forecast",
    "above_naive": "scaled error above the naive forecast's; below 0 is better",
    "deviance": "mean deviance",
    "deviance_naive": "the same of the naive forecast",
    "coverage": "share of the 90 % intervals that held what came",
    "observed_expected": "what came over what was forecast, in all; 1 is right",
}


def in_short(subject: Subject) -> Section:
    """Return the summary: what is forecast, how well, and what it may not do."""
    score = subject.score
    parts: tuple[Part, ...] = (
        f"This says how many to expect: {score.question}.",
        "It is a set of small tables, one for each thing we look at. Each table says "
        "how far that thing moves the number.",
        Bullets(
            (
                "We forecast later months that it had not seen. "
                f"{_beside_naive(_figure(subject, 'above_naive'))}",
                _held(_figure(subject, "coverage")),
                *(
                    ("It did not pass, and may not be used.",)
                    if subject.refused
                    else ()
                ),
            )
        ),
        "It must never be used for any of these:",
        Bullets(tuple(score.forbidden_uses)),
    )
    return Section("In short", parts, "TRIPOD+AI 2")


def outcome(subject: Subject) -> Section:
    """Return what is forecast, and when it comes."""
    what = subject.score.outcome
    starts = f", from {what.starts_after_days} days after it" * bool(
        what.starts_after_days
    )
    column = f" of {what.column}" if what.column else ""
    parts: tuple[Part, ...] = (
        f"{what.label}: the {what.measure}{column} over {what.horizon_days} days"
        f"{starts}, as of each date.",
        f"In proportion to: {subject.label(what.exposure)}; where that is missing or 0 "
        "nothing is forecast."
        if what.exposure
        else "In proportion to nothing else.",
    )
    return Section("What it forecasts", parts, "TRIPOD+AI 8")


def analysis(subject: Subject) -> Section:
    """Return how the tables were fitted, and where intervals come from."""
    what, spread = subject.score.outcome, subject.found.get("spread")
    width = "Intervals: none; too few forecasts were over."
    if spread:
        ends = f"{short(spread['low'])} to {short(spread['high'])}"
        many = f"{spread['forecasts']:,} earlier ones"
        width = f"Intervals of 90 %: {ends} times the forecast, as {many} were off."
    parts: tuple[Part, ...] = (
        "A sum of staircases of one indicator each, fitted by LightGBM "
        f"({what.distribution}); their sum is the logarithm of the number.",
        "On every date it is fitted anew on what was known by then.",
        width,
        "Intervals of the figures draw whole entities with all their dates; seed "
        f"{subject.score.seed}.",
    )
    return Section("How it was fitted", parts, "TRIPOD+AI 12")


def kept_apart(subject: Subject) -> Section:
    """Return what was judged, date by date."""
    found = subject.found
    rows = tuple(
        (
            str(each["as_of"]),
            *subject.counts([each["fitted_rows"], each["forecasts"]]),
            *(_point(each.get(name)) for name in ("mase", "mase_naive", "coverage")),
        )
        for each in found.get("by_date", ())
    )
    counts = subject.counts(found.get(n, 0) for n in ("judged_rows", "unexposed"))
    judged, unexposed = counts
    parts: tuple[Part, ...] = (
        f"Judged: {judged} forecasts, each by a model of what was known before its "
        f"date; rows of which nothing could be forecast: {unexposed}.",
        Grid(
            ("as of", "fitted rows", "forecasts", "scaled error", "naive", "held"), rows
        ),
    )
    return Section("What was kept apart", parts, "TRIPOD+AI 16, 20")


def performance(subject: Subject) -> Section:
    """Return how far forecasts were off, beside the naive one."""
    names = subject.found.get("figures", {})
    rows = tuple(
        (_WORDS.get(name, name.replace("_", " ")), told(_figure(subject, name)))
        for name in names
    )
    naive = subject.label(subject.score.judgement.rule)
    parts: tuple[Part, ...] = (
        f"The naive forecast is: {naive}.",
        Grid(("figure", "found"), rows),
    )
    return Section("How well it does", parts, "TRIPOD+AI 23")


def gates(subject: Subject) -> Section:
    """Return whether it is better than naive, and its intervals hold."""
    figures = subject.found.get("figures", {})
    failed = {f.rule: f for f in failed_number_gates(subject.score, figures)}
    rows = tuple(
        (words, told(_figure(subject, name)), _verdict(rule in failed))
        for rule, words, name in (
            ("gate.naive", "better than the naive forecast", "above_naive"),
            ("gate.coverage", "intervals hold what came", "coverage"),
        )
    )
    parts: tuple[Part, ...] = (
        "They bind every forecast. Each tests the worse end of its interval.",
        Grid(("gate", "found", "verdict"), rows),
        *_refused(subject),
    )
    return Section("Gates", parts)


def _refused(subject: Subject) -> Iterator[Part]:
    if subject.refused:
        yield "Promotion was refused:"
        yield Bullets(tuple(f"{f.what}: got {f.got}" for f in subject.refused))


def _figure(subject: Subject, name: str) -> Figure:
    return figure_at(subject.found, "figures", name)


def _point(value: float | None) -> str:
    return "cannot tell" if value is None else short(value)


def _verdict(failed: bool) -> str:
    return "DID NOT PASS" if failed else "passed"


def _beside_naive(above: Figure) -> str:
    if above.value is None or above.low is None or above.high is None:
        return f"We cannot tell if a plain guess does as well: {above.reason}."
    if above.high < 0:
        return f"It came nearer than a plain guess: by {told(-above)} of its error."
    if above.low > 0:
        return f"A plain guess came nearer: by {told(above)} of its error."
    return (
        "We could not show that it comes nearer than a plain guess: "
        f"{told(-above)} of its error."
    )


def _held(coverage: Figure) -> str:
    if coverage.value is None:
        return f"We cannot tell how often its range held: {coverage.reason}."
    return f"Its range held what came in {of_100(coverage)} times."
