"""The language that a reader chose by hand stays with them: in the addresses, since no cookie may keep it.

Who chose none is answered in what the browser prefers, and no address says anything of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from broadsheet.mailing.preferences import spoken

PARAMETER = "lang"
_LINK = re.compile(r'<a [^<>]*?href="([^"]*)"[^<>]*>')
_FORM = re.compile(r'<form [^<>]*method="get"[^<>]*>')


@dataclass(frozen=True, slots=True)
class Tongue:
    """Another language that the page can be had in."""

    tag: str
    name: str
    url: str


def chosen(request: HttpRequest) -> str:
    """The tag that the address asks for, where it is one that we speak; else empty."""
    try:
        return translation.get_supported_language_variant(request.GET.get(PARAMETER, "")[:20])
    except LookupError:
        return ""


def others(request: HttpRequest) -> list[Tongue]:
    """The languages that this page is not in, each with its address."""
    here = spoken(translation.get_language() or "en")
    out = []
    for tag, name in settings.LANGUAGES:
        if spoken(tag) != here:
            asked = request.GET.copy()
            asked[PARAMETER] = tag
            out.append(Tongue(tag, str(name), f"{request.path}?{asked.urlencode()}"))
    return out


def carried(page: str, tag: str) -> str:
    """The page with the chosen language in its links to our own pages and in its forms that ask.

    Links that choose a language themselves (`hreflang`), that lead to a file (`type`) or to the desk stay.
    Done on the finished page and not where links are made: those are some eighty places in templates and
    queries, and one that forgot would lose the reader's language. Regular expressions serve, since the page
    is our own: its templates and the press write every attribute in double quotes and escape < and > in it.
    """

    def link(match: re.Match[str]) -> str:
        whole, to = match[0], match[1]
        path, mark, place = to.partition("#")
        ours = path.startswith("?") or (path.startswith("/") and not path.startswith("//"))
        if (
            not ours
            or " hreflang=" in whole
            or " type=" in whole
            or path.startswith(f"{settings.PATH}/desk/")
        ):
            return whole
        joined = "&amp;" if "?" in path.rstrip("?") else "" if path.endswith("?") else "?"
        return whole.replace(
            f'href="{to}"', f'href="{path}{joined}{PARAMETER}={escape(tag)}{mark}{place}"', 1
        )

    hidden = f'<input type="hidden" name="{PARAMETER}" value="{escape(tag)}">'
    return _FORM.sub(lambda form: form[0] + hidden, _LINK.sub(link, page))
