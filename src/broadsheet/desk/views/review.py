"""The second pair of eyes, with an account or by a link; and publishing."""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from broadsheet.desk import access, acting, findings, forms, shown
from broadsheet.desk.views.preview import as_printed
from broadsheet.issues import compose, queries, release
from broadsheet.issues.models import Issue, Review, ReviewLink
from broadsheet.wire.edition import Edition


@access.reads
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said of an issue, by whom, and the links that are out."""
    return _review(request, acting.chosen_issue(pk))


def _review(
    request: HttpRequest, issue: Issue, status: int = 200, trouble: str = "", words: str = ""
) -> HttpResponse:
    try:
        print_ = release.fingerprint(issue)
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return redirect("desk:issue", issue.pk)
    reviews = list(issue.reviews.select_related("editor", "link"))
    now = timezone.now()
    links = [
        (one, one.ended is None and one.expires > now)
        for one in issue.review_links.select_related("made_by").order_by("-pk")
    ]
    who = access.editor(request)
    is_open = issue.is_open
    context = {
        "here": "issues",
        "issue": issue,
        "print": print_,
        "reviews": [(one, one.print == print_) for one in reviews],
        "holds": release.approval(reviews, print_, None),
        "links": links,
        "fresh": request.session.pop("review_link", "") if request.method == "GET" else "",
        "form": forms.InviteForm(initial={"days": release.LINK_DAYS}),
        "trouble": trouble,
        "words": words,
        "open": is_open,
        "may_review": is_open and who.may_edit,
        "may_edit": is_open and who.may_edit,
        "may_publish": is_open and who.may_publish,
    }
    return render(request, "desk/review.html", context, status=status)


@access.edits
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """An editor approves the issue, or asks for changes."""
    issue = acting.chosen_issue(pk)
    words = request.POST.get("words", "").replace("\0", "")
    try:
        made = release.review(
            issue,
            request.POST.get("print", ""),
            request.POST.get("verdict", ""),
            words,
            timezone.now(),
            editor=access.editor(request),
        )
    except compose.ComposeError as error:
        return _review(request, issue, 422, str(error), words)
    messages.success(request, _said(made))
    return redirect("desk:review", pk)


def _said(made: Review) -> str:
    if made.verdict == Review.Verdict.APPROVED:
        return _(
            "Recorded: you approve the issue as it stands. Any later change ends the approval."
        )
    return _("Recorded: you ask for changes.")


@access.edits
@sensitive_variables("token")
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link for somebody without an account. It is shown once."""
    issue = acting.chosen_issue(pk)
    form = forms.InviteForm(request.POST)
    if not form.is_valid():
        acting.complain(request, form)
        return redirect("desk:review", pk)
    try:
        token = release.invite(
            issue,
            form.cleaned_data["name"],
            access.editor(request),
            timezone.now(),
            form.cleaned_data["days"],
        )
    except compose.ComposeError as error:
        messages.error(request, str(error))
    else:
        # Shown on the next page alone; the desk itself keeps only its hash.
        request.session["review_link"] = request.build_absolute_uri(
            reverse("desk:read_by_link", args=[token])
        )
    return redirect("desk:review", pk)


@access.edits
def end_link(request: HttpRequest, pk: int) -> HttpResponse:
    given = get_object_or_404(ReviewLink.objects.select_related("issue"), pk=pk)
    release.end_link(given, access.editor(request), timezone.now())
    messages.success(request, _("The link for %(name)s is dead.") % {"name": given.name})
    return redirect("desk:review", given.issue_id)


@access.administers
def ask_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether this newsletter's issues wait for a second pair of eyes."""
    issue = acting.chosen_issue(pk)
    wanted = request.POST.get("needs_review") == "yes"
    release.ask_review(issue.newsletter, wanted, access.editor(request), timezone.now())
    return redirect("desk:review", pk)


# --- by link, without an account -----------------------------------------------------------------


@access.anyone
@sensitive_variables("token")
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Read one issue and judge it. Whoever has the link is taken to be whom it was made for."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    link = release.link(token, timezone.now())
    if link is None:
        return _private(render(request, "desk/by_link_gone.html", status=410))
    if request.method == "POST":
        return _private(_judged_by_link(request, token, link))
    return _private(_by_link(request, token, link))


def _by_link(
    request: HttpRequest,
    token: str,
    link: ReviewLink,
    status: int = 200,
    trouble: str = "",
    words: str = "",
) -> HttpResponse:
    try:
        print_ = release.fingerprint(link.issue)
    except compose.ComposeError as error:
        print_, trouble = "", str(error)
    last = link.reviews.first()
    context = {
        "issue": link.issue,
        "link": link,
        "token": token,
        "print": print_,
        "last": last,
        "stale": last is not None and last.print != print_,
        "trouble": trouble,
        "words": words,
    }
    return render(request, "desk/by_link.html", context, status=status)


def _judged_by_link(request: HttpRequest, token: str, link: ReviewLink) -> HttpResponse:
    words = request.POST.get("words", "").replace("\0", "")
    try:
        release.review(
            link.issue,
            request.POST.get("print", ""),
            request.POST.get("verdict", ""),
            words,
            timezone.now(),
            by_link=link,
        )
    except compose.ComposeError as error:
        return _by_link(request, token, link, 422, str(error), words)
    return redirect("desk:read_by_link", token)


@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[arg-type]  # knows no arguments
@access.anyone
@sensitive_variables("token")
def printed_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The issue as its web page, for whoever has the link."""
    link = release.link(token, timezone.now())
    if link is None:
        raise Http404
    try:
        return _private(
            as_printed(compose.preview(link.issue), "web", set(), link.issue.newsletter)
        )
    except compose.ComposeError as error:
        return _private(access.said(str(error), 422))


def _private(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no page that it leads to may learn it, and nobody keeps a copy."""
    answer["Referrer-Policy"] = "same-origin"  # none at all would make our own form look foreign
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


# --- out -----------------------------------------------------------------------------------------


@access.publishes
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will go out, listed; a person ticks that they have read it, then it is frozen."""
    found = queries.issue(pk)
    if found is None:
        raise Http404
    if not found.is_open:
        messages.info(request, _("%(title)s is out already.") % {"title": found.title})
        return redirect("desk:issue", pk)
    form = forms.PublishForm(request.POST if request.method == "POST" else None)
    form.initial["turn"] = found.turn
    trouble = ""
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["turn"] != found.turn:
            trouble = _("Somebody has changed the issue since you opened this page. Read it again.")
            form = forms.PublishForm(initial={"turn": found.turn})
        else:
            trouble = _out(request, found)
            if not trouble:
                return redirect("desk:issue", pk)
    edition: Edition | None = None
    stands: release.Standing | None = None
    try:
        edition = compose.preview(found)
        stands = release.standing(found, shown.beat(), timezone.localdate(), access.editor(request))
    except compose.ComposeError as error:
        trouble = str(error)
    return _publish(request, found, form, edition, stands, trouble)


def _out(request: HttpRequest, found: Issue) -> str:
    """Sign and publish; what is in the way, in words."""
    who, now, today = access.editor(request), timezone.now(), timezone.localdate()
    try:
        print_ = release.fingerprint(found)
        release.publish(found, who, now, shown.beat(), today)
    except compose.ComposeError as error:
        return str(error)
    found.refresh_from_db()
    if release.signature(found, print_) is None:
        release.sign(found, print_, [str(forms.PublishForm.base_fields["read"].label)], who, now)
    messages.success(
        request,
        _("%(title)s is published. Print it or save it here, or send it by mail.")
        % {"title": found.title},
    )
    return ""


def _publish(
    request: HttpRequest,
    found: Issue,
    form: forms.PublishForm,
    edition: Edition | None,
    stands: release.Standing | None,
    trouble: str,
) -> HttpResponse:
    picks = [shown.pick(p) for s in found.sections.all() for p in s.picks.all()]
    uids = {p.pick.uid: p.pick.pk for p in picks}
    blocking = stands.blocking if stands else ()
    context = {
        "here": "issues",
        "issue": found,
        "edition": edition,
        "form": form,
        "trouble": trouble,
        "stands": stands,
        "blocking": [findings.show(found, one, uids) for one in blocking],
        "lacking": [p for p in picks if p.lacks],
        "pictures": [p for p in picks if p.picture and not p.permitted],
        "proposed": [p for p in picks if p.pick.proposed],
        "n_picks": len(picks),
    }
    status = 422 if trouble or form.errors else 200
    return render(request, "desk/publish.html", context, status=status)
