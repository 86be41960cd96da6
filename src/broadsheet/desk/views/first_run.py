"""A desk's first day: three questions, the sources tried one by one, a first month."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, shown
from broadsheet.desk.people_forms import QuestionsForm, countries
from broadsheet.desk.web import hurried
from broadsheet.issues import queries as issues
from broadsheet.issues import settling
from broadsheet.news import collecting, trying
from broadsheet.people import rules
from broadsheet.people.roles import May

SHOWN = 300  # trials on the page: more than a beat has sources


@access.allows(May.ADMINISTER, "GET")
def first_run(request: HttpRequest) -> HttpResponse:
    """All three steps, and how far they are."""
    return _page(request, QuestionsForm(initial=_answered()))


def _answered() -> dict[str, str]:
    letter, home = issues.newsletter(), shown.beat().home
    return {
        "organisation": letter.organisation if letter else "",
        "home": home.name,
        "address": settings.ADDRESS,
    }


def _page(request: HttpRequest, form: QuestionsForm, status: int = 200) -> HttpResponse:
    now = timezone.localtime()
    this = f"{now:%Y-%m}"
    before = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    context = {
        "here": "people",
        "form": form,
        "countries": [name for _iso2, name in countries()],
        "rules": rules.current(),
        "months": [(this, shown.month(this)), (before, shown.month(before))],
        **_progress(going=False),
    }
    return render(request, "desk/first_run.html", context, status=status)


def _progress(*, going: bool) -> dict[str, object]:
    done, waiting = trying.tried(), trying.waiting()
    return {
        "tried": done[:SHOWN],
        "well": sum(one.well for one in done),
        "n_tried": len(done),
        "n_all": len(done) + len(waiting),
        "following": waiting[0] if waiting else None,
        "going": going and bool(waiting),
    }


@access.administers
def answer(request: HttpRequest) -> HttpResponse:
    """Keep the answers to the three questions."""
    form = QuestionsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    answers = settling.Answers(data["organisation"], data["home"], data["address"])
    try:
        settling.settle(answers, access.editor(request), timezone.now())
    except OSError as error:
        form.add_error(
            None,
            _(
                "The desk’s folder cannot be written to (%(why)s). Give the desk room and the right to "
                "write there."
            )
            % {"why": error},
        )
        return _page(request, form, 422)
    messages.success(request, _("Kept. Next, look which sources answer."))
    return redirect("desk:first_run")


@access.administers
def try_next(request: HttpRequest) -> HttpResponse:
    """Try the next source, and show how far it is. Pressed again by the page itself until stopped.

    Stopping is leaving, or pressing Stop: what was tried stays, and the rest goes on from there.
    """
    if request.POST.get("do") == "anew":
        trying.again()
    going = request.POST.get("do") != "stop"
    waiting = trying.waiting() if going else []
    if waiting:
        with hurried() as web:
            trying.try_one(waiting[0], web, timezone.now())
    if access.htmx(request):
        return render(request, "desk/first_run.html#trials", _progress(going=going))
    return redirect("desk:first_run")


@access.administers
def switch_off(request: HttpRequest) -> HttpResponse:
    """Switch off the sources that did not answer; each can be switched on again."""
    off = {one.feed.source for one in trying.tried() if not one.well}
    for source in off:
        collecting.switch(source, on=False)
    messages.success(
        request,
        _("%(n)d sources are switched off. They stand under Sources, to be switched on again.")
        % {"n": len(off)},
    )
    return redirect("desk:first_run")


@access.administers
def finish(request: HttpRequest) -> HttpResponse:
    """Begin to collect; where a month was chosen, have it filled back from the sources that answered."""
    now, month = timezone.now(), request.POST.get("month", "")
    asked = 0
    if collecting.MONTH.fullmatch(month) and month <= f"{timezone.localtime(now):%Y-%m}":
        for source in {
            one.feed.source for one in trying.tried() if one.well and one.feed.source.home
        }:
            collecting.fill_back_soon(source, month, now)
            asked += 1
    settling.finish(access.editor(request), now)
    words = _("The desk collects from now on. The first stories stand here within the hour.")
    if asked:
        words += " " + _("%(month)s is filled back from %(n)d sources.") % {
            "month": shown.month(month),
            "n": asked,
        }
    messages.success(request, words)
    return redirect("desk:inbox")
