"""What stands in the log: which request, how it ended, and nothing about anyone."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re

import httpx
import pytest
from fastapi import FastAPI, Request

from serving.errors import Guard, answer_errors
from serving.limits import BodyLimits
from serving.logs import JsonLines, Watch
from serving.metrics import METRICS
from serving.metrics_door import MetricsDoor


# As a person's name, number and words may stand anywhere in a request.
PERSONAL = ("Ednah", "9434765919", "1931-04-02", "Acacia")


class _Clerk:
    role = "caseworker"
    name = "Ednah Smith"


def _small_app(token_file=None) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/people/{person}")
    def person(person: str, request: Request) -> str:
        request.state.caller = _Clerk()
        logging.getLogger("serving.test").warning("looked at %d records", 3)
        return person

    @app.post("/people/{person}")
    def fail(person: str) -> str:
        logging.getLogger("somelib").warning("cannot parse %s", person)
        raise ValueError(f"{person} of Acacia Avenue")

    answer_errors(app)
    app.add_middleware(MetricsDoor, token_file=token_file)
    app.add_middleware(BodyLimits, limit_bytes=1_000, deadline_seconds=1)
    app.add_middleware(Guard)
    app.add_middleware(Watch)
    return app


def _ask(app, method, path, **more):
    async def asked():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s") as c:
            return await c.request(method, path, **more)

    return asyncio.run(asked())


@pytest.fixture
def written():
    """What is logged meanwhile, as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("serving")
    before = root.level, ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    ours.setLevel(before[1])


def _lines(written):
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_route_and_no_address(written):
    answer = _ask(_small_app(), "GET", "/people/9434765919")

    *_, line = _lines(written)
    assert answer.status_code == 200
    told = {k: line[k] for k in ("event", "method", "route", "status", "role")}
    assert told == {
        "event": "request",
        "method": "GET",
        "route": "/people/{person}",
        "status": 200,
        "role": "caseworker",
    }
    assert line["request"] == answer.headers["x-request-id"]
    assert line["ms"] >= 0
    assert line["level"] == "info"


def test_what_our_own_code_says_meanwhile_has_the_same_id(written):
    answer = _ask(_small_app(), "GET", "/people/1")

    said, _ = _lines(written)
    assert said["event"] == "looked at 3 records"
    assert said["request"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("method", ["GET", "POST", "EDNAH"])
@pytest.mark.parametrize("path", ["/people/Ednah 9434765919", "/Ednah/1931-04-02"])
def test_nothing_that_a_client_sends_stands_in_the_log(method, path, written):
    _ask(
        _small_app(),
        method,
        f"{path}?name=Ednah&born=1931-04-02",
        headers={
            "x-request-id": "9434765919",
            "user-agent": "Ednah",
            "cookie": "lamppost_session=Ednah",
        },
        content=b"Ednah of Acacia Avenue",
    )

    assert _lines(written)
    for value in PERSONAL:
        assert value not in written.getvalue()


def test_of_an_error_only_its_kind_is_told():
    record = logging.LogRecord("serving.x", 40, "x.py", 7, "it failed", (), None)
    try:
        try:
            raise KeyError("Ednah")
        except KeyError as error:
            raise ValueError("Ednah") from error
    except ValueError as error:
        record.exc_info = (ValueError, error, None)

    line = json.loads(JsonLines().format(record))

    assert line["error"] == "ValueError from KeyError"
    assert line["event"] == "it failed"


def test_what_a_library_says_is_told_by_its_place_alone():
    record = logging.LogRecord("lib.x", 30, "x.py", 7, "got %s", ("Ednah",), None)

    assert json.loads(JsonLines().format(record))["event"] == (
        "said by a library at x:7"
    )


@pytest.mark.parametrize(
    "named",
    ["0af7651916cd43dd8448eb211c80319c", "6f1c22d0-6a6b-4b1e-9a55-0d6d5a1c0d7e"],
)
def test_an_id_of_the_proxy_s_is_kept(named):
    answer = _ask(_small_app(), "GET", "/people/1", headers={"x-request-id": named})

    assert answer.headers["x-request-id"] == named


@pytest.mark.parametrize(
    "named", ["", "9434765919", "a b", "x" * 20, "a" * 65, "é" * 20]
)
def test_any_other_id_is_replaced(named):
    headers = {"x-request-id": named.encode()}

    answer = _ask(_small_app(), "GET", "/people/1", headers=headers)

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_every_kind_of_answer_has_an_id():
    app = _small_app()
    asked = {
        _ask(app, *what).status_code: _ask(app, *what).headers.get("x-request-id")
        for what in (
            *(("GET", "/people/1"), ("GET", "/nowhere"), ("PUT", "/people/1")),
            *(("POST", "/people/1"), ("GET", "/metrics")),
        )
    }

    assert set(asked) == {200, 404, 405, 500}
    assert all(asked.values())


def test_a_page_that_says_the_service_failed_shows_the_id():
    headers = {"accept": "text/html"}

    answer = _ask(_small_app(), "POST", "/people/1", headers=headers)
    absent = _ask(_small_app(), "GET", "/nowhere", headers=headers)

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert absent.headers["x-request-id"] not in absent.text


def _metric(name, **labels):
    return METRICS.registry.get_sample_value(name, labels or None) or 0.0


def test_answers_are_counted_by_route_and_status():
    labels = {"method": "GET", "route": "/people/{person}", "status": "200"}
    before = _metric("lamppost_requests_total", **labels)

    _ask(_small_app(), "GET", "/people/1")

    assert _metric("lamppost_requests_total", **labels) == before + 1
    assert _metric("lamppost_requests_in_flight") == 0


def test_a_client_that_sends_too_much_is_counted():
    before = _metric("lamppost_clients_cut_total", why="large body")

    _ask(_small_app(), "POST", "/people/1", content=b"x" * 2_000)

    assert _metric("lamppost_clients_cut_total", why="large body") == before + 1


def test_the_metrics_are_shown_to_who_holds_their_token(tmp_path):
    token = tmp_path / "token"
    token.write_text("a-long-secret\n")
    app = _small_app(token)
    headers = {"authorization": "Bearer a-long-secret"}

    answer = _ask(app, "GET", "/metrics", headers=headers)

    assert answer.status_code == 200
    assert "lamppost_requests_total" in answer.text
    for value in PERSONAL:
        assert value not in answer.text


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer ", "Bearer", "Bearer wrong", "a-long-secret", "Bearer é"],
)
@pytest.mark.parametrize("kept", [None, "", "a-long-secret"])
def test_for_all_others_there_are_no_metrics(given, kept, tmp_path):
    token = tmp_path / "token"
    if kept is not None:
        token.write_text(kept)
    headers = {} if given is None else {"authorization": given.encode()}

    assert (
        _ask(_small_app(token), "GET", "/metrics", headers=headers).status_code == 404
    )
    assert _ask(_small_app(), "GET", "/metrics", headers=headers).status_code == 404
