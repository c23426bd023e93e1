"""The files that pages load, served from memory to anyone, and kept by browsers."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from features.faults import Fault, Refusal
from serving.assets.built import BUILT


# What begins so needs no sign-in: nothing in these files is about anyone.
STATIC_PATH = "/static/"

# Only these are served, whatever else lies in the folder.
_MEDIA_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.mjs": "text/javascript; charset=utf-8",
    "govuk-frontend.min.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}
_KEPT_FOR_A_YEAR = {"cache-control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class Assets:
    """The files as they were when the service started.

    Attributes:
        version: Stands in every address; another content has another address, so a
            browser may keep what it has for as long as it likes.
        contents: By name.
    """

    version: str
    contents: Mapping[str, bytes]

    def path(self, name: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: There is no such file.
        """
        if name not in self.contents:
            raise KeyError(name)
        return f"{STATIC_PATH}{self.version}/{name}"


def read_assets(folder: Path = BUILT) -> Assets:
    """Read the files that pages load.

    Args:
        folder: Where they were made.

    Raises:
        Refusal: They have not been made.
    """
    absent = [name for name in _MEDIA_TYPES if not (folder / name).is_file()]
    if absent:
        what, do = "pages need it", "run: python -m serving.assets.build"
        where = f"{folder.parent.name}/{folder.name}"
        raise Refusal(
            [Fault(f"{where}/{name}", what, "no file", do) for name in absent]
        )
    contents = {name: (folder / name).read_bytes() for name in _MEDIA_TYPES}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return Assets(digest.hexdigest()[:16], contents)


@functools.cache
def assets() -> Assets:
    """Return the files, read once a process.

    Raises:
        Refusal: They have not been made.
    """
    return read_assets()


router = APIRouter(include_in_schema=False)


@router.get(STATIC_PATH + "{version}/{name}")
def asset(version: str, name: str) -> Response:
    """Serve one of the files; those of another version are not here any more."""
    served = assets()
    if version != served.version or name not in served.contents:
        raise HTTPException(404)
    media_type = _MEDIA_TYPES[name]
    return Response(
        served.contents[name], headers=_KEPT_FOR_A_YEAR, media_type=media_type
    )
