"""Newsletters, issues in the making, what was said of them, and editions as they went out."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from broadsheet.library.models import Resource
from broadsheet.news.models import Story
from broadsheet.people.models import Editor


def new_uid() -> str:
    """A name for a thing that will have an address for good: 12 characters, not to be guessed."""
    return secrets.token_hex(6)


class Newsletter(models.Model):
    """What the organisation sends: its issues share a name, a language and a house style."""

    name = models.CharField(max_length=200, unique=True)
    label = models.SlugField(
        max_length=60,
        blank=True,
        help_text="Its part of List-Id, laid down when it was renamed; blank: made from its name.",
    )
    organisation = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=16, default="en")
    sample = models.BooleanField(default=False, help_text="Invented: every print says so.")
    needs_review = models.BooleanField(
        default=False, help_text="A second pair of eyes must approve an issue before it goes out."
    )
    quick_exit = models.URLField(
        max_length=300,
        blank=True,
        help_text="Where the public pages' “leave quickly” link leads; none where blank.",
    )
    house = models.JSONField(
        default=dict, blank=True, help_text="What its house style has other than the press's own."
    )

    def __str__(self) -> str:
        return self.name

    @property
    def list_label(self) -> str:
        """Its name in List-Id, which readers' mail programs sort by: it outlives a renaming (RFC 2919, 3)."""
        return self.label or slugify(self.name)[:60].strip("-") or f"newsletter-{self.pk}"


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
    imported = models.DateTimeField(
        null=True, blank=True, help_text="When it was taken in: it was printed elsewhere before."
    )
    correcting = models.JSONField(
        null=True,
        blank=True,
        help_text="Of an issue that is out and open again: why, since when, where its items stood.",
    )
    turn = models.PositiveIntegerField(default=0)
    front_turn = models.PositiveIntegerField(
        default=0, help_text="Counts changes of title, subject and preview line alone."
    )
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("newsletter", "month"),
                condition=Q(imported=None),  # many a newsletter was weekly once
                name="issue_once_a_month",
            ),
            models.CheckConstraint(
                name="issue_published_has_time",
                condition=Q(state="draft", published=None)
                | Q(state="published", published__isnull=False),
            ),
        )
        ordering = ("-month",)
        indexes = (
            # queries.published(): ten years of several letters, page by page
            models.Index(fields=("state", "-month", "-published"), name="issue_published"),
        )

    def __str__(self) -> str:
        return f"{self.newsletter}, {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether it can be changed: a draft, or a published issue that is being corrected."""
        return self.state == self.State.DRAFT or self.correcting is not None


class Section(models.Model):
    """A part of an issue: a heading, words before its items, and what a draft puts there."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True, help_text="Restricted Markdown.")
    takes = models.CharField(max_length=10, default="world")
    turn = models.PositiveIntegerField(default=0, help_text="Counts changes of its words.")

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
        HIGHLIGHT = "highlight", _("Highlight")
        ARTICLE = "article", _("Article")
        RESOURCE = "resource", _("Resource")
        EVENT = "event", _("Event")
        NOTICE = "notice", _("Notice")

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
    heading_only = models.BooleanField(
        default=False,
        help_text="The outlet's headline stays out of every print, since it names somebody.",
    )
    date = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True, help_text="Restricted Markdown.")
    note = models.TextField(blank=True, help_text="The editor's.")
    content_note = models.TextField(blank=True)
    call = models.TextField(blank=True, help_text="What the reader can do: restricted Markdown.")
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
            models.CheckConstraint(
                name="pick_heading_only_has_one",
                condition=Q(heading_only=False) | ~Q(our_heading=""),
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


# --- what was said of an issue while it was made -------------------------------------------------


class Kept(models.Model):
    """What an item, a section or the front of an issue said after a change. Only added to.

    `part` is a pick's uid, `section N` or empty for title, subject and preview line. A removed item
    has a row whose deed is "removed", with all that is needed to put it back.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="kept")
    part = models.CharField(max_length=40, blank=True)
    deed = models.CharField(max_length=20, help_text="began, edited, restored, removed")
    words = models.JSONField()
    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (
            # history.of(): what one part said, newest first
            models.Index(fields=("issue", "part", "-id"), name="kept_of_part"),
        )

    def __str__(self) -> str:
        return f"{self.part or 'the front'} of {self.issue}, {self.deed}"


class Held(models.Model):
    """What an editor has typed and not yet kept: offered again when they come back."""

    editor = models.ForeignKey(Editor, on_delete=models.CASCADE, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=200, help_text="The form's address.")
    words = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("editor", "form"), name="held_once"),)

    def __str__(self) -> str:
        return f"{self.editor} at {self.form}"


class Comment(models.Model):
    """A remark on an item, or on the issue: open until somebody settles it."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="comments")
    part = models.CharField(max_length=40, blank=True, help_text="A pick's uid, or empty.")
    words = models.TextField()
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(
        max_length=80, blank=True, help_text="Of a reader by link, who has no account."
    )
    at = models.DateTimeField()
    settled = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="comment_by_somebody", condition=Q(editor__isnull=False) | ~Q(name="")
            ),
        )
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.words[:60]


class Overrule(models.Model):
    """Why a finding may stand. `mark` is made of the finding and of the text that it speaks of, so
    that the overrule ends by itself when that text changes."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="overrules")
    mark = models.CharField(max_length=64, help_text="SHA-256, see overruling.mark().")
    rule = models.CharField(max_length=40)
    about = models.CharField(max_length=300, help_text="The words or the place, for the record.")
    reason = models.TextField()
    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "mark"), name="overrule_once"),
            models.CheckConstraint(name="overrule_has_a_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.rule} at {self.about}: {self.reason}"


class Signature(models.Model):
    """Somebody looked at what no machine can see, ticked it, and put their name to it.

    It stands for the issue of that fingerprint alone: any later change asks for another.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="signatures")
    print = models.CharField(max_length=64, help_text="fingerprint() of what was signed.")
    ticked = models.JSONField(default=list, help_text="What was looked at, in words.")
    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.editor} signed {self.issue}"


class ReviewLink(models.Model):
    """An address by which somebody without an account may read and judge one issue, for a while.

    Only the hash of its token is kept.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="review_links")
    name = models.CharField(max_length=80, help_text="Whom it was made for.")
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    made_by = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    expires = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True, help_text="Taken back before its time.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="review_link_expires_after_made", condition=Q(expires__gt=models.F("made"))
            ),
        )

    def __str__(self) -> str:
        return f"a link for {self.name} to {self.issue}"


class Review(models.Model):
    """What a second pair of eyes said of the issue with that fingerprint. Only added to."""

    class Verdict(models.TextChoices):
        APPROVED = "approved"
        CHANGES = "changes"  # asked for, with words

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="reviews")
    print = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8, choices=Verdict)
    words = models.TextField(blank=True)
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    link = models.ForeignKey(
        ReviewLink, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="review_by_one",
                condition=Q(editor__isnull=False, link=None) | Q(editor=None, link__isnull=False),
            ),
            models.CheckConstraint(
                name="review_changes_in_words", condition=Q(verdict="approved") | ~Q(words="")
            ),
        )
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.by}: {self.verdict}"

    @property
    def by(self) -> str:
        """Who it was, as a person would say it."""
        return str(self.editor) if self.editor else f"{self.link.name if self.link else ''}"


class Reached(models.Model):
    """What came when a link was last tried. One row for each address, whichever issue has it."""

    class State(models.TextChoices):
        OK = "ok"
        MOVED = "moved"  # for good, says the server
        PAYWALLED = "paywalled"
        WALLED = "walled"  # a page for people stands before it, so a machine cannot tell
        FAILED = "failed"

    url_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the address
    url = models.TextField()
    state = models.CharField(max_length=9, choices=State)
    moved_to = models.TextField(blank=True)
    words = models.TextField(blank=True, help_text="What went wrong, in words.")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"


# The archive's tables have a module of their own; Django looks for models here.
from broadsheet.issues.filed import Filed, Mark, Outlink, Subject, Tally, Withdrawal  # noqa: E402
from broadsheet.issues.past import PastIssue, Pile  # noqa: E402

__all__ = [
    "Comment", "Edition", "Filed", "Held", "Issue", "Kept", "Mark", "Newsletter", "Outlink", "Overrule",
    "PastIssue", "Pick", "Pile", "Reached", "Review", "ReviewLink", "Section", "Signature", "Subject",
    "Tally", "Withdrawal", "new_uid",
]  # fmt: skip
