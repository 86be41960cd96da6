"""The picture of an item: uploaded or linked, described, credited, permitted, taken out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting, forms
from broadsheet.desk.views import pick as items
from broadsheet.desk.web import hurried
from broadsheet.issues import compose, pictures
from broadsheet.issues.models import Pick


@access.edits
def permit(request: HttpRequest, pk: int) -> HttpResponse:
    """Record why a picture may be printed; without it the credit and the link stand alone."""
    found = acting.chosen_pick(pk)
    form = forms.PermitForm(request.POST, auto_id=items.PERMIT)
    if not form.is_valid():
        return items.again(request, found, permit=form)
    given = form.cleaned_data
    try:
        permitted = compose.permit(
            found,
            given["turn"],
            access.editor(request),
            timezone.now(),
            given["basis"],
            given["until"].isoformat() if given["until"] else None,
            given["exception"],
        )
    except compose.ComposeError as error:
        return _told(request, pk, "permit", form, str(error))
    _keep(request, permitted)
    return redirect("desk:pick", pk)


def _told(
    request: HttpRequest, pk: int, name: str, form: forms.DeskForm, words: str
) -> HttpResponse:
    """The item with what was typed of its picture, and why it was not kept.

    The page shows the item as it is now, so that pressing the button again is meant.
    """
    found = acting.chosen_pick(pk)
    given = request.POST.copy()
    given["turn"] = str(found.turn)
    form.data = given
    form.add_error(None, words)
    return items.again(request, found, **{name: form})


def _keep(request: HttpRequest, permitted: Pick) -> None:
    """Fetch a permitted picture, and say what became of it."""
    try:
        with hurried() as fetched:
            pictures.keep(permitted, fetched)
    except pictures.PictureError as error:
        said = _(
            "The permission is recorded. %(error)s Until it is kept here, the credit and the link stand "
            "alone; record the permission again to have it fetched once more."
        )
        messages.warning(request, said % {"error": error})
    except compose.ComposeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The permission is recorded; the picture will be printed."))


@access.edits
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an item a picture: a file, or the address of one at its source."""
    found = acting.chosen_pick(pk)
    form = forms.UploadForm(request.POST, request.FILES, auto_id=items.UPLOAD)
    if not form.is_valid():
        return items.again(request, found, upload=form)
    given = form.cleaned_data
    image: dict[str, Any] = {name: given[name] or None for name in ("alt", "caption", "credit")}
    image["exception"] = given["exception"] or None
    until = given["until"].isoformat() if given["until"] else None
    permission = {"basis": given["basis"], "until": until} if given["basis"] else None
    try:
        if given["file"]:
            image |= pictures.uploaded(given["file"])
        else:
            image |= {"url": given["url"], "source_url": given["url"]}
        hung = compose.hang(
            found,
            given["turn"],
            access.editor(request),
            timezone.now(),
            image | {"permission": permission},
        )
    except (pictures.PictureError, compose.ComposeError) as error:
        return _told(request, pk, "upload", form, str(error))
    if permission and not given["file"]:
        _keep(request, hung)
    elif permission:
        messages.success(request, _("The picture is kept here and will be printed."))
    else:
        messages.success(
            request, _("Kept without a permission: only its credit and its link are printed.")
        )
    return redirect("desk:pick", pk)


@access.edits
def unhang(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the picture out of an item; the history still has it."""
    found = acting.chosen_pick(pk)
    turn = request.POST.get("turn", "")
    acting.done(
        request,
        lambda: compose.hang(
            found,
            int(turn) if turn.isdecimal() else -1,
            access.editor(request),
            timezone.now(),
            None,
        ),
        _("The picture is taken out."),
    )
    return redirect("desk:pick", pk)
