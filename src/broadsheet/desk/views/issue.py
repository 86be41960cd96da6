"""The issue in the making: its sections and items, how it will look, and publishing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import access, forms, shown
from broadsheet.desk.web import hurried
from broadsheet.issues import compose, pictures, queries
from broadsheet.issues.models import Issue, Pick, Section
from broadsheet.library import queries as library
from broadsheet.library.models import Resource
from broadsheet.news import queries as news
from broadsheet.press.email import email, warnings
from broadsheet.press.plaintext import plaintext
from broadsheet.press.web import web
from broadsheet.wire.edition import Edition

PRINTS = (("web", "Web page"), ("mail", "Mail"), ("text", "Plain text"))
OURS = (
    (Pick.Kind.HIGHLIGHT, "highlight"),
    (Pick.Kind.EVENT, "event"),
    (Pick.Kind.NOTICE, "notice"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its items, as the issue page shows it."""

    section: Section
    picks: list[shown.PickShown]
    form: forms.SectionForm


@access.reads
def issues(request: HttpRequest) -> HttpResponse:
    return _issues(request, forms.DraftForm(initial={"month": _next_month()}))


def _issues(request: HttpRequest, form: forms.DraftForm, status: int = 200) -> HttpResponse:
    context = {
        "here": "issues",
        "issues": queries.issues(),
        "form": form,
        "newsletter": queries.newsletter(),
        "months": [(name, shown.month(name)) for name in news.month_names()],
    }
    return render(request, "desk/issues.html", context, status=status)


def _next_month() -> str:
    months = news.month_names()
    return months[0] if months else shown.this_month()


@access.edits
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a month's issue, or add to its draft what has been taken since."""
    form = forms.DraftForm(request.POST)
    newsletter = queries.newsletter()
    if not form.is_valid():
        return _issues(request, form, 422)
    if newsletter is None:
        form.add_error(
            None, "There is no newsletter yet. Run “broadsheet start” to set the desk up."
        )
        return _issues(request, form, 422)
    try:
        made = compose.draft(newsletter, form.cleaned_data["month"], timezone.now())
    except compose.ComposeError as error:
        form.add_error("month", str(error))
        return _issues(request, form, 422)
    messages.success(request, f"{made.title} is drafted with what is taken so far.")
    return redirect("desk:issue", made.pk)


@access.reads
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.issue(pk)
    if found is None:
        raise Http404
    sections = [
        Part(
            section,
            [shown.pick(pick) for pick in section.picks.all()],
            forms.SectionForm.of(section),
        )
        for section in found.sections.all()
    ]
    picks = [pick.pick for part in sections for pick in part.picks]
    removed = request.session.get("removed") or {}
    return render(
        request,
        "desk/issue.html",
        {
            "here": "issues",
            "issue": found,
            "open": found.state == Issue.State.DRAFT,
            "may_edit": found.state == Issue.State.DRAFT and access.editor(request).may_edit,
            "may_publish": found.state == Issue.State.DRAFT and access.editor(request).may_publish,
            "sections": sections,
            "n_picks": len(picks),
            "n_proposed": sum(pick.proposed for pick in picks),
            "form": forms.IssueForm.of(found),
            "ours": OURS,
            "month_words": shown.month(found.month),
            "removed": removed if removed.get("issue") == found.pk else None,
        },
    )


@access.edits
def edit_issue(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Issue, pk=pk)
    form = forms.IssueForm(request.POST)
    if not form.is_valid():
        return _complain(request, form, found.pk)
    return _do(
        request, found.pk, lambda: compose.edit_issue(found, **form.cleaned_data), "Title kept."
    )


@access.edits
def add_section(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Issue, pk=pk)
    heading = forms.line(request.POST.get("heading", ""), 200)
    return _do(
        request, pk, lambda: compose.add_section(found, heading), "The section stands at the end."
    )


# --- sections ------------------------------------------------------------------------------------


@access.edits
def edit_section(request: HttpRequest, pk: int) -> HttpResponse:
    section = get_object_or_404(Section.objects.select_related("issue"), pk=pk)
    form = forms.SectionForm(request.POST)
    if not form.is_valid():
        return _complain(request, form, section.issue_id)
    return _do(
        request,
        section.issue_id,
        lambda: compose.edit_section(section, **form.cleaned_data),
        "Section kept.",
        f"section-{pk}",
    )


@access.edits
def move_section(request: HttpRequest, pk: int) -> HttpResponse:
    section = get_object_or_404(Section.objects.select_related("issue"), pk=pk)
    to = "up" if request.POST.get("to") == "up" else "down"
    return _do(
        request,
        section.issue_id,
        lambda: compose.move_section(section, to),
        f"“{section}” moved {to}.",
        f"section-{pk}",
    )


@access.edits
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an item of our own and open its form."""
    section = get_object_or_404(Section.objects.select_related("issue"), pk=pk)
    kind = request.POST.get("kind", "")
    if kind not in dict(OURS):
        kind = Pick.Kind.HIGHLIGHT
    try:
        made = compose.write(section, access.editor(request), timezone.now(), kind)
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return redirect("desk:issue", section.issue_id)
    return redirect("desk:pick", made.pk)


@access.reads
def shelf(request: HttpRequest, pk: int) -> HttpResponse:
    """The resources of a sector, to be put into a section."""
    section = get_object_or_404(Section.objects.select_related("issue"), pk=pk)
    counts = library.sectors()
    chosen = request.GET.get("sector", "")
    return render(
        request,
        "desk/shelf.html",
        {
            "here": "issues",
            "section": section,
            "sectors": sorted(
                ((code, shown.label(code), n) for code, n in counts.items()), key=lambda s: s[1]
            ),
            "sector": chosen,
            "sector_label": shown.label(chosen) if chosen else "",
            "resources": [
                (r, shown.date(r.date), shown.address(r.url)) for r in library.on_shelf(chosen)
            ]
            if chosen
            else [],
            "have": set(
                section.issue.picks.exclude(resource=None).values_list("resource", flat=True)
            ),
        },
    )


@access.edits
def pick_resource(request: HttpRequest, pk: int) -> HttpResponse:
    section = get_object_or_404(Section.objects.select_related("issue"), pk=pk)
    wanted = request.POST.get("resource", "")
    resource = get_object_or_404(Resource, pk=wanted if wanted.isdecimal() else 0)
    return _do(
        request,
        section.issue_id,
        lambda: compose.pick_resource(resource, section, access.editor(request), timezone.now()),
        f"“{resource.title}” is in “{section}”.",
        f"section-{pk}",
    )


# --- picks ---------------------------------------------------------------------------------------


def pick(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of one item, with the article beside it; POST keeps the words."""
    return edit_pick(request, pk) if request.method == "POST" else show_pick(request, pk)


@access.reads
def show_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = _pick(pk)
    form = forms.PickForm(pick=found)
    return _form(request, found, form, forms.LinkForms(initial=forms.links(found), prefix="link"))


@access.edits
def edit_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = _pick(pk)
    form = forms.PickForm(request.POST, pick=found)
    links = forms.LinkForms(request.POST, prefix="link")
    if not (form.is_valid() and links.is_valid()):
        return _form(request, found, form, links, 422)
    try:
        compose.edit(
            found,
            form.cleaned_data["turn"],
            access.editor(request),
            timezone.now(),
            links=forms.kept_links(links),
            **form.words(),
        )
    except compose.ConflictError as error:
        # Their words beside ours, and our next save is told that we have seen theirs.
        theirs = _pick(pk)
        given = request.POST.copy()
        given["turn"] = str(theirs.turn)
        again = forms.PickForm(given, pick=theirs)
        again.is_valid()
        differs = _differs(again, theirs)
        if links.is_valid() and forms.kept_links(links) != theirs.links:
            shown_links = [f"{link['text']} {link['url']}".strip() for link in forms.links(theirs)]
            differs.append(("Links", "\n".join(shown_links)))
        return _form(request, theirs, again, links, 409, str(error), differs)
    except compose.ComposeError as error:
        form.add_error(None, str(error))
        return _form(request, found, form, links, 422)
    messages.success(request, f"“{found.our_heading or found.headline}” is kept.")
    return redirect(f"{reverse('desk:issue', args=[found.issue_id])}#pick-{pk}")


def _form(
    request: HttpRequest,
    found: Pick,
    form: forms.PickForm,
    links: Any,
    status: int = 200,
    conflict: str = "",
    theirs: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    articles = news.story(found.story_id) if found.story_id else None
    lead = news.in_order(list(articles.articles.all()))[:1] if articles else []
    context = {
        "here": "issues",
        "pick": found,
        "issue": found.issue,
        "form": form,
        "links": links,
        "picture": found.images[0] if found.images else None,
        "picture_url": shown.address(_source_url(found)),
        "picture_kept": _kept(found),
        "permit": forms.PermitForm(
            initial={"turn": found.turn, **_permission(found)}, auto_id="id_permit_%s"
        ),
        "permitted": _permission(found),
        "date": shown.date(found.date),
        "card": shown.card(articles) if articles else None,
        "lead": lead[0] if lead else None,
        "text": shown.paragraphs(lead[0].text) if lead else [],
        "conflict": conflict,
        "theirs": theirs,
        "may_edit": found.issue.state == Issue.State.DRAFT and access.editor(request).may_edit,
        "sections": found.issue.sections.order_by("position"),
    }
    return render(request, "desk/pick.html", context, status=status)


def _source_url(found: Pick) -> str:
    """Where a picture stands at its outlet."""
    image = found.images[0] if found.images else {}
    return str(image.get("source_url") or image.get("url") or "")


def _kept(found: Pick) -> dict[str, Any] | None:
    """The picture as the desk keeps it."""
    image: dict[str, Any] = found.images[0] if found.images else {}
    return image if pictures.kept(image.get("url")) else None


def _permission(found: Pick) -> dict[str, Any]:
    return (found.images[0].get("permission") or {}) if found.images else {}


def _differs(form: forms.PickForm, theirs: Pick) -> list[tuple[str, str]]:
    """What somebody else has made of the fields where it is not what this editor typed."""
    return [
        (str(form.fields[name].label), str(value))
        for name, value in forms.initial(theirs).items()
        if name in form.fields
        and name != "turn"
        and str(value).split() != str(form.data.get(name, "")).split()
    ]


@access.edits
def permit(request: HttpRequest, pk: int) -> HttpResponse:
    """Record why a picture may be printed; without it the credit and the link stand alone."""
    found = _pick(pk)
    form = forms.PermitForm(request.POST)
    if not form.is_valid():
        for mistakes in form.errors.values():
            messages.error(request, " ".join(map(str, mistakes)))
        return redirect("desk:pick", pk)
    until = form.cleaned_data["until"]
    try:
        permitted = compose.permit(
            found,
            form.cleaned_data["turn"],
            access.editor(request),
            timezone.now(),
            form.cleaned_data["basis"],
            until.isoformat() if until else None,
        )
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return redirect("desk:pick", pk)
    try:
        with hurried() as fetched:
            pictures.keep(permitted, fetched)
    except pictures.PictureError as error:
        messages.warning(
            request,
            f"The permission is recorded. {error} Until it is kept here, the credit and the link stand "
            "alone; record the permission again to have it fetched once more.",
        )
    except compose.ComposeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The permission is recorded; the picture will be printed.")
    return redirect("desk:pick", pk)


@access.edits
def move_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = _pick(pk)
    to: str | Section = request.POST.get("to", "")
    if to not in ("up", "down"):
        wanted = request.POST.get("section", "")
        to = get_object_or_404(Section, pk=wanted if wanted.isdecimal() else 0)
    return _do(
        request,
        found.issue_id,
        lambda: compose.move(found, to),
        f"“{found}” moved {to}." if isinstance(to, str) else f"“{found}” is in “{to}” now.",
        f"pick-{pk}",
    )


@access.edits
def remove_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out. What it said is kept in the session, so that it can be put back."""
    found = _pick(pk)
    below = found.section.picks.filter(position__gt=found.position).count()
    kept = {
        "issue": found.issue_id,
        "section": found.section_id,
        "below": below,
        "name": str(found),
        "kind": found.kind,
        "story": found.story_id,
        "resource": found.resource_id,
        "words": {name: getattr(found, name) for name in compose.EDITABLE},
    }

    def take_out() -> None:
        compose.remove(found, access.editor(request), timezone.now())
        request.session["removed"] = kept

    return _do(request, found.issue_id, take_out, "", f"section-{found.section_id}")


@access.edits
def restore_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the item that was removed last back where it stood, with its words."""
    found = get_object_or_404(Issue, pk=pk)
    kept = request.session.get("removed") or {}
    section = get_object_or_404(Section, pk=kept.get("section", 0), issue=found)
    editor, now = access.editor(request), timezone.now()

    def put_back() -> None:
        if kept["story"]:
            story = news.story(kept["story"])
            if story is None:
                raise compose.ComposeError("Its story is gone, so it cannot be put back.")
            made = compose.pick(story, section, editor, now)
        elif kept["resource"]:
            made = compose.pick_resource(
                get_object_or_404(Resource, pk=kept["resource"]), section, editor, now
            )
        else:
            made = compose.write(section, editor, now, kept["kind"])
        compose.edit(made, made.turn, editor, now, **kept["words"])
        for _ in range(kept["below"]):
            compose.move(made, "up")
        request.session.pop("removed", None)

    return _do(request, pk, put_back, f"“{kept.get('name', '')}” is back.", f"section-{section.pk}")


# --- how it will look, and out -------------------------------------------------------------------


@access.reads
def preview(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A frame around one print of the issue."""
    found = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
    trouble, notes = "", []
    try:
        edition = compose.preview(found)
        notes = warnings(email(edition, today=timezone.localdate())) if form == "mail" else []
    except compose.ComposeError as error:
        trouble = str(error)
    return render(
        request,
        "desk/preview.html",
        {
            "here": "issues",
            "issue": found,
            "form": form,
            "prints": PRINTS,
            "phone": request.GET.get("width") == "phone",
            "trouble": trouble,
            "notes": notes,
        },
    )


# The press puts its style into the page, for mail programs; no other page of the desk allows that.
@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[arg-type]  # knows no arguments
@access.reads
def printed(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The issue as the press prints it now."""
    found = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
    try:
        edition = compose.preview(found)
    except compose.ComposeError as error:
        return access.said(str(error), 422)
    today = timezone.localdate()
    if form == "text":
        return HttpResponse(
            plaintext(edition, today=today), content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(web(edition, today=today) if form == "web" else email(edition, today=today))


@access.publishes
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will go out, listed; a person ticks that they have read it, then it is frozen."""
    found = queries.issue(pk)
    if found is None:
        raise Http404
    if found.state == Issue.State.PUBLISHED:
        messages.info(request, f"{found.title} is out already.")
        return redirect("desk:issue", pk)
    form = forms.PublishForm(request.POST if request.method == "POST" else None)
    form.initial["turn"] = found.turn
    trouble = ""
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["turn"] != found.turn:
            trouble = "Somebody has changed the issue since you opened this page. Read it again."
            form = forms.PublishForm(initial={"turn": found.turn})
        else:
            try:
                compose.publish(found, access.editor(request), timezone.now())
            except compose.ComposeError as error:
                trouble = str(error)
            else:
                messages.success(request, f"{found.title} is published.")
                return redirect("desk:issue", pk)
    edition: Edition | None = None
    try:
        edition = compose.preview(found)
    except compose.ComposeError as error:
        trouble = str(error)
    picks = [shown.pick(p) for s in found.sections.all() for p in s.picks.all()]
    context = {
        "here": "issues",
        "issue": found,
        "edition": edition,
        "form": form,
        "trouble": trouble,
        "lacking": [p for p in picks if p.lacks],
        "pictures": [p for p in picks if p.picture and not p.permitted],
        "proposed": [p for p in picks if p.pick.proposed],
        "n_picks": len(picks),
    }
    status = 422 if trouble or form.errors else 200
    return render(request, "desk/publish.html", context, status=status)


# --- shared --------------------------------------------------------------------------------------


def _pick(pk: int) -> Pick:
    return get_object_or_404(
        Pick.objects.select_related("issue", "section", "story", "resource", "edited_by"), pk=pk
    )


def _do(
    request: HttpRequest, issue: int, act: Callable[[], object], words: str, place: str = ""
) -> HttpResponse:
    """Call a service, say what became of it, and go back to the issue, where the editor was."""
    try:
        act()
    except compose.ComposeError as error:
        messages.error(request, str(error))
    else:
        if words:
            messages.success(request, words)
    return redirect(reverse("desk:issue", args=[issue]) + (f"#{place}" if place else ""))


def _complain(request: HttpRequest, form: forms.DeskForm, issue: int) -> HttpResponse:
    for mistakes in form.errors.values():
        messages.error(request, " ".join(map(str, mistakes)))
    return redirect("desk:issue", issue)
