"""Slow clients: they hold on to connections, while others ask as usual.

Of those that begin, every second one then says no more and the others go on, one letter
at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.load import Seen, Target, at_a_rate


CUT_WITHIN_SECONDS = 10.0
DRIP_EVERY_SECONDS = 0.5
LARGE_BODY_BYTES = 50_000_000
_BEGUN = {
    "silent": b"",
    "headers": b"GET /healthz HTTP/1.1\r\nHo",
    "body": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
}


@dataclass(frozen=True)
class Slow:
    """So many of each kind.

    Attributes:
        silent: They connect and say nothing.
        headers: They begin a head.
        body: They begin a body.
    """

    silent: int = 50
    headers: int = 200
    body: int = 50


@dataclass(frozen=True)
class Held:
    """What became of them.

    Attributes:
        left: Slow clients, and the one with the large body, that were not cut in time.
        good: What the others were answered meanwhile.
    """

    left: int
    good: Seen


def among_slow_clients(
    target: Target, *, a_second: float, slow: Slow | None = None
) -> Held:
    """Ask as usual while slow clients come, until all must have been cut.

    Args:
        target: What good clients ask for.
        a_second: How often.
        slow: How many of each kind; None takes the usual numbers.
    """
    with ThreadPoolExecutor(1) as pool:
        left = pool.submit(_left, target.port, slow or Slow())
        seen = at_a_rate(target, a_second=a_second, seconds=CUT_WITHIN_SECONDS)
        return Held(left.result(), seen)


def _left(port: int, slow: Slow) -> int:
    return asyncio.run(_all_left(port, slow))


async def _all_left(port: int, slow: Slow) -> int:
    ended = await asyncio.gather(
        *(
            _is_cut(port, begun, drips=bool(begun and number % 2))
            for number, begun in enumerate(_each(slow))
        ),
        _is_refused(port),
    )
    return ended.count(False)


def _each(slow: Slow) -> Iterator[bytes]:
    for kind, begun in _BEGUN.items():
        yield from [begun] * getattr(slow, kind)


async def _is_cut(port: int, begun: bytes, *, drips: bool) -> bool:
    """Say whether the server ends a connection on which little or no more is said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    dripping = asyncio.ensure_future(_drip(writer)) if drips else None
    try:
        async with asyncio.timeout(CUT_WITHIN_SECONDS):
            while await reader.read(10_000):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    finally:
        if dripping:
            dripping.cancel()
        writer.close()
    return True


async def _drip(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            await asyncio.sleep(DRIP_EVERY_SECONDS)
            writer.write(b"x")
            await writer.drain()


async def _is_refused(port: int) -> bool:
    """Say whether a large body is refused, or its sender cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length = f"Content-Length: {LARGE_BODY_BYTES}\r\n\r\n"
    writer.write(f"POST /sign-in HTTP/1.1\r\nHost: x\r\n{length}".encode())
    part = b"x" * 65_536
    try:
        async with asyncio.timeout(CUT_WITHIN_SECONDS):
            for _ in range(LARGE_BODY_BYTES // len(part)):
                writer.write(part)
                await writer.drain()
            return b" 413 " in await reader.readline()
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    finally:
        writer.close()
