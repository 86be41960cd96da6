"""Who signs an article, as its page states it: in linked data, meta tags and the markup of bylines.

Where these name only an agency, a desk or the outlet ("dpa", "Staff Reporter", "The Example"), that stands
as it is printed. What is printed without any markup is looked for in `signature`, names are taken apart
in `names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from broadsheet.wire.read import signature
from broadsheet.wire.read.document import Document, Node, kinds, words
from broadsheet.wire.read.names import (
    NOT_A_NAME,
    URLISH,
    agency,
    capital,
    is_person,
    people,
    plain,
    signed,
)

_REMARK = re.compile(r"\([^()]*\)|©|&copy;|(?i:copyright)|\b\d{4}\b|https?://\S+")


@dataclass(frozen=True, slots=True)
class _Outlet:
    """Who prints the page, by whose names a person is told from the outlet's own."""

    names: frozenset[str]
    first: str
    host: frozenset[str]

    @classmethod
    def of(cls, document: Document, source: str | None, host: str) -> _Outlet:
        stated = (
            _REMARK.sub("", given)
            for name in ("publisher", "dc.publisher", "copyright", "og:site_name")
            for given in document.metas.get(name, ())
        )
        given = map(plain, (source or "", host, host.split(".", maxsplit=1)[0], *stated))
        return cls(
            frozenset(filter(None, given)),
            plain((source or "").split(" ", maxsplit=1)[0]),
            frozenset(host.split(".")),
        )

    def person(self, name: str) -> bool:
        return (
            plain(name) not in self.names
            and is_person(name)
            and (not self.first or plain(name.split(" ", maxsplit=1)[0]) != self.first)
        )

    def own(self, name: str) -> bool:
        return not self.person(name) and (
            plain(name) in self.names
            or plain(name.split(" ", maxsplit=1)[0]) == self.first
            or (agency(name) or "").lower() in self.host
            or bool(NOT_A_NAME.search(name))
        )

    def signers(self, given: list[str]) -> tuple[str, ...]:
        """The persons, then the agencies, that lines name."""
        found = people(given, self.names)
        return tuple(name for name in found if agency(name) or self.person(name))


def authors(
    document: Document, article: Node | None, source: str | None, host: str
) -> tuple[str, ...]:
    """Who signed an article, as the page states it, each once, in the order of the page.

    Linked data, then meta tags, then the markup of bylines, then bylines without markup: the first that
    names a person is believed, with every organisation it lists beside ("Ann Other", "Example Press").
    Where none names a person, the first agency, desk or outlet that the linked data or a byline names
    stands as it is printed ("dpa", "Staff Reporter", "The Example"). Who is printed as the editor gives
    way to who is printed as the writer. Nothing is made up: a page that names nobody gives nothing.
    For the persons alone see `people_only`.
    """
    outlet = _Outlet.of(document, source, host)
    tree = document.tree
    marks = _marked(tree)
    linked = signed(_linked(document, article), outlet.person)
    linked = _without_sections(linked, document, article, outlet)
    if not all(map(outlet.own, linked)):
        writers = _instead_of_editors(linked, marks, outlet)
        return writers or _completed(linked, marks, outlet)
    if linked:
        return _gainsaid(document, marks, outlet) or linked
    stands: tuple[str, ...] = ()
    for given in (_meta(document), *marks.kinds):
        found = outlet.signers(_first_box(given, marks) or given)
        if any(map(outlet.person, found)):
            return _completed(found, marks, outlet)
        stands = stands or found
    printed = signature.printed(tree)
    unmarked = (printed, signature.alone(tree), signature.labelled(tree), signature.told(tree))
    for given in (*unmarked, signature.dated(tree)):
        found = outlet.signers(given)
        if any(map(outlet.person, found)):
            return _completed(found, marks, outlet)
        stands = stands or found
    sure, classed, paths = marks.kinds
    return (
        stands
        or _desk([signature.desk(tree)], None)
        or _desk([sure], None)
        or _desk([classed, paths], outlet)
        or _desk([[line.partition(",")[0] for line in printed]], None)
        or _desk([_given(document)], outlet)
        or tuple(signature.below(tree, outlet.names))
    )


def _gainsaid(document: Document, marks: _Marks, outlet: _Outlet) -> tuple[str, ...]:
    """Who signs where the linked data names only the outlet: a byline that says so, no link to a person."""
    sure, classed, _ = marks.kinds
    tree = document.tree
    looks: tuple[Callable[[], list[str]], ...] = (
        lambda: _meta(document),
        lambda: sure,
        lambda: classed,
        lambda: signature.alone(tree),
        lambda: signature.printed(tree),
        lambda: signature.labelled(tree),
        lambda: signature.told(tree),
    )
    for look in looks:
        given = look()
        found = outlet.signers(given)
        if not any(map(outlet.person, found)):
            continue
        # names that differ from box to box are those of teasers
        each = {names for box in marks.boxed(given) if (names := people(box, outlet.names))}
        return _completed(found, marks, outlet) if len(each) == 1 else ()
    return ()


def _without_sections(
    linked: tuple[str, ...], document: Document, article: Node | None, outlet: _Outlet
) -> tuple[str, ...]:
    """The names without those of the page's sections, which some templates give as the author."""
    if all(map(outlet.person, linked)):
        return linked
    given = article.get("articleSection") if article else None
    listed = given if isinstance(given, list) else [given]
    sections = {plain(words(one)) for one in listed}
    sections |= {plain(one) for one in document.metas.get("article:section", ())}
    for link in document.tree.iter("a"):
        if "category" in (link.get("rel") or ""):
            sections.add(plain("".join(link.itertext())))
    return tuple(name for name in linked if outlet.person(name) or plain(name) not in sections)


def _instead_of_editors(found: tuple[str, ...], marks: _Marks, outlet: _Outlet) -> tuple[str, ...]:
    """The writers of a marked byline where all that was found is printed as "Editor: ..."."""
    edited = {plain(line) for line in marks.edited}
    if not edited or not {plain(name) for name in found} <= edited:
        return ()
    for given in marks.kinds[:2]:
        writers = outlet.signers(given)
        if any(map(outlet.person, writers)) and not edited & {plain(name) for name in writers}:
            return writers
    return ()


def _first_box(given: list[str], marks: _Marks) -> list[str]:
    """The lines of the first byline that names somebody: those that follow are of teasers."""
    return next((box for box in marks.boxed(given) if people(box)), [])


def _completed(found: tuple[str, ...], marks: _Marks, outlet: _Outlet) -> tuple[str, ...]:
    """The names of one printed byline, where it holds all that were found and some more."""
    have = {plain(name) for name in found}
    lines = [[line] for kind in marks.kinds for line in kind]
    for box in (*lines, *marks.boxes):
        printed = tuple(name for name in outlet.signers(box) if capital(name))
        if have < {plain(name) for name in printed} and len(printed) <= 6:
            return printed
    return found


def _desk(marked: list[list[str]], outlet: _Outlet | None) -> tuple[str, ...]:
    """Who signs where no person does: the first line, where `outlet` is given only if plainly a desk."""
    for lines in marked:
        for line in lines:
            names = signed([line], lambda _: False) if len(line) <= 60 else ()
            if names and (
                outlet is None
                or all(plain(name) in outlet.names or NOT_A_NAME.search(name) for name in names)
            ):
                return names
    return ()


def _linked(document: Document, article: Node | None) -> list[str]:
    """The authors of the article's object; where it has none, of the object of the page."""
    pages = (node for node in document.nodes if kinds(node) & {"WebPage", "ItemPage"})
    for node in (article, *pages):
        for key in ("author", "creator"):
            if node and (found := _of(document, node.get(key))):
                return found
    return []


def _of(document: Document, value: Any, depth: int = 0) -> list[str]:
    if depth > 3 or value is None:
        return []
    if isinstance(value, list):
        return [name for one in value for name in _of(document, one, depth + 1)]
    value = document.resolved(value)
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, (list, dict)):
            return _of(document, name, depth + 1)
        line = words(name)
        if not line:
            given = (words(value.get(key)) for key in ("givenName", "familyName"))
            line = " ".join(filter(None, given)) or words(value.get("byline"))
        return [line] if line else []
    return [words(value)] if isinstance(value, str) else []


_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator",
"dc.contributor.author", "dcterms.creator", "byl", "authors",
          "article:author_name", "cxenseparse:author", "cxenseparse:recs:author", "citation_author",
          "article.author", "article-author", "articleauthor", "creator", "vr:author", "byline", "og:author",
          "twitter:creator:name", "shareaholic:article_author_name", "rbauthors")  # fmt: skip


def _meta(document: Document) -> list[str]:
    for name in _METAS:
        given = [c for c in document.metas.get(name, ()) if not URLISH.search(c)]
        if people(given):
            return given
    # Plug-ins of blogs print for previews: label "Written by", data "Ann Other".
    for number in ("1", "2", "3"):
        for label in document.metas.get(f"twitter:label{number}", ()):
            if _WRITTEN.match(label):
                return document.metas.get(f"twitter:data{number}", [])
    return document.metas.get("twitter:misc:written", [])  # names are taken apart at blanks


_WRITTEN = re.compile(
    r"(?i)(?:(?:written|posted) by|by|authors?|(?:verfasst |geschrieben )?von|autor(?:in|en|es|a)?|"
    r"(?:[eé]crit )?par|auteurs?|(?:escrito )?por|(?:scritto )?da|autore|(?:geschreven )?door|"
    r"skrevet av|skrevet af|skriven av|ditulis oleh|oleh|napisane przez|作者|執筆者|автор|yazan)\W*$"
)


def _given(document: Document) -> list[str]:
    return [content for name in _METAS[:2] for content in document.metas.get(name, ())]


_NAME_CLASS = re.compile(r"(?i)author[-_]*name|byline[-_]*name|author[-_]*link|authorname")
_LINE_CLASS = re.compile(
    r"(?i)byline|authors?_*-*list|__authors?$|authorline|authorshort|(?:article|post|entry|story|news)[-_]*authors?(?![-_a-z]*(?:bio|box|image|photo|avatar|desc))"
)
_AUTHOR_PATH = re.compile(
    r"(?i)/(?:authors?|autor(?:en|es|in)?|profiles?|people|by|redakteur\w*|team|journalists?|contributors?|staff|writers?|"
    r"columnists?|auteurs?|yazar\w*|forfatter|autori|autore)/(?:[\w.%-]+/)?[\w.%-]{3,}/?$"
)
_EXACT = frozenset(
    ("author", "authors", "autor", "autoren", "writer", "writers", "auteur", "reporter")
)
_NUMBERED = re.compile(r"[-_]?\d+(?!\S)")
_PHOTO = re.compile(
    r"(?i)photo|image|caption|comment|bio|avatar|related|teaser|date|time|social|share"
)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The bylines that the markup names.

    kinds    lines that say "author" (itemprop and rel, classes for an author's name), lines of a class
             of bylines, links to the pages of authors
    boxes    the same lines, those that stand together in one small box in one list
    edited   lines printed behind "Editor:"
    """

    kinds: tuple[list[str], list[str], list[str]]
    boxes: tuple[list[str], ...] = ()
    edited: tuple[str, ...] = ()

    def boxed(self, given: list[str]) -> list[list[str]]:
        """The lines as they stand together; a line of no box stands alone."""
        found = [[line for line in box if line in given] for box in self.boxes]
        boxed = {line for box in found for line in box}
        return [box for box in found if box] + [[line] for line in given if line not in boxed]


_EDITOR = re.compile(
    r"(?i)(?:^|[\s(|])(?:(?:copy[ -]?)?editor|edited by|editing by|redaktur|penyunting|editörü?|redigering|"
    r"redaktor|责编|責編|责任编辑|責任編輯|编辑|編輯)\s*[:：]?\s*$"
)
_TAGS = (
    "a", "span", "div", "p", "address", "li", "meta", "strong", "b", "em", "h4", "h5", "h6", "cite",
)  # fmt: skip


def _marked(tree: HtmlElement) -> _Marks:
    """The bylines of a page by their markup. One pass over the page."""
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    boxes: list[list[str]] = []
    edited: list[str] = []
    for number, elements in enumerate(_elements(tree)):
        lines: list[str] = []
        held: dict[HtmlElement, list[str]] = {}
        inner = [up for element in elements for up in element.iterancestors()]
        for element in elements[:10]:
            line = _line(element)
            # a name in small letters is none
            if not 3 < len(line) < 200 or not all(map(capital, people([line]))):
                continue
            if _EDITOR.search(_before(element)):
                edited.append(line)
                continue
            lines.append(line)
            if element not in inner:
                held.setdefault(_box(element), []).append(line)
        # a long list of authors is that of the outlet, or of the teasers beside the article
        if lines and len(people(lines)) <= 6:
            kinds[max(0, number - 2)].extend(lines)
            boxes += held.values()
    return _Marks(kinds, tuple(boxes), tuple(edited))


def _elements(tree: HtmlElement) -> tuple[list[HtmlElement], ...]:
    """Elements with itemprop, with rel, of a name's class, of a byline's class; links to authors."""
    found: tuple[list[HtmlElement], ...] = ([], [], [], [], [])
    for element in tree.iter(*_TAGS):
        given = element.get
        prop, rel, name = given("itemprop"), given("rel"), given("class")
        if prop and "author" in prop:
            found[0].append(element)
        elif rel and "author" in rel:
            found[1].append(element)
        elif element.tag == "a" and _AUTHOR_PATH.search(given("href") or ""):
            found[4].append(element)
        elif name and _HINT.search(name):
            if _NAME_CLASS.search(name):
                found[2].append(element)
            elif not _PHOTO.search(name) and (
                _LINE_CLASS.search(name)
                or _EXACT.intersection(_NUMBERED.sub("", name.lower()).split())
            ):
                found[3].append(element)
    return found


# Most classes hold none of these.
_HINT = re.compile("uthor|yline|write|uto|reporter")


def _line(element: HtmlElement) -> str:
    """What a marked element names; empty inside of comments."""
    if any("comment" in (up.get("class") or "").lower() for up in element.iterancestors()):
        return ""
    named = next((one for one in element.iter() if one.get("itemprop") == "name"), element)
    return named.get("content") or " ".join(" ".join(named.itertext()).split())


def _before(element: HtmlElement) -> str:
    """The words that stand before an element in its parent, where they are near."""
    previous = element.getprevious()
    if previous is not None:
        if (previous.tail or "").strip():
            return str(previous.tail)
        return "".join(previous.itertext())[-30:] if isinstance(previous.tag, str) else ""
    parent = element.getparent()
    return (parent.text or "") if parent is not None else ""


_BOX = 240  # characters: a line of names with their roles and a date


def _box(element: HtmlElement) -> HtmlElement:
    """The largest element around a byline that holds little else."""
    box = element
    for up in element.iterancestors():
        if up.tag in ("body", "article", "main", "html", "head") or not _small(up):
            return box
        box = up
    return box


def _small(element: HtmlElement) -> bool:
    size = 0
    for piece in element.itertext():
        size += len(piece.strip())
        if size > _BOX:
            return False
    return True
