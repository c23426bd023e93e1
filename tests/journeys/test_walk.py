"""The whole walk, as the README's first command makes it, on a town of 600."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest

from lamppost.account_jobs import key_files
from lamppost.champions import champion_problems
from lamppost.opened import open_place
from models.audit.audit import Audit
from models.settings import read_service_options, read_settings
from serving.access.opaque_ids import OpaqueIds
from serving.access.roles import Caller
from serving.access.service_keys import derived, service_key
from serving.desk.desk import Desk
from serving.desk.figures import figures
from tests.journeys.notebooks import executed, shown


ROOT = Path(__file__).parents[2]
PEOPLE = 600


@dataclass
class Walk:
    store: Path
    answer: dict[str, Any]

    @property
    def ledger(self) -> sqlite3.Connection:
        return sqlite3.connect(self.store / "ledger.db")


def lamppost(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lamppost", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, **more
    )


def demo(store: Path) -> dict[str, Any]:
    done = lamppost(
        *("demo", "--no-serve", "--json", "--people", str(PEOPLE), "--store", store)
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    store = tmp_path_factory.mktemp("walk") / "store"
    return Walk(store, demo(store))


@pytest.fixture(scope="module")
def service(walk: Walk) -> Iterator[httpx.Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lamppost", "serve", "--on", "2026-04-01"]
    command += ["--place", "places/avonmere", "--store", str(walk.store)]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, start_new_session=True
    )
    # What the demonstration tells to type: curl -s -H "Authorization: Bearer ...
    told: str = walk.answer["service"]["the same as JSON"]
    token = told.partition("Bearer ")[2].partition('"')[0]
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Bearer {token}"},
    )
    try:
        _wait_for(client)
        yield client
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            if client.get("/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the service did not start")


@pytest.fixture(scope="module")
def address(service: httpx.Client) -> str:
    """Where a score of somebody stands whom the caseworker may look at."""
    mine = service.get("/v1/people").json()["people"]
    scored = [one for one in mine if one["score"] and one["score"]["state"] is None]
    return f"/v1/people/{scored[0]['person']}/scores/{scored[0]['score']['name']}"


def test_every_extract_is_loaded_and_nearly_every_record_is_linked(walk: Walk):
    loads = walk.answer["load"]
    links = walk.answer["link"]["links"]

    assert all(load["accepted"] == "now" for load in loads)
    people = [row for row in links if row["kind"] == "person"]
    assert {row["source"] for row in people} == {
        *("asc_cld", "carers", "caseloads", "gp_events", "gp_register"),
        *("hospital_events", "housing_events", "opt_outs", "police_notices"),
    }
    assert all(row["unlinked"] <= row["records"] * 0.01 for row in people)


def test_training_tells_each_model_and_the_price_of_transparency(walk: Walk):
    trained = walk.answer["train"]

    assert [row["model"] for row in trained["judged"]] == [
        *("logistic", "additive", "rule", "boosted")
    ]
    assert "boosted above additive" in trained["price of transparency"]


def test_a_score_is_served_with_reasons_that_add_up(
    address: str, service: httpx.Client
):
    answer = service.get(address)

    assert answer.status_code == 200
    told = answer.json()
    explanation = told["explanation"]
    total = explanation["base_value"] + math.fsum(
        value["contribution"] for value in explanation["values"]
    )
    assert total == pytest.approx(told["log_odds"], abs=1e-9)
    assert told["reasons"]["raises"]


def test_the_records_behind_a_reason_are_served_without_a_name(
    address: str, service: httpx.Client
):
    told = service.get(address).json()
    names = [reason["indicator"] for reason in told["reasons"]["raises"]]

    answers = [service.get(f"{address}/evidence/{name}") for name in names]

    assert {answer.status_code for answer in answers} == {200}
    for name in ("forename", "surname", "birth_date", "nhs_no"):
        assert all(name not in answer.text for answer in answers)


def test_the_same_values_explained_from_outside_give_the_same_score(
    address: str, service: httpx.Client
):
    told = service.get(address).json()
    values = {v["indicator"]: v["value"] for v in told["explanation"]["values"]}

    again = service.post("/v1/scores/long_term_care/explain", json={"values": values})

    assert again.status_code == 200
    assert again.json()["log_odds"] == pytest.approx(told["log_odds"], abs=1e-12)


def test_nothing_is_served_without_a_token(address: str, service: httpx.Client):
    answer = httpx.get(f"{service.base_url}{address}")

    assert answer.status_code == 401


def test_every_look_is_on_record(walk: Walk, address: str, service: httpx.Client):
    before = _views(walk)

    service.get(address)

    assert _views(walk) == before + 1


def test_the_board_sees_a_month_that_is_over_with_what_is_too_few_hidden(walk: Walk):
    opened = open_place(read_settings(ROOT / "places" / "avonmere", walk.store))
    ledger = opened.ledger()
    desk = Desk(
        Audit(ledger, opened.settings.audit_files),
        lambda: dt.datetime.now(dt.UTC),
        OpaqueIds(b"a key for nobody's ids, of 32 bytes"),
    )

    told = figures(desk, Caller(1, "bert", "board"))
    ledger.close()

    assert told.decided[0].month == told.decisions.months[0].month
    [last] = [one for one in told.decisions.months if any(c.count for c in one.counts)]
    counts = {one.name: one.count for one in last.counts}
    assert last == told.decisions.months[0]
    assert counts["visited"] and counts["offered"] is None
    assert told.decided[0].share and told.decided[0].share.share > 0.5
    done = lamppost(
        *("audit", "verify", "--place", "places/avonmere", "--store", walk.store)
    )
    assert done.returncode == 0, done.stderr


def test_the_same_extracts_again_are_the_same_loads_and_the_same_snapshot(walk: Walk):
    manifests = sorted((walk.store / "warehouse" / "manifests").iterdir())

    again = demo(walk.store)

    assert all(load["accepted"].startswith("before") for load in again["load"])
    assert again["build"] == walk.answer["build"]
    assert sorted((walk.store / "warehouse" / "manifests").iterdir()) == manifests


def test_no_identifier_is_outside_the_identity_zone(walk: Walk):
    import pyarrow.parquet as pq

    zone = walk.store / "identity" / "records" / "gp_register"
    table = pq.read_table(next(zone.glob("*.parquet")))
    numbers = {text.encode() for text in table["nhs_no"].to_pylist() if text}
    assert numbers

    for path in (walk.store / "warehouse").rglob("*.parquet"):
        read = pq.read_table(path)
        cells = {
            str(cell).encode()
            for name in read.column_names
            for cell in read[name].unique().to_pylist()
        }
        assert not cells & numbers, path.name


def _views(walk: Walk) -> int:
    with contextlib.closing(walk.ledger) as ledger:
        found: int = ledger.execute("select count(*) from views").fetchone()[0]
    return found


@pytest.fixture
def edited(walk: Walk, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the place to edit, and a copy of what the walk made."""
    place, store = tmp_path / "avonmere", tmp_path / "store"
    shutil.copytree(ROOT / "places" / "avonmere", place)
    shutil.copytree(walk.store, store)
    return place, store


def test_scoring_stops_when_an_indicator_has_changed_since_promotion(
    edited: tuple[Path, Path],
):
    place, store = edited
    path = place / "indicators" / "gp.toml"
    path.write_text(path.read_text().replace("[365]", "[364]", 1))

    done = lamppost("score", "--place", place, "--store", store, "--on", "2026-04-01")

    assert done.returncode == 1
    assert "put the definitions back, or train and promote again" in done.stderr


def test_scoring_goes_on_when_only_words_have_changed(edited: tuple[Path, Path]):
    place, store = edited
    path = place / "indicators" / "gp.toml"
    path.write_text(path.read_text().replace('label = "', 'label = "More about: ', 1))

    done = lamppost("score", "--place", place, "--store", store, "--on", "2026-04-01")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", ["build", "train", "score"])
def test_an_expired_agreement_stops(verb: str, edited: tuple[Path, Path]):
    place, store = edited
    path = place / "sources" / "hospital_events.toml"
    path.write_text(path.read_text().replace("expires = 2030", "expires = 2026", 1))

    done = lamppost(*(verb, "--place", place, "--store", store, "--on", "2026-04-01"))

    assert done.returncode == 1
    assert (
        "the sharing agreement must still run, got it ended on 2026-03-31"
        in done.stderr
    )


@pytest.mark.parametrize("verb", ["build", "train", "score"])
def test_a_purpose_that_a_source_does_not_permit_stops(
    verb: str, edited: tuple[Path, Path]
):
    place, store = edited
    path = place / "sources" / "hospital_events.toml"
    text = path.read_text().replace('["prevention", "direct_care"]', '["direct_care"]')
    path.write_text(text)

    done = lamppost(*(verb, "--place", place, "--store", store, "--on", "2026-04-01"))

    assert done.returncode == 1
    assert "the source may be used only for: direct_care" in done.stderr


def test_police_notices_are_refused_until_the_board_says_why_they_are_read(
    edited: tuple[Path, Path],
):
    place, store = edited
    path = place / "scores" / "long_term_care.toml"
    why = 'reason = "a town of 600"\nrole = "Board"\ndecided_on = 2026-03-31\n'
    # A town of 600 passes no other gate, and shows of no source what it adds.
    text = re.sub(r"(?m)^(least_lift|least_obs|greatest_obs).*$", "", path.read_text())
    text = text.replace("least_sample = true", "least_sample = false")
    path.write_text(text + f"\n[necessary.asc_cld]\n{why}")
    where = ("--place", place, "--store", store)
    # The demonstration has opened the sealed date: this registry has not.
    (store / "mlflow.db").unlink()

    trained = lamppost("train", *where, "--on", "2026-04-01")
    refused = lamppost("promote", *where)
    path.write_text(path.read_text() + f"\n[necessary.police_notices]\n{why}")
    promoted = lamppost("promote", *where)

    assert trained.returncode == 0, trained.stderr
    assert refused.returncode == 1
    assert "gates.source_margin: police_notices" in refused.stderr
    assert "drop police_notices and train again" in refused.stderr
    assert "1 fault; nothing was changed" in refused.stderr
    assert promoted.returncode == 0, promoted.stderr


def _sealed(walk: Walk, entity_id: str) -> str:
    """Return what stands for somebody in the addresses of the caseworker."""
    options = read_service_options(read_settings(ROOT / "places/avonmere", walk.store))
    key = derived(service_key(key_files(options).service), "opaque ids")
    with contextlib.closing(walk.ledger) as ledger:
        query = "select id, role from accounts where name = 'cara'"
        number, role = ledger.execute(query).fetchone()
    return OpaqueIds(key).seal(Caller(number, "cara", role), entity_id)


def test_the_demo_shows_a_score_withheld_because_of_a_link_and_why(
    walk: Walk, service: httpx.Client
):
    withheld = walk.answer["withheld"]

    score = walk.answer["score"]["score"]
    person = _sealed(walk, withheld["entity"])
    contact = {"person": person, "reference": "CALL-1"}
    key = {"Idempotency-Key": "a-key-of-mine"}
    assert service.post("/v1/contacts", json=contact, headers=key).status_code == 200
    told = service.get(f"/v1/people/{person}/scores/{score}").json()
    assert told["state"]["name"] == "link uncertain"
    assert told["state"]["because"] == withheld["because"]
    assert "may be another person's" in withheld["because"]
    assert "score" not in told or told["score"] is None


def test_the_notebook_of_the_documentation_takes_the_champion_apart(walk: Walk):
    place = str(ROOT / "places" / "avonmere")

    ran = executed("walk.ipynb", PLACE=place, STORE=str(walk.store))

    # The cell that adds contributions up would have raised.
    pictures = shown(ran, "image/svg+xml")
    assert "a dot is about" in pictures[0]
    assert "the model said" in pictures[1]
    kept = nbformat.read(ROOT / "docs" / "notebooks" / "walk.ipynb", as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in kept.cells)


def test_the_risks_of_the_cohort_add_up_by_group_and_by_area(walk: Walk) -> None:
    common = ("--place", "places/avonmere", "--store", walk.store, "--json")

    def expected(by: str) -> list[dict[str, Any]]:
        done = lamppost("expect", *common, "--on", "2026-04-01", "--by", by)
        assert done.returncode == 0, done.stderr
        lines: list[dict[str, Any]] = json.loads(done.stdout)["expected"]
        return lines

    *groups, whole = expected("deprivation")
    *areas, again = expected("in_area")

    assert whole["deprivation"] == again["in_area"] == "all"
    assert whole["people"] == again["people"] == sum(g["people"] for g in groups)
    assert int(whole["at least"]) < float(whole["expected"]) < int(whole["at most"])
    assert all(area["in_area"].startswith("E0") for area in areas)
    for line in (*groups, *areas, whole):
        quarters = [told for name, told in line.items() if name.startswith("to 20")]
        assert len(quarters) == 4
        if line["people"] != "few":
            numbers = [float(told.split()[0]) for told in quarters]
            assert sum(numbers) == pytest.approx(float(line["expected"]))


def test_risks_are_added_up_only_by_what_is_declared(walk: Walk) -> None:
    done = lamppost(
        *("expect", "--place", "places/avonmere", "--store", walk.store),
        *("--by", "star_sign"),
    )

    assert done.returncode == 2
    assert "use one of: sex, ethnicity, deprivation" in done.stderr


def test_a_registry_that_never_answers_ends_training_with_one_sentence(walk: Walk):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        told = {"LAMPPOST_TRACKING": address, "MLFLOW_HTTP_REQUEST_TIMEOUT": "1"}
        where = ("--place", "places/avonmere", "--store", walk.store)

        refused = lamppost("train", *where, env={**os.environ, **told})

    assert refused.returncode == 1
    assert "the registry must answer, got no answer in time" in refused.stderr
    assert "1 fault; nothing was changed" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_promotion_moved_the_alias_and_the_ledger_together(walk: Walk):
    place = read_settings(ROOT / "places" / "avonmere", walk.store)

    assert list(champion_problems(open_place(place))) == []


def test_the_promoted_version_has_a_card_with_its_sealed_date(walk: Walk):
    done = lamppost(
        *("card", "--version", "champion"),
        *("--place", "places/avonmere", "--store", walk.store),
    )

    assert done.returncode == 0, done.stderr
    assert "## How well it does (TRIPOD+AI 23)" in done.stdout
    assert "sealed until its promotion and opened once:" in done.stdout
