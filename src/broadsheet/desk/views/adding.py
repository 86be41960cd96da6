"""Bringing news by hand: lines pasted from a chat, or one article typed or sent by a bookmark."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from broadsheet.desk import access, forms, shown
from broadsheet.desk.web import hurried
from broadsheet.issues import compose
from broadsheet.issues.models import Issue
from broadsheet.news import collecting, decisions, intake, queries
from broadsheet.news.models import Article, Story
from broadsheet.people.models import Editor


def add(request: HttpRequest) -> HttpResponse:
    """The two forms; POST takes in what was pasted."""
    return paste(request) if request.method == "POST" else show(request)


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
        f"open('{settings.ADDRESS}{request.path}?url='+e(location.href)"
        "+'&headline='+e(m('meta[property=\"og:title\"]')||document.title)"
        "+'&source='+e(m('meta[property=\"og:site_name\"]'))"
        "+'&text='+e(String(getSelection()).slice(0,4000)))})()"
    )


@access.edits
def paste(request: HttpRequest) -> HttpResponse:
    form = forms.PasteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, forms.ByHandForm(auto_id="id_hand_%s"), 422)
    beat, now = shown.beat(), timezone.now()
    with hurried() as web:
        visit = collecting.paste(form.cleaned_data["lines"], web, beat, now)
    stories = _stories(visit.keys)
    issue: Issue | None = form.cleaned_data["issue"]
    troubles = _into(issue, stories, access.editor(request)) if issue else []
    stories = _stories(visit.keys, group=False)
    return render(
        request,
        "desk/added.html",
        {
            "here": "inbox",
            "cards": [(shown.card(story), _unread(story)) for story in stories],
            "leftovers": visit.leftovers,
            "issue": issue,
            "troubles": troubles,
        },
    )


def _stories(keys: Iterable[str], *, group: bool = True) -> list[Story]:
    """The stories that the articles of these keys belong to, grouped anew first, best first."""
    articles = Article.objects.filter(key__in=list(keys))
    if group:
        for month in sorted(set(articles.values_list("month", flat=True))):
            intake.regroup(month, shown.beat())
    found = Story.objects.filter(articles__in=articles.values("pk")).distinct()
    return list(queries.with_articles(found).order_by("-score", "key"))


def _unread(story: Story) -> list[str]:
    """Why an article of the story is known by its link alone, in words."""
    return sorted({why for a in story.articles.all() for why in a.failures})


def _into(issue: Issue, stories: Iterable[Story], editor: Editor) -> list[str]:
    """Take the stories into an issue; what could not be taken comes back in words."""
    troubles = []
    for story in stories:
        try:
            with transaction.atomic():
                decisions.take(story, editor, timezone.now())
                compose.pick(story, compose.section_for(issue, story), editor, timezone.now())
        except (decisions.DecisionError, compose.ComposeError) as error:
            troubles.append(str(error))
    return troubles


@access.edits
def by_hand(request: HttpRequest) -> HttpResponse:
    """Keep one article as it was typed; a page that refuses our server still gets in so."""
    form = forms.ByHandForm(request.POST, auto_id="id_hand_%s")
    if not form.is_valid():
        return _page(request, forms.PasteForm(), form, 422)
    try:
        article, _ = collecting.by_hand(**form.cleaned_data, beat=shown.beat(), now=timezone.now())
    except ValueError as error:
        form.add_error("published" if "date" in str(error) else "headline", str(error))
        return _page(request, forms.PasteForm(), form, 422)
    messages.success(request, f"“{article.headline}” is kept.")
    stories = _stories([article.key])
    return redirect("desk:story", stories[0].pk) if stories else redirect("desk:inbox")
