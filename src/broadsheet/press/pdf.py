"""An edition as PDF/UA-1, set by Typst: tagged, bookmarked, link addresses printed.

The words of an issue go to Typst as JSON data and are only ever shown as text; nothing of them is
read as Typst's own language.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst
from markdown_it.token import Token

from broadsheet.press import markdown
from broadsheet.press.carried import carried, with_logo
from broadsheet.press.house import House, PressError
from broadsheet.press.proof import Figure, Piece, Proof, proof, sentence_end
from broadsheet.wire.dates import first_day
from broadsheet.wire.edition import Edition

_TEMPLATE = Path(__file__).parent / "templates" / "issue.typ"


def pdf(
    edition: Edition,
    *,
    house: House | None = None,
    today: date | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """The whole document. The same edition gives the same bytes.

    `pictures` gives the bytes of pictures, the logo among them, by their address; one that is
    missing, broken or without a permission is printed as its caption and credit (a logo not at
    all): the press fetches nothing. Fonts: Typst's
    own (Libertinus Serif), and for Chinese, Japanese and Korean what the machine has (Debian:
    fonts-noto-cjk). Where a character has no glyph, PDF/UA-1 cannot be claimed (ISO 14289-1, 7.21):
    the document is then made without that claim, still tagged, and such characters show as boxes.
    """
    inside, files = carried(edition, today, pictures or {}, _PLACE)
    house, logo = with_logo(house or House(), pictures or {}, _PLACE)
    files |= logo
    ways: list[tuple[Edition, dict[str, bytes], Standard]] = [(inside, files, "ua-1")]
    if files:  # a picture that Typst cannot read does not stop the document
        bare, _ = carried(edition, today, {}, _PLACE)
        ways += [(inside, files, None), (bare, {}, "ua-1"), (bare, {}, None)]
    else:
        ways.append((inside, files, None))
    stamp = datetime.combine(
        first_day(edition.date.value) if edition.date else date(1970, 1, 1), time(), UTC
    )
    for number, (shown, within, standard) in enumerate(ways, start=1):
        style = house if within else replace(house, logo=None)
        issue = json.dumps(_data(proof(shown, style, today=today)), ensure_ascii=False)
        try:
            return _set(_CONTROL.sub("", issue), stamp, standard, within)
        except typst.TypstError as error:
            if number == len(ways):
                raise PressError("The PDF could not be set", at=edition.title) from error
    raise AssertionError("a document has at least one way to be set")


Standard = Literal["ua-1"] | None
_PLACE = "https://picture.invalid/"  # marks, until the document is set, what travels inside

# Control characters, as JSON writes them: no font has a glyph for them. Line breaks and tabs stay.
_CONTROL = re.compile(r"(?<!\\)\\u00(?:0[0-8bcef]|1[0-9a-f]|7f)", re.IGNORECASE)


def _set(issue: str, stamp: datetime, standard: Standard, files: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="broadsheet-pdf-") as folder:
        template = shutil.copy(_TEMPLATE, folder)
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        made: bytes = typst.compile(
            template,
            root=folder,
            format="pdf",
            pdf_standards=standard,
            sys_inputs={"issue": issue},
            timestamp=int(stamp.timestamp()),
            ignore_system_fonts=IGNORE_SYSTEM_FONTS,
        )
    return made


IGNORE_SYSTEM_FONTS = False  # set by tests: a machine without fonts


def _data(sheet: Proof) -> dict[str, Any]:
    house = sheet.house
    return {
        "language": sheet.language.split("-")[0],
        "region": _region(sheet.language),
        "direction": sheet.direction,
        "title": sheet.title,
        "date": sheet.date,
        "whole_title": sheet.whole_title,
        "colon": sheet.say["colon"],
        "masthead": sheet.masthead,
        "logo": {
            "file": (house.logo or "").removeprefix(_PLACE),
            "alt": house.logo_alt or house.organisation or sheet.masthead,
            "width": house.logo_width,
        },
        "author": sheet.edition.organisation or house.organisation or sheet.masthead,
        "notices": list(sheet.notices),
        "colours": {name: getattr(house, name) for name in ("ink", "soft", "accent", "rule")},
        "hotline": _blocks(house.hotline),
        "hotline_label": sheet.say["hotline"],
        "foot": [*house.footer, *(x for x in (house.organisation, house.address) if x)],
        "parts": [
            {
                "heading": part.heading,
                "intro": _blocks(part.intro),
                "pieces": [_piece(piece, sheet) for piece in part.pieces],
            }
            for part in sheet.parts
        ],
    }


def _region(language: str) -> str | None:
    for part in language.split("-")[1:]:
        if len(part) == 2:
            return part.upper()
        if part.lower() == "hant":
            return "TW"
    return None


def _piece(piece: Piece, sheet: Proof) -> dict[str, Any]:
    say = sheet.say
    facts = [
        f"{say[label]}{say['colon']}{value}"
        for label, value in (
            ("their_headline", piece.their_headline),
            ("date", piece.date),
            ("source", piece.source),
        )
        if value
    ]
    return {
        "heading": piece.heading,
        "level": piece.level,
        "facts": facts,
        "content_note": f"{say['content_note']}{say['colon']}{piece.content_note}"
        if piece.content_note
        else "",
        "note": f"{say['note']}{say['colon']}{piece.note}" if piece.note else "",
        "summary": _blocks(piece.summary),
        "figures": [_figure(figure) for figure in piece.figures],
        "doors": [
            {"words": door.words, "stop": door.stop, "url": door.url or "", "name": door.name}
            for door in piece.doors
        ],
        "footnotes": list(piece.footnotes),
    }


def _figure(figure: Figure) -> dict[str, str]:
    words = (sentence_end(figure.caption), sentence_end(figure.credit))
    inside = figure.url or ""
    return {
        "file": inside.removeprefix(_PLACE) if inside.startswith(_PLACE) else "",
        "alt": figure.alt or figure.caption,
        "words": " ".join(x for x in words if x),
    }


def _blocks(source: str) -> list[dict[str, Any]]:
    """Restricted Markdown as data: paragraphs, and lists whose items are each a list of runs.

    A list within a list is set as one list: the press prints letters, not outlines.
    """
    out: list[dict[str, Any]] = []
    ordered: list[bool] = []
    continues = False  # a further paragraph of the same list item
    for token in markdown.tokens(source):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            ordered.append(token.type == "ordered_list_open")
            if len(ordered) == 1:
                start = int(token.attrGet("start") or 1)
                out.append({"kind": "list", "ordered": ordered[0], "start": start, "items": []})
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            ordered.pop()
        elif token.type == "list_item_open":
            continues = False
        elif token.type == "inline":
            runs = _runs(token.children or [])
            if not ordered:
                out.append({"kind": "par", "runs": runs})
            elif continues:
                out[-1]["items"][-1] += [_BREAK, *runs]
            else:
                out[-1]["items"].append(runs)
            continues = True
    return out


_BREAK = {"text": "\n", "strong": False, "em": False, "url": "", "shown": ""}


def _runs(tokens: list[Token]) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    strong = em = 0
    href = ""
    for token in tokens:
        if token.type == "strong_open":
            strong += 1
        elif token.type == "strong_close":
            strong -= 1
        elif token.type == "em_open":
            em += 1
        elif token.type == "em_close":
            em -= 1
        elif token.type == "link_open":
            href = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            href = ""
        else:
            words = " " if token.type == "softbreak" else token.content
            words = "\n" if token.type == "hardbreak" else words
            if words:
                shown = "" if href.removeprefix("mailto:") == words else href
                runs.append(
                    {
                        "text": words,
                        "strong": strong > 0,
                        "em": em > 0,
                        "url": href,
                        "shown": shown,
                    }
                )
    return runs
