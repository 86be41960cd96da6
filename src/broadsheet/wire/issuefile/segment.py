"""Lines -> an issue: where each line belongs once it is known what it is.

A line that finds no place is handed back in `unplaced`.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass, replace

from broadsheet.wire.dates import When
from broadsheet.wire.edition import Image, Link, Section
from broadsheet.wire.issuefile import (
    alike,
    captions,
    details,
    drafts,
    ending,
    filling,
    forms,
    furniture,
    headings,
    heads,
    labels,
    masthead,
    naming,
    normal,
    prose,
)
from broadsheet.wire.issuefile.drafts import Draft, Part
from broadsheet.wire.issuefile.letter import Letter, Role
from broadsheet.wire.issuefile.lines import Line, Source


@dataclass(frozen=True, slots=True)
class Segmented:
    """What the lines hold: title, date, newsletter where named, sections, doubts and leftovers."""

    title: str
    date: When | None
    newsletter: str
    preview: str
    sections: tuple[Section, ...]
    sure: dict[str, float]  # item uid or "section-N" -> 0..1
    doubts: dict[str, tuple[str, ...]]
    unplaced: tuple[str, ...]


def segment(source: Source) -> Segmented:
    """Read an issue from lines."""
    issue = naming.month_before_reading(source)
    letter = Letter(source, normal.lines(source.lines, issue))
    forms.assign(letter)
    alike.tell(letter)
    heads.find(letter)
    return _Placer(letter, naming.name(letter)).place()


# "1.", "(2)", "2.1", a bullet; not the figure of "40.3 million held"
_NUMBERED = re.compile(
    r"^\s*(?:\d\ufe0f?\u20e3\s*|[\u2460-\u2473]\s*|[IVX]{1,4}\.\s+|"
    r"(?:\(?\d{1,2}[.)]|\d{1,2}\.\d{1,2}[.)]?(?!\s+(?:[a-zß-ÿ]|(?i:[a-z]?illion|per\s?cent)))|[•●▪*–-])\s+|[（(]?[一二三四五六七八九十]{1,3}[、.．)）]\s*)"
)


# "B. Asylum": of parts alone, for people have initials
_LETTERED = re.compile(r"^[A-H][.)]\s+(?=[^\W\d_])")
# "from: " before a linked outlet
_NAMES_SOURCE = re.compile(r"\W*\b(?:source|via|from|by)\s*[:：]?\s*$", re.IGNORECASE)
_SHOT = (Role.PICTURE, Role.CAPTION)


def _bare(line: Line) -> str:
    """The words of a link line; without the arrow or the hand beside the link."""
    if len(line.links) == 1 and line.linked == 1 and line.links[0].start == 0:
        return line.text[: line.links[0].end].strip()
    return line.text


class _Placer:
    def __init__(self, letter: Letter, name: naming.Name) -> None:
        self.letter, self.name = letter, name
        self.lines, self.roles = letter.lines, letter.roles

    def place(self) -> Segmented:
        """Walk through the lines and put each into an item, a section or the leftovers."""
        self.parts: list[Part] = [Part(sure=0.6)]
        self.item: Draft | None = None
        self.waiting: list[Image] = []  # pictures and captions that wait for their headline
        self.coming: list[int] = []  # details that stand above their headline
        self.unplaced = [self.letter.source.above] if self.letter.source.above else []
        self.broken = False  # a section break was seen
        self.last_level = 0  # of the last heading
        self.preview = ""
        self.listed = False  # the item's headline is an entry of a list
        heads = (Role.ISSUE, Role.MASTHEAD)
        self.titled_at = next((n for n, role in enumerate(self.roles) if role in heads), 0)
        headlines = [n for n, role in enumerate(self.roles) if role is Role.HEADLINE]
        gaps = Counter(self._gap_above(n) for n in headlines[1:])
        self.usual = max(gaps, key=lambda gap: (gaps[gap], -gap)) if gaps else 1
        rules = sum(1 for role in self.roles if role is Role.RULE)
        self.rules_part = 0 < rules <= max(1, len(headlines) // 2)
        end = ending.end(self.letter)
        for number, line in enumerate(self.lines):
            if number < end:
                self._place(number, line, self.roles[number])
            elif line.text:
                self.unplaced.append(line.text)
        self._settle()
        return self._made()

    def _gap_above(self, number: int) -> int:
        """The widest gap between a headline and the last line of the item before it."""
        widest = self.lines[number].gap
        at = number - 1
        while at >= 0 and self.roles[at] in (Role.PICTURE, Role.CAPTION):
            widest = max(widest, self.lines[at].gap)
            at -= 1
        return widest

    def _place(self, number: int, line: Line, role: Role) -> None:
        if role in (Role.HEADLINE, Role.PICTURE, Role.CAPTION) and line.gap >= max(
            3, self.usual + 2
        ):
            self.broken = True
        if role is Role.SECTION:
            self._open(_LETTERED.sub("", _NUMBERED.sub("", line.text)).rstrip(" :："))
            self.parts[-1].level = self.last_level = line.level
        elif role is Role.HEADLINE:
            self._begin(number, line)
        elif role is Role.META:
            if number in self.letter.above_headline:
                self.coming.append(number)
            else:
                self._detail(number)
        elif role is Role.ACCESS:
            self._access(number, line)
        elif role is Role.ADDRESS:
            self._address(line)
        elif role in (Role.PICTURE, Role.CAPTION):
            self._picture(number, line, role)
        elif role in (Role.PARA, Role.TITLE) and number < self.titled_at:
            # above the title of a mail stands its preview
            if self.preview or len(line.text) > 300:
                self.unplaced.append(line.text)
            self.preview = self.preview or line.text[:300]
        elif role in (Role.PARA, Role.TITLE):
            self._paragraph(number, line)
        elif role is Role.RULE:
            self.broken = self.broken or self.rules_part
        elif role is Role.SMALL:
            self.unplaced.append(line.text)
        if role is Role.ISSUE and number not in self.letter.used and self._heads_story(number):
            self._begin(number, line)
        elif role in (Role.ISSUE, Role.MASTHEAD):
            self._leave_pictures()
            if (
                line.text not in (self.name.title, self.name.newsletter)
                and number not in self.letter.used
            ):
                self.unplaced.append(line.text)

    def _heads_story(self, number: int) -> bool:
        """Whether the letter's title is its first story's headline too: text and a link stand below."""
        title = self.lines[number]
        if details.month_in(title.text) or masthead.is_issue(title.text) or not title.level:
            return False
        told = False
        for at in range(number + 1, len(self.lines)):
            role, text = self.roles[at], self.lines[at].text
            if role in (Role.HEADLINE, Role.SECTION, Role.META) or furniture.is_greeting(text):
                return False
            if role is Role.ACCESS and told:
                return True
            told = told or role is Role.PARA
        return False

    def _open(self, heading: str = "", sure: float = 0.9) -> None:
        self._flush()
        self.parts.append(Part(heading=heading, sure=sure))
        self.item, self.broken = None, False

    def _leave_pictures(self) -> None:
        """A banner or a logo above the title belongs to no item."""
        for image in self.waiting:
            self.unplaced.append(
                " ".join(x for x in (image.alt, image.caption, image.credit, image.url) if x)
            )
        self.waiting = []

    def _flush(self) -> None:
        """Pictures that wait belong to the item before, if a section ends before their headline."""
        if self.item is not None and self.waiting:
            self.item.images += self.waiting
            self.waiting = []

    def _begin(self, number: int, line: Line) -> None:
        part = self.parts[-1]
        # in a part whose items have lower headings, one as high as the part's begins another
        ranks_alike = 0 < line.level <= part.level and line.level != self.last_level
        self.last_level = line.level
        if (self.broken or ranks_alike) and (part.items or part.intro):
            # the waiting pictures stood below the break, so they go on with the new item
            self.parts.append(Part(sure=0.6))
        self.broken = False
        self.item, self.listed = Draft(), line.bullet
        self.parts[-1].items.append(self.item)
        text, found = line.text, details.details_at_end(line.text)
        if found and not self._next_is_detail(number):
            self.item.doubts += filling.doubts(line)
            self.item.date, self.item.source = found.date, found.source
            text = text[: found.start].rstrip(" -–—|,:")
        else:
            ended = details.source_at_end(text)
            if ended and (line.linked > 0 or self._headlines_name_outlets):
                self.item.source = ended[0]
                text = text[: ended[1]].rstrip()
        self.item.headline = _NUMBERED.sub("", text).strip()
        for link in line.links:
            self.item.headline_links.append(Link(self.item.headline, link.url))
        self.item.images += self.waiting
        self.waiting = []
        for above in self.coming:
            self._detail(above)
        self.coming = []

    def _next_is_detail(self, number: int) -> bool:
        after = self.letter.around(number, +1)
        return after is not None and self.roles[after] is Role.META

    def _detail(self, number: int) -> None:
        line, item = self.lines[number], self.item
        if item is None:
            self.unplaced.append(line.text)
            return
        if filling.noted(item, line.text):
            return
        if details.is_byline(line.text):
            self.unplaced += filling.byline(item, line.text)
            return
        item.doubts += filling.doubts(line)
        event = headings.is_events(self.parts[-1].heading)
        if number in self.letter.outlets and event:
            self._paragraph(number, line)  # below an event's day stands its place
        elif number in self.letter.outlets:
            filling.outlet(item, line)
        elif found := labels.label(line.text):
            self.unplaced += filling.labelled(item, line, found)
        elif together := details.loosely(line.text):
            self.unplaced += filling.unlabelled(item, line, together, event=event)

    def _access(self, number: int, line: Line) -> None:
        if self.item is None:
            self._paragraph(number, line)
            return
        self.item.closed = True
        if len(line.links) > 1:
            self.item.links += [Link(line.text[a.start : a.end].strip(), a.url) for a in line.links]
        else:
            words = _bare(line)
            self.item.links.append(Link(words, line.links[0].url if line.links else None))

    def _address(self, line: Line) -> None:
        url = line.links[0].url if line.links else line.text.strip("<>()[] ")
        url = url if "://" in url else f"https://{url}"
        if self.item is None:
            self.unplaced.append(url)
        elif self.item.links and self.item.links[-1].url is None:
            self.item.links[-1] = Link(self.item.links[-1].text.rstrip(" :："), url)
        else:
            self.item.links.append(Link("", url))
            self.item.closed = True

    def _picture(self, number: int, line: Line, role: Role) -> None:
        if role is Role.PICTURE:
            image = Image(url=line.picture or None, alt=line.alt or None)
            self.waiting.append(image)
        else:
            near = self.letter.beside_picture(number)
            found = captions.credit(line.text, beside_picture=near)
            caption, credit = (found.caption, found.credit) if found else (line.text, "")
            held = self.waiting or (self.item.images if self.item else [])
            target = held[-1] if held else None
            if target is not None and not target.credit and (target.caption is None or not caption):
                held[-1] = replace(target, caption=caption or target.caption, credit=credit or None)
                if self.waiting is not held:
                    return
            else:
                self.waiting.append(Image(caption=caption or None, credit=credit or None))
        if self._stays(number):
            self._flush()

    def _stays(self, number: int) -> bool:
        """Whether a picture belongs to the item above: its text goes on below, and no break lies between."""
        if self.item is None:
            return False
        if self.broken:
            return False
        at = number + 1
        while at < len(self.roles) and self.roles[at] in (Role.PICTURE, Role.CAPTION):
            at += 1
        if at >= len(self.roles):
            return True
        follows = self.roles[at]
        if follows in (Role.PARA, Role.ACCESS, Role.META, Role.ADDRESS):
            return number not in self.letter.above_headline and at not in self.letter.above_headline
        if follows is Role.HEADLINE:
            first = self._first_of_shots(number)
            over, under = self.lines[first].gap, self.lines[at].gap
            if self.letter.source.typed and over != under:
                return over < under
            if self._pictures_first == 0:
                return self._speaks_of_above(first, at)
            return self._pictures_first < 0
        return follows in (Role.SECTION, Role.RULE, Role.SMALL)

    def _first_of_shots(self, number: int) -> int:
        """The first line of the pictures and captions that stand together around a line."""
        while number > 0 and self.roles[number - 1] in _SHOT:
            number -= 1
        return number

    @functools.cached_property
    def _pictures_first(self) -> int:
        """How many pictures more stand above their headlines in this letter than below their texts.

        Those between two items say nothing; what stands at the ends of parts and items does.
        """
        first = 0
        for number, role in enumerate(self.roles):
            if role not in _SHOT or (number and self.roles[number - 1] in _SHOT):
                continue
            above, below = self.letter.role_around(number, -1), self.letter.role_around(number, +1)
            if below is Role.HEADLINE:
                first += above in (None, Role.SECTION, Role.ACCESS, Role.ADDRESS)
            elif above in (Role.PARA, Role.ACCESS, Role.ADDRESS) and below is not Role.PARA:
                first -= 1
        return first

    def _speaks_of_above(self, first: int, after: int) -> bool:
        """Whether a picture between two items says more words of the item above than of the one below."""
        below = after
        while below < len(self.roles) and (
            below == after or self.roles[below] is not Role.HEADLINE
        ):
            below += 1
        above = first
        while above > 0 and self.roles[above] is not Role.HEADLINE:
            above -= 1
        shown = self._telling(first, after)
        over = shown & self._telling(above, first)
        return len(over) > len(shown & self._telling(after, below))

    def _telling(self, start: int, end: int) -> set[str]:
        """The longer words of some lines, in small letters."""
        said = " ".join(f"{line.text} {line.alt or ''}" for line in self.lines[start:end])
        return set(re.findall(r"[^\W\d_]{4,}", said.casefold()))

    def _paragraph(self, number: int, line: Line) -> None:
        if line.bullet and (line.gap == 0 or self.listed):
            line = replace(line, bullet=False)  # it goes on in the bullet of its headline
        text = line.text
        if self.item is None:
            self.parts[-1].intro.append(prose.markdown(line))
            return
        over = self.broken or (self.item.closed and bool(self.item.paragraphs))
        if over and not line.bullet and self._introduces(number, line):
            self._open(sure=0.7)
            self.parts[-1].intro.append(prose.markdown(line))
            return
        label = prose.SUMMARY_LABEL.match(text)
        if label and not line.links:
            line = replace(line, text=text[label.end() :])
        if not line.links or line.linked < 0.9:
            line = self._bracketed_source(line)
        body, link = prose.split_access(line, self._close_in_links)
        if not self.item.headline and self.item.paragraphs == []:
            self.item.headline = text
            return
        body = self._opening_day(self._linked_source(body))
        ended = details.details_at_end(body.text)
        if ended and not self.item.date and not self.item.labelled and ended.date and ended.source:
            self.item.date, self.item.source = ended.date, self.item.source or ended.source
            self.item.doubts += filling.doubts(line)
            body = prose.cut(body, ended.start)
        if body.text.strip():
            self.item.paragraphs.append(prose.markdown(body))
            self.item.inline += [
                Link(body.text[a.start : a.end], a.url) for a in body.links if a.end > a.start
            ]
        if link:
            self.item.links.append(link)
            self.item.closed = True

    @functools.cached_property
    def _close_in_links(self) -> bool:
        """Whether the texts of this letter end in a short link: most items have one such paragraph."""
        texts = [x for x, role in zip(self.lines, self.roles, strict=True) if role is Role.PARA]
        heads = sum(role is Role.HEADLINE for role in self.roles)
        ended = sum(map(prose.ends_in_link, texts))
        return ended >= 2 and ended * 2 > heads

    @functools.cached_property
    def _headlines_name_outlets(self) -> bool:
        """Whether several headlines of this letter end in an outlet and a day in brackets."""
        heads = [x for x, role in zip(self.lines, self.roles, strict=True) if role is Role.HEADLINE]
        return sum(details.ends_in_details(line.text) for line in heads) >= 2

    @functools.cached_property
    def _brackets_name_outlets(self) -> bool:
        """Whether several texts of this letter end in an outlet's name in brackets."""
        texts = [x for x, role in zip(self.lines, self.roles, strict=True) if role is Role.PARA]
        heads = sum(role is Role.HEADLINE for role in self.roles)
        named = sum(
            details.source_at_end(line.text) is not None or details.ends_in_details(line.text)
            for line in texts
        )
        return named >= 2 and named * 2 >= heads

    def _bracketed_source(self, line: Line) -> Line:
        """A paragraph without the outlet in brackets at its end, which is the item's."""
        assert self.item is not None
        if self.item.source or not self._brackets_name_outlets:
            return line
        found = details.source_at_end(line.text)
        if found is None:
            return line
        self.item.source = found[0]
        self.item.inline += [
            Link(line.text[a.start : a.end], a.url) for a in line.links if a.start >= found[1]
        ]
        return prose.cut(line, found[1])

    def _opening_day(self, line: Line) -> Line:
        """A first line that begins with the day of an event: "18 June 2020, 10-16 h, online"."""
        assert self.item is not None
        if self.item.date or self.item.paragraphs or self.item.labelled or line.links:
            return line
        found = details.day_first(line.text)
        if found is None:
            return line
        self.item.date = found.date
        return replace(line, text=line.text[found.end :])

    def _linked_source(self, line: Line) -> Line:
        """A paragraph that ends with a linked source and a date: both are the item's, with the link."""
        assert self.item is not None
        for link in line.links[-1:]:
            when = details.date(line.text[link.end :])
            words = line.text[link.start : link.end].strip()
            if when and not self.item.date and link.start > 0 and len(words.split()) <= 8:
                self.item.date = when
                self.item.source = self.item.source or details.tidy_source(words)
                self.item.links.append(Link(words, link.url))
                short = prose.cut(line, link.start)
                return prose.cut(short, len(_NAMES_SOURCE.sub("", short.text)))
        return line

    def _introduces(self, number: int, line: Line) -> bool:
        """Whether a paragraph after an item's link words opens a new section."""
        after = self.letter.around(number, +1)
        if after is None or self.roles[after] not in (Role.HEADLINE, Role.SECTION, Role.PARA):
            return False
        while after is not None and self.roles[after] is Role.PARA:
            after = self.letter.around(after, +1)
        if after is None or self.roles[after] is not Role.HEADLINE:
            return False
        return bool(
            line.text.rstrip().endswith((":", "："))
            or self.broken
            or headings.is_resources(line.text)
            or (
                line.words >= 10
                and self.item is not None
                and (self.item.labelled or self.item.date)
            )
        )

    def _settle(self) -> None:
        if self.waiting:
            self._flush()
        self._leave_pictures()

    # -- the value -----------------------------------------------------------------------------------

    def _made(self) -> Segmented:
        sections: list[Section] = []
        sure: dict[str, float] = {}
        doubts: dict[str, tuple[str, ...]] = {}
        uids = Counter[str]()
        parts = [part for part in self.parts if part.heading or part.intro or part.items]
        parts = [one for part in parts for one in drafts.apart(part)]
        parts, left = drafts.filled(parts)
        self.unplaced += left
        for part in parts:
            # a heading with prose and no items below it is an item itself
            prose = sum(len(words.split()) for words in part.intro)
            if (
                part.heading
                and not part.items
                and prose > 12
                and not headings.is_section(part.heading)
            ):
                part.items.append(Draft(headline=part.heading, paragraphs=part.intro, links=[]))
                part.heading, part.intro, part.sure = "", [], 0.6
        typical = drafts.typical(draft for part in parts for draft in part.items)
        for index, part in enumerate(parts):
            ours = headings.is_ours(part.heading)
            items = []
            for draft in part.items:
                if draft.author and not draft.source:
                    # Digests name the outlet there as often as a person.
                    draft.source = draft.author
                elif draft.author and draft.author != draft.source:
                    self.unplaced.append(f"{draft.headline}: {draft.author}")
                kind = drafts.kind(draft, part, ours, typical, index)
                uid = drafts.uid(self.name.title, draft.headline, uids)
                items.append(drafts.item(draft, uid, kind))
                sure[uid] = drafts.sureness(draft, kind, typical)
                if draft.doubts:
                    doubts[uid] = tuple(draft.doubts)
            sections.append(
                Section(part.heading or None, "\n\n".join(part.intro) or None, tuple(items))
            )
            sure[f"section-{index + 1}"] = part.sure
        return Segmented(
            self.name.title,
            self.name.date,
            self.name.newsletter,
            self.preview,
            tuple(sections),
            sure,
            doubts,
            tuple(line for line in self.unplaced if line),
        )
