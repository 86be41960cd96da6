"""Restricted Markdown: paragraphs, links, emphasis and lists; nothing else has a meaning.

Whatever else stands in a text (HTML, pictures, headings, code) is printed as the characters it is.
"""

from __future__ import annotations

import re
import unicodedata

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto"})
_TAGS = {"p", "a", "em", "strong", "ul", "ol", "li", "br"}


def _made() -> MarkdownIt:
    made = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False})
    made.enable(["emphasis", "link", "list", "escape", "newline"])
    # markdown-it refuses javascript: and data: by itself; we allow what a letter needs and no more
    setattr(made, "validateLink", _is_allowed)  # noqa: B010 -- its documented way to replace it
    return made


def _is_allowed(url: str) -> bool:
    return url.strip().lower().startswith(tuple(f"{scheme}:" for scheme in SCHEMES))


_reader = _made()


def tokens(source: str) -> list[Token]:
    """The parsed text, for a printer that sets it by itself."""
    return _reader.parse(source)


def html(source: str) -> str:
    """Safe HTML: p, a (http, https, mailto), em, strong, ul, ol, li, br; no attribute but href."""
    return nh3.clean(
        _reader.render(source),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(SCHEMES),
        link_rel=None,
    ).strip()


def text(source: str, *, width: int | None = 72) -> str:
    """The same as plain text: paragraphs apart, addresses in brackets after their words, lists dashed.

    `width` wraps at so many characters (a longer word or address stays whole); None does not wrap.
    """
    return "\n\n".join(_blocks(_reader.parse(source), width, ""))


def plain(source: str) -> str:
    """The words alone in one line, without addresses: for previews, feeds' titles and search."""
    lines = (
        "".join(
            " " if child.type in ("softbreak", "hardbreak") else child.content
            for child in token.children or ()
        )
        for token in _reader.parse(source)
        if token.type == "inline"
    )
    return " ".join(" ".join(lines).split())


def without_html(source: str) -> str:
    """The same Markdown for readers who would take HTML in it as HTML: `<` stands as a character.

    Our own reader knows no HTML and prints such words as they stand; other readers (CommonMark 0.31,
    6.6) pass them on. A backslash before the sign keeps it a sign in both.
    """
    return re.sub(r"(?<!\\)<", r"\\<", source)


def escaped(words: str) -> str:
    """Words that shall stand as they are, ready to be put into restricted Markdown."""
    words = re.sub(r"([\\*_\[\]])", r"\\\1", words)
    words = re.sub(r"(?m)^(\s*)([-+])(?=\s|$)", r"\1\\\2", words)
    return re.sub(r"(?m)^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", words)


def _blocks(tokens: list[Token], width: int | None, indent: str) -> list[str]:
    out: list[str] = []
    marks: list[str] = []  # for each open list: "-" or the next number
    first = True  # the next paragraph carries the mark of its list item
    for token in tokens:
        if token.type == "bullet_list_open":
            marks.append("-")
        elif token.type == "ordered_list_open":
            marks.append(str(token.attrGet("start") or 1) + ".")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            marks.pop()
        elif token.type == "list_item_open":
            first = True
        elif token.type == "list_item_close":
            if marks[-1] != "-":
                marks[-1] = f"{int(marks[-1][:-1]) + 1}."
        elif token.type == "inline":
            lead = hang = indent
            if marks:
                deep = indent + "  " * (len(marks) - 1)
                hang = deep + " " * (len(marks[-1]) + 1)
                lead = f"{deep}{marks[-1]} " if first else hang
                first = False
            out.append(wrapped(_inline(token.children or []), width, lead, hang))
    return out


def _inline(tokens: list[Token]) -> str:
    out: list[str] = []
    href, since = "", 0
    for token in tokens:
        if token.type == "link_open":
            href, since = str(token.attrGet("href") or ""), len(out)
        elif token.type == "link_close":
            shown = "".join(out[since:])
            if href and href.removeprefix("mailto:") != shown:
                out.append(f" ({href})")
        elif token.type == "softbreak":
            out.append(" ")
        elif token.type == "hardbreak":
            out.append("\n")
        else:
            out.append(token.content)
    return "".join(out)


_PIECE = re.compile(
    # a Chinese or Japanese character may end a line by itself, with the marks that must stay with it
    r"[「『（《〈【“‘]*[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"[」』）》〉】”’、。，．：；？！…]*"
    r"|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|\s+"
)


def wrapped(words: str, width: int | None, lead: str = "", hang: str = "") -> str:
    """Lines of at most `width` columns; line breaks in the words stay; long words stay whole.

    A Chinese, Japanese or Korean character takes two columns. `lead` begins the first line, `hang`
    all others.
    """
    lines: list[str] = []
    for number, row in enumerate(words.split("\n")):
        line, empty = (lead if number == 0 else hang), True
        for piece in _PIECE.findall(" ".join(row.split())):
            if piece.isspace():
                line += " " if not empty else ""
                continue
            if width is not None and not empty and columns(line + piece) > width:
                lines.append(line.rstrip())
                line = hang
            line, empty = line + piece, False
        lines.append(line.rstrip())
    return "\n".join(lines)


def columns(text: str) -> int:
    """The width of a text in a fixed-width face: wide characters (UAX 11) take two columns."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
