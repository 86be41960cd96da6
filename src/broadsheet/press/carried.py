"""Pictures that travel inside a print: a Mailchimp campaign, a PDF. The press fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from broadsheet.press.proof import allowed
from broadsheet.wire.edition import Edition, Image, Item, Section

# How files of these kinds begin; what begins otherwise is no picture and is not carried.
ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


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
        ending = next((e for start, e in ENDINGS.items() if data and data.startswith(start)), None)
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
