"""docker-compose.yml is what docs/deploy.md says of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from lamppost.cli.app import app


ROOT = Path(__file__).parents[1]
FILES = ["docker-compose.yml", "deploy/openid.compose.yml"]
GUIDE = (ROOT / "docs" / "deploy.md").read_text()


def _read(file: str = FILES[0]) -> dict[str, Any]:
    return yaml.safe_load((ROOT / file).read_text())


STACK = _read()
SERVICES = STACK["services"]


@pytest.mark.parametrize("file", FILES)
def test_it_is_as_the_schema_of_compose_files_says(file):
    check = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.compose-spec", str(ROOT / file)]

    done = subprocess.run(
        [*check, *schema], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["proxy"]
    assert STACK["networks"]["inside"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert SERVICES["db"]["networks"] == SERVICES["mlflow"]["networks"] == ["inside"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_has_more_than_it_needs(name):
    each = SERVICES[name]

    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    # Our image and the proxy's run as a user of their own.
    assert "user" in each or each["image"] in ("lamppost", "haproxy:3.2-alpine")


def test_our_image_runs_as_a_user_without_rights():
    users = re.findall(r"^USER (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert users == ["10001"]


def test_the_service_sees_neither_the_warehouse_nor_the_pseudonyms_key():
    mounted = {volume.split(":")[0] for volume in SERVICES["app"]["volumes"]}

    assert mounted.isdisjoint({"store", "pseudonym-keys", "token-keys", "mlflow"})


def test_the_database_is_healthy_only_once_others_can_reach_it():
    # At its first start the image runs a server for itself, behind a socket alone.
    check = SERVICES["db"]["healthcheck"]["test"]

    assert check[check.index("--host") + 1] == "127.0.0.1"


def test_no_password_stands_in_the_file():
    for file in FILES:
        for name, secret in _read(file)["secrets"].items():
            assert secret == {"file": f"./secrets/{name}"}
    told = yaml.safe_dump([each.get("environment") for each in SERVICES.values()])
    assert not re.search(r"(?i)password: |://[^/@]*:[^/@]*@", told)


def test_every_secret_is_made_or_the_guide_says_how(tmp_path):
    own = {"POSTGRES_UID": str(tmp_path.stat().st_uid)}
    own["LAMPPOST_UID"] = own["POSTGRES_UID"]
    make = ["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(tmp_path / "secrets")]

    for _ in range(2):
        subprocess.run(make, env={"PATH": "/usr/bin:/bin", **own}, check=True)
        made = {
            path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()
        }
        assert len(set(made.values())) == len(made)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    assert again == made
    assert set(STACK["secrets"]) - set(made) == {"tls_pem"}
    assert "secrets/tls_pem" in GUIDE
    assert "secrets/oidc_client_secret" in GUIDE
    for path in (tmp_path / "secrets").iterdir():
        assert path.stat().st_mode & 0o777 == 0o400


def test_secrets_and_what_is_saved_get_neither_into_git_nor_into_the_image():
    for file in (".gitignore", ".dockerignore"):
        lines = (ROOT / file).read_text().replace("/", "").splitlines()
        assert {"secrets", "backups", "key-backups", "incoming"} <= set(lines), file


def test_the_registry_is_closed_and_starts_no_jobs():
    accounts = (ROOT / "deploy" / "mlflow" / "accounts.ini").read_text()
    mlflow = SERVICES["mlflow"]

    assert "default_permission = NO_PERMISSIONS" in accounts
    assert "--app-name basic-auth" in mlflow["command"][0]
    assert mlflow["environment"]["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    # The image is ours: its MLflow is the one in the lock.
    assert mlflow["image"] == "lamppost"


def test_the_proxy_logs_nothing_and_waits_for_nobody():
    told = (ROOT / "deploy" / "haproxy.cfg").read_text()

    assert not re.search(r"^\s*(log|option httplog)\b", told, re.MULTILINE)
    for limit in ("http-request 5s", "client 10s", "http-keep-alive 10s", "queue 2s"):
        assert f"timeout {limit}" in told
    assert "option http-buffer-request" in told
    assert "path /metrics /healthz /readyz /docs /openapi.json" in told


def _verbs() -> dict[str, Any]:
    return typer.main.get_command(app).commands


def test_every_command_of_the_guide_can_be_typed():
    typed = re.findall(r"docker compose run --rm (?:-T )?([\w-]+)([^\n`|]*)", GUIDE)

    assert len(typed) > 20
    for service, rest in typed:
        assert service in SERVICES
        if service == "jobs":
            verb, *more = rest.split()
            assert verb in _verbs(), rest
            below = getattr(_verbs()[verb], "commands", None)
            assert below is None or not more or more[0] in below, rest


def test_every_folder_and_setting_of_the_guide_s_env_file_is_used():
    named = set(re.findall(r"^    ([A-Z_]+)=", GUIDE, re.MULTILINE))
    text = "".join((ROOT / file).read_text() for file in FILES)

    assert named
    assert named <= set(re.findall(r"\$\{(\w+)", text))
