"""For desks without a public server: a campaign for Mailchimp, a post for a blog, Markdown, JSON.

What goes out in a hand-over bears no address of the desk: pictures travel inside, and the links to
leave and to change one's settings are the other tool's own.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from broadsheet.press import email, markdown, plaintext, web
from broadsheet.press.carried import carried, with_logo
from broadsheet.press.house import House
from broadsheet.press.proof import Door, Piece, proof
from broadsheet.wire.edition import Edition

# Mailchimp's merge tags (its help page "All the merge tags"): it refuses a campaign without the first
_TAGS = {
    "https://merge.invalid/unsubscribe": "*|UNSUB|*",
    "https://merge.invalid/preferences": "*|UPDATE_PROFILE|*",
    "https://merge.invalid/archive": "*|ARCHIVE|*",
    "merge-company": "*|LIST:COMPANY|*",
    "merge-address": "*|LIST:ADDRESSLINE|*",
}
_PICTURES = "https://picture.invalid/"
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same edition, the same bytes


def handed(
    form: str,
    edition: Edition,
    *,
    house: House,
    today: date | None,
    pictures: Mapping[str, bytes],
) -> str | bytes:
    """The issue in one of the forms here, by its name: mailchimp, blog, markdown, json.

    `pictures` is for the one that bears them. KeyError for any other name.
    """
    if form == "mailchimp":
        return mailchimp(edition, house=house, today=today, pictures=pictures)
    if form == "json":
        return as_json(edition)
    write = {"blog": blog, "markdown": as_markdown}[form]
    return write(edition, house=house, today=today)


def mailchimp(
    edition: Edition,
    *,
    house: House | None = None,
    today: date | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip that Mailchimp takes as a campaign: campaign.html, campaign.txt, images/.

    `pictures` gives the bytes of pictures, the logo among them, by their address; one that is missing is
    printed as its caption and credit, and a logo not at all. The postal address is the audience's own
    where the house has none.
    """
    house = house or House()
    lines = house.footer
    if not house.address:
        lines = (*lines, "merge-company · merge-address")
    dressed, logo = with_logo(replace(house, footer=lines), pictures or {}, _PICTURES)
    inside, files = carried(edition, today, pictures or {}, _PICTURES)
    html = email.email(
        inside,
        house=dressed,
        today=today,
        web_url="https://merge.invalid/archive",
        preferences_url="https://merge.invalid/preferences",
        unsubscribe_url="https://merge.invalid/unsubscribe",
    )
    text = plaintext.plaintext(
        inside,
        house=dressed,
        today=today,
        web_url="https://merge.invalid/archive",
        preferences_url="https://merge.invalid/preferences",
        unsubscribe_url="https://merge.invalid/unsubscribe",
    )
    made = {
        "campaign.html": _tagged(html, "&#42;|").replace(_PICTURES, "images/").encode(),
        "campaign.txt": _tagged(text, "* |").encode(),
    } | {f"images/{name}": data for name, data in (logo | files).items()}
    return _zipped(made)


def _tagged(made: str, instead: str) -> str:
    """With the merge tags in their places. What an editor typed like a merge tag stays words."""
    made = made.replace("*|", instead)
    for place, tag in _TAGS.items():
        made = made.replace(place, tag)
    return made


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def blog(edition: Edition, *, house: House | None = None, today: date | None = None) -> str:
    """The issue as HTML to paste into a post: plain elements, no style, no script."""
    return str(web.main(edition, house=house, today=today)) + "\n"


def as_json(edition: Edition) -> str:
    """The issue as JSON, as `docs/contracts.md` describes it."""
    return json.dumps(edition.to_json(), ensure_ascii=False, indent=1) + "\n"


def as_markdown(edition: Edition, *, house: House | None = None, today: date | None = None) -> str:
    """The issue as Markdown, for sites that are built from it. `parse-issue` reads it back."""
    sheet = proof(edition, house, today=today)
    title = markdown.escaped(sheet.whole_title)
    blocks = [f"# {title}", *(markdown.escaped(notice) for notice in sheet.notices)]
    for part in sheet.parts:
        if part.heading:
            blocks.append(f"## {markdown.escaped(part.heading)}")
        elif part.number > 1:
            blocks.append("---")
        if part.intro:
            blocks.append(markdown.without_html(part.intro))
        for piece in part.pieces:
            blocks += _markdown_piece(piece, sheet.say)
    if sheet.house.hotline:
        blocks += ["---", f"**{sheet.say['hotline']}**", markdown.without_html(sheet.house.hotline)]
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _markdown_piece(piece: Piece, say: Mapping[str, str]) -> list[str]:
    colon = say["colon"]
    blocks = []
    for figure in piece.figures:
        if figure.url:
            blocks.append(f"![{markdown.escaped(figure.alt)}]({_address(figure.url)})")
        words = " ".join(x for x in (figure.caption, figure.credit) if x)
        blocks.append(f"*{markdown.escaped(words)}*" if words else "")
    blocks.append(f"### {markdown.escaped(piece.heading)}")
    labelled = (
        ("content_note", piece.content_note),
        ("their_headline", piece.their_headline),
        ("date", piece.date),
        ("source", piece.source),
    )
    # two blanks at the end of a line break it in Markdown
    blocks.append(
        "  \n".join(
            f"{say[label]}{colon}{markdown.escaped(value)}" for label, value in labelled if value
        )
    )
    blocks.append(markdown.without_html(piece.summary))
    if piece.note:
        blocks.append(f"{say['note']}{colon}{markdown.escaped(piece.note)}")
    blocks += [_markdown_door(door) for door in piece.doors]
    blocks += [f"- {markdown.escaped(note)}" for note in piece.footnotes]
    return blocks


def _markdown_door(door: Door) -> str:
    words = markdown.escaped(door.words)
    return f"[{words}]({_address(door.url)}){door.stop}" if door.url else words + door.stop


def _address(url: str) -> str:
    return url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
