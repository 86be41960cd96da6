"""What a letter's own repetition says of its headings.

A newsletter repeats one pattern: a heading of one look, its details, its text, its link. Headings that
look alike are one class; what a class mostly stands above and below, over the whole letter, tells the
headings of parts from headlines, headlines from headings inside a text, and both from buttons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from broadsheet.wire.issuefile import furniture, headings, linkwords
from broadsheet.wire.issuefile.lines import Line


class Seen(Enum):
    """What stands on a line, as far as its own form tells."""

    HEADING = auto()
    DETAIL = auto()
    TEXT = auto()
    LINK = auto()  # link words or an address
    OTHER = auto()  # pictures, rules, small print: passed over


class Part(Enum):
    """What the headings of a class are."""

    SECTION = auto()
    HEADLINE = auto()
    INNER = auto()  # a heading inside an item's text
    LINK = auto()  # a button or link words without a word that tells


@dataclass
class _Class:
    """The headings of one look: where they stand and what follows each."""

    at: list[int] = field(default_factory=list)
    stacked: int = 0  # a heading of another look follows at once
    bodied: int = 0  # details or text follow at once
    owning: int = 0  # details or a link of its own before the next heading
    after_text: int = 0
    words: int = 0
    named: int = 0  # words that newsletters give to parts
    linked: int = 0
    rank: float = 0.0  # how prominent it is set: smaller is more

    @property
    def count(self) -> int:
        return len(self.at)


LINK_WORDS = 8  # a button says what happens in a few words: longer ones are headlines


def parts(
    lines: Sequence[Line],
    seen: Sequence[Seen],
    look: Callable[[Line], Hashable],
    rank: Callable[[int], float],
) -> dict[int, Part]:
    """What the headings of a letter are, by their line: only those which repetition makes sure."""
    stream = [n for n, kind in enumerate(seen) if kind is not Seen.OTHER]
    classes = _classes(lines, seen, stream, look, rank)
    found: dict[int, Part] = {}
    links = {key for key, one in classes.items() if _is_button(lines, one, classes)}
    for key in links:
        found.update(dict.fromkeys(classes[key].at, Part.LINK))
    rest = {key: one for key, one in classes.items() if key not in links and one.count >= 2}
    for upper in rest.values():
        for lower in rest.values():
            if upper.rank < lower.rank and _holds(upper, lower):
                _told(upper, lower, found)
            elif _is_inside(upper, lower):
                found.update(dict.fromkeys(lower.at, Part.INNER))
    for one in rest.values():
        if _is_flat(one, rest):
            found.update(
                (n, Part.HEADLINE) for n in one.at if n not in found and n + 1 < len(lines)
            )
    return found


def _is_flat(one: _Class, rest: dict[Hashable, _Class]) -> bool:
    """Whether headings head texts and nothing else: none stands right above another, none lies below."""
    lower = any(one.rank < other.rank and _holds(one, other) for other in rest.values())
    return (
        one.count >= 3
        and one.bodied == one.count
        and one.named * 3 <= one.count
        and one.owning * 2 > one.count
        and not lower
    )


def _classes(
    lines: Sequence[Line],
    seen: Sequence[Seen],
    stream: list[int],
    look: Callable[[Line], Hashable],
    rank: Callable[[int], float],
) -> dict[Hashable, _Class]:
    classes: dict[Hashable, _Class] = {}
    for place, number in enumerate(stream):
        if seen[number] is not Seen.HEADING:
            continue
        line = lines[number]
        one = classes.setdefault(look(line), _Class(rank=rank(number)))
        one.at.append(number)
        one.words += line.words
        one.named += headings.is_section(line.text)
        one.linked += line.linked > 0.85
        before = seen[stream[place - 1]] if place else Seen.OTHER
        one.after_text += before in (Seen.TEXT, Seen.DETAIL)
        following = stream[place + 1 : place + 12]
        if following:
            after = seen[following[0]]
            one.bodied += after in (Seen.TEXT, Seen.DETAIL)
            one.stacked += after is Seen.HEADING and look(lines[following[0]]) != look(line)
        one.owning += _owns(line, lines, seen, following)
    return classes


def _owns(line: Line, lines: Sequence[Line], seen: Sequence[Seen], following: list[int]) -> bool:
    """Whether details or a link stand between a heading and the next, or in the heading."""
    if line.links:
        return True
    for number in following:
        if seen[number] is Seen.HEADING:
            return False
        if seen[number] in (Seen.DETAIL, Seen.LINK):
            return True
    return False


def _is_button(lines: Sequence[Line], one: _Class, all_: dict[Hashable, _Class]) -> bool:
    """Short links that stand below a text and have none of their own, beside headings that have one."""
    if one.linked < one.count or one.words > LINK_WORDS * one.count or one.bodied * 3 > one.count:
        return False
    if one.after_text * 3 < one.count * 2:
        return False
    others = sum(other.bodied for other in all_.values() if other is not one)
    return others >= max(2, one.count // 2)


def _holds(upper: _Class, lower: _Class) -> bool:
    """Whether most headings of the one look have some of the other below them, before the next alike."""
    ends = [*upper.at[1:], max(upper.at[-1], lower.at[-1]) + 1]
    filled = sum(
        any(start < at < end for at in lower.at) for start, end in zip(upper.at, ends, strict=True)
    )
    return filled * 2 > upper.count and lower.count >= upper.count


def _is_inside(upper: _Class, lower: _Class) -> bool:
    """Whether the fewer headings of the lesser look stand amid the texts of items of the other look."""
    return (
        upper.rank < lower.rank - 1
        and 3 <= upper.count > lower.count
        and upper.bodied == upper.count
        and upper.owning * 4 >= upper.count
        and lower.bodied == lower.after_text == lower.count
        and lower.linked == lower.named == 0
    )


def _told(upper: _Class, lower: _Class, found: dict[int, Part]) -> None:
    """Of two looks, one below the other: which is the headline. Details and links tell."""
    up, low = upper.owning / upper.count, lower.owning / lower.count
    if low >= 0.6 and up <= 0.34:
        found.update(dict.fromkeys(upper.at, Part.SECTION))
    elif up >= 0.7 and low <= 0.2 and upper.stacked * 4 <= upper.count and not lower.named:
        found.update(dict.fromkeys(lower.at, Part.INNER))


def repeated_links(lines: Sequence[Line], numbers: Sequence[int]) -> set[int]:
    """Links that say the same below every item and are no way to it: "Flag as irrelevant", "Share"."""
    said = Counter(lines[n].text.casefold().strip() for n in numbers)
    return {
        n
        for n in numbers
        if (
            said[lines[n].text.casefold().strip()] >= 3
            and not linkwords.is_access(lines[n].text, True)
        )
        or furniture.is_share(lines[n].text)
    }
