"""`broadsheet measure WHAT FILE`: the quality of a stage, with counts. One module for each WHAT."""

from __future__ import annotations

import importlib

import click

# WHAT -> what it prints; the command is `command` in broadsheet.commands.measure_WHAT
WHAT = {
    "judge": "Precision, recall, F1 and average precision of the judge on labelled headlines.",
    "tag": "Micro-F1 for each axis of the taxonomy on labelled rows.",
    "facts": "Exact-match precision and recall for each field of the facts.",
    "group": "B-cubed and pairwise precision, recall and F1 of stories on labelled rows.",
    "summarise": "Summaries beside the first sentences, with the share of sentences found in their article.",
    "wording": "Precision and recall of the wording rules on marked sentences.",
}


class Measures(click.Group):
    """Imports the measure that was asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(WHAT)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in WHAT:
            return None
        found: click.Command = importlib.import_module(
            f"broadsheet.commands.measure_{cmd_name}"
        ).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("WHAT"):
            formatter.write_dl(list(WHAT.items()))


@click.command("measure", cls=Measures)
def command() -> None:
    """Print the quality figures of a stage on labelled rows.

    \b
    Example:
      broadsheet measure judge relevance.jsonl.gz
    """
