"""A card's sections on what a score is for, whose records it reads, and who agreed."""

from __future__ import annotations

from collections.abc import Iterator

from features.definitions.contracts import Contract
from models.shown.documents import Bullets, Grid, Part, Section
from training.cards.subject import Subject


def purpose(subject: Subject) -> Section:
    """Return why the score was made, and what it may and may not be used for."""
    score = subject.score
    meaning = subject.place.purpose(score.purpose).meaning
    parts: list[Part] = [
        f"Question: {score.question}.",
        f"Purpose: {meaning} ({score.purpose}).",
        _meant_for(subject),
        "Never to be used to:",
        Bullets(tuple(score.forbidden_uses)),
    ]
    if groups := _groups(subject):
        parts.append(f"Groups that it might treat unlike: {groups}.")
    return Section("Why it was made, and for what", tuple(parts), "TRIPOD+AI 3, 4")


def records(subject: Subject) -> Section:
    """Return the sources, the ground on which each is used, and the dates."""
    judgement = subject.score.judgement
    until = f" to {judgement.last}" if judgement.last else " on"
    span = (
        f"As-of dates from {subject.fact('data_from')} to {subject.fact('data_to')}; "
        f"judged from {judgement.first}{until}."
    )
    partners = {each.id: each.name for each in subject.place.file.partners}
    rows = tuple(
        (each.title, partners.get(each.partner, each.partner), _ground(each))
        for each in subject.sources
    )
    clocks = (
        "A record counts on a date only if it had happened, and could be known, before "
        "that date."
    )
    grid = Grid(("source", "partner", "ground"), rows)
    return Section("Where the records come from", (span, clocks, grid), "TRIPOD+AI 5")


def agreed(subject: Subject) -> Section:
    """Return who agreed to the score, until when, and on what assessments."""
    approvals = tuple(
        (each.role, str(each.approved_on), str(each.expires))
        for each in subject.score.approvals
    )
    assessed = tuple(
        f"{each.title}: impact assessment {ground.impact_assessment.reference}, to be "
        f"looked at again by {ground.impact_assessment.review}"
        for each in subject.sources
        if (ground := each.governance)
    )
    parts: tuple[Part, ...] = (
        Grid(("role", "agreed on", "until"), approvals),
        Bullets(assessed),
        "With the approval of any role at an end, the score is paused.",
    )
    return Section("Who agreed", parts, "TRIPOD+AI 17")


def openness(subject: Subject) -> Section:
    """Return what of it is open to be read, and by whom it was looked at."""
    number = "given when it is registered" if subject.version is None else ""
    version = number or str(subject.version)
    definitions = f"{subject.place.name}, sha256 {subject.fact('place_sha256')}"
    parts: tuple[Part, ...] = (
        Bullets(
            (
                f"Registered as: {subject.place.name}.{subject.score.name}, version "
                f"{version}; every run is kept, those that did not pass as well.",
                f"Definitions: {definitions}; commit {subject.fact('git_commit')}.",
                f"Gates, as they were before the fit: {subject.fact('gates_sha256')}.",
                "Program: Lamppost, MIT licence. The records stay with the partners.",
                "Funding, and interests that could get in the way: not recorded here.",
                "Whether those it is about were asked: not recorded here.",
            )
        ),
    )
    return Section("What is open", parts, "TRIPOD+AI 18, 19")


def use(subject: Subject) -> Section:
    """Return how it is used, what is shown instead of a score, and whom to ask."""
    parts: tuple[Part, ...] = (
        "It is worked out in batches from what partners deliver. Whoever reads a score "
        "sees what moved it and the records behind that, and each look is on record.",
        "Where no score can be given a named state stands for it: not enough data, "
        "stale source, link uncertain, objected, restricted, paused, not in the "
        "cohort, died, moved away. A value that was never seen in training is the "
        "first of them, never a guess.",
        f"Data: from {subject.fact('data_from')} to {subject.fact('data_to')}. "
        f"Definitions: {subject.fact('definition_sha256')[:12]}.",
        f"Ask: {subject.score.contact_role}.",
    )
    return Section("How it is used, and whom to ask", parts, "TRIPOD+AI 27")


def limits(subject: Subject) -> Section:
    """Return what it cannot see or say, and how its figures are to be read."""
    caveat = subject.score.caveat
    parts: list[Part] = [Bullets(tuple(subject.score.limits))]
    if caveat:
        parts.append(f"{caveat.rstrip('.')}. A low score may mean another end.")
    parts.append(
        "What goes with a higher score need not be its cause. The figures are of the "
        "past, of this place, and of no other. An AUC of 1 puts everyone in the right "
        "order, .5 is a guess. Where an interval is wide, few had the outcome."
    )
    return Section("Limits, and how to read it", tuple(parts), "TRIPOD+AI 25, 26")


def _meant_for(subject: Subject) -> str:
    if subject.score.outcome.is_number:
        return "Meant for: planning ahead. It decides nothing."
    return (
        f"Meant for: putting {subject.people} in an order in which to look at them, "
        "beside what those who look know themselves. It decides nothing."
    )


def _groups(subject: Subject) -> str:
    labels = {each.name: each.label for each in subject.place.file.groups}
    return ", ".join(labels.get(name, name) for name in subject.score.groups)


def _ground(contract: Contract) -> str:
    return "; ".join(_grounds(contract))


def _grounds(contract: Contract) -> Iterator[str]:
    if contract.open_data:
        yield f"open data, {contract.open_data.licence}"
        yield contract.open_data.attribution
    if ground := contract.governance:
        yield f"{ground.controller}: {ground.lawful_basis}"
        yield f"confidentiality: {ground.confidentiality.basis}"
        yield f"agreement {ground.agreement.reference} to {ground.agreement.expires}"
