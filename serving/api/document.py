"""The document: what OpenAPI tells of the routes beyond what their types say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from models.definitions.states import State
from serving.api.asking import PROBLEM, problem_response
from serving.errors import TITLES
from serving.schemas.problems import ProblemAnswer


JSON = "application/json"
# Made of a made-up place, by asking it: `python -m tests.serving.api_examples`.
EXAMPLES = Path(__file__).with_name("examples.json")

_SCHEMAS = "#/components/schemas/{model}"
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token for machines, as `lamppost token` prints it.",
}
_ASK_AGAIN = {
    "description": "How long to wait before asking again.",
    "schema": {"type": "integer"},
}
_LINK = {
    "description": "The pages before and after this one, where there are any "
    "(RFC 8288).",
    "schema": {"type": "string"},
}
_ETAG = {
    "description": "The tag of this answer, to be sent as `if-none-match`.",
    "schema": {"type": "string"},
}
_FAULT = {"where": "query.limit", "what": "Input should be less than or equal to 200"}


class DocumentedApp(FastAPI):
    """An application whose document has an example and every status of every route."""

    def openapi(self) -> dict[str, Any]:
        """Return the document; it is made once."""
        if self.openapi_schema is None:
            complete(super().openapi())
        return super().openapi()


def complete(document: dict[str, Any]) -> None:
    """Add to a document of OpenAPI what types do not say.

    Args:
        document: As FastAPI makes it; it is changed.
    """
    parts = document["components"]
    parts["securitySchemes"] = {"token": _BEARER}
    parts["schemas"] |= _problem_schemas()
    examples = json.loads(EXAMPLES.read_text())
    for name, operation in operations(document):
        is_open = not name.partition(" ")[2].startswith("/v1")
        operation["security"] = [] if is_open else [{"token": []}]
        first, _, rest = operation.get("description", "").partition("\n")
        operation["summary"] = first.rstrip(".")
        operation["description"] = rest.strip() or first
        _describe_statuses(operation)
        _give_examples(operation, examples.get(name, {}))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every route of a document by its method and path, such as `GET /v1/people`.

    >>> list(operations({"paths": {"/v1/find": {"post": {}}}}))
    [('POST /v1/find', {})]
    """
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _problem_schemas() -> dict[str, Any]:
    made = ProblemAnswer.model_json_schema(ref_template=_SCHEMAS)
    parts: dict[str, Any] = made.pop("$defs")
    return {**parts, ProblemAnswer.__name__: made}


def _describe_statuses(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "requestBody" in operation:
        responses["400"] = problem_response("The body cannot be read at all.")
    headers = responses["200"].setdefault("headers", {})
    if any(taken["name"] == "offset" for taken in operation.get("parameters", ())):
        headers["link"] = _LINK
    if "304" in responses:
        headers["etag"] = _ETAG
        responses["304"]["headers"] = {"etag": _ETAG}
    for status, response in responses.items():
        if PROBLEM in response.get("content", {}):
            response["content"][PROBLEM]["example"] = _problem(int(status))
        if status == "503":
            response["headers"] = {"retry-after": _ASK_AGAIN}
    operation["responses"] = dict(sorted(responses.items()))


def _problem(status: int) -> dict[str, Any]:
    """Return an example of a problem."""
    told = {"type": "about:blank", "title": TITLES[status], "status": status}
    state = State.OBJECTED
    words = {"sentence": state.sentence, "next": state.next_step}
    more: dict[int, dict[str, Any]] = {
        409: {"state": {"name": state.value, **words}},
        422: {"faults": [_FAULT]},
    }
    return told | more.get(status, {})


def _give_examples(operation: dict[str, Any], examples: dict[str, Any]) -> None:
    if "answer" in examples:
        answered = operation["responses"]["200"]["content"]
        answered[JSON]["example"] = examples["answer"]
    if "body" in examples:
        operation["requestBody"]["content"][JSON]["example"] = examples["body"]
