"""Pictures that may be printed, kept by the desk itself.

A permitted picture is fetched once, opened, and saved anew: so our pages and mails ask nobody else,
no outlet learns who reads what, and what a camera wrote into the file (place, time, owner) is left
behind. Files are named by what they hold and lie under `pictures/` in the desk's folder.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q
from PIL import Image, ImageCms, ImageOps

from broadsheet import front
from broadsheet.issues import compose
from broadsheet.issues.models import Edition, Issue, Pick
from broadsheet.press.house import House
from broadsheet.wire.collect.fetcher import Fetched, Limits
from broadsheet.wire.edition import Edition as Printed
from broadsheet.wire.edition import Item
from broadsheet.wire.errors import CollectError

ADDRESS = "/pictures/"  # below the desk's own address; the press makes it whole for mail
NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|png)")
WIDEST = 1600  # pixels: twice the widest column of any print, for fine screens
# A file of some kilobytes can unpack to gigabytes. The largest press cameras have 61 million pixels
# (9504 x 6336 and 9600 x 6376).
MOST_PIXELS = 62_000_000
UPLOAD = 40_000_000  # bytes of a file that somebody hands us: 61 million pixels as a fine JPEG
LIMITS = Limits(seconds=20.0, bytes=25_000_000, redirects=6)
# What outlets print; each reader more is a risk more.
KINDS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_ASKED = "image/jpeg, image/png, image/webp, image/avif, image/gif;q=0.8"
_QUALITY = 84  # JPEG: no visible loss in photographs at this size
GRACE = 30 * 86_400.0  # seconds that a picture outlives its removed item, which may be put back


class PictureError(Exception):
    """The picture cannot be kept; `str()` says why, in a sentence for the editor."""


class Web(Protocol):
    """What pictures are fetched from: the Fetcher, or a folder that stands for the web."""

    def get(self, url: str, *, limits: Limits | None = None, kind: str = ...) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as we print it: its bytes, its ending ("jpg" or "png"), its size in pixels."""

    body: bytes
    ending: str
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{hashlib.sha256(self.body).hexdigest()}.{self.ending}"


def folder() -> Path:
    return Path(settings.HOME) / "pictures"


def file(name: str) -> Path | None:
    """The file of a kept picture; None where there is none of that name."""
    path = folder() / name
    return path if NAME.fullmatch(name) and path.is_file() else None


def kept(url: str | None) -> bool:
    """Whether an address is that of a picture which we keep and still have."""
    return bool(url and url.startswith(ADDRESS) and file(url.removeprefix(ADDRESS)))


def placed(edition: Printed, *, elsewhere: bool = False) -> Printed:
    """The edition with our pictures where they are served: below the path that the desk stands at now.

    It is kept without that path, so that an old edition is whole after the desk has moved.
    `elsewhere` writes the desk's address too, for prints that are read on another host.
    """
    if not (settings.PATH or elsewhere):
        return edition
    sections = tuple(
        replace(section, items=tuple(_placed(item, elsewhere) for item in section.items))
        for section in edition.sections
    )
    return replace(edition, sections=sections)


def carried(edition: Printed, house: House) -> dict[str, bytes]:
    """The bytes of the edition's kept pictures and of the logo by address, for prints that bear them: PDF,
    a zip.

    `edition` is one as it is kept, not one that was `placed`, and `house` is without the desk's address.
    """
    urls = [image.url for item in edition.items() for image in item.images]
    names = {
        url: url.removeprefix(ADDRESS)
        for url in (house.logo, *urls)
        if url and url.startswith(ADDRESS)
    }
    return {url: path.read_bytes() for url, name in names.items() if (path := file(name))}


def _placed(item: Item, elsewhere: bool) -> Item:
    def address(url: str) -> str:
        at = front.own(url)
        return front.whole(at) if elsewhere and url.startswith("/") else at

    images = tuple(replace(one, url=one.url and address(one.url)) for one in item.images)
    return replace(item, images=images)


def keep(chosen: Pick, web: Web) -> Pick:
    """Fetch the permitted picture of a pick and let the pick show our own copy of it.

    Called after `compose.permit`, outside any transaction. A picture that is kept already is not
    fetched again. PictureError where it cannot be fetched or opened: the permission stays
    recorded, and caption and credit are printed alone.
    """
    image = chosen.images[0] if chosen.images else {}
    if not image.get("permission") or kept(image.get("url")):
        return chosen
    url = str(image.get("source_url") or image.get("url") or "")
    if not url:
        raise PictureError("No address of the picture is known, so there is nothing to fetch.")
    try:
        came = web.get(url, limits=LIMITS, kind=_ASKED)
    except CollectError as error:
        raise PictureError(f"The picture could not be fetched: {error}") from error
    made = opened(came.body)
    _write(made)
    return compose.illustrate(
        chosen, image.get("url"), ADDRESS + made.name, url, made.width, made.height
    )


class Handed(Protocol):
    """A file as it was handed over."""

    size: int | None

    def read(self) -> bytes: ...


def uploaded(file: Handed) -> dict[str, Any]:
    """Keep a picture that an editor handed over; what a pick keeps of it: address, width, height.

    Made anew from its pixels, so that a file which is a picture and something else at once keeps only
    the picture. PictureError where it cannot be opened.
    """
    if (file.size or 0) > UPLOAD:
        raise PictureError(
            f"The file has {(file.size or 0) / 1e6:.0f} million bytes; at most {UPLOAD // 10**6} million "
            "are taken. Save it smaller and hand it over again."
        )
    made = opened(file.read())
    _write(made)
    return {
        "url": ADDRESS + made.name,
        "source_url": None,
        "width": made.width,
        "height": made.height,
    }


def opened(body: bytes) -> Made:
    """A picture as we print it, made anew from its pixels: upright, at most `WIDEST` wide, with no
    metadata. An animation gives its first frame.

    PNG where it is see-through or smaller so, as drawings are; else JPEG. PictureError where it is no
    picture, one of a kind that we do not open, or one with too many pixels.
    """
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        raise PictureError(
            "The picture is an SVG drawing, which may hold scripts and asks other sites for its parts. "
            "Ask for it as PNG or JPEG."
        )
    if start.startswith(b"<"):
        raise PictureError("A web page came instead of a picture. Look whether the address moved.")
    try:
        with Image.open(io.BytesIO(body), formats=_kinds()) as found:
            if found.width * found.height > MOST_PIXELS:
                raise PictureError(_too_large(found.width, found.height))
            # A JPEG can be unpacked at a half or a quarter of its size: a large one then needs a
            # twentieth of the memory.
            found.draft(None, (WIDEST * 2, WIDEST * 2))
            return _made(found)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            f"The picture has far more than {MOST_PIXELS // 10**6} million pixels, which is no press "
            "picture. Nothing was unpacked."
        ) from error
    except PictureError:
        raise
    # Pillow raises whatever its readers meet in a broken file: OSError, SyntaxError, struct.error ...
    except Exception as error:
        raise PictureError(
            "What came is no picture that can be opened (JPEG, PNG, WebP, AVIF and GIF can)."
        ) from error


def _kinds() -> list[str]:
    Image.init()
    return [kind for kind in KINDS if kind in Image.OPEN]


def _too_large(width: int, height: int) -> str:
    return (
        f"The picture has {width:,} × {height:,} pixels; more than {MOST_PIXELS // 10**6} million "
        "are not opened. Ask for a smaller one."
    )


def _made(found: Image.Image) -> Made:
    first: Image.Image = ImageOps.exif_transpose(found)  # turned as the camera's note says
    clear = first.has_transparency_data
    shown = _plain(first, "RGBA" if clear else "RGB")
    if shown.width > WIDEST:
        high = max(1, round(shown.height * WIDEST / shown.width))
        shown = shown.resize((WIDEST, high), Image.Resampling.LANCZOS)
    drawn = _saved(shown, "PNG", optimize=True)
    if clear:
        return Made(drawn, "png", shown.width, shown.height)
    photo = _saved(shown, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    body, ending = (drawn, "png") if len(drawn) <= len(photo) else (photo, "jpg")
    return Made(body, ending, shown.width, shown.height)


def _plain(first: Image.Image, mode: str) -> Image.Image:
    """In sRGB, which is what a picture without a profile is taken for."""
    profile = first.info.get("icc_profile")
    if profile and first.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            turned = ImageCms.profileToProfile(
                first,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if first.mode == "RGBA" else "RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile: the colours as they stand
        else:
            if turned is not None:
                first = turned
    return first.convert(mode)


def _saved(shown: Image.Image, kind: str, **how: Any) -> bytes:
    # A new picture from the pixels alone: a writer cannot copy along what it never saw.
    bare = Image.new(shown.mode, shown.size)
    bare.paste(shown)
    out = io.BytesIO()
    bare.save(out, kind, **how)
    return out.getvalue()


def _write(made: Made) -> None:
    path = folder() / made.name
    if path.exists():
        path.touch()  # its grace begins again
        return
    folder().mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{time.monotonic_ns()}")
    half.write_bytes(made.body)
    half.replace(path)


# --- letting go ----------------------------------------------------------------------------------


def remove(name: str) -> bool:
    """Take a picture off the desk: its address answers 404 from now on."""
    path = file(name)
    if path is None:
        return False
    path.unlink()
    return True


def sweep(today: date) -> list[str]:
    """Remove pictures whose last permission has ended, and those that no issue names any more.

    The latter after thirty days, since a removed item can be put back. Safe to run again.
    """
    permitted: dict[str, bool] = {}
    for image in _named():
        name = str(image.get("url") or "").removeprefix(ADDRESS)
        permitted[name] = permitted.get(name, False) or _holds(image, today)
    gone = []
    for path in sorted(folder().glob("*")) if folder().is_dir() else ():
        old = time.time() - path.stat().st_mtime > GRACE
        if not permitted.get(path.name, not old):
            path.unlink(missing_ok=True)
            gone.append(path.name)
    return gone


def _named() -> Iterator[dict[str, Any]]:
    """The images of all drafts and of all editions that went out."""
    making = Q(issue__state=Issue.State.DRAFT) | Q(issue__correcting__isnull=False)
    for images in Pick.objects.filter(making).values_list("images", flat=True):
        yield from images
    for content in Edition.objects.values_list("content", flat=True).iterator():
        for section in content.get("sections", ()):
            for item in section.get("items", ()):
                yield from item.get("images", ())


def _holds(image: dict[str, Any], today: date) -> bool:
    permission = image.get("permission") or {}
    until = permission.get("until")
    return bool(permission) and (until is None or str(until) >= today.isoformat())
