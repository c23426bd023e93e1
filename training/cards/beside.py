"""A card's sections on what stands beside a model: other ways, groups and sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.shown.documents import Bullets, Grid, Part, Section
from models.shown.figure_words import figure_at, name_of, told
from training.cards.subject import Subject


_BESIDE = ("auc", "precision")


def transparency(subject: Subject) -> Section:
    """Return what being readable costs, and what the model gains over the rule."""
    price, above = subject.found.get("price"), subject.found.get("above_rule")
    rows = tuple(
        (name_of(name), told(figure_at(price, name)))
        for name in ("auc", "average_precision", "precision")
    )
    parts: tuple[Part, ...] = (
        "What the challenger, which nobody can read, has above the model that is "
        "served, on the same draws of the same cases:",
        Grid(("figure", "challenger above served"), rows),
        f"Precision above the one-indicator rule's: "
        f"{told(figure_at(above, 'precision'))}.",
    )
    return Section("The price of transparency", parts)


def baselines(subject: Subject) -> Section:
    """Return what else could be done, and what the model that is served gains on it."""
    rows = tuple(
        _baseline(subject, each) for each in subject.found.get("baselines", ())
    )
    intro = "Beside the model, on the same cases; the gain is the served model's above."
    none = "Cannot tell: no other way was measured but those in the table above."
    columns = ("instead", "AUC", "precision", "gain in AUC", "gain in precision")
    return Section("Beside other ways", (intro if rows else none, Grid(columns, rows)))


def groups(subject: Subject) -> Section:
    """Return what the model does for each group."""
    rates = ("selection_rate", "true_positive_rate", "precision")
    rows = tuple(
        (
            subject.group(attribute, each["group"]),
            *(told(figure_at(each, name)) for name in rates),
        )
        for attribute, found in subject.found.get("groups", {}).items()
        for each in found
    )
    columns = ("group", "within capacity", "outcomes found", "precision")
    intro = "Of few people nothing is told. A gap that cannot be told may be there."
    none = "No group is declared."
    return Section("By group", (intro if rows else none, Grid(columns, rows)))


def sources(subject: Subject) -> Section:
    """Return what each source is worth, and why one is read all the same."""
    found = subject.found.get("sources", ())
    rows = tuple(
        (
            each["source"],
            f"{len(each['indicators'])}",
            name_of(each["metric"]),
            told(figure_at(each, "neutralised")),
            told(figure_at(each, "refitted")),
        )
        for each in found
    )
    necessary = tuple(
        f"{name} is read all the same: {why.reason} ({why.role}, {why.decided_on})"
        for name, why in subject.score.necessary.items()
    )
    columns = ("source", "indicators", "figure", "lost if silent", "lost if left out")
    intro = "Cannot tell: it was not measured, as no gate asks for it."
    if rows:
        intro = (
            "What is lost where a source's indicators add nothing, and where the model "
            "is fitted again without it."
        )
    return Section(
        "What each source is worth", (intro, Grid(columns, rows), Bullets(necessary))
    )


def _baseline(subject: Subject, each: Mapping[str, Any]) -> tuple[str, ...]:
    name = each["name"]
    if each.get("indicator"):
        name += f": {subject.label(each['indicator'])}"
    if each.get("reason"):
        return name, *[f"cannot tell: {each['reason']}"] * 4
    found = [(part, figure) for part in ("figures", "gain") for figure in _BESIDE]
    return name, *(told(figure_at(each, *path)) for path in found)
