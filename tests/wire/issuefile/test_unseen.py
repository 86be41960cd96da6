"""Letters in the shapes of the blind sets, which are blind no more: what was learned from them stays learned.

How they were read at first sight is in docs/measures-issuefile.md.
"""

from __future__ import annotations

import pytest

from broadsheet.wire import issuefile
from tests.wire.issuefile import unseen, unseen_again
from tests.wire.issuefile.invented import Letter

LETTERS = unseen.letters(2) + unseen_again.letters(2)


def straight(words: str) -> str:
    """Without the marks that a letter may set or leave."""
    for one, other in (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"')):
        words = words.replace(one, other)
    return words.strip(" .")


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: f"{letter.layout}-{letter.name}")
def test_every_item_of_a_letter_is_found_with_its_date_source_link_and_credit(
    letter: Letter,
) -> None:
    parsed = issuefile.parse(letter.data, name=letter.name)
    found = [
        (
            straight(item.headline),
            item.date.value if item.date else "",
            item.source or "",
            item.links[0].url if item.links else "",
            [(straight(i.caption or ""), i.credit) for i in item.images if i.credit],
        )
        for item in parsed.edition.items()
    ]
    wanted = [
        (
            straight(item.headline),
            item.value,
            item.source,
            item.url,
            [(straight(item.caption), item.credit)] if item.credit else [],
        )
        for item in letter.items
    ]
    assert found == wanted
    assert parsed.edition.date is not None
    assert parsed.edition.date.value[:7] == letter.month
