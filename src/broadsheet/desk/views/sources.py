"""Where the news comes from, how that goes, and what of a month it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet import sample
from broadsheet.desk import access, forms, shown
from broadsheet.desk.web import hurried
from broadsheet.issues import queries as issues
from broadsheet.news import collecting, coverage, queries
from broadsheet.news.models import Feed, Source
from broadsheet.people import doors
from broadsheet.wire import collect, urls
from broadsheet.wire.collect import watch
from broadsheet.wire.errors import CollectError

LARGEST_LIST = 5_000_000  # bytes of an OPML file: some twenty thousand feeds
AGAIN = ("broken", "muted", "asleep")  # states in which trying again is offered in the list


@dataclass(frozen=True, slots=True)
class Row:
    """A source, how each of its feeds is, and when one last brought something."""

    source: Source
    healths: list[coverage.Health]
    last: datetime | None
    troubled: bool

    @property
    def again(self) -> coverage.Health | None:
        """The first feed that wants to be tried again."""
        return next((one for one in self.healths if one.report.level in AGAIN), None)


@access.reads
def sources(request: HttpRequest) -> HttpResponse:
    healths: dict[int, list[coverage.Health]] = {}
    for one in coverage.healths(_now()):
        healths.setdefault(one.feed.source_id, []).append(one)
    rows = []
    for found in queries.sources().prefetch_related(None):  # `healths` has the feeds already
        its = healths.get(found.pk, [])
        feeds = [one.feed for one in its]
        last = max((f.last_success for f in feeds if f.last_success), default=None)
        troubled = found.enabled and any(f.problem and f.enabled for f in feeds)
        rows.append(Row(found, its, last, troubled))
    # What has a problem stands first: that is what the editor came for.
    rows.sort(key=lambda row: (not row.troubled, str(row.source).lower()))
    context = {
        "here": "sources",
        "rows": rows,
        "troubled": sum(row.troubled for row in rows),
        "failures": queries.failures(50),
        "made_up": issues.is_sample(),
    }
    return render(request, "desk/sources.html", context)


def _now() -> datetime:
    """By which the feeds are told: the sample's stand still on the evening of its month."""
    return sample.NOW if issues.is_sample() else timezone.now()


@access.reads
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: its feeds and what happened to them, filling back, switching off."""
    found = get_object_or_404(Source, pk=pk)
    return _source(request, found)


def _source(
    request: HttpRequest, found: Source, trouble: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "here": "sources",
        "source": found,
        "home": shown.address(found.home),
        "healths": [
            (one, shown.address(one.feed.url), tuple(reversed(one.report.events)))
            for one in coverage.healths(_now(), found)
        ],
        "fillings": [(shown.month(month), job) for month, job in collecting.fillings(found)],
        "n_articles": found.articles.count(),
        "this_month": shown.this_month(),
        "made_up": issues.is_sample(),
        "trouble": trouble,
        "may_collect": access.editor(request).may_publish,
    }
    return render(request, "desk/source.html", context, status=status)


@access.collects
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a feed tried again."""
    feed = get_object_or_404(Feed.objects.select_related("source"), pk=pk)
    collecting.try_again(feed, timezone.now())
    messages.success(
        request,
        _("{name} is visited as soon as the desk’s worker is free.").format(name=feed.source),
    )
    return redirect("desk:source", feed.source_id)


@access.collects
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a source on or off."""
    found, on = get_object_or_404(Source, pk=pk), request.POST.get("on") == "yes"
    collecting.switch(found, on)
    doors.note(
        access.editor(request), "switched on" if on else "switched off", str(found), timezone.now()
    )
    messages.success(
        request,
        (
            _("{name} is visited again.")
            if on
            else _("{name} is not visited any more. What it brought stays.")
        ).format(name=found),
    )
    return redirect("desk:source", pk)


@access.collects
def switch_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch one feed on or off."""
    feed, on = get_object_or_404(Feed, pk=pk), request.POST.get("on") == "yes"
    collecting.switch_feed(feed, on)
    messages.success(
        request, _("The feed is switched on.") if on else _("The feed is switched off.")
    )
    return redirect("desk:source", feed.source_id)


@access.collects
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a month filled back from the outlet's sitemaps and archive pages."""
    found = get_object_or_404(Source, pk=pk)
    try:
        collecting.fill_back_soon(
            found, forms.line(request.POST.get("month", ""), 7), timezone.now()
        )
    except ValueError as error:
        return _source(request, found, str(error), 422)
    messages.success(request, _("The month is filled back as soon as the desk’s worker is free."))
    return redirect("desk:source", pk)


# --- new sources ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was found on a site."""

    url: str
    title: str
    entries: int
    newest: str
    known: str


@access.reads
def new(request: HttpRequest) -> HttpResponse:
    """The ways to add a source."""
    return _new(request)


def _new(
    request: HttpRequest,
    *,
    find: forms.FindForm | None = None,
    mail: forms.MailForm | None = None,
    opml: forms.ListForm | None = None,
    keep: forms.SourceForm | None = None,
    found: list[Found] | None = None,
    trouble: str = "",
    page: str = "",
    status: int = 200,
) -> HttpResponse:
    who = access.editor(request)
    context = {
        "here": "sources",
        "find": find or forms.FindForm(),
        "mail": mail or forms.MailForm(auto_id="id_mail_%s"),
        "opml": opml or forms.ListForm(auto_id="id_opml_%s"),
        "keep": keep,
        "found": found,
        "trouble": trouble,
        "page": page,
        "may_collect": who.may_publish,
        "may_administer": who.role == who.Role.ADMINISTRATOR,
    }
    return render(request, "desk/new_source.html", context, status=status)


@access.collects
def find(request: HttpRequest) -> HttpResponse:
    """Look for the feeds of a site; nothing is kept yet."""
    form = forms.FindForm(request.POST)
    if not form.is_valid():
        return _new(request, find=form, status=422)
    url = form.cleaned_data["url"]
    with hurried() as web:
        results = collect.find(web, url)  # type: ignore[arg-type]  # a Web is all it asks for
    good = [one for one in results if one.problem is None]
    trouble = "" if good else str(results[0].problem)
    known = dict(
        Feed.objects.filter(url__in=[one.url for one in good]).values_list("url", "source__name")
    )
    found = [
        Found(
            one.url,
            one.title,
            len(one.entries),
            max((e.published.value[:10] for e in one.entries if e.published), default=""),
            known.get(one.url, ""),
        )
        for one in good
    ]
    named = next((one.title for one in good if one.title), "") or urls.host(url)
    keep = forms.SourceForm(initial={"name": named[:200], "home": _home(url)}, auto_id="id_keep_%s")
    return _new(request, find=form, keep=keep, found=found, trouble=trouble, page=url)


def _home(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


@access.collects
def add(request: HttpRequest) -> HttpResponse:
    """Keep the chosen feeds as a source, or a page that is watched by a selector."""
    form = forms.SourceForm(request.POST, auto_id="id_keep_%s")
    chosen = [u for u in map(shown.address, request.POST.getlist("feed")) if u][:20]
    page = shown.address(request.POST.get("page"))
    if not form.is_valid():
        return _new(request, keep=form, found=[], page=page, status=422)
    name, home, selector = (form.cleaned_data[key] for key in ("name", "home", "selector"))
    kind = "rss"
    if not chosen:
        trouble = _watched(page, selector)
        if trouble:
            form.add_error("selector", trouble)
            return _new(request, keep=form, found=[], page=page, status=422)
        chosen, kind = [page], "watch"
    options = {"selector": selector} if kind == "watch" else None
    made = [
        collecting.add(name, shown.address(home), url, kind=kind, options=options) for url in chosen
    ]
    now = timezone.now()
    for feed in made:
        collecting.try_again(feed, now)
    doors.note(access.editor(request), "added a source", name, now)
    messages.success(
        request,
        _("{name} is a source now, and will be visited soon.").format(name=made[0].source),
    )
    return redirect("desk:source", made[0].source_id)


def _watched(page: str, selector: str) -> str:
    """What is wrong with watching a page so; empty where links were found."""
    if not page or not selector:
        return _("Tick a feed, or say by a selector where the links stand on the page.")
    with hurried() as web:
        came = watch.visit(web, page, selector)  # type: ignore[arg-type]
    return str(came.problem) if came.problem is not None else ""


@access.administers
def add_mail(request: HttpRequest) -> HttpResponse:
    """Keep a mailbox, or a folder of mails on this machine, as a source."""
    form = forms.MailForm(request.POST, auto_id="id_mail_%s")
    if not form.is_valid():
        return _new(request, mail=form, status=422)
    given = form.cleaned_data
    if given["folder"]:
        feed = collecting.add(given["name"], "", given["folder"], kind="folder")
    else:
        box = given["box"] or "INBOX"
        options = {name: given[name] for name in ("host", "user", "password")} | {
            "box": box,
            "senders": [one.strip() for one in given["senders"].split(",") if one.strip()],
        }
        address = f"imap://{given['user']}@{given['host']}/{box}"
        feed = collecting.add(given["name"], "", address, kind="mail", options=options)
    collecting.try_again(feed, timezone.now())
    doors.note(access.editor(request), "added a source", given["name"], timezone.now())
    messages.success(request, _("{name} will be visited soon.").format(name=feed.source))
    return redirect("desk:source", feed.source_id)


@access.reads
def as_list(request: HttpRequest) -> HttpResponse:
    """All feeds as OPML, for another reader or another desk."""
    answer = HttpResponse(collecting.as_list(), content_type="text/x-opml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="broadsheet-sources.opml"'
    return answer


@access.collects
def take_list(request: HttpRequest) -> HttpResponse:
    """Add the feeds of a list from another reader."""
    form = forms.ListForm(request.POST, request.FILES, auto_id="id_opml_%s")
    if not form.is_valid():
        return _new(request, opml=form, status=422)
    given = form.cleaned_data["list"]
    try:
        if given.size > LARGEST_LIST:
            largest = _("The list is larger than {n} MB").format(n=LARGEST_LIST // 10**6)
            raise CollectError(largest, at=given.name)
        fresh, known, notes = collecting.add_list(given.read(), at=given.name)
    except CollectError as error:
        form.add_error("list", str(error))
        return _new(request, opml=form, status=422)
    messages.success(
        request,
        _("{fresh} feeds added; {known} were known already.").format(fresh=fresh, known=known),
    )
    for note in notes[:20]:
        messages.warning(request, note)
    doors.note(access.editor(request), "added a list of sources", given.name[:200], timezone.now())
    return redirect("desk:sources")


# --- what is covered -----------------------------------------------------------------------------


@access.reads
def covered(request: HttpRequest) -> HttpResponse:
    """How far the sources cover a month, and which countries fell silent."""
    months = queries.month_names()
    month = request.GET.get("month", "")
    if not collecting.MONTH.fullmatch(month):
        month = months[0] if months else shown.this_month()
    places = [
        (shown.place(iso2), now, then) for iso2, (now, then) in coverage.by_country(month).items()
    ]
    rows = coverage.covered(month)
    context = {
        "here": "sources",
        "month": month,
        "month_words": shown.month(month),
        "months": [(name, shown.month(name)) for name in months],
        "none": [one for one in rows if not one.articles],
        "rows": [(one, shown.day(one.first), shown.day(one.last)) for one in rows if one.articles],
        "silent": sorted((p for p in places if not p[1]), key=lambda p: (-p[2], p[0])),
        "before": any(then for _, _, then in places),
        "places": sorted((p for p in places if p[1]), key=lambda p: (-p[1], p[0])),
    }
    return render(request, "desk/covered.html", context)
