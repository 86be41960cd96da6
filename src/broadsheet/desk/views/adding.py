"""Bringing news by hand: lines pasted from a chat, or one article typed or sent by a bookmark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet import front
from broadsheet.desk import access, forms, shown
from broadsheet.issues import lunch
from broadsheet.issues.models import Issue
from broadsheet.news import collecting, intake, pasting
from broadsheet.news.models import Paste, PastedLine
from broadsheet.wire import urls

ASLEEP = timedelta(seconds=20)  # after which we say that no worker seems to run


@access.reads
def show(request: HttpRequest) -> HttpResponse:
    """The forms. A bookmark fills in the second by its address; only pressing the button keeps it."""
    given = {name: request.GET.get(name, "") for name in forms.ByHandForm.base_fields}
    return _page(
        request,
        forms.PasteForm(),
        forms.ByHandForm(initial=given, auto_id="id_hand_%s"),
    )


def _page(
    request: HttpRequest, pasted: forms.PasteForm, by_hand: forms.ByHandForm, status: int = 200
) -> HttpResponse:
    context = {
        "here": "inbox",
        "pasted": pasted,
        "by_hand": by_hand,
        "bookmark": _bookmark(request),
    }
    return render(request, "desk/add.html", context, status=status)


def _bookmark(request: HttpRequest) -> str:
    """What a bookmark must say to send the page that an editor looks at, from their own browser."""
    return (
        "javascript:(()=>{const e=encodeURIComponent,m=n=>document.querySelector(n)?.content||'';"
        f"open('{front.whole(request.path)}?url='+e(location.href)"
        "+'&headline='+e(m('meta[property=\"og:title\"]')||document.title)"
        "+'&source='+e(m('meta[property=\"og:site_name\"]'))"
        "+'&text='+e(String(getSelection()).slice(0,4000)))})()"
    )


@access.edits
def paste(request: HttpRequest) -> HttpResponse:
    """Keep the lines, and lead to the page that shows how their reading goes."""
    form = forms.PasteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, forms.ByHandForm(auto_id="id_hand_%s"), 422)
    issue: Issue | None = form.cleaned_data["issue"]
    try:
        made = pasting.begin(
            form.cleaned_data["lines"],
            access.editor(request),
            timezone.now(),
            into=issue.uid if issue else "",
        )
    except pasting.PasteError as error:
        form.add_error("lines", str(error))
        return _page(request, form, forms.ByHandForm(auto_id="id_hand_%s"), 422)
    return redirect("desk:pasted", made.pk)


@access.reads
def pasted(request: HttpRequest, pk: int) -> HttpResponse:
    """How the reading of a paste goes, and in the end what came of it."""
    found = get_object_or_404(Paste.objects.select_related("editor"), pk=pk)
    lines = list(found.lines.select_related("article__story", "article__source"))
    job = pasting.job(found)
    now = timezone.now()
    ready = sum(line.state != PastedLine.State.WAITING for line in lines)
    context = {
        "here": "inbox",
        "paste": found,
        "lines": [_Line.of(line) for line in lines],
        "ready": ready,
        "of": len(lines),
        "job": job,
        "asleep": job is not None and not job.attempts and now - job.due > ASLEEP,
        "issue": Issue.objects.filter(uid=found.into).first() if found.into else None,
        "n_stories": len({line.article.story_id for line in lines if line.article} - {None}),
        "refused": sum(line.state == PastedLine.State.REFUSED for line in lines),
    }
    part = "#progress" if access.htmx(request) else ""
    answer = render(request, f"desk/added.html{part}", context)
    if part and found.done:
        answer["HX-Refresh"] = "true"  # the whole page, with what to do next
    return answer


@dataclass(frozen=True, slots=True)
class _Line:
    """A pasted line as it stands: what it is called, what became of it, how to complete it."""

    line: PastedLine
    headline: str
    url: str
    source: str
    by_hand: str

    @classmethod
    def of(cls, line: PastedLine) -> _Line:
        entry, article = line.entry, line.article
        url = str(entry.get("url") or "")
        headline = article.headline if article else str(entry.get("headline") or "")
        given = {"url": article.url if article and article.url else url}
        if headline and headline != url:
            given["headline"] = headline
        source = article.source.name if article and article.source else urls.host(url)
        return cls(
            line,
            headline or url,
            shown.address(url),
            source,
            f"{reverse('desk:add')}?{urlencode(given)}#by-hand",
        )


@access.edits
def by_hand(request: HttpRequest) -> HttpResponse:
    """Keep one article as it was typed; a page that refuses our server still gets in so."""
    form = forms.ByHandForm(request.POST, auto_id="id_hand_%s")
    if not form.is_valid():
        return _page(request, forms.PasteForm(), form, 422)
    try:
        article, _taken = collecting.by_hand(
            **form.cleaned_data, beat=shown.beat(), now=timezone.now()
        )
    except ValueError as error:
        form.add_error("published" if "date" in str(error) else "headline", str(error))
        return _page(request, forms.PasteForm(), form, 422)
    intake.regroup(article.month, shown.beat())
    made = lunch.completed(article, shown.beat(), access.editor(request), timezone.now())
    article.refresh_from_db()
    if made is not None:
        messages.success(
            request,
            _("“{headline}” is completed, and so is its item in {issue}.").format(
                headline=article.headline, issue=made.issue.title
            ),
        )
    else:
        messages.success(request, _("“{headline}” is kept.").format(headline=article.headline))
    return redirect("desk:story", article.story_id) if article.story_id else redirect("desk:inbox")


add = access.by_method(get=show, post=paste)
