"""Permitted pictures: fetched once, saved anew without what the camera wrote, kept by the desk."""

from __future__ import annotations

import io
import os
import struct
import zlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from broadsheet.issues import compose, pictures
from broadsheet.issues.models import Pick
from broadsheet.press.email import email
from broadsheet.press.web import web
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.errors import CollectError
from tests import make

NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
URL = "https://news.example/bridge.jpg"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


class Web:
    """One picture, and how often it was asked for."""

    def __init__(self, body: bytes | None) -> None:
        self.body, self.asked = body, 0

    def get(self, url: str, **_: Any) -> Fetched:
        self.asked += 1
        if self.body is None:
            raise CollectError("The server has no such page", at=url, reason="not_found")
        return Fetched(url, url, 200, {}, self.body, NOW)


def drawn(
    kind: str = "JPEG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **how: Any
) -> bytes:
    """A picture with a soft gradient, as a photograph has."""
    grey = Image.linear_gradient("L").resize(size)
    out = io.BytesIO()
    grey.convert(mode).save(out, kind, **how)
    return out.getvalue()


def with_place() -> bytes:
    """A photograph that says where it was taken, by whom, and that it lies on its side."""
    notes = Image.Exif()
    notes[0x0112] = 6  # turned by a quarter
    notes[0x013B] = "A. Person"
    notes.get_ifd(0x8825).update({1: "N", 2: (22.0, 11.0, 44.0), 3: "E", 4: (113.0, 32.0, 22.0)})
    return drawn(exif=notes)


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def pictured(**but: Any) -> Pick:
    """An item whose picture has a permission."""
    issue = make.issue()
    made = compose.pick(make.story(), issue.sections.last(), None, NOW)
    image = {
        "url": URL,
        "alt": "A bridge",
        "caption": "The bridge",
        "credit": "AFP",
        "licence": None,
    }
    made = compose.edit(made, made.turn, None, NOW, images=[image | {"permission": None} | but])
    return compose.permit(made, made.turn, make.editor(), NOW, "Mail of the agency", None)


def test_what_the_camera_wrote_is_left_behind_and_the_picture_stands_upright() -> None:
    given = with_place()
    assert b"Exif" in given
    made = pictures.opened(given)
    with Image.open(io.BytesIO(made.body)) as kept:
        assert dict(kept.getexif()) == {}
        assert "exif" not in kept.info
        assert kept.size == (200, 400) == (made.width, made.height)
    assert b"A. Person" not in made.body


def test_a_wide_picture_is_made_as_wide_as_we_print() -> None:
    made = pictures.opened(drawn(size=(3200, 100)))
    assert (made.width, made.height) == (1600, 50)
    assert pictures.opened(drawn(size=(200, 3000))).width == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_usual_kinds_become_jpeg_or_png(kind: str) -> None:
    made = pictures.opened(drawn(kind))
    assert made.ending in ("jpg", "png")
    assert pictures.NAME.fullmatch(made.name)
    assert made == pictures.opened(drawn(kind))


def test_what_is_see_through_stays_so() -> None:
    made = pictures.opened(drawn("PNG", mode="RGBA"))
    assert made.ending == "png"


def test_print_colours_become_screen_colours() -> None:
    made = pictures.opened(drawn(mode="CMYK"))
    with Image.open(io.BytesIO(made.body)) as kept:
        assert kept.mode == "RGB"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- drawn --><svg/>", "SVG"),
        (b"\xef\xbb\xbf <html><body>Not found</body></html>", "web page"),
        (b"Just words in a file that is named bridge.jpg", "no picture"),
        (drawn()[:300], "no picture"),
        (b"", "no picture"),
        (bomb(9_000, 9_000), "62 million"),
        (bomb(30_000, 30_000), "62 million"),
        (bomb(10_000, 9_500), "62 million"),
    ],
    ids=[
        "svg",
        "svg behind xml",
        "page",
        "text",
        "cut short",
        "nothing",
        "large",
        "bomb",
        "warned",
    ],
)
def test_what_is_no_press_picture_is_refused_in_words(body: bytes, word: str) -> None:
    with pytest.raises(pictures.PictureError, match=word):
        pictures.opened(body)


@pytest.mark.django_db
def test_a_permitted_picture_is_fetched_once_and_printed_from_the_desk() -> None:
    given, internet = pictured(), Web(drawn())
    kept = pictures.keep(given, internet)
    image = kept.images[0]
    assert image["source_url"] == URL
    assert pictures.kept(image["url"])
    assert (image["width"], image["height"]) == (400, 200)
    assert image["permission"]["basis"] == "Mail of the agency"
    assert pictures.keep(Pick.objects.get(pk=kept.pk), internet).turn == kept.turn
    assert internet.asked == 1
    edition = compose.preview(kept.issue)
    page = web(edition, url="https://desk.example/editions/1/")
    assert f'<img src="{image["url"]}"' in page
    assert f'content="https://desk.example{image["url"]}"' in page
    mail = email(edition, base_url="https://desk.example")
    assert f'src="https://desk.example{image["url"]}"' in mail
    assert 'width="400" height="200"' in mail


@pytest.mark.django_db
@pytest.mark.parametrize("body", [None, b"words"])
def test_where_it_cannot_be_kept_the_permission_stays_and_the_credit_stands_alone(
    body: bytes | None,
) -> None:
    given = pictured()
    with pytest.raises(pictures.PictureError):
        pictures.keep(given, Web(body))
    after = Pick.objects.get(pk=given.pk)
    assert after.images[0]["permission"]["basis"] == "Mail of the agency"
    assert after.images[0]["url"] == URL


@pytest.mark.django_db
def test_a_picture_that_was_changed_meanwhile_is_left_alone() -> None:
    given = pictured()
    other = [dict(given.images[0]) | {"url": "https://news.example/other.jpg"}]
    compose.edit(given, given.turn, None, NOW, images=other)
    assert pictures.keep(given, Web(drawn())).images == other


@pytest.mark.django_db
def test_without_a_permission_nothing_is_fetched() -> None:
    issue = make.issue()
    made = compose.pick(make.story(), issue.sections.last(), None, NOW)
    made = compose.edit(made, made.turn, None, NOW, images=[{"url": URL, "credit": "AFP"}])
    internet = Web(drawn())
    pictures.keep(made, internet)
    assert internet.asked == 0


@pytest.mark.django_db
def test_a_kept_picture_is_served_for_an_hour_and_as_what_it_is(client: Client) -> None:
    kept = pictures.keep(pictured(), Web(drawn()))
    answer = client.get(kept.images[0]["url"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # An hour, not for good: a picture may be withdrawn.
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert answer.getvalue()[:4] == b"\x89PNG"
    assert client.get(f"/pictures/{'0' * 64}.jpg").status_code == 404
    assert client.get("/pictures/..%2Fsecret-key").status_code == 404
    answer.close()  # last, since it ends the request and the connection with it


@pytest.mark.django_db
def test_a_picture_goes_when_its_last_permission_ends() -> None:
    made = pictures.keep(pictured(), Web(drawn()))
    image = dict(made.images[0])
    image["permission"] = {"basis": "Mail", "until": "2019-07-31"}
    compose.edit(made, made.turn, None, NOW, images=[image])
    compose.publish(made.issue, None, NOW)
    assert pictures.sweep(date(2019, 7, 31)) == []
    assert pictures.sweep(date(2019, 8, 1)) == [image["url"].removeprefix("/pictures/")]
    assert not pictures.kept(image["url"])


@pytest.mark.django_db
def test_a_removed_item_s_picture_stays_a_month_for_putting_back() -> None:
    made = pictures.keep(pictured(), Web(drawn()))
    path = pictures.file(made.images[0]["url"].removeprefix("/pictures/"))
    assert path is not None
    compose.remove(made, None, NOW)
    assert pictures.sweep(date(2019, 7, 2)) == []
    os.utime(path, (0, 0))
    assert pictures.sweep(date(2019, 7, 2)) == [path.name]
