"""The archive's own tables: what readers search, what was withdrawn, and links that must hold.

`Filed`, `Subject` and `Tally` are made from the kept editions, which stay the truth: `filing.rebuild()` makes
them anew at any time.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Filed(models.Model):
    """An issue, or an item of one, as the archive finds it.

    `id` grows with the day on which the issue went out, so that walking it backwards is reading the
    newest first, without sorting a million rows: see filing.key().
    """

    id = models.BigIntegerField(primary_key=True)
    uid = models.CharField(max_length=64, unique=True, help_text="Of the item or the issue.")
    issue = models.ForeignKey(
        "issues.Issue", on_delete=models.CASCADE, related_name="filed", db_index=False
    )
    kind = models.CharField(max_length=10, help_text="issue, or the kind of the item.")
    language = models.CharField(max_length=16)
    heading = models.TextField()
    source = models.CharField(max_length=200, blank=True)
    day = models.CharField(max_length=10, blank=True, help_text="2019, 2019-06 or 2019-06-21.")
    published = models.DateTimeField(help_text="When its issue went out first.")
    body = models.TextField(blank=True, help_text="Plain text, for what a search shows.")
    item = models.JSONField(default=dict, help_text="wire.edition.Item; empty for an issue.")

    class Meta:
        verbose_name = "filed item"
        indexes = (
            models.Index(fields=("issue", "id"), name="filed_issue"),  # an issue from its top
            models.Index(fields=("kind", "id"), name="filed_kind"),  # all issues, the newest first
        )

    def __str__(self) -> str:
        return self.heading


class Subject(models.Model):
    """A topic, a place or a source that the archive has a page for, and how many items it has."""

    class Axis(models.TextChoices):
        TOPIC = "topic"  # value: a code of the taxonomy
        PLACE = "place"  # value: ISO 3166-1 alpha-2
        SOURCE = "source"  # value: its name, folded

    axis = models.CharField(max_length=6, choices=Axis)
    value = models.CharField(max_length=200)
    slug = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True, help_text="Of a source, as printed.")
    items = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("axis", "value"), name="subject_once"),
            models.UniqueConstraint(fields=("axis", "slug"), name="subject_one_address"),
        )

    def __str__(self) -> str:
        return f"{self.axis} {self.name or self.value}"


class Tally(models.Model):
    """How many news items of a month's issues have one key of one axis: what the figures show.

    Made anew for a month whenever one of its issues is filed. The axis "beat" has one row a month, whose
    key says by which beat it was counted, and whose `items` is a stamp that is new with each counting: see
    issues/figures.py.
    """

    month = models.CharField(max_length=7, help_text="2019-06")
    axis = models.CharField(max_length=6)
    key = models.CharField(max_length=200, blank=True)
    items = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = (models.UniqueConstraint(fields=("month", "axis", "key"), name="tally_once"),)

    def __str__(self) -> str:
        return f"{self.month} {self.axis} {self.key}"


class Outlink(models.Model):
    """An address that the archive leads to, whether it still opens, and what the editor decided.

    `shows_copy` is the editor's word and nobody else's: some pages were taken down to protect somebody.
    """

    class State(models.TextChoices):
        UNTRIED = "untried"
        OPEN = "open"
        UNWELL = "unwell"  # failed, and will be tried again before anybody is told
        DEAD = "dead"

    url_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the address
    url = models.TextField()
    uid = models.CharField(max_length=64, help_text="The newest item that leads there.")
    day = models.CharField(max_length=10, blank=True, help_text="Of that item: a copy near it.")
    state = models.CharField(max_length=7, choices=State, default=State.UNTRIED)
    words = models.TextField(blank=True, help_text="What came the last time, in words.")
    failed = models.PositiveIntegerField(default=0, help_text="Times in a row.")
    since = models.DateTimeField(null=True, blank=True, help_text="It fails since then.")
    tried = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField()
    shows_copy = models.BooleanField(null=True, help_text="None: nobody has decided yet.")
    copy = models.TextField(blank=True, help_text="An archive's address that the editor chose.")

    class Meta:
        indexes = (
            models.Index(fields=("due",), name="outlink_due"),  # watching.due()
            models.Index(fields=("state", "-since"), name="outlink_state"),  # watching.dead()
        )

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"


class Withdrawal(models.Model):
    """That something was withdrawn. Who asked and why are let go after a while; the marks stay.

    `told` are the uids of items that feeds say are gone, for as long as readers' programs may hold them.
    """

    uid = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    asked = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    told = models.JSONField(default=list, blank=True)
    applied = models.BooleanField(
        default=False, help_text="To this database: one that was restored may only know of it."
    )

    def __str__(self) -> str:
        return f"withdrawn on {self.at:%-d %B %Y}"


class Mark(models.Model):
    """One thing that was withdrawn, as a keyed hash: nobody can read it, and it is known again."""

    class Kind(models.TextChoices):
        ITEM = "item"  # its uid
        ARTICLE = "article"  # its key
        PICTURE = "picture"  # the name of its file, or its address
        WORDS = "words"  # folded, `words` of them

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=7, choices=Kind)
    mark = models.CharField(max_length=64, help_text="HMAC-SHA-256, hexadecimal.")
    words = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("withdrawal", "kind", "mark"), name="mark_once"),
            models.CheckConstraint(
                name="mark_of_words_counts_them",
                condition=Q(kind="words", words__gte=1) | (~Q(kind="words") & Q(words=0)),
            ),
        )
        indexes = (models.Index(fields=("kind", "mark"), name="mark_known"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.mark[:8]}"
