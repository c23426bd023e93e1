"""Drawing: panels with axes, lines and dots, as SVG text.

Only the standard library: a picture costs milliseconds, where starting a charting
library costs a training run seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape


# By Okabe and Ito (2008): told apart by colour-blind readers too.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
INK = "#00625e"
GREY = "#767676"

_FONT = "font-family='Helvetica, Arial, sans-serif' font-size='11' fill='#222222'"
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 20, 26, 40
_LINE = 15
_STEPS = (1, 2, 2.5, 5, 10)

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """What one direction of a panel means.

    Attributes:
        low: Where it begins.
        high: Where it ends; a little is added if that is not above `low`.
        title: What is counted along it.
        is_share: It is worded in percent.
        labels: Names at 0, 1, 2 ... in place of numbers.
    """

    low: float
    high: float
    title: str = ""
    is_share: bool = False
    labels: tuple[str, ...] = ()

    @classmethod
    def around(
        cls, values: Iterable[float], title: str = "", *, is_share: bool = False
    ) -> Axis:
        """Return an axis that all of the values lie on."""
        found = [value for value in values if math.isfinite(value)]
        low, high = min(found, default=0.0), max(found, default=1.0)
        return cls(low, high, title, is_share)

    @classmethod
    def of_names(cls, names: Sequence[str], title: str = "") -> Axis:
        """Return an axis with a place for each name."""
        return cls(-0.5, len(names) - 0.5, title, labels=tuple(names))

    @property
    def span(self) -> float:
        """How far it reaches; never 0."""
        return self.high - self.low if self.high > self.low else 1.0

    def ticks(self, about: int = 5) -> list[tuple[float, str]]:
        """Return round places along it, each with its words.

        >>> Axis(0.0, 0.31, is_share=True).ticks()
        [(0.0, '0%'), (0.1, '10%'), (0.2, '20%'), (0.3, '30%')]
        """
        if self.labels:
            return [(float(n), label) for n, label in enumerate(self.labels)]
        rough = self.span / about
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * each for each in _STEPS if size * each >= rough * 0.999)
        first, last = math.ceil(self.low / step), self.low + self.span * 1.0001
        count = int((last - first * step) // step) + 1
        places = [float(f"{(first + n) * step:.10g}") for n in range(count)]
        return [(place, self._words(place)) for place in places]

    def _words(self, place: float) -> str:
        return f"{place * 100:.6g}%" if self.is_share else f"{place:.6g}"


@dataclass(frozen=True)
class Panel:
    """One picture with two axes.

    Attributes:
        title: Above it.
        x: From left to right.
        y: From the bottom up.
        width: Of the inside, in pixels; `height` likewise.
        marks: What was drawn into it, as SVG.
        left: Room for the words of the axis on the left.
    """

    title: str
    x: Axis
    y: Axis
    width: int = 280
    height: int = 180
    marks: tuple[str, ...] = ()
    left: int = _LEFT

    def with_marks(self, *marks: str) -> Panel:
        """Return the panel with more drawn into it."""
        return replace(self, marks=(*self.marks, *marks))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height with everything around it."""
        return self.left + self.width + _RIGHT, _TOP + self.height + _BOTTOM

    def at(self, point: Point) -> str:
        """Return where a point lies, as SVG writes it."""
        across = (point[0] - self.x.low) / self.x.span * self.width
        up = (point[1] - self.y.low) / self.y.span * self.height
        return f"{self.left + across:.1f},{_TOP + self.height - up:.1f}"

    def line(
        self, points: Iterable[Point], colour: str = INK, *, dashed: bool = False
    ) -> str:
        """Return a line through points."""
        dash = " stroke-dasharray='4 4'" if dashed else ""
        places = " ".join(map(self.at, points))
        look = f"fill='none' stroke='{colour}' stroke-width='1.5'{dash}"
        return f"<polyline points='{places}' {look}/>"

    def dots(self, points: Iterable[Point], colour: str = INK, size: float = 6) -> str:
        """Return round dots, `size` pixels across."""
        # A line of no length with round ends: a few letters a dot.
        path = "".join(f"M{self.at(point)}h0" for point in points)
        look = f"stroke='{colour}' stroke-width='{size:g}' stroke-linecap='round'"
        return f"<path d='{path}' {look}/>"

    def box(self, corner: Point, opposite: Point, colour: str, words: str = "") -> str:
        """Return a filled box between two corners, with words for who points at it."""
        (x, y), (u, v) = self._place(corner), self._place(opposite)
        place = f"x='{min(x, u):.1f}' y='{min(y, v):.1f}'"
        size = f"width='{abs(x - u):.1f}' height='{abs(y - v):.1f}'"
        inside = f"<title>{escape(words)}</title>" if words else ""
        return f"<rect {place} {size} fill='{colour}'>{inside}</rect>"

    def drawn(self) -> str:
        """Return it as SVG, at the origin."""
        return "".join([*self._frame(), *self.marks])

    def _place(self, point: Point) -> tuple[float, float]:
        across, _, down = self.at(point).partition(",")
        return float(across), float(down)

    def _frame(self) -> Iterator[str]:
        bottom, right = _TOP + self.height, self.left + self.width
        middle = self.left + self.width / 2
        yield _text(middle, _TOP - 10, self.title, "text-anchor='middle' class='b'")
        yield _text(middle, bottom + 33, self.x.title, "text-anchor='middle'")
        centre = _TOP + self.height / 2
        turned = f"text-anchor='middle' transform='rotate(-90 12 {centre:g})'"
        yield _text(12, centre, self.y.title, turned)
        for place, words in self.x.ticks(max(3, self.width // 56)):
            across, _ = self._place((place, self.y.low))
            yield _rule(across, _TOP, across, bottom)
            yield _text(across, bottom + 14, _short(words), "text-anchor='middle'")
        for place, words in self.y.ticks(max(3, self.height // 36)):
            _, down = self._place((self.x.low, place))
            yield _rule(self.left, down, right, down)
            yield _text(self.left - 5, down + 4, words, "text-anchor='end'")


def page(panels: Sequence[Panel], *, title: str, columns: int = 1) -> str:
    """Return panels beside and below each other as one SVG."""
    wide = max(panel.size[0] for panel in panels)
    high = max(panel.size[1] for panel in panels)
    across, down = min(columns, len(panels)), math.ceil(len(panels) / columns)
    moved = [
        f"<g transform='translate({n % columns * wide} {n // columns * high})'>"
        f"{panel.drawn()}</g>"
        for n, panel in enumerate(panels)
    ]
    size = f"width='{across * wide}' height='{down * high}'"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' role='img' {size} {_FONT}>"
        f"<title>{escape(title)}</title><style>.b{{font-weight:bold}}</style>"
        f"<rect {size} fill='white'/>{''.join(moved)}</svg>"
    )


def legend(
    panel: Panel, names: Sequence[str], colours: Sequence[str], *, at_top: bool
) -> list[str]:
    """Return what each colour means, for a corner on the right of a panel."""
    first = _TOP + _LINE
    if not at_top:
        first = _TOP + panel.height + _LINE // 2 - len(names) * _LINE
    place = f"x='{panel.left + panel.width - 6}' text-anchor='end' class='b'"
    return [
        f"<text y='{first + n * _LINE}' fill='{colour}' {place}>{escape(name)}</text>"
        for n, (name, colour) in enumerate(zip(names, colours, strict=True))
    ]


def _text(x: float, y: float, words: str, more: str) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{escape(words)}</text>"


def _rule(x: float, y: float, u: float, v: float) -> str:
    place = f"x1='{x:.1f}' y1='{y:.1f}' x2='{u:.1f}' y2='{v:.1f}'"
    return f"<line {place} stroke='#dddddd'/>"


def _short(words: str, most: int = 12) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
