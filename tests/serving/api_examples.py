"""Makes the examples of the API's document, by asking a made-up place.

`python -m tests.serving.api_examples` writes them again, after a form has changed.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.api.document import EXAMPLES
from tests.made_up_score import bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.second_manager import add_second_manager


# A list is as well understood by its first lines.
MOST_LINES = 2
MOST_LETTERS = 400
PERSON, ITEM = "the-opaque-id-of-a-person", "the-opaque-id-of-an-item"
TEXT = "that was her sister"
REASON = "Called from the ward, must know about falls now"

Example = tuple[str, dict[str, Any]]


@dataclasses.dataclass
class Asked:
    """A service that is asked for one example after another."""

    service: Service
    writes: int = 0

    def example(
        self, name: str, who: str, *, address: str = "", **body: Any
    ) -> dict[str, Any]:
        """Return what was asked and what was answered; `address` if it has ids."""
        method, _, path = name.partition(" ")
        self.writes += 1
        key = {"Idempotency-Key": f"write-number-{self.writes}"}
        sent = {"json": body, "headers": key} if method == "POST" else {}
        token = self.service.token(who)
        answer = self.service.ask(method, address or path, token=token, **sent)
        assert answer.status_code == 200, (name, answer.text)
        told = {"answer": answer.json()}
        return told | ({"body": body} if body else {})


def examples(service: Service) -> Iterator[Example]:
    """Yield each route with an example of its answer, and of its body."""
    asked = Asked(service)
    yield from _of_people(asked)
    yield from _of_work(asked)
    yield from _of_leading(asked)
    yield from _of_rights(asked)
    values = {"visits_365d": 9, "fell": True, "tenure": "owned"}
    name = "POST /v1/scores/{score}/explain"
    path = "/v1/scores/care/explain"
    yield name, asked.example(name, "nat", address=path, values=values)
    for name, who in (("GET /v1/scores", "bea"), ("GET /v1/figures", "bea")):
        yield name, asked.example(name, who)
    for name in ("GET /healthz", "GET /readyz"):
        yield name, asked.example(name, "ann")


def _of_people(asked: Asked) -> Iterator[Example]:
    person = f"/v1/people/{asked.service.person('p05')}"
    yield "GET /v1/people", asked.example("GET /v1/people", "ann")
    for more, filled in (
        ("", ""),
        ("/chronology", "/chronology"),
        ("/scores/{score}", "/scores/care"),
        ("/scores/{score}/history", "/scores/care/history"),
        (
            "/scores/{score}/evidence/{indicator}",
            "/scores/care/evidence/visits_365d",
        ),
    ):
        name = f"GET /v1/people/{{person}}{more}"
        yield name, asked.example(name, "ann", address=person + filled)


def _of_work(asked: Asked) -> Iterator[Example]:
    person = f"/v1/people/{asked.service.person('p05')}"
    done = {"score": "care", "kind": "offered", "what": "a falls class"}
    wrong = {"score": "care", "kind": "the record is wrong"}
    wrong |= {"record": "2-1", "text": TEXT}
    for more, body in (("decisions", done), ("opinions", wrong)):
        for method, sent in (("POST", body), ("GET", {})):
            name = f"{method} /v1/people/{{person}}/{more}"
            yield name, asked.example(name, "ann", address=f"{person}/{more}", **sent)
    waiting = asked.example("GET /v1/queue", "sam")
    yield "GET /v1/queue", waiting
    item = waiting["answer"]["items"][0]["item"]
    path, name = f"/v1/queue/{item}", "GET /v1/queue/{item}"
    yield name, asked.example(name, "sam", address=path)
    verdict = {"verdict": "corrected by the partner", "text": "moved to her sister"}
    name = "POST /v1/queue/{item}/answer"
    yield name, asked.example(name, "sam", address=f"{path}/answer", **verdict)


def _of_leading(asked: Asked) -> Iterator[Example]:
    person = asked.service.person("p03")
    sought = {"birth_date": "1941-05-30", "surname": "Oakes"}
    contact = {"person": person, "reference": "CALL-9"}
    glass = {"person": asked.service.person("p01"), "purpose": "safety"}
    kept = {"person": asked.service.person("p03", "mia"), "account": "ann"}
    drawn = {"score": "care", "size": 3}
    for name, who, body in (
        ("POST /v1/find", "ann", sought),
        ("POST /v1/contacts", "ann", contact),
        ("POST /v1/break-glass", "ann", {**glass, "reason": REASON}),
        ("POST /v1/worklists", "mia", drawn),
        ("GET /v1/worklists", "mia", {}),
        ("POST /v1/cases", "mia", {**kept, "reference": "CASE-9"}),
        ("GET /v1/cases", "mia", {}),
        ("GET /v1/alerts", "mia", {}),
        ("POST /v1/links", "mia", {"account": "ann", "reference": "C-1009"}),
    ):
        yield name, asked.example(name, who, **body)
    for name, path, body in (
        (
            "POST /v1/worklists/{worklist}/allocations",
            "/v1/worklists/2/allocations",
            {"number": 1, "account": "ann"},
        ),
        ("GET /v1/worklists/{worklist}", "/v1/worklists/2", {}),
        ("POST /v1/alerts/{alert}/seen", "/v1/alerts/1/seen", {}),
        ("POST /v1/cases/{case}/end", _case_path(asked), {}),
        (
            "GET /v1/people/{person}/looks",
            f"/v1/people/{asked.service.person('p05', 'mia')}/looks",
            {},
        ),
    ):
        yield name, asked.example(name, "mia", address=path, **body)


def _of_rights(asked: Asked) -> Iterator[Example]:
    new = {"kind": "access", "person": asked.service.person("p05", "mia")}
    new |= {"received_on": "2026-10-20", "owner": "Head of care"}
    entered = asked.example("POST /v1/rights", "mia", **new, what="all of it")
    yield "POST /v1/rights", entered
    yield "GET /v1/rights", asked.example("GET /v1/rights", "mia")
    path = f"/v1/rights/{entered['answer']['number']}"
    name = "POST /v1/rights/{number}/pack"
    made = asked.example(name, "mia", address=f"{path}/pack")
    yield name, made
    name = "GET /v1/rights/{number}"
    yield name, asked.example(name, "mia", address=path)
    pack, number = f"/v1/packs/{made['answer']['number']}", made["answer"]["number"]
    yield "GET /v1/packs/{pack}", asked.example("GET /v1/packs", "mia", address=pack)
    for flag in sorted(_flags(made["answer"])):
        choice = {"flag": flag, "choice": "keep", "because": "It is all about her."}
        name = "POST /v1/packs/{pack}/flags"
        yield name, asked.example(name, "mia", address=f"{pack}/flags", **choice)
    add_second_manager(asked.service.ledger)
    name = "POST /v1/packs/{pack}/release"
    yield name, asked.example(name, "max", address=f"{pack}/release")
    said = {"outcome": "granted", "answer": f"We gave her pack {number}."}
    name = "POST /v1/rights/{number}/answer"
    yield name, asked.example(name, "mia", address=f"{path}/answer", **said)


def _flags(pack: dict[str, Any]) -> set[str]:
    return {flag["name"] for item in pack["items"] for flag in item["flags"]}


def _case_path(asked: Asked) -> str:
    told = asked.example("GET /v1/cases", "mia")["answer"]
    return f"/v1/cases/{told['cases'][0]['id']}/end"


def _short(value: Any, name: str = "") -> Any:
    """Return an answer with the first lines of its lists, and no real opaque id."""
    if isinstance(value, dict):
        return {key: _short(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value[:MOST_LINES]]
    if isinstance(value, str) and len(value) > MOST_LETTERS and name == "text":
        return f"{value[:MOST_LETTERS]} ..."
    stand_in = {"person": PERSON, "item": ITEM}.get(name)
    if name == "address":
        return f"/people/{PERSON}/chronology"
    return stand_in if stand_in and isinstance(value, str) else value


def write_examples() -> None:
    """Write the examples of every route."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = people_ledger(Path(folder), bundle(capacity=3))
        service = Service(Path(folder), ledger)
        found = {name: _short(told) for name, told in examples(service)}
        ledger.close()
    text = json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False)
    EXAMPLES.write_text(text + "\n")


if __name__ == "__main__":
    write_examples()
