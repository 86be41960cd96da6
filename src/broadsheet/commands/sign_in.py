"""`broadsheet sign-in`: a one-time link, printed on the machine."""

from __future__ import annotations

import click


@click.command("sign-in")
@click.argument("name", required=False)
@click.option("--new", is_flag=True, help="Make the editor where there is none of that name.")
@click.option("--role", default="editor", help="administrator, editor, contributor or reader.")
@click.option(
    "--without-factor",
    is_flag=True,
    help="Take the second factor off first: for who lost phone and recovery codes.",
)
def command(name: str | None, new: bool, role: str, without_factor: bool) -> None:
    """Print a one-time link that signs an editor in.

    The link works once, within twelve hours, for whoever has it. Who has a second factor is asked
    for it as well.

    \b
    Example:
      broadsheet sign-in Ada
      broadsheet sign-in Ada --new --role administrator
      broadsheet sign-in Ada --without-factor
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.people import doors, factors
    from broadsheet.people.models import Editor

    names = list(
        Editor.objects.filter(is_active=True).order_by("joined").values_list("name", flat=True)
    )
    if name is None:
        if len(names) != 1:
            raise click.ClickException(
                f"Whose link? The editors are: {', '.join(names)}."
                if names
                else "There are no editors yet. Make one: broadsheet sign-in NAME --new"
            )
        name = names[0]
    if role not in Editor.Role.values:
        raise click.ClickException(f"{role!r} is not a role: {', '.join(Editor.Role.values)}.")
    editor = Editor.objects.filter(name=name).first()
    if editor is None:
        if not new:
            raise click.ClickException(
                f"There is no editor {name!r}; there are {', '.join(names) or 'none'}. "
                f"To make one: broadsheet sign-in {name!r} --new"
            )
        editor = Editor.objects.create_user(name, role=role)
    now = timezone.now()
    if without_factor:
        factors.off(editor)
        doors.note(None, "took a second factor off", str(editor), now, "on the desk's machine")
    doors.note(None, "made a link", f"to sign in as {editor}", now, "on the desk's machine")
    token = doors.link_for(editor, now)
    click.echo(f"{settings.ADDRESS}/desk/sign-in/{token}/")
