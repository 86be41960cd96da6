"""The plain text of an edition, as a careful person would type it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from broadsheet.press import markdown
from broadsheet.press.house import House
from broadsheet.press.proof import Door, Figure, Part, Piece, Proof, others, proof, sentence_end
from broadsheet.wire.edition import Edition

# Columns: what every mail program shows without folding (RFC 3676 recommends 78 at most).
WIDTH = 72


def plaintext(
    edition: Edition,
    *,
    house: House | None = None,
    today: date | None = None,
    web_url: str | None = None,
    unsubscribe_url: str | None = None,
    preferences_url: str | None = None,
    alternates: Mapping[str, str] | None = None,
) -> str:
    """The edition as text: lines of at most 72 columns, addresses whole on their own lines.

    The three addresses stand at the end where they are given; the mailing gives placeholders.
    `alternates` are the addresses of the same issue in other languages, which stand at the beginning.
    """
    sheet = proof(edition, house, today=today)
    blocks = [_masthead(sheet)]
    colon = sheet.say["colon"].rstrip()
    blocks += [f"{other['words']}{colon}\n{other['url']}" for other in others(alternates)]
    blocks += [markdown.wrapped(notice, WIDTH) for notice in sheet.notices]
    for part in sheet.parts:
        blocks += _part(part, sheet)
    blocks += _end(sheet, web_url, preferences_url, unsubscribe_url)
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _masthead(sheet: Proof) -> str:
    lines = [line for line in (sheet.masthead, sheet.title, sheet.date) if line]
    shown = [part for line in lines for part in markdown.wrapped(line, WIDTH).split("\n")]
    return "\n".join([*shown, "=" * min(WIDTH, max(map(markdown.columns, shown), default=0))])


def _part(part: Part, sheet: Proof) -> list[str]:
    blocks = []
    if part.heading:
        shown = markdown.wrapped(part.heading, WIDTH)
        blocks.append(f"\n{shown}\n{'-' * max(map(markdown.columns, shown.split(chr(10))))}")
    elif part.number > 1:
        blocks.append("\n" + "* * *".center(WIDTH).rstrip())
    if part.intro:
        blocks.append(markdown.text(part.intro, width=WIDTH))
    for number, piece in enumerate(part.pieces):
        item = _piece(piece, sheet)
        if number or part.intro:
            item[0] = "\n" + item[0]  # two blank lines tell one item from the next
        blocks += item
    return blocks


def _piece(piece: Piece, sheet: Proof) -> list[str]:
    say = sheet.say
    blocks = [_figure(figure, say) for figure in piece.figures]
    blocks.append(markdown.wrapped(piece.heading, WIDTH))
    if piece.content_note:
        blocks.append(_labelled(say["content_note"], piece.content_note, say))
    facts = [
        _labelled(say[label], value, say)
        for label, value in (
            ("their_headline", piece.their_headline),
            ("date", piece.date),
            ("source", piece.source),
        )
        if value
    ]
    blocks.append("\n".join(facts))
    blocks.append(markdown.text(piece.summary, width=WIDTH))
    if piece.note:
        blocks.append(_labelled(say["note"], piece.note, say))
    blocks.append("\n".join(_door(door, say["colon"].rstrip()) for door in piece.doors))
    if piece.footnotes:
        blocks.append(
            "\n".join(markdown.wrapped(note, WIDTH, "", "  ") for note in piece.footnotes)
        )
    return [block for block in blocks if block]


def _labelled(label: str, value: str, say: dict[str, str]) -> str:
    return markdown.wrapped(f"{label}{say['colon']}{value}", WIDTH)


def _figure(figure: Figure, say: dict[str, str]) -> str:
    parts = [sentence_end(figure.caption), sentence_end(figure.credit), figure.note]
    inside = " ".join(part for part in parts if part)
    return markdown.wrapped(f"[{say['picture']}{say['colon']}{inside}]", WIDTH)


def _door(door: Door, colon: str) -> str:
    if door.url is None:
        return markdown.wrapped(door.words + door.stop, WIDTH)
    return markdown.wrapped(door.words + colon, WIDTH) + f"\n{door.url}"


def _end(sheet: Proof, web: str | None, preferences: str | None, leave: str | None) -> list[str]:
    say, house = sheet.say, sheet.house
    lines: list[str] = []
    if house.hotline:
        lines.append(say["hotline"] + "\n" + markdown.text(house.hotline, width=WIDTH))
    lines.append("\n".join(markdown.wrapped(line, WIDTH) for line in house.footer))
    lines += [
        f"{say[label]}{say['colon'].rstrip()}\n{url}"
        for label, url in (("web", web), ("preferences", preferences), ("unsubscribe", leave))
        if url
    ]
    lines.append("\n".join(line for line in (house.organisation, house.address) if line))
    lines = [line for line in lines if line.strip()]
    return ["\n" + "-" * WIDTH, *lines] if lines else []
