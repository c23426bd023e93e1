"""What the council's events can say: an event's value is a position in `DETAILS`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from features.town.people import Ints


ROUTES: Final = ("community", "hospital discharge")
COMMUNITY, DISCHARGE = range(2)

# What followed a request.
FOLLOWED: Final = (
    "nothing",
    "signposted",
    "low level",
    "short term",
    "reablement",
    "long term",
)
NOTHING, SIGNPOSTED, LOW_LEVEL, SHORT_TERM, REABLEMENT, LONG_TERM = range(6)

SERVICES: Final = (
    "long term: community",
    "long term: residential",
    "long term: nursing",
    "short term: reablement",
    "short term: low level",
    "short term: other",
)
AT_HOME, RESIDENTIAL, NURSING, OF_REABLEMENT, OF_LOW_LEVEL, OF_SHORT_TERM = range(6)

PAYERS: Final = ("council", "self", "NHS continuing healthcare")
COUNCIL, SELF, NHS = range(3)

END_REASONS: Final = (
    "died",
    "moved away",
    "no longer needed",
    "other service",
    "other payer",
    "finished",
)
DIED, MOVED_AWAY, NOT_NEEDED, OTHER_SERVICE, OTHER_PAYER, FINISHED = range(6)


class Detail(NamedTuple):
    """What a council event says beside its kind, day and person; empty if it does not.

    Attributes:
        service_type: Of a service or review, one of `SERVICES`.
        funding: Of a service or review, one of `PAYERS`.
        request_route: Of a request, one of `ROUTES`.
        followed: Of a request, what came of it: one of `FOLLOWED`.
        end_reason: Of a service's end, one of `END_REASONS`.
    """

    service_type: str = ""
    funding: str = ""
    request_route: str = ""
    followed: str = ""
    end_reason: str = ""


_OF_REQUESTS = tuple(
    Detail(request_route=route, followed=followed)
    for route in ROUTES
    for followed in FOLLOWED
)
_OF_SERVICES = tuple(
    Detail(service_type=service, funding=payer)
    for service in SERVICES
    for payer in PAYERS
)
_OF_ENDS = tuple(
    detail._replace(end_reason=reason)
    for detail in _OF_SERVICES
    for reason in END_REASONS
)
DETAILS: Final = (Detail(), *_OF_REQUESTS, *_OF_SERVICES, *_OF_ENDS)
PLAIN: Final = 0


def request(route: Ints | int, followed: Ints | int) -> Ints:
    """Return the value of requests.

    >>> DETAILS[int(request(DISCHARGE, REABLEMENT))].followed
    'reablement'
    """
    return np.asarray(1 + np.asarray(route) * len(FOLLOWED) + followed, dtype=np.int64)


def service(kind: Ints | int, payer: Ints | int) -> Ints:
    """Return the value of services that start or are reviewed.

    >>> DETAILS[int(service(NURSING, NHS))].funding
    'NHS continuing healthcare'
    """
    number = np.asarray(kind) * len(PAYERS) + payer
    return np.asarray(1 + len(_OF_REQUESTS) + number, dtype=np.int64)


def service_end(kind: Ints | int, payer: Ints | int, reason: Ints | int) -> Ints:
    """Return the value of services that end.

    >>> DETAILS[int(service_end(AT_HOME, COUNCIL, DIED))].end_reason
    'died'
    """
    number = (np.asarray(kind) * len(PAYERS) + payer) * len(END_REASONS) + reason
    first = 1 + len(_OF_REQUESTS) + len(_OF_SERVICES)
    return np.asarray(first + number, dtype=np.int64)
