"""What belongs on the beat, and why.

Two halves come to one probability: the beat's phrases, which an editor can read and change, and a
small learned model over words, pieces of words, families of words, phrases and near misses. A beat
without a model is judged by its phrases alone, with the same code.

The headline is judged by itself; text makes the judgement better, and the text of ordinary news
does not trip it (`weights.Model.text`). Nothing is dropped: what cannot be judged waits in the
unsure band with a note that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from broadsheet.wire import phrases
from broadsheet.wire.beat import Beat
from broadsheet.wire.judge import features, learning
from broadsheet.wire.judge import second as second_opinion
from broadsheet.wire.judge.finds import matcher, of_phrases, plain, within
from broadsheet.wire.judge.language import uncovered
from broadsheet.wire.judge.learning import Recall, recall
from broadsheet.wire.judge.score import Scorer
from broadsheet.wire.judge.second import Second
from broadsheet.wire.judge.weights import EXTREME, Bands, Learned, Model, clipped
from broadsheet.wire.judge.weights import load as load_model
from broadsheet.wire.model import Article, Band, Evidence, Verdict
from broadsheet.wire.phrases import Hit, Scan

__all__ = [
    "Bands",
    "Learned",
    "Model",
    "Recall",
    "Second",
    "judge",
    "judge_many",
    "learn",
    "load_model",
    "might_matter",
    "recall",
]

HEADLINE = 300  # code points: what goes on for longer is a text
LEAD = 1200  # code points of the text that are judged sentence by sentence: what, who, where
SENTENCES = 6  # of the lead
TOGETHER = 2  # neighbouring sentences that are judged as one
LATER = 1.0  # taken off for each sentence before it: what an article is about, it says at once
# How far below the unsure band an article is clearly off the beat: at 24 the desk fetches some 24 in 100
# headlines of a general feed, and none of the labelled ones that are on the beat is passed over.
CLEARLY = 24
TERMS = 6  # learned terms shown with a verdict
SHOWN = 0.25  # a learned term that moved the sum by less is not worth an editor's eye

# Without a model: the score by what the phrases say. The bands follow domain knowledge that came
# with the taxonomy: anchors are right nearly always, near misses without an anchor are other beats.
PHRASE_BANDS = Bands(unsure=0.3, relevant=0.6)
_BY_PHRASES = {"anchor": 0.9, "anchor_near": 0.6, "strong": 0.4, "near": 0.05, "none": 0.02}


def judge(
    article: Article, beat: Beat, model: Model | None = None, second: Second | None = None
) -> Verdict:
    """Judge one article. Without a `model` the one in the beat's folder is used, if there is one.

    `second` is asked about what is unsure or nearly so, and may move its score within bounds
    (second.py).

    Spans of the evidence are code points in the headline or text as given. Never raises for what an
    article holds: no words, another language or leftover HTML give a verdict with a note.
    """
    return next(judge_many((article,), beat, model, second))


def judge_many(
    articles: Iterable[Article],
    beat: Beat,
    model: Model | None = None,
    second: Second | None = None,
) -> Iterator[Verdict]:
    """Judge articles one after the other; what it needs of the beat is made ready once."""
    one = Ready.of(beat, model or load_model(beat))
    return (one.judge(article, second) for article in articles)


def might_matter(article: Article, beat: Beat, model: Model | None = None) -> bool:
    """Whether an article is worth fetching in full: False only where headline and excerpt are clearly
    off the beat.

    The editor reads what is unsure; a machine may read much more, since an outlet's headline often
    hides its subject. So the bar is 1 / CLEARLY of the score at which the unsure band begins, and any
    phrase of the beat, near misses among them, or a language that is not covered is enough.
    """
    return Ready.of(beat, model or load_model(beat)).might_matter(article)


def learn(model: Model, decisions: Sequence[tuple[Article, bool]], beat: Beat) -> Model:
    """The model with what a desk's takes (True) and leaves teach; what it had learned before is gone.

    `learned.words` says what was learned; see learning.py for what it may not do.
    """
    shipped = replace(model, learned=None)
    scores = [v.score for v in judge_many((article for article, _ in decisions), beat, shipped)]
    return learning.learn(shipped, decisions, beat, scores)


class Ready:
    """A beat and a model, ready."""

    _kept: dict[tuple[int, int], Ready] = {}

    @classmethod
    def of(cls, beat: Beat, model: Model | None) -> Ready:
        key = (id(beat), id(model))
        kept = cls._kept.get(key)
        if kept is None or kept.beat is not beat or kept.model is not model:
            if len(cls._kept) >= 8:
                cls._kept.clear()
            kept = cls._kept[key] = cls(beat, model)
        return kept

    def __init__(self, beat: Beat, model: Model | None) -> None:
        self.beat, self.model = beat, model
        self.matcher = matcher(beat)
        kinds = features.families(beat.folder)
        self.scorer = Scorer(model.weights, model.bias, kinds) if model else None
        told = features.families(beat.folder, of_text=True)
        self.leads = Scorer(model.lead, model.lead_bias, told) if model and model.lead else None
        self.bands = model.bands if model else PHRASE_BANDS
        self.learned = model.learned if model and model.learned and model.learned.weights else None
        # Below it, not even the most that can be learned lifts an article into the unsure band.
        self.floor = learning.floor(self.bands.unsure)

    def judge(self, article: Article, second: Second | None = None) -> Verdict:
        headline, rest = article.headline, article.text
        long = len(headline) > HEADLINE
        headline = plain(headline[:LEAD])
        words = features.words(headline)
        if not words and not features.words(plain(rest[:LEAD])):
            return Verdict(Band.UNSURE, self.bands.unsure, notes=("cannot judge: no words",))
        scan = self.matcher.scan(headline)
        body = plain(rest) if rest else ""
        whole = self.matcher.scan(body[:LEAD]) if body else None
        best: tuple[int, int] | None = None
        if self.scorer is None or self.model is None:
            lead = self._lead(body) if body else ()
            score = max(map(_by_phrases, (scan, *(self.matcher.scan(body[a:b]) for a, b in lead))))
        else:
            # What goes on for longer than a headline is judged as a text: by its best sentence.
            total = self._long(headline) if long else self.total(words, scan)
            sums = self.best(body, whole) if whole is not None and self.leads is not None else None
            score = self._joined(total, sums, whole)
            best = sums[2] if sums else None
            if self.learned is not None and score >= self.floor:
                score = learning.shifted(score, self.learned, article, self.beat)
        band = self._band(score)
        notes: tuple[str, ...] = ()
        if band is not Band.RELEVANT:
            other = uncovered(
                article.language,
                headline if words else body[:HEADLINE],
                words or features.words(body[:HEADLINE]),
                self.beat,
                self.scorer,
            )
            if other:
                band, notes = Band.UNSURE, (f"language not covered: {other}",)
        if second is not None and (notes or second_opinion.worth_asking(score, self.bands)):
            anchored = bool(scan.anchors) or (whole is not None and bool(whole.anchors))
            said = second(article)
            if said is not None:
                score = self._moved(score, said, keep=anchored or bool(notes))
                band = self._band(score)
            notes = (*notes, second_opinion.told(said))
        if band is Band.OFF_BEAT and not scan.near_miss and not scan.anchors and not body:
            return Verdict(band, round(score, 4), notes=notes)
        evidence = list(self._evidence("headline", headline, article.headline, scan, band))
        near = {hit.code: None for hit in scan.near_miss}
        if whole is not None:
            near |= {hit.code: None for hit in whole.near_miss}
            if band is not Band.OFF_BEAT or whole.anchors:
                evidence += self._evidence("text", body[:LEAD], article.text, whole, band, best)
        return Verdict(band, round(score, 4), tuple(near), tuple(evidence), notes)

    def chance(self, headlines: Sequence[str], text: str) -> float:
        """The score under the best of several headlines, without what only an editor needs to see.

        For a scan, which asks it of every hundredth page of millions; what a desk has taught is left out.
        """
        if self.model is None:
            return max(self.judge(Article(headline=one, text=text)).score for one in headlines)
        body = plain(text)
        whole = self.matcher.scan(body[:LEAD]) if body else None
        sums = self.best(body, whole) if whole is not None and self.leads is not None else None
        return max(self._joined(self.heading(one), sums, whole) for one in headlines)

    def heading(self, headline: str) -> float:
        """The sum of the weights over a headline as it is given; what is too long for one is cut."""
        line = plain(headline[:HEADLINE])
        return self.total(features.words(line), self.matcher.scan(line))

    def _joined(
        self, total: float, lead: tuple[float, float, object] | None, whole: Scan | None
    ) -> float:
        """The score of a headline's sum and of what the lead says, if there is one."""
        assert self.model is not None
        if lead is not None and whole is not None:
            near_miss = bool(whole.near_miss) and not whole.anchors
            total = self.model.with_text(total, lead[0], lead[1], near_miss)
        score = self.model.probability(total)
        if whole is not None and _spoken_of(whole):
            return max(score, self.bands.unsure)
        return score

    def _moved(self, score: float, said: float, keep: bool) -> float:
        """The score after a second opinion; with `keep` it stays in the unsure band at least."""
        least = self.bands.unsure if keep else 0.0
        return max(second_opinion.joined(max(score, least), said), least)

    def might_matter(self, article: Article) -> bool:
        """See the function of this name."""
        for given in (article, replace(article, text="")) if article.text else (article,):
            verdict = self.judge(given)
            if verdict.band is not Band.OFF_BEAT or verdict.score >= self.bands.unsure / CLEARLY:
                return True
        for part in (article.headline[:LEAD], article.text[:LEAD]):
            scan = self.matcher.scan(plain(part))
            if scan.anchors or scan.strong or scan.near_miss:
                return True
        return False

    def _band(self, score: float) -> Band:
        if score >= self.bands.relevant:
            return Band.RELEVANT
        return Band.UNSURE if score >= self.bands.unsure else Band.OFF_BEAT

    def _lead(self, body: str) -> tuple[tuple[int, int], ...]:
        """The spans of the first sentences."""
        start = body[:LEAD]
        ends = [0, *phrases.sentence_ends(start)[:SENTENCES]]
        if len(ends) <= SENTENCES:
            ends.append(len(start))
        return tuple((a, b) for a, b in pairwise(ends) if body[a:b].strip())

    def total(self, words: Sequence[str], scan: Scan) -> float:
        """The sum of the weights over a headline or a sentence."""
        assert self.scorer is not None
        total = self.scorer.bias + self.scorer.words(words)
        for kind, what in of_phrases(scan):
            total += self.scorer.feature(kind, what)
        return total

    def _long(self, headline: str) -> float:
        """A text where a headline should be: by its best sentence."""
        sums = []
        for at, (a, b) in enumerate(self._lead(headline)):
            part = headline[a:b]
            total = self.total(features.words(part), self.matcher.scan(part))
            sums.append(min(total, EXTREME) - LATER * at)
        return max(sums, default=0.0)

    def best(self, body: str, whole: Scan) -> tuple[float, float, tuple[int, int] | None]:
        """The greatest sum of two neighbouring sentences of the lead, the greatest that shares no
        sentence with them, and where the first two stand.

        What is told once and far down is told in passing: each sentence before takes LATER off, and
        the second sum is that of one place only where there are not three sentences.
        """
        assert self.leads is not None
        lead = self._lead(body)
        if not lead:
            return -EXTREME, -EXTREME, None
        words = [features.words(body[a:b]) for a, b in lead]
        sums = []
        for at, (a, b) in enumerate(_windows(lead)):
            total = self.leads.bias + self.leads.words(
                [w for some in words[at : at + TOGETHER] for w in some]
            )
            for kind, what in of_phrases(within(whole, a, b)):
                total += self.leads.feature(kind, what)
            sums.append((clipped(total) - LATER * at, at, (a, b)))
        top, first, place = max(sums, key=lambda one: (one[0], -one[1]))
        after = max((total for total, at, _ in sums if abs(at - first) >= TOGETHER), default=top)
        return top, after, place

    def windows(self, body: str) -> list[str]:
        """Each two neighbouring sentences of the lead, to fit their weights."""
        return [body[a:b] for a, b in _windows(self._lead(body))]

    def sums(self, article: Article) -> tuple[float, float, float] | None:
        """The sums of headline and lead, to fit how they join; None where one is missing."""
        headline, body = plain(article.headline), plain(article.text)
        words = features.words(headline)
        if not words or not self._lead(body) or self.leads is None:
            return None
        top, after, _ = self.best(body, self.matcher.scan(body[:LEAD]))
        return self.total(words, self.matcher.scan(headline)), top, after

    def _evidence(
        self,
        field: str,
        judged: str,
        given: str,
        scan: Scan,
        band: Band,
        only: tuple[int, int] | None = None,
    ) -> Iterator[Evidence]:
        """The phrases, the near misses, then the learned terms that moved the sum the most."""
        seen: set[tuple[int, int, str]] = set()
        for hit in (*scan.anchors, *scan.near_miss, *scan.classes()):
            if (hit.start, hit.end, hit.code) in seen:
                continue
            seen.add((hit.start, hit.end, hit.code))
            yield Evidence(
                given[hit.start : hit.end], field, hit.start, hit.end, hit.code, self._weight(hit)
            )
        scorer = self.leads if field == "text" and self.leads else self.scorer
        if scorer is None or band is Band.OFF_BEAT:
            return
        start, end = only or (0, len(judged))
        spans = features.spans(judged[start:end])
        kinds = scorer.kinds
        terms = [
            (weight, first, last)
            for weight, first, last in scorer.terms([word for word, _, _ in spans])
            # "from" and "into" move the sum, but tell an editor nothing.
            if first != last or _telling(spans[first][0], kinds)
        ]
        strongest = sorted(terms, key=lambda term: (-abs(term[0]), term[1], term[2]))[:TERMS]
        for weight, first, last in strongest:
            if abs(weight) >= SHOWN:
                a, b = start + spans[first][1], start + spans[last][2]
                yield Evidence(given[a:b], field, a, b, "model", round(weight, 3))

    def _weight(self, hit: Hit) -> float:
        if self.scorer is None:
            return {"anchor": 0.9, "near_miss": -0.3, "strong": 0.4}.get(hit.kind, 0.0)
        if hit.kind == "near_miss":
            return round(self.scorer.feature("n", hit.code), 3)
        what = "anchor" if hit.kind == "anchor" else f"{hit.kind}:{hit.code}"
        return round(self.scorer.feature("p", what), 3)


def _windows(lead: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans of each TOGETHER neighbouring sentences; of all of them where there are fewer."""
    if len(lead) < TOGETHER:
        return [(lead[0][0], lead[-1][1])] if lead else []
    return [(a, b) for (a, _), (_, b) in zip(lead, lead[TOGETHER - 1 :], strict=False)]


def _telling(word: str, kinds: features.Families) -> bool:
    return len(word) > 4 or not word.isascii() or bool(kinds.of(word))


def _spoken_of(lead: Scan) -> bool:
    """Whether the lead says in plain words, in two places, what the beat is about.

    Trade papers tell of forced labour under headlines of freight and fish, which the learned half has
    never seen. One mention in passing is not enough ("the minister also spoke of human trafficking").
    Of 10,258 real articles (a month's news, BASIL) that the model files off the beat none has two.
    """
    places = {(hit.start, hit.end) for hit in (*lead.anchors, *lead.strong)}
    return bool(lead.anchors) and not lead.near_miss and len(_apart(places)) > 1


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that do not overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _by_phrases(scan: Scan) -> float:
    if scan.anchors:
        return _BY_PHRASES["anchor_near" if scan.near_miss else "anchor"]
    if scan.near_miss:
        return _BY_PHRASES["near"]
    return _BY_PHRASES["strong" if scan.strong else "none"]
