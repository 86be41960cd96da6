"""Dates in words, as exact as they are known: "2019", "February 2019", "21 June 2019". Places too."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

from broadsheet.wire.dates import Precision, When, first_day

# CLDR skeletons; the locale sets order and words.
_SKELETON = {Precision.YEAR: "y", Precision.MONTH: "yMMMM"}


def locale(language: str) -> Locale:
    """The Babel locale of a language tag. English without a country is British: day before month.

    A tag that CLDR does not know falls back to its language, then to British English.
    """
    tag = language.replace("_", "-")
    if tag.lower() == "en":
        tag = "en-GB"
    for attempt in (tag, tag.split("-", maxsplit=1)[0]):
        try:
            return Locale.parse(attempt, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")


def words(when: When | None, language: str = "en") -> str:
    """The date as readers of a language write it, no more exact than it is; empty for None.

    A minute is printed as its day: readers of a monthly letter need no clock.
    """
    if when is None:
        return ""
    day, known = first_day(when.value), locale(language)
    if when.precision in _SKELETON:
        return format_skeleton(_SKELETON[when.precision], day, locale=known)
    return format_date(day, "long", locale=known)


def place(iso2: str, language: str = "en") -> str:
    """A country or territory as headlines write it; its two letters where CLDR has no name for it.

    CLDR writes "Macao SAR China", and the same in Chinese.
    """
    name = str(locale(language).territories.get(iso2) or iso2).removesuffix(" SAR China")
    return name.removeprefix("中國").removesuffix("特別行政區") if "特別行政區" in name else name


def machine(when: When) -> str:
    """The value for a `datetime` attribute: HTML allows 2019, 2019-02, 2019-06-21 and a zoned minute."""
    if when.precision is not Precision.MINUTE:
        return when.value
    return when.value + (when.offset or "")
