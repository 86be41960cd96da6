"""What a mailing service tells us of our letters: bounces, complaints, unsubscribes, by its webhooks.

Django-anymail reads each service's own form and checks who speaks. It has no other way to hand on what
it read than Django's signals, so this is the one place where we listen to one.

Only where mail goes out by a service and a secret is set: an address that anybody may post to could be
used to end subscriptions.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone

from broadsheet.mailing.bounces import taking
from broadsheet.mailing.bounces.reading import Kind, Report, gravity
from broadsheet.mailing.transports import status

PATH = "returned/"  # below the desk's address; then the service's name, "/tracking/"
# Anymail calls every bounce "bounced", Brevo's soft ones too. That an address is gone is told by
# "invalid", by the service's own name for it, or by the words of the server that refused.
_HARD = {"hard_bounce", "HardBounce", "hardBounce", "Permanent", "hard"}
_KINDS = {"complained": Kind.COMPLAINT, "unsubscribed": Kind.LEAVE, "deferred": Kind.DELAYED}


def patterns() -> list[URLPattern | URLResolver]:
    """The address for the service that is set up; none without one."""
    service = settings.MAIL.partition("anymail:")[2].strip("/").lower()
    if not service or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return []
    from anymail import urls  # noqa: PLC0415 -- an extra
    from anymail.signals import tracking  # noqa: PLC0415

    tracking.connect(told, dispatch_uid="broadsheet.mailing")
    wanted = [
        one
        for one in urls.urlpatterns
        if str(one.pattern).startswith(f"{service}/") and "inbound" not in str(one.pattern)
    ]
    return [path(PATH, include((wanted, "anymail"), namespace="anymail"))]


def told(sender: object, event: Any, **_: object) -> None:
    """Act on one event of a service. What is no bounce, complaint or leave is passed over."""
    report = read(event)
    if report is not None:
        taking.take(report, timezone.now())


def read(event: Any) -> Report | None:
    """An event of Anymail as a report. The letter's name is what we gave the service with it."""
    if event.event_type in ("bounced", "rejected"):
        kind = Kind.HARD if event.event_type == "bounced" and _is_gone(event) else Kind.SOFT
    elif event.event_type in _KINDS:
        kind = _KINDS[event.event_type]
    else:
        return None
    name = str((event.metadata or {}).get("letter", ""))
    said = event.mta_response or event.description or event.reject_reason or event.event_type
    return Report(
        kind,
        words=" ".join(str(said).split())[:300],
        message_ids=(name,) if name else (),
        addresses=(event.recipient.lower(),) if event.recipient else (),
    )


def _is_gone(event: Any) -> bool:
    if event.reject_reason == "invalid":
        return True
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    if any(
        raw.get(key) in _HARD for key in ("event", "Type", "type", "bounceType", "bounce_class")
    ):
        return True
    said = f"{event.mta_response or ''} {event.description or ''}"
    return gravity(status(said), said) is Kind.HARD
