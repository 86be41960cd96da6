"""The index: the same answers on both databases, in scripts with blanks and without."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.news.finding import WORDS
from broadsheet.search import And, Document, Text, read, words

pytestmark = pytest.mark.django_db
_n = itertools.count(10_000_000)


def found(query: str, *facets: tuple[str, str]) -> list[int]:
    node = read(query)
    parts = node.parts if isinstance(node, And) else (node,)
    asked = WORDS.matching([part for part in parts if isinstance(part, Text)], facets)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Two boats were held", "boats"),
        ("Two boats were held", "BOATS held"),
        ("Two boats were held", '"two boats"'),
        ("The Café’s owner", "cafe"),
        ("Anti-trafficking police", "anti-trafficking"),
        ("Anti-trafficking police", "traff*"),
        ("警方打擊人口販運集團", "人口販運"),
        ("警方打擊人口販運集團", "販"),
        ("警方打擊人口販運集團", "團"),
        ("ตำรวจช่วยเหลือแรงงานบังคับ", "แรงงาน"),
        ("香港 police 拘捕 12 人", "拘捕 police"),
        ("Rescued in Straße 5", "strasse"),
        ("O'Brien's boat", "o'brien's"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_a_text_is_found_by_its_words(text: str, query: str) -> None:
    pk = next(_n)
    WORDS.put([Document(pk, text)])
    assert found(query) == [pk]
    WORDS.put([Document(pk, "", text)])
    assert found(query) == [pk]


@pytest.mark.parametrize("query", ['"boats two"', "boat", '"held the"', "販人", "x"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    WORDS.put([Document(next(_n), "Two boats were held", "The 人口販運 crew")])
    assert found(query) == []


def test_a_document_kept_again_is_found_by_its_new_words_alone_and_one_removed_by_none() -> None:
    pk = next(_n)
    WORDS.put([Document(pk, "old words")])
    WORDS.put([Document(pk, "new words")])
    assert (found("old"), found("new")) == ([], [pk])
    WORDS.remove([pk])
    assert found("words") == []


def test_facets_narrow_and_are_not_words() -> None:
    june, july = next(_n), next(_n)
    WORDS.put([Document(june, "boats", facets=(("month", "2019-06"),)),
               Document(july, "boats", facets=(("month", "2019-07"),))])  # fmt: skip
    assert found("boats", ("month", "2019-06")) == [june]
    assert sorted(found("boats")) == [june, july]
    assert found("month*") == []


def test_a_text_of_a_million_words_is_kept() -> None:
    pk = next(_n)
    WORDS.put([Document(pk, "", "word " * 300_000 + " ".join(f"w{n}" for n in range(30_000)))])
    assert found("word") == [pk]


@given(st.text(max_size=40))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    pk = next(_n)
    WORDS.put([Document(pk, text)])
    for run in words.runs(text):
        asked = WORDS.matching([Text((tuple(run),), len(run[0]) == 1 and words.unspaced(run[0]))])
        with connection.cursor() as cursor:
            cursor.execute(asked.sql, asked.params)
            assert (pk,) in cursor.fetchall(), run
    WORDS.remove([pk])
