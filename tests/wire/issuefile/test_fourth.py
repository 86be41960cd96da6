"""Letters written for development, in shapes that many senders use, stay read; and what the steps say of lines.

They were written by whoever wrote the reader, so they say nothing of letters that nobody has met.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bench.bench_issuefile import f1, score
from broadsheet.wire.issuefile import details, furniture, labels, linkwords, pasted
from tests.wire.issuefile import third

FOLDER = third.FOLDER.parent / "fourth"
FIELDS = ("item", "headline", "date", "source", "link", "caption", "credit", "month", "section")


def test_the_letters_written_for_development_are_read() -> None:
    total: dict[str, Counter[str]] = {}
    for letter in third.labelled(FOLDER):
        for field, count in score(letter, wrong=False).items():
            total.setdefault(field, Counter()).update(count)
    low = {field: round(f1(total[field])[2], 3) for field in FIELDS if f1(total[field])[2] < 0.95}
    assert low == {}


@pytest.mark.parametrize(
    ("text", "source", "day"),
    [
        ("The Example Post, 21 June 2019", "The Example Post", "2019-06-21"),
        ("[Weserbote, 04. Mai 2020]", "Weserbote", "2020-05-04"),
        ("El Faro del Sur, 4 de mayo de 2021", "El Faro del Sur", "2021-05-04"),
        ("Lisbon | Diário do Porto | 3 May 2019 | by Ann Writer", "Diário do Porto", "2019-05-03"),
        ("3 May 2019 | Thailand", "", "2019-05-03"),
        ("Orchard Valley Sun, 25 September 2020", "Orchard Valley Sun", "2020-09-25"),
        ("湾岸新聞 2021年3月4日", "湾岸新聞", "2021-03-04"),
        ("Suara Pesisir, Rabu, 4 Maret 2020", "Suara Pesisir", "2020-03-04"),
        ("ข่าวใต้, 5 พฤษภาคม 2563", "ข่าวใต้", "2020-05-05"),
    ],
)
def test_an_outlet_and_a_day_are_known_in_any_order_and_many_languages(
    text: str, source: str, day: str
) -> None:
    found = details.details(text)
    assert found is not None
    assert found.date is not None
    assert (found.source, found.date.value) == (source, day)


@pytest.mark.parametrize(
    "text", ["The court freed 40 men in 2019.", "Week of 6 May", "Apply by 3 May 2019", "Room 12"]
)
def test_words_that_are_more_than_an_outlet_and_a_day_are_no_details(text: str) -> None:
    found = details.details(text)
    assert found is None or not found.source


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("18-20 June 2019", "2019-06-18"),
        ("30 May to 2 June 2019", "2019-05-30"),
        ("June 18-20, 2019", "2019-06-18"),
        ("18. Juni 2020, 10–16 Uhr", "2020-06-18"),
        ("May 2023 二零二三年五月", "2023-05"),
    ],
)
def test_a_span_of_days_begins_on_its_first(text: str, first: str) -> None:
    found = details.date(text)
    assert found is not None
    assert found.value == first


def test_a_label_may_be_said_in_two_languages() -> None:
    assert labels.label("Date 日期： 6 May 2023") == labels.Label(date="6 May 2023")
    assert labels.label("Quelle: Weserbote") == labels.Label(source="Weserbote")
    found = labels.label("Court: High Court | Date: 2 October 2019")
    assert found == labels.Label(source="High Court", date="2 October 2019")


@pytest.mark.parametrize(
    "words",
    ["Lire la suite", "Weiterlesen", "Leer más", "Baca selengkapnya", "続きを読む", "按此報名"],
)
def test_link_words_are_known_in_many_languages(words: str) -> None:
    assert linkwords.is_access(words, True)


@pytest.mark.parametrize("words", ["Joint operation frees 343", "Seeds of hope", "Viewers object"])
def test_a_headline_that_only_begins_like_link_words_is_none(words: str) -> None:
    assert not linkwords.begins_access(words)


def test_greetings_farewells_and_imprints_are_told_from_headlines() -> None:
    assert furniture.is_greeting("Liebe Mitglieder, liebe Freundinnen und Freunde,")
    assert not furniture.is_greeting("Hi-tech ships watch crews")
    assert furniture.is_farewell("Herzliche Grüße")
    assert furniture.is_imprint("For comments, please contact the Secretariat at jp@joint.example")


def test_a_text_out_of_a_pdf_has_whole_words_and_no_page_heads() -> None:
    text = "Monthly Monitor  March 2012\n\nTraf\ufb01ck-\ning grows\n\n1\n\fMonthly Monitor  March 2012\n\nanti-\nslavery\n2\n"
    assert pasted.cleaned(text).split() == [
        "Monthly",
        "Monitor",
        "March",
        "2012",
        "Trafficking",
        "grows",
        "anti-slavery",
    ]


def test_one_mail_is_no_digest_and_two_are() -> None:
    mail = [
        "From: A <a@l.example>",
        "Date: Mon, 3 Oct 2016 09:12:41 +0100",
        "Subject: [L] Ten freed",
        "",
        "They are.",
    ]
    assert pasted.mails_as_items(mail) == (mail, [])
    rows, aside = pasted.mails_as_items([*mail, "", *mail])
    assert rows.count("**Ten freed**") == 2
    assert rows.count("Date: Mon, 3 Oct 2016") == 2
    assert aside == ["From: A <a@l.example>"] * 2
