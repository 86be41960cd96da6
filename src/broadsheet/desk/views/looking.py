"""A second look at what was filed off the beat: how much of a month the judge did not show."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import access, shown
from broadsheet.news import intake, lessons
from broadsheet.news.models import Article
from broadsheet.wire.dates import first_day


@access.reads
def look(request: HttpRequest) -> HttpResponse:
    """A random handful of a month's articles off the beat, each with a yes and a no."""
    month = request.GET.get("month", "")
    try:
        first_day(month)
    except ValueError:
        month = ""
    month = month if len(month) == 7 else shown.this_month()
    return render(
        request,
        "desk/look.html",
        {
            "here": "inbox",
            "month": month,
            "month_words": shown.month(month),
            "cards": [(a.pk, shown.off_beat(a)) for a in lessons.sample(month)],
            "shown": lessons.shown(month),
        },
    )


@access.edits
def looked(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one second look. What belongs after all waits in the inbox, under “Unsure”."""
    article = get_object_or_404(Article, pk=pk)
    belongs = request.POST.get("belongs") == "yes"
    lessons.look(article, belongs, access.editor(request), timezone.now())
    if belongs:
        intake.regroup(article.month, shown.beat())
        messages.success(request, f"“{article.headline}” waits under “Unsure” now.")
    return redirect(f"{reverse('desk:look')}?month={article.month}")
