"""Questions to the subscribers, for the desk. Nothing here writes."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from broadsheet.issues.models import Newsletter
from broadsheet.jobs.models import Job
from broadsheet.mailing import addresses
from broadsheet.mailing.models import Import, SignUpForm, Subscriber
from broadsheet.mailing.subscribing import State


def counts(newsletter: Newsletter) -> dict[str, int]:
    """How many are in each state, the erased left out. One query."""
    found = (
        Subscriber.objects.filter(newsletter=newsletter)
        .exclude(state=State.ERASED)
        .values_list("state")
        .annotate(n=Count("pk"))
        .order_by()
    )
    by_state = dict(found)
    return {state: by_state.get(state, 0) for state in State.values if state != State.ERASED}


def search(newsletter: Newsletter, words: str, state: str) -> QuerySet[Subscriber]:
    """Subscribers whose address has these words in it, the newest first; one who is named whole is found
    at once. Words in no address find nobody, and blank ones everybody."""
    found = Subscriber.objects.filter(newsletter=newsletter).exclude(state=State.ERASED)
    if state:
        found = found.filter(state=state)
    if words:
        key = key_of(words)
        found = found.filter(Q(key=key) if key else Q(key__contains=words.strip().lower()))
    return found.order_by("-pk")


def key_of(words: str) -> str:
    """The key, where these words are a whole address; else nothing."""
    try:
        return addresses.parse(words).key
    except addresses.AddressError:
        return ""


def subscriber(pk: int) -> Subscriber | None:
    """One of them with topics, consents and history, unless erased. Four queries."""
    return (
        Subscriber.objects.filter(pk=pk)
        .exclude(state=State.ERASED)
        .select_related("newsletter", "imported")
        .prefetch_related("topics", "consents__words", "happenings__editor")
        .first()
    )


def imports(newsletter: Newsletter) -> QuerySet[Import]:
    """The imports of a newsletter, the newest first. One query."""
    return Import.objects.filter(newsletter=newsletter).select_related("editor")


def open_form(newsletter: Newsletter) -> bool:
    """Whether readers can sign up. One query."""
    return SignUpForm.objects.filter(newsletter=newsletter, open=True).exists()


def stuck() -> tuple[int, str]:
    """How many letters to subscribers could not be sent so far, and why the newest could not. One query."""
    waiting = Job.objects.filter(kind="letter", done=None).exclude(trouble="").order_by("-pk")
    troubles = list(waiting.values_list("trouble", flat=True))
    return len(troubles), troubles[0] if troubles else ""
