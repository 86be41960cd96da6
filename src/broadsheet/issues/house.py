"""The house style of a newsletter: kept with it, the same in every print.

Only what differs from the press's own style is kept, so that a better default reaches everybody who
has not chosen otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import msgspec
import yaml

from broadsheet.issues.models import Newsletter
from broadsheet.press.house import House, PressError

PLAIN = House()


def of(newsletter: Newsletter | None, base_url: str = "") -> House:
    """How a newsletter's prints look.

    base_url  the desk's address, for prints that are read elsewhere: with it the logo is found
    """
    kept = newsletter.house if newsletter else {}
    known = {field.name for field in fields(House)}
    try:
        house = msgspec.convert({k: v for k, v in kept.items() if k in known}, House)
    except msgspec.ValidationError as error:
        raise PressError(
            "The kept house style has a value of the wrong kind",
            at=str(newsletter),
            hint="Lay the house style down anew.",
        ) from error
    if newsletter is not None and not house.organisation:
        house = replace(house, organisation=newsletter.organisation)
    if house.logo and house.logo.startswith("/"):
        house = replace(house, logo=base_url + house.logo)
    return house


def rename(newsletter: Newsletter, name: str) -> None:
    """Give a newsletter another name. Issues that are out keep theirs, and readers' mail programs know
    it by the same List-Id as before. `name` is nobody else's."""
    if name == newsletter.name:
        return
    newsletter.label = newsletter.list_label
    newsletter.name = name
    newsletter.save(update_fields=["name", "label"])


def as_yaml(newsletter: Newsletter, base_url: str = "") -> str:
    """The same as a file that `broadsheet print --house` takes; every setting stands in it."""
    text: str = yaml.safe_dump(
        msgspec.to_builtins(of(newsletter, base_url)), allow_unicode=True, sort_keys=False
    )
    return text


def keep(newsletter: Newsletter, given: Mapping[str, object]) -> House:
    """Keep a style, field by field as `House` names them. PressError where it cannot be read."""
    house = msgspec.convert(dict(given), House)
    newsletter.house = {
        field.name: value
        for field in fields(House)
        if (value := getattr(house, field.name)) != getattr(PLAIN, field.name)
    }
    newsletter.save(update_fields=["house"])
    return house
