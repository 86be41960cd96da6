"""The log: who did what, and why. Administrators see all of it and say how long it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access
from broadsheet.desk.people_forms import KeepForm, LogForm
from broadsheet.people import doors, inviting, rules
from broadsheet.people import log as logs
from broadsheet.people.roles import May

ON_A_PAGE = 100

_page_of_administrators = access.allows(May.ADMINISTER, "GET")


def _chosen(given: QueryDict) -> tuple[LogForm, logs.Filter]:
    form = LogForm(given or None)
    if not given or not form.is_valid():
        return form, logs.Filter()
    data = form.cleaned_data
    return form, logs.Filter(data["who"], data["did"], data["words"], data["since"], data["until"])


@_page_of_administrators
def log(request: HttpRequest) -> HttpResponse:
    """The log, narrowed by who, what, when and words."""
    return _page(request, KeepForm(initial={"months": rules.current().keep_log_months}))


def _page(request: HttpRequest, keep: KeepForm, status: int = 200) -> HttpResponse:
    form, chosen = _chosen(request.GET)
    page = Paginator(logs.deeds(chosen), ON_A_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "here": "log",
        "form": form,
        "page": page,
        "editors": inviting.everybody(),
        "verbs": logs.verbs(),
        "query": kept.urlencode(),
        "narrowed": chosen != logs.Filter(),
        "keep": keep,
        "months": rules.current().keep_log_months,
    }
    return render(request, "desk/log.html", context, status=status)


@_page_of_administrators
def log_csv(request: HttpRequest) -> HttpResponseBase:
    """The same as a file for a spreadsheet; sent line by line, however long it is."""
    _form, chosen = _chosen(request.GET)

    def lines() -> Iterator[str]:
        yield "\ufeff"  # spreadsheets read UTF-8 as something else without it
        yield from logs.as_csv(logs.deeds(chosen).iterator(chunk_size=500))

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="broadsheet-log.csv"'
    return answer


@access.administers
def keep_log(request: HttpRequest) -> HttpResponse:
    """Say for how long the log is kept."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    months = form.cleaned_data["months"]
    rules.lay_down(keep_log_months=months)
    words = f"the log is kept for {months} months" if months else "the log is kept for good"
    doors.note(access.editor(request), "laid down", words, timezone.now())
    messages.success(request, _("Laid down. What is older goes within a day."))
    return redirect("desk:log")
