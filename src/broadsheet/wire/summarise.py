"""Summarise: one to three sentences that stand in the story's own articles.

Nothing is rewritten. The sentence that says who, what, how many, where and on whose word is
preferred; one that would break the beat's wording rules, name a victim or a child, or give a
shelter away is never proposed: rather a blank than harm.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sentencex

from broadsheet.wire import text
from broadsheet.wire.beat import Beat, Rule
from broadsheet.wire.model import Article, Conflict, Count, Member, Role, Sentence, Summary

QUOTED_WORDS = 75  # the seed's four summaries have 28 to 55 words of the outlet's own
SENTENCES = 3
DATELINES = 4  # sentences that may carry one: a page may repeat headline and standfirst first
LOOK_AT = 12  # sentences from the top: news tells its event first
SHORTEST, LONGEST = 6, 70  # words of a sentence worth proposing
GOOD = 2.0  # points that a first sentence needs, so that a stray line is not taken for a summary


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A sentence and where it stands."""

    article: Article
    start: int
    end: int
    position: int  # among the sentences of its article

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


def summarise(members: Sequence[Member], beat: Beat) -> Summary:
    """Propose a summary for the members of one story.

    Sentences come from the lead article, then from reports where the lead has none that are fit,
    and stand in the summary in the order of their article. Where no article has a fit sentence the
    lead's description is proposed, marked as changed unless it stands in the text; where that is
    unfit too the summary is blank. `members` must not be empty.
    """
    story = members[0].story
    sources = [m.article for m in sorted(members, key=_order)]
    conflicts = _conflicts([m for m in members if m.role is not Role.COPY])
    for article in sources:
        chosen = _choose(article, beat)
        if chosen:
            made = tuple(
                Sentence(place.text, _identity(article), place.start, place.end) for place in chosen
            )
            return _summary(story, made, conflicts)
    for article in sources:
        described = _described(article, beat)
        if described:
            return _summary(story, (described,), conflicts)
    return Summary(story, "", conflicts=conflicts)


def _summary(story: str, made: tuple[Sentence, ...], conflicts: tuple[Conflict, ...]) -> Summary:
    words = " ".join(text.squeezed(sentence.text) for sentence in made)
    count = _length(words)
    return Summary(story, words, made, conflicts, count if count > QUOTED_WORDS else 0)


def warnings(made: Summary) -> list[str]:
    """What an editor should look at in a summary, in English."""
    if not made.quoted:
        return []
    return [f"{made.quoted} words quoted from the article; the house limit is {QUOTED_WORDS}"]


def _order(member: Member) -> tuple[bool, bool, bool, str, str]:
    article = member.article
    return (
        member.role is not Role.LEAD,
        member.role is Role.COPY,
        not article.text,
        article.published.sort_key() if article.published else "9",
        article.key,
    )


def _identity(article: Article) -> str | int:
    return article.key if article.id is None else article.id


# --- sentences -----------------------------------------------------------------------------

# "HANOI (Reuters) - ", "BANGKOK, June 17 (Thomson Reuters Foundation) - ", "WASHINGTON — "
_DATELINE = re.compile(
    r"\s*(?:(?:[A-Z][A-Z.'\u2019-]+(?:[ /][A-Z][A-Za-z.'\u2019-]*){0,3}"  # the place, in capitals
    r"(?:,\s*[A-Z][\w.'\u2019-]*(?:\s[A-Z][\w.'\u2019-]*){0,2})?"  # its country or state
    r"(?:,\s*[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:,\s*\d{4})?)?"  # the day
    r"\s*(?:\([^()]{2,40}\))?|[A-Z][\w .,'\u2019-]{1,50}\([A-Z][\w ./-]{1,38}\))"  # the agency
    r"\s*(?:[\u2013\u2014]|--?|:)\s+|\([A-Z][A-Za-z ]{1,30}\)\s*(?:[\u2013\u2014]|--?)\s+)"
)
_BLANK = re.compile(r"\s*")
_PARAGRAPH = re.compile(r"[^\n]+")


def sentences(article: Article) -> Iterator[tuple[int, int]]:
    """The spans of an article's sentences, paragraph by paragraph, without blanks or a dateline."""
    body = article.text
    language = (article.language or "en").partition("-")[0].lower()
    begun = 0
    for paragraph in _PARAGRAPH.finditer(body):
        at = paragraph.start()
        for made in sentencex.segment(language, paragraph.group()):
            start = body.find(made, at, paragraph.end())
            if start < 0:
                continue  # the splitter changed the text: a span would not be true
            at = end = start + len(made)
            start += len(made) - len(made.lstrip())
            end -= len(made) - len(made.rstrip())
            if begun < DATELINES:
                match = _DATELINE.match(body, start, end)
                if match:
                    start = match.end()
                begun += 1
            if start < end:
                yield start, end


def _choose(article: Article, beat: Beat) -> list[_Place]:
    """The sentences to propose from one article, in their order; none where none is fit."""
    if not article.text.strip():
        return []
    places: list[_Place] = []
    for position, (start, end) in enumerate(sentences(article)):
        if position >= LOOK_AT:
            break
        places.append(_Place(article, start, end, position))
    fit = [p for p in places if _complete(p.text) and not unsuitable(p.text, beat)]
    if not fit:
        return []
    about = _content(article.headline)
    score = {p: _score(p, about) for p in fit}
    best = max(fit, key=lambda p: (score[p], -p.position))
    if score[best] < GOOD:
        return []
    chosen, said = [best], _content(best.text)
    while len(chosen) < SENTENCES:
        room = QUOTED_WORDS - sum(_length(p.text) for p in chosen)
        more = [
            (score[p] + _gain(p.text, said) + _nearness(p, chosen), -p.position, p)
            for p in fit
            if p not in chosen
            and _length(p.text) <= room
            and p.position <= best.position + 4
            and (p.position > best.position or not _leans(chosen[0].text))
        ]
        if not more:
            break
        worth, _, place = max(more, key=lambda m: m[:2])
        # A first sentence that says all stands alone, as three of the seed's four do nearly.
        enough = sum(_length(p.text) for p in chosen)
        if worth < (3.2 if enough < 24 else 4.2 if enough < 40 else 5.5):
            break
        if _leans(place.text) and place.position - 1 not in {p.position for p in chosen}:
            fit.remove(place)
            continue
        chosen.append(place)
        said |= _content(place.text)
    return sorted(chosen, key=lambda p: p.position)


_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def _length(words: str) -> int:
    """The words of a text; two characters of a script without blanks count as one word."""
    unspaced = len(_UNSPACED.findall(words))
    return len(_UNSPACED.sub(" ", words).split()) + (unspaced + 1) // 2


_ENDS = re.compile(r"[.!?\u3002\uff01\uff1f\u2026\u0964\u06d4][\"'\u201d\u2019)\]\u300d\u300f]*$")
_FURNITURE = re.compile(
    r"(?i)\b(?:click here|read more|sign up|subscrib\w+|newsletter|cookies?|follow us|share this|"
    r"advertisement|all rights reserved|copyright|file photo|photo(?:graph)? by|image (?:source|credit)|"
    r"getty images|watch:|listen:|related:|recommended|story continues|this article (?:was|is)|"
    r"reporting by|edited by|editing by|originally published|updated on|download the app|"
    r"terms of (?:use|service)|privacy policy|contact us|letters to the editor|support our journalism|"
    r"enable javascript|your browser|log ?in|comments? (?:are|section)|last updated|minutes? read)\b|\u00a9|https?://|@\w"
)


def _complete(sentence: str) -> bool:
    """Whether it is a whole sentence of news and no furniture of the page."""
    return (
        SHORTEST <= _length(sentence) <= LONGEST
        and (bool(_ENDS.search(sentence)) or _unended(sentence))
        and not sentence.rstrip().endswith(("?", "\uff1f"))
        and not _FURNITURE.search(sentence)
    )


def _unended(sentence: str) -> bool:
    """A paragraph that lost its full stop: too long for a heading, and not broken off."""
    bare = sentence.rstrip("\"'\u201d\u2019)")
    return _length(sentence) >= 18 and bare[-1:].isalnum() and not sentence.isupper()


_STOP = frozenset(
    """
a about after all also an and any are as at be been before but by can could do for from had has
have he her his how i if in into is it its more no not of on one or our out over said say says
she so some than that the their them there these they this those to two up us was we were what
when where which who will with would you your
""".split()  # noqa: SIM905 -- a list of words reads as words
)


def _content(words: str) -> frozenset[str]:
    return frozenset(w[:6] for w in text.words(words) if w not in _STOP and len(w) > 2)


_NUMBER = re.compile(
    r"\b(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?)\b",
    re.IGNORECASE,
)
_WORD_OF = re.compile(
    r"(?i)\b(?:said|says|according to|told|announced|reported|court (?:heard|found|ruled)|found that|"
    r"officials?|police|prosecutors?|ministry|statement|report by|alleged?(?:ly)?|"
    r"confirmed|warned|ruled|accused)\b"
)
_WHERE = re.compile(
    r"\b(?:in|at|from|across|near|to|outside)\s+(?:the\s+)?(?:[a-z]+ern\s+)?[A-Z][a-z]+"
)
_WHO = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-z]+")
_ACTS = re.compile(
    r"(?i)\b(?:arrest|charg|convict|sentenc|jail|accus|launch|publish|releas|pass|approv|sign|found|"
    r"rescu|free|seiz|raid|kill|order|rul|plead|su|announc|ban|clos|open|report|warn|call|agree|"
    r"plan|reject|vow|return|identif|investigat|appeal|fin|extradit|deport)(?:e|ed|es|s|ing|d)?\b"
)
_LEAN = re.compile(
    r"(?i)^[\"'\u201c\u2018]?(?:he|she|it|they|this|that|these|those|his|her|their|its|but|and|so|"
    r"however|also|meanwhile|instead|yet|such|both|the (?:latest|pair|two|three|man|woman|group|move|"
    r"decision|ruling|case|report|law|company|suspects?|victims?))\b"
)
_QUOTE = re.compile(r"[\"\u201c\u00ab\u300c][^\"\u201c\u201d\u00bb\u300d]*[\"\u201d\u00bb\u300d]?")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I\u2019m|we|We|my|My|our|Our|you|You|your)\b")


def _leans(sentence: str) -> bool:
    """Whether it needs the sentence before it to be understood."""
    return bool(_LEAN.match(sentence))


def _score(place: _Place, about: frozenset[str]) -> float:
    """How much of an event one sentence tells.

    Points were set by reading 60 stories beside their first two sentences
    (docs/measures-group.md): position 3 falling by 0.6 a sentence, up to 2 for the words of the
    headline, 0.5 each for a figure, a place, a name, an act and on whose word.
    """
    sentence = place.text
    points = max(0.0, 3.0 - 0.6 * place.position)
    if about:
        points += 2.0 * min(1.0, len(about & _content(sentence)) / min(len(about), 6))
    for pattern in (_NUMBER, _WHERE, _WHO, _ACTS, _WORD_OF):
        points += 0.5 * bool(pattern.search(sentence))
    bare = _QUOTE.sub("", sentence)
    quoted = 1.0 - len(bare) / max(1, len(sentence))
    points -= 2.5 * max(0.0, quoted - 0.2)
    points -= 1.0 * bool(_FIRST_PERSON.search(bare))
    points -= 1.8 * _leans(sentence)
    points -= 1.0 * sentence.startswith(('"', "\u201c", "\u2018", "'"))
    length = _length(sentence)
    points -= 0.06 * max(0, length - 38) + 0.15 * max(0, 10 - length)
    return points


def _gain(sentence: str, said: frozenset[str]) -> float:
    """What a further sentence adds: new words count for it, repeated ones against it."""
    words = _content(sentence)
    if not words:
        return -2.0
    repeated = len(words & said) / len(words)
    return 1.0 - 3.0 * max(0.0, repeated - 0.35)


def _nearness(place: _Place, chosen: Sequence[_Place]) -> float:
    return 0.6 if any(abs(place.position - p.position) == 1 for p in chosen) else 0.0


# --- what is never proposed ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Forbidden:
    id: str
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    ok_if: re.Pattern[str] | None
    raise_if: re.Pattern[str] | None  # only where this stands in the sentence too

    def finds(self, sentence: str) -> bool:
        return (
            bool(self.pattern.search(sentence))
            and (self.needs is None or bool(self.needs.search(sentence)))
            and not (self.unless and self.unless.search(sentence))
            and not (self.ok_if and self.ok_if.search(sentence))
            and (self.raise_if is None or bool(self.raise_if.search(sentence)))
        )


@functools.lru_cache(maxsize=8)
def _rules(rules: tuple[tuple[Rule, bool], ...]) -> tuple[_Forbidden, ...]:
    def made(pattern: str | None, flags: re.RegexFlag) -> re.Pattern[str] | None:
        return re.compile(pattern, flags) if pattern else None

    out = []
    for rule, always in rules:
        flags = re.NOFLAG if rule.case_sensitive else re.IGNORECASE
        out.append(
            _Forbidden(
                rule.id,
                re.compile(rule.pattern, flags),
                made(rule.needs, flags),
                made(rule.unless, re.IGNORECASE),
                made(rule.ok_if, re.IGNORECASE),
                None if always else made(rule.raise_if, re.IGNORECASE),
            )
        )
    return tuple(out)


def _forbidden(beat: Beat) -> tuple[_Forbidden, ...]:
    """What is never proposed of the beat's rules, as far as the house's choices let them speak.

    Those of severity error, those that are raised to it by what else the sentence says, and those
    that `summaries.never` of language.yaml names.
    """
    summaries = beat.wording.get("summaries")
    never = set(summaries.get("never", ())) if isinstance(summaries, dict) else set()
    return _rules(
        tuple(
            (rule, rule.severity == "error" or rule.id in never)
            for rule in beat.rules
            if (
                rule.severity == "error"
                or rule.id in never
                or (rule.severity == "warn" and rule.raise_if)
            )
            and (not rule.when or beat.switches.get(rule.switch or "") in rule.when)
        )
    )


_NAME = r"[A-Z][a-z]+(?:[ -][A-Z][a-z'\u2019]+){0,3}"
_HARMED = (
    r"(?:victims?|survivors?|complainants?|trafficked|enslaved|raped|abused|assaulted|rescued|"
    r"exploited)"
)
# A named person with an age below 18: "Lina, 16, told the court", "16-year-old Lina Example".
_NAMED_CHILD = re.compile(
    rf"\b{_NAME}, (?:aged? )?(?:[1-9]|1[0-7])(?:,|\b(?! (?:of|per|%)))|"
    rf"\b(?:[1-9]|1[0-7])-year-old (?:(?:girl|boy|schoolgirl|schoolboy|victim|survivor) )?"
    rf"(?:named |called )?{_NAME}"
)
# A named person beside a word for someone who was harmed: "survivor Lina Example",
# "Lina, who was trafficked", "the victim, Lina Example".
_NAMED_HARMED = re.compile(
    rf"\b(?i:victim|survivor|complainant)s?,? (?:named |called |identified as )?{_NAME}|"
    rf"\b{_NAME}(?:, (?:aged? )?\d{{1,2}})?,? (?:who|a|an|one of the|is a|was) (?:[\w-]+ ){{0,3}}{_HARMED}\b"
)
# Officials and the accused are named by their office or act; a sentence on them names no victim.
_SEXUAL = re.compile(
    r"(?i)\b(?:masturbat|orgasm|penetrat|oral sex|genital|naked|nude|sex acts?|sexual acts?|ejaculat|"
    r"intercourse|semen|breasts?|groped|fondl)\w*"
)


def unsuitable(sentence: str, beat: Beat) -> str | None:
    """Why a sentence may not be proposed: the id of the rule, or in words; None where it may."""
    given = text.normal(sentence).text
    for rule in _forbidden(beat):
        if rule.finds(given):
            return rule.id
    if _SEXUAL.search(given):
        return "sexual detail"
    if _NAMED_CHILD.search(given):
        return "a child may be named"
    if _NAMED_HARMED.search(given):
        return "a victim may be named"
    return None


def _described(article: Article, beat: Beat) -> Sentence | None:
    """The outlet's own description, whole or up to its last fit sentence."""
    words = text.squeezed(article.description or "")
    if _length(words) < SHORTEST or _length(words) > QUOTED_WORDS or _FURNITURE.search(words):
        return None
    if unsuitable(words, beat):
        return None
    start = article.text.find(words)
    if start >= 0:
        return Sentence(words, _identity(article), start, start + len(words))
    return Sentence(words, _identity(article), None, None, changed=True)


# --- conflicts -------------------------------------------------------------------------------

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
# fmt: off
COUNTED = (
    "people", "persons", "women", "men", "girls", "boys", "children", "victims", "workers", "suspects",
    "migrants", "arrests", "foreigners", "nationals", "defendants", "cases", "countries", "survivors",
    "passengers", "officers", "dead", "killed", "injured", "arrested", "rescued", "freed", "detained",
    "convicted", "years", "months",
)
# fmt: on
_COUNTED = re.compile(
    rf"\b(\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}})\s+(?:[a-z-]+\s+){{0,2}}?({'|'.join(COUNTED)})\b"
)


def _conflicts(members: Sequence[Member]) -> tuple[Conflict, ...]:
    """Where the reports of a story give different figures for one thing, in their first sentences.

    "28 workers (The Example) or 31 workers (Another)". What an article counts is what it says first:
    its headline, or the first sentence that counts that thing. Where this one gives two numbers
    ("31 people, 12 of those people") it says nothing certain.
    """
    figures: dict[str, dict[int, str]] = {}
    for member in sorted(members, key=_order):
        article = member.article
        for thing, number in _counted(article.headline, article.text[:800]).items():
            named = article.source or str(_identity(article))
            figures.setdefault(thing, {}).setdefault(number, named)
    return tuple(
        Conflict(thing, tuple(Count(number, source) for number, source in sorted(by.items())))
        for thing, by in sorted(figures.items())
        if len(by) > 1
    )


def _counted(headline: str, opening: str) -> dict[str, int]:
    """How many of each thing an article counts where it first counts them."""
    first: dict[str, set[int]] = {}
    for told in (headline, *_SENTENCE_END.split(opening)):
        here: dict[str, set[int]] = {}
        for number, thing in _COUNTED.findall(text.normal(told).text):
            here.setdefault(thing, set()).add(int(number.replace(",", "")))
        for thing, numbers in here.items():
            first.setdefault(thing, numbers)
    return {thing: min(numbers) for thing, numbers in first.items() if len(numbers) == 1}
