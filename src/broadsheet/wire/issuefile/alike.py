"""What a line is because the letter's other lines are it that stand and look alike.

A form alone is doubtful: "2019", "The Quay Club, 2019", "VICE & VIRTUE" or a few small words may be
anything. Where the same letter has sure details, outlets or captions in the same place and of the same
look, the doubtful line is one of them.
"""

from __future__ import annotations

from collections import Counter

from broadsheet.wire.dates import Precision
from broadsheet.wire.issuefile import details, labels
from broadsheet.wire.issuefile.letter import CONTENT, Letter, Role, capitals

AGREE = 2  # lines that must be sure before a doubtful one counts as their like


def tell(letter: Letter) -> None:
    """Give doubtful lines the role of the sure lines that stand where they stand."""
    _suffixed(letter)
    _details(letter)
    _outlets(letter)
    _captions(letter)
    _closing_links(letter)


def _above(letter: Letter, number: int) -> Role | None:
    """The role of the nearest line with words above: TITLE for headings of any kind."""
    at = letter.around(number, -1)
    return letter.roles[at] if at is not None else None


def _details(letter: Letter) -> None:
    """An outlet with a bare year, or a bare month, is details where others with a day stand alike."""
    places = Counter[tuple[object, ...]]()
    for number, role in enumerate(letter.roles):
        line = letter.lines[number]
        if role is Role.META and not labels.label(line.text):
            found = details.details(line.text)
            if found and found.date and found.date.precision is Precision.DAY:
                places[_place(letter, number, bool(found.source))] += 1
    if not places:
        return
    for number, role in enumerate(letter.roles):
        if role not in (Role.TITLE, Role.PARA) or number < 2:
            continue
        text = letter.lines[number].text
        found = None if details.ends_in_details(text) else details.loosely(text)
        if found and places[_place(letter, number, bool(found.source))] >= AGREE:
            letter.roles[number] = Role.META


def _suffixed(letter: Letter) -> None:
    """A short headline with its details in brackets, where others of its look have theirs so."""
    looks = Counter(
        letter.look(line)
        for line, role in zip(letter.lines, letter.roles, strict=True)
        if role is Role.TITLE and letter.evident(line) and details.ends_in_details(line.text)
    )
    for number, role in enumerate(letter.roles):
        line = letter.lines[number]
        if role is Role.META and looks[letter.look(line)] >= AGREE and letter.evident(line):
            ended = details.details_at_end(line.text)
            if ended and ended.source and ended.start > 0:
                letter.roles[number] = Role.TITLE


def _place(letter: Letter, number: int, named: bool) -> tuple[object, ...]:
    line = letter.lines[number]
    return letter.look(line), _above(letter, number), named


def _outlets(letter: Letter) -> None:
    """A name right below most of the letter's bare days is an outlet, however it is spelt."""
    bare: list[int] = []
    for number, role in enumerate(letter.roles):
        if role is not Role.META or labels.label(letter.lines[number].text):
            continue
        found = details.loosely(letter.lines[number].text)
        if found and not found.source and _above(letter, number) is Role.TITLE:
            bare.append(number)
    named = [n + 1 for n in bare if _is_name(letter, n + 1)]
    if len(named) >= AGREE and len(named) * 2 > len(bare):
        for number in named:
            letter.roles[number] = Role.META
            letter.outlets.add(number)


def _is_name(letter: Letter, number: int) -> bool:
    """Whether a line goes on with the paragraph above it and can be an outlet's name."""
    if number >= len(letter.lines) or letter.roles[number] not in (Role.TITLE, Role.PARA):
        return False
    line = letter.lines[number]
    return line.gap == 0 and not line.level and details.can_be_source(line.text)


def _captions(letter: Letter) -> None:
    """Few words in small print or italics right below a picture, above text of the usual look."""
    for number in range(1, len(letter.lines)):
        line = letter.lines[number]
        if letter.roles[number] not in (Role.PARA, Role.TITLE) or not line.text:
            continue
        if letter.roles[number - 1] is not Role.PICTURE or line.level or line.strong:
            continue
        if line.words > 40 or line.linked > 0.5 or not (letter.small(line) or line.italic):
            continue
        if _one_look(letter, number):
            continue
        letter.roles[number] = Role.CAPTION


LINK_WORDS = 9  # at most of a link that closes an item: a headline is seldom as short


def _closing_links(letter: Letter) -> None:
    """Few linked words below a text, in a letter whose headlines show by more than their link."""
    heads = [n for n, role in enumerate(letter.roles) if role is Role.TITLE and _weighty(letter, n)]
    if not letter.source.typed and (len(heads) < AGREE or not letter.titled):
        return
    for number, line in enumerate(letter.lines):
        if letter.roles[number] not in (Role.TITLE, Role.PARA) or line.linked <= 0.85:
            continue
        if line.words > LINK_WORDS or line.bullet or _weighty(letter, number):
            continue
        above, below = letter.around(number, -1), letter.around(number, +1)
        if above is None or letter.roles[above] not in (Role.PARA, Role.META, Role.ACCESS):
            continue
        if letter.source.typed:
            ends = line.gap == 0 and letter.roles[above] is Role.ACCESS
        else:
            ends = below is None or letter.roles[below] is Role.ACCESS or _weighty(letter, below)
            after = letter.lines[number + 1] if number + 1 < len(letter.lines) else None
            ends = ends or (line.gap == 0 and (after is None or after.gap > 0))
        if ends:
            letter.roles[number] = Role.ACCESS


def _weighty(letter: Letter, number: int) -> bool:
    """Whether a line is set as a heading by more than a link."""
    line = letter.lines[number]
    sized = bool(line.size and letter.body and line.size > letter.body * 1.08)
    return bool(line.level or line.strong or line.shaded or sized or capitals(line.text))


def _one_look(letter: Letter, number: int) -> bool:
    """Whether the text below is set like the line: then it is text too."""
    below = next(
        (n for n in range(number + 1, len(letter.lines)) if letter.roles[n] in CONTENT), None
    )
    if below is None:
        return False
    one, other = letter.lines[number], letter.lines[below]
    return letter.roles[below] is Role.PARA and (one.size, one.italic) == (other.size, other.italic)
