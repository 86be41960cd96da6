"""How an issue will look: every print, from the code that prints it."""

from __future__ import annotations

import re

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from broadsheet.desk import access, acting
from broadsheet.issues import compose, house, printing, queries
from broadsheet.issues.checking import mail
from broadsheet.issues.checking.told import told
from broadsheet.issues.models import Issue, Newsletter
from broadsheet.press import handover
from broadsheet.press.email import email, size
from broadsheet.press.house import PressError
from broadsheet.press.pdf import pdf
from broadsheet.press.plaintext import plaintext
from broadsheet.press.web import web
from broadsheet.wire.edition import Edition

PRINTS: tuple[tuple[str, Promise], ...] = (
    ("web", _("Web page")),
    ("mail", _("Mail")),
    ("text", _("Plain text")),
    ("pdf", _("PDF")),
)
# For programs without a desk: how it is called, what its file ends in, its kind, what it is good for.
TAKEN: dict[str, tuple[Promise, str, str, Promise]] = {
    "mailchimp": (
        _("Campaign"),
        "zip",
        "application/zip",
        _("for Mailchimp and services like it, with the pictures"),
    ),
    "blog": (
        _("HTML for a blog"),
        "html",
        "text/html; charset=utf-8",
        _("to paste into a post"),
    ),
    "markdown": (
        _("Markdown"),
        "md",
        "text/markdown; charset=utf-8",
        _("for sites that are built from files"),
    ),
    "json": (
        _("Data (JSON)"),
        "json",
        "application/json",
        _("all of it, to print it elsewhere or to keep"),
    ),
}
# How a print can be looked at; each is a switch in the address.
SWITCHES: tuple[tuple[str, Promise], ...] = (
    ("phone", _("As wide as a phone")),
    ("dark", _("On a dark screen")),
    ("bare", _("With pictures off")),
)


def _switched(request: HttpRequest) -> set[str]:
    given = set(request.GET.getlist("as"))
    if request.GET.get("width") == "phone":  # the address as it was before there were others
        given.add("phone")
    return given & {name for name, _words in SWITCHES}


@access.reads
def preview(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A frame around one print of the issue."""
    found = acting.chosen_issue(pk)
    trouble, too_large, heavy = "", "", 0
    try:
        edition = _edition(found)
        if form == "mail":
            printed = email(edition, house=house.of(found.newsletter), today=timezone.localdate())
            too_large, heavy = told(mail.too_large(printed)), size(printed)
    except compose.ComposeError as error:
        trouble = str(error)
    on = _switched(request)
    switches = [
        (name, words, name in on, _query(on ^ {name}))
        for name, words in SWITCHES
        if form in ("mail", "web") and (name == "phone" or form == "mail")
    ]
    return render(
        request,
        "desk/preview.html",
        {
            "here": "issues",
            "issue": found,
            "form": form,
            "prints": PRINTS,
            "switches": switches,
            "query": _query(on),
            "phone": "phone" in on,
            "trouble": trouble,
            "too_large": too_large,
            "kilobytes": (heavy + 512) // 1024,
            "taken": [(name, words, good) for name, (words, _end, _kind, good) in TAKEN.items()],
        },
    )


def _edition(issue: Issue) -> Edition:
    """What readers have, of an issue that is out; of one in the making, as it would go out now."""
    return printing.edition(issue, None if issue.is_open else queries.edition(issue.uid))


def _query(on: set[str]) -> str:
    return "".join(f"{'&' if at else '?'}as={name}" for at, name in enumerate(sorted(on)))


# The press puts its style into the page, for mail programs; no other page of the desk allows that.
@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[arg-type]  # knows no arguments
@access.reads
def printed(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The issue as the press prints it now."""
    found = acting.chosen_issue(pk)
    try:
        return as_printed(_edition(found), form, _switched(request), found.newsletter)
    except (compose.ComposeError, PressError) as error:
        return access.said(str(error), 422)


@access.reads
def taken(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """The issue as a file for another program."""
    found = acting.chosen_issue(pk)
    _words, ending, kind, _good = TAKEN[way]
    try:
        edition = _edition(found)
        find = printing.bearing if way == "mailchimp" else printing.elsewhere
        ready = find(edition, found.newsletter)
        made = handover.handed(
            way,
            ready.edition,
            house=ready.house,
            today=timezone.localdate(),
            pictures=ready.pictures,
        )
    except (compose.ComposeError, PressError) as error:
        return access.said(str(error), 422)
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(edition)}.{ending}"'
    return answer


def as_printed(edition: Edition, form: str, on: set[str], newsletter: Newsletter) -> HttpResponse:
    """One print as an answer. `on` holds the switches that change how it is looked at."""
    today = timezone.localdate()
    if form == "pdf":
        borne = printing.bearing(edition, newsletter)
        answer = HttpResponse(
            pdf(borne.edition, house=borne.house, today=today, pictures=borne.pictures),
            content_type="application/pdf",
        )
        answer["Content-Disposition"] = f'inline; filename="{_file_name(edition)}.pdf"'
        return answer
    shown = printing.here(edition, newsletter)
    if form == "text":
        return HttpResponse(
            plaintext(shown.edition, house=shown.house, today=today),
            content_type="text/plain; charset=utf-8",
        )
    if form == "web":
        return HttpResponse(web(shown.edition, house=shown.house, today=today))
    html = email(shown.edition, house=shown.house, today=today)
    if "dark" in on:
        # What a mail program does on a dark screen: the rules for it hold.
        html = html.replace("(prefers-color-scheme: dark)", "all")
    if "bare" in on:
        html = re.sub(r'(<img\b[^>]*?)\ssrc="[^"]*"', r"\1", html)
    return HttpResponse(html)


def _file_name(edition: Edition) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", f"{edition.newsletter} {edition.title}".lower())
    return name.strip("-") or "issue"
