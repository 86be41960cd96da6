"""What was published, counted: see news/figures.py for what is counted and what never is.

Counted when an issue is filed and kept as rows, since a page that read ten years of issues for each reader
would be slow. A month that was counted by another beat, or never, is counted from its items as it is asked
for; `settle` writes it down.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from broadsheet.issues.models import Filed, Issue, Tally
from broadsheet.news import figures
from broadsheet.news.figures import Counted, Counts
from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Beat
from broadsheet.wire.edition import Kind

_BEAT = "beat"  # the axis of the row that says by which beat a month was counted
_LONGEST = 200  # characters of a key: Filed.source has no more


def published(period: str = "", beat: Beat | None = None) -> Counts:
    """The news items of all published issues, or of a year ("2019") or month ("2019-06"), counted.

    Of each issue its newest version; highlights, resources and notices are no coverage. Three queries, and
    one more for each month that was never counted.
    """
    beat = beat or beats.load(settings.BEAT)
    rows = Tally.objects.filter(month__startswith=period)
    kept = set(rows.filter(axis=_BEAT, key=_mark(beat)).values_list("month", flat=True))
    others = set(months(period)) - kept
    counts: Counts = {axis: Counter() for axis in figures.AXES}
    sums = rows.exclude(axis=_BEAT).exclude(month__in=others)
    for axis, key, items in sums.values_list("axis", "key").annotate(Sum("items")):
        counts[axis][key] += items
    for month in others:
        for axis, found in _count(month, beat).items():
            counts[axis].update(found)
    return counts


def months(period: str = "") -> list[str]:
    """The months of published issues, the newest first. One query."""
    found = Issue.objects.filter(state=Issue.State.PUBLISHED, month__startswith=period)
    return list(found.order_by("-month").values_list("month", flat=True).distinct())


@transaction.atomic
def keep(month: str) -> None:
    """Count a month's issues anew, as they are filed now.

    The row that names the beat is written first: of two editors who publish into one month at once, the
    second waits there for the first and then counts both issues.
    """
    beat = beats.load(settings.BEAT)
    rows = Tally.objects.filter(month=month)
    rows.filter(axis=_BEAT).exclude(key=_mark(beat)).delete()
    Tally.objects.bulk_create(
        [Tally(month=month, axis=_BEAT, key=_mark(beat), items=0)],
        update_conflicts=True, unique_fields=["month", "axis", "key"], update_fields=["items"],
    )  # fmt: skip
    rows.exclude(axis=_BEAT).delete()
    Tally.objects.bulk_create(
        Tally(month=month, axis=axis, key=key, items=items)
        for axis, counts in _count(month, beat).items()
        for key, items in counts.items()
    )


def settle() -> Iterator[str]:
    """Count each month that was counted by another beat or never. Yields the months."""
    marked = Tally.objects.filter(axis=_BEAT, key=_mark(beats.load(settings.BEAT)))
    kept = set(marked.values_list("month", flat=True))
    for month in months():
        if month not in kept:
            keep(month)
            yield month


def _count(month: str, beat: Beat) -> Counts:
    filed = Filed.objects.filter(issue__month=month, kind=Kind.ARTICLE.value)
    return figures.count(
        (
            Counted(month, tuple(item.get("codes") or ()), tuple(item.get("places") or ()),
                    source[:_LONGEST])
            for item, source in filed.values_list("item", "source")
        ),
        beat,
    )  # fmt: skip


def _mark(beat: Beat) -> str:
    """What a count depends on besides the items: the home place and the codes that the beat knows."""
    axes = [
        [axis, sorted(code.code for code in beat.taxonomy.axes.get(axis, ()))]
        for axis in ("form", "event")
    ]
    return hashlib.sha256(repr([beat.home.iso2, axes]).encode()).hexdigest()[:16]
