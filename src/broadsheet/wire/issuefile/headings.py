"""Headings that newsletters give to their parts, and what such parts hold."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import re

# Words that name a part with what stands behind them ("News from the region") and words that do so alone:
# "Research on debt bondage launched" is a headline.
_MANY = r"highlights?|news|headlines|stories|updates|resources|events|publications|reports|readings|notices|videos|podcasts|jobs|vacancies|trainings|webinars|spotlight|focus|round-?up|digest|media|picks?"
_ONE = (
    r"headline|update|resource|event|publication|report|research|toolkits?|reading|announcements?|notice|campaigns?|opinions?|features?|editorial|"
    r"video|podcast|documentar(?:y|ies)|job|vacancy|training|webinar|"
    r"policy|legislation|law(?: and policy)?|business|technology|supply chains?|survivors?|corporate"
)
_SECTION = re.compile(
    r"^[\W\d]*(?:(?:our |the |this |other |latest |more |top |key |recent |upcoming |monthly |weekly |local |global |general |selected |further |useful |suggested |recommended |new |additional |featured |industry |sector |community |member |partner )*"
    rf"(?:(?:{_MANY})(?:\s+(?:of|from|in|for|on|around|across|by|to|about|with)\b.{{0,50}})?|(?:{_MANY}|{_ONE})"
    r"(?:\s+of the (?:month|week|year)|\s+(?:and|&)\s.{0,50}|\s+(?:this|last) (?:month|week)|"
    r"\s+(?:updates?|news|stories|round-?up|highlights?|digest|items?|section|corner|picks?))?)|"
    r"(?:in the (?:news|media|spotlight|headlines)|what['’]?s (?:new|on|happening)\b.{0,20}|what we(?:['’]ve| have)?(?: been)? (?:up to|doing|did|done|read|reading)(?: this (?:month|week))?|from (?:us|the (?:team|field|editor|desk))\b.{0,20}|"
    r"around the (?:world|region|globe)|editor'?s? (?:pick|note|choice)s?|must[- ]reads?|save the dates?|(?:the |your )?diary(?: dates)?|dates(?: for (?:your|the) diary)?|upcoming|coming up|calendar|opportunities|in parliament|in the courts|on the web|worth (?:a read|reading)|"
    r"sector (?:pick|focus|spotlight)\b.{0,40}|did you know\??|get involved|take action|how you can help|"
    r"hong kong|macau|china|mainland china|taiwan|asia|asia[- ]pacific|southeast asia|south[- ]east asia|east asia|south asia|"
    r"central asia|middle east(?: (?:and|&) (?:north )?africa)?|africa|europe(?: (?:and|&) central asia)?|"
    r"(?:the )?americas?|north america|latin america(?: (?:and|&) the caribbean)?|south america|oceania|"
    r"australasia|australia(?: (?:and|&) new zealand)?|pacific|the pacific|united kingdom|uk|united states|usa?|india|"
    r"international|regional|global(?:ly)?|world(?:wide)?|national|local(?:ly)?|overseas|elsewhere|"
    r"noticias|actualidad|(?:a (?:vos|nos) |à (?:vos|nos) |l['’])?agendas?|eventos|recursos|publicaciones|convocatorias|actualités|événements|"
    r"publications|ressources|revue de presse|nachrichten|aktuelles|termine|veranstaltungen|publikationen|materialien|pressespiegel|"
    r"notícias|publicações|notizie|eventi|pubblicazioni|risorse|rassegna stampa|nieuws|publicaties|berita|acara|kegiatan|publikasi|"
    r"ニュース|お知らせ|イベント|ข่าว|กิจกรรม|本月焦點|焦點|香港|亞洲|國際|世界|資源|新聞|最新消息|活動|本地|兩岸|本會消息|推介)"
    r"(?:\s+(?:news|updates?|headlines|stories|round-?up|highlights|新聞))?)\W*$",
    re.IGNORECASE,
)


def is_section(text: str) -> bool:
    """Whether a heading is one that newsletters give to parts: "Highlights of the Month", "Asia"."""
    return len(text.split()) <= 9 and bool(_SECTION.match(text))


_OURS = re.compile(
    r"highlight|our (?:news|work|month|events|updates?)|from (?:us|the team|our)|message from|welcome|"
    r"editorial|letter from|本月焦點|本會|organi[sz]ation(?:al)? (?:news|updates?)",
    re.IGNORECASE,
)
_RESOURCES = re.compile(
    r"resource|toolkit|handbook|our pick|reading|publication|library|guides?\b|reports? (?:and|&)|recursos|ressources|publicaciones|publicações|"
    r"pubblicazioni|publikation|materialien|risorse|publicaties|publikasi|資源|推介",
    re.IGNORECASE,
)
_EVENTS = re.compile(
    r"\bevents?\b|\bdiary\b|^\W*(?:upcoming|dates|coming up|what['’]?s coming up|mark your calendars?)\W*$|save the date|what'?s on|calendar|webinars?|trainings?\b|dates for your diary|\bagendas?\b|\beventos?\b|événements|\btermine\b|veranstaltungen|\beventi\b|"
    r"\bacara\b|kegiatan|イベント|กิจกรรม|活動",
    re.IGNORECASE,
)


def is_ours(heading: str) -> bool:
    return bool(_OURS.search(heading))


def is_resources(heading: str) -> bool:
    return bool(_RESOURCES.search(heading))


def is_events(heading: str) -> bool:
    return bool(_EVENTS.search(heading))
