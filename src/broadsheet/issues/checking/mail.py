"""The mail as it would go out: what programs cut, what screen readers say, what stays readable.

Checked on the printed mail itself, not on what it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import html as lxml_html

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.press import email as mails
from broadsheet.press import house, markdown
from broadsheet.press.plaintext import plaintext
from broadsheet.wire.edition import Edition
from broadsheet.wire.wording import Severity

CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text of ordinary size
PREVIEW = 130  # characters: more is cut nearly everywhere
_SHOUT = re.compile(r"\b[A-Z]{4,}\b(?:\W+\b[A-Z]{3,}\b){2,}|!{2,}|\${2,}")
# A link's own address may be longer than a line; words may not.
LINE = 78  # characters, RFC 5322, 2.1.1


def mail(edition: Edition, today: date, style: house.House | None = None) -> Iterator[Finding]:
    """Findings on the mail's subject, preview line, size, pictures, contrast, headings and text part."""
    printed = mails.email(edition, house=style, today=today)
    tree = lxml_html.fromstring(printed)
    yield from _front(edition)
    yield from _size(printed)
    yield from _pictures(tree)
    yield from _headings(tree)
    yield from _contrast(tree, printed)
    yield from _plain(plaintext(edition, house=style, today=today))


def _finding(
    rule: str, severity: Severity, why: str, use: tuple[str, ...] = (), field: str = "mail"
) -> Finding:
    return Finding(
        rule, severity, Where(field, label=telling("the mail"), text=why), why, use, kind="mail"
    )


def _front(edition: Edition) -> Iterator[Finding]:
    subject, preview = edition.subject or "", edition.preview or ""
    if not subject:
        yield _finding(
            "subject-missing",
            Severity.HINT,
            telling(
                "The mail has no subject of its own: it will say “%(newsletter)s: %(title)s”.",
                newsletter=edition.newsletter,
                title=edition.title,
            ),
            (telling("say in few words what is in the issue"),),
            "subject",
        )
    if _SHOUT.search(subject):
        yield _finding(
            "subject-shouts", Severity.WARN,
            telling("Capitals and exclamation marks in a subject send mail to the junk folder."),
            (telling("write it as a sentence"),), "subject",
        )  # fmt: skip
    if preview and preview.strip().casefold() == subject.strip().casefold():
        yield _finding(
            "preview-repeats", Severity.WARN, telling("The preview line says what the subject says already."),
            (telling("say what else is in the issue"),), "preview",
        )  # fmt: skip
    if len(preview) > PREVIEW:
        yield _finding(
            "preview-long",
            Severity.HINT,
            telling(
                "The preview line has %(n)s characters; most programs show up to %(most)s.",
                n=len(preview),
                most=PREVIEW,
            ),
            (telling("put what matters first"),),
            "preview",
        )


def too_large(printed: str) -> str:
    """By how much a mail is too large for Gmail, in words (`told` tells them); empty where it is not."""
    many = mails.size(printed)
    if many <= mails.LIMIT:
        return ""
    return telling(
        "The mail has %(many)s bytes of HTML, %(over)s more than are safe: Gmail cuts at about 102,000.",
        many=f"{many:,}",
        over=f"{many - mails.LIMIT:,}",
    )


def _size(printed: str) -> Iterator[Finding]:
    if words := too_large(printed):
        yield _finding(
            "mail-too-large",
            Severity.ERROR,
            words,
            (telling("shorten summaries"), telling("take items out")),
        )


def _pictures(tree: lxml_html.HtmlElement) -> Iterator[Finding]:
    for image in tree.iter("img"):
        if not (image.get("alt") or "").strip():
            yield _finding(
                "mail-picture-without-alt", Severity.ERROR,
                telling("A picture of the mail has no words for those who do not see it."),
                (telling("describe it in its item"),),
            )  # fmt: skip


def _headings(tree: lxml_html.HtmlElement) -> Iterator[Finding]:
    levels = [(int(e.tag[1]), " ".join(e.text_content().split()))
              for e in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]  # fmt: skip
    before = 0
    for level, words in levels:
        if level > before + 1:
            yield _finding(
                "mail-heading-order",
                Severity.WARN,
                telling(
                    "“%(what)s” is a heading of level %(level)s below one of level %(before)s: "
                    "screen readers tell a gap.",
                    what=words,
                    level=level,
                    before=before,
                ),
                (telling("give its section a heading"),),
            )
        before = level
    if sum(level == 1 for level, _ in levels) != 1:
        yield _finding(
            "mail-heading-first",
            Severity.WARN,
            telling("The mail has not exactly one main heading."),
        )


_COLOUR = re.compile(r"(?<![\w-])(background(?:-color)?|color)\s*:\s*(#[0-9a-fA-F]{6})")
_DARK = re.compile(r"prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


def _contrast(tree: lxml_html.HtmlElement, printed: str) -> Iterator[Finding]:
    """The least contrast of words on their ground, on light screens and on dark ones."""
    least = min(_pairs(tree), default=(21.0, ""), key=lambda pair: pair[0])
    if least[0] < CONTRAST:
        yield _finding(
            "mail-contrast",
            Severity.ERROR,
            telling(
                "“%(words)s” has a contrast of %(contrast)s to 1; readers with weak sight need %(least)s.",
                words=least[1],
                contrast=format(least[0], ".1f"),
                least=CONTRAST,
            ),
            (telling("mend the house style's colours"),),
        )
    dark = _DARK.search(printed)
    if dark is None:
        yield _finding(
            "mail-dark", Severity.WARN, telling("The mail says nothing for dark screens.")
        )
        return
    inks = set(re.findall(r"(?<!-)\bcolor:\s*(#[0-9a-fA-F]{6})", dark[1]))
    grounds = set(re.findall(r"background-color:\s*(#[0-9a-fA-F]{6})", dark[1]))
    worst = min((house.contrast(i, g) for i in inks for g in grounds), default=21.0)
    if worst < CONTRAST:
        yield _finding(
            "mail-contrast-dark",
            Severity.ERROR,
            telling(
                "On dark screens the contrast is as low as %(contrast)s to 1; "
                "readers with weak sight need %(least)s.",
                contrast=format(worst, ".1f"),
                least=CONTRAST,
            ),
            (telling("mend the house style's night colours"),),
        )


def _pairs(tree: lxml_html.HtmlElement) -> Iterator[tuple[float, str]]:
    for element in tree.iter():
        if not isinstance(element.tag, str) or not (element.text or "").strip():
            continue
        if element.tag in ("style", "title", "head"):
            continue
        ink, ground = _inherited(element, "color"), _inherited(element, "background")
        if ink:
            words = " ".join((element.text or "").split())[:40]
            yield house.contrast(ink, ground or "#ffffff"), words


def _inherited(element: lxml_html.HtmlElement, name: str) -> str:
    """The colour that holds for an element: its own, or that of the nearest one around it."""
    while element is not None:
        found = {
            match[1].removesuffix("-color"): match[2]
            for match in _COLOUR.finditer(element.get("style") or "")
        }
        if name in found:
            return found[name]
        if name == "background" and re.fullmatch(r"#[0-9a-fA-F]{6}", element.get("bgcolor") or ""):
            return str(element.get("bgcolor"))
        element = element.getparent()
    return ""


def _plain(printed: str) -> Iterator[Finding]:
    """Whether the text part can be read as it stands."""
    tag = re.search(r"</?(?:p|div|span|br|a|b|i|em|strong|table|td)\b[^>\n]{0,200}>", printed)
    if tag:
        yield _finding(
            "plain-text-tags", Severity.WARN,
            telling("The plain text shows marks of a web page: %(marks)s", marks=tag.group()[:40]),
            (telling("take them out of the item's words"),),
        )  # fmt: skip
    marks = re.search(r"\]\(https?:", printed)
    if marks:
        yield _finding(
            "plain-text-marks", Severity.WARN,
            telling("A link's marks are broken, so readers see brackets and the address in the words."),
            (telling("write it as [words](address) without blanks"),),
        )  # fmt: skip
    long = [
        line
        for line in printed.splitlines()
        if markdown.columns(line) > LINE and " " in line.strip() and "://" not in line
    ]
    if long:
        yield _finding(
            "plain-text-lines",
            Severity.HINT,
            telling(
                "%(n)s lines of the plain text are longer than %(most)s characters.",
                n=len(long),
                most=LINE,
            ),
        )
