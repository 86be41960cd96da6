"""The house style: what an administrator lays down stands in every print."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from broadsheet.desk.house_form import HouseForm
from broadsheet.issues import house
from broadsheet.issues.checking.mail import mail
from broadsheet.mailing.letters import Writer, sender
from broadsheet.press.house import House
from broadsheet.wire import edition as frozen
from tests import make
from tests.mailing import post

pytestmark = pytest.mark.django_db

HOTLINE = "In need? Call [the line](https://help.example/call) on 0800 555."


@pytest.fixture(autouse=True)
def _sender(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.DKIM_FOLDER = tmp_path / "dkim"


@pytest.fixture
def administrator() -> Client:
    client = Client(headers={"user-agent": "test"})
    client.force_login(
        make.editor(name="The head", role="administrator", email="head@lantern.example")
    )
    return client


def _given(**but: Any) -> dict[str, Any]:
    kept = HouseForm.of(house.PLAIN).initial
    given = {
        name: kept.get(name) or "" for name in HouseForm().fields if name not in ("file", "no_logo")
    }
    given["name"] = "The Letter"
    return given | {"hotline": HOTLINE, "address": "1 Quay Street, Lowport"} | but


def _logo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (400, 100), "#204060").save(out, "PNG")
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


def test_what_is_laid_down_stands_in_mail_text_web_page_and_preview(administrator: Client) -> None:
    edition = post.edition()
    edition.issue.state, edition.issue.published = "published", timezone.now()
    edition.issue.save()
    given = _given(
        accent="#004488", footer="We are nobody's mouthpiece.\nWrite to us.", file=_logo()
    )
    answer = administrator.post(reverse("desk:house"), given)
    assert answer.status_code == 302, answer.content.decode()

    edition.refresh_from_db()
    letter = Writer(edition).test("me@lantern.example", timezone.now(), "full", discreet=False)
    reader = Client(headers={"user-agent": "test"})
    web = reader.get(reverse("archive:edition", args=[edition.issue.uid])).content.decode()
    text = reader.get(reverse("archive:text", args=[edition.issue.uid])).content.decode()
    style = reader.get(reverse("archive:style")).content.decode()
    seen = administrator.get(
        reverse("desk:printed", args=[edition.issue.pk, "mail"])
    ).content.decode()
    for printed in (
        post.parts(letter.data)["html"],
        post.parts(letter.data)["plain"],
        web,
        text,
        seen,
    ):
        assert "0800 555" in printed
        assert "1 Quay Street, Lowport" in printed
        assert "Write to us." in printed
    assert "#004488" in style
    assert "#004488" in seen
    assert 'width="160" height="40"' in web
    assert (
        "http://127.0.0.1:8000/pictures/"
        in post.parts(letter.data)["html"].split("<img", 1)[1][:80]
    )


def test_a_renamed_newsletter_is_the_same_list_to_mail_programs(administrator: Client) -> None:
    make.newsletter()
    make.newsletter(name="Second letter")
    taken = administrator.post(
        reverse("desk:house"), _given(name="Second letter", accent="#004488")
    )
    assert taken.status_code == 422
    assert "Another newsletter of this desk has this name." in taken.content.decode()
    kept = make.newsletter()
    assert (kept.name, kept.house) == ("The Letter", {}), (
        "a name refused leaves the style as it was"
    )
    assert administrator.post(reverse("desk:house"), _given(name="Harbour News")).status_code == 302
    renamed = make.newsletter(name="Harbour News")
    assert sender(renamed).list_name == "Harbour News"
    assert sender(renamed).list_id == "the-letter.lantern.example"
    assert "Harbour News" in administrator.get(reverse("desk:house")).content.decode()


def test_colours_that_few_can_read_are_refused_at_their_field(administrator: Client) -> None:
    make.newsletter()
    answer = administrator.post(reverse("desk:house"), _given(accent="#ffaaaa"))
    assert answer.status_code == 422
    assert "has a contrast of 1.8 to 1" in answer.content.decode()
    answer = administrator.post(reverse("desk:house"), _given(ink="red"))
    assert "Write a colour as" in answer.content.decode()


def test_only_what_differs_is_kept_and_a_logo_stays_until_it_is_taken_out(
    administrator: Client,
) -> None:
    newsletter = make.newsletter(organisation="The Harbour Desk")
    administrator.post(reverse("desk:house"), _given(file=_logo()))
    administrator.post(reverse("desk:house"), _given())
    newsletter.refresh_from_db()
    assert set(newsletter.house) == {"hotline", "address", "logo", "logo_height"}
    assert house.of(newsletter).organisation == "The Harbour Desk"
    administrator.post(reverse("desk:house"), _given(no_logo="on"))
    newsletter.refresh_from_db()
    assert set(newsletter.house) == {"hotline", "address"}


def test_editors_do_not_change_it() -> None:
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(name="An editor", role="editor"))
    assert client.get(reverse("desk:house")).status_code == 403


def test_the_check_looks_at_the_mail_in_the_house_style() -> None:
    edition = frozen.Edition.from_json(post.edition().content, at="test")
    long = House(hotline=HOTLINE * 1600)
    assert {f.rule for f in mail(edition, date(2026, 6, 1), long)} >= {"mail-too-large"}
