"""What the editors' decisions teach the judge, and how much of its news this desk is shown.

The decisions are handed to the stage as a value; the weights are made from them when they are
needed and can be made again at any time. What is shipped is never changed, and what was learned can
be set aside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from broadsheet.news import intake, queries
from broadsheet.news.models import BY_HAND, Article, Decision, Lesson, Look, Story
from broadsheet.people.models import Editor
from broadsheet.wire import judge
from broadsheet.wire.beat import Beat
from broadsheet.wire.model import Article as Value
from broadsheet.wire.model import Band

MOST = 1_000  # the newest decisions; a desk's interest of years ago says little of today's
SAMPLE = 20  # off-beat articles offered for a second look each month: some minutes of reading

_kept: dict[str, tuple[tuple[int, int, int], judge.Model | None]] = {}


def model(beat: Beat) -> judge.Model | None:
    """The shipped model with what this desk has taught it; None for a beat without a model.

    Made anew when there has been a decision since, which takes some tenths of a second.
    """
    now = _counted()
    kept = _kept.get(beat.slug)
    if kept is not None and kept[0] == now:
        return kept[1]
    shipped = judge.load_model(beat)
    made = judge.learn(shipped, decisions(), beat) if shipped is not None else None
    _kept[beat.slug] = (now, made)
    return made


def is_as_shipped(made: judge.Model | None) -> bool:
    """Whether this desk has taught the judge nothing, so that it says what it says everywhere."""
    return made is None or made.learned is None or not made.learned.weights


def _counted() -> tuple[int, int, int]:
    found = Decision.objects.aggregate(last=Max("pk"))["last"] or 0
    looks = Look.objects.aggregate(last=Max("pk"))["last"] or 0
    aside = Lesson.objects.exclude(set_aside=None).count()
    return found, looks, aside


def decisions() -> list[tuple[Value, bool]]:
    """The leads of the stories that were taken (True) or left (False), and the second looks.

    Each story counts once, as it stands now: what was undone teaches nothing. Decisions up to a
    lesson that was set aside are forgotten.
    """
    aside = Lesson.objects.exclude(set_aside=None).order_by("-upto").first()
    since, since_look = (aside.upto, aside.upto_look) if aside else (0, 0)
    stories = (
        Story.objects.filter(
            state__in=[Story.State.TAKEN, Story.State.LEFT],
            decisions__pk__gt=since,
            decisions__action__in=[Decision.Action.TAKE, Decision.Action.LEAVE],
        )
        .annotate(decided=Max("decisions__pk"))
        .order_by("-decided")[:MOST]
    )
    taken = {story.pk: story.state == Story.State.TAKEN for story in stories}
    leads = Article.objects.filter(story__in=list(taken), role="lead").select_related("source")
    found = [(intake.value(a), taken[a.story_id]) for a in leads if a.story_id is not None]
    looks = Look.objects.filter(pk__gt=since_look).select_related("article__source")[:MOST]
    return found + [(intake.value(look.article), look.belongs) for look in looks]


def write_down(beat: Beat, now: datetime) -> Lesson | None:
    """Write down what has been learned by now, where it is new; None for a beat without a model."""
    made = model(beat)
    if made is None or made.learned is None:
        return None
    found, looks, _ = _counted()
    last = Lesson.objects.filter(set_aside=None).order_by("-pk").first()
    if last is not None and list(last.words) == list(made.learned.words):
        return last
    return Lesson.objects.create(
        made=now, upto=found, upto_look=looks, built_on=made.name, words=list(made.learned.words)
    )


def set_aside(lesson: Lesson, editor: Editor | None, now: datetime) -> None:
    """Forget what was learned up to this lesson; the decisions themselves stay."""
    Lesson.objects.filter(pk=lesson.pk, set_aside=None).update(set_aside=now, set_aside_by=editor)


@transaction.atomic
def forget(beat: Beat, editor: Editor | None, now: datetime) -> Lesson | None:
    """Set aside all that was learned by now; None where nothing can be learned on this beat."""
    made = model(beat)
    if made is None or made.learned is None:
        return None
    found, looks, _ = _counted()
    return Lesson.objects.create(
        made=now, upto=found, upto_look=looks, built_on=made.name, words=list(made.learned.words),
        set_aside=now, set_aside_by=editor,
    )  # fmt: skip


def rejudge(month: str, beat: Beat) -> dict[str, int]:
    """Judge a month's articles again with what was learned; how many moved into which band.

    Stories that were decided on or stand in an issue keep their articles' bands, and so does what an
    editor looked at or brought by hand. Group the month again afterwards.
    """
    chosen = judge.load_model(beat) and model(beat)
    rows = list(
        Article.objects.filter(month=month, look=None)
        .exclude(story__state__in=[Story.State.TAKEN, Story.State.LEFT, Story.State.LATER])
        .exclude(story__picks__isnull=False)
        .select_related("source")
    )
    rows = [row for row in rows if BY_HAND not in row.notes]
    moved: dict[str, int] = {}
    changed: list[Article] = []
    for row, read in zip(
        rows, intake.judged((intake.value(r) for r in rows), beat, chosen), strict=True
    ):
        if (row.band, round(row.score, 4)) == (read.verdict.band, round(read.verdict.score, 4)):
            continue
        if row.band != read.verdict.band:
            moved[read.verdict.band] = moved.get(read.verdict.band, 0) + 1
        intake.judged_again(row, read)
        if read.verdict.band is Band.OFF_BEAT:
            row.story, row.role, row.copy_of = None, "", ""
        changed.append(row)
    _keep(changed)
    return moved


@transaction.atomic
def _keep(changed: Sequence[Article]) -> None:
    fields = (
        "band", "score", "near_miss", "notes", "evidence", "codes", "places", "story", "role", "copy_of",
    )  # fmt: skip
    Article.objects.bulk_update(changed, fields, batch_size=intake.BATCH)


# --- second looks --------------------------------------------------------------------------------


def sample(month: str, size: int = SAMPLE) -> list[Article]:
    """A random sample of what was filed off the beat in a month, not yet looked at.

    The same month always offers the same articles in the same order: each article's place is the
    hash of the month and its key, which knows nothing of what it says.
    """
    looked = Look.objects.filter(month=month).count()
    order = sorted(
        queries.filed_off_beat(month).filter(look=None).values_list("key", flat=True),
        key=lambda key: hashlib.sha256(f"{month}{key}".encode()).digest(),
    )
    found = Article.objects.in_bulk(order[: max(0, size - looked)], field_name="key")
    return [found[key] for key in order if key in found]


@transaction.atomic
def look(article: Article, belongs: bool, editor: Editor | None, now: datetime) -> Look:
    """Keep a second look. What belongs after all waits in the unsure band from then on."""
    kept, _ = Look.objects.update_or_create(
        article=article,
        defaults={"month": article.month, "belongs": belongs, "editor": editor, "at": now},
    )
    if belongs and article.band == Band.OFF_BEAT:
        article.band = Band.UNSURE
        article.save(update_fields=["band"])
    elif not belongs and article.band == Band.UNSURE and article.story is None:
        article.band = Band.OFF_BEAT
        article.save(update_fields=["band"])
    return kept


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of what belongs on the beat a month showed, as far as a sample can tell."""

    taken: int
    filed: int
    sampled: int
    found: int
    recall: judge.Recall | None

    @property
    def words(self) -> str:
        if self.recall is None:
            return "Nothing of what was filed off the beat has been looked at yet."
        return self.recall.words


def shown(month: str) -> Shown:
    """The desk's own recall of a month. Three queries."""
    taken = Article.objects.filter(month=month, story__state=Story.State.TAKEN, look=None).count()
    looks = list(Look.objects.filter(month=month).values_list("belongs", flat=True))
    filed = Article.objects.filter(month=month, band=Band.OFF_BEAT).count() + sum(looks)
    return Shown(
        taken, filed, len(looks), sum(looks), judge.recall(taken, filed, len(looks), sum(looks))
    )
