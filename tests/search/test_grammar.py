"""The grammar of searches: what it reads, and what it says of what it cannot read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import And, Filter, Key, Not, Or, QueryError, Text, grammar, read, spelled

KEYS = (Key("place", "a place", "place:KH"), Key("date", "a day", "date:2026-06"))


def text(*tokens: str, at: int = 0, prefix: bool = False) -> Text:
    return Text((tokens,), prefix, at)


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("", None),
        ("  \u3000 ", None),
        ("boats", text("boats")),
        ("Two boats", And((text("two"), text("boats", at=4)))),
        ("a AND b", And((text("a"), text("b", at=6)))),
        ('"two boats"', text("two", "boats")),
        ("“two boats”", text("two", "boats")),
        ("anti-slavery", text("anti", "slavery")),
        ("traffick*", text("traffick", prefix=True)),
        ("-boats", Not(text("boats", at=1))),
        ("NOT boats", Not(text("boats", at=4))),
        ("a OR b", Or((text("a"), text("b", at=5)))),
        ("a | b", Or((text("a"), text("b", at=4)))),
        ("a b OR c", Or((And((text("a"), text("b", at=2))), text("c", at=7)))),
        ("a (b OR c)", And((text("a"), Or((text("b", at=3), text("c", at=8)))))),
        ("-(a b)", Not(And((text("a", at=2), text("b", at=4))))),
        ("place:KH", Filter("place", "KH", 0, 8)),
        ("Place:KH", Filter("place", "KH", 0, 8)),
        ('place:"Hong Kong"', Filter("place", "Hong Kong", 0, 17)),
        ("-place:KH", Not(Filter("place", "KH", 1, 9))),
        ("date:2026-06-01..2026-06-15", Filter("date", "2026-06-01..2026-06-15", 0, 27)),
        ("人口販運", Text((("人口", "口販", "販運"),), False, 0)),
        ("人", Text((("人",),), True, 0)),
        ("Café", text("cafe")),
    ],
)  # fmt: skip
def test_a_query_is_read_as_it_looks(query: str, means: object) -> None:
    assert read(query, KEYS) == means


@pytest.mark.parametrize(
    ("query", "says", "at"),
    [
        ('boats "two', "The quotation mark at character 7 is never closed", 6),
        ("(boats", "The bracket opened at character 1 is never closed", 0),
        ("boats)", "The closing bracket at character 6 was never opened", 5),
        ("boats OR", "“OR” at character 7 needs something to look for on both sides", 6),
        ("OR boats", "“OR” at character 1 needs something", 0),
        ("boats AND", "“AND” at character 7 needs something", 6),
        ("a NOT", "“NOT” at character 3 needs something after it", 2),
        ("()", "nothing to look for at character 2", 1),
        ("plaice:KH", "There is no filter “plaice:” (character 1). There are: place:, date:.", 0),
        ("a place:", "“place:” at character 3 needs a value right after it, such as place:KH", 2),
        ('place:"Hong', "The quotation mark at character 7 is never closed", 6),
        ("a !!", "“!!” at character 3 has no letter or digit", 2),
        ("(" * 13 + "a" + ")" * 13, "too many brackets", 12),
        ("a " * 41, "may have 40 words", 0),
        ("a" * 401, "may have 400 characters", 400),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(query: str, says: str, at: int) -> None:
    with pytest.raises(QueryError) as told:
        read(query, KEYS)
    assert says in str(told.value)
    assert told.value.at == at
    assert told.value.end > at


@given(st.text(alphabet="ab \"()-|:*OR人ไ\u0301place!\\'", max_size=60))
def test_anything_is_read_or_refused_with_a_place_in_it(query: str) -> None:
    said = ""
    try:
        read(query, KEYS)
    except QueryError as error:
        at, said = error.at, str(error)
    assert not said or 0 <= at <= len(query)


_TYPED = st.text(max_size=30).map(lambda value: value.translate(grammar._ALIKE))


@given(_TYPED.filter(lambda value: value.replace('"', " ").strip()))
def test_a_filter_that_was_spelled_is_read_again(value: str) -> None:
    found = read(spelled("place", value), KEYS)
    assert isinstance(found, Filter)
    assert found.value == value.replace('"', " ").strip()
