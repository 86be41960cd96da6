"""What a line of details says, put into the item that it belongs to.

Each function hands back the words that found no place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from broadsheet.wire.edition import Link
from broadsheet.wire.issuefile import details, labels, linkwords
from broadsheet.wire.issuefile.drafts import Draft
from broadsheet.wire.issuefile.lines import Line


def doubts(line: Line) -> list[str]:
    """What of a line's date was not said in the line itself."""
    found = []
    if line.year_added:
        found.append("the year is taken from the issue's date")
    if line.order_told:
        found.append("which figure is the day is told by the letter's other dates")
    return found


def anchored(line: Line) -> list[Link]:
    """The links of a line with the words that bear them."""
    return [Link(line.text[a.start : a.end], a.url) for a in line.links]


def noted(item: Draft, text: str) -> bool:
    """Take in a line that is marked as the editor's own words; whether it was one."""
    found = labels.note(text)
    if not found:
        return False
    which, words = found
    if which == "headline":
        item.our_heading, item.headline = item.headline, words
    elif which == "note":
        item.note = f"{item.note}\n\n{words}" if item.note else words
    else:
        item.content_note = words
    return True


def byline(item: Draft, text: str) -> list[str]:
    """ "By A. Writer, The Example": who wrote it is kept only as long as no outlet is named."""
    author, comma, outlet = text.rpartition(",")
    if comma and details.OUTLET.search(outlet) and not item.source:
        item.source = outlet.strip()
        return [author]
    item.author = item.author or text[2:].strip()
    return []


def outlet(item: Draft, line: Line) -> None:
    """A line that is an outlet's name and no more."""
    item.source = item.source or details.tidy_source(line.text)
    item.inline += anchored(line)


def labelled(item: Draft, line: Line, found: labels.Label) -> list[str]:
    """ "Date: 3 May 2019 | Source: The Example". What differs from what the item has is left."""
    left = []
    item.labelled = True
    if found.date and not _dated(item, found.date):
        left.append(line.text)
    if found.source and not item.source:
        item.source = _source_with_date(item, found.source)
    elif found.source and found.source != item.source:
        left.append(line.text)
    if found.author:
        item.author = item.author or found.author
    if found.link and linkwords.is_address(found.link):
        item.links.append(Link("", found.link))
    item.inline += anchored(line)
    return left


def _dated(item: Draft, words: str) -> bool:
    """Take in what stands behind "Date:"; whether the item has no other date."""
    when = details.date(words)
    if when is None:
        together = details.details(words)
        when = together.date if together else None
        if together and together.source and not item.source:
            item.source = together.source
    if when is None:
        item.doubts.append(f"date not read: {words}")
    elif item.date is None:
        item.date = replace(when, raw=words)
    else:
        return when.value == item.date.value
    return True


def _source_with_date(item: Draft, words: str) -> str:
    """A source; where a date stands behind it, the item takes that too."""
    together = details.details(words) or details.source_with_year(words)
    if together and together.source and together.date:
        item.date = item.date or together.date
        return together.source
    return words.strip(" .;|")


def unlabelled(item: Draft, line: Line, found: details.Details, *, event: bool) -> list[str]:
    """ "The Example, 3 May 2019". Of an event what stands beside the day is its place.

    The line is left too where it says more, such as a language or who wrote it.
    """
    known = item.date or found.date
    differs = (known and found.date and found.date.value != known.value) or (
        found.source and item.source and found.source != item.source
    )
    says_more = len(re.findall(r"\w{3,}", line.text)) > _counted(found)
    item.date = known
    if event and not line.links:
        item.paragraphs += [found.source] if found.source else []
    else:
        item.source = item.source or found.source
    item.inline += anchored(line)
    return [line.text] if differs or says_more else []


def _counted(found: details.Details) -> int:
    """How many words of three letters or more a line's outlet and date have."""
    return len(re.findall(r"\w{3,}", f"{found.source} {found.date.raw if found.date else ''}"))
