"""The words of a finding: English, by which a finding is known again, and tellable in another language.

An overrule holds for a finding and the words it speaks of (`overruling.mark`). If those were in the
language of whoever looks, what one editor let stand would speak again to another.
"""

from __future__ import annotations

from django.utils.translation import gettext


class Telling(str):
    """A sentence with what was put into it."""

    __slots__ = ("given", "template")

    template: str
    given: dict[str, object]


def telling(template: str, /, **given: object) -> Telling:
    """A sentence in English; `%(name)s` in it stands for what is given by that name."""
    made = Telling(template % given if given else template)
    made.template, made.given = template, given
    return made


def told(words: str) -> str:
    """A sentence in the language of the page, with what is told in it too; other words as they are."""
    if not isinstance(words, Telling):
        return words
    if not words.given:
        return gettext(words.template) if words.template else ""
    given = {k: told(v) if isinstance(v, str) else v for k, v in words.given.items()}
    return gettext(words.template) % given
