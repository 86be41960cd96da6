"""Cases: stories that follow on each other, an arrest, the charge, the sentence.

A case is one matter, not one subject. So what links two stories is what only they have: the same
names of people, firms, ships, courts and places below a country, the same odd figures, the same rare
words beside them. The words of the beat itself ("forced labour", "trafficking"), names of countries
and names that half the month holds link nothing. Where it is not sure it links nothing: an editor
misses a link less than he is misled by a wrong one.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from broadsheet.wire import places
from broadsheet.wire.beat import Beat
from broadsheet.wire.group.link import linked
from broadsheet.wire.group.terms import STOP, Corpus, Ints, Rows, distinct, ordinary, split, term
from broadsheet.wire.model import Article

LOOKED_AT = 3000  # characters of a text in which a case's names are told
CHUNK = 4096  # stories whose words are counted at once: a bound on memory
OPENING = 60  # words of a text that say whether it tells of a matter
SMALL_IN = 400  # characters of a text that are searched for words written small
ARTICLES = 6  # of a story whose words are taken: more repeat them
HELD = 14  # stories that hold a name before it is the name of a subject
WINDOW = 800.0  # days: a matter is in the news for two years from arrest to appeal
ENOUGH = 11.0  # points that link two stories, about two names that no other story holds
RARE = 5.8  # weight of a name that can link: in fewer than thirty of ten thousand headlines
NEXT = 2.0  # points for a further word of the same name
MOST_NAMES = 4  # words of names that count
CITY = 0.4  # share of its weight that the name of a large city brings
FIGURE = 4.5  # points for a figure of three digits or more that both tell
HEADLINE_WORD = 0.5  # share of its weight that an ordinary word brings that both headlines hold
TEXT_WORD = 0.25  # and one that stands in both
COUNT = 3.0  # points for a number of something ("27 workers") that both tell
IN_HEADLINES = 1.5  # points where both headlines hold the rarest name
SUBJECT = 1.0  # and for each word of the beat, up to two, that both headlines hold beside it
SPEAKER = 0.3  # and of one who is only quoted: spokesmen speak of many matters
ONE_MATTER = 5.0  # points against, where one of the two tells nothing that goes on
NEAR = 1.0  # point for three days or less between them
WORDS = 3  # such words that count
MOST, UNLIKE = 6.0, -2.5  # bounds of a pair; a pair that shares nothing has the lower one

_TITLES = frozenset(
    """
mr mrs ms dr sir dame lord lady judge justice president minister prime chief inspector detective
superintendent sergeant officer commissioner deputy colonel captain general prosecutor professor
director chairman secretary senator governor king queen prince princess pope police court supreme
high crown federal district county state states united department ministry bureau office agency
association organisation organization union council committee commission national international
north south east west northern southern eastern western central new city street road airport
university school hospital parliament congress government cabinet house party group company
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
asia africa europe america asian african european american latin
says live news update updates report exclusive watch video breaking opinion analysis review
men man women woman girl boy child children people family mother father son daughter brother couple
today week month year day night one two three four five six seven eight nine ten
after before over under amid against while who what why how when where
capitol hill oversight homeland gen agenda ngo ceo fbi bbc cnn un us uk eu who nato am pm
""".split()  # noqa: SIM905 -- a list of words reads as words
)
_WORD = re.compile(r"[^\W_][\w'\u2019.-]*")
_ENDS = frozenset('.!?:;"\u201c\u201d\n\u2022|')
_FIGURE = re.compile(r"(?<![\w.,-])\d[\d,.]*\d(?!\w)")


_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_ROUND = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {word: str(at) for at, word in enumerate(_TEENS, start=13)} | {
    f"{ten}-{one}" if one else ten: str(10 * at + number)
    for at, ten in enumerate(_ROUND, start=2)
    for number, one in enumerate(("", *_ONES))
}
# Words of a matter that goes on: what police, courts and lawmakers do, and what they look into. A
# fixture list or a product has names too, and no case.
_MATTER = frozenset(
    term(word)
    for word in """
arrest custody suspect charge accuse allege indict plead trial hearing testify testimony jury guilty
convict verdict acquit sentence jail prison appeal settle settlement sue lawsuit judge court police
prosecutor prosecution probe investigate investigation inquiry raid rescue victim survivor inspector
extradite deport deportation shooting shooter gunman killer murder kidnap missing crash abuse assault
rape traffick trafficking trafficker slave slavery exploit exploitation hostage ruling overturn accuser
""".split()  # noqa: SIM905 -- a list of words reads as words
)
# Who is quoted: "X said", "said Y X". Detectives, prosecutors and judges belong to their case.
_SAY = r"(?:said|says|told|added|asked|warned|called|explained|according to)"
_LARGE = r"[^\W\d_a-z][\w'\u2019-]*"
_RUN = rf"({_LARGE}(?: {_LARGE}){{0,4}} ?)"
_SAID = re.compile(rf"\b{_SAY}\b")
_BEFORE = re.compile(rf"(?:\w+ )?{_RUN}(?:, [^.,]{{3,60}}, )?$")
_AFTER = re.compile(rf"{_SAY} (?:[a-z]+ ){{0,3}}{_RUN}(?:, [^.\n]{{3,80}})?")
_REACH = 160  # characters before "said" in which its speaker is named
_OF_THE_CASE = re.compile(r"(?i)judge|magistrate|court|detective|inspector|prosecutor|justice")
# "27 workers", "nineteen fishers": a number of something, where it is no measure
_COUNT = re.compile(
    r"\b(\d{2}|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)"
    r"[ -]([a-z]{4,})"
)
_MEASURES = frozenset(
    """
year years day days hour hours minute minutes week weeks percent people million billion thousand
points cents miles times other more years-old others metres kilometres tonnes
""".split()  # noqa: SIM905 -- a list of words reads as words
)
Rare = Callable[[str, int], float]  # the weight of a word that so many stories hold


@dataclass(slots=True)
class Told:
    """What a story tells: its names with the names beside them, its figures, its words."""

    names: dict[str, set[str]]
    figures: frozenset[str]
    words: frozenset[str]
    headline: frozenset[str]
    top: frozenset[str]  # words of its headlines
    subject: frozenset[str]  # those of them that are the beat's own
    speakers: frozenset[str]  # names of those who are quoted
    matter: bool  # whether it tells what police, courts or lawmakers do
    day: float


@functools.lru_cache(maxsize=1 << 14)
def _land(word: str) -> bool:
    """Whether a word names a country or its people: a subject of the news and no matter."""
    return places.country(word) is not None or places.nationality(word) is not None


def capitals(told: str, *, opening: bool = True) -> list[list[str]]:
    """Runs of words with a capital, folded: names as they are printed, and some that are none.

    A single word that begins a sentence is left out where `opening` is False: it may be any word.
    """
    runs: list[list[str]] = []
    run: list[str] = []
    end, opened = 0, False
    for match in _WORD.finditer(told):
        start, stop = match.span()
        if not told[start].isupper():
            if run:
                _close(runs, run, opened and not opening)
                run = []
            end = stop
            continue
        between = told[end:start]
        first = end == 0 or not _ENDS.isdisjoint(between) or told[end - 1] == "."
        end = stop
        if run and (first or between.strip(" \u00a0")):
            _close(runs, run, opened and not opening)
            run = []
        if not run:
            opened = first
        run.append(match[0].rstrip(".'\u2019-"))
    _close(runs, run, opened and not opening)
    return runs


def _close(runs: list[list[str]], run: list[str], opened: bool) -> None:
    """Keep a run; of one that begins a sentence the first word is left out."""
    kept = run[1:] if opened else run
    folded = [word for part in kept for word in split(re.sub(r"['\u2019]s$", "", part))]
    if folded:
        runs.append(folded)


def beat_words(beat: Beat) -> frozenset[str]:
    """The words of a beat's own phrases and of its home place: its subject, so that they link nothing."""
    said = [beat.home.name]
    anchors = beat.taxonomy.anchors.values()
    said += [phrase for one in anchors for phrase in one.core]
    return frozenset(word for phrase in said for word in split(phrase))


def cases(corpus: Corpus, chosen: Ints, found: Ints, common: Collection[str] = ()) -> Ints:
    """A case's number for each of the articles at `chosen`: stories that follow on each other share it.

    `found` is the number of each one's story, `common` are words of the beat (`beat_words`), which
    link nothing. Only stories that share a rare name with another are read for what they tell, so
    that an archive of 300,000 articles costs little more for each than a desk's month.
    """
    numbers, place = np.unique(found, return_inverse=True)
    size = len(numbers)
    if size < 2:
        return found
    gathered: list[list[int]] = [[] for _ in range(size)]
    for at, story in zip(chosen.tolist(), place.tolist(), strict=True):
        if len(gathered[story]) < ARTICLES:
            gathered[story].append(at)
    shared = _shared(corpus, gathered)
    articles, days = corpus.articles, corpus.days
    small = _small([articles[at] for story in shared.stories for at in gathered[story]])
    usual = {term(word) for said in common for word in split(said)}
    told = {
        story: _told(
            [articles[at] for at in gathered[story]],
            [days[at] for at in gathered[story]],
            small,
            usual,
        )
        for story in shared.stories
    }
    odds = _odds(told, size, shared)
    if not odds:
        return found
    left = np.array([one for one, _ in odds], dtype=np.int64)
    right = np.array([other for _, other in odds], dtype=np.int64)
    linked_up = linked(
        size, left, right, np.array(list(odds.values())), lambda a, _: np.full(len(a), UNLIKE)
    )
    made: Ints = numbers[linked_up[place]]
    return made


@dataclass(frozen=True, slots=True)
class _Shared:
    """The stories that may be of one case with another, and how many stories hold a term.

    By the number of a term: as a name, and anywhere in headline or opening.
    """

    stories: list[int]
    numbers: Mapping[str, int]
    named: Ints
    held: Ints

    def as_name(self, term: str) -> int:
        """How many stories hold it as a name."""
        number = self.numbers.get(term)
        return 0 if number is None else int(self.named[number])

    def at_all(self, term: str) -> int:
        """How many stories hold it."""
        number = self.numbers.get(term)
        return 0 if number is None else int(self.held[number])


def _shared(corpus: Corpus, gathered: Sequence[Sequence[int]]) -> _Shared:
    """Look for names that few stories share, by the numbers of their terms alone.

    A name may be any word with a capital that is not written small more often; what is truly a name
    is told only in the stories that are left. One of those that share it must tell what police,
    courts or lawmakers do.
    """
    words = corpus.vocabulary
    width = len(words.terms)
    held, large = corpus.bodies.column_counts(width), corpus.names.column_counts(width)
    at_all = np.zeros(width, np.int64)
    for first in range(0, len(gathered), CHUNK):
        terms, _ = _incidence(corpus.bodies, gathered[first : first + CHUNK])
        at_all += np.bincount(terms, minlength=width)
    terms, owner = _incidence(corpus.names, gathered)
    stories = np.bincount(terms, minlength=width)
    of_matter = np.zeros(width, dtype=bool)
    of_matter[[words.terms[name] for name in _MATTER if name in words.terms]] = True
    matter = np.array([_tells(corpus, mine, of_matter) for mine in gathered], dtype=bool)
    usable = (stories >= 2) & (stories <= 2 * HELD) & (2 * large >= held)
    by_matter = np.bincount(terms, weights=matter[owner], minlength=width) > 0
    linking = (usable & by_matter)[terms]
    return _Shared(np.unique(owner[linking]).tolist(), words.terms, stories, at_all)


def _incidence(rows: Rows, gathered: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Which term which story holds, each once: the numbers of the terms, and of their stories."""
    held = [rows.row(at) for mine in gathered for at in mine]
    owner = np.repeat(np.arange(len(gathered)), [len(mine) for mine in gathered])
    owner = np.repeat(owner, [len(row) for row in held])
    codes = distinct((np.concatenate(held).astype(np.int64) << 32) | owner)
    return codes >> 32, codes & 0xFFFFFFFF


def _tells(corpus: Corpus, mine: Sequence[int], of_matter: npt.NDArray[np.bool_]) -> bool:
    """Whether a headline or the first words of a text tell what police, courts or lawmakers do."""
    term_of = corpus.vocabulary.term
    for at in mine:
        told = (*corpus.headline_terms[at], *(term_of[w] for w in corpus.texts[at][:OPENING]))
        if any(number >= 0 and of_matter[number] for number in told):
            return True
    return False


def _small(articles: Sequence[Article]) -> frozenset[str]:
    """Words that are written small somewhere in these articles: no names, whatever a headline does."""
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for article in articles:
        heads = article.headline.split()
        parts = [article.text[:SMALL_IN]]
        if sum(w[:1].isupper() for w in heads) <= 0.6 * len(heads):
            parts.append(article.headline)
        for part in parts:
            for word in set(_WORD.findall(part)):
                folded = re.sub(r"['\u2019]s$", "", word.rstrip(".'\u2019-"))
                if word[:1].islower():
                    small[folded] += 1
                elif word[:1].isupper():
                    large[folded.casefold()] += 1
    return frozenset(w for w, n in small.items() if 2 * n >= large[w])


def _told(
    articles: Sequence[Article],
    days: Sequence[float],
    small: frozenset[str],
    usual: Collection[str],
) -> Told:
    names: dict[str, set[str]] = defaultdict(set)
    figures: set[str] = set()
    words: set[str] = set()
    heads: set[str] = set()
    quoted: set[str] = set()
    tops: set[str] = set()
    matter = False
    for article in articles:
        body = article.text[:LOOKED_AT]
        opened = {term(w) for w in split(f"{article.headline} {body[:300]}")}
        matter = matter or not opened.isdisjoint(_MATTER)
        for said in _speakers(body):
            if not _OF_THE_CASE.search(said):
                quoted.update(word for run in capitals(said) for word in run)
        outlet = set(split(article.source or ""))
        for run in (*capitals(article.headline), *capitals(body, opening=False)):
            kept = _names_in(run, outlet, small, usual)
            for word in kept:
                names[word].update(other for other in kept if other != word)
        figures.update(_figures(f"{article.headline} {body}"))
        tops.update(split(article.headline))
        heads.update(term(w) for w in split(article.headline) if w not in STOP and w not in _TITLES)
        words.update(term(w) for w in split(body[:1200]) if w not in STOP and w not in _TITLES)
    named = {term(name) for name in names}
    heads -= set(usual)
    words = (words | heads) - set(usual) - named
    dated = [day for day in days if not np.isnan(day)]
    return Told(
        dict(names),
        frozenset(figures),
        frozenset(w for w in words if len(w) > 3 and w.isalpha() and not _land(w)),
        frozenset(heads),
        frozenset(tops),
        frozenset(term(w) for w in tops) & frozenset(usual),
        frozenset(quoted),
        matter,
        min(dated) if dated else float("nan"),
    )


def _names_in(
    run: Sequence[str], outlet: Collection[str], small: Collection[str], usual: Collection[str]
) -> list[str]:
    """The words of a run of capitals that may name somebody or something of their own: no land, no title,
    no outlet, and no word that this beat or the language has in common use."""
    if _land(" ".join(run)):
        return []
    _, _, ordinary_small = ordinary()
    return [
        word
        for word in run
        if len(word) > 2
        and word not in small
        and word not in STOP
        and word not in _TITLES
        and word not in outlet
        and word.isalpha()
        and term(word) not in usual
        and term(word) not in ordinary_small
        and not _land(word)
        and not _part_of_land(word, run)
    ]


def _figures(words: str) -> Iterator[str]:
    """Figures of three digits and more that are no year and not round, and counts above a dozen with what
    they count."""
    for figure in _FIGURE.findall(words):
        plain = figure.replace(",", "").rstrip(".")
        if len(plain) >= 3 and not re.fullmatch(r"(?:19|20)\d\d|\d+00|.*000", plain):
            yield plain
    for number, unit in _COUNT.findall(words.casefold()):
        plain = _TENS.get(number, number)
        if unit not in _MEASURES and int(plain) > 12:
            yield f"{plain} {term(unit)}"


def _speakers(body: str) -> Iterator[str]:
    """Who is quoted, with the words beside the name: "prosecutor Ada Brill", "said Ada Brill, who"."""
    for match in _SAID.finditer(body):
        before = _BEFORE.search(body[max(0, match.start() - _REACH) : match.start()])
        after = _AFTER.match(body, match.start())
        yield from (found[0] for found in (before, after) if found)


def _part_of_land(word: str, run: Sequence[str]) -> bool:
    """Whether a word is part of a country's name of several words: "Hong Kong police"."""
    return any(
        word in run[at : at + 2] and _land(" ".join(run[at : at + 2])) for at in range(len(run) - 1)
    )


def _odds(told: Mapping[int, Told], size: int, counted: _Shared) -> dict[tuple[int, int], float]:
    """The log-odds of one case for every pair of stories that share a name or a figure."""
    seen, headlines, _ = ordinary()
    held: Counter[str] = Counter()
    posts: dict[str, list[int]] = defaultdict(list)
    for at, story in told.items():
        for thing in (*story.names, *story.figures):
            held[thing] += 1
            posts[thing].append(at)
    for thing in held:
        held[thing] = max(held[thing], counted.as_name(term(thing)))

    def weight(word: str, count: int) -> float:
        return float(np.log((size + headlines) / (count + seen.get(term(word), 0) + 0.5)))

    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    for thing, stories in posts.items():
        if len(stories) >= 2 and held[thing] <= HELD:
            for at, one in enumerate(stories):
                for other in stories[at + 1 :]:
                    shared[one, other].append(thing)
    made: dict[tuple[int, int], float] = {}
    for (one, other), things in shared.items():
        a, b = told[one], told[other]
        if abs(a.day - b.day) > WINDOW:
            continue
        points = _points(a, b, things, held, counted.at_all, weight)
        if points is not None:
            made[one, other] = max(UNLIKE, min(MOST, points - ENOUGH))
    return made


def _points(
    a: Told,
    b: Told,
    things: Sequence[str],
    held: Counter[str],
    words: Callable[[str], int],
    rare: Rare,
) -> float | None:
    """What speaks for one matter, in points; None where they share no rare name and no figure."""
    names = sorted(
        ((_share(t, a, b) * rare(t, held[t]), t) for t in things if t in a.names and t in b.names),
        reverse=True,
    )
    figures = [t for t in things if t in a.figures and t in b.figures]
    if not figures and not (names and names[0][0] >= RARE):
        return None
    if not a.matter and not b.matter:
        return None
    total = 0.0 if a.matter and b.matter else -ONE_MATTER
    taken: list[str] = []
    for much, name in names[:MOST_NAMES]:
        beside = any(name in a.names[other] or name in b.names[other] for other in taken)
        total += NEXT if beside else much
        taken.append(name)
    total += sum(sorted((COUNT if " " in f else FIGURE for f in figures), reverse=True)[:3])
    total += sum(IN_HEADLINES for name in taken[:1] if name in a.top and name in b.top)
    total += min(2, len(a.subject & b.subject)) * SUBJECT
    mine = {term(name) for name in (*a.names, *b.names)}
    heads = sorted((rare(w, words(w)) for w in (a.headline & b.headline) - mine), reverse=True)
    total += HEADLINE_WORD * sum(w for w in heads[:WORDS] if w > 3.5)
    told = sorted(
        (rare(w, words(w)) for w in (a.words & b.words) - a.headline - b.headline),
        reverse=True,
    )
    total += TEXT_WORD * sum(w for w in told[:WORDS] if w > 6.0)
    between = abs(a.day - b.day)
    if between <= 3:
        total += NEAR
    return total


def _share(name: str, a: Told, b: Told) -> float:
    if name in a.speakers or name in b.speakers:
        return SPEAKER
    return CITY if _city(name) else 1.0


@functools.lru_cache(maxsize=1 << 12)
def _city(word: str) -> bool:
    """Whether a word names a large city: other matters happen there too."""
    return bool(places.find(word.capitalize()))
