"""Which lines are headlines and which head parts: from details, from repetition, from form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace

from broadsheet.wire.issuefile import details, headings, labels, linkwords, template
from broadsheet.wire.issuefile.letter import Letter, Role
from broadsheet.wire.issuefile.template import Seen

_SEEN = {
    Role.TITLE: Seen.HEADING,
    Role.HEADLINE: Seen.HEADING,
    Role.SECTION: Seen.HEADING,
    Role.META: Seen.DETAIL,
    Role.PARA: Seen.TEXT,
    Role.ACCESS: Seen.LINK,
    Role.ADDRESS: Seen.LINK,
}


@dataclass(frozen=True, slots=True)
class _Order:
    """How this letter orders an item: its headline above its details, or its details above."""

    headline_first: bool
    details_above: bool


def find(letter: Letter) -> None:
    """Tell a letter's headings apart: each becomes a headline, the heading of a part, text or a link."""
    flat = _from_repetition(letter)
    runs = _runs(letter)
    above = [letter.around(first, -1) for first, _ in runs]
    below = [letter.around(last, +1) for _, last in runs]
    order = _order(letter, runs, above, below)
    before = None
    for (first, last), a, b in zip(runs, above, below, strict=True):
        # a part may order its items unlike the others: days above events, below news
        alike = (
            before is not None
            and before in letter.above_headline
            and _one_part(letter, before, first)
        )
        here = replace(order, details_above=True) if alike else order
        _from_details(letter, here, first, last, a, b)
        before = last
    _listed(letter)
    _from_form(letter, flat)
    _agree(letter)
    _bare_outlets(letter)
    _like_details(letter)
    _generic_parts(letter)


def _one_part(letter: Letter, start: int, end: int) -> bool:
    """Whether no heading that is set higher than the item's own stands between two lines."""
    heads = [
        n for n in range(start, end) if letter.is_heading(n) and letter.evident(letter.lines[n])
    ]
    return len({letter.look(letter.lines[n]) for n in heads}) <= 1


# -- from the letter's own repetition --------------------------------------------------------------------


def _from_repetition(letter: Letter) -> set[int]:
    """What the looks of the headings say, where they say it over the whole letter.

    Returns the headings whose look is that of headlines, even where their words could name a part.
    """
    seen = [_SEEN.get(role, Seen.OTHER) for role in letter.roles]
    for number, line in enumerate(letter.lines):
        if seen[number] is Seen.HEADING and not letter.evident(line):
            seen[number] = Seen.TEXT  # a look that all lines have says nothing
    told = template.parts(letter.lines, seen, letter.look, letter.rank)
    roles = {
        template.Part.SECTION: Role.SECTION,
        template.Part.INNER: Role.PARA,
        template.Part.LINK: Role.ACCESS,
    }
    for number, part in told.items():
        if letter.roles[number] is Role.TITLE and part in roles:
            letter.roles[number] = roles[part]
    links = [n for n, role in enumerate(letter.roles) if role is Role.ACCESS]
    for number in template.repeated_links(letter.lines, links):
        letter.roles[number] = Role.SMALL
    return {number for number, part in told.items() if part is template.Part.HEADLINE}


# -- from details ------------------------------------------------------------------------------------------


def _runs(letter: Letter) -> list[tuple[int, int]]:
    """The first and last lines of details that stand together."""
    runs: list[tuple[int, int]] = []
    for number, role in enumerate(letter.roles):
        if role is not Role.META:
            continue
        if runs and letter.around(number, -1) == runs[-1][1]:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _order(
    letter: Letter,
    runs: list[tuple[int, int]],
    above: list[int | None],
    below: list[int | None],
) -> _Order:
    titled = sum(1 for at in above if at is not None and letter.roles[at] is Role.TITLE)
    # details that stand above their headlines: most have a title below and none above
    pairs = list(zip(above, below, strict=True))
    only_below = sum(letter.is_heading(b) and not letter.is_heading(a) for a, b in pairs)
    only_above = sum(letter.is_heading(a) and not letter.is_heading(b) for a, b in pairs)
    return _Order(
        headline_first=titled * 2 >= len(runs),
        details_above=only_below > only_above and _lead(letter, runs, above, below),
    )


def _lead(
    letter: Letter,
    runs: list[tuple[int, int]],
    above: list[int | None],
    below: list[int | None],
) -> bool:
    """Whether details between a text and a headline belong to the headline below them.

    The wider gap parts the items. Where the gaps are alike the ends of the letter tell: details
    that stand above have none below the last text.
    """
    nearer = 0
    for (first, _), after in zip(runs, below, strict=True):
        if after is not None:
            nearer += (letter.lines[first].gap > letter.lines[after].gap) - (
                letter.lines[first].gap < letter.lines[after].gap
            )
    if nearer:
        return nearer > 0
    return letter.is_heading(below[-1]) and not (
        above[0] is not None and letter.roles[above[0]] is Role.PARA
    )


def _from_details(
    letter: Letter, order: _Order, first: int, last: int, above: int | None, after: int | None
) -> None:
    """Find the headline that one run of details belongs to: right above, over a text, or right below."""
    titled = above is not None and letter.roles[above] is Role.TITLE
    if titled and above is not None and not _passed(letter, order, first, above, after):
        outlet = _is_outlet_above(letter, first, above)
        letter.roles[above] = Role.META if outlet else Role.HEADLINE
        return
    below = order.details_above and letter.is_heading(after)
    text = above is not None and letter.roles[above] is Role.PARA and not below
    if text and above is not None and _from_text_above(letter, order, above):
        return
    if after is not None and letter.roles[after] is Role.TITLE:
        letter.roles[after] = Role.HEADLINE
        letter.above_headline.update(range(first, last + 1))


def _passed(letter: Letter, order: _Order, first: int, above: int, after: int | None) -> bool:
    """Whether a heading right above details is not their headline, for that stands below them."""
    if letter.lines[first].gap == 0 and not letter.source.typed and not order.details_above:
        return False  # they stand in one paragraph
    return letter.is_heading(after) and (
        order.details_above or headings.is_section(letter.lines[above].text)
    )


def _is_outlet_above(letter: Letter, first: int, above: int) -> bool:
    """Take a plain line between a headline and its date as the outlet's name; False where it is none."""
    bare = details.details(letter.lines[first].text)
    over = letter.around(above, -1)
    if not bare or bare.source or over is None:
        return False
    line = letter.lines[above]
    plain = letter.titled and letter.source.typed  # headlines are marked here, and this line is not
    by = letter.roles[over] is Role.META and (plain or details.is_byline(letter.lines[over].text))
    if not (letter.roles[over] is Role.TITLE or by):
        return False
    if (
        (line.gap != 0 and not plain)
        or letter.evident(line)
        or not details.can_be_source(line.text)
    ):
        return False
    if letter.roles[over] is Role.TITLE:
        letter.roles[over] = Role.HEADLINE
    letter.outlets.add(above)
    return True


def _from_text_above(letter: Letter, order: _Order, above: int) -> bool:
    """Find the headline of details that stand below a text; False where there is none above."""
    if order.headline_first and letter.lines[above].words <= 30 and _fresh(letter, above):
        letter.roles[above] = Role.HEADLINE
        return True
    at: int | None = above
    while at is not None and letter.roles[at] in (Role.PARA, Role.ACCESS):
        at = letter.around(at, -1)
    if at is None:
        return False
    known_part = headings.is_section(letter.lines[at].text)
    if letter.roles[at] is Role.TITLE and not known_part:
        letter.roles[at] = Role.HEADLINE
        return True
    if known_part and letter.lines[above].words <= 30 and letter.around(above, -1) == at:
        letter.roles[above] = Role.HEADLINE
        return True
    return letter.roles[at] is Role.HEADLINE


def _fresh(letter: Letter, number: int) -> bool:
    """Whether a new item can begin at a line: what stands before it has ended."""
    before = letter.role_around(number, -1)
    ended = (None, Role.ACCESS, Role.ADDRESS, Role.SECTION, Role.TITLE)
    return before in ended or letter.lines[number].gap > 1


def _listed(letter: Letter) -> None:
    """Linked lines of a list that each end in their own details are headlines, with no text below."""
    lines = letter.lines
    found = [
        n
        for n, role in enumerate(letter.roles)
        if role in (Role.TITLE, Role.PARA)
        and lines[n].bullet
        and lines[n].linked > 0.4
        and lines[n].words <= 35
        and (details.details_at_end(lines[n].text) or details.source_at_end(lines[n].text))
    ]
    for n in found:
        if letter.around(n, -1) in found or letter.around(n, +1) in found:
            letter.roles[n] = Role.HEADLINE
            over = letter.around(n, -1)
            if (
                over is not None
                and lines[over].words <= 5
                and lines[over].text.endswith((":", "："))
            ):
                letter.roles[over] = Role.SECTION


# -- from form ---------------------------------------------------------------------------------------------


def _from_form(letter: Letter, flat: set[int]) -> None:
    """Tell the headings that no details told, from the last to the first."""
    for number in range(len(letter.lines) - 1, -1, -1):
        if letter.roles[number] is Role.TITLE:
            letter.roles[number] = _heading(letter, number, number in flat)


def _heading(letter: Letter, number: int, flat: bool) -> Role:
    line = letter.lines[number]
    evident, part = letter.evident(line), headings.is_section(line.text) and not flat
    after = letter.around(number, +1)
    if after is None:
        return Role.SECTION if evident else Role.PARA
    if _runs_on(letter, number) or (letter.titled and not evident and not part):
        return Role.PARA
    if details.ends_in_details(line.text):
        return Role.HEADLINE
    linked = line.linked > 0.85 and (not letter.source.typed or line.strong)
    follows = Role.HEADLINE if after in letter.above_headline else letter.roles[after]
    if follows in (Role.HEADLINE, Role.SECTION):
        if linked and not part:
            return Role.HEADLINE  # a bare list of linked headlines
        if follows is Role.SECTION and letter.rank(number) >= letter.rank(after) and not part:
            return Role.HEADLINE if evident else Role.PARA
        return Role.SECTION
    if part:
        return Role.SECTION
    if evident or not letter.titled or linked:
        return Role.PARA if line.bullet and not evident else Role.HEADLINE
    return Role.PARA


def _runs_on(letter: Letter, number: int) -> bool:
    """Whether a typed line only goes on with the paragraph above it."""
    line = letter.lines[number]
    if not letter.source.typed or line.gap or number == 0 or letter.evident(line):
        return False
    if headings.is_section(line.text) and not line.links:
        return False
    before = letter.lines[number - 1]
    return letter.roles[number - 1] in (Role.TITLE, Role.PARA, Role.META) and not (
        headings.is_section(before.text) or before.level
    )


def _agree(letter: Letter) -> None:
    """Lines set alike are alike: the rarer reading of a look yields where its own ground is weak."""
    seen: dict[Hashable, Counter[Role]] = {}
    chosen = (Role.HEADLINE, Role.SECTION)
    for line, role in zip(letter.lines, letter.roles, strict=True):
        if role in chosen and letter.evident(line):
            seen.setdefault(letter.look(line), Counter())[role] += 1
    for number, line in enumerate(letter.lines):
        role = letter.roles[number]
        votes = seen.get(letter.look(line))
        if role not in chosen or not votes or not letter.evident(line):
            continue
        follows = letter.role_around(number, +1)
        mostly_headlines = votes[Role.HEADLINE] > 2 * votes[Role.SECTION]
        mostly_sections = votes[Role.SECTION] >= 2 * votes[Role.HEADLINE]
        own = follows not in chosen and not headings.is_section(line.text)
        if role is Role.SECTION and mostly_headlines and own:
            letter.roles[number] = Role.HEADLINE
        elif role is Role.HEADLINE and mostly_sections and follows is Role.PARA and not line.links:
            letter.roles[number] = Role.SECTION


# -- outlets without a label -------------------------------------------------------------------------------


def _bare_outlets(letter: Letter) -> None:
    """Outlets named on a line of their own under the headline or the date, without a label.

    One such line may be anything; where most headlines have one, each is an outlet.
    """
    headlines = [n for n, role in enumerate(letter.roles) if role is Role.HEADLINE]
    slots = [at for at in (_below_headline(letter, n) for n in headlines) if at is not None]
    named = [at for at in slots if details.can_be_source(letter.lines[at].text)]
    found = [at for at in named if _goes_on(letter, at) and _set_apart(letter, at)]
    looks = Counter(letter.look(letter.lines[at]) for at in named)
    # a look that stands in this place in most items needs no other sign
    usual = {look for look, count in looks.items() if count >= 3 and count * 2 > len(headlines)}
    found += [at for at in named if letter.look(letter.lines[at]) in usual and at not in found]
    if len(found) >= 2 and len(found) >= 0.4 * len(headlines):
        for at in found:
            letter.roles[at] = Role.META
            letter.outlets.add(at)


def _below_headline(letter: Letter, number: int) -> int | None:
    """The line below a headline and its bare date, where that is no detail itself."""
    at = letter.around(number, +1)
    if at is not None and letter.roles[at] is Role.META:
        text = letter.lines[at].text
        known = details.details(text) if not labels.label(text) else None
        at = letter.around(at, +1) if known and not known.source else None
    if at is None or letter.roles[at] not in (Role.PARA, Role.TITLE):
        return None
    return None if linkwords.is_access(letter.lines[at].text) else at


def _set_apart(letter: Letter, number: int) -> bool:
    line = letter.lines[number]
    return line.gap == 0 or line.italic or letter.small(line)


def _goes_on(letter: Letter, number: int) -> bool:
    return letter.role_around(number, +1) in (Role.PARA, Role.ACCESS, Role.META)


def _like_details(letter: Letter) -> None:
    """An outlet with a bare year, set as the letter's other details are, is one of them."""
    looks = Counter(
        letter.look(x) for x, r in zip(letter.lines, letter.roles, strict=True) if r is Role.META
    )
    for number, role in enumerate(letter.roles):
        line = letter.lines[number]
        below = letter.role_around(number, -1) in (Role.HEADLINE, Role.PARA)
        text = role is Role.PARA or (role is Role.HEADLINE and not letter.evident(line))
        if below and text and looks[letter.look(line)] >= 2 and details.source_with_year(line.text):
            letter.roles[number] = Role.META


def _generic_parts(letter: Letter) -> None:
    """A heading that repeats under other headings ("NEWS" below each topic) names no part."""
    said = Counter(
        letter.lines[n].text.casefold()
        for n, role in enumerate(letter.roles)
        if role is Role.SECTION
    )
    for number, role in enumerate(letter.roles):
        again = role is Role.SECTION and said[letter.lines[number].text.casefold()] >= 2
        if again and letter.role_around(number, -1) is Role.SECTION:
            letter.roles[number] = Role.SMALL
