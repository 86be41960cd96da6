"""A map of the world in which places are shaded by a class; beside it must stand a table that says the same.

Shapes: Natural Earth by way of npm's world-atlas (bench/world.py makes `data/world.json` of it), drawn
in the Equal Earth projection (Šavrič, Patterson, Jenny 2018, doi 10.1080/13658816.2018.1504949), in
which a large country looks large because it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import escape

from broadsheet.press.drawing import HOUSE, num, svg, text

_DATA = Path(__file__).parent / "data" / "world.json"
WIDTH = 960.0
_NORTH, _SOUTH = 83.7, -56.0  # the northernmost land; the south of Chile
_A = (1.340264, -0.081106, 0.000893, 0.003796)
LAND = "#e4ded3"  # places of no class


@dataclass(frozen=True, slots=True)
class Shade:
    """A class of places: its key, what the legend says, its colour."""

    key: str
    label: str
    colour: str


def _equal_earth(lon: float, lat: float) -> tuple[float, float]:
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    a1, a2, a3, a4 = _A
    x = (2 * math.sqrt(3) * math.radians(lon) * math.cos(t)) / (
        3 * (9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1)
    )
    return x, a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t


_SCALE = WIDTH / 2 / _equal_earth(180, 0)[0]
_TOP = _equal_earth(0, _NORTH)[1]
HEIGHT = (_TOP - _equal_earth(0, _SOUTH)[1]) * _SCALE


def _at(lon: float, lat: float) -> tuple[float, float]:
    x, y = _equal_earth(lon, max(lat, _SOUTH))
    return x * _SCALE + WIDTH / 2, (_TOP - y) * _SCALE


@cache
def _world() -> tuple[dict[str, str], dict[str, tuple[float, float]]]:
    """The path of each country by its three letters, and the places that are points."""
    kept = json.loads(_DATA.read_text(encoding="utf-8"))
    paths = {
        code: "".join(
            "M" + "L".join(f"{num(x)} {num(y)}" for x, y in (_at(*point) for point in ring)) + "Z"
            for ring in rings
        )
        for code, rings in kept["land"].items()
    }
    return paths, {code: _at(*point) for code, point in kept["points"].items()}


def known(iso3: str) -> bool:
    """Whether the map has this place."""
    paths, points = _world()
    return iso3 in paths or iso3 in points


def world(
    classes: Mapping[str, str],
    shades: Sequence[Shade],
    *,
    names: Mapping[str, str],
    title: str,
    description: str,
    no_class: str,
    home: str = "",
) -> str:
    """The map as SVG. `classes` gives the key of a shade by ISO 3166-1 alpha-3.

    `no_class` is the legend's word for the other places; `home` gets a ring. Places that the map does
    not have are in the table alone.
    """
    by_key = {shade.key: shade for shade in shades}
    legend_y = HEIGHT + 28
    return svg(
        WIDTH,
        HEIGHT + 44,
        title,
        description,
        [*_shapes(classes, by_key, names, home), *_legend(shades, no_class, legend_y)],
    )


def _shapes(
    classes: Mapping[str, str], shades: Mapping[str, Shade], names: Mapping[str, str], home: str
) -> Iterator[str]:
    paths, points = _world()
    edge = f'stroke="{HOUSE.paper}" stroke-width="0.6"'

    def shade(code: str) -> tuple[str, str]:
        found = shades.get(classes.get(code, ""))
        colour, kind = (found.colour, f"shade-{found.key}") if found else (LAND, "land")
        said = f"{names.get(code, code)}: {found.label}" if found else ""
        return f'fill="{colour}" class="{kind}"', f"<title>{escape(said)}</title>" if said else ""

    for code, path in paths.items():
        look, said = shade(code)
        yield f'<path d="{path}" {look} {edge}>{said}</path>'
    for code, (x, y) in points.items():
        if code in classes:  # a point without a class would only be a speck
            look, said = shade(code)
            circle = f'<circle cx="{num(x)}" cy="{num(y)}" r="4.5" {look} stroke="{HOUSE.ink}" '
            yield f'{circle}stroke-width="0.8">{said}</circle>'
    if home in points:
        x, y = points[home]
        yield (
            f'<circle cx="{num(x)}" cy="{num(y)}" r="9" fill="none" stroke="{HOUSE.ink}" '
            'stroke-width="2" class="ring"/>'
        )


def _legend(shades: Sequence[Shade], no_class: str, y: float) -> Iterator[str]:
    x = 8.0
    for shade in (*shades, Shade("", no_class, LAND)):
        kind = f"shade-{shade.key}" if shade.key else "land"
        yield (
            f'<rect x="{num(x)}" y="{num(y - 12)}" width="16" height="16" fill="{shade.colour}" '
            f'stroke="{HOUSE.ink}" stroke-width="0.6" class="{kind}"/>'
        )
        yield text(x + 22, y + 1, shade.label, size=15)
        x += 48 + 7.6 * len(shade.label)
