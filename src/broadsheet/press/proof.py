"""What stands on every print: the edition with its dates in words and its pictures decided.

Mail, text, web and PDF print from one proof, so that they cannot differ in what they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urljoin

from broadsheet.press import dates, markdown, words
from broadsheet.press.house import House
from broadsheet.wire import urls
from broadsheet.wire.edition import Edition, Image, Item, Kind, Link, Section

# Link words of which none says where the link leads: these get the headline beside them, since a
# screen reader lists links without their surroundings (WCAG 2.2, 2.4.4 and 2.4.9).
_EMPTY = frozenset(
    """
    access and article articles at blog can click continue detail details document download file
    find follow for from full further go guide handbook have here in info information it item its
    learn link links look more news now of on online open original out page paper pdf piece please
    post press publication read reading release report see site source statement story text the
    their this to tool toolkit video view visit watch web webpage website you your
    """.split()  # noqa: SIM905 -- a list of words reads better as words
)
_WORD = re.compile(r"[^\W_]+")
_EMPTY_CJK = re.compile(
    r"^(?:請|按此|點擊|此處|這裡|這裏|閱讀|全文|更多|詳情|瀏覽|報告|文章|原文|下載|網頁|連結|查看|[\s，。：:.])+$"
)
# Characters of a headline beside empty link words; longer ones are cut at a word. Two lines of the mail: of
# the headlines of news some nine in ten are shorter than 90, and a cut one ends in the middle of a thought.
NAME_LENGTH = 110


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as it is printed: `url` only where a permission is recorded and has not ended.

    Without one, caption and credit stand as words, with `note`: where the picture can be seen.
    """

    url: str | None
    alt: str
    caption: str
    credit: str  # with its label: "Image credits: AFP, via SCMP"
    note: str = ""
    width: int | None = None  # pixels, where both are known
    height: int | None = None

    def within(self, widest: int) -> tuple[int, int | None]:
        """Width and height at which it is shown in a column of `widest` pixels, never enlarged."""
        if not self.width or not self.height:
            return widest, None
        wide = min(widest, self.width)
        return wide, max(1, round(self.height * wide / self.width))


@dataclass(frozen=True, slots=True)
class Door:
    """A link as it is printed. `url` is None where no address is known: then only the words stand.

    stop   the full stop after the words, outside the link
    name   the headline it leads to, where the words alone name nothing; else empty
    """

    words: str
    url: str | None
    stop: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """An item as it is printed."""

    uid: str
    kind: Kind
    level: int  # of its heading, 2 or 3
    heading: str
    their_headline: str  # the outlet's own, where the editor's heading stands above; else empty
    date: str
    machine_date: str
    source: str
    summary: str  # restricted Markdown
    note: str
    content_note: str
    footnotes: tuple[str, ...]
    doors: tuple[Door, ...]
    figures: tuple[Figure, ...]
    item: Item

    @property
    def address(self) -> str | None:
        """Where the item itself can be read: its first known address."""
        return next((door.url for door in self.doors if door.url), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is printed; `number` counts from 1 and names it where it has no heading."""

    number: int
    heading: str
    intro: str  # restricted Markdown
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """An edition as it is printed in its own language."""

    edition: Edition
    house: House
    language: str
    direction: str
    say: dict[str, str]
    masthead: str  # the newsletter's name, else the organisation's; may be empty
    title: str
    date: str  # empty where the title says it already
    subject: str
    preview: str
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = field(default=())  # invented sample, corrected version

    @property
    def whole_title(self) -> str:
        """ "Newsletter: June 2019", for title elements and feeds."""
        return f"{self.masthead}{self.say['colon']}{self.title}" if self.masthead else self.title


# Creative Commons licences by their addresses (creativecommons.org/licenses, /publicdomain)
_CC = re.compile(
    r"^https?://(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)",
    re.IGNORECASE,
)


def licence_name(licence: str) -> str:
    """A licence as readers know it: "CC BY 4.0", "CC0 1.0"; any other as it was recorded."""
    found = _CC.match(licence.strip())
    if not found:
        return licence
    part, name, version = found[1].lower(), found[2].lower(), found[3]
    if part == "licenses":
        return f"CC {name.upper()} {version}"
    return f"CC0 {version}" if name == "zero" else f"Public Domain Mark {version}"


def proof(
    edition: Edition,
    house: House | None = None,
    *,
    today: date | None = None,
    base_url: str | None = None,
) -> Proof:
    """Lay an edition out for printing.

    `today` ends permissions: a picture whose permission ran out is no longer printed. Without it a
    permission with an end is taken as ended, since nothing says that it still holds. `base_url`
    makes the addresses of our own pictures ("/media/pier.jpg") whole.
    """
    house = house or House()
    say = words.of(edition.language)
    notices = []
    if edition.sample:
        notices.append(say["sample"])
    if edition.version > 1:
        told = say["version"].format(version=edition.version)
        notices.append(f"{told}. {edition.correction}" if edition.correction else told)
    parts = tuple(
        _part(number, section, edition.language, say, today, base_url)
        for number, section in enumerate(edition.sections, start=1)
    )
    masthead = edition.newsletter or edition.organisation or house.organisation
    title = edition.title.strip() or dates.words(edition.date, edition.language) or masthead
    title = title or say["untitled"]
    when = dates.words(edition.date, edition.language)
    return Proof(
        edition=edition,
        house=house,
        language=edition.language,
        direction=words.direction(edition.language),
        say=say,
        masthead=masthead if masthead != title else "",
        title=title,
        date="" if when in title or title == masthead else when,
        subject=edition.subject or (f"{masthead}: {title}" if masthead else title),
        preview=edition.preview or _preview(parts),
        parts=parts,
        notices=tuple(notices),
    )


def _preview(parts: tuple[Part, ...]) -> str:
    """The first headlines in one line of at most 140 characters: about what a phone's list shows."""
    out = ""
    for heading in (piece.heading for part in parts for piece in part.pieces):
        more = f"{out} · {heading}" if out else heading
        if len(more) > 140:
            break
        out = more
    return out


def _part(
    number: int,
    section: Section,
    language: str,
    say: dict[str, str],
    today: date | None,
    base_url: str | None,
) -> Part:
    level = 3 if section.heading else 2
    return Part(
        number,
        section.heading or "",
        section.intro or "",
        tuple(_piece(item, level, language, say, today, base_url) for item in section.items),
    )


def _piece(
    item: Item,
    level: int,
    language: str,
    say: dict[str, str],
    today: date | None,
    base_url: str | None,
) -> Piece:
    return Piece(
        uid=item.uid,
        kind=item.kind,
        level=level,
        heading=item.heading.strip() or shortened(markdown.plain(item.summary)) or say["untitled"],
        their_headline=item.headline
        if item.our_heading and item.our_heading != item.headline
        else "",
        date=dates.words(item.date, language),
        machine_date=dates.machine(item.date) if item.date else "",
        source=item.source or "",
        summary=item.summary,
        note=item.note or "",
        content_note=item.content_note or "",
        footnotes=item.footnotes,
        doors=tuple(_door(link, item) for link in item.links if link.text or link.url),
        figures=tuple(
            _figure(image, say, today, base_url) for image in item.images if _shows(image)
        ),
        item=item,
    )


def _door(link: Link, item: Item) -> Door:
    url = link.url if link.url and printable(link.url) else None
    text = " ".join(link.text.split()) or (urls.host(url) if url else "")
    shown = re.sub(r"[.:。：\s]+$", "", text)
    name = shortened(item.headline or item.heading) if url and empty(shown) else ""
    return Door(shown or text, url, text[len(shown) :].strip() if shown else "", name)


def printable(url: str) -> bool:
    """Whether an address may stand in a print: http, https or mailto, and nothing else."""
    return url.strip().lower().startswith(("http://", "https://", "mailto:"))


def empty(link_words: str) -> bool:
    """Whether link words name nothing ("Access the article here", "Read more")."""
    found = _WORD.findall(link_words.lower())
    return all(word in _EMPTY for word in found) or bool(_EMPTY_CJK.match(link_words))


def shortened(line: str, length: int = NAME_LENGTH) -> str:
    """The line, cut at a word with an ellipsis where it is longer than `length` characters."""
    line = " ".join(line.split())
    if len(line) <= length:
        return line
    cut = line[:length].rpartition(" ")[0] or line[:length]
    return cut.rstrip(" ,;:–-") + "…"


def _shows(image: Image) -> bool:
    return bool(image.caption or image.credit or (image.url and image.permission))


def allowed(image: Image, today: date | None) -> bool:
    """Whether a picture may be printed: a recorded permission that has not ended."""
    if not image.url or image.permission is None or not image.permission.basis.strip():
        return False
    until = image.permission.until
    if until is None:
        return True
    try:
        return today is not None and today <= date.fromisoformat(until)
    except ValueError:
        return False


def _figure(image: Image, say: dict[str, str], today: date | None, base_url: str | None) -> Figure:
    url = urljoin(base_url, image.url or "") if base_url else image.url or ""
    ours = url.startswith("/") and not url.startswith("//")
    shown = allowed(image, today) and (ours or url.startswith(("https://", "http://")))
    credit = f"{say['credits']}{say['colon']}{image.credit}" if image.credit else ""
    if image.licence:
        licence = licence_name(image.licence)
        credit = f"{credit} ({licence})" if credit else licence
    return Figure(
        url=url if shown else None,
        alt=image.alt or "",
        caption=image.caption or "",
        credit=credit,
        note="" if shown else say["picture_at_source"],
        width=image.width if image.height else None,
        height=image.height if image.width else None,
    )


# as readers say them, where CLDR's name reads badly in a sentence ("中文 (繁體)")
_NAMES = {"zh-hant": "繁體中文", "zh-hk": "繁體中文", "zh-tw": "繁體中文", "zh-hans": "简体中文"}


def others(alternates: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Links to the same issue in other languages, each in its own: "閱讀繁體中文版"."""
    out = []
    for language, url in sorted((alternates or {}).items()):
        known = dates.locale(language)
        name = _NAMES.get(language.lower()) or known.get_display_name(known) or language
        read = words.of(language)["read_in"].format(language=name)
        out.append({"language": language, "url": url, "words": read})
    return out


def sentence_end(words_: str) -> str:
    """The words, ended by a full stop where nothing ends them."""
    return words_ if not words_ or words_[-1] in ".!?。！？…”’\"'" else words_ + "."


def summary_words(piece: Piece) -> str:
    """The summary in one line without marks, for metadata."""
    return markdown.plain(piece.summary)
