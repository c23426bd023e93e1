"""Reasons: what moves a score, each with the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Set

from models.definitions.bundle import Bundle
from models.ledger.cases import CaseFile, Evidence
from models.shown.wording import Reason, described, reasons, rests_on, spoken_value
from serving.answers.doubt import survival_of
from serving.schemas.scores import ReasonAnswer, ReasonsAnswer, RestsOn


_NOTHING = Evidence()


def reasons_answer(
    bundle: Bundle, case_file: CaseFile, hidden: Set[str]
) -> ReasonsAnswer:
    """Return what raises a score and what lowers it, the largest first.

    Args:
        bundle: Whose wording is used.
        case_file: What the score rests on.
        hidden: The sources that nothing may be told from.
    """
    parts = case_file.contributions
    up, down = reasons(bundle, case_file.values, parts, hidden=hidden)
    return ReasonsAnswer(
        raises=[_reason(bundle, case_file, reason) for reason in up],
        lowers=[_reason(bundle, case_file, reason) for reason in down],
        # Also what moves nothing: a count must not tell what the records say.
        not_shown=sum(rests_on(bundle, name, hidden) for name in parts),
    )


def part_value(bundle: Bundle, case_file: CaseFile, name: str) -> float | str | None:
    """Return the value behind a contribution; those of a pair as a text of both."""
    indicators = described(bundle, name)
    if len(indicators) == 1:
        return case_file.values.get(name)
    return _joined(spoken_value(i, case_file.values.get(i.name)) for i in indicators)


def _reason(bundle: Bundle, case_file: CaseFile, reason: Reason) -> ReasonAnswer:
    """Return a reason; that of a pair rests on the evidence of both."""
    indicators = described(bundle, reason.indicator)
    sources = [bundle.source_by_name[each.source] for each in indicators]
    evidence = [case_file.evidence.get(i.name, _NOTHING) for i in indicators]
    dates = (e.latest_event for e in evidence if e.latest_event is not None)
    links = (e.lowest_link for e in evidence if e.lowest_link is not None)
    spoken = (spoken_value(i, case_file.values.get(i.name)) for i in indicators)
    return ReasonAnswer(
        indicator=reason.indicator,
        label=_joined(each.label for each in indicators),
        sentence=reason.sentence,
        value=_joined(spoken),
        direction=reason.direction,
        size=reason.size,
        effect=reason.effect,
        source=_joined(each.title for each in sources),
        partner=_joined(each.partner for each in sources),
        latest_event=max(dates, default=None),
        records=sum(each.total for each in evidence),
        lowest_link=min(links, default=None),
        survives=survival_of(case_file.doubt, reason.indicator),
        rests_on=[
            RestsOn(indicator=each.name, label=each.label, about=each.relation)
            for each in indicators
        ],
    )


def _joined(texts: Iterable[str]) -> str:
    """Return texts as one, each named once."""
    return "; ".join(dict.fromkeys(texts))
