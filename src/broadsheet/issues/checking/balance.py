"""Balance: what an issue shows of the subject, taken together.

No share is right by itself: these are hints, said once there are enough items to speak of a share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Pick
from broadsheet.news.models import Article as ArticleRow
from broadsheet.wire.beat import Beat
from broadsheet.wire.wording import Severity

ENOUGH = 5  # items; of fewer no share says anything
MOST = 0.6  # of the items that have a code of the axis: more is told
POLICE = 0.5  # of the items: more rest on police and courts alone


def balance(
    items: Sequence[Pick], articles: Mapping[int, Sequence[ArticleRow]], beat: Beat
) -> Iterator[Finding]:
    """One-sidedness of the news items, and stories that an earlier issue has told."""
    news = [pick for pick in items if pick.kind == Pick.Kind.ARTICLE]
    yield from _repeats(news, articles)
    if len(news) < ENOUGH:
        return
    labels = {code.code: code.label for code in beat.taxonomy.codes()}
    for axis, name in (
        ("form", telling("one form of exploitation")),
        ("event", telling("one kind of event")),
    ):
        counts = Counter(code for pick in news for code in _codes(pick, beat, axis))
        coded = sum(bool(_codes(pick, beat, axis)) for pick in news)
        yield from _too_many(counts, coded, name, axis, labels)
    regions = Counter(_region(pick, beat) for pick in news if pick.places)
    placed = sum(regions.values())
    yield from _too_many(regions, placed, telling("one part of the world"), "region", {})
    police = set((beat.wording.get("details") or {}).get("police_events") or ())
    alone = [p for p in news if (found := _codes(p, beat, "event")) and found <= police]
    if police and len(alone) > POLICE * len(news):
        yield _finding(
            "balance-police",
            telling(
                "%(n)s of %(of)s items rest on police and courts alone: readers learn of raids, "
                "not of work, law or the people themselves.",
                n=len(alone),
                of=len(news),
            ),
            (telling("add an item on prevention, law, business, or in survivors' own words"),),
        )


def _finding(rule: str, why: str, use: tuple[str, ...]) -> Finding:
    where = Where("balance", label=telling("the whole issue"), text=why)
    return Finding(rule, Severity.HINT, where, why, use, kind="balance")


def _codes(pick: Pick, beat: Beat, axis: str) -> set[str]:
    known = {code.code for code in beat.taxonomy.axes.get(axis, ())}
    return known & set(pick.codes)


def _region(pick: Pick, beat: Beat) -> str:
    places = set(pick.places[:3])
    if beat.home.iso2 in places:
        return telling("home")
    return telling("the region") if places & set(beat.region) else telling("the rest of the world")


def _too_many(
    counts: Counter[str], of: int, words: str, axis: str, labels: Mapping[str, str]
) -> Iterator[Finding]:
    if of < ENOUGH or not counts:
        return
    (top, many), *_ = counts.most_common(1)
    if many > MOST * of:
        yield _finding(
            f"balance-{axis}",
            telling(
                "%(n)s of %(of)s items are of %(what)s: %(label)s.",
                n=many,
                of=of,
                what=words,
                label=telling(labels.get(top, top)),
            ),
            (telling("look whether the inbox has others"),),
        )


def _repeats(
    news: Sequence[Pick], articles: Mapping[int, Sequence[ArticleRow]]
) -> Iterator[Finding]:
    """Items whose story recalls one that an earlier issue has told."""
    cases: dict[str, Pick] = {}
    for pick in news:
        story = pick.story
        if story is None:
            continue
        if story.case and story.case in cases:
            other = cases[story.case]
            why = telling("This and “%(other)s” follow the same case.", other=other)
            yield Finding(
                "repeat-in-issue", Severity.HINT,
                Where("summary", pick.uid, pick.section_id, label=str(pick), text=why), why,
                (telling("join them into one item"),), kind="balance",
            )  # fmt: skip
        elif story.case:
            cases[story.case] = pick
        if story.recalls:
            why = telling("An earlier story tells of the same event or case: readers may know it.")
            yield Finding(
                "repeat-of-earlier", Severity.HINT,
                Where("summary", pick.uid, pick.section_id, label=str(pick), text=why), why,
                (telling("say what is new"),), kind="balance",
            )  # fmt: skip
