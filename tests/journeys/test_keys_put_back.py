"""Keys and anchors, saved and put back by the very commands of docker-compose.yml."""

from __future__ import annotations

import re
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
# How the guide's line that saves the anchors ends.
ANCHORS_SAVED = "--directory=/saved/anchors .'"


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
    stack.typed(guide(ANCHORS_SAVED))

    folder = Path(dict(stack.mounts("backup-keys"))["/backups"])
    for archive in ("keys.tar.gz", "anchors.tar"):
        mode = (folder / archive).stat().st_mode
        assert stat.filemode(mode) == "-rw-------", archive


def guide(contains: str) -> str:
    """Return the one line to type that the guide has about something."""
    text = (ROOT / "docs" / "deploy.md").read_text()
    found = re.findall(r"docker compose run --rm --entrypoint [^`\n]+", text)
    [line] = [line for line in found if line.endswith(contains)]
    return line


def test_a_key_is_changed_by_what_the_guide_types(stack: Stack) -> None:
    keys = stack.folder / "saved" / "keys"
    service_key = keys / "service" / "service.key"
    service_key.write_text(f"{'0a' * 32}\n")

    stack.typed(guide(">> /keys/audit/audit.key'"))
    stack.typed(guide("jobs /keys/service/service.key"))
    stack.typed(guide("jobs /keys/tokens/tokens.key"))
    lamppost(stack, "token", "max", "--for", "another test")

    assert len((keys / "audit" / "audit.key").read_text().split()) == 2
    assert '"whole"' in lamppost(stack, "audit", "verify", "--json").stdout
    assert not service_key.exists()
    assert len((keys / "service" / "tokens.pub").read_text().split()) == 2

    stack.typed(guide("/keys/tokens/tokens.key /keys/service/tokens.pub"))
    lamppost(stack, "token", "max", "--for", "a third test")

    assert len((keys / "service" / "tokens.pub").read_text().split()) == 1


def test_the_newest_copy_of_the_anchors_takes_the_place_of_those_that_were_saved(
    stack: Stack,
) -> None:
    stack.run("backup-keys")
    anchors = stack.folder / "saved" / "anchors"
    (anchors / "tombstones").mkdir()
    (anchors / "tombstones" / "newer.json").write_text("{}")
    (anchors / "anchors.jsonl").write_text("newer\n")
    stack.typed(guide(ANCHORS_SAVED))
    shutil.rmtree(anchors / "tombstones")

    stack.run("restore-keys")
    stack.typed(guide("--directory=/saved/anchors"))

    assert (anchors / "anchors.jsonl").read_text() == "newer\n"
    assert (anchors / "tombstones" / "newer.json").read_text() == "{}"
