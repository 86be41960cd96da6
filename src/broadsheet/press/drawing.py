"""What charts and maps share: the SVG element for eyes and for screen readers, and the same as PNG.

Colours are attributes, so that a picture looks right in a mail or on its own, and classes, so that a
page's style sheet can change them in the dark: a page's security policy forbids style in elements.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import typst
from markupsafe import escape

from broadsheet.press.house import House, PressError

HOUSE = House()
# Typst brings a serif of its own, so that the PNG has letters on a machine without fonts.
FONT = "Libertinus Serif, Georgia, Noto Serif CJK TC, serif"


def svg(
    width: float,
    height: float,
    title: str,
    description: str,
    parts: Iterable[str],
    *,
    narrow: bool = False,
) -> str:
    """An SVG element of that size, scaled to its place, with its name and description read aloud.

    `narrow`: it may be as small as a phone; others keep a width at which their letters can be read.

    The names of title and description are made from their words: two drawings on one page may not
    share one.
    """
    name = "g" + sha256(f"{title}\0{description}".encode()).hexdigest()[:10]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(width)}" height="{num(height)}" role="img" '
        f'aria-labelledby="{name} {name}d" class="drawing{" narrow" if narrow else ""}">'
        f'<title id="{name}">{escape(title)}</title><desc id="{name}d">{escape(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def num(value: float) -> str:
    """A number as short as SVG takes it, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def text(
    x: float, y: float, words: str, *, size: float = 14, anchor: str = "start", soft: bool = False
) -> str:
    """Words at a place; `anchor` is start, middle or end."""
    colour, kind = (HOUSE.soft, "soft") if soft else (HOUSE.ink, "ink")
    return (
        f'<text x="{num(x)}" y="{num(y)}" font-size="{num(size)}" font-family="{FONT}" '
        f'text-anchor="{anchor}" fill="{colour}" class="{kind}">{escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "") -> str:
    """A thin rule."""
    return (
        f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}" '
        f'stroke="{colour or HOUSE.rule}" class="rule"/>'
    )


def png(drawn: str, *, points: float = 540) -> bytes:
    """The drawing as PNG on the house's paper, at twice `points` wide (for sharp screens).

    Set by Typst, which prints the PDF already and has letters of its own. PressError where it cannot.
    """
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    if size is None:
        raise PressError("This is no drawing of ours", at="png")
    height = points * float(size[2]) / float(size[1])
    source = (
        f'#set page(width: {points}pt, height: {height:.1f}pt, margin: 0pt, fill: rgb("{HOUSE.paper}"))\n'
        '#image("drawing.svg", width: 100%)\n'
    )
    with tempfile.TemporaryDirectory(prefix="broadsheet-png-") as folder:
        (Path(folder) / "drawing.svg").write_text(drawn, encoding="utf-8")
        (Path(folder) / "sheet.typ").write_text(source, encoding="utf-8")
        try:
            made: bytes = typst.compile(
                str(Path(folder) / "sheet.typ"), root=folder, format="png", ppi=144
            )
        except typst.TypstError as error:
            raise PressError("The drawing could not be made into a PNG", at="png") from error
    return made
