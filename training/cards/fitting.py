"""A card's section on how the families were fitted, chosen and calibrated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import figure_at, name_of, told
from models.tables.envelope import Calibration
from training.cards.subject import Subject


_FAMILIES = {
    "points": "at most 12 indicators, at most five bins each, whole points",
    "logistic": "a straight line a number, a value a category",
    "additive": "a sum of staircases of one indicator each, fitted by LightGBM",
    "pairs": "as additive, with at most five named pairs of indicators",
}
_CHALLENGER = (
    "boosted: LightGBM with every interaction, the challenger, which is never served"
)


def analysis(subject: Subject) -> Section:
    """Return how the families were fitted, cut, searched and calibrated."""
    score, model = subject.score, subject.model
    families = [f"{each}: {_FAMILIES[each]}" for each in score.families]
    envelope = model.envelope
    dropped = model.facts.get("dropped")
    parts: list[Part] = [
        f"Served: {model.family}. Fitted on the same rows:",
        Bullets((*families, _CHALLENGER, f"rule: {_rule(subject)} alone")),
        "A number is cut at round values; each bin holds at least 50 rows and 8 of "
        "each outcome. Directions hold in the finished tables and were looked at.",
        *([f"Came out the wrong way, so adds nothing: {dropped}."] if dropped else []),
        _settings(subject.model.facts),
        *_choice(subject.found.get("choice")),
        _calibration(envelope.calibration if envelope else Calibration()),
        *_before(subject.found.get("calibration")),
        "Nothing was done about rare outcomes: no row was copied, left out or weighed "
        "for that (TRIPOD+AI 13).",
        f"Intervals are of 95 %, by drawing whole linked groups; seed {score.seed}.",
    ]
    return Section("How it was fitted", tuple(parts), "TRIPOD+AI 12, 13")


def _rule(subject: Subject) -> str:
    return subject.label(subject.score.judgement.rule)


def _settings(facts: Mapping[str, Any]) -> str:
    found = {n: v for n, v in facts.items() if n.startswith(("trees", "search"))}
    told_of = "; ".join(f"{n.replace('_', ' ')}: {v}" for n, v in found.items())
    if not told_of:
        return "Settings: fixed; none was searched for."
    return f"Settings, settled on rows from before the first judged date: {told_of}."


def _choice(choice: Mapping[str, Any] | None) -> Iterator[Part]:
    """Yield how the family that is served was chosen, where it was."""
    if not choice:
        yield "The family that is served was named before the fit."
        return
    yield (
        f"Chosen by the rule declared before the fit: regret in "
        f"{name_of(choice['metric'])} over the judged dates, the simplest within one "
        f"standard error of the best. Chosen: {choice['family']}."
    )
    yield Grid(
        ("family", "regret", "standard error", "within one of the best"),
        tuple(
            (
                each["family"],
                f"{each['regret']:.4f}",
                f"{each['standard_error']:.4f}",
                "yes" if each["is_within"] else "no",
            )
            for each in choice["families"]
        ),
    )


def _before(found: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what calibration was like before anything was done about it."""
    if found:
        slope, intercept = (told(figure_at(found, n)) for n in ("slope", "intercept"))
        yield f"Before that: slope {slope}, intercept {intercept}."
        if found.get("reason"):
            yield f"Why: {found['reason']}."


def _calibration(calibration: Calibration) -> str:
    if calibration == Calibration():
        return "Calibration: none was made; probabilities are the model's own."
    return (
        f"Calibration: log-odds times {calibration.slope:.3g}, plus "
        f"{calibration.intercept:.3g}; explanations are of the log-odds before it."
    )
