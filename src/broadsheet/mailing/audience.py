"""To whom an edition goes: counted before, frozen when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from broadsheet.issues import queries
from broadsheet.issues.models import Edition, Issue
from broadsheet.mailing import subscribing
from broadsheet.mailing.models import Delivery, Dispatch, Subscriber

SHARE = 25_000  # subscribers frozen in one transaction: some tenths of a second for other writers
# A bounce may take days: a server tries on for five (RFC 5321, 4.5.4.1). What was accepted longer
# ago and has not come back has arrived.
BOUNCES_WITHIN = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is chosen. No languages: the edition's own; no topics: everybody.

    others  also those in whose language the issue is not published
    """

    languages: tuple[str, ...] = ()
    others: bool = True
    topics: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many a choice reaches, and how many of the chosen had the issue before."""

    chosen: int
    had: int

    @property
    def new(self) -> int:
        return self.chosen - self.had


def family(edition: Edition) -> list[Issue]:
    """The issues that are one issue in several languages: this one and those that name it or that it names.

    This one first.
    """
    ours = edition.issue
    named = _named(edition)
    found = list(Issue.objects.filter(uid__in=named).exclude(pk=ours.pk).order_by("pk"))
    known = {ours.pk, *(issue.pk for issue in found)}
    sent = Dispatch.objects.filter(edition__issue__newsletter=ours.newsletter_id)
    for other in Edition.objects.filter(pk__in=sent.values("edition")).select_related("issue"):
        if other.issue_id not in known and ours.uid in _named(other):
            found.append(other.issue)
            known.add(other.issue_id)
    return [ours, *found]


def _named(edition: Edition) -> set[str]:
    return {one["uid"] for one in edition.content.get("alternates", [])}


def matter(edition: Edition) -> int:
    """What the one-delivery rule counts by: the family's issue that was sent first, or this one."""
    numbers = [issue.pk for issue in family(edition)]
    first = (
        Dispatch.objects.filter(Q(matter__in=numbers) | Q(edition__issue__in=numbers))
        .order_by("made", "pk")
        .first()
    )
    return first.matter if first else numbers[0]


def published_languages(edition: Edition) -> list[str]:
    """The languages in which the issue is out, this edition's first."""
    found = [language_of(edition)]
    for issue in family(edition)[1:]:
        other = queries.edition(issue.uid)
        if other is not None and language_of(other) not in found:
            found.append(language_of(other))
    return found


def language_of(edition: Edition) -> str:
    return str(edition.content.get("language") or edition.issue.newsletter.language)


def subscribers(edition: Edition, choice: Choice) -> QuerySet[Subscriber]:
    """The chosen, in order of their number."""
    newsletter = edition.issue.newsletter
    found = subscribing.mailable(newsletter)
    languages = choice.languages or (language_of(edition),)
    theirs = Q(language__in=languages)
    if newsletter.language in languages:
        theirs |= Q(language="")
    if choice.others:
        theirs |= ~Q(language__in=[*published_languages(edition), ""])
    found = found.filter(theirs)
    if choice.topics:
        through = Subscriber.topics.through.objects.filter(subscriber_id=OuterRef("pk"))
        wanted = Exists(through.filter(topic_id__in=choice.topics))
        found = found.filter(wanted | ~Exists(through))
    return found


def count(edition: Edition, choice: Choice) -> Count:
    """How many would get it now. Two queries."""
    chosen = subscribers(edition, choice)
    had = Delivery.objects.filter(matter=matter(edition)).values("subscriber")
    return Count(chosen.count(), chosen.filter(pk__in=had).count())


def freeze(dispatch: Dispatch, now: datetime) -> Iterator[int]:
    """Write a delivery for everybody who is chosen at this moment; yields how many are frozen so far.

    In shares, each in a transaction of its own with a watermark: what was cut short is taken up
    where it stopped, and two workers that freeze at once do no harm. Who had the matter in this
    round is passed over by the constraint. Flat in memory: the rows never leave the database.
    """
    edition = Edition.objects.select_related("issue__newsletter").get(pk=dispatch.edition_id)
    choice = Choice(tuple(dispatch.languages), dispatch.others, tuple(dispatch.topics))
    chosen = subscribers(edition, choice)
    _forgive(edition, now)
    while True:
        low = Dispatch.objects.values_list("frozen_to", flat=True).get(pk=dispatch.pk)
        share = chosen.filter(pk__gt=low).order_by("pk")[:SHARE]
        high = share.aggregate(last=Max("pk"))["last"]
        if high is None:
            break
        with transaction.atomic():
            moved = Dispatch.objects.filter(
                pk=dispatch.pk, frozen_to=low, state=Dispatch.State.FREEZING
            ).update(frozen_to=high)
            if moved:
                _insert(dispatch, chosen.filter(pk__gt=low, pk__lte=high), now)
            elif not Dispatch.objects.filter(
                pk=dispatch.pk, state=Dispatch.State.FREEZING
            ).exists():
                return  # paused, cancelled, or frozen by another worker
        yield dispatch.deliveries.count()
    frozen = dispatch.deliveries.count()
    Dispatch.objects.filter(pk=dispatch.pk, state=Dispatch.State.FREEZING).update(
        state=Dispatch.State.SENDING,
        audience=frozen,
        passed_over=max(0, chosen.count() - frozen),
        started=Coalesce("started", Value(now)),
    )


def _insert(dispatch: Dispatch, chosen: QuerySet[Subscriber], now: datetime) -> None:
    """INSERT ... SELECT, which Django has no words for. Values go as parameters."""
    selected, given = chosen.order_by().values_list("pk", "domain").query.sql_with_params()
    to_db = connection.ops.adapt_datetimefield_value
    statement = (
        "INSERT INTO mailing_delivery"  # noqa: S608 -- Django's own query inside, values apart
        " (subscriber_id, domain, dispatch_id, matter, round, state, due,"
        " attempts, claim, worker, code, answer, returned)"
        " SELECT chosen.*, %s, %s, %s, %s, %s, 0, '', '', 0, '', ''"
        f" FROM ({selected}) AS chosen WHERE true"
        " ON CONFLICT (subscriber_id, matter, round) DO NOTHING"
    )
    connection.cursor().execute(
        statement,
        [
            dispatch.pk,
            dispatch.matter,
            dispatch.round,
            Delivery.State.WAITING.value,
            to_db(now),
            *given,
        ],
    )


def _forgive(edition: Edition, now: datetime) -> None:
    """Whoever bounced softly and got a later letter that did not come back is sound again."""
    shaky = Subscriber.objects.filter(
        newsletter=edition.issue.newsletter_id, soft_bounces__gt=0
    ).values_list("pk", flat=True)
    for start in range(0, len(numbers := list(shaky)), 500):
        share = numbers[start : start + 500]
        last: dict[int, Delivery] = {}
        for delivery in Delivery.objects.filter(
            subscriber__in=share, state=Delivery.State.ACCEPTED
        ).order_by("tried"):
            last[delivery.subscriber_id] = delivery
        subscribing.received(
            number
            for number, delivery in last.items()
            if not delivery.returned and delivery.tried and delivery.tried < now - BOUNCES_WITHIN
        )
