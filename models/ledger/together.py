"""Work of several callers in one transaction, because to end one waits for the disk.

Whoever has the turn to write does what all who wait for it want done, each part by
itself: what one part raises undoes that part alone. Nobody is answered before the
transaction that holds their part is on the disk. Those who were answered together soon
come again together, so the next waits a moment for as many: never long, and not at all
for somebody who is alone.
"""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from contextvars import Context, copy_context
from typing import Generic, TypeVar, cast

import sqlalchemy as sa

from models.ledger.faults import LedgerUnavailable
from models.ledger.prepared import tell_driver


T = TypeVar("T")
Guard = Callable[[], AbstractContextManager[None]]

# So that one transaction does not grow for as long as others come.
MOST_AT_ONCE = 16
# Of the time that the last transaction took, and of any.
WAITING_SHARE = 0.25
LONGEST_WAIT_SECONDS = 0.02


class Part(Generic[T]):
    """What one caller wants done.

    Attributes:
        is_ended: Set once there is an outcome.
    """

    def __init__(self, work: Callable[[sa.Connection], T], context: Context) -> None:
        self._work = work
        # The log of one caller's work names that caller's request.
        self._context = context
        self._value: T | None = None
        self._error: BaseException | None = None
        self.is_ended = threading.Event()

    def do(self, connection: sa.Connection, guard: Guard) -> None:
        """Do it, or undo it and keep what it raised."""
        try:
            with guard(), _by_itself(connection):
                self._value = self._context.run(self._work, connection)
        except BaseException as error:  # it is the caller's, who is told below
            self._error = error

    def fail(self, told: str) -> None:
        """Have it not done, whatever came of it before."""
        self._error = LedgerUnavailable(told)

    def outcome(self) -> T:
        """Return what came of it, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return cast(T, self._value)


class Together:
    """Gathers parts while another transaction is under way.

    Args:
        guard: Turns what a database raises into a `LedgerUnavailable`.
        turn: Lets one thread at a time write; raises a `LedgerUnavailable` for who
            has waited for too long.
        transaction: A transaction that writes, to be committed at its end.
    """

    def __init__(
        self,
        guard: Guard,
        turn: Guard,
        transaction: Callable[[], AbstractContextManager[sa.Connection]],
    ) -> None:
        self._guard = guard
        self._turn = turn
        self._transaction = transaction
        self._waiting: deque[Part[object]] = deque()
        self._come = threading.Condition()
        # How many the last transaction was for, and how long it took.
        self._last, self._last_seconds = 1, 0.0

    def do(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what `work` returns, once it is committed.

        Raises:
            LedgerUnavailable: It could not be, or only after too long a wait.
        """
        part = Part(work, copy_context())
        with self._come:
            self._waiting.append(cast("Part[object]", part))
            self._come.notify()
        try:
            with self._turn():
                while not part.is_ended.is_set():
                    self._do_some()
        except LedgerUnavailable:
            self._withdraw(cast("Part[object]", part))
        return part.outcome()

    def _withdraw(self, part: Part[object]) -> None:
        """Have nothing done, unless it is being done just now."""
        with contextlib.suppress(ValueError):
            self._waiting.remove(part)
            part.fail("others were writing for too long")
            return
        part.is_ended.wait()

    def _do_some(self) -> None:
        self._gather()
        parts = [*self._next()]
        began = time.monotonic()
        try:
            with self._transaction() as connection:
                for part in parts:
                    part.do(connection, self._guard)
        except LedgerUnavailable as error:
            _fail(parts, str(error))
        except BaseException:
            _fail(parts, "the transaction was cut short")
            raise
        finally:
            self._last, self._last_seconds = len(parts), time.monotonic() - began
            for part in parts:
                part.is_ended.set()

    def _gather(self) -> None:
        """Wait for as many as came the last time, for much less than it took."""
        longest = min(WAITING_SHARE * self._last_seconds, LONGEST_WAIT_SECONDS)
        with self._come:
            self._come.wait_for(lambda: len(self._waiting) >= self._last, longest)

    def _next(self) -> Iterator[Part[object]]:
        for _ in range(MOST_AT_ONCE):
            # Another may have withdrawn what was seen a moment ago.
            try:
                yield self._waiting.popleft()
            except IndexError:
                return


@contextlib.contextmanager
def _by_itself(connection: sa.Connection) -> Iterator[None]:
    """Undo what is done within if it raises, and nothing else.

    By the driver itself: SQLAlchemy's own takes longer than a look's questions.
    """
    tell_driver(connection, "SAVEPOINT part")
    try:
        yield
    except BaseException as error:
        _let_go(error)
        tell_driver(connection, "ROLLBACK TO part")
        raise
    finally:
        tell_driver(connection, "RELEASE part")


def _let_go(error: BaseException | None) -> None:
    """Let an error hold nothing of what was at work when it was raised.

    Rows of which some were not read yet keep SQLite's lock, even after the commit: all
    others would be barred from writing for as long as the error is known anywhere.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _fail(parts: Sequence[Part[object]], told: str) -> None:
    for part in parts:
        part.fail(told)
