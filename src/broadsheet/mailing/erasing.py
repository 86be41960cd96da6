"""Erasing somebody: what is left is a number in past counts, and a keyed hash that keeps them off lists."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from broadsheet.jobs.models import Job
from broadsheet.mailing import imported, suppression
from broadsheet.mailing.models import Delivery, MailDomain, Subscriber, Suppression
from broadsheet.mailing.models.subscribers import new_token
from broadsheet.mailing.subscribing import State


def erase(key: str, now: datetime) -> int:
    """Erase an address from every list, whatever its state. Returns how many subscriptions it had.

    The address, wishes, consents and history go, also from deliveries and the files of imports; the
    links in mails that were sent stop working. An address that is on no list is suppressed all the
    same: asked for is asked for.
    """
    with transaction.atomic():
        found = list(Subscriber.objects.select_for_update().filter(key=key))
        complained = any(one.state == State.COMPLAINED for one in found)
        reason = Suppression.Reason.COMPLAINED if complained else Suppression.Reason.ERASED
        suppression.suppress(key, reason, now)
        forget(found)
    imported.forget(key)
    return len(found)


def forget(found: list[Subscriber]) -> None:
    """Leave of these only the numbers in past counts. They may come again: nobody asked to be erased."""
    for subscriber in found:
        _clear(subscriber)
    _forget_domains({one.domain for one in found})
    _clear_deliveries([one.pk for one in found])


def _clear_deliveries(numbers: list[int]) -> None:
    """Deliveries stay as counts. A server's answer may quote the address, its domain may be theirs alone."""
    theirs = Delivery.objects.filter(subscriber_id__in=numbers)
    theirs.filter(state=Delivery.State.WAITING).update(state=Delivery.State.LEFT)
    theirs.update(domain="", answer="")


def _forget_domains(names: set[str]) -> None:
    """A domain that nobody else has may be the person's own name."""
    others = Subscriber.objects.filter(domain__in=names).values("domain")
    MailDomain.objects.filter(name__in=names).exclude(name__in=others).delete()


def _clear(subscriber: Subscriber) -> None:
    numbers = [f"proof {pk}" for pk in subscriber.proofs.values_list("pk", flat=True)]
    numbers += [f"{kind} {subscriber.pk}" for kind in ("welcome", "known")]
    Job.objects.filter(kind="letter", key__in=numbers).delete()
    subscriber.proofs.all().delete()
    subscriber.consents.all().delete()
    subscriber.happenings.all().delete()
    subscriber.traces.all().delete()
    subscriber.topics.clear()
    Subscriber.objects.filter(pk=subscriber.pk).update(
        address="",
        key="",
        domain="",
        token=new_token(),
        state=State.ERASED,
        basis=Subscriber.Basis.NONE,
        consented=None,
        left=None,
        language="",
        wants=Subscriber.Wants.FULL,
        discreet=False,
        soft_bounces=0,
        soft_since=None,
        imported=None,
    )
