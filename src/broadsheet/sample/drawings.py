"""The pictures of the sample month: flat landscapes and buildings, drawn from a few shapes.

Our own work, given to the public domain (CC0 1.0). Nobody is in them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 800, 450
FINER = 2  # drawn at twice the size and averaged, so that edges are smooth

Colour = tuple[int, int, int]
_SKY, _PALE, _SEA, _DEEP = (205, 222, 232), (238, 236, 226), (96, 140, 158), (44, 82, 104)
_GREEN, _HILL, _EARTH, _BRICK = (120, 148, 104), (84, 116, 92), (196, 150, 108), (158, 82, 60)
_STONE, _GREY, _DARK, _WHITE = (214, 206, 190), (150, 154, 160), (62, 66, 76), (248, 248, 244)
_PINK, _BROWN, _YELLOW = (214, 160, 152), (150, 124, 92), (236, 200, 120)


class Canvas:
    """A picture in the making. Measures are in pixels of the finished picture."""

    def __init__(self, sky: Colour = _SKY) -> None:
        self.pixels: NDArray[np.uint8] = np.full(
            (HEIGHT * FINER, WIDTH * FINER, 3), sky, dtype=np.uint8
        )
        grid = np.mgrid[0 : HEIGHT * FINER, 0 : WIDTH * FINER] / FINER
        self._y: NDArray[np.float64] = grid[0]
        self._x: NDArray[np.float64] = grid[1]

    def box(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        inside = (self._x >= x) & (self._x < x + wide) & (self._y >= y) & (self._y < y + high)
        self.pixels[inside] = colour

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.pixels[(self._x - x) ** 2 + (self._y - y) ** 2 < radius**2] = colour

    def shape(self, corners: list[tuple[float, float]], colour: Colour) -> None:
        """A polygon, by the even-odd rule."""
        inside = np.zeros(self._x.shape, dtype=bool)
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
            if y1 == y2:
                continue
            crosses = (self._y >= min(y1, y2)) & (self._y < max(y1, y2))
            inside ^= crosses & (self._x < x1 + (self._y - y1) * (x2 - x1) / (y2 - y1))
        self.pixels[inside] = colour

    def windows(
        self, x: float, y: float, columns: int, rows: int, step: float, colour: Colour
    ) -> None:
        for column in range(columns):
            for row in range(rows):
                self.box(x + column * step, y + row * step, step * 0.45, step * 0.5, colour)

    def png(self) -> bytes:
        """The picture as a PNG file (RGB, 8 bits)."""
        blocks = self.pixels.reshape(HEIGHT, FINER, WIDTH, FINER, 3).mean(axis=(1, 3))
        flat = np.round(blocks).astype(np.uint8)
        lines = b"".join(b"\0" + line.tobytes() for line in flat)
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
        out = b"\x89PNG\r\n\x1a\n"
        for kind, body in parts:
            check = zlib.crc32(kind + body)
            out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
        return out


def _river() -> Canvas:
    c = Canvas()
    c.shape([(0, 190), (180, 110), (380, 180), (560, 100), (800, 190), (800, 260), (0, 260)], _HILL)
    c.box(0, 230, 800, 30, _GREEN)
    for x, wide in ((60, 150), (240, 190), (470, 130), (630, 120)):
        c.box(x, 196, wide, 40, _GREY)
        c.box(x, 188, wide, 10, _DARK)
        c.windows(x + 10, 206, int(wide // 22), 1, 22, _DARK)
    c.box(0, 258, 800, 192, _BROWN)
    for y in (290, 330, 380):
        c.box(60, y, 240, 4, _EARTH)
        c.box(420, y + 16, 260, 4, _EARTH)
    return c


def _hall() -> Canvas:
    c = Canvas()
    c.box(0, 330, 800, 120, _GREEN)
    c.disc(400, 420, 300, _STONE)
    c.box(0, 330, 800, 120, _GREEN)
    c.box(100, 250, 600, 90, _PALE)
    for x in range(125, 660, 90):
        c.box(x, 275, 50, 65, _DARK)
    return c


def _harbour() -> Canvas:
    c = Canvas()
    c.shape(
        [
            (0, 250),
            (140, 150),
            (300, 230),
            (460, 120),
            (640, 220),
            (800, 150),
            (800, 320),
            (0, 320),
        ],
        _HILL,
    )
    for x, high, colour in (
        (40, 150, _GREY), (110, 210, _STONE), (180, 170, _PINK), (260, 250, _GREY), (340, 190, _STONE),
        (420, 270, _DARK), (500, 180, _PALE), (570, 230, _GREY), (650, 160, _PINK), (720, 200, _STONE),
    ):  # fmt: skip
        c.box(x, 330 - high, 58, high, colour)
        c.windows(
            x + 8, 345 - high, 3, int((high - 25) // 18), 18, _YELLOW if high > 200 else _WHITE
        )
    c.box(0, 330, 800, 120, _SEA)
    c.shape([(250, 370), (520, 370), (490, 405), (280, 405)], _HILL)
    c.box(300, 340, 170, 30, _WHITE)
    c.windows(312, 347, 7, 1, 22, _DEEP)
    return c


def _court() -> Canvas:
    c = Canvas()
    c.box(0, 370, 800, 80, _STONE)
    for step in range(4):
        c.box(160 - step * 20, 330 + step * 14, 480 + step * 40, 14, _PALE if step % 2 else _WHITE)
    c.box(180, 190, 440, 140, _PALE)
    for x in range(200, 620, 66):
        c.box(x, 190, 26, 140, _WHITE)
    c.box(374, 240, 52, 90, _DARK)
    c.shape([(150, 190), (400, 90), (650, 190)], _WHITE)
    c.shape([(230, 178), (400, 110), (570, 178)], _STONE)
    return c


def _airport() -> Canvas:
    c = Canvas()
    c.box(0, 340, 800, 110, _GREY)
    c.disc(320, 520, 330, _WHITE)
    c.box(0, 340, 800, 110, _GREY)
    for x in range(110, 540, 40):
        c.box(x, 280, 26, 60, _SEA)
    c.box(640, 130, 34, 210, _STONE)
    c.shape([(610, 90), (704, 90), (684, 140), (630, 140)], _DARK)
    c.box(60, 400, 680, 8, _WHITE)
    return c


def _estate() -> Canvas:
    c = Canvas()
    for x, high, colour in (
        (90, 300, _PINK),
        (230, 340, _GREY),
        (370, 310, _PINK),
        (510, 350, _STONE),
        (640, 290, _GREY),
    ):
        c.box(x, 390 - high, 110, high, colour)
        c.windows(x + 12, 405 - high, 4, int((high - 40) // 24), 24, _DARK)
    c.box(0, 380, 800, 70, _GREEN)
    for x in range(20, 800, 70):
        c.disc(x, 375, 32, _HILL)
    return c


def _bank() -> Canvas:
    c = Canvas()
    c.box(0, 380, 800, 70, _GREY)
    c.box(190, 100, 420, 280, _STONE)
    c.box(170, 80, 460, 26, _PALE)
    c.windows(220, 210, 4, 3, 52, _DARK)
    c.windows(420, 210, 4, 3, 52, _DARK)
    c.box(345, 255, 110, 125, _STONE)
    c.box(365, 270, 70, 110, _BROWN)
    c.disc(400, 160, 36, _WHITE)
    c.box(398, 134, 4, 28, _DARK)
    c.box(398, 158, 22, 4, _DARK)
    return c


def _vessel() -> Canvas:
    c = Canvas((196, 204, 210))
    c.box(0, 310, 800, 140, _SEA)
    c.shape([(120, 250), (720, 230), (640, 340), (180, 340)], _DEEP)
    c.box(200, 170, 150, 82, _WHITE)
    c.windows(212, 190, 5, 1, 26, _DARK)
    c.box(440, 110, 8, 136, _DARK)
    c.shape([(444, 112), (640, 228), (634, 232), (444, 122)], _DARK)
    c.box(0, 336, 800, 114, _SEA)
    return c


def _port() -> Canvas:
    c = Canvas()
    c.box(0, 340, 800, 110, _SEA)
    c.box(0, 320, 800, 30, _GREY)
    for row in range(3):
        for column in range(9 - row * 2):
            colour = (_BRICK, _DEEP, _HILL, _EARTH)[(row + column) % 4]
            c.box(40 + column * 64 + row * 64, 282 - row * 38, 60, 36, colour)
    for x in (520, 660):
        c.box(x, 80, 12, 240, _BRICK)
        c.box(x + 70, 80, 12, 240, _BRICK)
        c.box(x - 120, 80, 240, 12, _BRICK)
    return c


def _kiln() -> Canvas:
    c = Canvas(_PALE)
    c.box(0, 300, 800, 150, _EARTH)
    c.shape([(370, 300), (390, 60), (430, 60), (450, 300)], _BRICK)
    c.shape([(250, 310), (300, 250), (520, 250), (570, 310)], _BROWN)
    for row in range(3):
        for column in range(11 - row):
            c.box(60 + column * 62 + row * 31, 400 - row * 26, 56, 22, _BRICK)
    return c


def _farm() -> Canvas:
    c = Canvas((214, 218, 220))
    c.box(0, 250, 800, 200, _GREEN)
    for row in range(3):
        y = 230 + row * 62
        for x in range(60 - row * 30, 760, 180):
            c.shape(
                [(x, y + 40), (x, y + 12), (x + 80, y - 14), (x + 160, y + 12), (x + 160, y + 40)],
                _WHITE,
            )
            c.box(x + 78, y - 10, 4, 50, _GREY)
    return c


def _hotel() -> Canvas:
    c = Canvas((232, 214, 196))
    c.box(0, 330, 800, 120, _GREY)
    c.box(0, 380, 800, 6, _YELLOW)
    c.box(90, 230, 520, 100, _PALE)
    c.box(80, 214, 540, 18, _BRICK)
    for x in range(115, 590, 80):
        c.box(x, 262, 24, 68, _DARK)
        c.box(x + 32, 268, 26, 26, _SEA)
    c.box(680, 120, 12, 210, _DARK)
    c.box(630, 90, 120, 64, _BRICK)
    c.disc(690, 122, 20, _YELLOW)
    return c


DRAWINGS: dict[str, Callable[[], Canvas]] = {
    "river.png": _river,
    "hall.png": _hall,
    "harbour.png": _harbour,
    "court.png": _court,
    "airport.png": _airport,
    "estate.png": _estate,
    "bank.png": _bank,
    "vessel.png": _vessel,
    "port.png": _port,
    "kiln.png": _kiln,
    "farm.png": _farm,
    "hotel.png": _hotel,
}
