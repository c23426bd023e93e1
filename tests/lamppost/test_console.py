from __future__ import annotations

import time

import pytest

from lamppost import console


def test_long_work_says_on_stderr_that_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(console, "SILENT_SECONDS", 0.01)

    with console.working("fitting"):
        time.sleep(0.2)

    shown = capsys.readouterr()
    assert "fitting ..." in shown.err
    assert shown.out == ""


def test_short_work_says_nothing(capsys: pytest.CaptureFixture[str]):
    with console.working("fitting"):
        pass

    assert capsys.readouterr().err == ""


def test_a_table_of_an_answer_is_lined_up(capsys: pytest.CaptureFixture[str]):
    rows = [{"a": 1, "b": "x"}, {"a": 100, "b": "y"}]

    console.show({"rows": rows, "none": []}, as_json=False)

    assert (
        capsys.readouterr().out == "rows:\n  a    b\n  1    x\n  100  y\nnone: none\n"
    )


def test_what_somebody_wrote_stays_in_its_cell(capsys: pytest.CaptureFixture[str]):
    rows = [{"owner": "a\nb\x1b[2J", "left": 5}]

    console.show({"requests": rows}, as_json=False)

    table = "requests:\n  owner    left\n  a b [2J  5\n"
    assert capsys.readouterr().out == table
