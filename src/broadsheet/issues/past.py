"""Tables of the import of past newsletters: a pile of files, and what was read from each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from broadsheet.people.models import Editor


class Pile(models.Model):
    """Files that an editor brought together, to be read one after the other.

    `from_others` is the name of a colleague's newsletter: its items go to the inbox and never into
    our own archive.
    """

    newsletter = models.ForeignKey("issues.Newsletter", on_delete=models.CASCADE, related_name="+")
    from_others = models.CharField(max_length=200, blank=True)
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    refused = models.JSONField(default=list, help_text="Files that were not even kept, in words.")

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"past issues of {self.at:%-d %B %Y}"


class PastIssue(models.Model):
    """One past newsletter: its file until it is read, then the issue as read beside its text.

    `data` is emptied once it is read: a mail's bytes hold their reader's address and tracking links.
    `text` is what a reader saw, for the editor to compare; it goes when the issue is kept or dropped
    for good (`importing.tidy`).
    """

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("waits to be read")
        READY = "ready", gettext_lazy("waits for you")
        KEPT = "kept", gettext_lazy("kept")
        DROPPED = "dropped", gettext_lazy("dropped")
        DOUBLE = "double", gettext_lazy("double")
        REFUSED = "refused", gettext_lazy("not read")

    pile = models.ForeignKey(Pile, on_delete=models.CASCADE, related_name="issues")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=300, help_text="The file's name, as it came.")
    data = models.BinaryField(null=True, help_text="The file, until it is read.")
    text = models.TextField(blank=True)
    content = models.JSONField(null=True, help_text="wire.issuefile.Parsed, as JSON.")
    title = models.CharField(max_length=300, blank=True)
    month = models.CharField(max_length=7, blank=True, help_text="2019-06, where it is known.")
    items = models.PositiveIntegerField(default=0)
    sure = models.FloatField(null=True, help_text="Of its least sure item, 0 to 1.")
    mark = models.CharField(max_length=64, blank=True, help_text="SHA-256 of month and headlines.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    words = models.TextField(blank=True, help_text="Why it is a double or was not read.")
    turn = models.PositiveIntegerField(default=0, help_text="Counts changes, see importing.mend().")
    issue = models.OneToOneField(
        "issues.Issue", on_delete=models.SET_NULL, null=True, blank=True, related_name="past"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("pile", "position"), name="past_issue_one_place"),
            models.CheckConstraint(
                name="past_issue_waits_with_its_file", condition=~Q(state="waiting", data=None)
            ),
            models.CheckConstraint(
                name="past_issue_ready_is_read", condition=~Q(state="ready", content=None)
            ),
        )
        indexes = (
            # importing._twin(): whether the same issue was read before
            models.Index(fields=("mark",), name="past_issue_mark"),
        )
        ordering = ("position",)

    def __str__(self) -> str:
        return self.title or self.name
