"""Links: where a case system sends its user to, for the person of a case.

An address gives no right: whoever opens it is asked for theirs, as at any other. To ask
for one of somebody whom the account may not look at counts as a search.
"""

from __future__ import annotations

import sqlalchemy as sa

from features.faults import Misuse
from serving.access.accounts import find_account
from serving.access.rights import right_to
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.contacts import checked_reference
from serving.desk.desk import Desk
from serving.desk.finding import by_case
from serving.desk.pace import keep_search_pace
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
        TooMany: The caller has tried too many case numbers within the hour.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    reference = checked_reference(reference)

    def read(connection: sa.Connection, look: Look) -> LinkAnswer:
        place = desk.place(connection)
        keep_search_pace(connection, caller, desk.clock(), place.rules)
        opener = _opener(connection, caller, account)
        look.detail = {"for": opener.name}
        found = by_case(connection, reference)
        if len(found) != 1:
            raise Absent
        look.entity_id = found.pop()
        right = right_to(connection, opener, look.entity_id, desk.moment(place))
        look.purpose = right.purpose if right else None
        look.detail = {"for": opener.name, **(right.detail if right else {})}
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
