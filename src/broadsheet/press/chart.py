"""Charts as SVG, drawn by hand: a line over the years with its gaps, bars, columns over time.

A chart never stands alone: beside it is a table with the same figures, which its caller prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import escape

from broadsheet.press.drawing import HOUSE, line, num, svg, text

# So narrow that a phone of 390 pixels shows the whole of it with letters of 11 pixels.
WIDTH = 440.0
BAR = "#8f2419"


@dataclass(frozen=True, slots=True)
class Point:
    """A year of a line. `level` counts from 0 at the top; None is a gap. `sure`: the mark is filled."""

    label: str
    level: int | None
    sure: bool = True
    says: str = ""


def steps(points: Sequence[Point], levels: Sequence[str], *, title: str, description: str) -> str:
    """A line that moves between named levels. It breaks at a gap: nothing is drawn where nothing is known."""
    left, right, top, row = 140.0, 16.0, 16.0, 38.0
    bottom = top + row * (len(levels) - 1)
    step = (WIDTH - left - right) / max(1, len(points) - 1)

    def at(index: int) -> float:
        return left + index * step

    def y(level: int) -> float:
        return top + level * row

    def drawn() -> Iterator[str]:
        for level, name in enumerate(levels):
            yield line(left - 8, y(level), WIDTH - right + 8, y(level))
            yield text(left - 18, y(level) + 5, name, anchor="end")
        yield from _line(points, at, y)
        for index, point in enumerate(points):
            if point.level is None:
                middle = at(index)
                yield (
                    f'<rect x="{num(middle - step / 2 + 1)}" y="{num(top - 10)}" '
                    f'width="{num(step - 2)}" height="{num(bottom - top + 20)}" '
                    f'fill="{HOUSE.ground}" class="gap"><title>{escape(point.says)}</title></rect>'
                )
                yield text(middle, (top + bottom) / 2 + 4, "?", size=12, anchor="middle", soft=True)
                continue
            fill, kind = (BAR, "mark") if point.sure else (HOUSE.paper, "mark open")
            yield (
                f'<circle cx="{num(at(index))}" cy="{num(y(point.level))}" r="4.5" fill="{fill}" '
                f'stroke="{BAR}" stroke-width="2" class="{kind}"><title>{escape(point.says)}</title></circle>'
            )
        every = 1 if step >= 34 else 2 if step >= 17 else 5
        for index, point in enumerate(points):
            if (len(points) - 1 - index) % every == 0:
                yield text(at(index), bottom + 32, point.label, size=13, anchor="middle")

    return svg(WIDTH, bottom + 42, title, description, drawn(), narrow=True)


def _line(
    points: Sequence[Point], at: Callable[[int], float], y: Callable[[int], float]
) -> Iterator[str]:
    for index, (one, after) in enumerate(pairwise(points)):
        if one.level is not None and after.level is not None:
            middle = (at(index) + at(index + 1)) / 2
            yield (
                f'<path d="M{num(at(index))} {num(y(one.level))}H{num(middle)}V{num(y(after.level))}'
                f'H{num(at(index + 1))}" fill="none" stroke="{BAR}" stroke-width="2.5" class="way"/>'
            )


def bars(rows: Sequence[tuple[str, int]], *, title: str, description: str) -> str:
    """Lying bars, one for each row, with its label above and its count behind."""
    left, row, right = 2.0, 42.0, 64.0
    most = max((count for _, count in rows), default=0) or 1

    def drawn() -> Iterator[str]:
        for index, (label, count) in enumerate(rows):
            y = 4 + index * row
            long = (WIDTH - left - right) * count / most
            yield text(left, y + 13, _short(label))
            yield (
                f'<rect x="{num(left)}" y="{num(y + 18)}" width="{num(max(long, 1))}" height="14" '
                f'fill="{BAR}" class="bar"><title>{escape(f"{label}: {count}")}</title></rect>'
            )
            yield text(left + max(long, 1) + 6, y + 30, f"{count:,}")

    return svg(WIDTH, 4 + row * max(1, len(rows)), title, description, drawn(), narrow=True)


def columns(rows: Sequence[tuple[str, int]], *, title: str, description: str) -> str:
    """Standing columns in the order of time. Labels are left out where they would run into each other."""
    top, high, left = 26.0, 150.0, 4.0
    most = max((count for _, count in rows), default=0) or 1
    step = (WIDTH - 2 * left) / max(1, len(rows))
    wide = max(1.0, min(60.0, step - 3))

    def drawn() -> Iterator[str]:
        longest = max((len(label) for label, _ in rows), default=1)
        every = max(1, -int(-(longest * 7.5 + 8) // step))
        yield line(left, top + high, WIDTH - left, top + high)
        for index, (label, count) in enumerate(rows):
            middle = left + (index + 0.5) * step
            tall = high * count / most
            yield (
                f'<rect x="{num(middle - wide / 2)}" y="{num(top + high - tall)}" width="{num(wide)}" '
                f'height="{num(tall)}" fill="{BAR}" class="bar">'
                f"<title>{escape(f'{label}: {count}')}</title></rect>"
            )
            if step >= 22:
                yield text(middle, top + high - tall - 6, f"{count:,}", size=12, anchor="middle")
            if (len(rows) - 1 - index) % every == 0:
                yield text(middle, top + high + 20, label, size=13, anchor="middle")

    return svg(WIDTH, top + high + 32, title, description, drawn(), narrow=True)


def _short(label: str) -> str:
    return label if len(label) <= 56 else label[:55].rstrip() + "…"
