"""What was collected, as kept.

`wire.model.Article` is a value, `Article` here a row; only `intake` knows both.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from broadsheet.people.models import Editor

# The note of an article that an editor brought: it is never put off the beat.
BY_HAND = "brought by hand"
BANDS = (("relevant", "relevant"), ("unsure", "unsure"), ("off_beat", "off the beat"))


class Source(models.Model):
    """An outlet as readers see it named. Seeded once from the beat; from then on this row wins."""

    name = models.CharField(max_length=200, unique=True)
    home = models.URLField(max_length=1000, blank=True)
    kind = models.CharField(max_length=40, blank=True, help_text="newspaper, agency, ngo ...")
    region = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=16, blank=True)
    zone = models.CharField(max_length=64, blank=True, help_text="The outlet's own time zone.")
    note = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)
    preference = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="1 is the outlet that leads a story wherever it has told it.",
    )
    expected_low = models.PositiveIntegerField(null=True, blank=True, help_text="Articles a week.")
    expected_high = models.PositiveIntegerField(null=True, blank=True)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Leading(models.Model):
    """Which article of a story is shown, beside the preferred outlets. One row, or the defaults."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    original_first = models.BooleanField(default=True)
    free_first = models.BooleanField(default=True)
    near_first = models.BooleanField(default=True)

    class Meta:
        constraints = (models.CheckConstraint(name="leading_one_row", condition=Q(id=1)),)

    def __str__(self) -> str:
        return "which article leads"


class Feed(models.Model):
    """An address that we collect from. `state` is what `wire.collect` must remember between visits."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="feeds")
    url = models.CharField(max_length=2000, unique=True)
    type = models.CharField(
        max_length=12, default="rss", help_text="rss, sitemap, page, folder ..."
    )
    enabled = models.BooleanField(default=True)
    options = models.JSONField(
        default=dict,
        blank=True,
        help_text="How it is read: a page's CSS selector, a mailbox's folder.",
    )
    state = models.JSONField(default=dict, blank=True)
    last_tried = models.DateTimeField(null=True, blank=True)
    last_success = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, help_text="What is wrong and what to do, in words.")

    def __str__(self) -> str:
        return self.url


class Sighting(models.Model):
    """An entry of a feed as we saw it: by this it is known again, whatever its identifier does.

    `wire.collect.identity.Known`, with the key of the article that was made of it.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="sightings")
    url_key = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=32)
    headline = models.TextField(blank=True)
    identifier = models.TextField(blank=True)
    day = models.CharField(max_length=10, blank=True)
    article = models.CharField(max_length=64, blank=True, help_text="The article's key.")
    seen = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("feed", "-id"), name="sighting_newest"),)

    def __str__(self) -> str:
        return self.headline


class Story(models.Model):
    """The event that articles tell of.

    `key` is the grouping's own and stays the same when the same articles are grouped again.
    The lead's headline and date are copied here, so that a page of the inbox is one query.
    """

    class State(models.TextChoices):
        NEW = "new"
        TAKEN = "taken"
        LEFT = "left"
        LATER = "later"
        GONE = "gone"  # merged into another by hand

    key = models.CharField(max_length=64, unique=True)
    month = models.CharField(max_length=7, help_text="2019-06, in the desk's time zone.")
    case = models.CharField(max_length=64, blank=True, help_text="What follow-ups share.")
    state = models.CharField(max_length=5, choices=State, default=State.NEW)
    band = models.CharField(max_length=8, choices=BANDS)
    score = models.FloatField(default=0.0)
    factors = models.JSONField(default=dict, blank=True)
    headline = models.TextField()
    sort_date = models.CharField(
        max_length=16, blank=True, help_text="When.sort_key() of the lead."
    )
    summary = models.JSONField(default=dict, blank=True, help_text="wire.model.Summary, suggested.")
    places = models.JSONField(
        default=list, blank=True, help_text="ISO 3166-1 alpha-2, of all articles."
    )
    recalls = models.JSONField(
        default=list, blank=True, help_text="Keys of earlier stories of the same event or case."
    )
    outlets = models.PositiveIntegerField(
        default=1, help_text="Independent ones: copies count once."
    )
    note = models.TextField(blank=True, help_text="From editor to editor; never printed.")
    claimed_by = models.ForeignKey(
        Editor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        help_text="Who works on it. Others are warned, not held back.",
    )
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="story_state_known",
                condition=Q(state__in=["new", "taken", "left", "later", "gone"]),
            ),
        )
        indexes = (
            # inbox(): a month's stories of a state and band, best first
            models.Index(fields=("month", "state", "band", "-score"), name="story_inbox"),
            # finding.stories() in all months, best first
            models.Index(fields=("-score", "key"), name="story_best"),
        )

    def __str__(self) -> str:
        return self.headline


class Article(models.Model):
    """One text at one canonical address, or of one source, headline and date where it has none.

    `published` is a When as JSON, with its raw words; `month` files the article in the desk's time
    zone, by `first_seen` where `dated` is false.
    """

    class Role(models.TextChoices):
        LEAD = "lead"
        REPORT = "report"
        COPY = "copy"

    key = models.CharField(max_length=64, unique=True)
    url = models.TextField(blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="articles")
    headline = models.TextField(blank=True)
    text = models.TextField(blank=True)
    description = models.TextField(blank=True)
    published = models.JSONField(null=True, blank=True)
    updated = models.JSONField(null=True, blank=True)
    sort_date = models.CharField(max_length=16, blank=True)
    month = models.CharField(max_length=7)
    dated = models.BooleanField(default=True)
    authors = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="A tag of BCP 47.")
    image = models.JSONField(null=True, blank=True)
    paywalled = models.BooleanField(default=False)
    failures = models.JSONField(default=list, blank=True)
    first_seen = models.DateTimeField()

    band = models.CharField(max_length=8, choices=BANDS)
    score = models.FloatField(default=0.0)
    near_miss = models.JSONField(default=list, blank=True)
    evidence = models.JSONField(default=list, blank=True, help_text="Of judge and tag together.")
    notes = models.JSONField(default=list, blank=True)
    codes = models.JSONField(default=dict, blank=True)
    places = models.JSONField(default=list, blank=True)

    story = models.ForeignKey(
        Story, on_delete=models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    role = models.CharField(max_length=6, choices=Role, blank=True)
    copy_of = models.CharField(
        max_length=64, blank=True, help_text="The key of the article it repeats."
    )
    agency = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="article_says_something", condition=~Q(headline="") | ~Q(text="")
            ),
            models.CheckConstraint(
                name="article_role_in_a_story",
                condition=Q(story=None, role="") | Q(story__isnull=False) & ~Q(role=""),
            ),
            models.UniqueConstraint(
                fields=("story",), condition=Q(role="lead"), name="story_one_lead"
            ),
        )
        indexes = (
            # The off-beat pile, best first, and its count: read from the index alone, so `story` is in it
            models.Index(fields=("month", "band", "-score", "story"), name="article_pile"),
            # healths(): the articles of each source over some months, counted without reading rows
            models.Index(fields=("month", "source", "band"), name="article_of_source"),
        )

    def __str__(self) -> str:
        return self.headline or self.url


class Tie(models.Model):
    """What an editor merged or split by hand: two articles that stay together, or apart."""

    class Kind(models.TextChoices):
        TOGETHER = "together"
        APART = "apart"

    kind = models.CharField(max_length=8, choices=Kind)
    one = models.CharField(max_length=64, help_text="The smaller article key of the two.")
    other = models.CharField(max_length=64)
    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("one", "other"), name="tie_once"),
            models.CheckConstraint(name="tie_in_order", condition=Q(one__lt=F("other"))),
        )

    def __str__(self) -> str:
        return f"{self.one[:8]} and {self.other[:8]} {self.kind}"


class Revision(models.Model):
    """What an article said before its outlet changed it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    headline = models.TextField(blank=True)
    text = models.TextField(blank=True)
    replaced = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.headline} (until {self.replaced:%-d %B %Y})"


class Decision(models.Model):
    """What an editor did to a story. Only added to: undoing is a decision too. Teaches the judge."""

    class Action(models.TextChoices):
        TAKE = "take"
        LEAVE = "leave"
        LATER = "later"
        UNDO = "undo"
        MERGE = "merge"
        SPLIT = "split"
        NOTE = "note"
        CLAIM = "claim"
        MOVE = "move"

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="decisions")
    editor = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    action = models.CharField(max_length=5, choices=Action)
    before = models.CharField(max_length=5, help_text="The state that `undo` goes back to.")
    was = models.JSONField(
        default=dict, blank=True, help_text="What else undoing puts back, by the kind of action."
    )
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    articles = models.JSONField(default=list, help_text="The keys of the articles it was about.")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.action} {self.story}"


class SavedSearch(models.Model):
    """A search of the inbox under a name: one editor's own, or shared with the desk."""

    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)
    editor = models.ForeignKey(Editor, on_delete=models.CASCADE, related_name="searches")
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("editor", "name"), name="search_named_once"),
        )
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class Paste(models.Model):
    """Lines that an editor pasted, while a worker reads their pages, and what came of them."""

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="+")
    into = models.CharField(
        max_length=12, blank=True, help_text="Uid of the issue they go into; empty: the inbox."
    )
    leftovers = models.JSONField(default=list, help_text="Lines without an address, as pasted.")
    at = models.DateTimeField()
    done = models.DateTimeField(null=True, blank=True)
    troubles = models.JSONField(default=list, blank=True, help_text="What did not go in, in words.")

    def __str__(self) -> str:
        return f"pasted {self.at:%-d %B %Y, %H:%M}"


class PastedLine(models.Model):
    """One address of a paste, with the words beside it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READ = "read"
        DOUBLE = "double"  # another line led to the same article
        REFUSED = "refused"  # kept by its address and words alone

    paste = models.ForeignKey(Paste, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    entry = models.JSONField(help_text="wire.model.Entry: address, headline, words, source.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("paste", "position"), name="pasted_line_one_place"),
        )
        ordering = ("position",)

    def __str__(self) -> str:
        return str(self.entry.get("url", ""))


class Look(models.Model):
    """A second look at an article that was filed off the beat: does it belong after all?

    A small random sample of each month's pile is offered; from the answers the desk learns what
    share of its news the judge misses (`news.lessons`).
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="look")
    month = models.CharField(max_length=7)
    belongs = models.BooleanField()
    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{'belongs' if self.belongs else 'does not belong'}: {self.article}"


class Lesson(models.Model):
    """What the desk's decisions taught the judge at a time; the last one that is not set aside holds.

    The weights are not kept: they can be made again from the decisions, and name the shipped model
    that they were built on. Setting a lesson aside forgets the decisions up to it.
    """

    made = models.DateTimeField()
    upto = models.BigIntegerField(help_text="The last decision that was counted.")
    upto_look = models.BigIntegerField(default=0)
    built_on = models.CharField(max_length=80)
    words = models.JSONField(default=list)
    set_aside = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"what was learned by {self.made:%-d %B %Y}"


class Snapshot(models.Model):
    """The page of an article that an editor picked, kept as a compressed WARC file of its own."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="snapshot")
    file = models.CharField(
        max_length=200, unique=True, help_text="Below snapshots/ in the desk's folder."
    )
    sha256 = models.CharField(max_length=64, help_text="Of the page's bytes.")
    size = models.PositiveIntegerField(help_text="Bytes of the file.")
    taken = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.article}, kept {self.taken:%-d %B %Y}"


class Failure(models.Model):
    """A page that fell off the line: counted, shown, tried again."""

    url = models.TextField()
    url_hash = models.CharField(max_length=64)
    stage = models.CharField(max_length=12)
    reason = models.TextField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, related_name="failures")
    times = models.PositiveIntegerField(default=1)
    first = models.DateTimeField()
    last = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("url_hash", "stage"), name="failure_once"),
            models.CheckConstraint(name="failure_in_order", condition=Q(last__gte=F("first"))),
        )

    def __str__(self) -> str:
        return f"{self.stage}: {self.url}"
