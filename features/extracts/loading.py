"""Loading extracts: each is accepted whole, or leaves the warehouse as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from features.definitions.contracts import Contract
from features.extracts.deliveries import Delivery, misuses, older_than_the_newest
from features.extracts.findings import faults_of, printable
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from features.store.warehouse import Load, Warehouse, Writer


__all__ = ["Delivery", "load_extract"]

# Cells, what does not fit into memory, and the stored tables: each like the file.
_ROOM_NEEDED = 4


def load_extract(
    warehouse: Warehouse, contract: Contract, path: Path, delivery: Delivery
) -> Load:
    """Check an extract against its contract and add what it brings to the warehouse.

    Args:
        warehouse: Written to only if the whole extract is accepted.
        contract: The source's.
        path: A CSV file, plain or gzip.
        delivery: How it came.

    Returns:
        The load; the earlier one if the source was loaded with this very content
        before, whatever the file was called then.

    Raises:
        Misuse: The delivery does not go with the contract, or there is no such file.
        Refusal: The extract is not as the contract says, with every fault found.
    """
    wrong = [*misuses(contract, delivery), *_no_file(path)]
    if wrong:
        raise Misuse(wrong)
    with warehouse.writing() as writer, writer.scratch() as folder:
        refuse_if_any(_lack_of_room(path, folder))
        return _load(warehouse, writer, contract, path, delivery, folder)


def _load(
    warehouse: Warehouse,
    writer: Writer,
    contract: Contract,
    path: Path,
    delivery: Delivery,
    folder: Path,
) -> Load:
    # Arrow and Ibis take seconds to import; the command line also imports this module.
    from features.extracts.acceptance import Acceptance
    from features.extracts.checks import CheckedExtract
    from features.extracts.memory import Memory
    from features.extracts.strict_lines import shape_of
    from features.extracts.tokenise import tokenise

    tokens = tokenise(path, shape_of(contract), folder)
    loads = writer.manifest.loads_of(contract.name)
    for load in loads:
        if load.content_sha256 == tokens.sha256:
            return load
    refuse_if_any(older_than_the_newest(loads, contract, delivery, path.name))
    if tokens.cells is None:
        raise Refusal(faults_of(tokens.findings, path.name))
    with Memory(folder) as memory:
        extract = CheckedExtract(tokens.cells, contract, delivery, memory)
        refuse_if_any(faults_of([*tokens.findings, *extract.findings()], path.name))
        acceptance = Acceptance(warehouse, writer, contract, delivery, extract)
        return acceptance.load(tokens.sha256)


def _no_file(path: Path) -> Iterator[Fault]:
    if not path.is_file():
        do = "name a CSV file, plain or gzip"
        name = printable(path.name)
        yield Fault(name, "the extract must be a file", "no such file", do)


def _lack_of_room(path: Path, folder: Path) -> Iterator[Fault]:
    needed = _ROOM_NEEDED * path.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        yield Fault(
            printable(path.name),
            f"the store's disk must have {needed:,} bytes free",
            f"{free:,}",
            "make room on it, then load again",
            "limit.disk",
        )
