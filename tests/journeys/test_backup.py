"""The very script of the backup, while somebody writes to what it saves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.composed import ROOT, Stack, made


# GNU tar, of which a file that changes meanwhile, or goes, makes this status.
CHANGED = 1
TAR = f"""#!/bin/sh
if flock --nonblock --exclusive STORE/lock true; then echo free >> TRIES.free; fi
echo >> TRIES
{shutil.which("tar")} "$@" || exit
[ "$(wc -l < TRIES)" -gt CHANGES ] || exit {CHANGED}
"""
PG_DUMP = """#!/bin/sh
for each; do case "$each" in --file=*) echo dump > "${each#--file=}";; esac; done
"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    stack = made(tmp_path, ROOT / "lamppost" / "starter" / "place")
    for name in ("store", "mlflow"):
        (tmp_path / "saved" / name).mkdir(parents=True)
    (tmp_path / "saved" / "store" / "lock").touch()
    return stack


def backup(stack: Stack, changes: int) -> tuple[subprocess.CompletedProcess[str], int]:
    """Save while so many times a file changes; says how often it was read too."""
    tries, around = stack.folder / "tries", stack.around("backup")
    named = {"STORE": stack.folder / "saved" / "store", "TRIES": tries}
    text = TAR.replace("CHANGES", str(changes))
    for name, here in named.items():
        text = text.replace(name, str(here))
    programs = stack.folder / "programs"
    programs.mkdir()
    for name, content in (("tar", text), ("pg_dump", PG_DUMP), ("sleep", "#!/bin/sh")):
        (programs / name).write_text(content)
        (programs / name).chmod(0o755)
    around["env"]["PATH"] = f"{programs}:{around['env']['PATH']}"
    done = subprocess.run(
        stack.command("backup"), **around, capture_output=True, text=True, check=False
    )
    return done, len(tries.read_text().splitlines())


@pytest.mark.parametrize("changes", [0, 2])
def test_what_changes_while_it_is_read_is_read_again(
    stack: Stack, changes: int
) -> None:
    done, times = backup(stack, changes)

    assert done.returncode == 0, done.stderr
    assert times == changes + 1
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=done.stdout.strip(), check=False).returncode == 0


def test_what_never_stands_still_is_not_called_a_backup(stack: Stack) -> None:
    done, times = backup(stack, 99)

    assert (done.returncode, times) == (CHANGED, 5)
    assert "run it again" in done.stderr
    assert done.stdout == ""


def test_nobody_changes_the_store_while_it_is_read(stack: Stack) -> None:
    backup(stack, 1)

    assert not (stack.folder / "tries.free").exists()
