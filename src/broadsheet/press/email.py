"""An edition as the HTML part of a mail.

One column of tables, fluid, everything inlined; the only rules left in the head are for dark
screens and phones, so a client that drops them (Gmail when it clips) loses nothing that matters.
`docs/press.md` lists what each mail program supports and the exceptions we accept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import css_inline

from broadsheet.press import templating
from broadsheet.press.house import House
from broadsheet.press.proof import others, proof
from broadsheet.wire.edition import Edition

# Gmail cuts a mail at about 102 kB of HTML and hides the rest, the unsubscribe link with it.
LIMIT = 100_000  # bytes


def email(
    edition: Edition,
    *,
    base_url: str | None = None,
    house: House | None = None,
    today: date | None = None,
    web_url: str | None = None,
    archive_url: str | None = None,
    preferences_url: str | None = None,
    unsubscribe_url: str | None = None,
    alternates: Mapping[str, str] | None = None,
) -> str:
    """The whole HTML document.

    base_url   makes relative addresses of pictures whole
    web_url, archive_url, preferences_url, unsubscribe_url   links in the head and foot, printed only
               where given; the mailing gives placeholders such as "{{UNSUBSCRIBE_URL}}"
    alternates language -> address of the same issue in that language
    today      ends permissions of pictures, see `proof`
    """
    sheet = proof(edition, house, today=today, base_url=base_url)
    css = templating.style("email.css", house=sheet.house, language=edition.language)
    html = templating.render(
        "email.html",
        p=sheet,
        h=sheet.house,
        say=sheet.say,
        css=css,
        alternates=others(alternates),
        web_url=web_url,
        archive_url=archive_url,
        preferences_url=preferences_url,
        unsubscribe_url=unsubscribe_url,
    )
    inlined = _inliner().inline(html)
    dark = templating.style("email_dark.css", house=sheet.house)
    inlined = inlined.replace("</head>", f"<style>\n{dark}\n</style>\n</head>", 1)
    return _tight(inlined)


def size(html: str) -> int:
    """The bytes of a mail's HTML as UTF-8."""
    return len(html.encode())


def warnings(html: str) -> list[str]:
    """What an editor should know before sending; empty where all is well."""
    many = size(html)
    if many <= LIMIT:
        return []
    told = (
        f"The mail has {many:,} bytes of HTML; Gmail cuts at about 102,000. "
        f"Cut some {many - LIMIT:,} bytes: shorten summaries or move items to the web page."
    )
    return [told]


def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True
    )


def _tight(html: str) -> str:
    """Without the blank lines and indents that templates leave."""
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"(?m)^[ \t]+", "", html))
