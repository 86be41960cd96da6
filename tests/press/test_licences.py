"""A licence is printed as readers know it, not as an address."""

import pytest

from broadsheet.press.proof import licence_name


@pytest.mark.parametrize(
    ("recorded", "printed"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("http://www.creativecommons.org/licenses/by-sa/4.0/deed.en", "CC BY-SA 4.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public Domain Mark 1.0"),
        ("Reuters licence 4711", "Reuters licence 4711"),
        ("https://agency.example/terms", "https://agency.example/terms"),
    ],
)
def test_a_licence_is_named_as_readers_know_it(recorded, printed):
    assert licence_name(recorded) == printed
