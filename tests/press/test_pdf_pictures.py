"""Pictures with a permission stand in the PDF; nothing about a picture can stop the document."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from broadsheet.commands.print import command
from broadsheet.press import handover, pdf
from tests.press.edition import HOUSE, edition, full, item

TODAY = date(2026, 6, 30)
PIER = "https://media.lantern.example/pier.jpg"
NETS = "https://tribune.example/nets.jpg"  # in the same edition, without a permission


def photograph() -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((300, 200)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_permitted_picture_stands_in_the_pdf_with_its_words_for_screen_readers() -> None:
    made = pdf.pdf(full(), today=TODAY, pictures={PIER: photograph()})
    assert made.count(b"/Subtype /Image") == 1 or b"/DCTDecode" in made
    assert b"pdfuaid" in made


def test_the_logo_stands_in_the_pdf_where_its_bytes_are_given() -> None:
    logo = "https://media.lantern.example/logo.jpg"
    style = replace(HOUSE, logo=logo, logo_alt="Lantern House")
    made = pdf.pdf(edition(item()), house=style, pictures={logo: photograph()})
    assert b"/DCTDecode" in made
    assert b"pdfuaid" in made
    assert b"/DCTDecode" not in pdf.pdf(edition(item()), house=style)
    broken = pdf.pdf(edition(item()), house=style, pictures={logo: b"\xff\xd8\xff cut short"})
    assert b"pdfuaid" in broken


def test_a_picture_without_permission_never_stands_in_the_pdf() -> None:
    made = pdf.pdf(full(), today=TODAY, pictures={NETS: photograph()})
    assert b"/DCTDecode" not in made


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff cut short", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_a_broken_picture_does_not_stop_the_document(data: bytes) -> None:
    made = pdf.pdf(full(), today=TODAY, pictures={PIER: data})
    assert b"/DCTDecode" not in made
    assert b"pdfuaid" in made


def test_the_command_takes_pictures_from_a_folder_by_the_end_of_their_addresses(
    tmp_path: Path,
) -> None:
    (tmp_path / "pier.jpg").write_bytes(photograph())
    issue = tmp_path / "issue.json"
    issue.write_text(handover.as_json(full()), encoding="utf-8")
    asked = [str(issue), "--as", "pdf,mailchimp", "--out", str(tmp_path)]
    done = CliRunner().invoke(command, [*asked, "--pictures", str(tmp_path)])
    assert done.exit_code == 0
    assert b"/DCTDecode" in (tmp_path / "issue.pdf").read_bytes()
    assert b"images/picture-1.jpg" in (tmp_path / "mailchimp.zip").read_bytes()


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "a < b", "<b>bold</b>", "\\<i>"])
def test_markdown_for_other_readers_lets_no_html_through(words: str) -> None:
    made = handover.as_markdown(edition(item(summary=words)))
    assert "<" not in made.replace("\\<", "")
