from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from serving.app import OPEN_PATHS
from tests.made_up_score import AS_OF


ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    *("mlflow", "shap", "lightgbm", "sklearn", "joblib", "evidently"),
    *("alembic", "mako"),
    *("duckdb", "ibis", "pandas", "pyarrow", "splink", "sqlglot", "polars"),
)


def _routes(app):
    """Every route with every method, its path filled in."""
    given = {"score": "care", "entity": "p05", "indicator": "fell"}
    return [
        (method, path.format(**given))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]


def test_every_route_needs_a_token(service):
    routes = _routes(service.app())

    closed = [(m, path) for m, path in routes if path not in OPEN_PATHS]
    assert len(closed) == 4
    for method, path in closed:
        answer = service.ask(method.upper(), path, token="")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert service.views() == []


def test_a_path_that_does_not_exist_needs_a_token_too(service):
    assert service.get("/admin", token="").status_code == 401


def test_a_body_is_not_read_before_the_token(service):
    answer = service.post("/v1/scores/care/explain", token="", content=b"x" * 10**6)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Bearer " + "x" * 5_000,
        "Bearer \xff",
    ],
)
def test_what_is_not_a_valid_token_opens_nothing(service, header):
    header = header.format(token=service.token())

    answer = service.get(
        "/v1/scores/care/p05",
        token="",
        headers={"authorization": header.encode("latin-1")},
    )

    assert answer.status_code == 401


def test_an_expired_token_opens_nothing(service):
    answer = service.get("/v1/scores/care/p05", token=service.token(days=-1))

    assert answer.status_code == 401


def test_a_token_in_the_address_opens_nothing(service):
    path = f"/v1/scores/care/p05?token={service.token()}"

    assert service.get(path, token="").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/scores/care/p05"),
        ("GET", "/v1/scores/care/nobody"),
        ("GET", "/nothing"),
        ("PUT", "/v1/scores/care"),
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
    answer = service.ask("DELETE", "/v1/scores/care/p05")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", sorted(OPEN_PATHS))
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
    app = service.app()
    service.app = lambda: app
    with service.ledger.writing() as connection:
        connection.exec_driver_sql("DROP TABLE tokens")

    assert service.get("/v1/scores/care/p05", token="any").status_code == 503


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/metrics"])
def test_no_documentation_is_served_unless_asked_for(service, path):
    assert service.get(path).status_code == 404


def test_documentation_that_is_asked_for_needs_a_token(service):
    service.settings["docs"] = True

    assert service.get("/openapi.json", token="").status_code == 401
    assert service.get("/openapi.json").status_code == 200


def test_a_fault_of_our_own_is_answered_and_logged_without_values(service, caplog):
    with service.ledger.writing() as connection:
        broken = """UPDATE scores SET case_file = '{"values": {"name": ["Ada"]}}'"""
        connection.exec_driver_sql(broken)

    with caplog.at_level(logging.DEBUG):
        answer = service.get("/v1/scores/care/p05")

    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    assert "Ada" not in answer.text + caplog.text
    assert "ValidationError" in caplog.text
    assert service.views() == []


def test_nothing_personal_is_logged_by_a_look(service, caplog):
    with caplog.at_level(logging.DEBUG, logger="serving"):
        service.get("/v1/scores/care/p05")
        service.get("/v1/scores/care/nobody")

    assert "p05" not in caplog.text
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


def test_the_day_that_is_shown_is_the_one_that_was_set(service):
    service.settings["today"] = AS_OF

    answer = service.post("/v1/scores/care/explain", json={"values": {"fell": True}})

    assert answer.json()["as_of"] == AS_OF.isoformat()
