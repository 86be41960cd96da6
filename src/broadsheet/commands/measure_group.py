"""`broadsheet measure group`: how well articles are put into stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from broadsheet.filters import Stream, filter_options
from broadsheet.wire.errors import WireError

# The keys that labelled sets use for the same thing.
_EVENT = ("event", "cluster", "gold", "story")
_KEYS = (("title", "headline"), ("date", "published"))


@click.command("group")
@filter_options
@click.option(
    "--across/--no-across",
    default=True,
    help="Learn our weights anew from FILE without the fold that is scored (slow above 1,000 rows).",
)
def command(files: tuple[str, ...], names: Mapping[str, str], across: bool) -> None:
    """Print B-cubed and pairwise precision, recall and F1 of stories, with counts.

    Rows have a headline or title, perhaps text, date and source, and `event` or `cluster`: rows of
    one event are one story. A `case` gathers events; then cases are scored too, and no case is torn
    apart in cross-validation. Sets with texts are scored twice, by headlines alone and with texts.

    Beside ours stand: headlines by the Jaccard index of their words, TF-IDF with average link (each
    with the threshold that is best on this very set, and with one chosen on other folds), and
    datasketch's MinHashLSH where it is installed. "learned elsewhere" is `broadsheet group` as it
    comes; where FILE is one of the sets it was trained on, believe the cross-validated line instead.
    The interval is of the B-cubed F1, cases drawn with replacement.

    \b
    Example:
      broadsheet measure group clusters/domain-events-dev.jsonl
    """
    from broadsheet.wire.group.fitting import Labelled
    from broadsheet.wire.model import Article, article_from

    stream = Stream(files, {**dict(_KEYS), **names}, "rows")
    articles: list[Article] = []
    events: list[str] = []
    cases: list[str] = []
    has_cases = False
    for at, row in stream.rows():
        event = next((row[key] for key in _EVENT if row.get(key) not in (None, "")), None)
        if event is None:
            stream.skip(at, "There is no event or cluster to compare with")
            continue
        try:
            article = article_from(row, at=at)
        except WireError as error:
            stream.skip(at, error.what)
            continue
        articles.append(article)
        events.append(str(event))
        has_cases |= row.get("case") not in (None, "")
        cases.append(str(row.get("case") or event))
    if len(articles) < 2:
        raise click.ClickException("There are fewer than two labelled rows.")
    given = Labelled(tuple(articles), tuple(events), tuple(cases))
    told = sum(len(a.text.split()) >= 20 for a in articles)
    click.echo(
        f"{len(articles):,} articles, {len(set(events)):,} events"
        + (f", {len(set(cases)):,} cases" if has_cases else "")
        + f"; {told:,} with a text, {sum(a.published is None for a in articles):,} without a date."
    )
    together = Counter(zip(cases, events, strict=True))
    joined = {case for (case, _), count in together.items() if count > 1}
    if across and len(joined) < LEAST:
        across = False
        click.echo(
            f"Only {len(joined)} cases have an event of two articles or more: too few to learn on other "
            f"folds ({LEAST} are needed), so those lines are left out."
        )
    if told < len(articles):
        _events("Events", given, across)
    if told:
        from dataclasses import replace

        bare = [replace(a, text="") if a.headline.strip() else a for a in articles]
        _events("Events, headlines only", replace(given, articles=tuple(bare)), across)
        if told == len(articles):
            _events("Events, with texts", given, across)
    if has_cases:
        _cases(given, across)
    stream.close()


LEAST = 10  # cases with something to join: two for each of five folds
_HEAD = (
    f"{'':52}{'B-cubed':>8}{'':>14}{'':>15}{'pairs':>9}{'':>27}{'stories':>9}\n"
    f"{'':52}{'P':>7}{'R':>7}{'F1':>7}{'95 % of F1':>15}{'P':>7}{'R':>7}{'F1':>7}"
    f"{'right/found/gold':>20}{'found':>7}{'gold':>6}"
)


def _line(name: str, made: Any, span: tuple[float, float] | None = None) -> None:
    within = f"{span[0]:.3f} to {span[1]:.3f}" if span else ""
    counts = f"{made.pairs_right:,}/{made.pairs_found:,}/{made.pairs_gold:,}"
    click.echo(
        f"{name:52}{made.b3_precision:7.3f}{made.b3_recall:7.3f}{made.b3:7.3f}{within:>15}"
        f"{made.pair_precision:7.3f}{made.pair_recall:7.3f}{made.pair:7.3f}{counts:>20}"
        f"{made.found:7,}{made.gold:6,}"
    )


def _events(title: str, given: Any, across: bool) -> None:
    from broadsheet.wire import group
    from broadsheet.wire.measure import group as measure

    click.echo(f"\n{title}\n{_HEAD}")
    gold, units = given.events, given.units

    def line(name: str, labels: Any) -> None:
        made = measure.figures(gold, labels)
        _line(name, made, measure.interval(gold, labels, units))

    story = {id(m.article): m.story for m in group.group(given.articles)}
    line("broadsheet group, learned elsewhere", [story[id(a)] for a in given.articles])
    if across and len(given.articles) <= 1500:
        made, _ = measure.join_across(given)
        _line("broadsheet group, learned on FILE's other folds", made)
    if len(given.articles) > 6000:
        click.echo(
            "More than 6,000 rows: the ways to compare with look at every pair, so not here."
        )
        return
    for name, distances in (
        ("headlines' words, Jaccard, average link", measure.titles(given.articles)),
        ("TF-IDF, average link", measure.tfidf(given.articles)),
    ):
        best = measure.best_threshold(distances, gold)
        line(f"{name}, best threshold {best:.2f}", measure.average_link(distances, best))
        made, _ = measure.threshold_across(distances, gold, units)
        _line(f"{name}, threshold of other folds", made)
    labels = measure.minhash(given.articles)
    if labels is None:
        click.echo("datasketch is not installed: pip install datasketch")
    else:
        line("datasketch MinHashLSH, threshold 0.5, chained", labels)


def _cases(given: Any, across: bool) -> None:
    from broadsheet.wire import group
    from broadsheet.wire.measure import group as measure

    click.echo(f"\nCases: stories that follow on each other\n{_HEAD}")
    found = {id(m.article): m.case or m.story for m in group.group(given.articles)}
    labels = [found[id(a)] for a in given.articles]
    made = measure.figures(given.units, labels)
    _line(
        "broadsheet group, learned elsewhere",
        made,
        measure.interval(given.units, labels, given.units),
    )
    if across and len(given.articles) <= 1500:
        made, _ = measure.join_across(given, cases=True)
        _line("broadsheet group, learned on FILE's other folds", made)
    if len(given.articles) > 6000:
        return
    distances = measure.tfidf(given.articles)
    best = measure.best_threshold(distances, given.units)
    made = measure.figures(given.units, measure.average_link(distances, best))
    _line(f"TF-IDF, average link, best threshold {best:.2f}", made)
    made, _ = measure.threshold_across(distances, given.units, given.units)
    _line("TF-IDF, average link, threshold of other folds", made)
