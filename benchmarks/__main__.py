"""`python -m benchmarks NAME [ARGS]`: make one of the README's figures.

The last line on stdout is one JSON object; the exit status is 1 if a target is missed
or data are refused, 2 if the call cannot be meant.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from features.faults import Misuse, Refusal


# What makes a module a benchmark, and not a part of one.
_RUNS = "\ndef run(arguments"


def main(arguments: list[str]) -> int:
    """Run the benchmark that the first argument names and return the exit status."""
    beside = sorted(Path(__file__).parent.glob("*.py"))
    known = [path.stem for path in beside if _RUNS in path.read_text()]
    if not arguments or arguments[0] not in known:
        print(f"usage: python -m benchmarks {{{','.join(known)}}} ...", file=sys.stderr)
        return 2
    try:
        module = importlib.import_module(f"benchmarks.{arguments[0]}")
        report = module.run(arguments[1:])
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2 if isinstance(refusal, Misuse) else 1
    print(report.as_json())
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
