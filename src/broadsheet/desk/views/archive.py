"""The archive, as its keepers see it: links that died, taking back, and the way out for readers."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk import access
from broadsheet.desk.forms import DeskForm
from broadsheet.issues import linkwatch, queries, withdrawing
from broadsheet.issues.models import Filed, Outlink, Withdrawal
from broadsheet.people import log
from broadsheet.people.roles import May

ON_A_PAGE = 50


# --- links ---------------------------------------------------------------------------------------


@access.reads
def links(request: HttpRequest) -> HttpResponse:
    """The links of the archive that died, and what was decided on each."""
    return _links(request)


def _links(request: HttpRequest, trouble: str = "", about: int = 0) -> HttpResponse:
    shown = request.GET.get("show", "")
    decided = {"decided": True, "open": False}.get(shown)
    page = Paginator(linkwatch.dead(decided), ON_A_PAGE).get_page(request.GET.get("page"))
    items = Filed.objects.in_bulk({link.uid for link in page}, field_name="uid")
    newsletter = queries.newsletter()
    context = {
        "here": "archive",
        "counts": linkwatch.counts(),
        "page": page,
        "rows": [(link, items.get(link.uid), linkwatch.suggested(link)) for link in page],
        "show": shown,
        "trouble": trouble,
        "about": about,
        "exit": newsletter.quick_exit if newsletter else "",
    }
    return render(request, "desk/archive/links.html", context, status=422 if trouble else 200)


@access.publishes
def decide_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a kept copy beside a dead link, or say that none is to be shown."""
    link = get_object_or_404(Outlink, pk=pk, state=Outlink.State.DEAD)
    if request.method != "POST":
        return redirect("desk:dead_links")
    show = request.POST.get("do") == "show"
    copy = request.POST.get("copy", "")
    try:
        linkwatch.decide(link, show, copy, access.editor(request), timezone.now())
    except linkwatch.LinkError as error:
        return _links(request, str(error), link.pk)
    messages.success(
        request,
        _("Readers see the copy beside the link now.") if show else _("No copy is shown."),
    )
    return redirect("desk:dead_links")


class ExitForm(DeskForm):
    """Where readers go who must leave at once."""

    quick_exit = forms.URLField(
        label=gettext_lazy("Where “Leave this site quickly” leads"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy(
            "A page of no meaning, such as the weather. Blank: the link is not shown."
        ),
    )


@access.administers
def set_exit(request: HttpRequest) -> HttpResponse:
    """Lay down where the quick exit leads."""
    form = ExitForm(request.POST)
    newsletter = queries.newsletter()
    if not form.is_valid() or newsletter is None:
        return _links(request, _("That is no address. Write it like https://www.example.org/."))
    newsletter.quick_exit = form.cleaned_data["quick_exit"]
    newsletter.save(update_fields=["quick_exit"])
    log.note(access.editor(request), "laid down", "where the quick exit leads", timezone.now())
    messages.success(request, _("Laid down."))
    return redirect("desk:dead_links")


# --- withdrawing ---------------------------------------------------------------------------------


class WithdrawForm(DeskForm):
    """What is to go, who asked, why."""

    item = forms.CharField(
        label=gettext_lazy("The address of an item"), required=False, max_length=400,
        help_text=gettext_lazy("All of it goes, with what the desk collected of it."),
    )  # fmt: skip
    picture = forms.CharField(
        label=gettext_lazy("The address of a picture"), required=False, max_length=2000,
        help_text=gettext_lazy("Right click on the picture, copy its address."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("Words, such as a name"), required=False, max_length=600,
        help_text=gettext_lazy("Found in any case and spacing, in texts and in addresses."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    whole_items = forms.BooleanField(
        label=gettext_lazy("Items that hold the words go as a whole"), required=False
    )
    asked = forms.CharField(
        label=gettext_lazy("Who asked for it"), required=False, max_length=200,
        help_text=gettext_lazy("Let go after 30 days, as is the reason."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@access.allows(May.ADMINISTER, "GET POST")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take something back everywhere: first what will go is shown, then it is done.

    What is to go is in the body of a POST both times: an address would be kept in logs and histories.
    """
    item = request.GET.get("item", "") if request.method == "GET" else ""
    form = WithdrawForm(request.POST or None, initial={"item": item})
    if request.method == "GET":
        return _withdraw(request, form)
    if not form.is_valid():
        return _withdraw(request, form, 422)
    given = form.cleaned_data
    try:
        what = withdrawing.read(
            given["item"], given["picture"], given["words"], whole_items=given["whole_items"]
        )
    except withdrawing.WithdrawError as error:
        form.add_error(None, str(error))
        return _withdraw(request, form, 422)
    if request.POST.get("do") != "withdraw":
        return _withdraw(request, form, seen=withdrawing.preview(what))
    withdrawing.withdraw(
        what, access.editor(request), timezone.now(), given["asked"], given["reason"]
    )
    left = withdrawing.remaining(what.words)
    messages.success(request, _("Withdrawn. The page answers that it is gone, and feeds are told."))
    if left:
        messages.error(
            request,
            _(
                "These files in the desk’s folder still hold the words; delete them by hand: {files}"
            ).format(files=", ".join(left)),
        )
    return redirect("desk:withdraw")


def _withdraw(
    request: HttpRequest,
    form: WithdrawForm,
    status: int = 200,
    seen: withdrawing.Preview | None = None,
) -> HttpResponse:
    context = {
        "here": "archive",
        "form": form,
        "seen": seen,
        "past": Withdrawal.objects.order_by("-at")[:20],
    }
    return render(request, "desk/archive/withdraw.html", context, status=status)
