"""A second look at what was filed off the beat, and what the desk has learned from its editors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import access, shown
from broadsheet.news import intake, lessons, queries
from broadsheet.news.models import Article, Lesson
from broadsheet.people import doors
from broadsheet.wire.dates import first_day


@access.reads
def look(request: HttpRequest) -> HttpResponse:
    """A random handful of a month's articles off the beat, each with a yes and a no."""
    month = _month(request.GET.get("month", "")) or shown.this_month()
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


def _month(value: str) -> str:
    """The month of an address; empty where it is none."""
    try:
        first_day(value)
    except ValueError:
        return ""
    return value if len(value) == 7 else ""


@access.reads
def learned(request: HttpRequest) -> HttpResponse:
    """What decisions have taught the judge, how much of a month was shown, and a way back from both."""
    months = queries.month_names()
    month = _month(request.GET.get("month", "")) or (months[0] if months else shown.this_month())
    model = lessons.model(shown.beat())
    return render(
        request,
        "desk/learned.html",
        {
            "here": "inbox",
            "month": month,
            "month_words": shown.month(month),
            "months": [(name, shown.month(name)) for name in months],
            "learned": model.learned if model else None,
            "able": model is not None,
            "shown": lessons.shown(month),
            "lessons": Lesson.objects.select_related("set_aside_by").order_by("-pk")[:12],
            "may_change": access.editor(request).may_publish,
        },
    )


@access.collects
def forget(request: HttpRequest) -> HttpResponse:
    """Set aside what was learned so far. The decisions stay; the next ones teach anew."""
    now = timezone.now()
    if lessons.forget(shown.beat(), access.editor(request), now) is None:
        messages.error(request, "This beat has no learned judge, so there is nothing to set aside.")
    else:
        doors.note(access.editor(request), "set aside", "what the judge had learned", now)
        messages.success(
            request,
            "What was learned is set aside. Judge a month again to see the judge’s own bands there.",
        )
    return redirect("desk:learned")


@access.collects
def judge_again(request: HttpRequest) -> HttpResponse:
    """Judge a month again with what is learned by now, and group it."""
    month = _month(request.POST.get("month", ""))
    if not month:
        messages.error(request, "Say which month, like 2019-06.")
        return redirect("desk:learned")
    moved = lessons.rejudge(month, shown.beat())
    intake.regroup(month, shown.beat())
    bands = {"relevant": "relevant", "unsure": "unsure", "off_beat": "off the beat"}
    told = [f"{moved[band]} now {words}" for band, words in bands.items() if moved.get(band)]
    messages.success(
        request,
        f"{shown.month(month)} is judged again: {shown.listed(told) or 'no article changed its band'}.",
    )
    return redirect(f"{reverse('desk:learned')}?month={month}")
