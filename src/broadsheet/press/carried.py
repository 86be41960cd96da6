"""Pictures that travel inside a print: a Mailchimp campaign, a PDF. The press fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from broadsheet.press.house import House
from broadsheet.press.proof import allowed
from broadsheet.wire.edition import Edition, Image, Item, Section

# How files of these kinds begin; what begins otherwise is no picture and is not carried.
ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


def _ending(data: bytes | None) -> str | None:
    return next((e for start, e in ENDINGS.items() if data and data.startswith(start)), None)


def with_logo(
    house: House, pictures: Mapping[str, bytes], place: str
) -> tuple[House, dict[str, bytes]]:
    """The house style with its logo named `place` + file, and that file; without a logo where its bytes
    are not among the pictures."""
    data = pictures.get(house.logo or "")
    ending = _ending(data)
    if data is None or ending is None:
        return replace(house, logo=None), {}
    return replace(house, logo=f"{place}logo.{ending}"), {f"logo.{ending}": data}


def carried(
    edition: Edition, today: date | None, pictures: Mapping[str, bytes], place: str
) -> tuple[Edition, dict[str, bytes]]:
    """The edition with its permitted pictures named `place` + file, and those files.

    `pictures` gives the bytes of pictures by their address. One that is missing, is no picture or has
    no permission that holds on `today` loses its permission, so that it is printed as its caption and
    credit.
    """
    files: dict[str, bytes] = {}

    def with_image(image: Image) -> Image:
        data = pictures.get(image.url or "")
        ending = _ending(data)
        if not allowed(image, today) or data is None or ending is None:
            return replace(image, permission=None)
        name = f"picture-{len(files) + 1}.{ending}"
        files[name] = data
        return replace(image, url=place + name)

    def with_item(item: Item) -> Item:
        return replace(item, images=tuple(with_image(image) for image in item.images))

    def with_section(section: Section) -> Section:
        return replace(section, items=tuple(with_item(item) for item in section.items))

    return replace(edition, sections=tuple(with_section(s) for s in edition.sections)), files
