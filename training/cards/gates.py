"""A card's section on gates: what each asked, what was found, and whether it passed."""

from __future__ import annotations

from collections.abc import Iterator

from features.faults import Fault
from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import figure_at, told
from training.cards.subject import Subject


DID_NOT_PASS = "DID NOT PASS"

# Where the figure of a gate stands in an evaluation, from the served family's "later".
_LATER = {
    "least_precision": "precision",
    "least_lift": "lift",
    "least_observed_expected": "observed_expected",
    "greatest_observed_expected": "observed_expected",
}


def gates(subject: Subject) -> Section:
    """Return each declared gate with its limit, its figure and its verdict."""
    if subject.score.gates is None:
        parts: tuple[Part, ...] = ("None is declared: nothing had to be shown.",)
        return Section("Gates", (*parts, *_refused(subject)))
    parts = (
        "Declared before the fit. Each tests the worse end of its interval; what "
        "cannot be told passes none.",
        Grid(("gate", "limit", "found", "verdict"), tuple(gate_rows(subject))),
        *_refused(subject),
    )
    return Section("Gates", parts)


def gate_rows(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Yield each declared gate: its name, its limit, what was found, the verdict."""
    declared, failed = subject.score.gates, _failed(subject)
    if declared is None:
        return
    if declared.least_sample:
        yield _row(subject, failed, "least_sample", "Riley's minimum")
    for name, limit in declared.model_dump(exclude_none=True).items():
        # Truth values are no limits; `source_margin` and gaps have rows of their own.
        if isinstance(limit, float) and name != "source_margin":
            yield _row(subject, failed, name, f"{limit:g}")
    for group, gap in declared.greatest_gaps.items():
        faults = _about(failed.get("greatest_gaps", []), group)
        yield f"greatest gap by {group}", f"{gap:g}", *_verdict(faults, "within it")
    if declared.source_margin is not None:
        faults = failed.get("source", [])
        yield from _source_rows(subject, faults, declared.source_margin)
    if family := failed.get("family"):
        yield "family", "may be served", *_verdict(family, "")


def _failed(subject: Subject) -> dict[str, list[Fault]]:
    """Return the gates that were not passed, by the short name of each."""
    # Here, as it brings LightGBM along.
    from training.judging.gates import failed_gates

    failed: dict[str, list[Fault]] = {}
    family = subject.model.family
    for fault in failed_gates(subject.score, family, subject.found):
        failed.setdefault(fault.rule.removeprefix("gate."), []).append(fault)
    return failed


def _source_rows(
    subject: Subject, failed: list[Fault], margin: float
) -> Iterator[tuple[str, str, str, str]]:
    for each in subject.found.get("sources", ()):
        source = each["source"]
        faults, found = _about(failed, source), told(figure_at(each, "refitted"))
        verdict = "necessary" if source in subject.score.necessary else ""
        limit = f"{each['metric']} falls by over {margin:g}"
        yield f"{source} earns its place", limit, *_verdict(faults, found, verdict)


def _row(
    subject: Subject, failed: dict[str, list[Fault]], name: str, limit: str
) -> tuple[str, str, str, str]:
    faults = failed.get(name, [])
    return name.replace("_", " "), limit, *_verdict(faults, _found(subject, name))


def _found(subject: Subject, name: str) -> str:
    if name == "least_precision_above_rule":
        return told(subject.figure("above_rule", "precision"))
    if name == "greatest_auc_alone":
        alone = (subject.found.get("leaks") or {}).get("auc_alone")
        return "not looked at" if alone is None else f"{alone:.3f}"
    if name == "least_sample":
        return "enough"
    return told(subject.later(_LATER.get(name, name.partition("_")[2])))


def _verdict(faults: list[Fault], found: str, verdict: str = "") -> tuple[str, str]:
    if faults:
        return "; ".join(fault.got for fault in faults), DID_NOT_PASS
    return found, verdict or "passed"


def _about(faults: list[Fault], name: str) -> list[Fault]:
    return [
        each
        for each in faults
        if each.where.split(":")[-1].split(".")[-1].strip() == name
    ]


def _refused(subject: Subject) -> Iterator[Part]:
    """Yield why promotion was refused, and what to do next."""
    if not subject.refused:
        return
    yield "Promotion was refused:"
    yield Bullets(
        tuple(f"{f.what}: got {f.got}. Next: {f.next}" for f in subject.refused)
    )
