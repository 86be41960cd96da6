"""A second look at what was filed off the beat, and what the desk has learned from its editors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, shown
from broadsheet.desk.views.inbox import month_of
from broadsheet.issues import errands
from broadsheet.news import intake, lessons, queries
from broadsheet.news.models import Article, Lesson
from broadsheet.people import doors


@access.reads
def look(request: HttpRequest) -> HttpResponse:
    """A random handful of a month's articles off the beat, each with a yes and a no."""
    month = month_of(request.GET.get("month", "")) or shown.this_month()
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
        messages.success(
            request, _("“{headline}” waits under “Unsure” now.").format(headline=article.headline)
        )
    return redirect(f"{reverse('desk:look')}?month={article.month}")


@access.reads
def learned(request: HttpRequest) -> HttpResponse:
    """What decisions have taught the judge, how much of a month was shown, and a way back from both."""
    months = queries.month_names()
    month = month_of(request.GET.get("month", "")) or (months[0] if months else shown.this_month())
    model = lessons.model(shown.beat())
    part = "#judging" if access.htmx(request) else ""
    return render(
        request,
        f"desk/learned.html{part}",
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
            "judging": errands.judging(month),
        },
    )


@access.collects
def forget(request: HttpRequest) -> HttpResponse:
    """Set aside what was learned so far. The decisions stay; the next ones teach anew."""
    now = timezone.now()
    if lessons.forget(shown.beat(), access.editor(request), now) is None:
        messages.error(
            request, _("This beat has no learned judge, so there is nothing to set aside.")
        )
    else:
        doors.note(access.editor(request), "set aside", "what the judge had learned", now)
        messages.success(
            request,
            _(
                "What was learned is set aside. Judge a month again to see the judge’s own bands there."
            ),
        )
    return redirect("desk:learned")


@access.collects
def judge_again(request: HttpRequest) -> HttpResponse:
    """Judge a month again with what is learned by now, and group it."""
    month = month_of(request.POST.get("month", ""))
    if not month:
        messages.error(request, _("Say which month, like 2019-06."))
        return redirect("desk:learned")
    errands.judge_again_soon(month, timezone.now())
    messages.success(
        request,
        _("{month} is judged again as soon as the desk’s worker is free.").format(
            month=shown.month(month)
        ),
    )
    return redirect(f"{reverse('desk:learned')}?month={month}")
