"""Keys and anchors, saved and put back by the very commands of docker-compose.yml."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.journeys.composed import ROOT, Stack, made


# The file of each volume that a ledger in use cannot do without.
FILES = {
    *("keys/audit/audit.key", "keys/service/tokens.pub", "keys/tokens/tokens.key"),
    "anchors/anchors.jsonl",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Volumes that a ledger in a file was used with, and the pseudonyms' key."""
    folder = tmp_path_factory.mktemp("keys")
    starter = ROOT / "lamppost" / "starter" / "place"
    stack = made(folder, shutil.copytree(starter, folder / "place"))
    lamppost(stack, "account", "add", "max", "--role", "board", "--no-password")
    lamppost(stack, "token", "max", "--for", "a test")
    key = folder / "saved" / "keys" / "pseudonym" / "pseudonym.key"
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    return stack


def lamppost(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as the jobs do, on a ledger in a file."""
    around = stack.around("jobs")
    around["env"]["LAMPPOST_LEDGER"] = f"sqlite:///{stack.folder / 'ledger.db'}"
    command = stack.command("jobs", *arguments)
    return subprocess.run(
        command, **around, capture_output=True, text=True, check=False
    )


def saved(stack: Stack) -> dict[str, tuple[str, bytes]]:
    """Return the mode and the content of each file of keys and anchors."""
    root = stack.folder / "saved"
    return {
        str(path.relative_to(root)): (stat.filemode(path.stat().st_mode), content)
        for name in ("keys", "anchors")
        for path in sorted((root / name).rglob("*"))
        if path.is_file() and (content := path.read_bytes())
    }


def test_on_a_new_machine_keys_and_anchors_come_back_as_they_were(stack: Stack) -> None:
    before = saved(stack)
    stack.run("backup-keys")
    for name in before:
        (stack.folder / "saved" / name).write_text("what a new machine made itself\n")
    (stack.folder / "saved" / "anchors" / "anchors.jsonl").unlink()
    without = lamppost(stack, "audit", "verify")

    stack.run("restore-keys")

    assert set(before) >= FILES | {"keys/pseudonym/pseudonym.key"}
    assert saved(stack) == before
    assert without.returncode != 0
    assert '"whole"' in lamppost(stack, "audit", "verify", "--json").stdout


def test_nobody_else_on_the_machine_can_read_the_saved_keys(stack: Stack) -> None:
    stack.run("backup-keys")

    folder = dict(stack.mounts("backup-keys"))["/backups"]
    archive = Path(folder) / "keys.tar.gz"
    assert stat.filemode(archive.stat().st_mode) == "-rw-------"
