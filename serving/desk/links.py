"""Links: where a case system sends its user to, for the person of a case.

An address gives no right: whoever opens it is asked for theirs, as at any other.
"""

from __future__ import annotations

import sqlalchemy as sa

from features.faults import Misuse
from serving.access.accounts import find_account
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.contacts import checked_reference
from serving.desk.desk import Desk
from serving.desk.finding import by_case
from serving.desk.teams import member_of_team
from serving.schemas.leading import LinkAnswer


def link(desk: Desk, caller: Caller, account: str, reference: str) -> LinkAnswer:
    """Return the address of the page of whom a case is about, for one account.

    Args:
        desk: Where it is asked.
        caller: Who asks: a token of the account's own, or of whoever leads it.
        account: The name of who will open it.
        reference: The case's number.

    Raises:
        Misuse: The reference is none.
        Absent: There is no such account for the caller, or no one person of that case.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    reference = checked_reference(reference)

    def read(connection: sa.Connection, look: Look) -> LinkAnswer:
        opener = _opener(connection, caller, account)
        found = by_case(connection, reference)
        if len(found) != 1:
            raise Absent
        look.entity_id = found.pop()
        look.detail = {"for": opener.name}
        sealed = desk.ids.seal(opener, look.entity_id)
        return LinkAnswer(address=f"/people/{sealed}/chronology")

    return desk.asked(caller, "link", read)


def _opener(connection: sa.Connection, caller: Caller, account: str) -> Caller:
    if account == caller.name:
        return caller
    if caller.role != "manager":
        raise Absent
    try:
        member = member_of_team(connection, caller, account)
    except Misuse:
        # Whether there is such an account is nobody else's business.
        raise Absent from None
    found = find_account(connection, member.name)
    assert found is not None
    return found.caller
