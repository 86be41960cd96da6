"""Subscribers at the desk: who they are, how they came, by hand, by file, by form; and taking them along.

Addresses are personal data, so all of it is for those who may have an edition sent.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from broadsheet.desk import access
from broadsheet.desk.subscriber_forms import AddForm, FileForm, SignUpSettings
from broadsheet.issues import queries as issues
from broadsheet.issues.models import Newsletter
from broadsheet.jobs import queue
from broadsheet.mailing import (
    abuse,
    addresses,
    consent,
    erasing,
    exporting,
    fates,
    imported,
    importing,
    links,
    queries,
    signup,
    subscribing,
    suppression,
    undoing,
)
from broadsheet.mailing.models import Import, SignUpForm, Subscriber
from broadsheet.mailing.preferences import Wishes
from broadsheet.mailing.tables import TableError
from broadsheet.people import doors
from broadsheet.people.roles import May

PAGE = 50
_reads = access.allows(May.SEND, "GET")
_acts = access.allows(May.SEND, "POST")

STATES = {
    "active": gettext_lazy("subscribed"),
    "pending": gettext_lazy("not confirmed yet"),
    "paused": gettext_lazy("paused"),
    "unsubscribed": gettext_lazy("unsubscribed"),
    "bounced": gettext_lazy("bounced"),
    "complained": gettext_lazy("called it spam"),
}
BASES = {
    "": gettext_lazy("nothing yet"),
    "own": gettext_lazy("confirmed here"),
    "elsewhere": gettext_lazy("confirmed elsewhere"),
    "by hand": gettext_lazy("told an editor"),
}


def _newsletter(request: HttpRequest) -> Newsletter:
    """Which newsletter's list: the one that is asked for, else the desk's first."""
    asked = request.GET.get("letter") or request.POST.get("letter") or ""
    found = Newsletter.objects.filter(pk=asked).first() if asked.isdecimal() else None
    found = found or issues.newsletter()
    if found is None:
        raise Http404("no newsletter yet")
    return found


def _page(
    request: HttpRequest, name: str, newsletter: Newsletter | None, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"here": "subscribers", "newsletter": newsletter, **more}
    return render(request, f"desk/subscribers/{name}.html", context, status=status)


@_reads
def subscribers(request: HttpRequest) -> HttpResponse:
    """The list: counts, search by address, state."""
    if issues.newsletter() is None:
        return _page(request, "none_yet", None)
    newsletter = _newsletter(request)
    words = request.GET.get("q", "").replace("\0", "").strip()[:320]
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    counts = queries.counts(newsletter)
    found = Paginator(queries.search(newsletter, words, state), PAGE)
    key = queries.key_of(words)
    return _page(
        request,
        "list",
        newsletter,
        newsletters=Newsletter.objects.order_by("pk"),
        words=words,
        state=state,
        tabs=[
            (name, shown, f"{counts[name]:,}" if counts[name] else "")
            for name, shown in STATES.items()
        ],
        total=sum(counts.values()),
        found=found.get_page(request.GET.get("page")),
        rows=[_row(one) for one in found.get_page(request.GET.get("page"))],
        suppressed=suppression.why(key) if key else [],
        open=queries.open_form(newsletter),
        trapped=abuse.trapped(timezone.now()),
        stuck=queries.stuck(),
    )


def _row(one: Subscriber) -> dict[str, Any]:
    return {
        "one": one,
        "address": addresses.shown(one.address),
        "state": STATES[one.state],
        "basis": BASES[one.basis],
    }


@_reads
def subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, and all that happened."""
    one = queries.subscriber(pk)
    if one is None:
        raise Http404
    return _one(request, one)


def _one(
    request: HttpRequest, one: Subscriber, trouble: str = "", status: int = 200
) -> HttpResponse:
    gone = one.state in ("unsubscribed", "complained")
    return _page(
        request,
        "one",
        one.newsletter,
        status,
        **_row(one),
        gone=gone,
        trouble=trouble,
        consents=[(consent, BASES[consent.basis]) for consent in one.consents.all()],
    )


@_acts
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """What an editor may do to one: unsubscribe, try again, erase. Nothing that writes to who left."""
    one, now = queries.subscriber(pk), timezone.now()
    if one is None:
        raise Http404
    who, action = access.editor(request), request.POST.get("do", "")
    if action == "unsubscribe":
        subscribing.unsubscribe(one, now, "by an editor", who)
        messages.success(request, _("Unsubscribed. Only they themselves can come back."))
    elif action == "again":
        try:
            subscribing.reinstate(one, now, who)
        except subscribing.SubscribingError as error:
            return _one(request, one, str(error), 409)
        messages.success(request, _("The next dispatch goes to this address again."))
    elif action == "erase":
        if request.POST.get("sure") != "yes":
            return _one(request, one, _("Tick the box to say that they asked for it."), 422)
        erasing.erase(one.key, now)
        doors.note(who, "erased a subscriber", f"number {one.pk}", now)
        messages.success(request, _("Erased from every list. What is left is a number."))
        return redirect("desk:subscribers")
    return redirect("desk:subscriber", pk)


# --- by hand -------------------------------------------------------------------------------------


@access.allows(May.SEND, "GET POST")
def add(request: HttpRequest) -> HttpResponse:
    """Write down who agreed by word or on paper; or let a letter ask them."""
    newsletter = _newsletter(request)
    words = consent.words_for(consent.form_of(newsletter))
    if request.method != "POST":
        return _page(request, "add", newsletter, form=AddForm(initial={"words": words}))
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            one, fresh = _added(request, newsletter, form.cleaned_data)
        except addresses.AddressError as error:
            form.add_error("address", str(error))
        except subscribing.SubscribingError as error:
            form.add_error("address", str(error))
        except abuse.TooManyError:
            form.add_error("address", _("Too many were asked in an hour. Please wait a little."))
        else:
            if one is None:
                messages.success(
                    request, _("A letter is on its way, unless one went a moment ago.")
                )
                return redirect("desk:subscribers")
            messages.success(
                request, _("Subscribed.") if fresh else _("They are subscribed already.")
            )
            return redirect("desk:subscriber", one.pk)
    return _page(request, "add", newsletter, 422, form=form)


def _added(
    request: HttpRequest, newsletter: Newsletter, given: dict[str, Any]
) -> tuple[Subscriber | None, bool]:
    now, who = timezone.now(), access.editor(request)
    if given["way"] == "ask":
        signup.ask(newsletter, given["address"], Wishes(), given["words"], f"editor {who.pk}", now)
        return None, True
    how = _("%(how)s; written down by %(editor)s") % {"how": given["how"], "editor": who.name}
    one, fresh = signup.add_by_hand(newsletter, given["address"], given["words"], how, now)
    if fresh:
        subscribing.note(one, "added by hand", now, given["how"], who)
        doors.note(who, "added a subscriber", f"number {one.pk}", now)
    return one, fresh


# --- the form ------------------------------------------------------------------------------------


@access.allows(May.SEND, "GET POST")
def form(request: HttpRequest) -> HttpResponse:
    """The sign-up form: open or closed, its words; its address to share, its HTML to embed."""
    newsletter = _newsletter(request)
    kept = consent.form_of(newsletter)
    if request.method == "POST":
        given = SignUpSettings(request.POST)
        if given.is_valid():
            given.keep(kept)
            messages.success(request, _("The form is kept."))
            return redirect(f"{request.path}?letter={newsletter.pk}")
    else:
        given = SignUpSettings.of(kept)
    with translation.override(newsletter.language):
        standard = consent.words_for(SignUpForm(newsletter=newsletter))
    return _page(
        request,
        "form",
        newsletter,
        422 if given.errors else 200,
        form=given,
        kept=kept,
        standard=standard,
        address=links.sign_up(newsletter),
    )


# --- files ---------------------------------------------------------------------------------------


@_acts
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV, all of it or one state. That it was taken is written down, hence a POST."""
    newsletter = _newsletter(request)
    state = request.POST.get("state", "")
    states = [state] if state in STATES else []
    now = timezone.now()
    doors.note(access.editor(request), "exported subscribers", state or "all", now)
    answer = StreamingHttpResponse(
        exporting.as_csv(newsletter, states), content_type="text/csv; charset=utf-8"
    )
    name = f"subscribers{'-' + state if states else ''}-{timezone.localdate()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@access.allows(May.SEND, "GET POST")
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file; the imports so far."""
    newsletter = _newsletter(request)
    given = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and given.is_valid():
        made = _uploaded(request, newsletter, given)
        return redirect("desk:import", made.uid)
    return _page(
        request,
        "imports",
        newsletter,
        422 if given.errors else 200,
        form=given,
        imports=[(one, _came_of(one)) for one in queries.imports(newsletter)[:100]],
    )


def _came_of(made: Import) -> str:
    """What an import did, in a few words for the list of imports."""
    taken = made.settings.get("taken", {})
    new = taken.get("new", 0)
    gone = sum(taken.get(fate, 0) for fate in ("add_left", "add_bounced", "leave", "give_up"))
    said = []
    if new:
        said.append(_("%(n)s subscribed") % {"n": f"{new:,}"})
    if gone:
        said.append(_("%(n)s not to be written to") % {"n": f"{gone:,}"})
    return ", ".join(said)


def _uploaded(request: HttpRequest, newsletter: Newsletter, given: FileForm) -> Import:
    file, now = given.cleaned_data["file"], timezone.now()
    says = given.cleaned_data["says"]
    made = importing.start(newsletter, file.name, access.editor(request), now, says=says)
    with imported.upload(made).open("wb") as kept:
        for piece in file.chunks():
            kept.write(piece)
    if file.size <= importing.SMALL:
        importing.look(made, now)
    else:
        queue.enqueue("look", str(made.pk), now)
    return made


@access.allows(May.SEND, "GET POST")
def one_import(request: HttpRequest, uid: str) -> HttpResponse:
    """What an import would do; how far it has come; what came of it."""
    made = get_object_or_404(Import.objects.select_related("newsletter", "words"), uid=uid)
    trouble, now = "", timezone.now()
    if request.method == "POST" and request.POST.get("do") == "drop":
        importing.drop(made, now)
        messages.success(request, _("The import is stopped, and its file deleted."))
        return redirect("desk:import", uid)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                also = {name: request.POST.get(name) == "yes" for name in ("away", "sent")}
                undoing.undo(made, access.editor(request), now, **also)
            else:
                importing.agree(made, request.POST.get("words", ""), now)
                doors.note(access.editor(request), "imported subscribers", made.name, now)
        except (TableError, subscribing.SubscribingError) as error:
            trouble = str(error)
        else:
            return redirect("desk:import", uid)
    total = made.counts.get("rows", 0)
    return _page(
        request,
        "import",
        made.newsletter,
        422 if trouble else 200,
        made=made,
        trouble=trouble,
        typed=request.POST.get("words", ""),
        outcomes=_outcomes(made),
        will=_will(made.counts.get("new", 0)),
        refused=any(made.counts.get(name) for name in _NOT_TAKEN)
        and imported.refused(made).exists(),
        waiting=made.state in _WAITING,
        percent=min(100, made.done * 100 // made.total) if made.total else 0,
        rows=ngettext("%(n)s row", "%(n)s rows", total) % {"n": f"{total:,}"},
        how_far=_how_far(made),
        took="taken" in made.settings,
        **_taking_back(made),
    )


_NOT_TAKEN = ("refused", "never", *fates.REFUSES)
_WAITING = (Import.State.LOOKING, Import.State.TAKING, Import.State.UNDOING)


def _how_far(made: Import) -> str:
    """So many of so many; nothing while a file is read, whose progress is in bytes."""
    if made.state == Import.State.LOOKING or not made.total:
        return ""
    return _("%(n)s of %(total)s") % {"n": f"{made.done:,}", "total": f"{made.total:,}"}


def _outcomes(made: Import) -> list[tuple[str, Any, str]]:
    """What became, or would become, of how many rows."""
    counts = dict(made.counts)
    if "taken" in made.settings:  # who was here changed between looking and taking
        of_the_file = {name: counts.get(name, 0) for name in ("doubles", "refused", "never")}
        counts = of_the_file | made.settings["taken"]
    return [
        (name, words, f"{counts[name]:,}")
        for name, words in fates.OUTCOMES.items()
        if counts.get(name)
    ]


def _taking_back(made: Import) -> dict[str, Any]:
    """What taking the import back would do, or did."""
    undone = made.settings.get("undo", {})
    counts = (
        undone.get("counts", {}) if undone else undoing.fates_of(made) if undoing.can(made) else {}
    )
    words = undoing.OUTCOMES | (undoing.AWAY if undone.get("away") else {})
    words |= undoing.SENT if undone.get("sent") else {}
    asks = {*undoing.AWAY, "sent"}
    does = set(counts) - {*undoing.STAY, *undoing.AWAY}
    return {
        "back": [(name, words[name], f"{n:,}") for name, n in counts.items() if n],
        "can_undo": not undone and bool(does or asks & set(counts)),
        "away": any(name in counts for name in undoing.AWAY),
        "sent": "sent" in counts,
        "needs_tick": not does,
    }


def _will(n: int) -> str:
    """The words of the button; none where nobody would be subscribed."""
    return (
        ngettext("Subscribe %(n)s reader", "Subscribe %(n)s readers", n) % {"n": f"{n:,}"}
        if n
        else ""
    )


@_reads
def refused(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The rows that were not taken, with the reasons, as CSV."""
    made = get_object_or_404(Import, uid=uid)
    path = imported.refused(made)
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="not-taken.csv", content_type="text/csv"
    )
