"""The whole API asked at random, by what it says of itself, as workers and a manager.

Requests are made by Schemathesis from the API's own description, some as they should be
and some not. Where a person is to be named, it is mostly one that there is: one's own,
the other team's, or either under somebody else's name for them (`fuzzed_objects`).
"""

from __future__ import annotations

import random
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzzed_objects import OWN, Objects
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


with warnings.catch_warnings():
    # It would rather have a newer client than the one that we have.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance),
]
OPEN = ("/healthz", "/readyz")
WITHOUT_TOKEN_EVERY = 10
ROUNDS_MORE = 10


@dataclass
class Found:
    """What came of it.

    Attributes:
        statuses: How often each.
        operations: What was asked for, by method and template.
        failures: Each answer that is none of those that are described.
        let_in: What was answered without a token.
        others_shown: What told one of somebody whom only others may look at.
        answered_well: How often each operation was, by who asked.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    others_shown: list[str] = field(default_factory=list)
    answered_well: Counter[tuple[str, str]] = field(default_factory=Counter)


def fuzz(
    folder: Path, *, cases: int, seed: int, until: Iterable[tuple[str, str]] = ()
) -> Found:
    """Ask so often, over all operations alike.

    Args:
        folder: Where the ledger is made, or is named.
        cases: How often at the least.
        seed: The same requests for the same number, as long as the same is imported:
            Hypothesis draws from what stands in modules, too.
        until: Who must have been answered well by which operation; they are asked for
            some times more if need be.
    """
    service = Service(folder, people_ledger(folder, views_per_hour=10**9))
    found = Found()
    with TestClient(service.app(), raise_server_exceptions=False) as client:
        asking = Asking(service, client, found, random.Random(seed))
        description = client.get("/openapi.json", headers=asking.head("ann")).json()
        # No schema but the service's own is read; none is fetched.
        schema = schemathesis.openapi.from_dict(description)
        operations = [result.ok() for result in schema.get_all_operations()]
        each = -(-cases // len(operations))
        for number, operation in enumerate(operations):
            asking.about(operation, each, seed + number)
        by_label = {operation.label: operation for operation in operations}
        for who, label in until:
            for more in range(1, ROUNDS_MORE + 1):
                if not found.answered_well[who, label]:
                    asking.about(by_label[label], each, seed - more)
    return found


class Asking:
    """Asks one operation after another.

    Args:
        service: Whose accounts ask.
        client: Of the application.
        found: Takes what comes of it.
        draw: Draws whom a request is about.
    """

    def __init__(
        self, service: Service, client: TestClient, found: Found, draw: random.Random
    ) -> None:
        self._client = client
        self._found = found
        self._draw = draw
        self._tokens = {name: service.token(name) for name in OWN}
        self._objects = Objects(service, draw)

    def head(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[name]}"}

    def about(self, operation: Any, cases: int, seed: int) -> None:
        """Ask for one operation so often, half of the time as it should not be."""
        self._found.operations.add(operation.label)
        modes = schemathesis.GenerationMode
        for mode, often in ((modes.POSITIVE, cases), (modes.NEGATIVE, cases)):
            for case in _drawn(operation, mode, -(-often // 2), seed):
                self._ask(case)

    def _ask(self, case: Any) -> None:
        name = self._draw.choice(list(OWN))
        self._objects.point(case, name)
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = {k: v for k, v in sent.pop("headers", {}).items() if _can_be_sent(v)}
        headers = {k: v for k, v in headers.items() if k.lower() != "authorization"}
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), (bytes, str)):
            sent["content"] = sent.pop("data")
        try:
            answer = self._client.request(
                **sent, headers={**headers, **self.head(name)}
            )
        except (UnicodeError, ValueError):
            return  # it cannot be written as a request
        self._judge(case, name, answer)
        if sum(self._found.statuses.values()) % WITHOUT_TOKEN_EVERY == 0:
            self._ask_without(case, sent, headers)

    def _judge(self, case: Any, name: str, answer: Any) -> None:
        self._found.statuses[answer.status_code] += 1
        label = f"{case.operation.label} {answer.status_code}"
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, AssertionError) as failure:
            told = getattr(failure, "exceptions", [failure])
            self._found.failures += [f"{label}: {str(one)[:300]}" for one in told]
        if answer.status_code == 200:
            self._found.answered_well[name, case.operation.label] += 1
        shown = self._objects.shown_of_others(case, name, answer)
        self._found.others_shown += [f"{name} {label}: {what}" for what in shown]
        if case.method == "POST":
            self._objects.end_rights()

    def _ask_without(
        self, case: Any, sent: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        answer = self._client.request(**sent, headers=dict(headers))
        if answer.status_code != 401 and case.operation.path not in OPEN:
            self._found.let_in.append(f"{case.operation.label} {answer.status_code}")


def _can_be_sent(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _drawn(operation: Any, mode: Any, cases: int, seed: int) -> Iterator[Any]:
    """Return cases of one kind; none if the operation has no such."""
    drawn: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        drawn.append(case)

    try:
        draw()
    except hypothesis.errors.Unsatisfiable:
        return
    yield from drawn
