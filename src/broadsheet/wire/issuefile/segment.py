"""Lines -> an issue: which lines begin an item, which head a section, and where the rest belongs.

Nothing is known of any organisation. Evidence is gathered from the whole letter first (what style
do lines have that are followed by a date and a source?), then each line is placed; a line that
finds no place is handed back.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from broadsheet.wire import text as texts
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.edition import Image, Item, Kind, Link, Section
from broadsheet.wire.issuefile import normal, signs
from broadsheet.wire.issuefile.lines import Anchor, Line, Source


class Role(enum.Enum):
    """What a line is, first by its own form, then by what stands around it."""

    PARA = enum.auto()
    TITLE = enum.auto()  # a heading of some kind
    META = enum.auto()  # date, source
    ACCESS = enum.auto()  # link words
    ADDRESS = enum.auto()  # an address written out
    CAPTION = enum.auto()
    PICTURE = enum.auto()
    RULE = enum.auto()
    SMALL = enum.auto()  # the mail tool's words
    HEADLINE = enum.auto()
    SECTION = enum.auto()
    ISSUE = enum.auto()  # the issue's own title
    MASTHEAD = enum.auto()


_CONTENT = {
    Role.PARA,
    Role.TITLE,
    Role.META,
    Role.ACCESS,
    Role.ADDRESS,
    Role.HEADLINE,
    Role.SECTION,
}


@dataclass
class Draft:
    """An item while its lines are gathered."""

    headline: str = ""
    headline_links: list[Link] = field(default_factory=list)
    date: When | None = None
    date_raw: str = ""
    source: str = ""
    paragraphs: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    inline: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    our_heading: str = ""
    note: str = ""
    content_note: str = ""
    author: str = ""
    labelled: bool = False
    closed: bool = False  # its link words have been read
    doubts: list[str] = field(default_factory=list)


@dataclass
class Part:
    heading: str = ""
    intro: list[str] = field(default_factory=list)
    items: list[Draft] = field(default_factory=list)
    sure: float = 0.9
    level: int = 0  # of its heading, where that is a heading by its element


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
    reader = _Reader(source)
    reader.look()
    reader.anchor()
    reader.name()
    return reader.place()


# a small word before the stop, so that "St. Mary" and "U.S. court" stay whole
_TWO_SENTENCES = re.compile(r"\b[a-z]{2,}[.!?]['’”\"]?\s+[A-Z“\"]")
# "1.", "(2)", "2.1", a bullet
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)](?:\d{1,2}[.)]?)?|[•●▪*–-])\s+")


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.posted: When | None = None  # when the page says that it was put up
        self.lines = normal.lines(source.lines, self._issue_date())
        self.roles: list[Role] = []
        self.titled = self._is_titled()
        sizes = Counter[float]()
        for line in self.lines:
            if line.size and line.words > 5 and not (line.level or line.strong):
                sizes[line.size] += line.words
        self.body = sizes.most_common(1)[0][0] if sizes else None
        self.pending_details: set[int] = set()  # details that stand above their headlines
        self.source_lines: set[int] = set()  # lines that are an outlet's bare name

    def _issue_date(self) -> When | None:
        """The month of the issue as its first lines, its title or its file state it."""
        heads = [line.text for line in self.source.lines[:10] if 0 < line.words <= 14]
        for words in (*heads, self.source.title):
            when = signs.month_in(words)
            if when and not signs.label(words):
                return when
        return signs.date(self.source.published) if self.source.published else None

    def _is_titled(self) -> bool:
        """Whether headlines show by their form, so that a plain short line is none.

        A page sets its headings; a typed letter may underline its sections and leave its headlines
        plain, so there only marked lines above details count.
        """
        if not self.source.typed:
            return any(line.level or line.strong for line in self.lines)
        marked = [n for n, line in enumerate(self.lines) if line.level or line.strong]
        return (
            sum(
                signs.label(self.lines[n + 1].text) is not None
                or signs.details(self.lines[n + 1].text) is not None
                for n in marked
                if n + 1 < len(self.lines)
            )
            >= 2
        )

    # -- by form -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Give each line a role by its own form."""
        for number, line in enumerate(self.lines):
            self.roles.append(self._form(number, line))
        self._pass_contents()
        wanted = texts.squeezed(self.source.title).casefold()
        for number, line in enumerate(self.lines[:8]):
            if line.level == 1 and wanted and texts.squeezed(line.text).casefold() == wanted:
                self.roles[number] = Role.ISSUE  # what the file calls itself heads no item
                break

    def _pass_contents(self) -> None:
        """A list of what the issue holds is no part of it."""
        for number, line in enumerate(self.lines):
            if not signs.is_contents(line.text):
                continue
            self.roles[number] = Role.SMALL
            for at in range(number + 1, len(self.lines)):
                entry = self.lines[at]
                numbered = re.match(r"\s*\d{1,2}[.)]\s", entry.text)
                if (
                    entry.words > 20
                    or entry.level
                    or not (entry.bullet or entry.gap == 0 or numbered)
                ):
                    break
                self.roles[at] = Role.SMALL

    def _form(self, number: int, line: Line) -> Role:
        text = line.text
        if line.picture is not None:
            return Role.PICTURE
        if line.links and not text.strip():
            return Role.ADDRESS
        if line.rule or not text.strip():
            return Role.RULE
        if signs.label(text) or signs.note(text):
            return Role.META
        if number < 15 and (when := signs.posted(text)):
            self.posted = when
            return Role.SMALL
        if signs.is_byline(text) and number > 0 and not line.level:
            return Role.META
        if signs.is_small_print(text) and not (line.level and line.level <= 3 and line.words > 3):
            return Role.SMALL
        if signs.is_address(text):
            return Role.ADDRESS
        near = self._beside_picture(number)
        if line.caption or signs.credit(text, beside_picture=near):
            return Role.CAPTION
        if (
            signs.is_access(text, line.linked > 0.3 or (bool(line.links) and line.words < 14))
            and not line.level
        ):
            return Role.ACCESS
        if self._can_be_details(number, line):
            return Role.META
        if self._titleish(number, line):
            return Role.TITLE
        return Role.PARA

    def _can_be_details(self, number: int, line: Line) -> bool:
        found = signs.details(line.text)
        if not found or line.level:
            return False
        if not found.source and found.date and found.date.precision is not Precision.DAY:
            # "June 2019" alone may be the issue's title or a heading; inside an item it is a date
            return number > 4 and line.gap == 0
        return number > 0

    def _beside_picture(self, number: int) -> bool:
        around = self.lines[max(0, number - 2) : number + 2]
        return any(line.picture is not None for line in around)

    def evident(self, line: Line) -> bool:
        """Whether the line is set as a heading: by tag, weight, size or link."""
        return bool(
            line.level
            or line.strong
            or (line.linked > 0.85 and line.words >= 3 and not self.source.typed)
            or (line.size and self.body and line.size > self.body * 1.08)
            or _capitals(line.text)
        )

    def _titleish(self, number: int, line: Line) -> bool:
        text = line.text.rstrip()
        if line.words > 32 or len(text) > 240:
            return False
        if line.level:
            return True
        if signs.is_particular(text):
            return False
        if (
            line.links
            and line.links[-1].start > 0
            and signs.is_access(text[line.links[-1].start :], True)
        ):
            return False
        if text.endswith((",", ";")):
            return False
        if text.endswith((":", "：")) and (
            line.words > 7 or (self.titled and not self.evident(line))
        ):
            return False
        by_size = self.evident(line) and not (line.level or line.strong or line.linked > 0.85)
        after = self.lines[number + 1] if number + 1 < len(self.lines) else None
        if text.endswith((":", "：")) and after is not None and after.bullet and not line.strong:
            return False  # it opens a list
        if text.endswith((":", "：")) and by_size and line.words > 3:
            return False
        if (
            text.endswith((":", "："))
            and self.source.typed
            and line.words > 3
            and not self.evident(line)
        ):
            return False
        sentence = re.search(r"[.。]['’”\"]?$", text) and not re.search(
            r"(?:\.\.\.|\b[A-Z]\.|\b(?:Inc|Ltd|Co|No|etc)\.)$", text
        )
        if not line.strong and line.words > 6 and _TWO_SENTENCES.search(text):
            return False  # two sentences are no heading
        if by_size and sentence and not _capitals(text):
            return False
        if self.evident(line):
            return not (sentence and line.words > 22)
        return not sentence and line.words <= 26

    # -- by what stands around ---------------------------------------------------------------------

    def around(self, number: int, step: int) -> int | None:
        """The nearest line with content before (-1) or after (+1) a line; None at the ends."""
        at = number + step
        while 0 <= at < len(self.lines):
            if self.roles[at] in _CONTENT:
                return at
            at += step
        return None

    def anchor(self) -> None:
        """Find the headlines: from dates and sources first, then by their form and company."""
        runs = self._runs()
        above = [self.around(first, -1) for first, _ in runs]
        below = [self.around(last, +1) for _, last in runs]
        titled = sum(1 for at in above if at is not None and self.roles[at] is Role.TITLE)
        self.headline_first = titled * 2 >= len(runs)
        # details that stand above their headlines: most have a title below and none above
        only_below = sum(
            self._title_at(b) and not self._title_at(a) for a, b in zip(above, below, strict=True)
        )
        only_above = sum(
            self._title_at(a) and not self._title_at(b) for a, b in zip(above, below, strict=True)
        )
        self.details_above = only_below > only_above
        for (first, last), a, b in zip(runs, above, below, strict=True):
            self._from_details(first, last, a, b)
        self._from_form()
        self._agree()
        self._bare_sources()

    def _bare_sources(self) -> None:
        """Outlets named on a line of their own under the headline or the date, without a label.

        One such line may be anything; where most headlines have one, each is a source.
        """
        found, headlines = [], 0
        for number, role in enumerate(self.roles):
            if role is not Role.HEADLINE:
                continue
            headlines += 1
            at = self.around(number, +1)
            if (
                at is not None
                and self.roles[at] is Role.META
                and not signs.label(self.lines[at].text)
            ):
                known = signs.details(self.lines[at].text)
                at = self.around(at, +1) if known and not known.source else None
            if at is None or self.roles[at] not in (Role.PARA, Role.TITLE):
                continue
            line, below = self.lines[at], self.around(at, +1)
            set_apart = line.gap == 0 or "italic" in line.style or self._small(line)
            goes_on = below is not None and self.roles[below] in (Role.PARA, Role.ACCESS, Role.META)
            if set_apart and goes_on and signs.can_be_source(line.text):
                found.append(at)
        if len(found) >= 2 and len(found) >= 0.4 * headlines:
            for at in found:
                self.roles[at] = Role.META
                self.source_lines.add(at)

    def _small(self, line: Line) -> bool:
        return bool(line.size and self.body and line.size < self.body * 0.95)

    def _runs(self) -> list[tuple[int, int]]:
        runs: list[tuple[int, int]] = []
        for number, role in enumerate(self.roles):
            if role is not Role.META:
                continue
            if runs and self.around(number, -1) == runs[-1][1]:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        return runs

    def _title_at(self, number: int | None) -> bool:
        return number is not None and self.roles[number] in (Role.TITLE, Role.HEADLINE)

    def _from_details(self, first: int, last: int, above: int | None, after: int | None) -> None:
        if above is not None and self.roles[above] is Role.TITLE:
            passed = self._title_at(after) and (
                self.details_above or signs.is_section(self.lines[above].text)
            )
            if self.lines[first].gap == 0 and not self.source.typed and not self.details_above:
                passed = False  # they stand in one paragraph
            if not passed:
                over = self.around(above, -1)
                bare = signs.details(self.lines[first].text)
                if (
                    bare
                    and not bare.source
                    and over is not None
                    and (
                        self.roles[over] is Role.TITLE
                        or (
                            self.roles[over] is Role.META and signs.is_byline(self.lines[over].text)
                        )
                    )
                    and self.lines[above].gap == 0
                    and not self.evident(self.lines[above])
                    and signs.can_be_source(self.lines[above].text)
                ):
                    self.roles[above] = Role.META
                    if self.roles[over] is Role.TITLE:
                        self.roles[over] = Role.HEADLINE
                    self.source_lines.add(above)
                    return
                self.roles[above] = Role.HEADLINE
                return
        if above is not None and self.roles[above] is Role.PARA:
            if self.headline_first and self.lines[above].words <= 30 and self._fresh(above):
                self.roles[above] = Role.HEADLINE
                return
            at: int | None = above
            while at is not None and self.roles[at] in (Role.PARA, Role.ACCESS):
                at = self.around(at, -1)
            known_part = at is not None and signs.is_section(self.lines[at].text)
            if at is not None and self.roles[at] is Role.TITLE and not known_part:
                self.roles[at] = Role.HEADLINE
                return
            if known_part and self.lines[above].words <= 30 and self.around(above, -1) == at:
                self.roles[above] = Role.HEADLINE
                return
            if at is not None and self.roles[at] is Role.HEADLINE:
                return
        if after is not None and self.roles[after] is Role.TITLE:
            self.roles[after] = Role.HEADLINE
            self.pending_details.update(range(first, last + 1))

    def _fresh(self, number: int) -> bool:
        """Whether a new item can begin at a line: what stands before it has ended."""
        before = self.around(number, -1)
        return (
            before is None
            or self.roles[before] in (Role.ACCESS, Role.ADDRESS, Role.SECTION, Role.TITLE)
            or (self.lines[number].gap > 1)
        )

    def _from_form(self) -> None:
        for number in range(len(self.lines) - 1, -1, -1):
            if self.roles[number] is not Role.TITLE:
                continue
            line = self.lines[number]
            after = self.around(number, +1)
            if after is None:
                self.roles[number] = Role.PARA if not self.evident(line) else Role.SECTION
                continue
            follows = self.roles[after]
            linked = line.linked > 0.85 and (not self.source.typed or line.strong)
            if self._runs_on(number):
                self.roles[number] = Role.PARA
                continue
            if self.titled and not self.evident(line) and not signs.is_section(line.text):
                self.roles[number] = Role.PARA
                continue
            if follows in (Role.HEADLINE, Role.SECTION):
                if linked and not signs.is_section(line.text):
                    self.roles[number] = Role.HEADLINE  # a bare list of linked headlines
                elif (
                    follows is Role.SECTION
                    and self._rank(number) >= self._rank(after)
                    and not signs.is_section(line.text)
                ):
                    self.roles[number] = Role.PARA if not self.evident(line) else Role.HEADLINE
                else:
                    self.roles[number] = Role.SECTION
            elif signs.is_section(line.text):
                self.roles[number] = Role.SECTION
            elif self.evident(line) or not self.titled or linked:
                if line.bullet and not self.evident(line):
                    self.roles[number] = Role.PARA
                else:
                    self.roles[number] = Role.HEADLINE
            else:
                self.roles[number] = Role.PARA

    def _runs_on(self, number: int) -> bool:
        """Whether a typed line only goes on with the paragraph above it."""
        line = self.lines[number]
        if not self.source.typed or line.gap or number == 0 or self.evident(line):
            return False
        before = self.lines[number - 1]
        return self.roles[number - 1] in (Role.TITLE, Role.PARA) and not (
            signs.is_section(before.text) or before.level
        )

    def _rank(self, number: int) -> float:
        """How prominent a line is set: smaller is more."""
        line = self.lines[number]
        if line.level:
            return line.level
        return 7 - (line.size or 0) / 100 - (0.5 if line.strong else 0)

    def _style(self, line: Line) -> tuple[object, ...]:
        return (line.level, line.strong, line.size, line.style, line.bullet, _capitals(line.text))

    def _agree(self) -> None:
        """Lines set alike are alike: the rarer reading of a style yields where its own ground is weak."""
        seen: dict[tuple[object, ...], Counter[Role]] = {}
        for line, role in zip(self.lines, self.roles, strict=True):
            if role in (Role.HEADLINE, Role.SECTION) and self.evident(line):
                seen.setdefault(self._style(line), Counter())[role] += 1
        for number, line in enumerate(self.lines):
            role = self.roles[number]
            votes = seen.get(self._style(line))
            if role not in (Role.HEADLINE, Role.SECTION) or not votes or not self.evident(line):
                continue
            after = self.around(number, +1)
            next_role = self.roles[after] if after is not None else None
            mostly_headlines = votes[Role.HEADLINE] > 2 * votes[Role.SECTION]
            mostly_sections = votes[Role.SECTION] > 2 * votes[Role.HEADLINE]
            if role is Role.SECTION and mostly_headlines:
                heads = next_role in (Role.HEADLINE, Role.SECTION)
                if not heads and not signs.is_section(line.text):
                    self.roles[number] = Role.HEADLINE
            elif (
                role is Role.HEADLINE
                and mostly_sections
                and next_role is Role.PARA
                and not line.links
            ):
                self.roles[number] = Role.SECTION

    # -- title ---------------------------------------------------------------------------------------

    def name(self) -> None:
        """Find the issue's title and the newsletter's name among the first lines."""
        self.title, self.date, self.newsletter = "", None, self.source.newsletter
        # a mail's first line is often its preview: one long line does not end the head
        start = next(
            (
                n
                for n, role in enumerate(self.roles)
                if role in (Role.META, Role.ACCESS)
                or (role is Role.PARA and self.lines[n].words > 25 and n > 2)
            ),
            len(self.roles),
        )
        heads = [
            n
            for n in range(min(start, 12, len(self.roles)))
            if self.roles[n] in (Role.TITLE, Role.HEADLINE, Role.SECTION, Role.PARA, Role.ISSUE)
            and self.lines[n].words <= 14
        ]
        for n in heads:
            when = signs.month_in(self.lines[n].text)
            after = self.around(n, +1)
            has_details = after is not None and self.roles[after] is Role.META
            if when and not has_details:
                self.title, self.date = self.lines[n].text, when
                self.roles[n] = Role.ISSUE
                for before in heads:
                    if before < n and not signs.is_section(self.lines[before].text):
                        self.roles[before] = Role.MASTHEAD
                        self.newsletter = self.newsletter or self.lines[before].text
                break
        if not self.title:
            self._name_from_file(heads)
        if not self.newsletter and signs.month_in(self.title):
            self.newsletter = _without_date(self.title)

    def _name_from_file(self, heads: list[int]) -> None:
        self.title = self.source.title
        first = heads[0] if heads else None
        if first is not None and self.lines[first].level == 1:
            after = self.around(first, +1)
            if after is None or self.roles[after] is not Role.META:
                self.title = self.lines[first].text
                self.roles[first] = Role.ISSUE
        self.date = signs.month_in(self.title) or signs.month_in(self.source.title)
        if self.date is None and self.source.published:
            self.date = signs.date(self.source.published)
        self.date = self.date or self.posted

    # -- placing -------------------------------------------------------------------------------------

    def place(self) -> Segmented:
        """Walk through the lines and put each into an item, a section or the leftovers."""
        self.parts: list[Part] = [Part(sure=0.6)]
        self.item: Draft | None = None
        self.waiting: list[Image] = []  # pictures and captions that wait for their headline
        self.coming: list[int] = []  # details that stand above their headline
        self.unplaced: list[str] = []
        self.broken = False  # a section break was seen
        self.last_level = 0  # of the last heading
        self.preview = ""
        heads = (Role.ISSUE, Role.MASTHEAD)
        self.titled_at = next((n for n, role in enumerate(self.roles) if role in heads), 0)
        headlines = [n for n, role in enumerate(self.roles) if role is Role.HEADLINE]
        gaps = Counter(self._gap_above(n) for n in headlines[1:])
        self.usual = max(gaps, key=lambda gap: (gaps[gap], -gap)) if gaps else 1
        rules = sum(1 for role in self.roles if role is Role.RULE)
        self.rules_part = 0 < rules <= max(1, len(headlines) // 2)
        end = self._end(headlines)
        for number, line in enumerate(self.lines):
            if number < end:
                self._place(number, line, self.roles[number])
            elif line.text:
                self.unplaced.append(line.text)
        self._settle()
        return self._made()

    def _end(self, headlines: list[int]) -> int:
        """Where the issue ends and the mail tool's or the sender's small print begins."""
        last = headlines[-1] if headlines else 0
        for number in range(last + 1, len(self.lines)):
            text = self.lines[number].text
            if signs.is_farewell(text) and len(self.lines) - number <= 12:
                return number
            if self.roles[number] is Role.SMALL and signs.is_foot(text):
                at = number
                # the sender's name and address stand above it, in lines that are no sentences
                while at - 1 > last and self.roles[at - 1] in (
                    Role.PARA,
                    Role.TITLE,
                    Role.SECTION,
                    Role.SMALL,
                    Role.RULE,
                ):
                    line = self.lines[at - 1]
                    if line.words > 14 or re.search(r"[.!?。]$", line.text.rstrip()):
                        break
                    at -= 1
                return at
        return len(self.lines)

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
            self._open(_NUMBERED.sub("", line.text).rstrip(" :："))
            self.parts[-1].level = self.last_level = line.level
        elif role is Role.HEADLINE:
            self._begin(line)
        elif role is Role.META:
            if number in self.pending_details:
                self.coming.append(number)
            else:
                self._detail(number)
        elif role is Role.ACCESS:
            self._access(line)
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
        if role in (Role.ISSUE, Role.MASTHEAD):
            self._leave_pictures()
            if line.text not in (self.title, self.newsletter):
                self.unplaced.append(line.text)

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

    def _begin(self, line: Line) -> None:
        part = self.parts[-1]
        # in a part whose items have lower headings, one as high as the part's begins another
        ranks_alike = 0 < line.level <= part.level and line.level != self.last_level
        self.last_level = line.level
        if (self.broken or ranks_alike) and (part.items or part.intro):
            # the waiting pictures stood below the break, so they go on with the new item
            self.parts.append(Part(sure=0.6))
        self.broken = False
        self.item = Draft()
        self.parts[-1].items.append(self.item)
        text, details = line.text, signs.details_at_end(line.text)
        if details and not self._next_is_detail(line):
            if line.year_added:
                self.item.doubts.append("the year is taken from the issue's date")
            self.item.date, self.item.source = details.date, details.source
            text = text[: details.start].rstrip(" -–—|,:")
        else:
            ended = signs.source_at_end(text)
            if ended and line.linked > 0:
                self.item.source = ended[0]
                text = text[: ended[1]].rstrip()
        self.item.headline = _NUMBERED.sub("", text).strip()
        for link in line.links:
            self.item.headline_links.append(Link(self.item.headline, link.url))
        self.item.images += self.waiting
        self.waiting = []
        for number in self.coming:
            self._detail(number)
        self.coming = []

    def _next_is_detail(self, line: Line) -> bool:
        number = self.lines.index(line)
        after = self.around(number, +1)
        return after is not None and self.roles[after] is Role.META

    def _detail(self, number: int) -> None:
        line = self.lines[number]
        if self.item is None:
            self.unplaced.append(line.text)
            return
        noted = signs.note(line.text)
        if noted:
            which, words = noted
            if which == "headline":
                self.item.our_heading, self.item.headline = self.item.headline, words
            elif which == "note":
                self.item.note = f"{self.item.note}\n\n{words}" if self.item.note else words
            else:
                self.item.content_note = words
            return
        if signs.is_byline(line.text):
            self.item.author = self.item.author or line.text[2:].strip()
            return
        if line.year_added:
            self.item.doubts.append("the year is taken from the issue's date")
        if number in self.source_lines:
            self.item.source = self.item.source or signs.tidy_source(line.text)
            self.item.inline += [Link(line.text[a.start : a.end], a.url) for a in line.links]
            return
        found = signs.label(line.text)
        if found:
            self.item.labelled = True
            if found.date:
                when = signs.date(found.date)
                if when is None:
                    together = signs.details(found.date)
                    when = together.date if together else None
                    if together and together.source and not self.item.source:
                        self.item.source = together.source
                if when is None:
                    self.item.doubts.append(f"date not read: {found.date}")
                elif self.item.date is None:
                    self.item.date = replace(when, raw=found.date)
                elif when.value != self.item.date.value:
                    self.unplaced.append(line.text)
            if found.source and not self.item.source:
                self.item.source = self._source_with_date(found.source)
            elif found.source and found.source != self.item.source:
                self.unplaced.append(line.text)
            if found.author:
                self.item.author = self.item.author or found.author
            if found.link and signs.is_address(found.link):
                self.item.links.append(Link("", found.link))
            for link in line.links:
                words = line.text[link.start : link.end]
                self.item.inline.append(Link(words, link.url))
            return
        together = signs.details(line.text)
        if together:
            known = self.item.date or together.date
            if (known and together.date and together.date.value != known.value) or (
                together.source and self.item.source and together.source != self.item.source
            ):
                self.unplaced.append(line.text)
            self.item.date = known
            self.item.source = self.item.source or together.source
            for link in line.links:
                self.item.inline.append(Link(line.text[link.start : link.end], link.url))

    def _source_with_date(self, text: str) -> str:
        """A source; where a date stands behind it, the date is taken too."""
        together = signs.details(text) or signs.source_with_year(text)
        if together and together.source and together.date and self.item is not None:
            self.item.date = self.item.date or together.date
            return together.source
        return text.strip(" .;|")

    def _access(self, line: Line) -> None:
        if self.item is None:
            self._paragraph(self.lines.index(line), line)
            return
        self.item.closed = True
        if len(line.links) > 1:
            self.item.links += [Link(line.text[a.start : a.end].strip(), a.url) for a in line.links]
        else:
            self.item.links.append(Link(line.text, line.links[0].url if line.links else None))

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
            near = self._beside_picture(number)
            found = signs.credit(line.text, beside_picture=near)
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
            return number not in self.pending_details and at not in self.pending_details
        if follows is Role.HEADLINE:
            return not self._pictures_first()
        return follows in (Role.SECTION, Role.RULE, Role.SMALL)

    def _pictures_first(self) -> bool:
        """Whether pictures stand above their headlines in this letter."""
        if not hasattr(self, "_first"):
            above = below = 0
            for number, role in enumerate(self.roles):
                if role is not Role.HEADLINE:
                    continue
                before, after = number - 1, number + 1
                if before >= 0 and self.roles[before] in (Role.PICTURE, Role.CAPTION):
                    above += 1
                if after < len(self.roles) and self.roles[after] in (Role.PICTURE, Role.CAPTION):
                    below += 1
            self._first = above >= below
        return self._first

    def _paragraph(self, number: int, line: Line) -> None:
        if line.bullet and line.gap == 0:
            line = replace(line, bullet=False)  # it goes on in the bullet of its headline
        text = line.text
        if self.item is None:
            self.parts[-1].intro.append(_markdown(line))
            return
        over = self.broken or (self.item.closed and bool(self.item.paragraphs))
        if over and not line.bullet and self._introduces(number, line):
            self._open(sure=0.7)
            self.parts[-1].intro.append(_markdown(line))
            return
        label = _SUMMARY_LABEL.match(text)
        if label and not line.links:
            line = replace(line, text=text[label.end() :])
        body, link = _split_access(line)
        if not self.item.headline and self.item.paragraphs == []:
            self.item.headline = text
            return
        body = self._linked_source(body)
        ended = signs.details_at_end(body.text)
        if ended and not self.item.date and not self.item.labelled and ended.date and ended.source:
            self.item.date, self.item.source = ended.date, self.item.source or ended.source
            body = _cut(body, ended.start)
        if body.text.strip():
            self.item.paragraphs.append(_markdown(body))
            self.item.inline += [
                Link(body.text[a.start : a.end], a.url) for a in body.links if a.end > a.start
            ]
        if link:
            self.item.links.append(link)
            self.item.closed = True

    def _linked_source(self, line: Line) -> Line:
        """A paragraph that ends with a linked source and a date: both are the item's, with the link."""
        assert self.item is not None
        for link in line.links[-1:]:
            when = signs.date(line.text[link.end :])
            words = line.text[link.start : link.end].strip()
            if when and not self.item.date and link.start > 0 and len(words.split()) <= 8:
                self.item.date, self.item.source = (
                    when,
                    self.item.source or signs.tidy_source(words),
                )
                self.item.links.append(Link(words, link.url))
                short = _cut(line, link.start)
                return _cut(
                    short,
                    len(
                        re.sub(
                            r"\W*\b(?:source|via|from|by)\s*[:：]?\s*$",
                            "",
                            short.text,
                            flags=re.IGNORECASE,
                        )
                    ),
                )
        return line

    def _introduces(self, number: int, line: Line) -> bool:
        """Whether a paragraph after an item's link words opens a new section."""
        after = self.around(number, +1)
        if after is None or self.roles[after] not in (Role.HEADLINE, Role.SECTION, Role.PARA):
            return False
        while after is not None and self.roles[after] is Role.PARA:
            after = self.around(after, +1)
        if after is None or self.roles[after] is not Role.HEADLINE:
            return False
        return bool(
            line.text.rstrip().endswith((":", "："))
            or self.broken
            or signs.is_resources(line.text)
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
        uids: set[str] = set()
        parts = [part for part in self.parts if part.heading or part.intro or part.items]
        for part in parts:
            # a heading with prose and no items below it is an item itself
            prose = sum(len(words.split()) for words in part.intro)
            if (
                part.heading
                and not part.items
                and prose > 12
                and not signs.is_section(part.heading)
            ):
                part.items.append(Draft(headline=part.heading, paragraphs=part.intro, links=[]))
                part.heading, part.intro, part.sure = "", [], 0.6
        typical = _typical(draft for part in parts for draft in part.items)
        previous_ours = False
        for index, part in enumerate(parts):
            ours = signs.is_ours(part.heading) or (not part.heading and index == 0 and False)
            items = []
            for draft in part.items:
                if draft.author and not draft.source:
                    draft.source = (
                        draft.author
                    )  # digests name the outlet there as often as a person
                elif draft.author and draft.author != draft.source:
                    self.unplaced.append(f"{draft.headline}: {draft.author}")
                kind = _kind(draft, part, ours, typical, index, previous_ours)
                uid = _uid(self.title, draft.headline, uids)
                items.append(_item(draft, uid, kind))
                sure[uid] = _sureness(draft, kind, typical)
                if draft.doubts:
                    doubts[uid] = tuple(draft.doubts)
            previous_ours = ours
            sections.append(
                Section(part.heading or None, "\n\n".join(part.intro) or None, tuple(items))
            )
            sure[f"section-{index + 1}"] = part.sure
        return Segmented(
            self.title,
            self.date,
            self.newsletter,
            self.preview,
            tuple(sections),
            sure,
            doubts,
            tuple(line for line in self.unplaced if line),
        )


@dataclass(frozen=True, slots=True)
class _Typical:
    """What the items of this letter mostly have, each 0 to 1."""

    date: float
    source: float
    link: float


def _typical(drafts: Iterable[Draft]) -> _Typical:
    all_drafts = list(drafts)
    count = max(1, len(all_drafts))
    return _Typical(
        sum(1 for d in all_drafts if d.date) / count,
        sum(1 for d in all_drafts if d.source) / count,
        sum(1 for d in all_drafts if d.links or d.headline_links) / count,
    )


_RESOURCE_WORDS = re.compile(
    r"\b(?:handbook|toolkit|guide(?:lines|book)?|manual|webpage|resource|factsheet|fact sheet|"
    r"training module|e-?learning|briefing paper|working paper|white paper|infographic)\b|"
    r"^report:|手冊|指引|工具",
    re.IGNORECASE,
)


def _kind(
    draft: Draft, part: Part, ours: bool, typical: _Typical, index: int, after_ours: bool
) -> Kind:
    if signs.is_events(part.heading):
        return Kind.EVENT
    intro = " ".join(part.intro)
    if signs.is_resources(part.heading) or (not part.heading and signs.is_resources(intro)):
        return Kind.RESOURCE
    if ours and not (draft.date and draft.source):
        return Kind.HIGHLIGHT
    if index == 0 and not draft.date and not draft.source and typical.date > 0.5:
        return Kind.HIGHLIGHT
    if draft.date and draft.date.precision in (Precision.YEAR, Precision.MONTH) and draft.source:
        return Kind.RESOURCE
    reported = any(other.date or other.source for other in part.items)
    if not (reported or draft.headline_links) and typical.source > 0.4:
        return Kind.HIGHLIGHT
    words = " ".join(link.text for link in draft.links)
    if not draft.date and _RESOURCE_WORDS.search(f"{draft.headline} {words}"):
        return Kind.RESOURCE
    return Kind.ARTICLE


def _item(draft: Draft, uid: str, kind: Kind) -> Item:
    known = {link.url for link in draft.links if link.url}
    links = list(draft.links)
    if len(links) == 1 and links[0].url is None and draft.headline_links:
        links = [Link(links[0].text, draft.headline_links[0].url)]
        known.add(links[0].url or "")
    links = [link for link in draft.headline_links[:1] if link.url not in known] + links
    if not links:
        links = draft.inline
    return Item(
        uid=uid,
        kind=kind,
        headline=draft.headline,
        our_heading=draft.our_heading or None,
        note=draft.note or None,
        content_note=draft.content_note or None,
        date=draft.date,
        source=draft.source or None,
        summary="\n\n".join(draft.paragraphs),
        links=tuple(Link(link.text or draft.headline, link.url) for link in _once(links)),
        images=tuple(draft.images),
    )


def _once(links: list[Link]) -> list[Link]:
    """Each link once; of two with one address the one with words, or both where the words differ."""
    named = {link.url for link in links if link.text}
    out: list[Link] = []
    for link in links:
        if (link.text or link.url not in named) and (link.url is None or link not in out):
            out.append(link)
    return out


def _sureness(draft: Draft, kind: Kind, typical: _Typical) -> float:
    """How sure an item is, 0 to 1: what the letter's other items have and this one lacks lowers it."""
    sure = 1.0 if draft.labelled else 0.85
    if not draft.headline:
        sure -= 0.4
    if kind is not Kind.HIGHLIGHT:
        if not draft.date:
            sure -= 0.2 * typical.date
        if not draft.source:
            sure -= 0.15 * typical.source
    if not (draft.links or draft.headline_links or draft.inline):
        sure -= 0.15 * typical.link
    if not draft.paragraphs:
        sure -= 0.1
    if len(draft.headline.split()) > 30:
        sure -= 0.2
    sure -= 0.15 * min(2, len(draft.doubts))
    return round(max(0.05, sure), 2)


def _uid(title: str, headline: str, taken: set[str]) -> str:
    """The same item of the same issue gets the same uid each time; it says nothing of its content."""
    for copy in range(1000):
        digest = hashlib.sha256(f"{title}\x1f{texts.squeezed(headline)}\x1f{copy}".encode())
        uid = "i" + digest.hexdigest()[:11]
        if uid not in taken:
            break
    taken.add(uid)
    return uid


def _capitals(text: str) -> bool:
    letters = [char for char in text if char.isalpha() and char.isascii()]
    return len(letters) >= 4 and all(char.isupper() for char in letters)


def _without_date(title: str) -> str:
    """What is left of "The Harbour Letter – June 2019" without its date; empty where nothing is."""
    left = re.sub(signs.DATE, "", title, flags=re.IGNORECASE)
    left = re.sub(
        r"(?i)\b(?:issue|vol(?:ume)?|no|number|nr)\b\.?\s*#?\d+|\b(?:the )?week of\b.*$|#\d+",
        "",
        left,
    )
    left = re.sub(r"(?i)[\s,:;|–—-]*\d{1,2}(?:st|nd|rd|th)?\s*(?:to|-|–|and|&)?\s*$", "", left)
    left = left.strip(" \t,:;|–—-()[]·•/")
    return (
        left
        if sum(char.isalpha() for char in left) > 2
        and not re.fullmatch(signs.MONTH, left, re.IGNORECASE)
        else ""
    )


def _cut(line: Line, end: int) -> Line:
    text = line.text[:end].rstrip(" -–—|")
    links = tuple(
        Anchor(a.url, a.start, min(a.end, len(text))) for a in line.links if a.start < len(text)
    )
    return replace(line, text=text, links=links)


_SUMMARY_LABEL = re.compile(
    r"^(?:summary|description|abstract|excerpt|摘要|內容)\s*[:：]\s*", re.IGNORECASE
)
_ACCESS_TAIL = re.compile(
    r"(?<=[.!?”\"])\s+((?:Read more|Click here|Access|Learn more)[^.!?]{0,60}\.?)$"
)


def _split_access(line: Line) -> tuple[Line, Link | None]:
    """A paragraph and the link words at its end: "... said the court. Read more" with its address."""
    for link in line.links[-1:]:
        tail = line.text[link.start :]
        words = line.text[link.start : link.end]
        if tail.strip(" .»>→[]()…").casefold() != words.strip(" .»>→[]()…").casefold():
            continue
        start = link.start
        boundary = max(
            (m.end() for m in re.finditer(r"[.!?。！？…”\"’)]\s+|\n", line.text[: link.start])),
            default=0,
        )
        sentence = line.text[boundary:].strip(" \n")
        if signs.is_access(sentence, True) and len(sentence.split()) <= 15 and boundary > 0:
            return _cut(line, boundary), Link(sentence.strip("[]() "), link.url)
        if signs.is_access(words, True) and start > 0:
            return _cut(line, start), Link(words.strip(), link.url)
    if not line.links:
        match = re.search(
            r"(?<=[.!?”\"])\s+((?:Read more|Click here|Access|Learn more)[^.!?]{0,60}\.?)$",
            line.text,
        )
        if match and signs.is_access(match[1]):
            return _cut(line, match.start()), Link(match[1], None)
    return line, None


def _markdown(line: Line) -> str:
    """The line as restricted Markdown: its links kept, what would be a mark escaped."""
    out, at = [], 0
    for link in sorted(line.links, key=lambda a: a.start):
        if link.start < at or link.end <= link.start:
            continue
        out.append(_escaped(line.text[at : link.start]))
        words = line.text[link.start : link.end]
        lead = len(words) - len(words.lstrip())
        tail = words[len(words.rstrip()) :]
        url = link.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
        out.append(words[:lead] + f"[{_escaped(words.strip())}]({url})" + tail)
        at = link.end
    out.append(_escaped(line.text[at:]))
    made = "".join(out)
    if line.bullet:
        return "- " + made
    return re.sub(
        r"^(\s*)([-+])(?=\s)", r"\1\\\2", re.sub(r"^(\s*\d+)([.)])(?=\s)", r"\1\\\2", made)
    )


def _escaped(words: str) -> str:
    """Escape only what restricted Markdown would read as a mark: most texts stay as they are."""
    if "*" in words or "_" in words or "[" in words or "\\" in words:
        words = re.sub(r"([\\*_\[\]])", r"\\\1", words)
    return words


def lines_of(sections: Sequence[Section]) -> int:
    return sum(len(section.items) for section in sections)
