"""A machine without the fonts of other scripts still prints the PDF."""

from __future__ import annotations

import pytest

from broadsheet.press import pdf
from broadsheet.wire.edition import Edition, Item, Kind, Section


@pytest.mark.parametrize("bare", [True, False])
def test_a_character_that_no_font_has_does_not_stop_the_document(monkeypatch, bare):
    monkeypatch.setattr(pdf, "IGNORE_SYSTEM_FONTS", bare)
    item = Item("1", Kind.ARTICLE, "七名港人 ไทย العربية", summary="a\x00b \x0b 中文")
    made = pdf.pdf(Edition("u", "N", "T", sections=(Section("H", None, (item,)),)))
    assert made.startswith(b"%PDF-")
