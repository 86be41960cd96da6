"""The role of each line by its own form: details, link words, captions, small print, headings."""

from __future__ import annotations

import re

from broadsheet.wire import text as texts
from broadsheet.wire.dates import Precision
from broadsheet.wire.issuefile import (
    captions,
    details,
    furniture,
    labels,
    linkwords,
    marking,
    masthead,
)
from broadsheet.wire.issuefile.letter import CONTENT, Letter, Role, capitals
from broadsheet.wire.issuefile.lines import Line

# a small word before the stop, so that "St. Mary" and "U.S. court" stay whole
# a question with an answer in half a sentence is still a headline: "Made by children? What audits miss"
_TWO_SENTENCES = re.compile(
    r"\b[a-z]{2,}\.['’”\"]?\s+[A-Z“\"]|\b[a-z]{2,}[!?]['’”\"]?\s+[A-Z“\"].*[.!]['’”\"]?$"
)
_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff]")
_END = re.compile(r"[.。]['’”\"]?$")
_NO_END = re.compile(r"(?:\.\.\.|\b[A-Z]\.|\b(?:Inc|Ltd|Co|No|etc)\.)$")


def assign(letter: Letter) -> None:
    """Give each line of a letter a role by its own form."""
    letter.titled = marking.marks_headlines(letter)
    for number, line in enumerate(letter.lines):
        letter.roles.append(_form(letter, number, line))
    _pass_contents(letter)
    _pass_adverts(letter)
    _pass_appeals(letter)
    _pass_about(letter)
    _pass_sender(letter)
    _pass_last_appeal(letter)
    _take_captions(letter)
    masthead.take(letter)
    wanted = _letters(letter.source.title)
    for number, line in enumerate(letter.lines[:8]):
        if line.level == 1 and wanted and _letters(line.text) == wanted:
            letter.roles[number] = Role.ISSUE  # what the file calls itself heads no item
            for above in range(number):  # above a title stands a mail's preview
                if letter.roles[above] is Role.TITLE:
                    letter.roles[above] = Role.PARA
            break


def _letters(text: str) -> str:
    """The letters and figures of a title alone, in small letters."""
    return "".join(filter(str.isalnum, text.casefold()))


def _form(letter: Letter, number: int, line: Line) -> Role:
    text = line.text
    if line.picture is not None:
        return Role.PICTURE
    if line.links and not text.strip():
        return Role.ADDRESS
    if line.rule or not text.strip():
        return Role.RULE
    if labels.label(text) or labels.note(text):
        return Role.META
    if number < 15 and (when := details.posted(text)):
        letter.posted = when
        return Role.SMALL
    if details.is_byline(text) and number > 0 and not line.level:
        return Role.META
    headed = 0 < line.level <= 3 and re.fullmatch(r"(?i)\W*(?:comment|home|next|top)\W*", text)
    if (
        furniture.is_small_print(text)
        and not headed
        and not (line.level and line.level <= 3 and line.words > 3)
    ):
        return Role.SMALL
    if linkwords.is_address(text) or (
        letter.source.typed and line.links and labels.is_address_label(text)
    ):
        return Role.ADDRESS
    if line.caption or captions.credit(text, beside_picture=letter.beside_picture(number)):
        return Role.CAPTION
    if (
        linkwords.is_access(text, line.linked > 0.3 or (bool(line.links) and line.words < 14))
        and not line.level
        and not _told_before_link(line)
    ):
        return Role.ACCESS
    if line.button and line.words <= 8:
        return Role.ACCESS
    if _can_be_details(number, line):
        return Role.META
    if _titleish(letter, number, line):
        return Role.TITLE
    return Role.PARA


def _told_before_link(line: Line) -> bool:
    """Whether whole sentences stand before the line's last link: "All survived. Full story"."""
    ways = [linkwords.is_access(line.text[a.start : a.end], True) for a in line.links]
    if len(ways) > 1 and all(ways) and line.linked > 0.8:
        return False  # "Read the article. Listen to the interview."
    before = line.text[: line.links[-1].start].rstrip() if line.links else ""
    long = len(before.split()) >= 3 or bool(re.search(r"[\u3040-\u9fff]{4}", before))
    return long and bool(re.search(r"[.!?。！？]['’”\"）)]?$", before))


def _can_be_details(number: int, line: Line) -> bool:
    found = details.details(line.text)
    if not found or line.level or details.ends_in_details(line.text):
        return False
    if not found.source and found.date and found.date.precision is not Precision.DAY:
        # "June 2019" alone may be the issue's title or a heading; inside an item it is a date
        return number > 4 and line.gap == 0
    return number > 0


def _titleish(letter: Letter, number: int, line: Line) -> bool:
    """Whether a line can be a heading: short, no sentence, set as one where the letter sets them."""
    text = line.text.rstrip()
    if line.words > 32 or len(text) > 240 or not _WORD.search(text):
        return False
    if furniture.is_greeting(text) or (furniture.is_farewell(text) and not line.level):
        return False
    if line.level:
        return True
    if labels.is_particular(text) or text.endswith((",", ";")):
        return False
    last = line.links[-1].start if line.links else 0
    if last > 0 and linkwords.is_access(text[last:], True):
        return False
    if text.endswith((":", "：")) and not _colon_heads(letter, number, line):
        return False
    ended = details.details_at_end(text)
    told = text[: ended.start].rstrip() if ended and ended.source else text
    sentence = bool(_END.search(told)) and not _NO_END.search(told)
    if not line.strong and line.words > 6 and _TWO_SENTENCES.search(text):
        return False  # two sentences are no heading
    if _by_size(letter, line) and sentence and not capitals(text):
        return False
    if letter.evident(line):
        return not (sentence and line.words > 22)
    return not sentence and line.words <= 26


def _by_size(letter: Letter, line: Line) -> bool:
    return letter.evident(line) and not (line.level or line.strong or line.linked > 0.85)


def _colon_heads(letter: Letter, number: int, line: Line) -> bool:
    """Whether a line that ends in a colon can be a heading, and does not lead over to a list or a text."""
    evident = letter.evident(line)
    if line.words > 7 or (letter.titled and not evident):
        return False
    after = letter.lines[number + 1] if number + 1 < len(letter.lines) else None
    if after is not None and after.bullet and not line.strong:
        return False  # it opens a list
    unclear = _by_size(letter, line) or (letter.source.typed and not evident)
    return not (unclear and line.words > 3)


# -- by their nearest neighbours -----------------------------------------------------------------------


def _pass_contents(letter: Letter) -> None:
    """A list of what the issue holds is no part of it."""
    # what stands again further down, as a heading does that a list of contents names
    last = {texts.squeezed(line.text).casefold(): n for n, line in enumerate(letter.lines)}
    for number, line in enumerate(letter.lines):
        if not furniture.is_contents(line.text):
            continue
        letter.roles[number] = Role.SMALL
        for at in range(number + 1, len(letter.lines)):
            entry = letter.lines[at]
            numbered = re.match(r"\s*\d{1,2}[.)]\s", entry.text)
            again = last[texts.squeezed(entry.text).casefold()] > at and bool(entry.text)
            if entry.words > 20 or (entry.level and not again):
                break
            if not (entry.bullet or entry.gap == 0 or numbered or again):
                break
            letter.roles[at] = Role.SMALL


def _pass_adverts(letter: Letter) -> None:
    """What is paid for is no item: the line that says so, and its box."""
    for number, line in enumerate(letter.lines):
        if not furniture.is_advert(line.text):
            continue
        letter.roles[number] = Role.SMALL
        at = number + 1
        while line.cell and at < len(letter.lines) and at - number < 12:
            if letter.lines[at].cell[: len(line.cell)] != line.cell:
                break
            letter.roles[at] = Role.SMALL
            at += 1


def _pass_appeals(letter: Letter) -> None:
    """A few words that end in a button or a line to give are no item: "HK$300 pays for a night"."""
    for number, line in enumerate(letter.lines):
        asks = furniture.is_giving(line.text)
        if not (asks or (line.button and letter.roles[number] is Role.SMALL)):
            continue
        above = [at for at in range(max(0, number - 3), number) if letter.roles[at] in CONTENT]
        heads = [
            at
            for at in above
            if letter.roles[at] is Role.TITLE
            and (letter.evident(letter.lines[at]) or (asks and not letter.titled))
        ]
        if (
            asks and not heads
        ):  # "Support our work", which is small print itself, and a line below it
            heads = [
                at + 1
                for at in range(max(0, number - 3), number - 1)
                if letter.roles[at] is Role.SMALL
            ]
        words = sum(letter.lines[at].words for at in above if heads and at >= heads[-1])
        links = any(letter.lines[at].links for at in above if heads and at >= heads[-1])
        if heads and words <= 40 and not links:
            for at in range(heads[-1], number + asks):
                letter.roles[at] = Role.SMALL


SENDER = 12  # lines at the end of a letter in which its sender's name and address stand


def _pass_sender(letter: Letter) -> None:
    """The sender's address below the last item, and its name above that, are no item.

    Below them stands nothing but small print: the place of an event has its text or its link below.
    """
    number = len(letter.lines) - 1
    last = max(2, number - SENDER)
    plain = (Role.SMALL, Role.RULE, Role.PICTURE)
    while number > last:
        line = letter.lines[number]
        if furniture.is_postal(line.text) and not labels.is_particular(line.text):
            letter.roles[number] = Role.SMALL
            above = letter.lines[number - 1]
            if (
                letter.roles[number - 1] is Role.TITLE
                and above.words <= 6
                and not (above.links or above.level)
            ):
                number -= 1
                letter.roles[number] = Role.SMALL
        elif letter.roles[number] in (Role.META, Role.ACCESS, Role.CAPTION) or (
            letter.roles[number] not in plain and (line.words > 25 or line.level or line.links)
        ):
            return
        number -= 1


def _pass_last_appeal(letter: Letter) -> None:
    """The last heading of a letter is no item where few words below it speak of money to give."""
    heads = [
        n
        for n, role in enumerate(letter.roles)
        if role is Role.TITLE and letter.evident(letter.lines[n]) and letter.lines[n].linked < 0.5
    ]
    if len(heads) < 3:
        return
    below = [n for n in range(heads[-1] + 1, len(letter.lines)) if letter.roles[n] in CONTENT]
    box = [n for n in below if n - heads[-1] <= 3]
    words = " ".join(letter.lines[n].text for n in (heads[-1], *box))
    told = any(letter.roles[n] is Role.META for n in below)
    if box and not told and len(words.split()) <= 45 and furniture.is_appeal(words):
        for number in (heads[-1], *box):
            letter.roles[number] = Role.SMALL


ABOUT = 8  # lines at most below "About us" that belong to it


def _pass_about(letter: Letter) -> None:
    """What the sender says of itself, under its heading in the lower half or a side column, is no item."""
    for number, line in enumerate(letter.lines):
        if letter.roles[number] is not Role.TITLE or not furniture.is_about(line.text):
            continue
        below: list[int] = []
        for at in range(number + 1, min(number + 1 + ABOUT, len(letter.lines))):
            role = letter.roles[at]
            another = letter.evident(letter.lines[at]) or not letter.evident(line)
            if role is Role.TITLE and another and not letter.lines[at].links:
                break
            below.append(at)
        if any(letter.roles[at] is Role.META for at in below) or number * 2 < len(letter.lines):
            continue
        for at in (number, *below):
            if letter.roles[at] in CONTENT:
                letter.roles[at] = Role.SMALL


def _take_captions(letter: Letter) -> None:
    """Words right below a picture are its caption where the credit follows, or its box ends."""
    for number, line in enumerate(letter.lines[:-1]):
        if (
            number == 0
            or letter.roles[number] not in (Role.PARA, Role.TITLE)
            or letter.roles[number - 1] is not Role.PICTURE
            or line.words > 35
            or line.level
            or line.strong
            or line.links
            or line.cell != letter.lines[number - 1].cell
        ):
            continue
        after = letter.lines[number + 1]
        found = captions.credit(after.text, beside_picture=True)
        credited = (
            letter.roles[number + 1] is Role.CAPTION
            and found is not None
            and not found.caption
            and after.gap <= 1
            and after.cell == line.cell
        )
        set_apart = letter.small(line) or line.italic
        boxed = bool(line.cell) and after.cell != line.cell and line.words <= 25
        if credited or (set_apart and boxed):
            letter.roles[number] = Role.CAPTION
