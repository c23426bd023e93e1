"""Documents: headings, sentences, lists and tables, as Markdown and as one HTML page.

Only the standard library. The page needs no script and no other file, and holds no
style attribute, so that the strictest content policy shows it whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table: what its columns are called, and its cells, row by row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = str | Bullets | Grid


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it, and what part of a standard it answers.

    Attributes:
        parts: In order; an empty list or table is left out.
        item: Such as "TRIPOD+AI 8"; may be empty.
    """

    title: str
    parts: tuple[Part, ...]
    item: str = ""


@dataclass(frozen=True)
class Document:
    """A title and its sections."""

    title: str
    sections: tuple[Section, ...]


def as_markdown(document: Document) -> str:
    r"""Return a document as Markdown.

    >>> page = Document("A <b> card", (Section("Why", ("To *show*.",), "item 3"),))
    >>> print(as_markdown(page))
    # A \<b\> card
    <BLANKLINE>
    ## Why (item 3)
    <BLANKLINE>
    To \*show\*.
    <BLANKLINE>
    """
    blocks = [f"# {_plain(document.title)}"]
    for section in document.sections:
        item = f" ({section.item})" if section.item else ""
        blocks.append(f"## {_plain(section.title)}{item}")
        blocks += [_block(part) for part in _told(section)]
    return "\n\n".join(blocks) + "\n"


def as_html(document: Document) -> str:
    """Return a document as one page that stands by itself."""
    title = escape(document.title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style></head>",
            f"<body><main><h1>{title}</h1>",
            *(line for section in document.sections for line in _html(section)),
            "</main></body></html>\n",
        ]
    )


def _told(section: Section) -> Iterator[Part]:
    for part in section.parts:
        if isinstance(part, str) or (
            part.items if isinstance(part, Bullets) else part.rows
        ):
            yield part


def _block(part: Part) -> str:
    if isinstance(part, str):
        return _plain(part)
    if isinstance(part, Bullets):
        return "\n".join(f"- {_plain(item)}" for item in part.items)
    rule = tuple("---" for _ in part.columns)
    rows = (tuple(map(_plain, row)) for row in (part.columns, *part.rows))
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([lines[0], f"|{'|'.join(rule)}|", *lines[1:]])


def _plain(text: str) -> str:
    r"""Return a text that Markdown shows as it stands, on one line.

    >>> print(_plain("a_b | <i> *c* _d_"))
    a_b \| \<i\> \*c\* \_d\_
    """
    one_line = " ".join(text.split())
    return re.sub(r"[\\`*\[\]<>|]|(?<!\w)_|_(?!\w)", r"\\\g<0>", one_line)


def _html(section: Section) -> Iterator[str]:
    item = f" <small>{escape(section.item)}</small>" if section.item else ""
    yield f"<section><h2>{escape(section.title)}{item}</h2>"
    for part in _told(section):
        if isinstance(part, str):
            yield f"<p>{escape(part)}</p>"
        elif isinstance(part, Bullets):
            yield f"<ul>{''.join(f'<li>{escape(i)}</li>' for i in part.items)}</ul>"
        else:
            yield from _html_table(part)
    yield "</section>"


def _html_table(grid: Grid) -> Iterator[str]:
    yield "<table>"
    yield f"<thead><tr>{_cells(grid.columns, 'th', 'col')}</tr></thead><tbody>"
    for first, *rest in grid.rows:
        yield f"<tr>{_cells([first], 'th', 'row')}{_cells(rest, 'td', '')}</tr>"
    yield "</tbody></table>"


def _cells(texts: Sequence[str], tag: str, scope: str) -> str:
    opened = f'{tag} scope="{scope}"' if scope else tag
    return "".join(f"<{opened}>{escape(text)}</{tag}>" for text in texts)


_STYLE = (
    "body{font:1rem/1.5 sans-serif;color:#0b0c0c;background:#fff;margin:0}"
    "main{max-width:60rem;margin:0 auto;padding:1rem}"
    "h1,h2{line-height:1.2}h2{border-top:1px solid #b1b4b6;padding-top:1rem}"
    "h2 small{font-weight:normal;color:#505a5f}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border-bottom:1px solid #b1b4b6;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}tbody th{font-weight:normal}"
    "@media print{main{max-width:none}section{break-inside:avoid-page}}"
)
