"""The directive `commands`: all commands with their options, as the program itself tells of them.

Read from the commands when the site is built, so that the page cannot say anything else than they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from broadsheet import cli


class Commands(SphinxDirective):
    """`{commands}`: takes nothing, gives a section for each group of commands."""

    def run(self) -> list[nodes.Node]:
        made: list[nodes.Node] = self.parse_text_to_nodes(
            "\n".join(pages()), allow_section_headings=True
        )
        return made


def pages() -> Iterator[str]:
    """The page's Markdown, line by line."""
    for heading, group in cli.COMMANDS.items():
        yield f"## {heading}\n"
        for name, purpose in group.items():
            yield from _one(name, purpose)


def _one(name: str, purpose: str) -> Iterator[str]:
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None, name
    with click.Context(command, info_name=f"broadsheet {name}") as context:
        yield f"### broadsheet {name}\n"
        yield f"{purpose}\n"
        yield "```text"
        yield command.get_help(context).rstrip()
        yield "```\n"


def setup(app: Sphinx) -> dict[str, Any]:
    """Give Sphinx the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
