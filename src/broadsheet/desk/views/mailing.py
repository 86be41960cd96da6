"""Sending an edition: to whom, a test, when, how it goes, and what needs an editor's word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from broadsheet.desk import access
from broadsheet.desk.forms import DeskForm
from broadsheet.issues import queries
from broadsheet.issues.models import Edition, Issue, Newsletter
from broadsheet.mailing import audience, dispatch, dkim, doctor, figures, pace, reads, testing
from broadsheet.mailing.dns import Resolver
from broadsheet.mailing.letters import sender
from broadsheet.mailing.models import Dispatch, Subscriber, Topic
from broadsheet.mailing.transports import Fate, TransportError
from broadsheet.people.roles import May
from broadsheet.wire.errors import WireError

DOUBTS_A_PAGE = 100


class SendForm(DeskForm):
    """Whom, when, how fast."""

    others = forms.BooleanField(
        label=gettext_lazy("Also readers in whose language this issue is not published"),
        required=False,
        initial=True,
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Only readers of these topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: everybody. Who chose no topic gets every issue."),
    )
    day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Blank: now."),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    per_hour = forms.IntegerField(
        label=gettext_lazy("At most so many an hour"),
        required=False,
        min_value=1,
        max_value=10_000_000,
        help_text=gettext_lazy("Blank: as fast as the mail server takes them."),
    )
    again = forms.CharField(
        label=gettext_lazy("Why those get it too who had this issue before"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Blank: they are passed over, and nobody gets it twice."),
    )
    read = forms.BooleanField(
        label=gettext_lazy("I have looked at a test in my own mailbox"), required=True
    )

    def __init__(self, newsletter: Newsletter, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = Topic.objects.filter(newsletter=newsletter)
        self.fields["topics"].choices = [(str(one.pk), one.name) for one in topics]  # type: ignore[attr-defined]
        if not topics:
            del self.fields["topics"]
        zones = sorted(available_timezones())
        self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        self.fields["zone"].initial = settings.TIME_ZONE

    def choice(self) -> audience.Choice:
        """Whom it means; also while the rest of the form is not right yet."""
        given = self.cleaned_data if self.is_bound else {}
        topics = tuple(int(one) for one in given.get("topics", []))
        return audience.Choice(others=bool(given.get("others", not self.is_bound)), topics=topics)

    def to_all(self) -> bool:
        """Whether those get it too who had it before; also while the rest of the form is not right yet."""
        return bool(self.is_bound and self.cleaned_data.get("again", "").strip())

    def rate(self) -> int | None:
        """How many an hour are asked for, the same way."""
        return self.cleaned_data.get("per_hour") if self.is_bound else None

    def due(self, now: datetime) -> datetime:
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        if day is None:
            return now
        zone = ZoneInfo(self.cleaned_data["zone"])
        return datetime.combine(day, time, zone)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(given.get("day")) != bool(given.get("time")):
            self.add_error("time", _("A day and a time, or neither."))
        elif given.get("day") and self.due(timezone.now()) < timezone.now() - timedelta(hours=1):
            self.add_error("day", _("This time is over."))
        return given


class TestForm(DeskForm):
    """A test to one address."""

    to = forms.CharField(label=gettext_lazy("Address"), max_length=320)
    wants = forms.ChoiceField(label=gettext_lazy("As"), choices=Subscriber.Wants.choices)
    discreet = forms.BooleanField(label=gettext_lazy("With the discreet subject"), required=False)


@access.sends
def dispatches(request: HttpRequest) -> HttpResponse:
    """All dispatches, and the published issues that none was made of."""
    made = list(figures.dispatches()[:100])
    known = {one.edition.issue_id for one in made}
    unsent = [row for row in queries.editions() if row.issue_id not in known]
    context = {
        "here": "mailing",
        "dispatches": [(one, figures.of(one, timezone.now())) for one in made],
        "unsent": unsent,
        "ready": bool(settings.MAIL),
    }
    return render(request, "desk/mailing/dispatches.html", context)


@access.sends
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """The page before sending: who gets it, a test, when."""
    issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
    edition = queries.edition(issue.uid)
    if edition is None:
        messages.info(request, _("An issue is published first, then sent."))
        return redirect("desk:publish", pk)
    do = request.POST.get("do", "")
    form = SendForm(issue.newsletter, request.POST if do in ("send", "count") else None)
    test = TestForm(
        request.POST if do == "test" else None, initial={"to": access.editor(request).email}
    )
    if do == "test" and test.is_valid():
        _test(request, edition, test)
        return redirect("desk:send", pk)
    if do == "send" and form.is_valid():
        made = _order(request, edition, form)
        if made is not None:
            return redirect("desk:dispatch", made.uid)
    elif do == "count":
        form.is_valid()
        form.errors.clear()
    count = audience.count(edition, form.choice())
    goes = count.chosen if form.to_all() else count.new
    context = {
        "here": "mailing",
        "issue": issue,
        "edition": edition,
        "form": form,
        "test": test,
        "count": count,
        "goes": goes,
        "takes": _takes(form, goes),
        "languages": audience.published_languages(edition),
        "before": figures.dispatches().filter(matter=audience.matter(edition)),
        "per_hour": settings.MAIL_PER_HOUR,
        "ready": _ready(issue.newsletter),
        "warnings": list(doctor.desk_address()),
    }
    status = 422 if do in ("send", "test") else 200
    return render(request, "desk/mailing/send.html", context, status=status)


def _takes(form: SendForm, readers: int) -> dict[str, Any] | None:
    """By when it would be done at the rate that is asked for or set; None where there is no limit."""
    rate = pace.slowest(form.rate())
    if rate is None or not readers:
        return None
    given = form.cleaned_data if form.is_bound else {}
    zone = given.get("zone") or settings.TIME_ZONE
    timed = all(given.get(name) for name in ("day", "time", "zone"))
    begins = form.due(timezone.now()) if timed else timezone.now()
    ends = begins + pace.lasts(readers, rate)
    return {"rate": rate, "ends": _in_zone(ends, zone), "zone": zone}


def _in_zone(moment: datetime, zone: str) -> datetime:
    """As a clock there shows it. Without a zone: templates turn a time that has one into the desk's own."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _ready(newsletter: Newsletter) -> str:
    """What is still missing before anything can be sent, in words; nothing where all is there."""
    if not settings.MAIL:
        return _("The desk has no way to send mail yet. Set BROADSHEET_MAIL, then start it again.")
    try:
        sender(newsletter)
    except WireError as error:
        return str(error)
    return ""


def _test(request: HttpRequest, edition: Edition, form: TestForm) -> None:
    given = form.cleaned_data
    try:
        outcome = testing.send(edition, given["to"], given["wants"], discreet=given["discreet"])
    except WireError as error:
        messages.error(request, str(error))
        return
    said = f"{outcome.code} {outcome.words}".strip()
    if outcome.fate is Fate.ACCEPTED:
        messages.success(
            request,
            _("The test went to %(to)s. Look at it on a phone too.") % {"to": given["to"]},
        )
    else:
        messages.error(request, _("The test was not taken: %(said)s") % {"said": said})


def _order(request: HttpRequest, edition: Edition, form: SendForm) -> Dispatch | None:
    now = timezone.now()
    given = form.cleaned_data
    try:
        made = dispatch.order(
            edition,
            form.choice(),
            access.editor(request),
            now,
            due=form.due(now),
            zone=given["zone"],
            per_hour=given["per_hour"],
            again=given["again"],
        )
    except dispatch.DispatchError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("It is asked for. This page tells how it goes."))
    return made


@access.sends
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """How a dispatch goes, and the doubts to decide."""
    found = figures.dispatches().filter(uid=uid).first()
    if found is None:
        raise Http404
    now = timezone.now()
    told = figures.of(found, now)
    doubts = Paginator(figures.in_doubt(found), DOUBTS_A_PAGE)
    context = {
        "here": "mailing",
        "dispatch": found,
        "figures": told,
        "live": found.state in ("scheduled", "freezing", "sending"),
        "ends": now + told.left if told.left is not None else None,
        "per_hour": pace.per_hour(found),
        "due": _in_zone(found.due, found.zone),
        "doubts": doubts.get_page(request.GET.get("page")),
        "refused": figures.refused(found)[:200],
        "ready": _ready(found.edition.issue.newsletter),
        "counting": settings.WEB_READS,
        "reads": reads.of(found.edition.issue),
    }
    return render(request, "desk/mailing/dispatch.html", context)


@access.allows(May.SEND, "POST")
def act(request: HttpRequest, uid: str) -> HttpResponse:
    """Pause, resume, cancel."""
    found = get_object_or_404(Dispatch, uid=uid)
    who, now = access.editor(request), timezone.now()
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "pause": (
            lambda: dispatch.pause(found, now, who),
            _("Paused. What was on its way at this moment still goes out."),
        ),
        "resume": (lambda: dispatch.resume(found, now, who), _("It goes on.")),
        "cancel": (
            lambda: dispatch.cancel(found, now, who),
            _("Cancelled. Who has not got it may get it by another dispatch."),
        ),
    }
    chosen = acts.get(request.POST.get("do", ""))
    if chosen is None:
        raise Http404
    try:
        chosen[0]()
    except dispatch.DispatchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, chosen[1])
    return redirect("desk:dispatch", uid)


@access.allows(May.SEND, "POST")
def decide(request: HttpRequest, uid: str) -> HttpResponse:
    """The editor's word on deliveries in doubt."""
    found = get_object_or_404(Dispatch, uid=uid)
    chosen = [int(number) for number in request.POST.getlist("delivery") if number.isdigit()]
    if request.POST.get("all"):
        chosen = list(figures.in_doubt(found).values_list("pk", flat=True))
    resend = request.POST.get("do") == "resend"
    many = dispatch.decide(found, chosen, resend, timezone.now(), access.editor(request))
    if not many:
        messages.error(request, _("Tick those that you decide on."))
    elif resend:
        messages.success(
            request,
            ngettext("%(n)d is sent again.", "%(n)d are sent again.", many) % {"n": many},
        )
    else:
        messages.success(
            request,
            ngettext("%(n)d is left as it is.", "%(n)d are left as they are.", many) % {"n": many},
        )
    return redirect("desk:dispatch", uid)


@access.sends
def records(request: HttpRequest) -> HttpResponse:
    """The DNS records that make our mail believed; by POST also whether they are set."""
    newsletter = queries.newsletter()
    trouble, keys, findings, domain = "", [], None, ""
    if newsletter is None:
        raise Http404
    try:
        domain = sender(newsletter).domain
        if request.method == "POST":
            doctor.make_key(settings.DKIM_FOLDER)
            findings = list(doctor.look(newsletter, Resolver()))
        keys = dkim.keys(settings.DKIM_FOLDER, domain)
    except (WireError, TransportError) as error:
        trouble = str(error)
    context = {
        "here": "mailing",
        "keys": keys,
        "domain": domain,
        "findings": findings,
        "trouble": trouble,
    }
    return render(request, "desk/mailing/records.html", context)
