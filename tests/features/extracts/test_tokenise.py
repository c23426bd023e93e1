"""The child process: what it may use, and what becomes of it when it uses more."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from features.extracts.strict_lines import Shape
from features.extracts.tokenise import Tokens, tokenise
from tests.features.limits import files_of_at_most


SHAPE = Shape("utf-8", ",", 0, ("a", "b"), None, 10_000_000)


def tokens_of(content: bytes, folder: Path, shape: Shape = SHAPE) -> Tokens:
    path = folder / "extract.csv"
    path.write_bytes(content)
    return tokenise(path, shape, folder)


def rules(tokens: Tokens) -> list[str]:
    return [finding.rule for finding in tokens.findings]


def test_cells_are_all_text_with_the_line_their_row_starts_on(tmp_path: Path) -> None:
    tokens = tokens_of(b'b,a\n1,2\n"3\n4",\n05,6\n', tmp_path)

    assert tokens.cells is not None
    assert tokens.cells.to_pydict() == {
        "line": [2, 3, 5],
        "c0": ["2", "", "6"],
        "c1": ["1", "3\n4", "05"],
    }


def test_the_hash_is_of_the_unpacked_content(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n"

    plain = tokens_of(content, tmp_path)
    packed = tokens_of(gzip.compress(content), tmp_path)

    assert plain.sha256 == packed.sha256 != ""


def test_one_column_is_read_as_one(tmp_path: Path) -> None:
    tokens = tokens_of(b"a\n1\n", tmp_path, Shape("utf-8", ",", 0, ("a",), None, 9))

    assert tokens.cells is not None
    assert tokens.cells.to_pydict() == {"line": [2], "c0": ["1"]}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"a,b\n" + b"1,2\n" * 10, "limit.rows"),
        (b"a,b\n1," + b"2" * 2**20 + b"\n", "format.long_line"),
        (b'a,b\n1,"' + b"2\n" * 2**20 + b'"\n', "format.long_line"),
        (b",".join(b"x" for _ in range(100_000)) + b"\n", "header.absent"),
        (b"PAR1" + b"\x15\x00" * 50, "format.nul"),
        (b"\x80\x04\x95.", "format.encoding"),
        (b"\xff\xfea\0,\0b\0", "format.utf_16"),
        (b"\x1f\x8bnot gzip at all", "format.gzip"),
    ],
)
def test_a_hostile_file_stops_the_reader_at_once(
    content: bytes, rule: str, tmp_path: Path
) -> None:
    tokens = tokens_of(content, tmp_path, Shape("utf-8", ",", 0, ("a", "b"), None, 9))

    assert rule in rules(tokens)
    assert tokens.cells is None


def test_a_reader_that_is_killed_is_a_finding(tmp_path: Path) -> None:
    # Two seconds of processor time, for each process: the reader needs more.
    program = (
        "import resource, sys; from pathlib import Path;"
        "from features.extracts.tokenise import tokenise;"
        "from tests.features.extracts.test_tokenise import SHAPE;"
        "hard = resource.getrlimit(resource.RLIMIT_CPU)[1];"
        "resource.setrlimit(resource.RLIMIT_CPU, (2, hard));"
        "path = Path(sys.argv[1]);"
        "print(tokenise(path, SHAPE, path.parent).findings)"
    )
    path = tmp_path / "extract.csv"
    path.write_bytes(b"a,b\n" + b'"1","2"\n' * 3_000_000)

    told = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True
    )

    assert "rule='limit.stopped'" in told.stdout
    assert "got='signal " in told.stdout


def test_a_reader_that_may_write_no_more_is_a_finding(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000

    with files_of_at_most(500_000):
        tokens = tokens_of(content, tmp_path)

    assert rules(tokens) == ["limit.disk"]
    assert tokens.cells is None
