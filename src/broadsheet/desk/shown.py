"""What is kept, as an editor reads it: dates as exact as they are, labels instead of codes.

Everything is worked out here from rows already loaded, so that templates only print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from babel.lists import format_list
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from broadsheet.desk import stages
from broadsheet.issues.models import Pick
from broadsheet.news import intake
from broadsheet.news import queries as news
from broadsheet.news.models import Article, Decision, Story
from broadsheet.people.models import Editor
from broadsheet.press import dates as printed
from broadsheet.wire import beat as beats
from broadsheet.wire import facts
from broadsheet.wire.beat import Beat
from broadsheet.wire.dates import Precision, When

_WHERE = {
    "headline": gettext_lazy("headline"),
    "description": gettext_lazy("standfirst"),
    "text": gettext_lazy("text"),
}
_ROLES = {
    "lead": gettext_lazy("shown"),
    "report": gettext_lazy("own report"),
    "copy": gettext_lazy("same text"),
}


def language() -> str:
    """The tag of the language that the page speaks."""
    return get_language() or "en"


def beat() -> Beat:
    return beats.load(settings.BEAT)


def month(value: str) -> str:
    """ "2019-06" in words: "June 2019"."""
    return printed.words(When(value[:7], Precision.MONTH), language())


def day(iso: str) -> str:
    """ "2019-06-21" in words; empty where there is none."""
    if len(iso) < 10:
        return month(iso) if len(iso) == 7 else iso
    return printed.words(When(iso[:10], Precision.DAY), language())


def when(kept: Mapping[str, Any] | None) -> When | None:
    """The date of a row; None where there is none or it cannot be read any more."""
    if not kept:
        return None
    try:
        return msgspec.convert(kept, When)
    except (msgspec.ValidationError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Date:
    """A date for a page: the words, the `datetime` attribute, and how exact it is.

    The words go down to the day, as they will be printed; `clock` has the rest where it is known.
    """

    words: str = ""
    machine: str = ""
    precision: str = ""
    raw: str = ""
    clock: str = ""

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def exact(self) -> str:
        """How exact it is, as a sentence."""
        return {
            Precision.YEAR.value: _("Only the year is known."),
            Precision.MONTH.value: _("The date is known to the month."),
            Precision.DAY.value: _("The date is known to the day."),
            Precision.MINUTE.value: _("The date is known to the minute."),
        }.get(self.precision, "")


def date(kept: Mapping[str, Any] | None) -> Date:
    found = when(kept)
    if found is None:
        return Date()
    words = printed.words(found, language())
    clock = ""
    if found.precision is Precision.MINUTE:
        clock = found.value[11:] + (f" (UTC{found.offset})" if found.offset else _(", local time"))
    return Date(words, printed.machine(found), found.precision.value, found.raw, clock)


def typed(kept: Mapping[str, Any] | None) -> str:
    """A date as an editor would type it: what `dates.typed` reads back with the same precision."""
    found = when(kept)
    if found is None:
        return ""
    if found.precision is Precision.MINUTE:
        return found.raw if found.basis == "typed" else printed.words(found, language())
    return printed.words(found, language())


def address(url: str | None) -> str:
    """The address where a browser may follow it; empty for javascript:, data: and the like."""
    url = (url or "").strip()
    return url if url.lower().startswith(("https://", "http://")) else ""


def place(iso2: str) -> str:
    """The name of a place; the home place as the beat names it."""
    home = beat().home
    if iso2 == home.iso2 and language().startswith("en"):
        return home.name
    return printed.place(iso2, language())


@cache
def _place_names(home: str, iso2_of_home: str) -> dict[str, str]:
    """The places by their names in small letters, as ISO 3166-1 alpha-2; home as the beat names it.

    In all languages of the desk: who reads Chinese may still type an English name.
    """
    named = {
        printed.place(iso2, tag).casefold(): iso2
        for tag, _name in settings.LANGUAGES
        for iso2 in map(str, printed.locale(tag).territories)
        if len(iso2) == 2
        and iso2.isalpha()
        and iso2 not in ("ZZ", "EU", "UN", "EZ", "XA", "XB", "QO")
    }
    return named | {home.casefold(): iso2_of_home}


def places_called(name: str) -> list[str]:
    """The places that a name means: by its two letters, its whole name, or else a part of it."""
    named = _place_names(beat().home.name, beat().home.iso2)
    name = name.strip().casefold()
    if name.upper() in named.values():
        return [name.upper()]
    if name in named:
        return [named[name]]
    return sorted({iso2 for words, iso2 in named.items() if len(name) > 2 and name in words})


def paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def label(code: str) -> str:
    """The label of a taxonomy code; the code itself where this beat does not know it."""
    known = beat().taxonomy.code(code)
    return _(known.label) if known and known.label else code


def listed(words: Sequence[str]) -> str:
    return str(format_list(list(words), locale=printed.locale(language()))) if words else ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the evidence. `says` is in words; `weight` is signed, empty where it only informs."""

    phrase: str
    where: str
    says: str
    weight: str
    times: int


def evidence(kept: Iterable[Mapping[str, Any]]) -> list[Phrase]:
    """The evidence on an article, equal finds counted together, the heaviest first."""
    found: Counter[tuple[str, str, str]] = Counter()
    weights: dict[tuple[str, str, str], float] = {}
    for one in kept:
        key = (str(one.get("phrase", "")), str(one.get("field", "")), str(one.get("code", "")))
        found[key] += 1
        weights[key] = weights.get(key, 0.0) + float(one.get("weight") or 0.0)
    ordered = sorted(found, key=lambda key: (-abs(weights[key]), key))
    return [
        Phrase(
            phrase,
            str(_WHERE.get(field, field)),
            _says(code),
            f"{weights[phrase, field, code]:+.2f}" if weights[phrase, field, code] else "",
            found[phrase, field, code],
        )
        for phrase, field, code in ordered
    ]


def _says(code: str) -> str:
    if code == "anchor":
        return _("names the beat")
    if code == "model":
        return _("a word that the judge has learned")
    return label(code)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One article of a story, shortly."""

    article: Article
    source: str
    url: str
    date: Date
    role: str
    text: list[str]


@dataclass(frozen=True, slots=True)
class Card:
    """A story of the inbox, or an article filed off the beat (then without `story`)."""

    id: str
    headline: str
    url: str
    date: Date
    first_seen: Any
    source: str
    outlets: str
    others: tuple[Outlet, ...]
    places: tuple[str, ...]
    forms: tuple[str, ...]
    near: tuple[str, ...]
    notes: tuple[str, ...]
    summary: str
    evidence: list[Phrase]
    factors: list[tuple[str, str]]
    score: str
    language: str
    story: Story | None = None
    state: str = ""
    paywalled: bool = False
    band: str = ""
    dated: bool = True
    recalls: tuple[tuple[str, int], ...] = ()
    conflicts: tuple[str, ...] = ()
    too_long: str = ""  # that the suggested summary has too many quoted words
    note: str = ""
    claimed_by: Editor | None = None


def _source(article: Article) -> str:
    return article.source.name if article.source else _("source not named")


def outlets(articles: Sequence[Article]) -> str:
    """Who printed it: "AFP text in 6 outlets; own reports in 3". Copies count as one text."""
    copies = Counter(a.copy_of for a in articles if a.role == Article.Role.COPY)
    texts = [a for a in articles if a.role != Article.Role.COPY]
    parts, own = [], []
    for article in texts:
        many = copies.pop(article.key, 0) + 1
        if many > 1:
            whose = article.agency or _source(article)
            parts.append(_("{whose} text in {n} outlets").format(whose=whose, n=many))
        else:
            own.append(_source(article))
    stray = sum(copies.values())  # whose first print was not collected
    if stray:
        same = _("the same text in {n} more") if parts else _("the same text in {n}")
        parts.append(same.format(n=stray))
    if own:
        if parts:
            reports = _("own reports in {n}") if len(own) > 1 else _("own report: {name}")
        else:
            reports = _("own reports in {n} outlets") if len(own) > 1 else "{name}"
        parts.append(reports.format(n=len(own), name=own[0]))
    return _("; ").join(parts)


def outlet(article: Article, *, whole: bool = False) -> Outlet:
    """An article of a story; with its paragraphs only where the query has loaded them (`whole`)."""
    return Outlet(
        article,
        _source(article),
        address(article.url),
        date(article.published),
        str(_ROLES.get(article.role, article.role)),
        paragraphs(article.text) if whole else [],
    )


_LEADS = {
    "outlets": gettext_lazy("The first leads, since the desk prefers its outlet."),
    "original": gettext_lazy(
        "The first leads, since it is the original and the others are copies."
    ),
    "free": gettext_lazy(
        "The first leads, since it is free to read and the best of the others is not."
    ),
    "near": gettext_lazy("The first leads, since its outlet is near."),
    "text": gettext_lazy("The first leads, since its text was collected."),
    "earliest": gettext_lazy("The first leads, since it came out first."),
}


def why_lead(rule: str | None) -> str:
    """Why a story's first article is the one that is shown and linked; "" where no rule says it."""
    return str(_LEADS.get(rule or "", ""))


def card(story: Story) -> Card:
    """A story as a card. Reads only what `queries.inbox` has loaded."""
    articles = news.in_order(list(story.articles.all()))
    lead = articles[0] if articles else None
    forms = _labels(articles, "form")
    near = tuple(label(code) for code in (lead.near_miss if lead else ()))
    return Card(
        id=f"story-{story.pk}",
        story=story,
        state=story.state,
        headline=story.headline or (lead.headline if lead else ""),
        url=address(lead.url) if lead else "",
        date=date(lead.published) if lead else Date(),
        dated=lead.dated if lead else False,
        first_seen=lead.first_seen if lead else None,
        source=_source(lead) if lead else "",
        outlets=outlets(articles),
        others=tuple(map(outlet, articles)),
        places=tuple(place(iso2) for iso2 in story.places),
        forms=forms,
        near=near,
        notes=tuple(map(stages.note, lead.notes)) if lead else (),
        summary=str(story.summary.get("text", "")),
        evidence=evidence(lead.evidence) if lead else [],
        factors=factors(story.factors),
        score=f"{story.score:.2f}",
        language=lead.language if lead else "",
        paywalled=lead.paywalled if lead else False,
        band=_(story.get_band_display()),
        recalls=tuple(_recalls(story)),
        conflicts=tuple(map(stages.disagreement, story.summary.get("conflicts", ()))),
        too_long=stages.too_long(quoted) if (quoted := story.summary.get("quoted")) else "",
        note=story.note,
        claimed_by=story.claimed_by,
    )


def _recalls(story: Story) -> Iterable[tuple[str, int]]:
    """What a story tells again or goes on with, in words, and the earlier story."""
    for one in story.recalls:
        if not isinstance(one, dict) or not one.get("story"):
            continue
        told = listed([f"“{title}”" for title in one.get("issues", ())])
        yield (
            _("Told in your issue {issues}").format(issues=told)
            if told
            else _("Goes on from {month}").format(month=month(str(one["month"]))),
            int(one["story"]),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What one outlet says of a group of people: how many, at which stage, on whose word."""

    source: str
    who: str
    words: str
    count: str
    stage: str
    word: str


_WHO = {
    "victims": gettext_lazy("Victims"),
    "suspects": gettext_lazy("Suspects"),
    "persons_moved": gettext_lazy("People moved"),
}
_SAID_BY = {
    "ngo": gettext_lazy("an NGO"),
    "un_body": gettext_lazy("a UN body"),
    "media_own": gettext_lazy("the outlet itself"),
    "not_stated": gettext_lazy("not stated"),
    "unnamed": gettext_lazy("somebody unnamed"),
    "government": gettext_lazy("a government"),
    "court": gettext_lazy("a court"),
    "prosecution": gettext_lazy("the prosecution"),
    "union": gettext_lazy("a union"),
    "company": gettext_lazy("a company"),
    "survivor": gettext_lazy("a survivor"),
    "researcher": gettext_lazy("a researcher"),
}


def claims(articles: Sequence[Article]) -> list[Claim]:
    """The figures of a story's own texts side by side: the suspects of all outlets, then the victims.

    A bare plural ("the men") is no figure and left out. Reads each text, so for one story only.
    """
    found: dict[Claim, None] = {}
    for article in articles:
        if article.role == Article.Role.COPY:
            continue
        value = intake.value(article)
        for fact in facts.facts(value, beat()):
            count = fact.value.get("count", fact.value) if fact.kind in _WHO else {}
            if not count or (count.get("qualifier") == "vague" and (count.get("min") or 0) <= 2):
                continue
            text = str(getattr(value, fact.field, "") or "")
            words = " ".join(text[fact.start : fact.end].split())
            found[
                Claim(
                    _source(article),
                    str(_WHO[fact.kind]),
                    words,
                    _counted(count, words),
                    _stage(fact.value),
                    str(_SAID_BY.get(fact.said_by, fact.said_by.replace("_", " ")))
                    + ("" if fact.certainty == "stated" else f", {_(fact.certainty)}"),
                )
            ] = None
    order = [str(who) for who in _WHO.values()]
    return sorted(found, key=lambda one: order.index(one.who))


def _counted(count: Mapping[str, Any], words: str) -> str:
    """A number where the words spell it otherwise: "a dozen (about 12)"."""
    exact, low, high = count.get("exact"), count.get("min"), count.get("max")
    if exact == 1:
        return ""
    number = f"{exact:,}" if exact is not None else ""
    if not number and low is not None and high is not None:
        number = _("{low} to {high}").format(low=f"{low:,}", high=f"{high:,}")
    elif not number and low is not None:
        number = _("at least {low}").format(low=f"{low:,}")
    elif not number and high is not None:
        number = _("at most {high}").format(high=f"{high:,}")
    return "" if number in words else number


def _stage(value: Mapping[str, Any]) -> str:
    if value.get("stage"):
        return _(str(value["stage"]).replace("_", " "))
    status = {"Possible": _("possible victims"), "Actual": _("identified as victims")}
    return status.get(str(value.get("status", "")), "")


def off_beat(article: Article) -> Card:
    """An article without a story as a card without actions."""
    return Card(
        id=f"article-{article.pk}",
        headline=article.headline or _("No headline"),
        url=address(article.url),
        date=date(article.published),
        dated=article.dated,
        first_seen=article.first_seen,
        source=_source(article),
        outlets=_source(article),
        others=(),
        places=tuple(sorted({str(p.get("name", "")) for p in article.places} - {""})),
        forms=_labels([article], "form"),
        near=tuple(label(code) for code in article.near_miss),
        notes=tuple(map(stages.note, article.notes)),
        summary=article.description,
        evidence=evidence(article.evidence),
        factors=[],
        score=f"{article.score:.2f}",
        language=article.language,
        paywalled=article.paywalled,
        band=_(article.get_band_display()),
    )


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to a story, in words; `standing` where it can be undone."""

    decision: Decision
    who: str
    words: str
    standing: bool


def deed(one: Decision) -> Deed:
    """A decision as the desk tells it. Reads only what `queries` has loaded with it."""
    told = {
        Decision.Action.TAKE: _("taken"),
        Decision.Action.LEAVE: _("left"),
        Decision.Action.LATER: _("kept for later"),
        Decision.Action.MERGE: _("another story merged into it"),
        Decision.Action.SPLIT: _("articles parted off"),
        Decision.Action.NOTE: _("note: “{words}”") if one.reason else _("note taken away"),
        Decision.Action.CLAIM: _("given to {words}") if one.reason else _("claim given up"),
        Decision.Action.MOVE: _("moved to {words}"),
        Decision.Action.UNDO: _("undone"),
    }[Decision.Action(one.action)]
    reason = one.reason
    if one.action == Decision.Action.MOVE:
        reason = month(one.reason)
    words = told.format(words=reason)
    if one.action in (Decision.Action.TAKE, Decision.Action.LEAVE, Decision.Action.LATER):
        words += f": {reason}" if reason else ""
    undone = one.action == Decision.Action.UNDO or hasattr(one, "undone_by")
    return Deed(one, one.editor.name if one.editor else _("the desk"), words, not undone)


def factors(kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The factors of a story's score, the heaviest first, in words."""
    numbers = [(name, float(value)) for name, value in kept.items() if _number(value)]
    return [
        (_(name.replace("_", " ")), f"{value:+.2f}")
        for name, value in sorted(numbers, key=lambda pair: (-abs(pair[1]), pair[0]))
    ]


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _labels(articles: Iterable[Article], axis: str) -> tuple[str, ...]:
    codes = dict.fromkeys(code for a in articles for code in (a.codes or {}).get(axis, ()))
    return tuple(label(code) for code in codes)


@dataclass(frozen=True, slots=True)
class PickShown:
    """A pick as the issue page lists it."""

    pick: Pick
    heading: str
    date: Date
    links: tuple[tuple[str, str], ...]
    picture: str
    permitted: str

    @property
    def lacks(self) -> list[str]:
        """What a reader would miss, in words; the editor may still want it so."""
        out = []
        if self.pick.kind == Pick.Kind.ARTICLE:
            out += [_("no date")] if not self.date else []
            out += [_("no source")] if not self.pick.source else []
        if not self.pick.summary.strip():
            out.append(_("no summary"))
        if self.pick.kind != Pick.Kind.NOTICE and not any(url for _text, url in self.links):
            out.append(_("no link"))
        return out


def pick(kept: Pick) -> PickShown:
    image = kept.images[0] if kept.images else {}
    permission = image.get("permission") or {}
    until = permission.get("until")
    return PickShown(
        pick=kept,
        heading=kept.our_heading or kept.headline,
        date=date(kept.date),
        links=tuple((str(x.get("text", "")), address(x.get("url"))) for x in kept.links),
        picture=str(image.get("credit") or image.get("caption") or _("without credit"))
        if image
        else "",
        permitted=f"{permission.get('basis')}"
        + (_(", until {day}").format(day=day(str(until))) if until else "")
        if permission
        else "",
    )


def this_month() -> str:
    """The month it is in the desk's time zone."""
    return timezone.localtime().strftime("%Y-%m")
