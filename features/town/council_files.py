"""What else the council sends: unpaid carers, open cases, and who opted out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import FIRST, LAST, NEVER, Ints, Strings
from features.town.desk import Desk
from features.town.filing import Filed, written_down
from features.town.sheets import ISO, Change, Sheet, dates_as_text, objects


def carers(desk: Desk) -> tuple[Sheet, Filed]:
    """Return two rows for each caring that the council knows of, and whom it holds."""
    pairs, lives, rng = desk.block.carers, desk.block.lives, desk.rng
    known = rng.random(len(pairs.carer)) < rates.CARERS_KNOWN
    known &= (pairs.began <= LAST) & (pairs.ended >= FIRST)
    known &= pairs.began <= np.minimum(
        lives.end[pairs.carer], lives.end[pairs.cared_for]
    )
    place = np.flatnonzero(known)
    both = np.concatenate([pairs.carer[place], pairs.cared_for[place]])
    filed = desk.file(np.unique(both), "carers", "A")
    caring = desk.numbers.next("CR", len(place), digits=7)
    order = np.argsort(np.tile(np.arange(len(place)), 2), kind="stable")
    began, ended = (np.tile(d[place], 2)[order] for d in (pairs.began, pairs.ended))
    row = filed.first[both][order]
    columns = {
        "entry_id": desk.numbers.next("K", len(row)),
        "caring_id": np.tile(caring, 2)[order],
        "role": np.repeat(["carer", "cared for"], len(place))[order],
        "carer_system_no": filed.local_id[row],
        **desk.identity(filed, row, began, ISO),
        "restriction": filed.restriction[row],
        "began_on": dates_as_text(began, ISO),
        "ended_on": np.full(len(row), ""),
    }
    # One day of writing for both rows of a caring.
    recorded = np.repeat(written_down(began[::2], "carers", rng), 2)
    sheet = Sheet("carers", objects(columns), began, recorded)
    return _ending(sheet, ended, "ended_on", "carers", rng), filed


def caseloads(desk: Desk, filed: Filed) -> Sheet:
    """Return which social worker has had which open case."""
    cases, rng = desk.block.cases, desk.rng
    row, people = filed.first[cases.person], desk.people
    worker = 1_000 * (people.part.number + 1) + cases.worker
    columns = {
        "case_id": desk.numbers.next("W", len(row)),
        "client_id": filed.local_id[row],
        **desk.identity(filed, row, cases.opened, ISO),
        "worker_no": np.char.add("SW", worker.astype(str)),
        "restriction": filed.restriction[row],
        "opened_on": dates_as_text(cases.opened, ISO),
        "closed_on": np.full(len(row), ""),
    }
    recorded = written_down(cases.opened, "council", rng)
    sheet = Sheet("caseloads", objects(columns), cases.opened, recorded)
    return _ending(sheet, cases.closed, "closed_on", "council", rng)


def _ending(
    sheet: Sheet, ended: Ints, heading: str, office: str, rng: np.random.Generator
) -> Sheet:
    """Let each row be written again with its last day."""
    rows = np.flatnonzero(ended <= LAST)
    recorded = written_down(ended[rows], office, rng)
    recorded = np.maximum(recorded, sheet.recorded[rows])
    cells = {heading: dates_as_text(ended[rows], ISO)}
    change = Change(rows, recorded, cells)
    return replace(sheet, changes=(*sheet.changes, change))


def opt_outs(desk: Desk) -> tuple[Sheet, Filed]:
    """Return who opted out of what, and how the register knows them."""
    people, rng = desk.people, desk.rng
    scope, person = _who_opts_out(people.sex, rng)
    filed = desk.file(np.unique(person), "opt_outs", "O")
    # Half before the span, as most opted out in 2018 and 2021.
    day = rng.integers(FIRST - 300, LAST - 60, len(person))
    ends = (rng.random(len(person)) < rates.OPT_OUTS_ENDED) & (day + 400 < LAST - 400)
    row = filed.first[person]
    partly = (scope == "OBJ") & (rng.random(len(person)) < 0.5)
    columns = {
        "opt_out_id": desk.numbers.next("O", len(row)),
        "person_no": filed.local_id[row],
        **desk.identity(filed, row, day, ISO),
        "kind": scope,
        "purpose": np.where(partly, "prevention", ""),
        "happened_on": dates_as_text(day, ISO),
        "ended_on": dates_as_text(np.where(ends, day + 400, NEVER), ISO),
    }
    recorded = written_down(np.where(ends, day + 400, day), "opt_outs", rng)
    return Sheet("opt_outs", objects(columns), day, recorded), filed


def _who_opts_out(sex: Strings, rng: np.random.Generator) -> tuple[Strings, Ints]:
    count = len(sex)
    shares = {
        "NDOO": np.where(
            sex == "F", rates.NATIONAL_OPT_OUT["F"], rates.NATIONAL_OPT_OUT["M"]
        ),
        "T1": np.full(count, rates.TYPE_1),
        "OBJ": np.full(count, rates.OBJECTIONS),
        "RES": np.full(count, rates.RESTRICTIONS),
    }
    chosen = [np.flatnonzero(rng.random(count) < share) for share in shares.values()]
    scope = np.repeat(list(shares), [len(part) for part in chosen])
    return scope, np.concatenate(chosen)
