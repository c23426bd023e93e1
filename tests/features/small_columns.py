"""The columns that every source of a small place has, one of most types."""

from __future__ import annotations


SCOPES = {
    "N": "national data opt-out",
    "T": "type 1",
    "O": "objection",
    "R": "restriction",
}

COLUMNS = [
    {"name": "id", "type": "text", "meaning": "key"},
    {"name": "on", "type": "date", "meaning": "day", "formats": ["%Y-%m-%d"]},
    {"name": "kind", "type": "code", "meaning": "kind", "values": {"a": "A", "b": "B"}},
    {"name": "number", "type": "integer", "meaning": "a number"},
    {"name": "amount", "type": "decimal", "scale": 2, "meaning": "an amount"},
    {"name": "lat", "type": "float", "meaning": "degrees north"},
    {"name": "lon", "type": "float", "meaning": "degrees east"},
    {"name": "level", "type": "float", "meaning": "a true float"},
    {"name": "done", "type": "boolean", "meaning": "-", "true": ["y"], "false": ["n"]},
    {"name": "until", "type": "date", "meaning": "an end", "formats": ["%Y-%m-%d"]},
    {
        "name": "born",
        "type": "date",
        "meaning": "birth date",
        "formats": ["%Y-%m-%d"],
        "sensitivity": "identifier",
    },
    {
        "name": "planned",
        "type": "code",
        "meaning": "known before the event",
        "values": {"x": "X", "y": "Y"},
        "known_beforehand": True,
    },
    {
        "name": "scope",
        "type": "code",
        "meaning": "what was objected to",
        "values": {"N": "NDOO", "T": "type 1", "O": "objection", "R": "restriction"},
    },
    {"name": "purpose", "type": "text", "meaning": "the purpose objected to"},
]
