"""docker-compose.yml is what docs/deploy.md says of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
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


def test_the_proxy_takes_its_settings(tmp_path):
    text = (ROOT / "deploy" / "haproxy.cfg").read_text()
    lines = [line for line in text.splitlines() if line.strip()[:1] not in ("", "#")]
    sections = [line.split() for line in lines if not line.startswith(" ")]
    named = {kind: [s[1] for s in sections if s[0] == kind and s[1:]] for kind in KINDS}
    used = re.findall(r" (?:default_backend|resolvers|table) (\w+)", text)

    assert {kind for kind, *_ in sections} == KINDS
    assert sorted(used) == sorted([*named["backend"], *named["resolvers"]])
    assert "server app app:8000 " in text
    haproxy = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if haproxy is None and os.environ.get("CI") != "true":
        pytest.skip("a haproxy is needed to check its settings: install haproxy")
    assert haproxy is not None
    _let_it_check(haproxy, text, tmp_path)


KINDS = {"global", "defaults", "frontend", "backend", "resolvers"}


def _let_it_check(haproxy: str, text: str, folder: Path) -> None:
    certificate, file = folder / "tls_pem", folder / "haproxy.cfg"
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=lamppost"]
    both = ["-keyout", certificate, "-out", f"{certificate}.crt"]
    subprocess.run(["openssl", *new, *both], check=True, capture_output=True)
    certificate.write_text(
        certificate.read_text() + Path(f"{certificate}.crt").read_text()
    )
    file.write_text(text.replace("/run/secrets/tls_pem", str(certificate)))

    done = subprocess.run(
        [haproxy, "-c", "-f", file], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_proxy_slows_down_who_tries_to_get_in_again_and_again():
    told = (ROOT / "deploy" / "haproxy.cfg").read_text()

    assert "acl enters path_beg /sign-in /oidc/\n" in told
    assert "http-request track-sc1 src table entering if enters\n" in told
    assert "deny deny_status 429 if enters { sc_http_req_rate(1) gt 300 }" in told
    assert "stick-table type ipv6 size 100k expire 1m store http_req_rate(1m)" in told


def test_the_proxy_logs_nothing_and_waits_for_nobody():
    told = (ROOT / "deploy" / "haproxy.cfg").read_text()

    assert not re.search(r"^\s*(log|option httplog)\b", told, re.MULTILINE)
    for limit in ("http-request 5s", "client 10s", "http-keep-alive 10s", "queue 2s"):
        assert f"timeout {limit}" in told
    assert "option http-buffer-request" in told
    assert "path /metrics /healthz /readyz /docs /openapi.json" in told


# What of `docker compose VERB` takes a value, and what ends a command in a shell.
_WITH_VALUE = {"--entrypoint"}
_ENDS = {"&&", "<", ">"}


def _typed() -> Iterator[tuple[str, list[str], str | None]]:
    """Yield the guide's commands: the verb, what follows, another program to run."""
    in_text = re.findall(r"`[^`\n]*?docker compose ([^`\n]+)`", GUIDE)
    by_itself = re.findall(r"^    [^`\n]*?docker compose (.+)$", GUIDE, re.MULTILINE)
    for line in [*in_text, *by_itself]:
        words = [*takewhile(lambda word: word not in _ENDS, shlex.split(line))]
        verb, program = words.pop(0), None
        while words and words[0].startswith("-"):
            if words.pop(0) in _WITH_VALUE:
                program = words.pop(0)
        yield verb, words, program


def _parse(words: list[str]) -> None:
    """Parse what `lamppost` would, and run nothing; a usage error if it could not."""
    command: Any = typer.main.get_command(app)
    while words and (verbs := getattr(command, "commands", None)):
        assert words[0] in verbs, words
        command, words = verbs[words[0]], words[1:]
    command.make_context(command.name, words)


def test_every_command_of_the_guide_can_be_typed():
    typed = list(_typed())

    assert len(typed) > 50
    for verb, words, _ in typed:
        named = words[:1] if verb in ("run", "exec") else words
        assert set(named) <= set(SERVICES), (verb, words)


def test_lamppost_takes_every_verb_and_option_of_the_guide():
    ours = [
        ([*SERVICES[service].get("entrypoint", ["lamppost"])[1:], *words], service)
        for verb, [service, *words], program in (t for t in _typed() if t[1])
        if verb == "run" and program is None and service in ("jobs", "purge")
    ]

    assert len(ours) > 20
    for words, service in ours:
        _parse(words)
        # Whoever does not own the tables is refused.
        assert (words[0] == "purge") == (service == "purge")


def test_every_folder_and_setting_of_the_guide_s_env_file_is_used():
    named = set(re.findall(r"^    ([A-Z_]+)=", GUIDE, re.MULTILINE))
    text = "".join((ROOT / file).read_text() for file in FILES)

    assert named
    assert named <= set(re.findall(r"\$\{(\w+)", text))
