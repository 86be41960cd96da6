"""Where the words of a search are marked in a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import marking, words
from broadsheet.search.grammar import Text

PIECES = st.sampled_from(
    [*"abkns é_-’'.", "bank", "Banks", "survivor", "人口販運", "銀行", "銀", "ไทย", "ﬁ", "é", "İ", "e\u0301", "Straße", "ह\u093f"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)
ASKED = st.lists(
    st.sampled_from(["bank", "survivor", "人口", "銀行", "ไทย", "fi", "strasse", "cafe", "a", "e", "ह\u093f"]),
    min_size=1, max_size=3,
)  # fmt: skip


def wanted(*several: str, prefix: bool = False) -> tuple[Text, ...]:
    return tuple(Text(tuple(tuple(run) for run in words.runs(one)), prefix) for one in several)


@given(TEXTS, ASKED, st.booleans())
def test_the_quick_way_marks_what_reading_word_by_word_marks(
    text: str, asked: list[str], prefix: bool
) -> None:
    texts = wanted(*asked, prefix=prefix)
    slowly = marking._joined(list(marking._slowly(text, marking._wanted(texts))))
    assert marking.spans(text, texts) == slowly


def test_a_word_is_marked_with_its_plural_and_not_within_another() -> None:
    text = "A bank and its banks on the embankment; Bankrott, BANK’s own."
    assert [text[start:end] for start, end in marking.spans(text, wanted("bank"))] == [
        "bank",
        "banks",
        "BANK",
    ]


def test_a_snippet_shows_the_place_with_most_of_what_was_asked_for() -> None:
    text = "Nothing here. " * 40 + "The bank helps survivors. " + "More of nothing. " * 40
    parts = marking.snippet(text, wanted("bank", "survivors"))
    assert [part.words for part in parts if part.found] == ["bank", "survivors"]
    assert (parts[0].words, parts[-1].words) == ("… ", " …")
