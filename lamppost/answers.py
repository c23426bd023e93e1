"""Answers: what the jobs found, as the command shows it; no person is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.store.warehouse import Load


if TYPE_CHECKING:
    from features.linkage.by_group import GroupQuality
    from features.linkage.quality import Share
    from features.linkage.reports import KindReport
    from models.ledger.batches import Written
    from monitoring.report import MonitoringResult

Answer = dict[str, Any]


def load_answer(load: Load, *, repeated: bool) -> Answer:
    """Return what became of an extract."""
    return {
        "source": load.source,
        "load": load.number,
        "accepted": "before; the same content is one load" if repeated else "now",
        "rows": load.rows,
        "new": load.new,
        "changed": load.changed,
        "withdrawn": load.withdrawn,
        "known dates": "by the history rule" if load.history else "as received",
    }


def link_answer(reports: list[KindReport]) -> Answer:
    """Return how far each source is linked, and how well where truth is known."""
    answer: Answer = {
        "links": [
            {
                "kind": report.kind,
                "source": source.source,
                "records": source.records,
                "linked": _percent(source.linked_share),
                "unlinked": source.unlinked,
            }
            for report in reports
            for source in report.sources
        ],
        "kinds": [
            {
                "kind": report.kind,
                "version": report.version,
                "entities": report.entities,
                "pairs": report.pairs,
                "vetoed": report.vetoed,
                "waiting for a steward": report.flagged,
            }
            for report in reports
        ],
    }
    if judged := [_quality(report) for report in reports if report.quality]:
        answer["against the truth"] = judged
    if groups := [_group(r.kind, group) for r in reports for group in r.by_group]:
        answer["by group"] = groups
    if notes := [f"{r.kind}: {note}" for r in reports for note in r.notes]:
        answer["notes"] = notes
    return answer


def score_answer(score: str, written: Written) -> Answer:
    """Return what became of a batch."""
    return {
        "score": score,
        "batch": written.batch,
        "rows": written.rows,
        "new": written.new,
    }


def monitor_answer(result: MonitoringResult) -> Answer:
    """Return freshness, what has drifted, and each attribute's largest gap."""
    return {
        "freshness": [
            {"source": s.source, "verdict": str(s.verdict), "age in days": s.age_days}
            for s in result.freshness
        ],
        "drifted": [column.column for column in result.drift if column.has_drifted],
        "selection": [
            {
                "by": rates.attribute,
                "group": group.group,
                "cases": group.cases,
                "selected": _percent(group.rate) if group.rate is not None else "",
                "low": _percent(group.low),
                "high": _percent(group.high),
                "not shown": group.reason or "",
            }
            for rates in result.selection
            for group in rates.groups
        ],
        "gaps": [
            f"{rates.attribute}: {rates.gap.verdict}" for rates in result.selection
        ],
        "result": result.file_name,
    }


def _quality(report: KindReport) -> Answer:
    quality = report.quality
    if quality is None:
        raise ValueError(f"the truth about {report.kind} is not known")
    return {
        "kind": report.kind,
        "judged": quality.judged,
        "precision": _share(quality.precision),
        "recall": _share(quality.recall),
        "mixed entities": f"{quality.mixed_entities} of {quality.entities}",
    }


def _group(kind: str, group: GroupQuality) -> Answer:
    """Return how well one group's records are linked; of few people only that."""
    is_few = group.is_few
    return {
        "kind": kind,
        "by": group.attribute,
        "group": group.group,
        "people": "too few to show" if is_few else group.people,
        "missed": "" if is_few else _share(group.missed.people),
        "missed links": str(group.missed.verdict),
        "wrong": "" if is_few else _share(group.wrong.people),
        "wrong links": str(group.wrong.verdict),
    }


def _share(share: Share) -> str:
    if share.value is None:
        return "cannot tell: there are no cases"
    ends = f"{_percent(share.low)} to {_percent(share.high)}"
    return f"{_percent(share.value)} ({ends}; {share.part} of {share.whole})"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
