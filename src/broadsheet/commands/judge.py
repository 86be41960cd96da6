"""`broadsheet judge`: articles in, the same with their verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from broadsheet.filters import Row, Stream, beat_option, each, filter_options
from broadsheet.wire.beat import Beat


@click.command("judge")
@filter_options
@beat_option
def command(files: tuple[str, ...], names: Mapping[str, str], beat: Beat) -> None:
    """Say which articles belong on the beat, how sure that is, and why.

    Adds relevant, band (relevant, unsure, off_beat), score (a probability), near_miss and evidence
    with the place of each phrase; notes where something could not be judged. Drops nothing. Where
    BROADSHEET_JUDGE_URL names an endpoint, it is asked about what is unsure (docs/settings.md).

    \b
    Example:
      echo '{"id":1,"headline":"Nine freed from forced labour on a fishing boat"}' | broadsheet judge
    """
    from broadsheet.commands import shared
    from broadsheet.wire import judge, model

    learned = judge.load_model(beat)
    second = shared.second_opinion(beat)

    def work(row: Row, at: str) -> Iterable[Row]:
        verdict = judge.judge(model.article_from(row, at=at), beat, learned, second)
        answer = model.row(verdict)
        notes = answer.pop("notes")
        made = {**row, "relevant": verdict.relevant, **answer}
        yield {**made, "notes": notes} if notes else made

    try:
        each(Stream(files, names), work)
    finally:
        if second is not None:
            click.echo(second.says(), err=True)
