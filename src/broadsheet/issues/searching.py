"""Searching the archive: words and filters, the best or the newest first, alike on both databases.

One question to the index brings keys, the newest first; of these the best are chosen here, by where the
words stand. FTS5's own bm25 would read every text that has a word, which takes a second for a common
word in a million texts; and PostgreSQL ranks otherwise, so that the same archive would answer differently.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from django.db import connections, router
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.issues.filing import WORDS, folded
from broadsheet.issues.models import Filed, Subject
from broadsheet.search import And, Filter, Key, Node, QueryError, Text, read
from broadsheet.search.asking import Facet, question, spellings, texts
from broadsheet.search.words import unspaced
from broadsheet.wire import places
from broadsheet.wire.beat import Beat

# Axes that readers may search by. Not the taxonomy's signs of control or of forced labour: joined with
# a place and a date they could tell of one person.
AXES = ("form", "sector", "event")
KINDS = ("issue", "highlight", "article", "resource", "event", "notice")
# That a search counts and pages through; who needs more narrows it. 25 pages: a phrase of two common
# words must be looked for in each text that has both, so counting on is what costs.
MOST = 500
ON_A_PAGE = 20
# Of more than MOST how many of the newest are weighed against each other, and how many more of those
# that have the words in the heading: bench/bench_archive.py.
_POOL, _HEADS = 60, 60
_SELDOM = 5_000  # a word in fewer texts than this picks out the headings that are weighed
# Where nothing has all words: the rarest so many are asked for in pairs, and so many by themselves, and
# of each question the newest so many are weighed.
_PAIRED, _ALONE, _SOME = 4, 2, 40
_RARE = 1_000  # a word in more texts than this is taken for common, and counted no further

KEYS = (
    Key("place", gettext_lazy("a country or territory, by name or two letters"), "place:Cambodia"),
    Key("form", gettext_lazy("a form of exploitation, by code or words of its label"), "form:labour"),
    Key("sector", gettext_lazy("a sector, likewise"), "sector:fishing"),
    Key("event", gettext_lazy("a kind of event, likewise"), "event:arrest"),
    Key("source", gettext_lazy("an outlet or publisher, by name"), 'source:"Example Post"'),
    Key("kind", gettext_lazy("issue, article, highlight, resource, event or notice"), "kind:resource"),
    Key("date", gettext_lazy("a day, month or year, or from..to"), "date:2019-01..2019-06"),
    Key("language", gettext_lazy("en, zh-Hant ..."), "language:en"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader asks: words in the grammar of searches, and the fields beside them."""

    words: str = ""
    place: str = ""  # ISO 3166-1 alpha-2
    form: str = ""  # a code, as also sector and event
    sector: str = ""
    event: str = ""
    source: str = ""
    kind: str = ""
    since: str = ""  # 2019, 2019-06 or 2019-06-21
    until: str = ""
    newest: bool = False

    @property
    def blank(self) -> bool:
        return self == Wish(newest=self.newest)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    total     how many, counted up to MOST
    relaxed   nothing has all the words, so these have most of them
    missing   words that nothing in the archive has
    asked     what to mark in the texts
    """

    rows: tuple[Filed, ...] = ()
    total: int = 0
    relaxed: bool = False
    missing: tuple[str, ...] = ()
    asked: tuple[Text, ...] = field(default=())

    @property
    def more_than_counted(self) -> bool:
        return self.total >= MOST


def search(
    wish: Wish, beat: Beat, page: int = 1, on_a_page: int = ON_A_PAGE, *, shown: bool = False
) -> Found:
    """A page of what a wish finds. QueryError where it cannot be read.

    At most five questions to the database; where nothing has all words one more for each word, and nine.
    `shown` reads of each row only what a list of finds shows, which is quicker.
    """
    node = _node(wish)
    meaning = _Meaning(beat)
    keys = WORDS.newest(meaning.question(node), MOST)
    asked = tuple(texts(node))
    if not keys and (relaxed := _most_of(wish, node, meaning)) is not None:
        ranked, missing = relaxed
        rows = _rows(ranked[(page - 1) * on_a_page : page * on_a_page], shown)
        loose = tuple(one for text in asked for one in _loose(text))
        return Found(rows, len(ranked), True, missing, loose)
    total = len(keys)
    if asked and not wish.newest:
        keys = _best_first(keys, node, asked, meaning)
    rows = _rows(keys[(page - 1) * on_a_page : page * on_a_page], shown)
    return Found(rows, total, False, (), asked)


def newest(wish: Wish, beat: Beat, most: int) -> list[Filed]:
    """The newest of what a wish finds, for feeds."""
    keys = WORDS.newest(_Meaning(beat).question(_node(wish)), most)
    return list(_rows(keys))


_SHOWN = (
    "uid",
    "kind",
    "language",
    "heading",
    "source",
    "day",
    "body",
    "issue__uid",
    "issue__title",
)


def _rows(keys: Sequence[int], shown: bool = False) -> tuple[Filed, ...]:
    rows = Filed.objects.select_related("issue" if shown else "issue__newsletter")
    found = (rows.only(*_SHOWN) if shown else rows).in_bulk(list(keys))
    return tuple(found[key] for key in keys if key in found)


# --- what is asked -------------------------------------------------------------------------------


def _node(wish: Wish) -> Node | None:
    parts: list[Node] = []
    typed = read(wish.words, KEYS)
    if typed is not None:
        parts += typed.parts if isinstance(typed, And) else (typed,)
    for name in ("place", "form", "sector", "event", "source", "kind"):
        value = getattr(wish, name)
        if value:
            parts.append(Filter(name, value))
    if wish.since or wish.until:
        parts.append(Filter("date", f"{wish.since}..{wish.until}"))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


class _Meaning:
    """What the filters of the archive mean, as facets of its index."""

    def __init__(self, beat: Beat) -> None:
        self.beat = beat
        self.vendor = connections[router.db_for_read(Filed)].vendor

    def question(self, node: Node | None, *, heads: Collection[Text] = ()) -> str:
        return question(node, self.facets, self.vendor, heads=heads)

    def facets(self, one: Filter) -> Sequence[Facet]:
        value = one.value.strip()
        if one.key == "place":
            return [("place", iso2) for iso2 in self._places(one)]
        if one.key in AXES:
            return [("code", code) for code in self._codes(one)]
        if one.key == "source":
            return [("source", name) for name in self._sources(one)]
        if one.key == "kind":
            if value.lower() not in KINDS:
                raise _unknown(one, _("There is no kind “{value}”. There are: {known}."), KINDS)
            return [("kind", value.lower())]
        if one.key == "language":
            return [("lang", value)]
        return _period(one)

    def _places(self, one: Filter) -> list[str]:
        value = one.value.strip()
        home = self.beat.home
        if value.casefold() in (home.name.casefold(), home.iso2.casefold()):
            return [home.iso2]
        if len(value) == 2 and value.isalpha() and value.isascii():
            return [value.upper()]
        iso2 = places.country(value)
        if iso2 is None:
            raise _unknown(
                one, _("No place is called “{value}”. Write its English name or its two letters.")
            )
        return [iso2]

    def _codes(self, one: Filter) -> list[str]:
        known = self.beat.taxonomy.axes.get(one.key, ())
        value = one.value.strip().casefold()
        # A form includes its own kinds: whoever asks for forced labour asks for debt bondage as well.
        exact = [
            code.code
            for code in known
            if value in (code.code.casefold(), (code.parent or "").casefold())
            or code.code.casefold().startswith(f"{value}.")
        ]
        found = exact or [code.code for code in known if value in code.label.casefold()]
        if not found:
            raise _unknown(
                one,
                _("There is no “{value}” among: {known}."),
                [code.label for code in known],
            )
        return found

    def _sources(self, one: Filter) -> list[str]:
        """A source by its whole name, or all whose name has these words; an unknown one finds nothing."""
        name = folded(one.value)
        if Subject.objects.filter(axis=Subject.Axis.SOURCE, value=name).exists():
            return [name]
        some = Subject.objects.filter(axis=Subject.Axis.SOURCE, value__contains=name)
        return list(some.order_by("-items").values_list("value", flat=True)[:50])


def _unknown(one: Filter, said: str, known: Sequence[str] = ()) -> QueryError:
    words = said.format(value=one.value, known=", ".join(known) or "–")
    return QueryError(words, one.at, one.end or one.at + 1)


_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _period(one: Filter) -> list[Facet]:
    """The years, months and days of a period. What is dated by its month alone is in the whole month only."""
    first, dots, last = one.value.partition("..")
    start = _first(one, first) if first.strip() else date(1, 1, 1)
    end = (
        _after(one, last if dots else first)
        if (last if dots else first).strip()
        else date(9999, 1, 1)
    )
    if start >= end:
        raise _unknown(one, _("“{value}” ends before it begins."))
    start, end = max(start, date(1900, 1, 1)), min(end, date(2100, 1, 1))
    out: list[Facet] = []
    day = start
    while day < end:
        if (day.month, day.day) == (1, 1) and date(day.year + 1, 1, 1) <= end:
            out.append(("y", f"{day.year}"))
            day = date(day.year + 1, 1, 1)
        elif day.day == 1 and _next_month(day) <= end:
            out.append(("m", f"{day:%Y-%m}"))
            day = _next_month(day)
        else:
            out.append(("d", day.isoformat()))
            day += timedelta(days=1)
    return out


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _read_day(one: Filter, given: str) -> tuple[date, str]:
    found = _DAY.fullmatch(given.strip())
    try:
        if found is None or not 1 <= int(found[1]) <= 9998:
            raise ValueError
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)), given.strip()
    except ValueError:
        raise _unknown(
            one, _("“{value}” is no date. Write 2019, 2019-06, 2019-06-21 or 2019-01..2019-06.")
        ) from None


def _first(one: Filter, given: str) -> date:
    return _read_day(one, given)[0]


def _after(one: Filter, given: str) -> date:
    day, written = _read_day(one, given)
    if len(written) == 4:
        return date(day.year + 1, 1, 1)
    return _next_month(day) if len(written) == 7 else day + timedelta(days=1)


# --- which are the best --------------------------------------------------------------------------


def _best_first(
    keys: list[int], node: Node | None, asked: Sequence[Text], meaning: _Meaning
) -> list[int]:
    """The best of the pool first, then the others, the newest first.

    The pool is all that was found, as far as it was counted. Of a common word that is little; so those
    that have it in the heading are asked for as well, however old. Not for a phrase: each text with both
    its words would be read again, and a phrase in more than MOST texts names nothing rare.
    """
    pool = keys
    if len(keys) >= MOST and not any(len(run) > 1 for text in asked for run in text.runs):
        heads = WORDS.newest(meaning.question(node, heads=_telling(asked, meaning)), _HEADS)
        pool = list(dict.fromkeys(heads + keys[:_POOL]))
    scored = _scored(pool, asked, {})
    best = sorted(pool, key=lambda key: (-scored[key], -key))
    chosen = set(best)
    return (best + [key for key in keys if key not in chosen])[:MOST]


def _telling(asked: Sequence[Text], meaning: _Meaning) -> Sequence[Text]:
    """The words that a heading must have: the seldom ones, since texts with a common word in the heading
    are many and each would be looked at; all of them where none is seldom."""
    if len(asked) < 2:
        return asked
    seldom = [one for one in asked if WORDS.count(meaning.question(one), _SELDOM) < _SELDOM]
    return seldom or asked


def _scored(
    pool: Sequence[int], asked: Sequence[Text], weights: Mapping[Text, float]
) -> dict[int, float]:
    """How well each text of a pool answers.

    For each word: 2 where it stands in the heading, and up to 1 for the body, more where it stands there
    often and the text is short (as BM25 with k = 1 and b = 0.75). 1 more where the words stand next to
    each other as they were asked for.
    """
    forms = [(weights.get(text, 1.0), *_lines(text)) for text in asked]
    whole = " ".join(_line(text, open_end=True).strip() for text in asked) if len(asked) > 1 else ""
    scored = dict.fromkeys(pool, 0.0)
    for key, (head, body) in WORDS.tokens(pool).items():
        sparse = 0.25 + 0.75 * len(body) / 400  # characters of an average item's tokens
        score = 0.0
        # Plain loops: this runs some thousand times for a search, and generators took a third of it.
        for weight, line, other in forms:
            times = body.count(line)
            in_head = line in head
            if other:
                times += body.count(other)
                in_head = in_head or other in head
            if in_head:
                score += 2.0 * weight
            if times:
                score += weight * times / (times + sparse)
        if whole and (f" {whole}" in head or f" {whole}" in body):
            score += 1.0
        scored[key] = score
    return scored


def _lines(text: Text) -> tuple[str, str]:
    """A word as it may stand in a document, and its other spelling where it has one."""
    first, *more = [_line(spelt) for spelt in spellings(text)]
    return first, more[0] if more else ""


def _line(text: Text, *, open_end: bool = False) -> str:
    """The tokens of a word or phrase as they stand in a document, with a blank before and after each."""
    line = " " + " ".join(token for run in text.runs for token in run)
    return line if text.prefix or open_end else line + " "


def _loose(text: Text) -> list[Text]:
    """A long run of an unspaced script as its pairs: readers type a whole question without a blank."""
    if all(unspaced(run[0]) and len(run) > 1 for run in text.runs):
        return [Text(((token,),), at=text.at) for run in text.runs for token in run]
    return [text]


def _most_of(
    wish: Wish, node: Node | None, meaning: _Meaning
) -> tuple[list[int], tuple[str, ...]] | None:
    """What has most of the words where nothing has all; None where the words are not at fault.

    Rare words weigh more than common ones. A text must reach half of what the best one reaches.
    """
    parts = node.parts if isinstance(node, And) else (node,)
    asked = [one for part in parts if isinstance(part, Text) for one in _loose(part)]
    others = tuple(part for part in parts if part is not None and not isinstance(part, Text))
    if len(asked) < 2:
        return None

    def ask(*some: Text) -> str:
        return meaning.question(And((*some, *others)))

    counts = {text: WORDS.count(ask(text), _RARE) for text in dict.fromkeys(asked)}
    there = sorted((text for text in counts if counts[text]), key=lambda text: counts[text])
    if not there:
        return None
    weights = {text: math.log(1 + _RARE / counts[text]) for text in there}
    pool: dict[int, None] = {}
    for pair in combinations(there[:_PAIRED], 2):
        pool |= dict.fromkeys(WORDS.newest(ask(*pair), _SOME))
    for one in there[:_ALONE]:
        pool |= dict.fromkeys(WORDS.newest(ask(one), _SOME))
    scored = _scored(list(pool), there, weights)
    floor = max(scored.values()) / 2
    best = sorted((key for key in pool if scored[key] >= floor), key=lambda k: (-scored[k], -k))
    missing = tuple(_spelt(text, wish.words) for text in counts if not counts[text])
    return best, tuple(word for word in missing if word)


def _spelt(text: Text, words: str) -> str:
    """A missing word as the reader typed it; nothing for a pair of characters that nobody typed so."""
    line = "".join(token for run in text.runs for token in run)
    return "" if unspaced(line) else line
