from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from features.faults import Fault, Misuse, Refusal
from lamppost.demo import NECESSITY, shipped_place, with_decision, without_gates
from lamppost.opened import Open, open_place
from lamppost.second import second_process
from lamppost.settings import read_settings


FAULTS = [Fault("a file", "a rule", "another thing", "mend it", "rule.name")] * 2


@pytest.fixture
def avonmere(tmp_path: Path) -> Open:
    return open_place(read_settings(shipped_place("avonmere"), tmp_path / "store"))


def process_of(opened: Open) -> dict[str, object]:
    return {"process": os.getpid(), "score": opened.score(None)}


def refuse(opened: Open) -> dict[str, object]:
    raise Misuse(FAULTS)


def test_a_job_runs_in_a_process_of_its_own_on_the_place_as_given(avonmere: Open):
    given = with_decision(avonmere)

    with second_process(avonmere) as start:
        answer = start(process_of, given).result()

    assert answer["process"] != os.getpid()
    assert answer["score"] == given.score(None)


def test_a_refusal_comes_back_whole(avonmere: Open):
    with second_process(avonmere) as start, pytest.raises(Misuse) as refused:
        start(refuse, avonmere).result()

    assert refused.value.faults == Misuse(FAULTS).faults


def test_the_registry_is_made_ready_meanwhile(avonmere: Open):
    with second_process(avonmere) as start:
        start(process_of, avonmere).result()

    assert Path(avonmere.settings.tracking_uri.removeprefix("sqlite:///")).is_file()


def test_a_refusal_pickles_with_its_kind_and_faults():
    read = pickle.loads(pickle.dumps(Refusal(FAULTS)))

    assert type(read) is Refusal
    assert read.faults == Refusal(FAULTS).faults
    assert str(read) == str(Refusal(FAULTS))


def test_a_decision_names_the_police_notices_and_changes_nothing_else(
    avonmere: Open,
):
    before, after = avonmere.score(None), with_decision(avonmere).score(None)

    assert after.necessary == {**before.necessary, "police_notices": NECESSITY}
    assert after.model_copy(update={"necessary": before.necessary}) == before
    assert without_gates(avonmere).score(None).gates is None
