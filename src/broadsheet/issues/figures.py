"""What was published, counted: see news/figures.py for what is counted and what never is.

Counted when an issue is filed and kept as rows, since a page that read ten years of issues for each reader
would be slow. A month that was counted by another beat, or never, is counted from its items as it is asked
for; `settle` writes it down.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

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
_STAMPS = 2**31  # as many as the column holds on every database
_LONGEST = 200  # characters of a key: Filed.source has no more


def published(period: str = "", beat: Beat | None = None) -> Counts:
    """The news items of all published issues, or of a year ("2019") or month ("2019-06"), counted.

    Of each issue its newest version; highlights, resources and notices are no coverage. Two queries, one
    more where a month changed since it was asked last, and one for each month that was never counted.
    """
    beat = beat or beats.load(settings.BEAT)
    marked = Tally.objects.filter(month__startswith=period, axis=_BEAT, key=_mark(beat))
    stamps = tuple(marked.order_by("month").values_list("month", "items"))
    counts = {axis: Counter(found) for axis, found in _summed(period, stamps).items()}
    for month in set(months(period)) - {month for month, _stamp in stamps}:
        for axis, found in _count(month, beat).items():
            counts[axis].update(found)
    return counts


@lru_cache(maxsize=64)  # all and the years of a desk; what readers ask for again and again
def _summed(period: str, stamps: tuple[tuple[str, int], ...]) -> Counts:
    """The kept counts of the months that have these stamps, added up. One query.

    A stamp is another one whenever its month is counted anew, so what is remembered is never old.
    """
    counts: Counts = {axis: Counter() for axis in figures.AXES}
    rows = Tally.objects.filter(month__startswith=period).exclude(axis=_BEAT)
    others = set(rows.values_list("month", flat=True).distinct()) - {month for month, _ in stamps}
    sums = rows.exclude(month__in=others) if others else rows
    for axis, key, items in sums.values_list("axis", "key").annotate(Sum("items")):
        counts[axis][key] += items
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
        [Tally(month=month, axis=_BEAT, key=_mark(beat), items=secrets.randbelow(_STAMPS))],
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
