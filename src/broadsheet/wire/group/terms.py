"""Articles as numbers: words, terms, pieces of headline words, names, figures, stages and days.

A `Corpus` only grows. What it holds of an article follows from that article alone; how much a term
weighs follows from the corpus and from the table of ordinary words beside this module.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
import zlib
from array import array
from collections.abc import Collection, Iterable, Sequence
from importlib import resources
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from broadsheet.wire import dates, text
from broadsheet.wire.model import Article

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

TERM_WORDS = 300  # of a text that tell its event; later paragraphs tell its history
COPY_WORDS = 3000  # of a text that are compared for copies: a bound for hostile pages
LEAST_TEXT = 20  # words of a text that tell more than the headline
HEADLINE_WORDS = 60  # of a headline: what goes on for longer is no headline
CHARACTERS = 40_000  # of a text that are looked at, at most
NAME_CHARACTERS = 1500  # of a text that are searched for names
# How many of a beat's headlines hold each of its own words, at least: "forced labour" is rare in the
# news and in every second headline of a desk that looks for it, so sharing it makes no two one event.
OF_THE_BEAT = 0.02

# Scripts written without blanks: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
# Words that bind sentences and tell no event. English, as the first beat's sources are; in other
# languages the weights do the same work.
STOP = frozenset(
    """
a about after again against all also am an and any are as at back be because been before being
between both but by can could day days did do does down during each few for from get gets had
has have having he her here hers him his how i if in into is it its just may me more most must my
new no nor not now of off on once one only or other our out over own per s said say says she
should so some still such t than that the their them then there these they this those through to
too two under until up us very via was we were what when where which while who whom whose why
will with would year years you your
""".split()  # noqa: SIM905 -- a list of words reads as words
)
# What headlines say in different words. Words of courts, offices and states only: they are met in
# every beat's news.
_ALIKE = (
    "convict guilty conviction verdict",
    "jail prison imprison sentence",
    "arrest detain",
    "sue lawsuit suit",
    "uk british britain",
    "us american america",
    "kill dead die death",
    "transfer move",
    "settle settlement",
    "congressman rep representative lawmaker",
    "gov governor",
    "sen senator",
    "doj justice",
    "probe investigate investigation inquiry",
    "cop police",
)
# The stages of an affair, which tell a follow-up from the event that it follows.
_STAGES = (
    "arrest arrests arrested detains detained held suspects apprehended custody",
    "charge charges charged indicted indictment accused prosecution",
    "plea plead pleads pleaded",
    "trial hearing hears testimony testify testifies jury juror deliberations deliberating court",
    "guilty convict convicts convicted conviction verdict acquitted cleared",
    "sentence sentenced sentencing jail jailed prison imprisoned",
    "appeal appeals appealed rejects overturned",
    "settle settles settled settlement sue sues sued lawsuit",
)
# The order of the stages in a matter: how far a headline goes ("jailed after admitting they held a
# worker" tells the sentence). A plea of guilty is told in the words of a verdict, so it goes before one.
_FAR = (1, 2, 5, 3, 4, 6, 7, 8)
# Words that stand in headlines of every stage, or of none: they say how far it is only where no other does.
_FAINT = "held accused suspects custody court hearing hears prosecution rejects"
# "One" is left out: it is a pronoun too often.
_FIGURES = {
    word: str(number)
    for number, word in enumerate(
        """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
""".split(),  # noqa: SIM905 -- a list of words reads as words
        start=2,
    )
}
_NAME = re.compile(r"\b[A-Z][\w'\u2019-]+")


class _Marks(dict[int, str | None]):
    """For `str.translate`: letters, marks and digits stay, apostrophes go, all else parts words."""

    def __missing__(self, point: int) -> str | None:
        mark = chr(point)
        kept = unicodedata.category(mark)[0] in "LMN"
        made = self[point] = None if mark == "'" else mark if kept else " "
        return made


_MARKS = _Marks()


def split(words: str) -> list[str]:
    """The words of a text, folded, without apostrophes; scripts without blanks as pairs of characters.

    Four times as fast as `text.words`, which keeps places: on 400 words that is most of the cost of
    taking an article in.
    """
    found = text.normal(words, fold=True).text.translate(_MARKS).split()
    if words.isascii() or not _UNSPACED.search(words):
        return found
    out: list[str] = []
    for word in found:
        if _UNSPACED.search(word):
            out += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            out.append(word)
    return out


@functools.lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """A word without its commonest English endings; others come back as they are.

    Small on purpose: "convicted", "convicts" and "convict" should meet, "police" and "policy" not.
    """
    if len(word) < 4 or not word.isascii() or word[-1].isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    if word.endswith("ing") and len(word) > 6:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > 5:
        word = word[:-2]
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word


_MEETS = {stem(w): stem(ws.split()[0]) for ws in _ALIKE for w in ws.split()}
_STAGE = {stem(w): 1 << bit for bit, ws in enumerate(_STAGES) for w in ws.split()}
_FAINTLY = frozenset(stem(w) for w in _FAINT.split())
_STEP = {
    stem(w): far if stem(w) in _FAINTLY else far << 4
    for far, ws in zip(_FAR, _STAGES, strict=True)
    for w in ws.split()
}


def term(word: str) -> str:
    """What a word counts as: its stem, or that of the word it means the same as."""
    stemmed = stem(word)
    return _MEETS.get(stemmed, stemmed)


@functools.cache
def ordinary() -> tuple[dict[str, int], int, frozenset[str]]:
    """How many of so many headlines hold a term, and the terms written small: no names.

    Counted by `training/group/train.py` from 10,258 headlines of 2010 to 2026; words only.
    """
    path = resources.files("broadsheet.wire.group") / "ordinary.json"
    if not path.is_file():
        return {}, 0, frozenset()
    given = json.loads(path.read_text(encoding="utf-8"))
    return given["terms"], int(given["headlines"]), frozenset(given["small"])


class _Words(dict[str, int]):
    """Words numbered as they are met, with what each of them counts as."""

    def __init__(self, common: Collection[str] = ()) -> None:
        super().__init__()
        self._common = frozenset(term(part) for word in common for part in split(word))
        self.hashes = array("Q")  # of the letters: the same in every run
        self.term = array("i")  # number of its term; -1 for a word that binds
        self.terms: dict[str, int] = {}
        self.stage = array("H")  # by term
        # By term: how far in a matter, in the upper four bits unless faintly.
        self.step = array("H")
        self.small = array("b")  # by term: an ordinary word and no name
        self.prior = array("d")  # by term: how many of the ordinary headlines hold it
        self.words: list[str] = []
        self._pieces: dict[int, tuple[int, ...]] = {}  # of headline words only: texts have too many
        self._of_piece: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        crc = zlib.crc32(word.encode())
        self.hashes.append((crc * 0x9E3779B97F4A7C15 + len(word)) & 0xFFFFFFFFFFFFFFFF)
        self.term.append(-1 if word in STOP else self.number(term(word)))
        self.words.append(word)
        return number

    def pieces(self, number: int) -> tuple[int, ...]:
        """The four-letter pieces of a word, by numbers of their own.

        None of a word that binds, nor of the beat's own: they would bring its words back.
        """
        found = self._pieces.get(number)
        if found is None:
            found = ()
            if self.term[number] >= 0 and term(self.words[number]) not in self._common:
                bound, of = f"<{self.words[number]}>", self._of_piece
                ends = range(max(1, len(bound) - 3))
                found = tuple(of.setdefault(bound[i : i + 4], len(of)) for i in ends)
            self._pieces[number] = found
        return found

    def number(self, counted: str) -> int:
        """The number of a term."""
        found = self.terms.get(counted)
        if found is None:
            found = self.terms[counted] = len(self.terms)
            seen, headlines, small = ordinary()
            self.stage.append(_STAGE.get(counted, 0))
            self.step.append(_STEP.get(counted, 0))
            self.small.append(counted in small)
            least = OF_THE_BEAT * headlines if counted in self._common else 0.0
            self.prior.append(max(seen.get(counted, 0), least))
        return found

    @property
    def n_pieces(self) -> int:
        return len(self._of_piece)


class Rows:
    """A sparse matrix that grows by rows. Adding a row costs the row, not the matrix."""

    def __init__(self) -> None:
        self._columns = np.zeros(1024, np.int32)
        self._values = np.zeros(1024, np.float32)
        self._ends = np.zeros(64, np.int64)
        self._rows = 0

    def extend(
        self, columns: npt.NDArray[np.int32], lengths: Sequence[int], *, weigh: bool
    ) -> None:
        """Add a row for each length; equal columns in a row are counted, as 1 + log of the count."""
        owner = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
        held = columns >= 0
        codes, counts = np.unique((owner[held] << 32) | columns[held], return_counts=True)
        start = int(self._ends[self._rows])
        end = start + len(codes)
        self._columns = _roomy(self._columns, end)
        self._values = _roomy(self._values, end)
        self._ends = _roomy(self._ends, self._rows + len(lengths) + 1)
        self._columns[start:end] = codes & 0xFFFFFFFF
        self._values[start:end] = 1.0 + np.log(counts) if weigh else 1.0
        ends = np.searchsorted(codes >> 32, np.arange(1, len(lengths) + 1), side="left")
        self._ends[self._rows + 1 : self._rows + len(lengths) + 1] = ends + start
        self._rows += len(lengths)

    def row(self, at: int) -> npt.NDArray[np.int32]:
        """The columns of one row, rising."""
        return self._columns[self._ends[at] : self._ends[at + 1]]

    def values(self, at: int) -> npt.NDArray[np.float32]:
        """What one row holds in its columns."""
        return self._values[self._ends[at] : self._ends[at + 1]]

    def column_counts(self, width: int) -> Ints:
        """How many rows hold each column."""
        held = self._columns[: self._ends[self._rows]]
        return np.bincount(held, minlength=width).astype(np.int64)

    def matrix(self, width: int, only: Ints | None = None) -> sparse.csr_matrix:
        """All rows, or those named, as a matrix. Costs what is asked for."""
        if only is None or len(only) == self._rows:
            ends = self._ends[: self._rows + 1]
            size = int(ends[-1])
            return sparse.csr_matrix(
                (self._values[:size], self._columns[:size], ends), shape=(self._rows, width)
            )
        lengths = self._ends[only + 1] - self._ends[only]
        ends = np.r_[0, np.cumsum(lengths)]
        at = np.arange(ends[-1]) + np.repeat(self._ends[only] - ends[:-1], lengths)
        return sparse.csr_matrix(
            (self._values[at], self._columns[at], ends), shape=(len(only), width)
        )


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The values, rising, each once. They are sorted; numpy's own way hashes them, which is slower."""
    made = np.sort(values)
    if len(made):
        kept = np.empty(len(made), dtype=bool)
        kept[0] = True
        np.not_equal(made[1:], made[:-1], out=kept[1:])
        made = made[kept]
    return made


def _roomy(given: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """The array, or a copy of it twice as long, with room for `size`."""
    if size <= len(given):
        return given
    made = np.zeros(max(size, 2 * len(given)), dtype=given.dtype)
    made[: len(given)] = given
    return made


_ADDRESS = re.compile(r"https?://\S+")


class Corpus:
    """What is known of articles, in the order in which they were added.

    `common` are words of the beat: they weigh little, since all of its news share them.
    """

    def __init__(self, articles: Iterable[Article] = (), *, common: Collection[str] = ()) -> None:
        self.vocabulary = _Words(common)
        self.articles: list[Article] = []
        self.texts: list[array[int]] = []  # word numbers, for copies
        self.headline_terms: list[tuple[int, ...]] = []
        self.headlines = Rows()
        self.pieces = Rows()
        self.bodies = Rows()
        self.names = Rows()
        self.figures: list[frozenset[str]] = []
        self.stages = array("H")
        self.steps = array("H")  # how far in a matter the headline goes; 0 where it tells no stage
        self.days = array("d")  # ordinal day; nan where it is not known to the day
        self.has_text = array("b")
        self.add(articles)

    def __len__(self) -> int:
        return len(self.articles)

    def add(self, articles: Iterable[Article]) -> None:
        """Add articles."""
        chunk: list[Article] = []
        for article in articles:
            chunk.append(article)
            if len(chunk) == 4096:
                self._add(chunk)
                chunk = []
        if chunk:
            self._add(chunk)

    def _add(self, articles: Sequence[Article]) -> None:
        words = self.vocabulary
        number = words.__getitem__
        heads, bodies, names, grams = array("i"), array("i"), array("i"), array("i")
        length: dict[str, list[int]] = {"heads": [], "bodies": [], "names": [], "grams": []}
        for article in articles:
            headline, body = article.headline[: HEADLINE_WORDS * 20], article.text[:CHARACTERS]
            if _ADDRESS.fullmatch(headline):
                headline = ""  # a page that refused us is known by its address, which tells nothing
            head = array("i", map(number, split(headline)[:HEADLINE_WORDS]))
            told = array("i", map(number, split(body)[:COPY_WORDS])) if body else array("i")
            capitals = set(_NAME.findall(headline))
            if body:
                capitals.update(_NAME.findall(body[:NAME_CHARACTERS]))
            named = array("i", map(number, split(" ".join(capitals))))
            pieces = [piece for word in head for piece in words.pieces(word)]
            heads.extend(head)
            bodies.extend(head)
            bodies.extend(head)
            bodies.extend(told[:TERM_WORDS])
            names.extend(named)
            grams.extend(pieces)
            length["heads"].append(len(head))
            length["bodies"].append(2 * len(head) + min(len(told), TERM_WORDS))
            length["names"].append(len(named))
            length["grams"].append(len(pieces))
            self.texts.append(told)
            self.figures.append(_figures(headline))
            self.days.append(day_of(article))
            self.has_text.append(len(told) >= LEAST_TEXT)
        self.articles += articles
        term = np.frombuffer(words.term, dtype=np.int32)
        stage = np.frombuffer(words.stage, dtype=np.uint16)
        step = np.frombuffer(words.step, dtype=np.uint16)
        small = np.frombuffer(words.small, dtype=np.int8)
        of_heads = _of(term, heads)
        self.headlines.extend(of_heads, length["heads"], weigh=False)
        self.bodies.extend(_of(term, bodies), length["bodies"], weigh=True)
        named_terms = _of(term, names)
        known = np.flatnonzero(named_terms >= 0)
        named_terms[known[small[named_terms[known]] != 0]] = -1
        self.names.extend(named_terms, length["names"], weigh=False)
        self.pieces.extend(np.array(grams, dtype=np.int32), length["grams"], weigh=False)
        at = 0
        for size in length["heads"]:
            mine = of_heads[at : at + size]
            mine = mine[mine >= 0]
            self.headline_terms.append(tuple(mine.tolist()))
            self.stages.append(int(np.bitwise_or.reduce(stage[mine])) if len(mine) else 0)
            furthest = int(step[mine].max()) if len(mine) else 0
            self.steps.append(furthest >> 4 or furthest)
            at += size

    def prior(self, width: int) -> Floats:
        """How many of the ordinary headlines hold each term."""
        made = np.zeros(width)
        counted = np.array(self.vocabulary.prior)
        made[: len(counted)] = counted
        return made


def _of(term: npt.NDArray[np.int32], words: array[int]) -> npt.NDArray[np.int32]:
    """The terms of words by their numbers; -1 for those that bind."""
    return term[np.array(words, dtype=np.int32)] if len(words) else np.zeros(0, np.int32)


def _figures(headline: str) -> frozenset[str]:
    found = {_FIGURES.get(w, w) for w in text.words(headline)}
    found |= {f.replace(",", "").rstrip(".") for f in re.findall(r"\d[\d,.]*", headline)}
    return frozenset(f for f in found if f[:1].isdigit())


def day_of(article: Article) -> float:
    """The ordinal day on which it was published; nan where only month or year are known."""
    when = article.published
    if when is None or len(when.value) < 10:
        return float("nan")
    return float(dates.first_day(when.value).toordinal())
