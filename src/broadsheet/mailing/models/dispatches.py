"""Dispatches of an edition, and the deliveries they are made of."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.issues.models import Edition
from broadsheet.mailing.models.subscribers import Subscriber
from broadsheet.people.models import Editor


def new_uid() -> str:
    return secrets.token_hex(6)


class Dispatch(models.Model):
    """A sending of an edition: to whom, when, how fast, and how far it has come.

    `matter` is the issue that it is about: the first sent of those that are one issue in several
    languages. A subscriber gets one delivery of a matter, unless `again` says in the editor's words
    why they get another; then `round` is a number of its own, else 0.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")  # due at a time; the audience is not frozen yet
        FREEZING = "freezing", _("Freezing")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")  # nothing waits any more; some may be in doubt
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = ("scheduled", "freezing", "sending", "paused")

    uid = models.CharField(max_length=12, unique=True, default=new_uid)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="dispatches")
    matter = models.BigIntegerField()
    round = models.BigIntegerField(default=0)
    again = models.TextField(blank=True, help_text="Why those get it who had it before.")
    languages = models.JSONField(default=list, blank=True, help_text="Readers' languages.")
    others = models.BooleanField(
        default=False, help_text="Also readers in whose language the issue is not published."
    )
    topics = models.JSONField(default=list, blank=True, help_text="Topics by number; none: all.")
    state = models.CharField(max_length=9, choices=State, default=State.SCHEDULED)
    due = models.DateTimeField()
    zone = models.CharField(max_length=64, help_text="The time zone that the editor meant.")
    per_hour = models.PositiveIntegerField(null=True, blank=True, help_text="None: no limit.")
    audience = models.PositiveIntegerField(null=True, blank=True, help_text="Counted when frozen.")
    passed_over = models.PositiveIntegerField(default=0, help_text="Had this issue before.")
    frozen_to = models.BigIntegerField(default=0, help_text="The last subscriber looked at.")
    trouble = models.TextField(blank=True, help_text="What is in the way now, in words.")
    calm_until = models.DateTimeField(
        null=True, blank=True, help_text="Nothing is tried before: the server does not answer."
    )
    made = models.DateTimeField()
    made_by = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="dispatch_again_says_why",
                condition=Q(round=0, again="") | (~Q(round=0) & ~Q(again="")),
            ),
            models.CheckConstraint(
                name="dispatch_sends_what_is_frozen",
                condition=~Q(state__in=["sending", "done"]) | Q(audience__isnull=False),
            ),
            models.CheckConstraint(
                name="dispatch_state_known",
                condition=Q(
                    state__in=["scheduled", "freezing", "sending", "paused", "done", "cancelled"]
                ),
            ),
        )
        indexes = (
            # what the worker looks for
            models.Index(
                fields=("due",),
                condition=Q(state__in=["scheduled", "freezing", "sending"]),
                name="dispatch_open",
            ),
            models.Index(fields=("matter",), name="dispatch_matter"),
        )
        ordering = ("-made", "-pk")

    def __str__(self) -> str:
        return f"{self.edition}"


class Delivery(models.Model):
    """A dispatch's part to one subscriber.

    WAITING until a worker claims it. The claim is durable before the first byte goes out, so that
    after a crash it is in doubt, and never sent again by itself.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        CLAIMED = "claimed"
        ACCEPTED = "accepted"  # by the next server
        REFUSED = "refused"
        DOUBT = "doubt"  # an editor decides
        LEFT = "left"  # unsubscribed or unreachable since the audience was frozen
        CANCELLED = "cancelled"

    class Returned(models.TextChoices):
        """What came back later."""

        NOTHING = ""
        SOFT = "soft"
        HARD = "hard"
        COMPLAINT = "complaint"

    dispatch = models.ForeignKey(
        Dispatch, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    matter = models.BigIntegerField()
    round = models.BigIntegerField()
    domain = models.CharField(max_length=255, help_text="The recipient's, as an A-label.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    due = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=24, blank=True, help_text="One for each batch of a worker.")
    worker = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    tried = models.DateTimeField(null=True, blank=True, help_text="When it last went out.")
    code = models.PositiveSmallIntegerField(default=0, help_text="Of the server's last answer.")
    answer = models.CharField(max_length=300, blank=True)
    returned = models.CharField(max_length=9, choices=Returned, default="", blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    replied = models.DateTimeField(null=True, blank=True)
    unsubscribed = models.DateTimeField(null=True, blank=True, help_text="By this mail's link.")

    class Meta:
        constraints = (
            # Nobody gets an issue twice: not its correction, nor it in another language.
            models.UniqueConstraint(
                fields=("subscriber", "matter", "round"), name="delivery_of_a_matter_once"
            ),
            models.CheckConstraint(
                name="delivery_claimed_has_lease",
                condition=~Q(state="claimed") | (~Q(claim="") & Q(leased_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="delivery_state_known",
                condition=Q(
                    state__in=[
                        "waiting", "claimed", "accepted", "refused", "doubt", "left", "cancelled",
                    ]
                ),
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("dispatch", "state"), name="delivery_counts"),
            # claim(): what waits, in order
            models.Index(
                fields=("dispatch", "due", "id"), condition=Q(state="waiting"), name="delivery_next"
            ),
            # limits by the hour, over all dispatches
            models.Index(
                fields=("tried",), condition=Q(tried__isnull=False), name="delivery_tried"
            ),
            models.Index(fields=("claim",), condition=Q(state="claimed"), name="delivery_claim"),
        )

    def __str__(self) -> str:
        return f"{self.dispatch} to subscriber {self.subscriber_id}"


class MailDomain(models.Model):
    """A recipients' domain, and the service whose servers take its mail, by its MX."""

    name = models.CharField(max_length=255, unique=True)
    service = models.CharField(max_length=255, db_index=True, help_text="Such as google.com.")
    looked_up = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class MailService(models.Model):
    """A mail service that asked us to slow down. After its rest it gets one connection, then more."""

    name = models.CharField(max_length=255, unique=True)
    rests_until = models.DateTimeField()
    why = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.name
