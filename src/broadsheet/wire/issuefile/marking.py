"""Whether a letter marks its headlines, so that a plain short line in it is none.

A page mostly sets its headings in weight or size; some mark the headings of parts alone. A typed letter
may underline its parts and leave its headlines plain, so there only marked lines above details count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from broadsheet.wire.issuefile import captions, details, labels, linkwords
from broadsheet.wire.issuefile.letter import Letter
from broadsheet.wire.issuefile.lines import Line

_HEAD_END = re.compile(r"[\w’'”\"?!)]$")


def marks_headlines(letter: Letter) -> bool:
    """Whether the headlines of a letter show by weight, size or element."""
    if letter.source.typed:
        marked = [
            n
            for n, line in enumerate(letter.lines)
            if (line.level or line.strong) and not line.parted
        ]
        below = (letter.lines[n + 1] for n in marked if n + 1 < len(letter.lines))
        return sum(map(_is_detail, below)) >= 2
    if not any(line.level or line.strong for line in letter.lines):
        return False
    shown = list(_shown(letter))
    return not (
        _plain_above_details(letter, shown)
        or _plain_below_parts(letter, shown)
        or _plain_above_links(letter, shown)
        or _marked_by_links(letter, shown)
    )


def _shown(letter: Letter) -> Iterator[Line]:
    """The lines with words, without those of pictures."""
    for number, line in enumerate(letter.lines):
        near = letter.beside_picture(number)
        if line.text and not line.caption and not captions.credit(line.text, beside_picture=near):
            yield line


def _is_detail(line: Line) -> bool:
    return bool(labels.label(line.text) or details.details(line.text))


def _is_plain_head(letter: Letter, line: Line) -> bool:
    """Whether a line that nothing marks could be a headline by its words."""
    return (
        not letter.evident(line)
        and not letter.small(line)
        and not line.links
        and line.words <= 20
        and bool(_HEAD_END.search(line.text))
        and not _is_detail(line)
    )


def _plain_above_details(letter: Letter, shown: list[Line]) -> bool:
    """Most details stand right below a short line that nothing marks."""
    plain = marked = 0
    for above, line in pairwise(shown):
        if _is_detail(line) and not _is_detail(above):
            marked += letter.evident(above)
            plain += _is_plain_head(letter, above)
    return plain >= 2 and plain > 2 * marked


def _plain_below_parts(letter: Letter, shown: list[Line]) -> bool:
    """Most marked lines have a short plain line below, and a text below that."""
    marked = plain = 0
    for line, below, after in zip(shown[1:], shown[2:], shown[3:], strict=False):
        if letter.evident(line) and not line.links:
            marked += 1
            told = after.words > max(12, below.words) and not letter.evident(after)
            plain += told and not after.links and _is_plain_head(letter, below)
    return plain >= 2 and plain * 3 >= 2 * marked


def _marked_by_links(letter: Letter, shown: list[Line]) -> bool:
    """Most marked lines are so by their link alone: a headline without a link is plain there."""
    marked = [line for line in shown if letter.evident(line) and not linkwords.is_access(line.text)]
    bare = [
        line for line in marked if line.links and not (line.level or line.strong or line.shaded)
    ]
    sized = sum(bool(letter.body and line.size and line.size > letter.body) for line in bare)
    return len(bare) >= 2 and len(bare) * 2 > len(marked) and sized == 0


def _plain_above_links(letter: Letter, shown: list[Line]) -> bool:
    """Of the stretches that end in link words most hold a short plain line and none that is marked."""
    plain = marked = 0
    held: list[Line] = []
    for line in shown:
        if not (line.links and linkwords.is_access(line.text, line.linked > 0.3)):
            held.append(line)
            continue
        if any(letter.evident(one) for one in held[-6:]):
            marked += 1
        else:
            plain += any(
                _is_plain_head(letter, one) and below.words > one.words
                for one, below in pairwise(held)
            )
        held = []
    return plain >= 2 and plain > marked
