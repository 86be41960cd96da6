"""What each line of a letter is: headline, heading of a part, details, link words, small print.

Each line is first judged by its own form, then by what stands around it, then by how lines of its
style are mostly read in this letter. Nothing is known of any organisation.
"""

from __future__ import annotations

import enum
import re
from collections import Counter

from broadsheet.wire import text as texts
from broadsheet.wire.dates import MONTH, Precision, When
from broadsheet.wire.issuefile import (
    captions,
    details,
    furniture,
    headings,
    labels,
    linkwords,
    normal,
)
from broadsheet.wire.issuefile.lines import Line, Source


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


CONTENT = {
    Role.PARA,
    Role.TITLE,
    Role.META,
    Role.ACCESS,
    Role.ADDRESS,
    Role.HEADLINE,
    Role.SECTION,
}


# a small word before the stop, so that "St. Mary" and "U.S. court" stay whole
# a question with an answer in half a sentence is still a headline: "Made by children? What audits miss"
_TWO_SENTENCES = re.compile(
    r"\b[a-z]{2,}\.['’”\"]?\s+[A-Z“\"]|\b[a-z]{2,}[!?]['’”\"]?\s+[A-Z“\"].*[.!]['’”\"]?$"
)


_SENTENCE = re.compile(r"\b\w{2,}[.!?]['’”\"]?\s|[。！？]")


class Roles:
    """The lines of a letter with their roles; `read()` finds them, and the issue's title."""

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
        self.used: set[int] = set()  # lines of the head whose words are kept as the issue's date
        self.source_lines: set[int] = set()  # lines that are an outlet's bare name

    def read(self) -> Roles:
        """Find every role. Returns itself."""
        self.look()
        self.anchor()
        self.name()
        return self

    def _issue_date(self) -> When | None:
        """The month of the issue as its first lines, its title or its file state it."""
        heads = [line.text for line in self.source.lines[:10] if 0 < line.words <= 14]
        for words in (*heads, self.source.title):
            when = details.month_in(words)
            if when and not labels.label(words):
                return when
        return details.date(self.source.published) if self.source.published else None

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
                labels.label(self.lines[n + 1].text) is not None
                or details.details(self.lines[n + 1].text) is not None
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
        self._pass_adverts()
        self._take_captions()
        self._take_day()
        wanted = texts.squeezed(self.source.title).casefold()
        for number, line in enumerate(self.lines[:8]):
            if line.level == 1 and wanted and texts.squeezed(line.text).casefold() == wanted:
                self.roles[number] = Role.ISSUE  # what the file calls itself heads no item
                break

    def _pass_contents(self) -> None:
        """A list of what the issue holds is no part of it."""
        for number, line in enumerate(self.lines):
            if not furniture.is_contents(line.text):
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

    def _pass_adverts(self) -> None:
        """What is paid for is no item: the line that says so, and its box."""
        for number, line in enumerate(self.lines):
            if not furniture.is_advert(line.text):
                continue
            self.roles[number] = Role.SMALL
            at = number + 1
            while line.cell and at < len(self.lines) and at - number < 12:
                if self.lines[at].cell[: len(line.cell)] != line.cell:
                    break
                self.roles[at] = Role.SMALL
                at += 1

    def _take_day(self) -> None:
        """A day alone below the letter's own title is the issue's, not the first item's.

        The title is known by its form: no other line is set like it.
        """
        content = [n for n, role in enumerate(self.roles[:8]) if role in CONTENT]
        if len(content) < 3 or sum(role is Role.META for role in self.roles) < 3:
            return
        first, second = content[:2]
        found = details.details(self.lines[second].text)
        alone = found is not None and not found.source and self.roles[second] is Role.META
        style = self._style(self.lines[first])
        only = sum(self._style(line) == style for line in self.lines if line.text) == 1
        if alone and only and self.evident(self.lines[first]) and found is not None:
            self.roles[second] = Role.MASTHEAD
            self.roles[first] = Role.ISSUE
            self.posted = self.posted or found.date
            self.used.add(second)

    def _take_captions(self) -> None:
        """Words right below a picture are its caption where the credit follows, or its box ends."""
        for number, line in enumerate(self.lines[:-1]):
            if (
                number == 0
                or self.roles[number] not in (Role.PARA, Role.TITLE)
                or self.roles[number - 1] is not Role.PICTURE
                or line.words > 35
                or line.level
                or line.strong
                or line.links
                or line.cell != self.lines[number - 1].cell
            ):
                continue
            after = self.lines[number + 1]
            found = captions.credit(after.text, beside_picture=True)
            credited = (
                self.roles[number + 1] is Role.CAPTION
                and found is not None
                and not found.caption
                and after.gap <= 1
                and after.cell == line.cell
            )
            set_apart = self._small(line) or "italic" in line.style
            boxed = bool(line.cell) and after.cell != line.cell and line.words <= 25
            if credited or (set_apart and boxed):
                self.roles[number] = Role.CAPTION

    def _form(self, number: int, line: Line) -> Role:
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
            self.posted = when
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
            self.source.typed and line.links and labels.is_address_label(text)
        ):
            return Role.ADDRESS
        near = self.beside_picture(number)
        if line.caption or captions.credit(text, beside_picture=near):
            return Role.CAPTION
        if (
            linkwords.is_access(text, line.linked > 0.3 or (bool(line.links) and line.words < 14))
            and not line.level
            and not _told_before_link(line)
        ):
            return Role.ACCESS
        if self._can_be_details(number, line):
            return Role.META
        if self._titleish(number, line):
            return Role.TITLE
        return Role.PARA

    def _can_be_details(self, number: int, line: Line) -> bool:
        found = details.details(line.text)
        if not found or line.level:
            return False
        if not found.source and found.date and found.date.precision is not Precision.DAY:
            # "June 2019" alone may be the issue's title or a heading; inside an item it is a date
            return number > 4 and line.gap == 0
        return number > 0

    def beside_picture(self, number: int) -> bool:
        around = self.lines[max(0, number - 2) : number + 2]
        return any(line.picture is not None for line in around)

    def evident(self, line: Line) -> bool:
        """Whether the line is set as a heading: by tag, weight, size or link."""
        return bool(
            line.level
            or line.strong
            or (line.linked > 0.85 and line.words >= 3 and not self.source.typed)
            or (line.size and self.body and line.size > self.body * 1.08)
            or capitals(line.text)
        )

    def _titleish(self, number: int, line: Line) -> bool:
        text = line.text.rstrip()
        if line.words > 32 or len(text) > 240:
            return False
        if line.level:
            return True
        if labels.is_particular(text):
            return False
        if (
            line.links
            and line.links[-1].start > 0
            and linkwords.is_access(text[line.links[-1].start :], True)
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
        if by_size and sentence and not capitals(text):
            return False
        if self.evident(line):
            return not (sentence and line.words > 22)
        return not sentence and line.words <= 26

    # -- by what stands around ---------------------------------------------------------------------

    def around(self, number: int, step: int) -> int | None:
        """The nearest line with content before (-1) or after (+1) a line; None at the ends."""
        at = number + step
        while 0 <= at < len(self.lines):
            if self.roles[at] in CONTENT:
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
        self.details_above = only_below > only_above and self._leads(runs, above, below)
        for (first, last), a, b in zip(runs, above, below, strict=True):
            self._from_details(first, last, a, b)
        self._from_form()
        self._agree()
        self._bare_sources()

    def _leads(
        self, runs: list[tuple[int, int]], above: list[int | None], below: list[int | None]
    ) -> bool:
        """Whether details between a text and a headline belong to the headline below them.

        The wider gap parts the items. Where the gaps are alike the ends of the letter tell: details
        that stand above have none below the last text.
        """
        nearer = 0
        for (first, _), after in zip(runs, below, strict=True):
            if after is not None:
                nearer += (self.lines[first].gap > self.lines[after].gap) - (
                    self.lines[first].gap < self.lines[after].gap
                )
        if nearer:
            return nearer > 0
        return self._title_at(below[-1]) and not (
            above[0] is not None and self.roles[above[0]] is Role.PARA
        )

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
                and not labels.label(self.lines[at].text)
            ):
                known = details.details(self.lines[at].text)
                at = self.around(at, +1) if known and not known.source else None
            if at is None or self.roles[at] not in (Role.PARA, Role.TITLE):
                continue
            line, below = self.lines[at], self.around(at, +1)
            set_apart = line.gap == 0 or "italic" in line.style or self._small(line)
            goes_on = below is not None and self.roles[below] in (Role.PARA, Role.ACCESS, Role.META)
            if set_apart and goes_on and details.can_be_source(line.text):
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
                self.details_above or headings.is_section(self.lines[above].text)
            )
            if self.lines[first].gap == 0 and not self.source.typed and not self.details_above:
                passed = False  # they stand in one paragraph
            if not passed:
                over = self.around(above, -1)
                bare = details.details(self.lines[first].text)
                if (
                    bare
                    and not bare.source
                    and over is not None
                    and (
                        self.roles[over] is Role.TITLE
                        or (
                            self.roles[over] is Role.META
                            and details.is_byline(self.lines[over].text)
                        )
                    )
                    and self.lines[above].gap == 0
                    and not self.evident(self.lines[above])
                    and details.can_be_source(self.lines[above].text)
                ):
                    self.roles[above] = Role.META
                    if self.roles[over] is Role.TITLE:
                        self.roles[over] = Role.HEADLINE
                    self.source_lines.add(above)
                    return
                self.roles[above] = Role.HEADLINE
                return
        leads = self.details_above and self._title_at(after)
        if above is not None and self.roles[above] is Role.PARA and not leads:
            if self.headline_first and self.lines[above].words <= 30 and self._fresh(above):
                self.roles[above] = Role.HEADLINE
                return
            at: int | None = above
            while at is not None and self.roles[at] in (Role.PARA, Role.ACCESS):
                at = self.around(at, -1)
            known_part = at is not None and headings.is_section(self.lines[at].text)
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
            if self.titled and not self.evident(line) and not headings.is_section(line.text):
                self.roles[number] = Role.PARA
                continue
            if follows in (Role.HEADLINE, Role.SECTION):
                if linked and not headings.is_section(line.text):
                    self.roles[number] = Role.HEADLINE  # a bare list of linked headlines
                elif (
                    follows is Role.SECTION
                    and self._rank(number) >= self._rank(after)
                    and not headings.is_section(line.text)
                ):
                    self.roles[number] = Role.PARA if not self.evident(line) else Role.HEADLINE
                else:
                    self.roles[number] = Role.SECTION
            elif headings.is_section(line.text):
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
        if headings.is_section(line.text) and not line.links:
            return False
        before = self.lines[number - 1]
        return self.roles[number - 1] in (Role.TITLE, Role.PARA) and not (
            headings.is_section(before.text) or before.level
        )

    def _rank(self, number: int) -> float:
        """How prominent a line is set: smaller is more."""
        line = self.lines[number]
        if line.level:
            return line.level
        return 7 - (line.size or 0) / 100 - (0.5 if line.strong else 0)

    def _style(self, line: Line) -> tuple[object, ...]:
        return (line.level, line.strong, line.size, line.style, line.bullet, capitals(line.text))

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
                if not heads and not headings.is_section(line.text):
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
            when = details.month_in(self.lines[n].text)
            after = self.around(n, +1)
            has_details = after is not None and self.roles[after] is Role.META
            alone = details.date(self.lines[n].text)
            if alone and alone.precision is Precision.MONTH:
                has_details = False  # a month by itself is no headline
            if _SENTENCE.search(self.lines[n].text) and details.details_at_end(self.lines[n].text):
                has_details = True  # a short text with its outlet and date, below a headline
            if when and not has_details:
                self.title, self.date = self.lines[n].text, when
                self.roles[n] = Role.ISSUE
                for before in heads:
                    if before < n and not headings.is_section(self.lines[before].text):
                        self.roles[before] = Role.MASTHEAD
                        self.newsletter = self.newsletter or self.lines[before].text
                break
        if not self.title:
            self._name_from_file(heads)
        if not self.newsletter and details.month_in(self.title):
            self.newsletter = _without_date(self.title)

    def _name_from_file(self, heads: list[int]) -> None:
        self.title = self.source.title
        first = heads[0] if heads else None
        if first is not None and self.lines[first].level == 1:
            after = self.around(first, +1)
            if after is None or self.roles[after] is not Role.META:
                self.title = self.lines[first].text
                self.roles[first] = Role.ISSUE
        self.date = details.month_in(self.title) or details.month_in(self.source.title)
        if self.date is None and self.source.published:
            self.date = details.date(self.source.published)
        self.date = self.date or self.posted


def _told_before_link(line: Line) -> bool:
    """Whether whole sentences stand before the line's last link: "All survived. Full story"."""
    before = line.text[: line.links[-1].start].rstrip() if line.links else ""
    return len(before.split()) >= 3 and bool(re.search(r"[.!?。！？]['’”\"）)]?$", before))


def capitals(text: str) -> bool:
    letters = [char for char in text if char.isalpha() and char.isascii()]
    return len(letters) >= 4 and all(char.isupper() for char in letters)


def _without_date(title: str) -> str:
    """What is left of "The Harbour Letter – June 2019" without its date; empty where nothing is."""
    left = re.sub(details.DATE, "", title, flags=re.IGNORECASE)
    left = re.sub(
        r"(?i)\b(?:issue|vol(?:ume)?|no|number|nr)\b\.?\s*#?\d+|\b(?:the )?week of\b.*$|#\d+",
        "",
        left,
    )
    left = re.sub(r"(?i)[\s,:;|–—-]*\d{1,2}(?:st|nd|rd|th)?\s*(?:to|-|–|and|&)?\s*$", "", left)
    left = left.strip(" \t,:;|–—-()[]·•/")
    return (
        left
        if sum(char.isalpha() for char in left) > 2 and not re.fullmatch(MONTH, left, re.IGNORECASE)
        else ""
    )
