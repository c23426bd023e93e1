"""What docker-compose.yml arranges, walked through without a container engine."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from features.extracts.deliveries import Delivery
from features.town import Extract, write_town
from lamppost.jobs import load
from lamppost.opened import Open, open_place
from models.settings import read_settings
from tests.journeys.composed import ROOT, Listening, Stack, made


PEOPLE = 400
TODAY = "2026-04-01"
LESS = {
    'families = ["logistic", "additive"]': 'families = ["additive"]',
    "every_months = 3": "every_months = 12",
    "first = 2024-04-01": "first = 2023-10-01",
}
SECRET = "correct horse battery staple"


@dataclass
class Walk:
    """A stack in which a town has been walked to served scores."""

    stack: Stack
    client: httpx.Client
    worker: str

    def ask(self, path: str, token: str) -> httpx.Response:
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def asked(self, role: str, statement: str) -> subprocess.CompletedProcess[str]:
        """Ask the ledger's database by itself, as one of its roles."""
        told = [
            "psql",
            "--no-psqlrc",
            "--set=ON_ERROR_STOP=1",
            "--csv",
            "--tuples-only",
        ]
        of_role = {"lamppost": "ledger", "lamppost_owner": "ledger_owner"}[role]
        secret = self.stack.folder / "secrets" / f"{of_role}_pgpass"
        where = f"postgresql://{role}@127.0.0.1:{self.stack.ports['db']}/lamppost"
        return subprocess.run(
            [*told, "--command", statement, f"{where}?passfile={secret}"],
            env=self.stack.around("backup")["env"],
            capture_output=True,
            text=True,
            check=False,
        )

    def token(self, account: str) -> str:
        told = self.stack.run("jobs", "token", account, "--for", "a test", "--json")
        token: str = json.loads(told)["token"]
        return token


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("stack")
    stack = made(folder, _place(folder))
    server = Listening.on(stack.ports["db"])
    try:
        server.make()
        server.start()
        server.first_start(stack)
        worker = _walk(stack, folder)
        with httpx.Client(base_url=f"http://127.0.0.1:{stack.ports['app']}") as client:
            yield Walk(stack, client, worker)
    finally:
        stack.end()
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def _place(folder: Path) -> Path:
    """Copy the town's place without its gates, which so few people cannot pass.

    And with less to compute: one family, few dates, no doubt in links.
    """
    place = folder / "place"
    shutil.copytree(ROOT / "places" / "avonmere", place)
    score = place / "scores" / "long_term_care.toml"
    before, _, gates = score.read_text().partition("[gates]")
    text = before + gates[gates.index("[[bands]]") :]
    for whole, less in LESS.items():
        assert whole in text
        text = text.replace(whole, less)
    score.write_text(text)
    return place


def _walk(stack: Stack, folder: Path) -> str:
    """Do in order what the guide says; returns the busiest worker's number."""
    stack.run("migrate")
    stack.run("protect")
    stack.start("mlflow")
    # The registry takes its time to start, and loading asks nothing of it.
    town = write_town(folder / "volumes" / "incoming", people=PEOPLE, seed=1)
    *most, newest = town.extracts
    opened = open_place(read_settings(stack.place, stack.folder / "saved" / "store"))
    for extract in most:
        _load(opened, extract)
    stack.until_healthy("mlflow")
    stack.run("registry-account")
    stack.run("jobs")
    arriving = f"/incoming/extracts/{newest.path.name}"
    received = ["--received", newest.received.isoformat()]
    stack.run("jobs", "load", arriving, "--source", newest.source, *received)
    stack.run("jobs", "link")
    stack.run("jobs", "build", "--on", TODAY)
    stack.run("jobs", "train", "--on", TODAY)
    stack.run("jobs", "promote")
    for verb in ("people", "score"):
        stack.run("jobs", verb, "--on", TODAY)
    stack.start("app", "--on", TODAY)
    stack.until_healthy("app")
    return _busiest(newest.path)


def _load(opened: Open, extract: Extract) -> None:
    """Load as the verb does, without a process for each of the files."""
    delivery = Delivery(extract.received, extract.history, extract.period)
    load(opened, extract.source, extract.path, delivery)


def _busiest(caseloads: Path) -> str:
    with caseloads.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    open_cases = Counter(row["worker_no"] for row in rows if not row["closed_on"])
    return open_cases.most_common(1)[0][0]


def _add(walk: Walk, name: str, role: str, *more: str) -> None:
    secret = walk.stack.folder / "volumes" / "incoming" / "first-password"
    secret.write_text(SECRET)
    with_password = ["--password-file", "/incoming/first-password"]
    walk.stack.run(
        "jobs", "account", "add", name, "--role", role, *more, *with_password
    )


@pytest.fixture(scope="module")
def token(walk: Walk) -> str:
    _add(walk, "worker", "caseworker", "--worker", walk.worker, "--team", "north")
    return walk.token("worker")


def test_a_worker_s_score_is_served_with_its_reasons(walk: Walk, token: str):
    listed = walk.ask("/v1/people", token).json()
    one = next(p for p in listed["people"] if p["score"] and p["score"]["band"])
    address = f"/v1/people/{one['person']}/scores/{one['score']['name']}"

    answer = walk.ask(address, token)

    assert answer.status_code == 200
    told = answer.json()
    assert told["band"]["label"] == one["score"]["band"]
    assert told["reasons"]["raises"] or told["reasons"]["lowers"]


def test_whoever_signs_in_gets_to_a_page(walk: Walk, token: str):
    shown = walk.client.get("/sign-in")

    assert shown.status_code == 200
    # Cookies go by https alone: the proxy stands before this.
    cookies = shown.headers.get_list("set-cookie")
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


def test_without_a_token_nothing_is_served(walk: Walk):
    assert walk.client.get("/v1/people").status_code == 401
    assert walk.client.get("/people").status_code == 303


def test_of_the_service_itself_nothing_is_shown(walk: Walk, token: str):
    assert walk.client.get("/metrics").status_code == 404
    assert walk.ask("/metrics", token).status_code == 404
    assert walk.ask("/docs", token).status_code == 404
    # The API's description is for who may use it; the proxy shows it to nobody.
    assert walk.client.get("/openapi.json").status_code == 401


def test_the_api_s_description_is_had_on_the_machine_itself(walk: Walk, token: str):
    lines = (ROOT / "docs" / "api.md").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("    docker compose exec")]

    told = json.loads(walk.stack.typed(line, given=f"{token}\n"))

    assert "/v1/people" in told["paths"]


def test_the_metrics_are_shown_to_who_has_their_secret(walk: Walk):
    secret = (walk.stack.folder / "secrets" / "metrics_token").read_text()

    answer = walk.ask("/metrics", secret)

    assert answer.status_code == 200
    assert 'lamppost_requests_total{method="GET"' in answer.text


def test_the_service_s_log_names_nobody(walk: Walk, token: str):
    listed = walk.ask("/v1/people", token).json()["people"]
    names = {p["identity"]["name"] for p in listed}

    log = (walk.stack.folder / "app.log").read_text()

    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} == {"request"}
    assert not [one for one in listed if one["person"] in log]
    assert not [name for name in names if name in log]


def test_the_registry_shows_nothing_to_who_has_no_account(walk: Walk):
    address = f"http://127.0.0.1:{walk.stack.ports['mlflow']}"
    path = "/api/2.0/mlflow/registered-models/search"

    assert httpx.get(address + path).status_code == 401


def test_the_registry_s_administrator_gets_another_password(walk: Walk):
    address = f"http://127.0.0.1:{walk.stack.ports['mlflow']}"
    before = walk.stack.remade("mlflow_admin_password")

    walk.stack.run("registry-account", "--change-administrator", given=before)

    password = (walk.stack.folder / "secrets" / "mlflow_admin_password").read_text()
    path = "/api/2.0/mlflow/users/get?username=administrator"
    answer = httpx.get(address + path, auth=("administrator", password))
    assert password != before
    assert answer.status_code == 200


def test_the_record_of_looking_cannot_be_changed_by_the_service(walk: Walk, token: str):
    walk.ask("/v1/people", token)

    done = walk.asked("lamppost", "DELETE FROM views")

    assert done.returncode != 0
    assert "permission denied" in done.stderr
    assert '"audit": "whole"' in walk.stack.run("jobs", "audit", "verify", "--json")


def test_what_was_saved_is_put_back(walk: Walk, token: str):
    before = walk.ask("/v1/people", token).json()
    saved = walk.stack.run("backup").strip()
    walk.stack.run("backup-keys")
    shutil.rmtree(walk.stack.folder / "saved" / "store" / "warehouse")
    walk.stack.run(
        "jobs", "account", "add", "later", "--role", "board", "--no-password"
    )

    walk.ask("/v1/people", token)
    walk.stack.stop("app")  # which anchors that look, and the backup has it not
    walk.stack.run("restore", saved)
    walk.stack.run("migrate")
    walk.stack.run("protect")
    with pytest.raises(AssertionError, match="lamppost audit verify"):
        walk.stack.run("app")
    walk.stack.run("jobs", "audit", "restored", "--because", "the backup was tried")
    walk.stack.start("app", "--on", TODAY)
    walk.stack.until_healthy("app")

    assert walk.ask("/v1/people", token).json() == before
    assert "later" not in walk.stack.run("jobs", "account", "list")
    assert (walk.stack.folder / "saved" / "store" / "warehouse").is_dir()


def test_whoever_was_forgotten_stays_so_and_only_the_owner_s_role_forgets(walk: Walk):
    [her, *_] = walk.asked(
        "lamppost", "SELECT entity_id FROM scores ORDER BY entity_id"
    ).stdout.split()
    saved = walk.stack.run("backup").strip()
    before = _kept(walk)
    person = ["person", her, "--because", "asked to be forgotten; request 12"]

    with pytest.raises(AssertionError, match="owns the ledger's tables"):
        walk.stack.run("jobs", "purge", *person)
    assert _kept(walk) == before
    assert _is_known(walk, her)
    walk.stack.run("purge", *person)
    assert not _is_known(walk, her)
    for verb in (["agreements", "--on", TODAY], ["source", "gp_register"]):
        walk.stack.run("purge", *verb)

    walk.stack.stop("app")
    walk.stack.run("restore", saved)
    walk.stack.run("migrate")
    walk.stack.run("protect")
    walk.stack.run("jobs", "audit", "restored", "--because", "the backup was tried")
    assert _is_known(walk, her)
    with pytest.raises(AssertionError, match="lamppost purge replay"):
        walk.stack.run("app")
    walk.stack.run("purge", "replay")
    assert not _is_known(walk, her)
    walk.stack.start("app", "--on", TODAY)
    walk.stack.until_healthy("app")
    assert '"audit": "whole"' in walk.stack.run("jobs", "audit", "verify", "--json")


def _is_known(walk: Walk, entity_id: str) -> bool:
    tables = ("scores", "identities", "entity_records", "views")
    where = f"WHERE entity_id = '{entity_id}'"
    each = (f"SELECT entity_id FROM {table} {where}" for table in tables)  # noqa: S608
    return bool(walk.asked("lamppost", " UNION ALL ".join(each)).stdout)


def _kept(walk: Walk) -> dict[str, int]:
    """Return what is in the store and beside the anchors: each file and its size."""
    saved = walk.stack.folder / "saved"
    paths = [*(saved / "store").rglob("*"), *(saved / "anchors").rglob("*.json")]
    return {str(path): path.stat().st_size for path in paths if path.is_file()}
