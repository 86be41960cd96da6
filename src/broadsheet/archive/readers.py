"""The readers' own pages: sign up, confirm, choose, leave, see and erase what is kept.

GET and HEAD change nothing here, however often a mail scanner opens a link. No cookie is set and
none is asked for: whoever may act has a link that cannot be guessed, so these forms need no CSRF
token either. A page that a link opens is kept by no cache and tells nobody where it was opened from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.archive import pages
from broadsheet.issues import queries
from broadsheet.issues.models import Newsletter
from broadsheet.mailing import (
    abuse,
    addresses,
    consent,
    erasing,
    exporting,
    preferences,
    signup,
    subscribing,
)
from broadsheet.mailing.models import Proof, SignUpForm, Subscriber
from broadsheet.mailing.preferences import Wishes
from broadsheet.people import limits

P = ParamSpec("P")
State = Subscriber.State


def _private(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For pages whose address is a secret."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    return guarded


def _page(
    request: HttpRequest,
    name: str,
    newsletter: Newsletter | None,
    language: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    newsletter = newsletter or queries.newsletter()  # its name, and the way out, on every page
    tag = _tag(request, newsletter, language)
    with translation.override(tag):
        return render(
            request,
            f"archive/readers/{name}.html",
            {"newsletter": newsletter, "language": tag} | context,
            status=status,
        )


def _tag(request: HttpRequest, newsletter: Newsletter | None, language: str) -> str:
    """The language of a page: the one that the reader chose, as far as we speak it; else as on all
    public pages."""
    return preferences.spoken(language) if language else pages.language_of(request, newsletter)


# --- signing up ----------------------------------------------------------------------------------


@require_safe
def newsletters(request: HttpRequest) -> HttpResponse:
    """Which newsletters can be had; straight to the form where there is one."""
    forms = list(SignUpForm.objects.filter(open=True).select_related("newsletter"))
    if len(forms) == 1:
        return HttpResponseRedirect(reverse("archive:sign_up", args=[forms[0].newsletter_id]))
    return _page(request, "newsletters", forms[0].newsletter if forms else None, forms=forms)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The sign-up form. It may also be sent from a form on another site; then it is shown once more."""
    newsletter = get_object_or_404(Newsletter, pk=pk)
    form = consent.form_of(newsletter)
    posted = request.POST if request.method == "POST" else None
    given = posted if posted is not None else request.GET
    wishes = preferences.read(newsletter, given, given.getlist("topic"))
    if not form.open:
        return _page(request, "closed", newsletter, status=200 if posted is None else 409)
    if posted is None:
        return _form(request, form, wishes)
    now = timezone.now()
    where = abuse.network(limits.asked_from(request))
    typed = posted.get("address", "")[:400]
    if posted.get("website"):  # a field that people do not see
        abuse.count_trap(where, now)
        return _page(request, "asked", newsletter, wishes.language)
    with translation.override(_tag(request, newsletter, wishes.language)):
        words = consent.words_for(form)
        try:
            addresses.parse(typed)
            if abuse.in_haste(posted.get("stamp", ""), now):
                return _form(request, form, wishes, typed, again=True)
            if posted.get("words") != words:  # the editor changed them meanwhile
                return _form(request, form, wishes, typed, again=True)
            signup.ask(newsletter, typed, wishes, words, where, now)
        except addresses.AddressError as error:
            return _form(request, form, wishes, typed, trouble=str(error), status=422)
        except abuse.TooManyError:
            trouble = _("Too many sign-ups came from your network. Please try again in an hour.")
            return _form(request, form, wishes, typed, trouble=trouble, status=429)
    return _page(request, "asked", newsletter, wishes.language)


def _form(
    request: HttpRequest,
    form: SignUpForm,
    wishes: Wishes,
    typed: str = "",
    *,
    trouble: str = "",
    again: bool = False,
    status: int = 200,
) -> HttpResponse:
    newsletter = form.newsletter
    with translation.override(_tag(request, newsletter, wishes.language)):
        words = consent.words_for(form)
    answer = _page(
        request,
        "sign_up",
        newsletter,
        wishes.language,
        status,
        form=form,
        wishes=wishes,
        typed=typed,
        trouble=trouble,
        again=again,
        words=words,
        stamp=abuse.stamp(),
        languages=preferences.languages(newsletter),
        topics=newsletter.topics.all(),
    )
    answer["Cache-Control"] = "no-store"  # each form has its own moment
    return answer


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; the button subscribes."""
    token, now = _clean(token), timezone.now()
    if request.method == "POST":
        subscriber = signup.confirm(token, now) or _confirmed(token)
        if subscriber is None:
            return _unknown(request, over=True)
        return _page(
            request, "confirmed", subscriber.newsletter, subscriber.language, subscriber=subscriber
        )
    proof = signup.proof_for(token, Proof.Purpose.CONFIRM, now)
    if proof is None:
        subscriber = _confirmed(token)
        if subscriber is None:
            return _unknown(request, over=True)
        return _page(
            request, "confirmed", subscriber.newsletter, subscriber.language, subscriber=subscriber
        )
    newsletter, language = proof.subscriber.newsletter, proof.asked.get("language", "")
    address = addresses.masked(proof.subscriber.address)
    return _page(request, "confirm", newsletter, language, proof=proof, address=address)


def _confirmed(token: str) -> Subscriber | None:
    subscriber = signup.used_by(token)
    return subscriber if subscriber and subscriber.state == State.ACTIVE else None


# --- a subscriber's own links --------------------------------------------------------------------


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe. By GET a page that asks; by POST at once, from the page or by RFC 8058."""
    subscriber = subscribing.by_token(_clean(token))
    one_click = request.method == "POST" and not _by_page(request)
    if subscriber is None:
        if one_click:
            words = "This link is not known here. Nothing was changed.\n"
            return HttpResponse(words, status=404, content_type="text/plain; charset=utf-8")
        return _unknown(request)
    if request.method == "POST":
        how = "one click" if one_click else "on the page"
        subscribing.unsubscribe(subscriber, timezone.now(), how)
        if one_click:  # read by a mail program, if by anybody
            return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    gone = subscriber.state in (State.UNSUBSCRIBED, State.COMPLAINED)
    return _page(
        request,
        "left" if gone else "leave",
        subscriber.newsletter,
        subscriber.language,
        subscriber=subscriber,
        address=addresses.masked(subscriber.address),
    )


def _by_page(request: HttpRequest) -> bool:
    """Whether a person pressed our button. A body that cannot be read is a mail program's."""
    try:
        return request.POST.get("by") == "page"
    except (MultiPartParserError, BadRequest, UnicodeError):
        return False


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The preference page."""
    subscriber = subscribing.by_token(_clean(token))
    if subscriber is None:
        return _unknown(request)
    if request.method == "POST":
        done = _do(subscriber, request)
        address = reverse("archive:preferences", args=[subscriber.token])
        return HttpResponseRedirect(f"{address}?done={done}", status=303)
    return _page(
        request,
        "preferences",
        subscriber.newsletter,
        subscriber.language,
        subscriber=subscriber,
        address=addresses.masked(subscriber.address),
        wishes=preferences.of(subscriber),
        languages=preferences.languages(subscriber.newsletter),
        topics=subscriber.newsletter.topics.all(),
        gone=subscriber.state in (State.UNSUBSCRIBED, State.COMPLAINED, State.PENDING),
        done=request.GET.get("done", ""),
    )


def _do(subscriber: Subscriber, request: HttpRequest) -> str:
    """What a button of the preference page does; its name, for the page that follows."""
    now, action = timezone.now(), request.POST.get("do", "")
    if action == "save":
        topics = request.POST.getlist("topic")
        preferences.choose(
            subscriber, preferences.read(subscriber.newsletter, request.POST, topics), now
        )
    elif action == "pause":
        subscribing.pause(subscriber, now)
    elif action == "resume":
        subscribing.resume(subscriber, now)
    elif action == "again":
        signup.ask_again(subscriber, now)
    elif action == "data":
        signup.ask_for_data(subscriber, now)
    else:
        return ""
    return action


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, token: str) -> HttpResponse:
    """What is kept of somebody who proved that the mailbox is theirs; the button erases it."""
    proof = signup.proof_for(_clean(token), Proof.Purpose.DATA, timezone.now())
    if proof is None:
        return _unknown(request, over=True)
    subscriber = proof.subscriber
    newsletter, language = subscriber.newsletter, subscriber.language
    if request.method == "POST" and request.POST.get("do") == "erase":
        erasing.erase(subscriber.key, timezone.now())
        return _page(request, "erased", newsletter, language)
    kept = exporting.own(subscriber.key)["subscriptions"]
    address = addresses.shown(subscriber.address)
    return _page(request, "data", newsletter, language, kept=kept, address=address, token=token)


@_private
@require_safe
def data_file(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a file that another program can read."""
    proof = signup.proof_for(_clean(token), Proof.Purpose.DATA, timezone.now())
    if proof is None:
        return _unknown(request, over=True)
    answer = JsonResponse(
        exporting.own(proof.subscriber.key), json_dumps_params={"indent": 1, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


def _clean(token: str) -> str:
    """Without the stop or bracket that a mail program took for a part of the link."""
    if not token.isprintable():  # PostgreSQL takes no NUL, and a token of ours has none
        return ""
    return token.rstrip(".,;:!?)>]}'\"”’")


def _unknown(request: HttpRequest, *, over: bool = False) -> HttpResponse:
    """A link that is forged, mangled, over, or of somebody who was erased. The same for all."""
    return _page(request, "unknown", None, status=404, over=over)
