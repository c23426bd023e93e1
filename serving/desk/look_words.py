"""Look words: a look at a person as it is told, in the service and at the command line.

Whoever is told who looked at them reads the same words, whichever way they are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from models.audit.access_report import Access
from models.ledger.access_tables import grants
from models.ledger.frozen_places import newest_place
from models.ledger.ledger import LedgerUnavailable
from serving.desk.teams import members_by_name
from serving.schemas.leading import LookAnswer


# What whoever looked did. Those about nobody in particular are here too: a look that
# is refused may be any.
ACTIONS: Mapping[str, str] = {
    "listed": "read a list with the person on it",
    "list": "read a list with the person on it",
    "people": "read a list of their own people",
    "person": "opened the person's page",
    "score": "read a score",
    "evidence": "read the records behind a score",
    "chronology": "read the chronology",
    "history": "read how a score moved",
    "find": "searched for and found the person",
    "link": "made a link to the person’s page",
    "contact": "said that the person was in contact",
    "break glass": "looked without a relation, for a reason",
    "decide": "wrote down what was done",
    "opine": "wrote down what they think",
    "explain": "had values scored that are nobody's",
    "worklists": "read a worklist",
    "draw": "drew a worklist",
    "allocate": "gave the person to a worker, or took them back",
    "keep case": "kept or ended a case",
    "alerts": "read alerts",
    "report": "read who had looked",
    "register": "worked on a request of the person",
    "queue": "read a question about a record or a link of the person",
    "answer": "answered a question about a record or a link",
    "models": "read how scores are made",
    "practise": "practised on made-up people",
    "figures": "read figures",
    "accounts": "looked after accounts",
    "sign in": "signed in",
    "sign out": "signed out",
}
# Why they might.
RELATIONS: Mapping[str, str] = {
    "own case": "Their own case",
    "allocated": "Given to them from a list",
    "contact": "In contact that day",
    "supervised": "Their team's",
    "break-glass": "Emergency",
}


def told(
    connection: sa.Connection, purposes: Mapping[str, str], looks: Sequence[Access]
) -> list[LookAnswer]:
    """Return looks as they are told, in the order given.

    Args:
        connection: A transaction under way.
        purposes: The place's, by name what each means; another stands as it is.
        looks: About one person.
    """
    workers = members_by_name(connection, {one.by for one in looks})
    names = {name: member.display_name for name, member in workers.items()}
    reasons = _reasons(connection, looks)
    return [
        LookAnswer(
            at=one.at,
            by=one.by,
            name=names.get(one.by),
            action=ACTIONS.get(one.action, one.action),
            score=one.score,
            purpose=one.purpose and purposes.get(one.purpose, one.purpose),
            relation=one.relation,
            reference=one.reference,
            reason=None if one.grant is None else reasons.get(one.grant),
            outcome=one.outcome,
        )
        for one in looks
    ]


def purposes_in(connection: sa.Connection) -> Mapping[str, str]:
    """Return the place's purposes with what each means; none before it is known."""
    try:
        return newest_place(connection).purposes
    except LedgerUnavailable:
        return {}


def _reasons(connection: sa.Connection, looks: Sequence[Access]) -> Mapping[int, str]:
    """Return the reasons that were given for break-glass, where they still stand."""
    numbers = {one.grant for one in looks if one.grant is not None}
    query = sa.select(grants.c.id, grants.c.reason).where(grants.c.id.in_(numbers))
    return {row.id: row.reason for row in connection.execute(query) if row.reason}
