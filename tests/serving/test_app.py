from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving.gate import is_open


ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    *("mlflow", "shap", "lightgbm", "sklearn", "joblib", "evidently"),
    *("alembic", "mako"),
    *("duckdb", "ibis", "pandas", "pyarrow", "splink", "sqlglot", "polars"),
)


def _routes(app):
    """Every route of the API with every method, its path filled in."""
    return [
        (method, re.sub(r"{\w+}", "1", path))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]


def _care(service, entity_id="p05"):
    """Return the address of a score."""
    return f"/v1/people/{service.person(entity_id)}/scores/care"


def test_every_route_needs_a_token(service):
    app = service.app()
    service.app = lambda: app

    closed = [(m, path) for m, path in _routes(app) if not is_open(path)]
    assert len(closed) >= 30
    for method, path in closed:
        answer = service.ask(method.upper(), path, token="")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert service.views() == []


def test_a_path_that_does_not_exist_needs_a_token_too(service):
    assert service.get("/v1/admin", token="").status_code == 401


def test_a_body_that_is_too_large_is_refused_whoever_sends_it(service):
    answer = service.post("/v1/scores/care/explain", token="", content=b"x" * 10**6)

    assert answer.status_code == 413


def test_a_token_in_the_address_opens_nothing(service):
    path = f"{_care(service)}?token={service.token()}"

    assert service.get(path, token="").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/people"),
        ("GET", "/v1/people/nobody"),
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/people"),
        ("POST", "/v1/scores/care/explain"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
    ],
)
@pytest.mark.parametrize("token", ["", None])
def test_every_answer_has_the_safe_headers(service, method, path, token):
    headers = service.ask(method, path, token=token).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_another_method_is_told_which_one_the_address_takes(service):
    answer = service.ask("DELETE", "/v1/people")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_supervisor_needs_no_token_and_learns_only_ok(service, path):
    answer = service.get(path, token="")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_without_a_ledger_the_service_is_alive_and_not_ready(service):
    app = service.app()
    service.app = lambda: app
    with service.ledger.writing() as connection:
        connection.exec_driver_sql("DROP TABLE views")

    alive, ready = service.get("/healthz", token=""), service.get("/readyz", token="")

    assert alive.status_code == 200
    assert (ready.status_code, ready.json()) == (503, {"status": "not ok"})


def test_without_a_ledger_no_token_can_be_told_from_another(service):
    app, token = service.app(), service.token()
    service.app = lambda: app
    with service.ledger.writing() as connection:
        connection.exec_driver_sql("DROP TABLE tokens")

    assert service.get("/v1/people", token=token).status_code == 503


def test_a_fault_of_our_own_is_answered_and_logged_without_values(service, caplog):
    with service.ledger.writing() as connection:
        broken = """UPDATE scores SET case_file = '{"values": {"name": ["Ada"]}}'"""
        connection.exec_driver_sql(broken)

    with caplog.at_level(logging.DEBUG):
        answer = service.get(_care(service))

    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    assert "Ada" not in answer.text + caplog.text
    assert "ValidationError" in caplog.text
    assert service.views() == []


def test_nothing_personal_is_logged_by_a_look(service, caplog):
    with caplog.at_level(logging.DEBUG, logger="serving"):
        service.get(_care(service))
        service.get("/v1/people/nobody")

    assert "p05" not in caplog.text
    assert service.person("p05") not in caplog.text
    assert "nobody" not in caplog.text


def test_the_service_loads_none_of_the_libraries_that_fit_or_compute(tmp_path):
    program = f"""
import datetime, sys
from pathlib import Path
from models.audit.files import AuditFiles
from serving.app import ServiceSettings, create_app
import serving.run
files = AuditFiles(Path("{tmp_path}/keys/audit.key"), Path("{tmp_path}/anchors"))
create_app(ServiceSettings("sqlite:///{tmp_path}/ledger.db", files))
print(sorted(set(sys.modules) & set({FORBIDDEN!r})))
"""

    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"
