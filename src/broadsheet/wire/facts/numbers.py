"""Numbers as newsrooms write them: "more than 1,100", "two dozen", "a family of four"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_UNITS = {
    word: value
    for value, word in enumerate(
        (
            *(
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
            ),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
            *("eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
# A lakh is 100,000 and a crore 10,000,000 (facts.yaml, value_rules.amount).
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "k": 1_000,
    "lakh": 100_000,
    "lakhs": 100_000,
    "million": 1_000_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "crore": 10_000_000,
    "crores": 10_000_000,
    "billion": 1_000_000_000,
    "bn": 1_000_000_000,
    "b": 1_000_000_000,
}
_ONE = "|".join(sorted((*_UNITS, *_TENS), key=len, reverse=True))
_SMALL = rf"(?:{_ONE})(?:-(?:{_ONE}))?"
WORDS = (
    rf"(?:(?:{_SMALL}|an?)\s(?:hundred|thousand|million)(?:\sand\s{_SMALL}|\s{_SMALL})?|{_SMALL})"
)
FIGURES = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
SCALE = r"(?:\s?(?:bn|mn|[mbk])\b|\s(?:hundred|thousand|million|billion|lakhs?|crores?)\b)"
NUMBER = rf"(?:(?:{FIGURES}){SCALE}?|\b{WORDS}\b)"
_QUALIFIERS = (
    ("more_than", r"more than|over|in excess of|upwards of|above"),
    ("at_least", r"at least|no fewer than|no less than|not less than|a minimum of"),
    ("at_most", r"up to|as many as|as much as|at most|no more than|a maximum of"),
    ("fewer_than", r"fewer than|less than|under|below|just under"),
    ("about", r"around|about|some|nearly|almost|approximately|roughly|an estimated|close to|circa"),
)
# facts.yaml, value_rules.count.reading
_VAGUE = {
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2_000,
    "tens of thousands": 20_000,
    "hundreds of thousands": 200_000,
    "several": 3,
    "several dozen": 36,
    "several hundred": 300,
    "a number": 2,
    "a few": 2,
    "many": 2,
    "millions": 2_000_000,
}
_ABOUT = {"a dozen": 12, "half a dozen": 6, "two dozen": 24, "three dozen": 36, "four dozen": 48}
_EXACT = {
    "a couple of": 2,
    "a pair of": 2,
    "both": 2,
    "the pair of": 2,
    "a": 1,
    "an": 1,
    "the": 1,
    "one": 1,
}
_QUALIFIER = "|".join(words for _, words in _QUALIFIERS)
_PLAIN_COUNT = (
    rf"between\s(?:{NUMBER})\sand\s(?:{NUMBER})"
    rf"|(?:{NUMBER})(?:\sto\s|\s?[-\u2013]\s?)(?:{NUMBER})"
    rf"|(?:(?:{_QUALIFIER})\s)?(?:{'|'.join(sorted(map(re.escape, _ABOUT), key=len, reverse=True))})"
    rf"|(?:{'|'.join(sorted(map(re.escape, _VAGUE), key=len, reverse=True))})(?:\sof)?"
    rf"|(?:(?:{_QUALIFIER})\s)?{NUMBER}(?:\sor\smore)?"
    r"|a\scouple\sof|a\spair\sof|both"
)
COUNT = rf"(?:{_PLAIN_COUNT})"
_COUNT = re.compile(COUNT, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Count:
    """How many, as the text has it: see facts.yaml, value_rules.count."""

    min: int | None = None
    max: int | None = None
    exact: int | None = None
    qualifier: str = "exact"

    def plain(self) -> dict[str, Any]:
        return {
            "min": self.min,
            "max": self.max,
            "exact": self.exact,
            "qualifier": self.qualifier,
        }


def exactly(number: int) -> Count:
    return Count(exact=number)


def value(words: str) -> float | None:
    """The number that figures or words stand for ("1,147", "twenty-two", "2.5 million"); else None."""
    text = " ".join(words.lower().replace("-", " ").split())
    match = re.fullmatch(rf"({FIGURES})\s?({'|'.join(_SCALES)})?", words.strip().lower())
    if match:
        return float(match.group(1).replace(",", "")) * _SCALES.get(match.group(2) or "", 1)
    total, part = 0, 0
    seen = False
    for word in text.split():
        if word in ("a", "an") and not seen:
            part, seen = 1, True
        elif word in _UNITS or word in _TENS:
            part, seen = part + _UNITS.get(word, _TENS.get(word, 0)), True
        elif word in _SCALES and seen:
            part *= _SCALES[word]
            if _SCALES[word] >= 1000:
                total, part = total + part, 0
        elif word != "and":
            return None
    return float(total + part) if seen else None


def count(words: str) -> Count | None:
    """The count that the words state, with its qualifier; None where they are none."""
    text = " ".join(words.lower().replace("\u2013", "-").split()).removesuffix(" of")
    if text in _EXACT or f"{text} of" in _EXACT:
        return exactly(_EXACT.get(text) or _EXACT[f"{text} of"])
    if text in _VAGUE:
        return Count(min=_VAGUE[text], qualifier="vague")
    qualifier = ""
    for name, forms in _QUALIFIERS:
        match = re.match(rf"(?:{forms})\s", text)
        if match:
            qualifier, text = name, text[match.end() :]
            break
    if text.endswith(" or more"):
        qualifier, text = "at_least", text.removesuffix(" or more")
    if text in _ABOUT:
        return _qualified(qualifier or "about", _ABOUT[text])
    match = re.fullmatch(
        rf"(?:between\s)?({NUMBER})(?:\sand\s|\sto\s|\s?-\s?)({NUMBER})", text, re.IGNORECASE
    )
    if match and not (re.fullmatch(WORDS, text) or not _range(text)):
        low, high = value(match.group(1)), value(match.group(2))
        if low is not None and high is not None and low < high:
            return Count(min=int(low), max=int(high), qualifier="between")
    number = value(text)
    if number is None or number != int(number):
        return None
    return _qualified(qualifier or "exact", int(number))


def _range(text: str) -> bool:
    return (
        text.startswith("between ")
        or " to " in text
        or re.match(r"[\d,]+\s?-\s?\d", text) is not None
    )


def _qualified(qualifier: str, number: int) -> Count:
    if qualifier == "more_than":
        return Count(min=number + 1, qualifier=qualifier)
    if qualifier == "at_least":
        return Count(min=number, qualifier=qualifier)
    if qualifier == "at_most":
        return Count(max=number, qualifier=qualifier)
    if qualifier == "fewer_than":
        return Count(max=number - 1, qualifier=qualifier)
    if qualifier == "about":
        # "around 50" is 45 to 55, for searching only; it is printed as "about 50".
        return Count(min=number * 9 // 10, max=-(-number * 11 // 10), qualifier=qualifier)
    return exactly(number)
