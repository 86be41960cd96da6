"""What somebody typed into a search field, read into an expression.

    trafficking "forced labour" place:KH (source:"The Example" OR -form:FRM.SEX) worker*

Words stand beside each other: all must be found. `OR` (or `|`) is weaker than standing beside;
`-` or NOT before a word, filter or bracket turns it round. A word may end in `*`. Quotation marks of any
kind make a phrase. `key:value` is a filter, its value in quotation marks where it has blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from broadsheet.search import words

LONGEST = 400  # characters
MOST = 40  # words and filters: more is a paste, not a question
DEEPEST = 12  # brackets within brackets


class QueryError(Exception):
    """It cannot be read; `str()` is a sentence, `at` and `end` say which characters are meant."""

    def __init__(self, said: str, at: int, end: int | None = None) -> None:
        super().__init__(said)
        self.at = at
        self.end = at + 1 if end is None else end


@dataclass(frozen=True, slots=True)
class Text:
    """A word or phrase: `runs` are its tokens, those of one run next to each other in the text.

    `prefix` lets the last token be the beginning of a longer one.
    """

    runs: tuple[tuple[str, ...], ...]
    prefix: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """`key:value`, the value without its quotation marks; `at` and `end` are where it stands."""

    key: str
    value: str
    at: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Text | Filter | Not | And | Or


@dataclass(frozen=True, slots=True)
class Key:
    """A filter that a search knows: its name and what it is for, with an example, in words."""

    name: str
    says: str | Promise
    example: str


_ALIKE = str.maketrans({**dict.fromkeys("“”„«»「」『』＂", '"'), "：": ":", "（": "(", "）": ")"})
_PART = re.compile(
    r"(?P<blank>[\s\u3000]+)|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
    r"|(?P<filter>-?[A-Za-z_]+:(?!//)(?:\"[^\"]*\"?|[^\s()\"|]*))"
    r"|(?P<phrase>-?\"[^\"]*\"?\*?)|(?P<not>-(?=\())|(?P<word>[^\s\u3000()\"|]+)"
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)


def read(query: str, keys: Iterable[Key] = ()) -> Node | None:
    """The expression of a query; None where it is blank. QueryError where it cannot be read."""
    if len(query) > LONGEST:
        raise QueryError(
            _("A search may have {most} characters; this one has {count}.").format(
                most=LONGEST, count=len(query)
            ),
            LONGEST,
            len(query),
        )
    tokens = [_named(token) for token in _tokens(query.translate(_ALIKE))]
    if sum(token.kind in ("word", "phrase", "filter") for token in tokens) > MOST:
        raise QueryError(
            _("A search may have {most} words and filters.").format(most=MOST), 0, len(query)
        )
    reader = _Reader(tokens, {key.name: key for key in keys}, len(query))
    return reader.whole()


def _tokens(query: str) -> Iterable[_Token]:
    for found in _PART.finditer(query):
        kind = str(found.lastgroup)
        if kind != "blank":
            yield _Token(kind, found.group(), found.start())


def _named(token: _Token) -> _Token:
    """OR, AND and NOT are words of the grammar where they stand in capitals."""
    if token.kind == "word" and token.text in ("OR", "AND", "NOT"):
        return _Token(token.text.lower(), token.text, token.at)
    return token


class _Reader:
    """Reads by descent: OR, then what stands beside each other, then single parts."""

    def __init__(self, tokens: Sequence[_Token], keys: Mapping[str, Key], length: int) -> None:
        self.tokens, self.keys, self.length = tokens, keys, length
        self.next = 0
        self.depth = 0

    def whole(self) -> Node | None:
        if not self.tokens:
            return None
        found = self.either()
        left = self.peek()
        if left is not None:  # only a bracket can be left over
            raise QueryError(
                _("The closing bracket at character {at} was never opened.").format(at=left.at + 1),
                left.at,
            )
        return found

    def peek(self) -> _Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def either(self) -> Node:
        parts = [self.beside()]
        while (token := self.peek()) is not None and token.kind == "or":
            self.next += 1
            parts.append(self.beside(after=token))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def beside(self, after: _Token | None = None) -> Node:
        parts: list[Node] = []
        while (token := self.peek()) is not None and token.kind not in ("or", "close"):
            self.next += 1
            if token.kind == "and":
                if not parts or (ahead := self.peek()) is None or ahead.kind in ("or", "close"):
                    raise self.lonely(token)
                continue
            parts.append(self.one(token))
        if not parts:
            token = after or self.peek()
            if token is not None and token.kind in ("or", "and"):
                raise self.lonely(token)
            at = token.at if token is not None else self.length
            raise QueryError(
                _("There is nothing to look for at character {at}.").format(at=at + 1), at
            )
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def lonely(self, token: _Token) -> QueryError:
        return QueryError(
            _("“{word}” at character {at} needs something to look for on both sides.").format(
                word=token.text, at=token.at + 1
            ),
            token.at,
            token.end,
        )

    def one(self, token: _Token) -> Node:
        if token.kind == "open":
            return self.bracket(token)
        if token.kind == "not":
            ahead = self.peek()
            if ahead is None or ahead.kind in ("or", "and", "close"):
                raise QueryError(
                    _("“{word}” at character {at} needs something after it.").format(
                        word=token.text, at=token.at + 1
                    ),
                    token.at,
                    token.end,
                )
            self.next += 1
            return Not(self.deeper(token, ahead))
        if len(token.text) > 1 and token.text.startswith("-"):
            rest = _Token(token.kind, token.text[1:], token.at + 1)
            return Not(self.plain(rest))
        return self.plain(token)

    def deeper(self, token: _Token, ahead: _Token) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.too_deep(token)
        found = self.one(ahead)
        self.depth -= 1
        return found

    def bracket(self, token: _Token) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.too_deep(token)
        found = self.either()
        if self.peek() is None:
            raise QueryError(
                _("The bracket opened at character {at} is never closed.").format(at=token.at + 1),
                token.at,
            )
        self.next += 1
        self.depth -= 1
        return found

    def too_deep(self, token: _Token) -> QueryError:
        return QueryError(_("There are too many brackets within brackets."), token.at, token.end)

    def plain(self, token: _Token) -> Node:
        if token.kind == "filter":
            return self.filter(token)
        text = token.text
        prefix = text.endswith("*")
        text = text.removesuffix("*")
        if token.kind == "phrase":
            if len(text) < 2 or not text.endswith('"'):
                raise QueryError(
                    _("The quotation mark at character {at} is never closed.").format(
                        at=token.at + 1
                    ),
                    token.at,
                    token.end,
                )
            text = text[1:-1]
        return _text(token, text, prefix)

    def filter(self, token: _Token) -> Filter:
        name, _colon, value = token.text.partition(":")
        key = name.lower()
        if key not in self.keys:
            known = ", ".join(f"{one}:" for one in self.keys)
            raise QueryError(
                _(
                    "There is no filter “{name}:” (character {at}). There are: {known}. To look for the "
                    "words themselves, set them in quotation marks."
                ).format(name=name, at=token.at + 1, known=known or "–"),
                token.at,
                token.at + len(name) + 1,
            )
        if value.startswith('"') and (len(value) < 2 or not value.endswith('"')):
            at = token.at + len(name) + 1
            raise QueryError(
                _("The quotation mark at character {at} is never closed.").format(at=at + 1),
                at,
                token.end,
            )
        value = value.strip('"').strip()
        if not value:
            raise QueryError(
                _(
                    "“{name}:” at character {at} needs a value right after it, such as {example}."
                ).format(name=key, at=token.at + 1, example=self.keys[key].example),
                token.at,
                token.end,
            )
        return Filter(key, value, token.at, token.end)


def _text(token: _Token, text: str, prefix: bool) -> Text:
    found = tuple(tuple(run) for run in words.runs(text))
    if not found:
        raise QueryError(
            _("“{text}” at character {at} has no letter or digit to look for.").format(
                text=token.text, at=token.at + 1
            ),
            token.at,
            token.end,
        )
    last = found[-1][-1]
    # One character of a script without blanks is kept as the beginning of a pair.
    prefix = prefix or (len(found[-1]) == 1 and len(last) == 1 and words.unspaced(last))
    if any(words.unspaced(run[0]) for run in found):
        return Text(found, prefix, token.at)
    return Text((tuple(part for run in found for part in run),), prefix, token.at)


def spelled(key: str, value: str) -> str:
    """A filter as it is typed: with quotation marks where its value has blanks or brackets."""
    plain = value.replace('"', " ").strip()
    return f'{key}:"{plain}"' if re.search(r"[\s()|]", plain) else f"{key}:{plain}"
