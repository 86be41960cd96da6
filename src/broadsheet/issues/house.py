"""The house style of a newsletter: kept with it, the same in every print.

Only what differs from the press's own style is kept, so that a better default reaches everybody who
has not chosen otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import msgspec
import yaml
from django.db import IntegrityError, transaction

from broadsheet.issues.models import Newsletter
from broadsheet.press.house import House, from_fields

PLAIN = House()


class NameTakenError(Exception):
    """Another newsletter of this desk has the name; `str()` is the name."""


def of(newsletter: Newsletter | None, base_url: str = "") -> House:
    """How a newsletter's prints look.

    base_url  the desk's address, for prints that are read elsewhere: with it the logo is found
    """
    kept = newsletter.house if newsletter else {}
    known = {field.name for field in fields(House)}
    house = from_fields({k: v for k, v in kept.items() if k in known}, at=str(newsletter))
    if newsletter is not None and not house.organisation:
        house = replace(house, organisation=newsletter.organisation)
    if house.logo and house.logo.startswith("/"):
        house = replace(house, logo=base_url + house.logo)
    return house


@transaction.atomic
def lay_down(newsletter: Newsletter, given: Mapping[str, object], name: str) -> House:
    """Keep a style and give the newsletter its name: both, or where one is refused neither.

    PressError where the style cannot be read; NameTakenError where another newsletter has the name.
    """
    locked = Newsletter.objects.select_for_update().get(pk=newsletter.pk)
    style = keep(locked, given)
    rename(locked, name)
    return style


def rename(newsletter: Newsletter, name: str) -> None:
    """Give a newsletter another name. Issues that are out keep theirs, and readers' mail programs know
    it by the same List-Id as before. NameTakenError where another newsletter has it."""
    if name == newsletter.name:
        return
    newsletter.label = newsletter.list_label
    newsletter.name = name
    try:
        with transaction.atomic():
            newsletter.save(update_fields=["name", "label"])
    except IntegrityError as error:  # the constraint is asked, since another may take it meanwhile
        raise NameTakenError(name) from error


def as_yaml(newsletter: Newsletter, base_url: str = "") -> str:
    """The same as a file that `broadsheet print --house` takes; every setting stands in it."""
    text: str = yaml.safe_dump(
        msgspec.to_builtins(of(newsletter, base_url)), allow_unicode=True, sort_keys=False
    )
    return text


def keep(newsletter: Newsletter, given: Mapping[str, object]) -> House:
    """Keep a style, field by field as `House` names them. PressError where it cannot be read."""
    house = from_fields(given, at=str(newsletter))
    newsletter.house = {
        field.name: value
        for field in fields(House)
        if (value := getattr(house, field.name)) != getattr(PLAIN, field.name)
    }
    newsletter.save(update_fields=["house"])
    return house
