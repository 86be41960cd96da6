"""One item of an issue: its words beside its article, its place, out and back again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet import front
from broadsheet.desk import access, acting, findings, forms, shown
from broadsheet.desk.views.issue import undoable
from broadsheet.issues import compose, history, pictures, queries, remarks
from broadsheet.issues.models import Issue, Kept, Pick, Section
from broadsheet.news import queries as news
from broadsheet.press import pasted

# The page holds three forms; their fields are told apart by these.
PERMIT, UPLOAD = "id_permit_%s", "id_upload_%s"


@access.reads
def show_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_pick(pk)
    form = forms.PickForm(pick=found)
    return _form(request, found, form, forms.LinkForms(initial=forms.links(found), prefix="link"))


@access.edits
def edit_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_pick(pk)
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
        return _conflict(request, pk, links, str(error))
    except compose.ComposeError as error:
        form.add_error(None, str(error))
        return _form(request, found, form, links, 422)
    remarks.let_go(access.editor(request), request.path)
    name = found.our_heading or found.headline
    messages.success(request, _("“%(name)s” is kept.") % {"name": name})
    if request.POST.get("back") == "check":
        return redirect("desk:check", found.issue_id)
    following = queries.next_proposed(found) if request.POST.get("then") == "next" else None
    if following is not None:
        return redirect("desk:pick", following.pk)
    return redirect(f"{reverse('desk:issue', args=[found.issue_id])}#pick-{pk}")


pick = access.by_method(get=show_pick, post=edit_pick)


def _conflict(request: HttpRequest, pk: int, links: Any, words: str) -> HttpResponse:
    """Their words beside ours, and our next save is told that we have seen theirs."""
    theirs = acting.chosen_pick(pk)
    given = request.POST.copy()
    given["turn"] = str(theirs.turn)
    again = forms.PickForm(given, pick=theirs)
    again.is_valid()
    differs = acting.differs(again, forms.initial(theirs))
    if links.is_valid() and forms.kept_links(links) != theirs.links:
        told = [f"{link['text']} {link['url']}".strip() for link in forms.links(theirs)]
        differs.append((_("Links"), "\n".join(told)))
    return _form(request, theirs, again, links, 409, words, differs)


def _form(
    request: HttpRequest,
    found: Pick,
    form: forms.PickForm,
    links: Any,
    status: int = 200,
    conflict: str = "",
    theirs: list[tuple[str, str]] | None = None,
    picture_forms: dict[str, forms.DeskForm] | None = None,
) -> HttpResponse:
    story = news.story(found.story_id) if found.story_id else None
    lead = news.in_order(list(story.articles.all()))[:1] if story else []
    who = access.editor(request)
    may_edit = found.issue.is_open and who.may_edit
    held = remarks.held(who, request.path, timezone.now()) if may_edit and status == 200 else None
    context = {
        "here": "issues",
        "pick": found,
        "issue": found.issue,
        "form": form,
        "links": links,
        "date": shown.date(found.date),
        "card": shown.card(story) if story else None,
        "lead": lead[0] if lead else None,
        "text": shown.paragraphs(lead[0].text) if lead else [],
        "conflict": conflict,
        "theirs": theirs,
        "may_edit": may_edit,
        "sections": found.issue.sections.order_by("position"),
        "comments": remarks.of(found),
        "finding": findings.asked(request, found),
        "begun": may_edit and compose.unwritten(found),
        "following": queries.next_proposed(found) if may_edit else None,
        "held": json.dumps(held.words) if held else "",
        "n_kept": len(history.of(found)),
        **_picture(found),
        **(picture_forms or {}),
        "picture_wrong": bool(picture_forms),
    }
    return render(request, "desk/pick.html", context, status=status)


def again(request: HttpRequest, found: Pick, **picture_forms: forms.DeskForm) -> HttpResponse:
    """The item's page with a form of its picture as it was sent, and what is wrong with it."""
    links = forms.LinkForms(initial=forms.links(found), prefix="link")
    return _form(
        request, found, forms.PickForm(pick=found), links, 422, picture_forms=picture_forms
    )


def _picture(found: Pick) -> dict[str, Any]:
    """What the page of an item says of its picture."""
    image: dict[str, Any] = found.images[0] if found.images else {}
    permission: dict[str, Any] = image.get("permission") or {}
    return {
        "picture": image or None,
        "picture_url": shown.address(str(image.get("source_url") or image.get("url") or "")),
        "picture_kept": image | {"url": front.own(image["url"])}
        if pictures.kept(image.get("url"))
        else None,
        "permit": forms.PermitForm(
            initial={"turn": found.turn, "exception": image.get("exception", ""), **permission},
            auto_id=PERMIT,
        ),
        "upload": forms.UploadForm(initial={"turn": found.turn}, auto_id=UPLOAD),
        "permitted": permission,
    }


@access.edits
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being typed, as JSON; an empty list lets it go. Changes no item."""
    found = get_object_or_404(Issue, pk=pk)
    form = request.POST.get("form", "")
    if not form.startswith(reverse("desk:inbox")) or len(form) > 200:
        return access.said(_("That is no form of this desk."), 422)
    try:
        given = json.loads(request.POST.get("words", "[]"))
        words = [[str(name)[:100], str(value)] for name, value in given]
    except (ValueError, TypeError):
        return access.said(_("What was typed could not be read."), 422)
    if not words:
        remarks.let_go(access.editor(request), form)
    elif remarks.hold(access.editor(request), found, form, words, timezone.now()) is None:
        return access.said(_("That is too long to be held. Keep it with the button."), 422)
    return HttpResponse(status=204)


@access.edits
def paste(request: HttpRequest) -> HttpResponse:
    """What was pasted from Word, a mail or a page, as restricted Markdown; changes nothing."""
    html = request.POST.get("html", "")
    if len(html) > pasted.LONGEST:
        return access.said(_("That is too much at once. Paste it in parts."), 422)
    return access.said(pasted.markdown(html), 200)


# --- its place -----------------------------------------------------------------------------------


@access.edits
def move_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Up, down, to the end of another section, or to a place of one (`at`, counted from 0)."""
    found = acting.chosen_pick(pk)
    before = (found.section_id, _place(found))
    to = request.POST.get("to", "")
    at = request.POST.get("at", "")
    section = found.section
    if to not in ("up", "down"):
        wanted = request.POST.get("section", "")
        section = get_object_or_404(
            Section, pk=wanted if wanted.isdecimal() else 0, issue=found.issue
        )
    if to in ("up", "down"):
        act = lambda: compose.move(found, to)  # noqa: E731 -- handed on as it is
        said = _("“%(name)s” moved up.") if to == "up" else _("“%(name)s” moved down.")
    elif at.isdecimal():
        act = lambda: compose.place(found, section, int(at))  # noqa: E731
        said = _("“%(name)s” has another place.")
    else:
        act = lambda: compose.move(found, section)  # noqa: E731
        said = _("“%(name)s” is in “%(section)s” now.")
    words = said % {"name": found, "section": section}
    if acting.done(request, act, ""):
        undoable(
            request, found.issue_id, words, pick=found.uid, section=before[0], at=before[1]
        )  # fmt: skip
    return redirect(f"{reverse('desk:issue', args=[found.issue_id])}#pick-{pk}")


def _place(found: Pick) -> int:
    return found.section.picks.filter(position__lt=found.position).count()


@access.edits
def remove_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out. It stays in the history, and can be put back."""
    found = acting.chosen_pick(pk)
    name, issue, section = str(found), found.issue_id, found.section_id
    act = lambda: compose.remove(found, access.editor(request), timezone.now())  # noqa: E731
    if acting.done(request, act, ""):
        kept = Kept.objects.filter(issue=issue, part=found.uid, deed="removed").latest("pk")
        undoable(request, issue, _("“%(name)s” is removed.") % {"name": name}, kept=kept.pk)
    return redirect(f"{reverse('desk:issue', args=[issue])}#section-{section}")
