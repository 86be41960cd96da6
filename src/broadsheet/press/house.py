"""The house style of an organisation: a few settings, checked when they are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

from broadsheet.wire.errors import WireError

# WCAG 2.2, 1.4.3: text on its ground, at least 4.5 to 1
CONTRAST = 4.5
# Every pair of colours in which words are printed: which, and on what.
PAIRS = (
    ("ink", "paper"),
    ("soft", "paper"),
    ("accent", "paper"),
    ("soft", "ground"),
    ("accent", "ground"),
    ("night_ink", "night"),
    ("night_soft", "night"),
    ("night_accent", "night"),
    ("night_soft", "night_ground"),
    ("night_accent", "night_ground"),
)


class PressError(WireError):
    """Something cannot be printed as it is."""


@dataclass(frozen=True, slots=True)
class House:
    """How an organisation's prints look, and what always stands in them.

    ink, accent on paper; night_ink, night_accent on night: each pair must have a contrast of 4.5:1
    logo      the address of a picture with its own solid ground (a forced dark mode shows it as it is)
    hotline   a box that is in every print: whom to call; restricted Markdown
    footer    lines at the end of every print: plain text
    address   the postal address that mail must carry
    """

    organisation: str = ""
    logo: str | None = None
    logo_alt: str = ""
    logo_width: int = 160  # CSS pixels, as shown
    logo_height: int | None = None
    ink: str = "#1d1b19"
    soft: str = "#5b5650"  # dates, sources, credits
    accent: str = "#8f2419"
    paper: str = "#fffdf9"
    ground: str = "#efebe4"  # around the page
    rule: str = "#cfc8bd"
    night_ink: str = "#ece7df"
    night_soft: str = "#b5ada2"
    night_accent: str = "#f0a497"
    night: str = "#1b1a18"
    night_ground: str = "#121110"
    night_rule: str = "#4a4640"
    hotline: str = ""
    footer: tuple[str, ...] = ()
    address: str = ""

    def __post_init__(self) -> None:
        for name, ground in PAIRS:
            ratio = contrast(getattr(self, name), getattr(self, ground))
            if ratio < CONTRAST:
                raise PressError(
                    f"{name} on {ground} has a contrast of {ratio:.1f} to 1",
                    at="the house style",
                    hint=f"Readers with weak sight need {CONTRAST} to 1: take a "
                    f"{'lighter' if name.startswith('night') else 'darker'} {name}.",
                )
        for name in ("rule", "night_rule"):
            luminance(getattr(self, name))


def from_file(path: Path) -> House:
    """The house style of a YAML file, whose keys are the fields of `House`."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        unknown = set(given) - {field.name for field in fields(House)}
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise PressError("This is not a house style in YAML", at=str(path)) from error
    if unknown:
        raise PressError(
            f"Unknown key {', '.join(sorted(map(str, unknown)))}",
            at=str(path),
            hint=f"Known: {', '.join(field.name for field in fields(House))}.",
        )
    return from_fields(given, at=str(path))


def from_fields(given: Mapping[str, object], *, at: str) -> House:
    """The house style of its fields as they are written in YAML or JSON. PressError where one is wrong."""
    try:
        return msgspec.convert(dict(given), House)
    except msgspec.ValidationError as error:
        raise PressError(
            "The house style has a value of the wrong kind", at=at, hint="Lay it down anew."
        ) from error


# Every print makes a style, and each of its colours is looked at several times.
@lru_cache(maxsize=256)
def luminance(colour: str) -> float:
    """The relative luminance of "#rrggbb" by WCAG 2.2, 0 to 1. PressError where it is no colour."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise PressError(
            f"{colour!r} is no colour", at="the house style", hint="Write it as #8f2419."
        )
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
