"""Tokenising: an extract's bytes into cells, all text, in a process with limits.

The file comes from outside, so what takes it apart runs in a child process that may
use only so much memory, disk and time, and knows nothing but the file's shape. It
writes a file of cells and tells in JSON what it found. It imports the standard library
and what takes the file apart, nothing else.
"""

from __future__ import annotations

import errno
import io
import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.extracts.cell_blocks import Block, read_blocks, write_blocks
from features.extracts.findings import Finding, Findings
from features.extracts.format_rules import broken
from features.extracts.strict_csv import StrictReader
from features.extracts.strict_lines import Shape, StoppedError, StrictLines
from features.extracts.unpack import Unpacked, may_unpack_to


if TYPE_CHECKING:
    import pyarrow as pa

# 20,000 rows of long cells, as text, as bytes and once more while they are written.
_MEMORY_BYTES = 2 * 2**30
_MEMORY_BYTES_A_COLUMN = 16 * 2**20

# An empty cell is one byte in the file and four in the file of cells.
_GROWTH = 6
_SMALLEST_LIMIT_BYTES = 64 * 2**20
_SLOWEST_BYTES_A_SECOND = 10**6
_START_SECONDS = 60


@dataclass(frozen=True)
class Tokens:
    """What was read from an extract.

    Attributes:
        cells: `line` (int32, where the row starts) and `c0`, `c1` ... (text), the
            columns in the contract's order; rows that are wrong are left out. None if
            the file could not be read to its end.
        sha256: Of the unpacked bytes; meaningless if `cells` is None.
        findings: What is wrong.
    """

    cells: pa.Table | None
    sha256: str
    findings: list[Finding]


def tokenise(path: Path, shape: Shape, folder: Path) -> Tokens:
    """Read the extract at `path` in a child process.

    Args:
        path: A regular file.
        shape: What it should look like.
        folder: Private, and removed by the caller once done with the cells.
    """
    cells = folder / "cells"
    task = {"path": str(path.resolve()), "cells": str(cells), "shape": asdict(shape)}
    child = subprocess.run(
        # -S: nothing but the standard library, which also makes for a quick start.
        [sys.executable, "-S", "-m", "features.extracts.tokenise"],
        input=json.dumps(task).encode(),
        capture_output=True,
        # The folder that holds the package, so that -m finds it; no environment.
        cwd=Path(__file__).parents[2],
        env={},
        check=False,
    )
    if child.returncode != 0:
        return Tokens(None, "", [broken("limit.stopped", _ending(child.returncode))])
    told = json.loads(child.stdout)
    findings = [Finding(**{**f, "lines": tuple(f["lines"])}) for f in told["findings"]]
    if told["sha256"] is None:
        return Tokens(None, "", findings)
    blocks = [Block(**block) for block in told["blocks"]]
    table = read_blocks(cells, blocks, len(shape.header))
    return Tokens(table, told["sha256"], findings)


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _main() -> None:
    """Be the child: a task in, cells and findings out."""
    task = json.load(sys.stdin)
    path = Path(task["path"])
    shape = Shape(**{**task["shape"], "header": tuple(task["shape"]["header"])})
    _limit(may_unpack_to(path), len(shape.header))
    findings = Findings()
    read: dict[str, object] = {"sha256": None, "blocks": []}
    try:
        read = _read(path, shape, Path(task["cells"]), findings)
    except StoppedError:
        pass
    except MemoryError:
        findings.add(broken("limit.memory"))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        findings.add(broken("limit.disk"))
    told = [asdict(finding) for finding in findings]
    json.dump({**read, "findings": told}, sys.stdout)


def _limit(unpacked_bytes: int, columns: int) -> None:
    limits = {
        resource.RLIMIT_AS: _MEMORY_BYTES + columns * _MEMORY_BYTES_A_COLUMN,
        resource.RLIMIT_FSIZE: _SMALLEST_LIMIT_BYTES + _GROWTH * unpacked_bytes,
        resource.RLIMIT_CPU: _START_SECONDS + unpacked_bytes // _SLOWEST_BYTES_A_SECOND,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        inherited = set(resource.getrlimit(kind)) - {resource.RLIM_INFINITY}
        allowed = min(limit, *inherited) if inherited else limit
        resource.setrlimit(kind, (allowed, allowed))


def _read(
    path: Path, shape: Shape, cells: Path, findings: Findings
) -> dict[str, object]:
    """Write the cells; tell their blocks and the hash of the file's unpacked bytes."""
    with path.open("rb") as file, cells.open("wb") as sink:
        unpacked = Unpacked(file, path.stat().st_size)
        stream = io.BufferedReader(unpacked, 2**20)
        rows = StrictReader(StrictLines(stream, shape, findings), shape).rows()
        blocks = [asdict(block) for block in write_blocks(rows, sink)]
    return {"sha256": unpacked.sha256, "blocks": blocks}


if __name__ == "__main__":
    _main()
