"""What the issue's views share: call a service, say what became of it, and go back to the place."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import access, forms
from broadsheet.issues import compose, remarks
from broadsheet.issues.models import Issue, Pick, Section


def chosen_pick(pk: int) -> Pick:
    return get_object_or_404(
        Pick.objects.select_related("issue", "section", "story", "resource", "edited_by"), pk=pk
    )


def chosen_section(pk: int) -> Section:
    return get_object_or_404(Section.objects.select_related("issue"), pk=pk)


def chosen_issue(pk: int) -> Issue:
    return get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)


def do(
    request: HttpRequest, issue: int, act: Callable[[], object], words: str, place: str = ""
) -> HttpResponse:
    """Act, and go back to the issue, where the editor was. What was wrong is said there."""
    done(request, act, words)
    return redirect(reverse("desk:issue", args=[issue]) + (f"#{place}" if place else ""))


def done(request: HttpRequest, act: Callable[[], object], words: str) -> bool:
    """Act, and say what became of it on the next page; whether it could be done."""
    try:
        act()
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return False
    if words:
        messages.success(request, words)
    return True


def kept(
    request: HttpRequest,
    form: forms.DeskForm,
    keep: Callable[..., object],
    theirs: Callable[[], tuple[int, dict[str, object]]],
    show: Callable[..., HttpResponse],
) -> HttpResponse | None:
    """Keep the words of a form that two editors may type at; None where they are kept.

    keep    gets turn, editor, now, and the words by name
    theirs  the turn and the words that stand by now, where somebody else was quicker
    show    the page with a form, a status, what to say of a conflict, and what differs
    """
    if not form.is_valid():
        return show(form, 422)
    words = dict(form.cleaned_data)
    editor = access.editor(request)
    try:
        keep(words.pop("turn"), editor, timezone.now(), **words)
    except compose.ConflictError as error:
        turn, standing = theirs()
        given = request.POST.copy()
        given["turn"] = str(turn)
        again = type(form)(given)
        again.is_valid()
        return show(again, 409, str(error), differs(again, standing))
    except compose.ComposeError as error:
        form.add_error(None, str(error))
        return show(form, 422)
    remarks.let_go(editor, request.path)
    return None


def complain(request: HttpRequest, form: forms.DeskForm) -> None:
    """Say what is wrong with a form that stands on another page."""
    for mistakes in form.errors.values():
        messages.error(request, " ".join(map(str, mistakes)))


def differs(form: forms.DeskForm, theirs: dict[str, object]) -> list[tuple[str, str]]:
    """What somebody else has made of the fields where it is not what this editor typed."""
    return [
        (str(form.fields[name].label), str(value))
        for name, value in theirs.items()
        if name in form.fields
        and name != "turn"
        and str(value).split() != str(form.data.get(name, "")).split()
    ]
