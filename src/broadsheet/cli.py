"""The one command. Imports nothing of a subcommand before that subcommand is asked for."""

from __future__ import annotations

import importlib
import keyword
import sys

import click

from broadsheet import __version__

# name -> what it is for. The module of a command is broadsheet.commands.NAME with `_` for `-`,
# and the command in it is called `command`. Grouped as `--help` shows them.
COMMANDS: dict[str, dict[str, str]] = {
    "The desk": {
        "start": "Set up what is missing, then serve the desk and do what is due.",
        "collect": "Fetch what the sources have printed and take it in.",
        "draft": "Draft the issue of a month from what was collected.",
        "publish": "Freeze an issue into an edition.",
        "send": "Send an edition by mail, or a test of it.",
        "bounce": "Take a mail that came back, from standard input.",
        "work": "Do what is due, once or until stopped.",
        "import": "Take articles, pages or feeds from files into the desk.",
        "import-issues": "Read past newsletters for the archive, or a colleague's for the inbox.",
        "import-subscribers": "Show what a list of subscribers would change, then take it in.",
        "withdraw": "Take an item, a picture or words back everywhere.",
        "erase": "Take an article out for good, and say where to report it.",
        "export": "Write the archive down, for another desk or as pages in a folder.",
        "import-archive": "Take an archive that another desk exported.",
        "sign-in": "Print a one-time link that signs an editor in.",
        "backup": "Write the whole desk into one encrypted file.",
        "restore": "A desk from its backup, on any machine and either database.",
        "upgrade": "Bring the desk's data up to the installed version, or leave them as they were.",
        "doctor": "Say what is wrong and how to mend it.",
    },
    "Filters, one object a line": {
        "fetch": "Feeds, sitemaps, pages or folders -> pages.",
        "read": "Pages -> articles.",
        "judge": "Articles -> what belongs on the beat, and why.",
        "tag": "Articles -> codes and places, with evidence.",
        "group": "Articles -> stories: lead, reports, copies.",
        "rank": "Articles with verdict, codes, story -> stories in order.",
        "summarise": "Articles -> a summary for each story.",
        "facts": "Articles -> who, how many, where, at which stage, on whose word.",
        "wording": "Texts -> wording that may harm, mislead or give somebody away.",
        "line": "Pages or articles -> stories, all stages at once.",
    },
    "Archives": {
        "scan": "Web archives -> the articles on the beat, with verdicts.",
        "replay": "Findings -> the issue that a past month would have had.",
    },
    "Issues": {
        "parse-issue": "A past newsletter -> an issue as JSON.",
        "print": "An issue -> mail, text, web page, PDF, feed.",
    },
    "Quality": {
        "measure": "The quality figures of a stage on labelled rows.",
    },
}


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for group in COMMANDS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        module = (
            f"broadsheet.commands.{name}_"
            if keyword.iskeyword(name)
            else f"broadsheet.commands.{name}"
        )
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name and not error.name.startswith("broadsheet"):
                raise click.ClickException(
                    f"`broadsheet {cmd_name}` needs {error.name}, which is not installed. "
                    "The desk's half comes with: pip install 'broadsheet[desk]'"
                ) from error
            raise
        command: click.Command = found.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, group in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl(list(group.items()))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadsheet")
def cli() -> None:
    """Turn a month's news on a cause into a newsletter that does good and no harm.

    \b
    Every command has help with an example: broadsheet judge --help
    A first look, with a sample month: broadsheet start --sample
    """


def main() -> None:
    """The entry point. A reader that goes away (`| head`) ends the run quietly."""
    try:
        cli()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(141) from None  # 128 + SIGPIPE, as a shell would say


if __name__ == "__main__":
    main()
