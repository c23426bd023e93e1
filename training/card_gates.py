"""A card's section on gates: what each asked, what was found, and whether it passed."""

from __future__ import annotations

from collections.abc import Iterator

from features.faults import Fault
from models.documents import Bullets, Grid, Part, Section
from models.figure_words import figure_at, told
from training.card_subject import Subject


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
    failed = failed_by_name(subject)
    rows = tuple(_rows(subject, failed))
    parts = (
        "Declared before the fit. Each tests the worse end of its interval; what "
        "cannot be told passes none.",
        Grid(("gate", "limit", "found", "verdict"), rows),
        *_refused(subject),
    )
    return Section("Gates", parts)


def failed_by_name(subject: Subject) -> dict[str, list[Fault]]:
    """Return the gates that were not passed, by the short name of each."""
    # Here, as it brings LightGBM along.
    from training.gates import failed_gates

    failed: dict[str, list[Fault]] = {}
    family = subject.model.family
    for fault in failed_gates(subject.score, family, subject.found):
        failed.setdefault(fault.rule.removeprefix("gate."), []).append(fault)
    return failed


def _rows(
    subject: Subject, failed: dict[str, list[Fault]]
) -> Iterator[tuple[str, ...]]:
    declared = subject.score.gates
    every = declared.model_dump(exclude_none=True) if declared else {}
    margin, metric = every.pop("source_margin", None), every.pop("source_metric", "")
    gaps = every.pop("greatest_gaps", {})
    if not every.pop("least_sample", True):
        failed.pop("least_sample", None)
    else:
        yield _row(subject, failed, "least_sample", "Riley's minimum")
    for name, limit in every.items():
        yield _row(subject, failed, name, f"{limit:g}")
    for group, gap in gaps.items():
        faults = _about(failed.get("greatest_gaps", []), group)
        yield f"greatest gap by {group}", f"{gap:g}", *_verdict(faults, "within it")
    for each in subject.found.get("sources", ()) if margin is not None else ():
        source = each["source"]
        faults = _about(failed.get("source", []), source)
        found = told(figure_at(each, "refitted"))
        verdict = "necessary" if source in subject.score.necessary else ""
        limit = f"{metric} falls by over {margin:g}"
        yield f"{source} earns its place", limit, *_verdict(faults, found, verdict)
    if family := failed.get("family"):
        yield "family", "may be served", *_verdict(family, "")


def _row(
    subject: Subject, failed: dict[str, list[Fault]], name: str, limit: str
) -> tuple[str, ...]:
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
        return "; ".join(fault.got for fault in faults), "DID NOT PASS"
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
