"""The cascade: gate, quick text, full read. Each page is asked the cheapest question first."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from broadsheet.wire import judge as judging
from broadsheet.wire import read as reading
from broadsheet.wire import tag as tagging
from broadsheet.wire import urls
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article, Band, Failure, Page, Tags, Verdict
from broadsheet.wire.scan import quick, tongue
from broadsheet.wire.scan.engines import Engine, marks
from broadsheet.wire.scan.funnel import Funnel
from broadsheet.wire.scan.gate import Gate
from broadsheet.wire.scan.records import Record

# A headline of this probability opens the gate by itself: one ordinary headline in a hundred has it, and
# in cross-validation (docs/measures-judge.md) nearly every one that is on the beat.
HEADLINE = 0.02
# A quick text of this probability is read in full. Its paragraphs are not quite the ones that the reader
# finds, so the bar is a part of the 0.5 or so at which the relevant band begins. Of 442 inserted pages on
# the beat 3 did not come so far; 0.2 loses one more than 0.05, and spares a fifth of the false full reads.
QUICK = 0.2
QUICK_UNSURE = 0.02  # where what is unsure is wanted too


# Pages whose headlines are judged together. With 256 instead of 64 a scan gained 7 %, with 512 nothing more.
TOGETHER = 256
MOST_TOGETHER = 32_000_000  # bytes of them that wait


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the gate saw of a page."""

    record: Record
    opens: bool
    headlines: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A page on the beat, read in full, with where it lies."""

    record: Record
    article: Article
    verdict: Verdict
    tags: Tags


class Cascade:
    """A beat, ready to look at pages. One for each process; it counts in `funnel`.

    clock   gives seconds, for what each step costs; without one the costs are nought
    bands   what is given back: the relevant band, or also what the full read leaves unsure
    languages   those that are wanted, as `tongue.asked_for` gives them; None for all
    everything   reads every page in full: what the cascade's own recall is measured against
    """

    def __init__(
        self,
        beat: Beat,
        *,
        engine: Engine | None = None,
        clock: Callable[[], float] | None = None,
        bands: frozenset[Band] = frozenset({Band.RELEVANT}),
        languages: frozenset[str] | None = None,
        everything: bool = False,
    ) -> None:
        self.beat, self.bands, self.languages = beat, bands, languages
        self.everything = everything
        self.funnel = Funnel()
        self._bar = QUICK_UNSURE if Band.UNSURE in bands else QUICK
        self.clock = clock or _no_clock
        self._gate = None if everything else Gate(beat, engine)
        self._model = judging.load_model(beat)
        self._ready = judging.Ready.of(beat, self._model)

    @property
    def engine(self) -> str:
        """What the gate runs on."""
        return self._gate.engine if self._gate else "none"

    def look(self, record: Record) -> Found | None:
        """Look at one page; None where it is not on the beat or cannot be read (counted)."""
        self.came(record)
        return self.full(record) if self.promising(record) else None

    def came(self, record: Record) -> None:
        """Count a page for its outlet and month."""
        month = f"{record.date.year}-{record.date.month:02}" if record.date else ""
        place = "/".join(record.url.split("/", 3)[:3])
        self.funnel.by_month[_host(place), month] += 1

    def warm(self) -> None:
        """Load what the first page would else pay for: the reader's libraries, the languages."""
        body = b"<title>A tram line opens</title><h1>A tram line opens</h1>" + b"<p>Words.</p>" * 99
        self._full(Record("https://courier.example/", body, "text/html", None, 0))
        self._quick(["A tram line opens"], "Words of no weight.")
        self.funnel = Funnel()

    def promising(self, record: Record) -> bool:
        """Whether the page is worth a full read, by what costs little."""
        return any(True for _ in self.sift([record]))

    def sift(self, pages: Iterable[Record]) -> Iterator[Record]:
        """The pages that are worth a full read, in their order.

        The gate looks at a page while its bytes are near the processor. Headlines wait for each other:
        the model's weights, which each page's bytes drive out of there, then come in once for many.
        What has only its headline left to speak for it waits packed, so that the next page's bytes take
        the place that its own had; one in seventy is unpacked again.
        """
        if self.everything:
            yield from pages
            return
        waiting: list[_Looked] = []
        size = 0
        for record in pages:
            if self.languages and not self._spoken(record):
                continue
            looked = self._looked(record)
            waiting.append(looked)
            size += len(looked.record.body) + len(looked.record.packed)
            if len(waiting) >= TOGETHER or size >= MOST_TOGETHER:
                yield from self._weighed(waiting)
                waiting, size = [], 0
        yield from self._weighed(waiting)

    def _spoken(self, record: Record) -> bool:
        """Whether a page may be in a language that is asked for, by what it says of itself."""
        begun = self.clock()
        goes_on = not tongue.plainly_other(record, self.languages or ())
        self.funnel.passed("language", goes_on, self.clock() - begun)
        return goes_on

    def _looked(self, record: Record) -> _Looked:
        assert self._gate is not None
        begun = self.clock()
        seen = self._gate.look(record.body)
        places = marks(record.body) if seen.marks is None else seen.marks
        headlines = quick.headlines(record.body, places)
        looked = _Looked(record if seen.opens else record.held(), seen.opens, headlines)
        self.funnel.steps["gate"].seconds += self.clock() - begun
        return looked

    def _weighed(self, waiting: Sequence[_Looked]) -> list[Record]:
        begun = self.clock()
        on: list[_Looked] = []
        for one in waiting:
            goes_on = one.opens or any(self._score(line) >= HEADLINE for line in one.headlines)
            self.funnel.passed("gate", goes_on, 0.0)
            if goes_on:
                on.append(one)
        after = self.clock()
        self.funnel.steps["gate"].seconds += after - begun
        kept = []
        for one in on:
            record = one.record.whole()
            text = quick.text(record.body, quick.charset(record.body, record.content_type))
            goes_on = self._quick(one.headlines or [""], text)
            self.funnel.passed("quick text", goes_on, 0.0)
            if goes_on:
                kept.append(record)
        self.funnel.steps["quick text"].seconds += self.clock() - after
        return kept

    def _score(self, headline: str) -> float:
        """The probability by the headline alone, without what only a person needs to see."""
        if self._model is None:
            return judging.judge(Article(headline=headline[: judging.HEADLINE]), self.beat).score
        return self._model.probability(self._ready.heading(headline))

    def _quick(self, headlines: Sequence[str], text: str) -> bool:
        return self._ready.chance(headlines, text) >= self._bar

    def full(self, record: Record, read: Article | Failure | None = None) -> Found | None:
        """Read, judge and tag a page; `read` is what another process made of it."""
        begun = self.clock()
        found = self._full(record, read)
        self.funnel.passed("full", found is not None, self.clock() - begun)
        if found is not None:
            self.funnel.passed("found", True, 0.0)
        return found

    def _full(self, record: Record, article: Article | Failure | None = None) -> Found | None:
        if article is None:
            try:
                article = reading.read(page(record), self.beat)
            except WireError as error:
                self.funnel.left[f"not read: {error.what}"] += 1
                return None
            except RecursionError:
                self.funnel.left["not read: The page nests too deep to be read"] += 1
                return None
        if isinstance(article, Failure):
            self.funnel.left[f"not read: {article.reason.partition('. ')[0]}"] += 1
            return None
        if (
            self.languages
            and article.language
            and not tongue.is_among(article.language, self.languages)
        ):
            self.funnel.left["another language"] += 1
            return None
        verdict = judging.judge(article, self.beat, self._model)
        if verdict.band not in self.bands:
            return None
        on_beat = verdict.band is Band.RELEVANT
        return Found(record, article, verdict, tagging.tag(article, self.beat, on_beat=on_beat))


_host = functools.lru_cache(maxsize=10_000)(urls.host)


def page(record: Record) -> Page:
    """A record as the reader takes it."""
    return Page(record.url, record.body, record.content_type, record.date)


def _no_clock() -> float:
    return 0.0
