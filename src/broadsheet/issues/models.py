"""Newsletters, issues in the making, and editions as they went out."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from broadsheet.library.models import Resource
from broadsheet.news.models import Story
from broadsheet.people.models import Editor


def new_uid() -> str:
    """A name for a thing that will have an address for good: 12 characters, not to be guessed."""
    return secrets.token_hex(6)


class Newsletter(models.Model):
    """What the organisation sends: its issues share a name, a language and a house style."""

    name = models.CharField(max_length=200, unique=True)
    organisation = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=16, default="en")
    sample = models.BooleanField(default=False, help_text="Invented: every print says so.")

    def __str__(self) -> str:
        return self.name


class Issue(models.Model):
    """One month's issue of a newsletter, worked on until it is published; then it stands.

    `turn` counts changes: whoever saves names the turn they began from, so that of two editors
    the second is told instead of overwriting.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, related_name="issues")
    uid = models.CharField(max_length=12, unique=True, default=new_uid)
    month = models.CharField(max_length=7, help_text="2019-06")
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, blank=True)
    preview = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    published = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("newsletter", "month"), name="issue_once_a_month"),
            models.CheckConstraint(
                name="issue_published_has_time",
                condition=Q(state="draft", published=None)
                | Q(state="published", published__isnull=False),
            ),
        )
        ordering = ("-month",)

    def __str__(self) -> str:
        return f"{self.newsletter}, {self.title}"


class Section(models.Model):
    """A part of an issue: a heading, words before its items, and what a draft puts there."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True, help_text="Restricted Markdown.")
    takes = models.CharField(max_length=10, default="world")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "position"), name="section_one_place"),
        )
        ordering = ("position",)

    def __str__(self) -> str:
        return self.heading or f"section {self.position}"


class Pick(models.Model):
    """A story or a resource taken into a section, with the words that the reader will see.

    The outlet's headline is kept as printed; `our_heading` stands instead where the editor wrote one.
    """

    class Kind(models.TextChoices):
        HIGHLIGHT = "highlight"
        ARTICLE = "article"
        RESOURCE = "resource"
        EVENT = "event"
        NOTICE = "notice"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="picks")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="picks")
    position = models.PositiveIntegerField()
    uid = models.CharField(max_length=12, unique=True, default=new_uid)
    kind = models.CharField(max_length=9, choices=Kind)
    story = models.ForeignKey(
        Story, on_delete=models.PROTECT, null=True, blank=True, related_name="picks"
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, null=True, blank=True, related_name="picks"
    )
    headline = models.TextField()
    our_heading = models.TextField(blank=True)
    date = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True, help_text="Restricted Markdown.")
    note = models.TextField(blank=True, help_text="The editor's.")
    content_note = models.TextField(blank=True)
    footnotes = models.JSONField(default=list, blank=True)
    codes = models.JSONField(default=list, blank=True)
    places = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=list, blank=True)
    images = models.JSONField(default=list, blank=True)
    turn = models.PositiveIntegerField(default=0, help_text="Counts changes: see compose.edit().")
    proposed = models.BooleanField(default=False, help_text="By the draft; nobody has looked yet.")
    edited_by = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("section", "position"), name="pick_one_place"),
            models.UniqueConstraint(
                fields=("issue", "story"),
                condition=Q(story__isnull=False),
                name="story_once_an_issue",
            ),
            models.UniqueConstraint(
                fields=("issue", "resource"),
                condition=Q(resource__isnull=False),
                name="resource_once_an_issue",
            ),
            models.CheckConstraint(
                name="pick_of_one_thing", condition=Q(story=None) | Q(resource=None)
            ),
        )
        ordering = ("position",)

    def __str__(self) -> str:
        return self.our_heading or self.headline


class Edition(models.Model):
    """An issue as it went out. Never changed: a correction is the next version."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="editions")
    version = models.PositiveIntegerField()
    content = models.JSONField(help_text="wire.edition.Edition, with its schema.")
    published = models.DateTimeField()
    published_by = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True, help_text="Why it was corrected.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "version"), name="edition_version_once"),
            models.CheckConstraint(name="edition_version_from_1", condition=Q(version__gte=1)),
        )
        ordering = ("-published", "-version")

    def __str__(self) -> str:
        return f"{self.issue}" + (f", version {self.version}" if self.version > 1 else "")
