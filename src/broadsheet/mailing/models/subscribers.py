"""Subscribers, what they agreed to, and who must not be written to again."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from broadsheet.issues.models import Newsletter
from broadsheet.people.models import Editor


def new_token() -> str:
    """16 characters, 96 bits: not to be guessed, and short enough that List-Unsubscribe fits a line."""
    return secrets.token_urlsafe(12)


class Topic(models.Model):
    """A part of what a newsletter sends that a reader may choose; who chose none gets all."""

    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="topics")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("newsletter", "name"), name="topic_once"),)
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class SignUpForm(models.Model):
    """How readers sign up for a newsletter: whether they can, in which languages, to which words."""

    newsletter = models.OneToOneField(
        Newsletter, on_delete=models.CASCADE, related_name="sign_up_form"
    )
    open = models.BooleanField(default=False)
    intro = models.TextField(blank=True, help_text="What readers will get, and how often.")
    words = models.TextField(blank=True, help_text="What a reader agrees to. Blank: ours.")
    languages = models.JSONField(default=list, blank=True, help_text="Tags, the first by default.")

    def __str__(self) -> str:
        return f"sign-up for {self.newsletter}"


class Subscriber(models.Model):
    """Somebody who gets a newsletter, or did: one address on one newsletter's list.

    `key` is the address as it is compared (lower case, domain as an A-label), `address` as it is
    written to. Once erased both are blank and the row is only a number in past dispatches.
    """

    class State(models.TextChoices):
        """Only the active are written to."""

        PENDING = "pending"  # asked, has not confirmed
        ACTIVE = "active"
        PAUSED = "paused"  # by their own wish, until they come back
        UNSUBSCRIBED = "unsubscribed"
        BOUNCED = "bounced"  # the address takes no mail
        COMPLAINED = "complained"  # called our mail spam
        ERASED = "erased"

    class Basis(models.TextChoices):
        """On what grounds we write to them."""

        NONE = ""
        OWN = "own"  # confirmed here by a link in a mail
        ELSEWHERE = "elsewhere"  # confirmed at another service, as the import says
        BY_HAND = "by hand"  # told an editor, who wrote it down

    class Wants(models.TextChoices):
        FULL = "full"  # the issue in the mail
        LINK = "link"  # a line and a link to the web page

    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, related_name="subscribers")
    address = models.CharField(max_length=320, blank=True)
    key = models.CharField(max_length=320, blank=True)
    domain = models.CharField(max_length=255, blank=True, help_text="As an A-label, lower case.")
    token = models.CharField(max_length=16, unique=True, default=new_token)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    basis = models.CharField(max_length=9, choices=Basis, default=Basis.NONE, blank=True)
    consented = models.DateTimeField(null=True, blank=True)
    left = models.DateTimeField(
        null=True, blank=True, help_text="When they unsubscribed or complained, the last time."
    )
    language = models.CharField(max_length=16, blank=True, help_text="Blank: the newsletter's.")
    wants = models.CharField(max_length=4, choices=Wants, default=Wants.FULL)
    discreet = models.BooleanField(default=False, help_text="A subject that does not tell.")
    topics = models.ManyToManyField(Topic, blank=True, related_name="subscribers")
    soft_bounces = models.PositiveIntegerField(
        default=0, help_text="In a row, since mail went through."
    )
    soft_since = models.DateTimeField(null=True, blank=True)
    made = models.DateTimeField()
    imported = models.ForeignKey(
        "mailing.Import", on_delete=models.SET_NULL, null=True, blank=True, related_name="brought",
        db_index=False, help_text="The import that brought them, so that it can be taken back.",
    )  # fmt: skip

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("newsletter", "key"), condition=~Q(key=""), name="subscriber_once"
            ),
            models.CheckConstraint(
                name="subscriber_state_known",
                condition=Q(
                    state__in=[
                        "pending",
                        "active",
                        "paused",
                        "unsubscribed",
                        "bounced",
                        "complained",
                        "erased",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="subscriber_erased_is_nobody",
                condition=Q(state="erased", address="", key="", domain="")
                | (~Q(state="erased") & ~Q(address="") & ~Q(key="") & ~Q(domain="")),
            ),
            # Whoever left is written to again only after they confirmed anew, here, themselves.
            models.CheckConstraint(
                name="subscriber_left_stays_gone",
                condition=~Q(state__in=["active", "paused"])
                | Q(left=None, consented__isnull=False)
                | Q(basis="own", consented__gt=F("left")),
            ),
            models.CheckConstraint(
                name="subscriber_left_has_time",
                condition=~Q(state__in=["unsubscribed", "complained"]) | Q(left__isnull=False),
            ),
        )
        indexes = (
            # mailable(): the audience of a dispatch, in order of its number
            models.Index(fields=("newsletter", "id"), condition=Q(state="active"), name="mailable"),
            models.Index(fields=("key",), name="subscriber_key"),
            # whom an import brought, in order of their number
            models.Index(
                fields=("imported", "id"),
                condition=Q(imported__isnull=False),
                name="subscriber_imported",
            ),
        )

    def __str__(self) -> str:
        return self.address or f"erased subscriber {self.pk}"


class Words(models.Model):
    """The words that somebody agreed to, kept once however many agreed to them."""

    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the text, hexadecimal
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:80]


class Consent(models.Model):
    """That somebody agreed: to which words, when, how. No more than it takes to show it."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consents")
    basis = models.CharField(max_length=9, choices=Subscriber.Basis)
    words = models.ForeignKey(Words, on_delete=models.PROTECT, related_name="consents")
    at = models.DateTimeField()
    how = models.CharField(max_length=200, help_text="Where it was given, in words.")

    class Meta:
        constraints = (models.CheckConstraint(name="consent_has_basis", condition=~Q(basis="")),)
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.get_basis_display()}, {self.at:%Y-%m-%d}"


class Happening(models.Model):
    """What happened to a subscriber, for whoever asks why they get mail, or do not."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="happenings")
    what = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.what


class Proof(models.Model):
    """A link sent to an address, so that only who reads its mail can act. Only its hash is kept."""

    class Purpose(models.TextChoices):
        CONFIRM = "confirm"  # a sign-up
        DATA = "data"  # see, take along or erase what is kept

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="proofs")
    purpose = models.CharField(max_length=7, choices=Purpose)
    # SHA-256, hexadecimal. None until the letter is written: the token itself is in no table.
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    asked = models.JSONField(default=dict, blank=True, help_text="What the form said.")
    words = models.ForeignKey(
        Words, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="proof_expires_after_made", condition=Q(expires__gt=F("made"))
            ),
        )
        indexes = (models.Index(fields=("expires",), name="proof_expires"),)

    def __str__(self) -> str:
        return f"{self.purpose} for {self.subscriber}"


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash: it says yes or no, never who."""

    class Reason(models.TextChoices):
        ERASED = "erased"
        COMPLAINED = "complained"
        UNSUBSCRIBED = "unsubscribed"

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, null=True, blank=True, related_name="suppressions",
        help_text="None: on every newsletter's list.",
    )  # fmt: skip
    mark = models.CharField(max_length=64, help_text="HMAC-SHA256 of the key, hexadecimal.")
    reason = models.CharField(max_length=12, choices=Reason)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("newsletter", "mark"), name="suppressed_once"),
            models.UniqueConstraint(
                fields=("mark",), condition=Q(newsletter=None), name="suppressed_everywhere_once"
            ),
        )
        indexes = (models.Index(fields=("mark",), name="suppression_mark"),)

    def __str__(self) -> str:
        return f"{self.reason} {self.mark[:8]}"


class Attempt(models.Model):
    """That a form was sent, by whom as a keyed hash: to stop abuse. Forgotten after a day."""

    kind = models.CharField(max_length=20)
    mark = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=("kind", "mark", "at"), name="attempt_by_whom"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class Import(models.Model):
    """A file of subscribers: looked at, then, when an editor agrees, taken in as a job."""

    class State(models.TextChoices):
        LOOKING = "looking", _("Looking")  # being read for the preview
        READY = "ready", _("Ready")  # the preview waits for an editor
        TAKING = "taking", _("Taking")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Dropped")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="imports")
    uid = models.CharField(max_length=16, unique=True, default=new_token)
    name = models.CharField(max_length=200, help_text="The file's name, as it came.")
    settings = models.JSONField(default=dict, help_text="Columns, what the rows are, whose words.")
    basis = models.CharField(max_length=9, choices=Subscriber.Basis, blank=True)
    words = models.ForeignKey(
        Words, on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    state = models.CharField(max_length=7, choices=State, default=State.LOOKING)
    counts = models.JSONField(default=dict)
    total = models.BigIntegerField(default=0, help_text="Bytes to look at, then rows to take.")
    done = models.BigIntegerField(default=0)
    problem = models.TextField(blank=True)
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    undone = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-made",)

    def __str__(self) -> str:
        return self.name


class Trace(models.Model):
    """What an import found or changed of somebody who was on the list before it, as they were then.

    Only for those who were changed, or whom another import had brought: few, as a rule.
    """

    made = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="traces")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="traces")
    outcome = models.CharField(
        max_length=8, help_text="What became of the row: new, known, leave, give_up."
    )
    state = models.CharField(max_length=12)
    basis = models.CharField(max_length=9, blank=True)
    consented = models.DateTimeField(null=True, blank=True)
    left = models.DateTimeField(null=True, blank=True)
    happened = models.BigIntegerField(
        default=0, help_text="Their last happening that is the import's; later ones are theirs."
    )
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("made", "subscriber"), name="import_trace_once"),
        )

    def __str__(self) -> str:
        return f"{self.outcome} by {self.made}"
