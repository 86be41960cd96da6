"""Which article of a story is shown and linked, whose text a copy repeats, and the others in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from broadsheet.wire import text, urls
from broadsheet.wire.model import Article, Member, Role

# News agencies as they sign: dateline "(Reuters) -", byline "Associated Press", credit "AFP".
# The list names the members of the European Alliance of News Agencies and of OANA that are met in
# English text, with the short forms they print. Short forms count only in capitals.
AGENCIES: dict[str, tuple[str, ...]] = {
    "AAP": ("AAP", "Australian Associated Press"),
    "AFP": ("AFP", "Agence France-Presse", "Agence France Presse"),
    "ANI": ("ANI", "Asian News International"),
    "ANSA": ("ANSA",),
    "AP": ("AP", "Associated Press", "The Associated Press"),
    "Bernama": ("Bernama", "BERNAMA"),
    "Bloomberg": ("Bloomberg News",),
    "CNA": ("Central News Agency",),
    "dpa": ("dpa", "DPA", "Deutsche Presse-Agentur"),
    "EFE": ("EFE", "Agencia EFE"),
    "IANS": ("IANS", "Indo-Asian News Service"),
    "IPS": ("Inter Press Service",),
    "Kyodo": ("Kyodo", "Kyodo News"),
    "PA": ("PA Media", "Press Association"),
    "PTI": ("PTI", "Press Trust of India"),
    "Reuters": ("Reuters", "REUTERS"),
    "TASS": ("TASS",),
    "Thomson Reuters Foundation": ("Thomson Reuters Foundation",),
    "UNB": ("UNB", "United News of Bangladesh"),
    "UPI": ("UPI", "United Press International"),
    "Xinhua": ("Xinhua", "Xinhua News Agency"),
    "Yonhap": ("Yonhap", "Yonhap News Agency"),
}
_NAMES = {name: agency for agency, names in AGENCIES.items() for name in names}
_ANY = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
# "HANOI (Reuters) - ", "HANOI, June 21 (Xinhua) --", "(AP) —"
_DATELINE = re.compile(rf"\(\s*({_ANY})\s*(?:/[^)]{{1,30}})?\)\s*(?:--?|[\u2013\u2014:])")
# "(AFP)" or "- AFP" as the last words, "Additional reporting by Reuters", "Source: Xinhua"
_SIGNED = re.compile(rf"(?:^|[\n(\u2013\u2014-])\s*(?:Source:\s*)?({_ANY})\s*\)?\s*\.?\s*$")
_BYLINE = re.compile(
    rf"(?:^|\b(?i:by|from|via|and)\s+|[,/|&-]\s*)({_ANY})(?=$|\s*[,/|&-]|\s+and\b)"
)


def agency(article: Article) -> str | None:
    """The agency that an article says its text comes from; None where it names none.

    Looks at the byline, the dateline (first 300 characters), the last line (last 80 characters) and
    at who is named as the source. "A spokesman told Reuters" is no credit. A picture's credit says
    nothing of the text, so it is not read.
    """
    for author in article.authors:
        match = _BYLINE.search(author.strip())
        if match:
            return _NAMES[match[1]]
    match = _DATELINE.search(article.text[:300])
    if match:
        return _NAMES[match[1]]
    match = _SIGNED.search(article.text[-80:].rstrip())
    if match:
        return _NAMES[match[1]]
    return _NAMES.get((article.source or "").strip())


# The rules in the order in which they are asked, as `LeadRules.order` has them.
RULES = ("outlets", "original", "free", "near", "text", "earliest", "key")


@dataclass(frozen=True, slots=True)
class LeadRules:
    """Which article of a story is shown and linked. Each rule is asked only where those before it tie.

    outlets         names of outlets, the most wanted first, asked before all else
    original_first  a text of its own before a copy of another's
    free_first      free to read before paywalled
    near            names or language codes of near outlets come first ("South China Morning Post")
    earliest_first  the first to report before later ones

    The last rule is the article's key, so that the lead never depends on the order of arrival.
    """

    outlets: tuple[str, ...] = ()
    original_first: bool = True
    free_first: bool = True
    near: tuple[str, ...] = ()
    earliest_first: bool = True

    def reason(
        self, lead: tuple[Article, str, bool], others: Iterable[tuple[Article, str, bool]]
    ) -> str | None:
        """By which rule the lead leads, one of RULES; None where it is alone or the rules say another.

        Each is an article with its key and whether it is a copy. What decides is the rule that tells
        it from the best of the others.
        """
        mine, theirs = self.order(*lead), [self.order(*other) for other in others]
        best = min(theirs, default=None)
        if best is None or mine >= best:
            return None
        return next(rule for rule, a, b in zip(RULES, mine, best, strict=True) if a != b)

    def order(self, article: Article, key: str, is_copy: bool) -> tuple[Any, ...]:
        """What to sort by: the smallest leads. An article with text comes before a bare headline.

        `key` is the article's own, given since it takes a while to work out.
        """
        source = text.squeezed(article.source or "").casefold()
        wanted = [name.casefold() for name in self.outlets]
        near = {name.casefold() for name in self.near}
        host = urls.host(article.canonical_url or article.url or "")
        return (
            wanted.index(source) if source in wanted else len(wanted),
            self.original_first and is_copy,
            self.free_first and article.paywalled,
            bool(near) and not (source in near or host in near),
            not article.text.strip(),
            (article.published.sort_key() if article.published else "9")
            if self.earliest_first
            else "",
            key,
        )


def outlet(article: Article) -> str:
    """By what an outlet is counted: its name, else its host, else the article stands for itself."""
    name = text.squeezed(article.source or "").casefold()
    return name or urls.host(article.canonical_url or article.url or "") or article.key


def independent(members: Iterable[Member]) -> int:
    """How many outlets report in words of their own: an agency's text counts once, copies not at all."""
    return len({m.agency or outlet(m.article) for m in members if m.role is not Role.COPY})


def others(members: Sequence[Member]) -> str:
    """The rest of a story in words: "AFP text in 6 outlets; own reports in 3".

    The lead counts in both figures; a story of one article gives "".
    """
    by_text: dict[str, list[Member]] = {}
    for member in members:
        by_text.setdefault(member.copy_of or member.article.key, []).append(member)
    shared, own = [], 0
    for _, group in sorted(by_text.items()):
        outlets = {outlet(m.article) for m in group}
        if len(outlets) > 1:
            named = sorted(m.agency for m in group if m.agency)
            shared.append((-len(outlets), f"{named[0]} text" if named else "the same text"))
        else:
            own += 1
    parts = [f"{what} in {-count} outlets" for count, what in sorted(shared)]
    if own and (parts or own > 1):
        parts.append(f"own reports in {own}")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:] if words else ""
