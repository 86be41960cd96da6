"""A headline that shares its line with its details or its summary gets a line of its own.

"Headline – Source, 3 May 2019", "Headline (Source)", "Headline: the summary goes on ...", and the other
way round: "12/03/2018 – Source – Headline", "Source: Headline (3 May 2019)". What tells the headline from
the rest is its weight or its link; where that alone could deceive, two lines of the letter must agree.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from broadsheet.wire.dates import DAY, MONTH, When
from broadsheet.wire.issuefile import details, labels, linkwords, masthead
from broadsheet.wire.issuefile.lines import Anchor, Line

_OPEN = re.compile(r"^[\s:.–—|,;(\[>»-]+")
_AROUND = " \t–—-|,:;•·>"
_PARTING = re.compile(r"[:：|–—,-]\s*$")


def parted(given: list[Line], issue: When | None = None) -> list[Line]:
    """The lines, with every headline on its own; their order and their words stay.

    `issue` is the issue's date: a day without a year takes the year from it.
    """
    out = _each(given, _details_first, least=1)
    out = _each(out, functools.partial(_dated_first, issue), least=2, also=_is_announced)
    out = _each(out, _quoted, least=2)
    out = _each(out, _source_in_link, least=3)
    out = _each(out, _source_in_brackets, least=2)
    out = list(_after_head(out))
    told = _each(out, functools.partial(_said_first, issue), least=2)
    return told if told is out else list(_name_first(told))


def _each(
    given: list[Line],
    split: Callable[[Line], tuple[Line, ...]],
    least: int,
    also: Callable[[list[Line], int], tuple[Line, ...]] | None = None,
) -> list[Line]:
    """Each line split as `split` says, where at least so many lines of the letter can be.

    `also` splits doubtful lines, which count where another line is sure.
    """
    made = {n: found for n, line in enumerate(given) if (found := split(line))}
    if also and made:
        made |= {n: found for n in range(len(given)) if n not in made and (found := also(given, n))}
    if len(made) < least:
        return given
    return [part for n, line in enumerate(given) for part in made.get(n, (line,))]


# -- details before the headline -------------------------------------------------------------------


def _details_first(line: Line) -> tuple[Line, ...]:
    """ "Lowport Post: Two held over sham jobs (5 March 2014)", "12/03/2018 – Volta Daily – Two held"."""
    link = line.links[0] if len(line.links) == 1 and not line.level else None
    if link is None or link.start == 0 or len(line.text[link.start : link.end].split()) < 3:
        return ()
    before, after = line.text[: link.start], line.text[link.end :].strip(" \t.,;–—-")
    if not _PARTING.search(before) and not before.rstrip().endswith((")", "]")):
        return ()
    when = details.date(after) if after else None
    said = _said(before.strip(" :：|–—-\t"), when.raw.strip("()[] ") if when else "")
    if not said or (after and not when):
        return ()
    headline = line.text[link.start : link.end]
    return _headed(line, headline, said, (Anchor(link.url, 0, len(headline)),))


def _said(before: str, when: str) -> str:
    """What stands before a headline as labelled details; empty where it is more than an outlet and a date."""
    found = details.details(before)
    if found and not when:
        source = f"Source: {found.source}" if found.source else ""
        day = f"Date: {found.date.raw}" if found.date else ""
        return " | ".join(part for part in (source, day) if part)
    if not details.can_be_source(before) or linkwords.is_access(before):
        return ""
    return f"Source: {before}" + (f" | Date: {when}" if when else "")


_DATED_FIRST = re.compile(
    rf"^[\[(]?(?P<date>{details.DATE}|{DAY}[\s.]*(?:of\s+|de\s+)?{MONTH}|{MONTH}\s+{DAY})[\])]?"
    r"\s*[:：|–—-]\s*(?P<rest>\S.{4,})$",
    re.IGNORECASE,
)


def _is_announced(given: list[Line], number: int) -> tuple[Line, ...]:
    """ "Sun 10 July 2016 - Sea Sunday" with its text right below: the name could be an outlet's."""
    line = given[number]
    match = _DATED_FIRST.match(line.text) if line.gap and not line.level else None
    when = details.date(match["date"]) if match else None
    below = given[number + 1] if number + 1 < len(given) else None
    told = below is not None and below.gap == 0 and below.text.endswith((".", "!", "?", "。"))
    if not match or not when or when.precision != "day" or not told:
        return ()
    head = _part(line, match.start("rest"), len(line.text), gap=line.gap, head=True)
    return _headed(line, head.text, f"Date: {when.raw}", head.links)


_SENTENCE = re.compile(r"(?<=[\w)”’\"][.!?])\s+(?=[A-ZÀ-Þ“\"‘(])|(?<=[。！？])(?=.)")
_NAMED = re.compile(r"(?P<source>[^|–—:]{2,50}?)\s*(?:\||–|—|\s-\s|(?P<colon>:))\s*(?=\S.{11,})")


def _dated_first(issue: When | None, line: Line) -> tuple[Line, ...]:
    """ "12 March 2018: Ghana trains observers", "3 January: Police free eight. Two are held."

    A day without a year takes the issue's. What follows the first sentence is the summary.
    """
    match = _DATED_FIRST.match(line.text) if line.words <= 90 and not line.caption else None
    whole = details.date(match["date"]) if match else None
    when = whole or (details.in_issue(match["date"], issue) if match and issue else None)
    if not match or not when or when.precision == "year" or details.details(line.text):
        return ()
    if len(match["rest"]) < 12:
        return ()
    start, source = match.start("rest"), ""
    named = _NAMED.match(match["rest"])
    outlet = named and (not named["colon"] or details.OUTLET.search(named["source"]))
    if named and outlet and details.can_be_source(named["source"]):
        source, start = named["source"], start + named.end()
    bare = details.can_be_source(line.text[start:]) and line.linked < 0.5
    if linkwords.is_access(line.text[start:]) or bare:
        return ()
    stop = _SENTENCE.search(line.text, start)
    end = stop.start() if stop else len(line.text)
    if end - start > 200:
        return ()
    said = (f"Source: {source} | " if source else "") + f"Date: {when.raw}"
    head = _part(line, start, end, gap=line.gap, head=True)
    below = _headed(line, head.text, said, head.links)
    below = (below[0], replace(below[1], year_added=whole is None))
    rest = _part(line, end, len(line.text), gap=0, head=False)
    return (*below, rest) if rest.text else below


def _headed(line: Line, headline: str, said: str, links: tuple[Anchor, ...]) -> tuple[Line, Line]:
    """The headline, set as one, and below it its details with their labels."""
    below = replace(
        line, text=said, level=0, strong=False, lead=0, links=(), gap=0, style="", bullet=False
    )
    ours = not line.strong
    return replace(line, text=headline, strong=True, parted=ours, lead=0, links=links), below


# "Obuya, M. and Lindqvist, T. " before the name of a journal
_AUTHORS = (
    r"(?:(?:and |& )?[A-ZÀ-Þ][\w’'-]+,? (?:[A-ZÀ-Þ]\.[ -]?){1,3}[,;]?"
    r"(?: (?=and |& )| (?=[A-ZÀ-Þ]))?){1,12}"
)
_SAID_FIRST = re.compile(
    rf"^(?P<by>{_AUTHORS})?(?P<said>[A-ZÀ-Þ0-9][^.!?]{{3,80}})\.\s+(?=[A-ZÀ-Þ“\"‘«(0-9]\S*\s.{{12,}})"
)


def _said_first(issue: When | None, line: Line) -> tuple[Line, ...]:
    """ "The Plate, 6 November. Prices are at a record": details that begin the text below a headline."""
    match = _SAID_FIRST.match(line.text) if not (line.level or line.strong or line.lead) else None
    if not match:
        return ()
    said = match["said"]
    found = details.details(said) or details.source_with_year(said)
    if not found and issue:
        day = details.DAY_MONTH.search(f"{said}")
        when = details.in_issue(day[0], issue) if day and day.end() == len(said) else None
        found = details.details(f"{said} {when.value[:4]}") if when else None
    if not found or not found.source or not found.date:
        return ()
    text = f"Source: {found.source} | Date: {found.date.raw}"
    below = replace(line, text=text, links=(), lead=0, style="", bullet=False)
    rest = _part(line, match.end(), len(line.text), gap=0, head=False)
    if not match["by"]:
        return (below, rest)
    by = replace(below, text=f"Author: {match['by'].strip(' ,;')}", gap=0)
    return (below, by, rest)


def _name_first(given: list[Line]) -> Iterator[Line]:
    """ "Bookpost. A novel about a farm", in a letter whose other texts begin with outlet and day."""
    over: Line | None = None
    for line in given:
        match = re.match(r"([A-ZÀ-Þ][^.!?]{2,40})\.\s+(?=\S+\s.{12,})", line.text)
        below = (
            over is not None and over.strong and line.gap == 0 and not (line.lead or line.strong)
        )
        over = line
        if match and below and len(match[1].split()) <= 4 and details.can_be_source(match[1]):
            yield replace(line, text=f"Source: {match[1]}", links=(), style="", bullet=False)
            yield _part(line, match.end(), len(line.text), gap=0, head=False)
        else:
            yield line


_QUOTED = re.compile(r"^[“\"«](?P<head>[^”\"»]{8,160})[”\"»][,.]?\s*[,–—|:-]?\s*(?P<rest>.{6,90})$")


def _quoted(line: Line) -> tuple[Line, ...]:
    """ "Helpers queue for food", Harbour Paper, 4 November 2018: the headline in quotes."""
    match = _QUOTED.match(line.text)
    found = details.details(match["rest"]) if match else None
    if not match or not found or not found.source or not found.date:
        return ()
    headline = match["head"].rstrip(" ,")
    links = tuple(Anchor(a.url, 0, len(headline)) for a in line.links[:1])
    return _headed(line, headline, f"Source: {found.source} | Date: {found.date.raw}", links)


# -- an outlet behind the headline -------------------------------------------------------------------


def _source_in_link(line: Line) -> tuple[Line, ...]:
    """ "Two held over sham jobs – Lowport Post", all of it the link."""
    if (
        len(line.links) != 1
        or line.linked < 0.95
        or line.words > 30
        or details.details_at_end(line.text)
    ):
        return ()
    dash = list(re.finditer(r"\s+[–—|-]\s+", line.text))
    if not dash or not details.can_be_source(line.text[dash[-1].end() :]):
        return ()
    headline, source = line.text[: dash[-1].start()], line.text[dash[-1].end() :]
    if len(headline.split()) < 3 or len(source.split()) > 5 or not _is_title(source):
        return ()
    return _headed(
        line, headline, f"Source: {source}", (Anchor(line.links[0].url, 0, len(headline)),)
    )


def _is_title(words: str) -> bool:
    """Whether words are set as a name is: the first with a capital, and most of the others."""
    if not (words[:1].isupper() or words[:1].isdigit() or not words[:1].isascii()):
        return False
    long = [word for word in words.split() if len(word) > 3 and word[0].isalpha()]
    return sum(not word[0].islower() for word in long) * 2 >= len(long)


def _source_in_brackets(line: Line) -> tuple[Line, ...]:
    """ "Cobalt, again (The Metals Desk)", "Cobalt, again – The Metals Desk", by weight or link."""
    if line.level or not 4 <= line.lead < len(line.text) or line.words > 40:
        return ()
    head, rest = line.text[: line.lead].rstrip(), line.text[line.lead :].strip()
    bracketed = re.fullmatch(r"[(\[（]([^()\[\]]{2,60})[)\]）]\s*\.?", rest)
    dashed = re.fullmatch(r"[–—|-]\s*([^.!?]{2,60})", rest)
    named = bracketed or dashed
    if not named or labels.label(head) or not details.can_be_source(named[1]):
        return ()
    if len(named[1].split()) > 6 or not _is_title(named[1].strip()):
        return ()
    headline = head.rstrip(" :–—|-")
    links = tuple(
        Anchor(a.url, a.start, min(a.end, len(headline)))
        for a in line.links
        if a.start < len(headline)
    ) or tuple(Anchor(a.url, 0, len(headline)) for a in line.links[:1])
    return _headed(line, headline, f"Source: {named[1].strip()}", links)


# -- details or a summary behind the headline ----------------------------------------------------------


def _after_head(all_lines: list[Line]) -> Iterator[Line]:
    lead_ins = sum(_lead_in(line) > 0 for line in all_lines)
    before: Line | None = None
    for number, line in enumerate(all_lines):
        over, before = before, line
        if number < 3 and line.words <= 12 and masthead.is_issue(line.text):
            yield line
            continue
        at = _details_after_lead(line)
        if at and over is not None and line.gap == 0 and over.strong and _whole(line):
            at = 0  # the headline stands above: the link is the outlet's name
        if not at and lead_ins >= 2:
            at = _lead_in(line)
        if not at:
            yield line
            continue
        yield _part(line, 0, at, gap=line.gap, head=True)
        rest = _part(line, at, len(line.text), gap=0, head=False)
        if (
            details.source_with_year(rest.text)
            and not details.details(rest.text)
            and not rest.links
        ):
            rest = replace(rest, text=f"Source: {rest.text}")
        yield from _details_then_text(rest)


def _cited(rest: str) -> details.Details | None:
    """The court and the day of ", No. 15-cr-118 (High Court, 2 May 2017)" behind the name of a case."""
    found = details.details_at_end(rest) if len(rest.split()) <= 16 else None
    cited = found and found.source and rest[found.start :].strip()[:1] in "([（"
    return found if cited and not details.details(rest.strip(_AROUND)) else None


def _details_then_text(rest: Line) -> Iterator[Line]:
    """What stands behind a headline: "Source, 3 May 2019. Then the summary" is two lines."""
    stop = re.match(r"(?P<said>[^.!?]{4,90}?\d{4}[)\]]?)\s*[.:–—|-]\s+(?=\S.{30,})", rest.text)
    if stop and details.details(stop["said"]) and not details.details(rest.text):
        yield replace(rest, text=stop["said"], links=(), lead=0)
        yield _part(rest, stop.end(), len(rest.text), gap=0, head=False)
    elif rest.text:
        yield rest


def _whole(line: Line) -> bool:
    """Whether a line is an outlet and a date, and nothing else."""
    found = details.details(line.text)
    return found is not None and bool(found.source)


def _details_after_lead(line: Line) -> int:
    """Where the headline ends in "Headline – Source, 3 May 2019"; 0 where the line is none such.

    The headline is told from the rest by its weight or its link.
    """
    if line.level or not line.text or line.lead < 5 or line.lead >= len(line.text):
        return 0
    head, rest = line.text[: line.lead], line.text[line.lead :].strip(_AROUND)
    if details.day_first(rest) and not labels.label(head) and head.strip(_AROUND):
        return line.lead  # an event: "Annual meeting: 6 April 2019, 10 h, Lyon"
    if line.lead < 12:
        return 0
    if len(head.split()) < 3 or labels.label(head):
        return 0
    known = details.details(rest) or labels.label(rest) or _cited(rest)
    published = details.source_with_year(rest) if line.links and line.links[0].start == 0 else None
    return line.lead if rest and (known or published) else 0


def _lead_in(line: Line) -> int:
    """Where a bold or linked beginning ends that is a headline run into its summary; else 0."""
    if line.level or line.strong or line.lead < 10 or len(line.text) - line.lead < 25:
        return 0
    head, rest = line.text[: line.lead].rstrip(), line.text[line.lead :]
    linked = bool(line.links) and line.links[0].start == 0
    least = 2 if linked or head[-1:] in ".!?" else 3
    if len(head.split()) < least or labels.label(head) or linkwords.is_access(head, True):
        return 0
    ended = head[-1] in ".:!?–—。：！？" or bool(re.match(r"\s*(?:[:–—|.-]|[A-ZÀ-Þ“«\"])", rest))
    return line.lead if ended else 0


def _part(line: Line, start: int, end: int, *, gap: int, head: bool) -> Line:
    text = line.text[start:end]
    cut = len(text) - len(text.lstrip())
    if not head:
        opened = _OPEN.match(text)
        kept = details.details(text.strip(_AROUND)) is not None
        cut = opened.end() if opened and not (kept and "(" in opened[0]) else cut
    shown = text[cut:].rstrip()
    shown = shown.rstrip(" :–—|-") if head else shown
    links = tuple(
        Anchor(a.url, max(0, a.start - start - cut), min(len(shown), a.end - start - cut))
        for a in line.links
        if a.end > start + cut and a.start < end
    )
    return replace(
        line,
        text=shown,
        gap=gap,
        strong=head,
        lead=0,
        links=links,
        bullet=line.bullet if head else False,
        style=line.style if head else "",
    )
